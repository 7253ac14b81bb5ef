"""The ledger's tables and what guards them, for SQLite and PostgreSQL.

The statements are executed by the store's migrations; queries use the `Table` objects. Triggers do not stop the owner
of the database: they stop accidents and applications, and whoever goes around them is found by the verifier.
"""

import re

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

from workbench.records.errors import UsageError

metadata = MetaData()

audit_event = Table(
    "audit_event",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("subtrees", LargeBinary, nullable=False),
    Column("etype", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("study", Text),
    Column("release", Text),
)
"""One row an entry. `body` is what is hashed; the last five columns are generated from it and cannot be written."""

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("last", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
)
"""One row: the number of entries, the compact range over them, the hash of the last (32 zero bytes at first) and the
signed checkpoint of just that head (empty at first). Whoever has no key cannot add, change or rebuild entries, only
bring back a head that the workbench once signed."""

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)
"""Signed checkpoints; copies of what the witness has."""

MOST_BODY_BYTES = 65_536

PROJECTIONS = {
    "etype": ("kind",),
    "at": ("at",),
    "actor": ("actor", "id"),
    "study": ("data", "study"),
    "release": ("data", "release"),
}
"""Generated column → where its value stands in the body."""

_REQUIRED = {"etype", "at", "actor"}
_TABLES = ("audit_event", "audit_head", "audit_checkpoint")


def create_statements(dialect: str, *, role: str | None = None) -> list[str]:
    """Return the statements that make the tables, their guards and the empty head, in order.

    Parameters
    ----------
    dialect
        `sqlite` or `postgresql`.
    role
        PostgreSQL only: the role the application signs in as. It gets no more than it needs (select and insert, update
        of the head), and owns nothing.

    Raises
    ------
    UsageError
        For another dialect, or a role name that is not a plain identifier.
    """
    if role is not None and not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise UsageError("database-role", "The database role's name is not a plain identifier.")
    if dialect == "sqlite":
        return _sqlite()
    if dialect == "postgresql":
        return _postgresql(role)
    raise UsageError("database-dialect", "The audit log knows SQLite and PostgreSQL.")


def _sqlite() -> list[str]:
    return [
        *SQLITE_TABLES.values(),
        "INSERT INTO audit_head (id, size, peaks, last, note) VALUES (1, 0, x'', zeroblob(32), '')",
        *_indexes(),
        *SQLITE_TRIGGERS.values(),
    ]


def _indexes() -> list[str]:
    return [f"CREATE INDEX audit_event_{name} ON audit_event ({name})" for name in PROJECTIONS]


def _refuse(event: str, table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    )


_TEXT = "CAST(body AS TEXT)"
_COLUMNS = ",\n    ".join(
    f"{name} TEXT GENERATED ALWAYS AS "
    f"(CASE WHEN json_valid({_TEXT}) THEN json_extract({_TEXT}, '$.{'.'.join(keys)}') END) VIRTUAL"
    f"{' NOT NULL' if name in _REQUIRED else ''}"
    for name, keys in PROJECTIONS.items()
)

SQLITE_TABLES: dict[str, str] = {
    "audit_event": f"""CREATE TABLE audit_event (
    seq INTEGER PRIMARY KEY CHECK (seq >= 0),
    body BLOB NOT NULL CHECK (length(body) BETWEEN 2 AND {MOST_BODY_BYTES}),
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    subtrees BLOB NOT NULL CHECK (length(subtrees) % 32 = 0),
    {_COLUMNS},
    CHECK (json_valid({_TEXT}) AND json_extract({_TEXT}, '$.seq') IS seq)
) STRICT""",
    "audit_head": """CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL CHECK (size >= 0),
    peaks BLOB NOT NULL CHECK (length(peaks) % 32 = 0),
    last BLOB NOT NULL CHECK (length(last) = 32),
    note TEXT NOT NULL
) STRICT""",
    "audit_checkpoint": """CREATE TABLE audit_checkpoint (
    size INTEGER PRIMARY KEY CHECK (size >= 0),
    note TEXT NOT NULL
) STRICT""",
}
"""Name → statement, as for the triggers."""

