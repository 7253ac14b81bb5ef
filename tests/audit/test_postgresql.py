"""The same guards on PostgreSQL. Needs `psql` and a database that may be filled: WORKBENCH_POSTGRESQL=postgresql://…"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256

import pytest

from workbench.audit.canon import canonical
from workbench.audit.tables import create_statements
from workbench.records.errors import UsageError

PLACE = os.environ.get("WORKBENCH_POSTGRESQL", "")
ROLE = "workbench_test_app"
BODY = canonical(
    {
        "v": 1,
        "seq": 0,
        "prev": "00" * 32,
        "at": "2026-01-01T00:00:00.000000Z",
        "kind": "study.received",
        "actor": {"id": "system"},
        "data": {"study": "WB-000001"},
    }
)
LEAF = sha256(b"\x00" + BODY).hexdigest()
ENTRY = f"INSERT INTO audit_event (seq, body, hash, subtrees) VALUES (0, '\\x{BODY.hex()}', '\\x{LEAF}', '')"  # noqa: S608 - constants
GROW = f"UPDATE audit_head SET size = 1, peaks = '\\x{LEAF}', last = '\\x{LEAF}'"  # noqa: S608 - constants

needs_server = pytest.mark.skipif(
    not PLACE or not shutil.which("psql"), reason="no PostgreSQL named in WORKBENCH_POSTGRESQL"
)


def psql(*statements: str) -> subprocess.CompletedProcess[str]:
    script = "SET client_min_messages = warning;\n" + ";\n".join(statements) + ";\n"
    return subprocess.run(
        ["psql", PLACE, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-1", "-f", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def tables() -> Iterator[None]:
    clear = [f"DROP TABLE IF EXISTS audit_{name}" for name in ("event", "head", "checkpoint")]
    clear += [f"DROP FUNCTION IF EXISTS audit_{name}" for name in ("field", "refuse", "guard")]
    psql(*clear)
    psql(f"DROP ROLE IF EXISTS {ROLE}")
    made = psql(f"CREATE ROLE {ROLE}", *create_statements("postgresql", role=ROLE))
    assert made.returncode == 0, made.stderr
    written = psql(f"SET ROLE {ROLE}", ENTRY, GROW, "INSERT INTO audit_checkpoint VALUES (1, 'note')")
    assert written.returncode == 0, written.stderr
    yield
    psql(*clear, f"DROP ROLE IF EXISTS {ROLE}")


@needs_server
def test_the_columns_say_what_the_entry_says(tables: None):
    found = psql("SELECT etype, at, actor, study, coalesce(release, '-') FROM audit_event").stdout
    assert found.strip() == "study.received|2026-01-01T00:00:00.000000Z|system|WB-000001|-"


REFUSED = [
    "UPDATE audit_event SET body = body",
    "UPDATE audit_event SET etype = 'x'",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event",
    ENTRY,
    ENTRY.replace("(0, ", "(5, "),
    f"{ENTRY} ON CONFLICT (seq) DO UPDATE SET body = excluded.body",
    "UPDATE audit_head SET size = 0",
    "UPDATE audit_head SET size = 2",
    "DELETE FROM audit_head",
    "TRUNCATE audit_head",
    "INSERT INTO audit_head VALUES (2, 0, '', decode(repeat('00', 32), 'hex'), '')",
    "UPDATE audit_checkpoint SET note = ''",
    "DELETE FROM audit_checkpoint",
    "TRUNCATE audit_checkpoint",
    "INSERT INTO audit_checkpoint VALUES (9, 'note')",
    "INSERT INTO audit_checkpoint VALUES (1, 'note') ON CONFLICT (size) DO UPDATE SET note = 'other'",
]


@needs_server
@pytest.mark.parametrize("statement", REFUSED)
@pytest.mark.parametrize("role", ["owner", ROLE])
def test_the_past_is_refused_to_application_and_owner(statement: str, role: str, tables: None):
    ran = psql("SELECT 1" if role == "owner" else f"SET ROLE {role}", statement)
    assert ran.returncode != 0
    assert any(words in ran.stderr for words in ("append-only", "permission denied", "can only be updated to DEFAULT"))


@needs_server
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TABLE audit_event",
        "DROP TRIGGER audit_event_refuse ON audit_event",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_cannot_take_the_guards_away(statement: str, tables: None):
    assert psql(f"SET ROLE {ROLE}", statement).returncode != 0


@pytest.mark.parametrize("role", ["", "Workbench", "x; DROP TABLE audit_event", 'a"b', "a" * 64])
def test_a_role_that_is_not_a_plain_name_is_refused(role: str):
    with pytest.raises(UsageError):
        create_statements("postgresql", role=role)


def test_other_databases_are_refused():
    with pytest.raises(UsageError) as refused:
        create_statements("mysql")
    assert refused.value.code == "database-dialect"
