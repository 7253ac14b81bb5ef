"""A small house with a log, and the tools of somebody who owns its database."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import NullPool

from workbench.audit.checkpoint import Checkpointer, create_witness
from workbench.audit.events import ReleaseCreated, StudyReceived
from workbench.audit.ledger import Ledger
from workbench.audit.merkle import CompactRange
from workbench.audit.note import NoteSigner
from workbench.audit.tables import SQLITE_TRIGGERS, create_statements
from workbench.audit.verifier import Verdict, verify_log

SEED = bytes(range(32))
DIGEST = "ab" * 32
ACCOUNT = "0123456789abcdef0123456789abcdef"
SECOND = "fedcba9876543210fedcba9876543210"


@dataclass
class Clock:
    now: datetime = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class House:
    """`entries` have been written; a checkpoint is in the database and in the witness file after each 8."""

    folder: Path
    signer: NoteSigner = field(default_factory=lambda: NoteSigner("log.example/house", SEED))
    clock: Callable[[], datetime] = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.database = self.folder / "workbench.db"
        self.witness = self.folder / "outside" / "witness.txt"
        self.ledger = Ledger(self.signer, self.clock)
        self.checkpointer = Checkpointer(self.ledger, self.witness)
        self.engine = open_engine(self.database)

    @property
    def trust(self) -> str:
        return str(self.signer.vkey)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    def build(self, entries: int = 24) -> "House":
        self.witness.parent.mkdir()
        create_witness(self.witness)
        with self.transaction() as connection:
            for statement in create_statements("sqlite"):
                connection.execute(text(statement))
            connection.execute(text("CREATE TABLE study (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT"))
        for start in range(0, entries, 8):
            self.write(min(8, entries - start))
            self.checkpoint()
        return self

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the database open, so that its -wal stays."""
        with closing(sqlite3.connect(self.database)) as reader:
            reader.execute("SELECT count(*) FROM audit_event")
            yield

    def write(self, entries: int) -> None:
        with self.transaction() as connection:
            for _ in range(entries):
                size = self.ledger.head(connection).size
                self.ledger.append(connection, some_event(size), actor=ACCOUNT)

    def checkpoint(self) -> str:
        with self.transaction() as connection:
            note = self.checkpointer.sign(connection)
        self.checkpointer.publish(note)
        return note

    def verify(self, *, witness: bool = True) -> Verdict:
        return verify_log(self.database, self.trust, self.witness if witness else None)


def some_event(number: int) -> StudyReceived | ReleaseCreated:
    """Every fifth entry is a release, the rest arrivals."""
    if number % 5:
        return StudyReceived(study=f"WB-{number:06}", series=1, instances=number)
    return ReleaseCreated(
        release=f"R-{number:06}",
        recipient=SECOND,
        studies=(f"WB-{number:06}",),
        preparations=(ACCOUNT,),
        approvals=(max(number - 1, 0),),
        instances=number,
        manifest=DIGEST,
        package=DIGEST,
        bytes=1000,
        expires=datetime(2026, 3, 1, tzinfo=UTC),
        purpose="treatment",
    )


def open_engine(database: Path) -> Engine:
    engine = create_engine(f"sqlite:///{database}", poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA busy_timeout=20000")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class Owner:
    """Owns the database file, knows the source code, has no key. Puts the guards back before leaving."""

    def __init__(self, database: Path) -> None:
        self.database = database

    @contextmanager
    def at_work(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            for name in SQLITE_TRIGGERS:
                connection.execute(f"DROP TRIGGER IF EXISTS {name}")
            yield connection
            for name, statement in SQLITE_TRIGGERS.items():
                if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone():
                    with suppress(sqlite3.OperationalError):  # what stands there now may not take a trigger
                        connection.execute(statement)

    @staticmethod
    def body(connection: sqlite3.Connection, seq: int) -> bytes:
        (body,) = connection.execute("SELECT body FROM audit_event WHERE seq = ?", (seq,)).fetchone()
        return bytes(body)

    @staticmethod
    def leaf(body: bytes) -> bytes:
        return sha256(b"\x00" + body).digest()

    def edit(self, connection: sqlite3.Connection, seq: int, *, fix_hash: bool) -> None:
        body = self.body(connection, seq).replace(b'"instances":', b'"instances":9')
        connection.execute("UPDATE audit_event SET body = ? WHERE seq = ?", (body, seq))
        if fix_hash:
            connection.execute("UPDATE audit_event SET hash = ? WHERE seq = ?", (self.leaf(body), seq))

    def rebuild(self, connection: sqlite3.Connection, bodies: list[dict[str, Any]]) -> None:
        """Write the whole log anew from these entries: numbers, chain, hashes, subtrees, head."""
        connection.execute("DELETE FROM audit_event")
        tree, last = CompactRange(), bytes(32)
        for seq, entry in enumerate(bodies):
            body = rfc8785.dumps(entry | {"seq": seq, "prev": last.hex()})
            last = self.leaf(body)
            tree, subtrees = tree.append(last)
            connection.execute(
                "INSERT INTO audit_event (seq, body, hash, subtrees) VALUES (?, ?, ?, ?)", (seq, body, last, subtrees)
            )
        connection.execute("UPDATE audit_head SET size = ?, peaks = ?, last = ?", (tree.size, tree.packed, last))

    def loosen(self, connection: sqlite3.Connection) -> None:
        """Put a table without any constraint in the place of the entries."""
        connection.execute("ALTER TABLE audit_event RENAME TO gone")
        connection.execute(
            "CREATE TABLE audit_event AS SELECT seq, body, hash, subtrees, etype, at, actor, study, release FROM gone"
        )
        connection.execute("DROP TABLE gone")


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}