SQLITE_TRIGGERS: dict[str, str] = {
    "audit_event_no_update": _refuse("UPDATE", "audit_event"),
    "audit_event_no_delete": _refuse("DELETE", "audit_event"),
    # REPLACE deletes the row in its way without firing delete triggers unless recursive_triggers is on,
    # so every conflict is caught before it can be resolved
    "audit_event_next": "CREATE TRIGGER audit_event_next BEFORE INSERT ON audit_event "
    "WHEN NEW.seq IS NOT (SELECT size FROM audit_head) "
    "OR EXISTS (SELECT 1 FROM audit_event WHERE seq = NEW.seq OR hash = NEW.hash) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "audit_head_no_delete": _refuse("DELETE", "audit_head"),
    "audit_head_no_insert": "CREATE TRIGGER audit_head_no_insert BEFORE INSERT ON audit_head "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "audit_head_grows": "CREATE TRIGGER audit_head_grows BEFORE UPDATE ON audit_head "
    "WHEN NEW.id IS NOT OLD.id OR NEW.size IS NOT OLD.size + 1 "
    "OR NEW.last IS NOT (SELECT hash FROM audit_event WHERE seq = OLD.size) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "audit_checkpoint_no_update": _refuse("UPDATE", "audit_checkpoint"),
    "audit_checkpoint_no_delete": _refuse("DELETE", "audit_checkpoint"),
    "audit_checkpoint_new": "CREATE TRIGGER audit_checkpoint_new BEFORE INSERT ON audit_checkpoint "
    "WHEN NEW.size > (SELECT size FROM audit_head) "
    "OR EXISTS (SELECT 1 FROM audit_checkpoint WHERE size = NEW.size) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
}
"""Name → statement. The stand-alone verifier knows the digests and says when one is missing or differs."""


def _postgresql(role: str | None) -> list[str]:
    columns = ",\n    ".join(
        f"{name} text GENERATED ALWAYS AS (audit_field(body, '{{{','.join(keys)}}}')) STORED"
        f"{' NOT NULL' if name in _REQUIRED else ''}"
        for name, keys in PROJECTIONS.items()
    )
    return [
        # convert_from is only 'stable' in the catalogue; bodies are ASCII, so the result never depends on settings
        """CREATE FUNCTION audit_field(body bytea, path text[]) RETURNS text LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT convert_from(body, 'UTF8')::jsonb #>> path $$""",
        f"""CREATE TABLE audit_event (
    seq bigint PRIMARY KEY CHECK (seq >= 0),
    body bytea NOT NULL CHECK (length(body) BETWEEN 2 AND {MOST_BODY_BYTES}),
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    subtrees bytea NOT NULL CHECK (mod(length(subtrees), 32) = 0),
    {columns},
    CHECK (audit_field(body, '{{seq}}') = seq::text)
)""",
        """CREATE TABLE audit_head (
    id integer PRIMARY KEY CHECK (id = 1),
    size bigint NOT NULL CHECK (size >= 0),
    peaks bytea NOT NULL CHECK (mod(length(peaks), 32) = 0),
    last bytea NOT NULL CHECK (length(last) = 32),
    note text NOT NULL
)""",
        """CREATE TABLE audit_checkpoint (
    size bigint PRIMARY KEY CHECK (size >= 0),
    note text NOT NULL
)""",
        "INSERT INTO audit_head (id, size, peaks, last, note) VALUES (1, 0, '', decode(repeat('00', 32), 'hex'), '')",
        *_indexes(),
        """CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
        """CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'audit_event' THEN
        IF NEW.seq IS DISTINCT FROM (SELECT size FROM audit_head) THEN
            RAISE EXCEPTION 'the audit log is append-only';
        END IF;
    ELSIF TG_TABLE_NAME = 'audit_checkpoint' THEN
        IF NEW.size > (SELECT size FROM audit_head) THEN
            RAISE EXCEPTION 'the audit log is append-only';
        END IF;
    ELSIF NEW.id IS DISTINCT FROM OLD.id OR NEW.size IS DISTINCT FROM OLD.size + 1
        OR NEW.last IS DISTINCT FROM (SELECT hash FROM audit_event WHERE seq = OLD.size) THEN
        RAISE EXCEPTION 'the audit log is append-only';
    END IF;
    RETURN NEW;
END $$""",
        *(
            f"CREATE TRIGGER {table}_refuse BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
            for table, events in (
                ("audit_event", "UPDATE OR DELETE"),
                ("audit_head", "INSERT OR DELETE"),
                ("audit_checkpoint", "UPDATE OR DELETE"),
            )
        ),
        *(
            f"CREATE TRIGGER {table}_guard BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION audit_guard()"
            for table, event in (("audit_event", "INSERT"), ("audit_head", "UPDATE"), ("audit_checkpoint", "INSERT"))
        ),
        *(
            f"CREATE TRIGGER {table}_keep BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
            for table in _TABLES
        ),
        *_grants(role),
    ]


def _grants(role: str | None) -> list[str]:
    if role is None:
        return []
    return [
        *(f"REVOKE ALL ON {table} FROM PUBLIC, {role}" for table in _TABLES),
        *(f"GRANT SELECT, INSERT ON {table} TO {role}" for table in ("audit_event", "audit_checkpoint")),
        f"GRANT SELECT, UPDATE ON audit_head TO {role}",
    ]
