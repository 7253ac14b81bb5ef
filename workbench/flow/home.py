"""The home: made once by `init_home`, opened by everybody else. The one composition root of workbench mode.

A home holds `home.json`, the database, the encrypted objects, the packages and the staging. Keys and witness lie
elsewhere, so that whoever copies the home gets neither. `home.json` is written last: without it there is no home.
"""

import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from workbench import __version__
from workbench.access.passwords import Passwords
from workbench.access.policy import Permission, demand
from workbench.audit.checkpoint import Checkpointer, create_witness
from workbench.audit.events import HomeInitialised, SettingsChanged
from workbench.audit.ledger import Filter, Ledger
from workbench.flow.packages import settle
from workbench.flow.recording import changing, recording_denials
from workbench.flow.staging import sweep
from workbench.records.actor import Actor
from workbench.records.errors import IntegrityBroken, StorageFailed, UsageError
from workbench.store.database import Database, open_database
from workbench.store.objects import LocalObjects
from workbench.store.transaction import Transaction
from workbench.vault.keyfiles import TRUST_FILE
from workbench.vault.keys import KeyRing, check_places, create_keys, open_keys

Clock = Callable[[], datetime]

FORMAT = 1
SETTINGS_FILE = "home.json"
DATABASE_FILE = "workbench.sqlite"
_FULL = (errno.ENOSPC, errno.EDQUOT)
CODE_LIFETIME = timedelta(days=7)
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class HomeSettings:
    """What `home.json` says. Paths are absolute; `approval_days` is how long an approval can be released from.

    `folder_mode` False forbids `workbench deidentify` to whoever has this home as theirs (`flow.house_rules`).
    """

    keys: str
    witness: str
    demo: bool = False
    approval_days: int = 90
    contact: str = "the privacy officer who sent it"
    folder_mode: bool = True
    format: int = FORMAT

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical text; stands in the log when a server starts."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Workbench:
    """Everything that a use case works with. Frozen; one per process is enough, threads may share it."""

    home: Path
    settings: HomeSettings
    keys: KeyRing = field(repr=False)
    database: Database = field(repr=False)
    objects: LocalObjects = field(repr=False)
    checkpointer: Checkpointer = field(repr=False)
    clock: Clock = field(repr=False)
    passwords: Passwords = field(repr=False)
    software: str = __version__

    @property
    def ledger(self) -> Ledger:
        """The audit log."""
        return self.checkpointer.ledger

    @property
    def staging(self) -> Path:
        """Where steps put files in clear, each in a private folder that ends with the step."""
        return self.home / "staging"

    @property
    def packages(self) -> Path:
        """Where encrypted packages lie until they are handed over."""
        return self.home / "packages"

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class InitResult:
    """Where everything is. `code` makes the first account, once; `accounts` is the list of a demo home."""

    home: Path
    keys: Path
    witness: Path
    trust: Path
    code: str
    accounts: Path | None = None


def utc_now() -> datetime:
    """Return the time, aware and in UTC."""
    return datetime.now(UTC)


def init_home(
    home: Path,
    *,
    keys: Path,
    witness: Path,
    clock: Clock = utc_now,
    demo: bool = False,
    solo: bool = False,
    passwords: Passwords | None = None,
) -> InitResult:
    """Make a home, its keys and its witness file; all of it or nothing.

    `solo` lets one person prepare and approve, for a practice where there is nobody else. It is fixed by the first
    entry of the log, and every approval, certificate and package says "single-person approval".

    Raises
    ------
    UsageError
        `home-exists` when there is anything at the place, `keys-exist`, `keys-inside-home`, `witness-exists`,
        `witness-inside-home`, `witness-place`, `place-not-writable`.
    """
    check_places(home=home, keys=keys, witness=witness, demo=demo)
    _refuse_existing(home)
    home, keys, witness = home.absolute(), keys.absolute(), witness.absolute()
    with _named_places(), ExitStack() as undo:
        _make_folder(home, undo)
        had_keys = keys.exists()
        ring = create_keys(keys)
        undo.callback(_remove_keys, keys, whole=not had_keys)
        create_witness(witness)
        undo.callback(witness.unlink, missing_ok=True)
        for name in ("staging", "packages"):
            _make_folder(home / name, undo)
        settings = HomeSettings(keys=str(keys), witness=str(witness), demo=demo)
        with _compose(home, settings, ring, clock, passwords or Passwords(), create=True) as workbench:
            code = _first_code(workbench, solo=solo)
        _write_settings(home / SETTINGS_FILE, settings)
        undo.pop_all()
    return InitResult(home=home, keys=keys, witness=witness, trust=keys / TRUST_FILE, code=code)


def open_home(home: Path, *, clock: Clock = utc_now, passwords: Passwords | None = None) -> Workbench:
    """Open an existing home. Creates nothing; sweeps what killed steps left in the staging.

    Raises
    ------
    UsageError
        `no-home`, `keys-missing`, `keys-readable-by-others`, `database-missing`, `database-outdated`, …
    IntegrityBroken
        `home-damaged`, `keys-broken`.
    """
    workbench = _open(home, clock, passwords, outdated=False)
    try:
        sweep(workbench.staging)
        settle(workbench.packages, workbench.database)
        workbench.objects.sweep()
    except BaseException:
        workbench.close()
        raise
    return workbench


def open_outdated(home: Path, *, clock: Clock = utc_now, passwords: Passwords | None = None) -> Workbench:
    """Open a home whose database may be of an older version: for the upgrade and nothing else.

    Raises
    ------
    UsageError, IntegrityBroken
        As `open_home`, but for `database-outdated`.
    """
    return _open(home, clock, passwords, outdated=True)


