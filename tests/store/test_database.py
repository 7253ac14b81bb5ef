import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.store.conftest import ENTRY, House
from workbench.audit.ledger import Ledger
from workbench.records.errors import IntegrityBroken, StorageFailed, UsageError, WorkbenchError
from workbench.store.database import open_database


def reopen(house: House):
    return open_database(house.url, keys=house.keys, ledger=house.ledger)


def setting(house: House, name: str = "solo"):
    with house.database.reading() as tx:
        return tx.settings.get(name, "absent")


def change(tx, house: House, value: str = "x") -> None:
    tx.settings.set("solo", value, at=house.clock())


def change_and_record(tx, house: House, value: str = "x") -> None:
    change(tx, house, value)
    tx.ledger.append(ENTRY, actor="system")


def change_and_fail(tx, house: House) -> None:
    change_and_record(tx, house)
    raise ZeroDivisionError


def test_the_file_is_private_and_nothing_else_is_made(house: House):
    names = {path.name for path in house.root.iterdir()} - {"objects"}
    assert {name.removesuffix("-wal").removesuffix("-shm") for name in names} == {"database.sqlite"}
    assert {stat.S_IMODE((house.root / name).stat().st_mode) for name in names} == {0o600}


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("busy_timeout", 30000),
        ("secure_delete", 1),
    ],
)
def test_the_settings_that_durability_needs_are_on(house: House, pragma: str, value):
    with house.database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_database_is_made_once_and_opened_only_where_it_is(house: House, tmp_path: Path):
    with pytest.raises(UsageError) as exists:
        open_database(house.url, keys=house.keys, ledger=house.ledger, create=True)
    with pytest.raises(UsageError) as absent:
        open_database(f"sqlite:///{tmp_path}/other.sqlite", keys=house.keys, ledger=house.ledger)
    assert (exists.value.code, absent.value.code) == ("database-exists", "database-missing")
    assert not (tmp_path / "other.sqlite").exists()
    reopen(house).close()


