"""The database: opened with the settings that durability needs, used in transactions that carry their audit entry."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from workbench.records.errors import IntegrityBroken, StorageFailed, UsageError, WorkbenchError
from workbench.store.migrations import HEAD
from workbench.store.transaction import Transaction

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

    from workbench.audit.ledger import Ledger
    from workbench.vault.keys import KeyRing

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a commit that was acknowledged survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",  # REPLACE must not slip past the audit log's triggers
    "PRAGMA busy_timeout=30000",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
)
_READ = "workbench_read"
_WRITER = 7_337_001
"""Number of the advisory lock that writers hold on PostgreSQL."""


class Database:
    """One database with the keys and the ledger that belong to it. Thread-safe; keep one per process."""

    def __init__(self, engine: "Engine", keys: "KeyRing", ledger: "Ledger") -> None:
        self._engine = engine
        self._keys = keys
        self._ledger = ledger

    @property
    def engine(self) -> "Engine":
        """The SQLAlchemy engine, for migrations and tests."""
        return self._engine

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction for writing, commit at the end, roll back on any error.

        Guarantees that a change without an audit entry is not committed. On SQLite it begins with `BEGIN IMMEDIATE`,
        so that what it reads cannot change before it writes; keep it short, since there is one writer at a time.

        Raises
        ------
        IntegrityBroken
            `change-without-entry` when something was changed and nothing was appended to the ledger.
        StorageFailed
            `database-busy`, `disk-full` or `database-failed`.
        """
        with _translating(), self._engine.connect() as connection, connection.begin() as begun:
            transaction = Transaction(connection, self._keys, self._ledger)
            yield transaction
            transaction.check_recorded()
            if not begun.is_active:
                # the ledger rolls back when it cannot write, so that a swallowed error cannot commit the change
                raise StorageFailed(
                    "log-not-written", "The audit entry could not be written, so nothing was changed.", "Try again."
                )

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open one consistent view for reading; any attempt to write in it fails.

        Raises
        ------
        StorageFailed
            `database-busy` or `database-failed`.
        """
        with self._read() as connection:
            yield Transaction(connection, self._keys, self._ledger)

    @contextmanager
    def _read(self) -> "Iterator[Connection]":
        with _translating(), self._engine.connect() as plain:
            connection = plain.execution_options(**{_READ: True})
            with _read_only(connection), connection.begin():
                yield connection

    def revision(self) -> str | None:
        """Return the schema revision, None while there is no schema."""
        with self._read() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def check(self) -> tuple[str, ...]:
        """Return what the database itself finds wrong (page damage, dangling references); empty when all is well."""
        if self._engine.dialect.name != "sqlite":
            return ()
        with self._read() as connection:
            damage = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(20)") if row[0] != "ok"]
            dangling = [
                f"dangling reference in {row[0]}" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
            ]
        return (*damage, *dangling)

    def copy_to(self, target: Path) -> None:
        """Copy a SQLite database into a file, as its connections see it: with what is in the write-ahead log.

        Raises
        ------
        StorageFailed
            `database-not-copied`; what was written of the copy is of no use.
        """
        try:
            with self._read() as connection, closing(sqlite3.connect(target)) as copy:
                source = connection.connection.driver_connection
                if not isinstance(source, sqlite3.Connection):
                    raise UsageError(
                        "database-unsupported",
                        "Only SQLite is copied by the workbench.",
                        "Use the tools of the server.",
                    )
                source.backup(copy)
        except (OSError, sqlite3.Error):
            raise StorageFailed(
                "database-not-copied", "The database could not be copied.", "Free some space and repeat."
            ) from None

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def open_database(
    url: str, *, keys: "KeyRing", ledger: "Ledger", create: bool = False, outdated: bool = False
) -> Database:
    """Open a database, or make a new one with its schema.

    Parameters
    ----------
    url
        An SQLAlchemy URL: `sqlite:////home/database.sqlite` or `postgresql+psycopg://…`.
    create
        Make it; never touches one that is there.
    outdated
        Open one of an older revision too: for the upgrade and nothing else.

    Raises
    ------
    UsageError
        `database-missing`, `database-exists`, `database-unsupported`, `database-outdated`, `database-newer`.
    StorageFailed
        `database-failed` when it cannot be opened.
    """
    address = _address(url)
    if create:
        _claim(address)
    elif address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        raise UsageError(
            "database-missing",
            "There is no database at the configured place.",
            "Make a home with `workbench init`, or give the place of an existing one with --home.",
        )
    database = Database(_engine(address), keys, ledger)
    try:
        if create:
            _create_schema(database)
        else:
            _check_revision(database.revision(), outdated=outdated)
    except BaseException:
        database.close()
        if create:
            _unclaim(address)
        raise
    return database


def _create_schema(database: Database) -> None:
    from workbench.store.migrations.run import migrate  # noqa: PLC0415 - Alembic costs 100 ms that only this needs

    if database.revision() is not None:
        raise _exists()
    migrate(database)


def _address(url: str) -> "URL":
    address = make_url(url)
    if address.get_backend_name() not in {"sqlite", "postgresql"}:
        raise UsageError("database-unsupported", "The database must be SQLite or PostgreSQL.", "Change its URL.")
    if address.get_backend_name() == "sqlite" and address.database in {None, "", ":memory:"}:
        raise UsageError("database-unsupported", "The database must be a file.", "Give a path in its URL.")
    return address


def _claim(address: "URL") -> None:
    """Create the file of a new SQLite database, private; two who try at once cannot both succeed."""
    if address.get_backend_name() != "sqlite":
        return
    try:
        os.close(os.open(address.database or "", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise _exists() from None
    except OSError:
        raise StorageFailed(
            "database-failed", "The database file cannot be created.", "Check the folder and its permissions."
        ) from None


def _unclaim(address: "URL") -> None:
    """Remove the file that this very call created, so that making the home can be tried again."""
    if address.get_backend_name() == "sqlite":
        for ending in ("", "-wal", "-shm"):
            Path(f"{address.database}{ending}").unlink(missing_ok=True)


def _exists() -> UsageError:
    return UsageError(
        "database-exists", "There is a database at this place.", "Choose a new home; none is overwritten."
    )


def _check_revision(revision: str | None, *, outdated: bool) -> None:
    if revision == HEAD or (outdated and revision is not None and revision < HEAD):
        return
    if revision is None or revision < HEAD:
        raise UsageError(
            "database-outdated",
            "The database was made by an older version.",
            "Run `workbench upgrade`: it makes a backup copy first.",
        )
    raise UsageError("database-newer", "The database was made by a newer version.", "Install that version.")


def _engine(address: "URL") -> "Engine":
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = "-c idle_in_transaction_session_timeout=30000"
    arguments = {"options": options, "keepalives_idle": 10, "keepalives_interval": 10}
    engine = create_engine(address, pool_pre_ping=True, connect_args=arguments)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself, and later than we think
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: "Connection") -> None:
    read = connection.get_execution_options().get(_READ)
    connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: "Connection") -> None:
    if not connection.get_execution_options().get(_READ):
        # one writer at a time, as on SQLite: the ledger is one chain, and what a use case checked stays true
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")


@contextmanager
def _read_only(connection: "Connection") -> Iterator[None]:
    """Have the database itself refuse writes."""
    if connection.dialect.name != "sqlite":
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield
        return
    _query_only(connection, "ON")
    try:
        yield
    finally:
        _query_only(connection, "OFF")


def _query_only(connection: "Connection", state: str) -> None:
    # on the driver's connection: through SQLAlchemy it would begin a transaction
    driver = connection.connection.dbapi_connection
    if driver is not None:
        driver.execute(f"PRAGMA query_only={state}")


@contextmanager
def _translating() -> Iterator[None]:
    """Turn errors of the database into ours. Their text could quote a value, so that none of it is passed on."""
    try:
        yield
    except WorkbenchError:
        raise
    except OperationalError as error:
        raise _operational(str(error.orig)) from None
    except DBAPIError as error:
        raise _refused(error) from None
    except SQLAlchemyError:
        raise StorageFailed("database-failed", "The database did not answer as expected.", _DOCTOR) from None


_DOCTOR = "Run `workbench doctor`; nothing was changed."


def _operational(told: str) -> WorkbenchError:
    lowered = told.lower()
    if "full" in lowered or "no space" in lowered:
        return StorageFailed("disk-full", "The disk is full; nothing was changed.", "Free some space and repeat.")
    if "locked" in lowered or "busy" in lowered or "serialize" in lowered or "deadlock" in lowered:
        return StorageFailed("database-busy", "The database is busy; nothing was changed.", "Try again in a moment.")
    return StorageFailed("database-failed", "The database cannot be used; nothing was changed.", _DOCTOR)


def _refused(error: DBAPIError) -> WorkbenchError:
    told = str(error.orig).lower()
    if "append-only" in told:
        return IntegrityBroken("log-append-only", "The audit log can only grow.", "Nothing was changed.")
    if "malformed" in told or "not a database" in told:
        return IntegrityBroken("database-damaged", "The database file is damaged.", "Restore it from its backup.")
    return StorageFailed("database-refused", "The database refused the change; nothing was changed.", _DOCTOR)