def _open(home: Path, clock: Clock, passwords: Passwords | None, *, outdated: bool) -> Workbench:
    settings = read_settings(home)
    ring = open_keys(Path(settings.keys))
    return _compose(home.absolute(), settings, ring, clock, passwords or Passwords(), outdated=outdated)


def change_settings(workbench: Workbench, actor: Actor, *, folder_mode: bool) -> HomeSettings:
    """Allow or forbid folder mode on this host, with an entry of the log.

    Raises
    ------
    NotPermitted
        Without the permission.
    StorageFailed
        `settings-not-written`; nothing was changed.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.SETTING_CHANGE)
        before = read_settings(workbench.home)
        changed = replace(before, folder_mode=folder_mode)
        place = workbench.home / SETTINGS_FILE
        try:
            with changing(workbench) as change:
                solo = is_solo(change.transaction)
                event = SettingsChanged(settings=changed.digest, solo=solo, folder_mode=folder_mode)
                change.record(event, actor=actor)
                _write_settings(place, changed)
        except BaseException as error:
            if not _on_record(workbench, changed.digest):
                with suppress(OSError):
                    _write_settings(place, before)
            if isinstance(error, OSError):
                raise StorageFailed(
                    "settings-not-written", "The settings could not be written.", "Check free space and permissions."
                ) from None
            raise
        return changed


def _on_record(workbench: Workbench, digest: str) -> bool:
    """Tell whether the newest entry about settings has that digest."""
    with workbench.database.reading() as reading:
        wanted = Filter(kinds=(SettingsChanged.kind,))
        newest = next(reading.ledger.entries(wanted, newest_first=True, limit=1), None)
    return newest is not None and newest.data["settings"] == digest


def read_settings(home: Path) -> HomeSettings:
    """Read `home.json`.

    Raises
    ------
    UsageError
        `no-home`.
    IntegrityBroken
        `home-damaged`.
    """
    try:
        content = (home / SETTINGS_FILE).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            "no-home",
            "There is no workbench home at this place.",
            "Give --home DIR or WORKBENCH_HOME, or make one: workbench init --home DIR --keys DIR --witness FILE.",
        ) from None
    try:
        settings = HomeSettings(**json.loads(content))
        if settings.format != FORMAT or {type(settings.keys), type(settings.witness)} != {str}:
            raise ValueError("another format")  # noqa: TRY301 - one way out for all damage
    except (ValueError, TypeError):
        raise IntegrityBroken(
            "home-damaged", "The settings of the home cannot be read.", "Restore home.json from its backup."
        ) from None
    return settings


def is_solo(transaction: Transaction) -> bool:
    """Tell whether the home was made for one person. The log says so and its head proves it, not an editable file.

    Raises
    ------
    IntegrityBroken
        `log-broken`.
    """
    return transaction.ledger.proven(0).data.get("solo") is True


def code_digest(code: str) -> str:
    """Return what is stored of a one-time code. Case, spaces and dashes of the typed code do not matter."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _compose(
    home: Path,
    settings: HomeSettings,
    ring: KeyRing,
    clock: Clock,
    passwords: Passwords,
    *,
    create: bool = False,
    outdated: bool = False,
) -> Workbench:
    ledger = Ledger(ring.signer, clock)
    address = f"sqlite:///{home / DATABASE_FILE}"
    database = open_database(address, keys=ring, ledger=ledger, create=create, outdated=outdated)
    try:
        objects = LocalObjects(home / "objects", ring.object_cipher(), create=create)
    except BaseException:
        database.close()
        raise
    return Workbench(
        home=home,
        settings=settings,
        keys=ring,
        database=database,
        objects=objects,
        checkpointer=Checkpointer(ledger, Path(settings.witness)),
        clock=clock,
        passwords=passwords,
    )


def _first_code(workbench: Workbench, *, solo: bool) -> str:
    """Write the first entry of the log and return the one-time code of the first account."""
    code = "-".join("".join(secrets.choice(_CODE_ALPHABET) for _ in range(5)) for _ in range(4))
    now = workbench.clock()
    with changing(workbench) as change:
        change.accounts.add_setup_code(code_digest(code), at=now, expires_at=now + CODE_LIFETIME)
        change.record(
            HomeInitialised(
                key=workbench.keys.signer.vkey.fingerprint,
                software=__version__,
                demo=workbench.settings.demo,
                solo=solo,
            ),
            actor="system",
        )
    return code


@contextmanager
def _named_places() -> Iterator[None]:
    """Say in words that a place cannot be written, whatever the system calls it."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFailed("disk-full", "The disk is full; nothing was kept.", "Free some space.") from None
        raise UsageError(
            "place-not-writable",
            "A folder or file of the new home cannot be made at the place that was given.",
            "Check that the places exist, are folders, and that you may write there; nothing was kept.",
        ) from None


def _refuse_existing(home: Path) -> None:
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise UsageError(
            "home-exists",
            "There is something at this place already; a home is never made twice or over anything.",
            "Use it as it is, or choose a new place with --home.",
        )


def _make_folder(folder: Path, undo: ExitStack) -> None:
    made = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    undo.callback(_empty, folder, whole=made)


def _empty(folder: Path, *, whole: bool) -> None:
    """Remove what a failed `init` made; a folder that was there before stays, empty as it was."""
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
    if whole:
        folder.rmdir()


def _remove_keys(keys: Path, *, whole: bool) -> None:
    with suppress(FileNotFoundError):
        _empty(keys, whole=whole)


def _write_settings(path: Path, settings: HomeSettings) -> None:
    aside = path.with_suffix(".part")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(settings), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
