"""A home's database and object store, as small as tests need them."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workbench.access.accounts import Account
from workbench.audit.events import SettingsChanged
from workbench.audit.ledger import Ledger
from workbench.records.actor import Role
from workbench.store.database import Database, open_database
from workbench.store.objects import LocalObjects
from workbench.vault.keyfiles import generate
from workbench.vault.keys import KeyRing

ENTRY = SettingsChanged(settings="0" * 64, solo=False)
"""Some audit entry, for changes whose own entry `flow` makes."""


class Clock:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@dataclass(frozen=True)
class House:
    """What a test works in."""

    root: Path
    url: str
    keys: KeyRing
    ledger: Ledger
    database: Database
    objects: LocalObjects
    clock: Clock
    technician: Account
    officer: Account


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def keys() -> KeyRing:
    return KeyRing(generate("test.example/log"))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, keys: KeyRing) -> Path:
    """A new database to copy: migrating costs more than most tests."""
    path = tmp_path_factory.mktemp("empty") / "database.sqlite"
    open_database(f"sqlite:///{path}", keys=keys, ledger=Ledger(keys.signer, Clock()), create=True).close()
    return path


@pytest.fixture
def make_house(tmp_path: Path, keys: KeyRing, clock: Clock, empty_database: Path) -> Iterator[Callable[..., House]]:
    opened: list[Database] = []

    def make(url: str | None = None, *, migrated: bool = False) -> House:
        place = tmp_path / "database.sqlite"
        address = url or f"sqlite:///{place}"
        ledger = Ledger(keys.signer, clock)
        if url is None and not migrated:
            shutil.copy(empty_database, place)
        database = open_database(address, keys=keys, ledger=ledger, create=url is not None or migrated)
        opened.append(database)
        objects = LocalObjects(tmp_path / "objects", keys.object_cipher(), create=True)
        with database.transaction() as tx:
            people = [
                tx.accounts.add(name=name, printed_name="", password_hash="x", roles=[role], created_by="", at=clock())
                for name, role in (("tina", Role.TECHNICIAN), ("otto", Role.PRIVACY_OFFICER))
            ]
            tx.ledger.append(ENTRY, actor="system")
        return House(tmp_path, address, keys, ledger, database, objects, clock, *people)

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house()