@pytest.mark.parametrize("url", ["mysql+pymysql://h/d", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(keys, clock, url: str):
    with pytest.raises(UsageError) as caught:
        open_database(url, keys=keys, ledger=Ledger(keys.signer, clock), create=True)
    assert caught.value.code == "database-unsupported"


@pytest.mark.parametrize(
    ("revision", "code"), [("0000", "database-outdated"), ("9999", "database-newer"), (None, "database-outdated")]
)
def test_a_schema_of_another_version_is_not_worked_on(house: House, revision: str | None, code: str):
    with house.database.engine.begin() as connection:
        statement = "DELETE FROM alembic_version" if revision is None else "UPDATE alembic_version SET version_num = :r"
        connection.execute(text(statement), {"r": revision} if revision else {})
    with pytest.raises(UsageError) as caught:
        reopen(house)
    assert caught.value.code == code


def test_a_change_without_its_entry_is_not_committed(house: House):
    with pytest.raises(IntegrityBroken) as caught, house.database.transaction() as tx:
        change(tx, house)
    assert caught.value.code == "change-without-entry"
    assert setting(house) == "absent"


def test_change_and_entry_commit_together(house: House):
    with house.database.transaction() as tx:
        change(tx, house)
        entry = tx.ledger.append(ENTRY, actor=house.technician.actor())
    assert setting(house) == "x"
    with house.database.reading() as tx:
        logged = tx.ledger.entry(entry.seq)
        assert (logged.actor, logged.roles) == (house.technician.id, ("technician",))
        assert tx.ledger.head().size == entry.seq + 1 == tx.ledger.count()


def test_an_error_after_both_takes_both_back(house: House):
    with house.database.reading() as tx:
        before = tx.ledger.head()
    with pytest.raises(ZeroDivisionError), house.database.transaction() as tx:
        change_and_fail(tx, house)
    assert setting(house) == "absent"
    with house.database.reading() as tx:
        assert tx.ledger.head() == before


def test_an_entry_that_cannot_be_written_takes_the_change_back_even_when_the_error_is_swallowed(
    house: House, monkeypatch
):
    def refuse(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(house.ledger, "clock", refuse)
    with pytest.raises(WorkbenchError), house.database.transaction() as tx, suppress(ZeroDivisionError):
        change_and_record(tx, house)
    monkeypatch.undo()
    assert setting(house) == "absent"


def test_reading_cannot_write_and_the_next_transaction_can(house: House):
    with pytest.raises(StorageFailed), house.database.reading() as tx:
        change(tx, house)
    with house.database.transaction() as tx:
        change(tx, house)
        tx.ledger.append(ENTRY, actor="system")
    assert setting(house) == "x"


def test_reading_sees_one_state_while_others_write(house: House):
    with house.database.reading() as tx:
        assert tx.settings.get("solo", "absent") == "absent"
        with house.database.transaction() as writer:
            change(writer, house)
            writer.ledger.append(ENTRY, actor="system")
        assert tx.settings.get("solo", "absent") == "absent"
    assert setting(house) == "x"


def test_writers_side_by_side_lose_no_update(house: House):
    def add() -> None:
        for _ in range(10):
            with house.database.transaction() as tx:
                tx.settings.set("n", int(tx.settings.get("n", 0)) + 1, at=house.clock())
                tx.ledger.append(ENTRY, actor="system")

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert setting(house, "n") == 40


def test_the_audit_log_cannot_be_altered_through_the_workbench(house: House):
    for statement in ("UPDATE audit_event SET body = body", "DELETE FROM audit_event"):
        with pytest.raises(IntegrityBroken) as caught, house.database.transaction() as tx:
            tx.connection.execute(text(statement))
        assert caught.value.code == "log-append-only"


def test_messages_of_the_database_are_not_passed_on(house: House):
    with pytest.raises(StorageFailed) as caught, house.database.transaction() as tx:
        tx.connection.execute(text("INSERT INTO counter VALUES ('DOE^JANE', 'not a number')"))
    told = caught.value
    assert told.code == "database-refused"
    assert "DOE" not in told.message + told.hint
    assert told.__cause__ is None
    assert told.__suppress_context__


def change_beyond(tx, house: House, pages: int) -> None:
    tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    change_and_record(tx, house, "x" * 500_000)


def test_a_full_disk_is_named_and_nothing_is_changed(house: House):
    with house.database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with pytest.raises(StorageFailed) as caught, house.database.transaction() as tx:
        change_beyond(tx, house, pages)
    assert caught.value.code == "disk-full"
    assert setting(house) == "absent"


def test_a_database_locked_by_another_program_is_named(house: House):
    other = sqlite3.connect(house.root / "database.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        for driver in (house.database.engine.raw_connection() for _ in range(2)):
            driver.execute("PRAGMA busy_timeout=10")
            driver.close()
        with pytest.raises(StorageFailed) as caught, house.database.transaction():
            pass
        assert caught.value.code == "database-busy"
    finally:
        other.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path, keys, clock):
    (tmp_path / "junk.sqlite").write_bytes(b"junk" * 2000)
    with pytest.raises(IntegrityBroken) as caught:
        open_database(f"sqlite:///{tmp_path}/junk.sqlite", keys=keys, ledger=Ledger(keys.signer, clock))
    assert caught.value.code == "database-damaged"


def test_the_check_finds_dangling_references(house: House):
    assert house.database.check() == ()
    other = sqlite3.connect(house.root / "database.sqlite")
    other.execute("INSERT INTO receipt VALUES ('RL-000009', 'd', 't', 't', 'nobody', x'00')")
    other.commit()
    other.close()
    assert house.database.check() == ("dangling reference in receipt",) * 2


CRASH = """
import os, signal, sys
from datetime import UTC, datetime
from workbench.audit.events import SettingsChanged
from workbench.audit.ledger import Ledger
from workbench.audit.note import NoteSigner
from workbench.store.database import open_database
from workbench.vault.keyfiles import generate
from workbench.vault.keys import KeyRing

keys = KeyRing(generate("test.example/log"))
signer = NoteSigner.parse(sys.stdin.read())
database = open_database(sys.argv[1], keys=keys, ledger=Ledger(signer, lambda: datetime.now(UTC)))
for n in range(10_000):
    with database.transaction() as tx:
        tx.settings.set("n", n, at=datetime.now(UTC))
        tx.ledger.append(SettingsChanged(settings="0" * 64, solo=False), actor="system")
        if n == 7:
            os.kill(os.getpid(), signal.SIGKILL)
    print(n, flush=True)
"""


def test_a_writer_killed_in_a_transaction_leaves_what_it_acknowledged_and_no_more(house: House):
    done = subprocess.run(
        [sys.executable, "-c", CRASH, house.url],
        input=house.keys.signer.private_text(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -9, done.stderr
    acknowledged = int(done.stdout.split()[-1])
    assert setting(house, "n") == acknowledged == 6
    with house.database.reading() as tx:
        assert tx.ledger.count() == 1 + 7
    assert house.database.check() == ()
