"""Every attack on the log that a checkpoint can catch, carried out on a real database, and what the verifier says."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.house import House, Owner, codes
from workbench.audit.checkpoint import Checkpoint
from workbench.audit.note import NoteSigner
from workbench.audit.tables import SQLITE_TABLES, SQLITE_TRIGGERS
from workbench.audit.verifier import GUARDS, verify_log

Attack = Callable[[sqlite3.Connection, Owner], None]


def all_entries(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    return [json.loads(body) for (body,) in connection.execute("SELECT body FROM audit_event ORDER BY seq")]


def set_head(connection: sqlite3.Connection, entries: int) -> None:
    """Make the head agree with the first so many entries."""
    bodies = all_entries(connection)[:entries]
    keep = [(row[0], row[1]) for row in connection.execute("SELECT size, note FROM audit_checkpoint")]
    Owner(Path()).rebuild(connection, bodies)
    assert keep == [(row[0], row[1]) for row in connection.execute("SELECT size, note FROM audit_checkpoint")]


def edit(connection, owner):
    owner.edit(connection, 10, fix_hash=False)


def edit_and_fix_hash(connection, owner):
    owner.edit(connection, 10, fix_hash=True)


def edit_newest(connection, owner):
    owner.edit(connection, 23, fix_hash=True)


def edit_newest_and_head(connection, owner):
    entries = all_entries(connection)
    entries[23]["data"]["instances"] = 7
    owner.rebuild(connection, entries)


def delete(connection, owner):
    connection.execute("DELETE FROM audit_event WHERE seq = 10")


def delete_and_renumber(connection, owner):
    connection.execute("DELETE FROM audit_event WHERE seq = 10")
    owner.loosen(connection)
    connection.execute("UPDATE audit_event SET seq = seq - 1 WHERE seq > 10")
    connection.execute("UPDATE audit_head SET size = 23")


def swap(connection, owner):
    ten, twelve = owner.body(connection, 10), owner.body(connection, 12)
    owner.loosen(connection)
    for seq, body in ((10, twelve), (12, ten)):
        connection.execute("UPDATE audit_event SET body = ?, hash = ? WHERE seq = ?", (body, owner.leaf(body), seq))


def insert(connection, owner):
    owner.loosen(connection)
    forged = json.loads(owner.body(connection, 11)) | {"kind": "log.read", "data": {"entries": 1}}
    body = rfc8785.dumps(forged)
    connection.execute("UPDATE audit_event SET seq = seq + 1 WHERE seq >= 11")
    connection.execute(
        "INSERT INTO audit_event (seq, body, hash, subtrees) VALUES (11, ?, ?, x'')", (body, owner.leaf(body))
    )
    connection.execute("UPDATE audit_head SET size = 25")


def duplicate(connection, owner):
    owner.loosen(connection)
    connection.execute("INSERT INTO audit_event SELECT * FROM audit_event WHERE seq = 10")


def rebuild(connection: sqlite3.Connection, owner: Owner) -> None:
    entries = all_entries(connection)
    entries[10]["data"] = entries[11]["data"]
    owner.rebuild(connection, entries)


def rebuild_and_delete_checkpoints(connection, owner):
    rebuild(connection, owner)
    connection.execute("DELETE FROM audit_checkpoint WHERE size > 8")


def rebuild_without_an_entry(connection, owner):
    """Hide one release, and give nobody a reason to count."""
    entries = [entry for entry in all_entries(connection) if entry["data"].get("release") != "R-000010"]
    owner.rebuild(connection, entries)
    connection.execute("DELETE FROM audit_checkpoint WHERE size > 8")


def truncate(connection, owner):
    set_head(connection, 20)


def truncate_and_delete_checkpoints(connection, owner):
    set_head(connection, 20)
    connection.execute("DELETE FROM audit_checkpoint WHERE size > 20")


def truncate_without_head(connection, owner):
    connection.execute("DELETE FROM audit_event WHERE seq >= 20")


def cut_back_to_a_checkpoint(connection, owner):
    """The signature for the shorter log stands in the database: only somebody outside knows better."""
    set_head(connection, 16)
    connection.execute("UPDATE audit_head SET note = (SELECT note FROM audit_checkpoint WHERE size = 16)")
    connection.execute("DELETE FROM audit_checkpoint WHERE size > 16")


def append_forged(connection, owner):
    """An approval that nobody gave, chained as the workbench would."""
    entries = all_entries(connection)
    owner.rebuild(connection, [*entries, entries[-1]])


def begin_anew(connection, owner):
    empty(connection, owner)
    connection.execute("UPDATE audit_head SET note = ''")


def head_note_altered(connection, owner):
    connection.execute("UPDATE audit_head SET note = 'signed, truly'")


def head_note_older(connection, owner):
    connection.execute("UPDATE audit_head SET note = (SELECT note FROM audit_checkpoint WHERE size = 16)")


def empty(connection, owner):
    owner.rebuild(connection, [])
    connection.execute("DELETE FROM audit_checkpoint")


def sign_with_other_key(connection, owner):
    """Same name, other key: rebuild everything and sign it oneself."""
    rebuild(connection, owner)
    other = NoteSigner("log.example/house", bytes(32))
    (peaks,) = connection.execute("SELECT peaks FROM audit_head").fetchone()
    root = peaks[32:64]
    root = sha256(b"\x01" + peaks[:32] + root).digest()
    note = other.sign(Checkpoint("log.example/house", 24, root).text())
    connection.execute("UPDATE audit_checkpoint SET note = ? WHERE size = 24", (note,))


def alter_checkpoint(connection, owner):
    connection.execute(
        "UPDATE audit_checkpoint SET note = replace(note, char(10) || '24' || char(10), char(10) || '23' || char(10))"
    )


def move_checkpoint(connection, owner):
    connection.execute("UPDATE audit_checkpoint SET size = 23 WHERE size = 24")


def delete_checkpoints(connection, owner):
    connection.execute("DELETE FROM audit_checkpoint WHERE size = 16")


def bytes_to_text(connection, owner):
    owner.loosen(connection)
    connection.execute("UPDATE audit_event SET body = CAST(body AS TEXT) WHERE seq = 10")


def projected_column(connection, owner):
    owner.loosen(connection)
    connection.execute("UPDATE audit_event SET actor = 'somebody' WHERE seq = 10")


def subtrees(connection, owner):
    connection.execute("UPDATE audit_event SET subtrees = zeroblob(32) WHERE seq = 9")


def head_size(connection, owner):
    connection.execute("UPDATE audit_head SET size = 30")


def head_gone(connection, owner):
    connection.execute("DELETE FROM audit_head")


def drop_trigger(connection, owner):
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT 1; END")


def foreign_trigger(connection, owner):
    connection.execute("CREATE TRIGGER quiet AFTER INSERT ON audit_event BEGIN DELETE FROM study; END")


def drop_table(connection, owner):
    connection.execute("DROP TABLE audit_event")
    connection.execute("CREATE TABLE audit_event (seq INTEGER)")


def view(connection, owner):
    connection.execute("ALTER TABLE audit_event RENAME TO hidden")
    connection.execute("CREATE VIEW audit_event AS SELECT * FROM hidden WHERE seq <> 10")


@dataclass(frozen=True)
class Case:
    attack: Attack
    first_bad: int
    alone: set[str] = field(default_factory=set)
    """Codes that the database alone must show; empty where it shows nothing at all."""
    witness: set[str] = field(default_factory=set)
    """Codes that must be shown with the witness file."""


CASES = [
    Case(edit, 10, {"hash", "root"}, {"hash", "root"}),
    Case(edit_and_fix_hash, 10, {"chain", "root"}, {"chain", "root"}),
    Case(edit_newest, 23, {"head", "root"}, {"head", "root"}),
    Case(edit_newest_and_head, 16, {"root"}, {"root"}),
    Case(delete, 10, {"missing"}, {"missing"}),
    Case(delete_and_renumber, 10, {"number"}, {"number"}),
    Case(swap, 10, {"number", "root"}, {"number", "root"}),
    Case(insert, 11, {"number", "head", "root"}, {"number", "head", "root"}),
    Case(duplicate, 10, {"number"}, {"number"}),
    Case(rebuild, 8, {"root"}, {"root"}),
    Case(rebuild_and_delete_checkpoints, 8, {"root"}, {"root"}),
    Case(rebuild_without_an_entry, 8, {"truncated"}, {"root", "truncated"}),
    Case(truncate, 20, {"truncated"}, {"truncated"}),
    Case(truncate_and_delete_checkpoints, 20, {"truncated"}, {"truncated"}),
    Case(cut_back_to_a_checkpoint, 16, set(), {"truncated"}),
    Case(append_forged, 24, {"head-signature"}, {"head-signature"}),
    Case(begin_anew, 0, {"unproven"}, {"truncated"}),
    Case(head_note_altered, -1, {"head-signature"}, {"head-signature"}),
    Case(head_note_older, 16, {"head-signature"}, {"head-signature"}),
    Case(truncate_without_head, 20, {"truncated"}, {"truncated"}),
    Case(empty, 0, {"truncated"}, {"truncated"}),
    Case(sign_with_other_key, 8, {"checkpoint-foreign", "root"}, {"checkpoint-foreign", "root"}),
    Case(alter_checkpoint, -1, {"checkpoint-signature"}, {"checkpoint-signature"}),
    Case(move_checkpoint, -1, {"checkpoint-signature"}, {"checkpoint-signature"}),
    Case(delete_checkpoints, -1, set(), {"checkpoint-removed"}),
    Case(bytes_to_text, 10, {"type", "guard"}, {"type", "guard"}),
    Case(projected_column, 10, {"column", "guard"}, {"column", "guard"}),
    Case(subtrees, 9, {"subtrees"}, {"subtrees"}),
    Case(head_size, 24, {"truncated"}, {"truncated"}),
    Case(head_gone, -1, {"head"}, {"head"}),
    Case(drop_trigger, -1, {"guard"}, {"guard"}),
    Case(foreign_trigger, -1, {"guard"}, {"guard"}),
    Case(drop_table, 0, {"guard", "unreadable"}, {"guard", "unreadable"}),
    Case(view, 10, {"guard", "missing"}, {"guard", "missing"}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.attack.__name__)
def test_an_attack_is_found_and_its_place_is_named(case: Case, house: House, owner: Owner):
    with owner.at_work() as connection:
        case.attack(connection, owner)
    outside = house.verify()
    assert not outside.ok
    assert case.witness <= codes(outside), outside.text()
    assert outside.first_bad == case.first_bad, outside.text()
    alone = house.verify(witness=False)
    assert alone.ok == (not case.alone), alone.text()
    assert case.alone <= codes(alone), alone.text()


COPY = "INTO audit_event (seq, body, hash, subtrees)"
BLOCKED = [
    "UPDATE audit_event SET body = body WHERE seq = 3",
    "UPDATE audit_event SET seq = 99 WHERE seq = 3",
    "UPDATE audit_event SET etype = 'x' WHERE seq = 3",
    "UPDATE OR REPLACE audit_event SET seq = 4 WHERE seq = 3",
    "UPDATE OR IGNORE audit_event SET hash = zeroblob(32)",
    "DELETE FROM audit_event",
    "DELETE FROM audit_event WHERE seq = 23",
    "REPLACE COPY SELECT seq, body, hash, subtrees FROM audit_event WHERE seq = 3",
    "INSERT OR REPLACE COPY SELECT 24, CAST('{\"seq\":24}' AS BLOB), hash, x'' FROM audit_event WHERE seq = 3",
    "INSERT COPY SELECT seq, body, hash, subtrees FROM audit_event WHERE seq = 3 "  # noqa: ISC004 - one statement
    "ON CONFLICT (seq) DO UPDATE SET body = excluded.body",
    "INSERT COPY SELECT 40, body, hash, subtrees FROM audit_event WHERE seq = 3",
    "INSERT INTO audit_event (seq, body, hash, subtrees) VALUES (24, '{\"seq\":24}', zeroblob(32), x'')",
    "UPDATE audit_head SET size = 3",
    "UPDATE audit_head SET size = size + 1",
    "DELETE FROM audit_head",
    "REPLACE INTO audit_head VALUES (1, 3, zeroblob(64), zeroblob(32), '')",
    "INSERT INTO audit_head VALUES (2, 3, zeroblob(64), zeroblob(32), '')",
    "UPDATE audit_checkpoint SET note = ''",
    "DELETE FROM audit_checkpoint",
    "REPLACE INTO audit_checkpoint VALUES (16, '')",
    "INSERT INTO audit_checkpoint VALUES (99, '')",
    "INSERT INTO audit_checkpoint VALUES (16, '') ON CONFLICT (size) DO UPDATE SET note = excluded.note",
]


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("statement", BLOCKED)
def test_the_database_itself_refuses_to_change_the_past(statement: str, recursive: str, house: House):
    with closing(sqlite3.connect(house.database, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA recursive_triggers = {recursive}")
        with pytest.raises(sqlite3.Error):
            connection.execute(statement.replace("COPY", COPY))
    assert house.verify().ok


def test_an_untouched_log_is_verified(house: House):
    verdict = house.verify()
    assert verdict.ok
    assert (verdict.entries, verdict.checkpoints, verdict.witnessed, verdict.first_bad) == (24, 6, 24, -1)
    assert not verdict.notices
    assert "Record verified." in verdict.text()


def test_entries_after_the_last_outside_checkpoint_can_vanish_unnoticed_and_the_verdict_says_so(
    house: House, owner: Owner
):
    """The documented limit of tamper evidence: why urgent entries get a checkpoint at once."""
    house.write(3)
    before = house.verify()
    assert before.ok
    assert [notice.code for notice in before.notices] == ["unwitnessed"]
    assert (before.entries, before.witnessed) == (27, 24)
    with owner.at_work() as connection:
        set_head(connection, 24)
        connection.execute("UPDATE audit_head SET note = (SELECT note FROM audit_checkpoint WHERE size = 24)")
    after = house.verify()
    assert after.ok
    assert after.entries == 24


@pytest.mark.parametrize("seq", [24, 25, 26])
def test_entries_after_the_last_checkpoint_cannot_be_altered_unnoticed(seq: int, house: House, owner: Owner):
    """The workbench signs the head with every entry: what remains to the owner is to cut back to a checkpoint."""
    house.write(3)
    with owner.at_work() as connection:
        entries = all_entries(connection)
        entries[seq]["kind"] = "study.viewed"
        owner.rebuild(connection, entries)
    verdict = house.verify(witness=False)
    assert codes(verdict) == {"root"}
    assert verdict.first_bad == 24


def test_a_database_rolled_back_to_an_old_copy_is_found(house: House, tmp_path: Path):
    old = tmp_path / "old.db"
    shutil.copyfile(house.database, old)
    house.write(5)
    house.checkpoint()
    shutil.copyfile(old, house.database)
    assert house.verify(witness=False).ok
    verdict = house.verify()
    assert codes(verdict) == {"truncated"}
    assert verdict.first_bad == 24


def test_a_copy_without_its_write_ahead_log_is_found_and_a_copy_with_it_is_complete(house: House, tmp_path: Path):
    folder = tmp_path / "copy"
    folder.mkdir()
    with house.in_use():
        house.write(5)
        house.checkpoint()
        shutil.copyfile(house.database, folder / "a.db")
        shutil.copyfile(f"{house.database}-wal", folder / "a.db-wal")
    assert verify_log(folder / "a.db", house.trust, house.witness).entries == 29
    assert sorted(path.name for path in folder.iterdir()) == ["a.db", "a.db-wal"]
    (folder / "a.db-wal").unlink()
    verdict = verify_log(folder / "a.db", house.trust, house.witness)
    assert codes(verdict) == {"truncated"}
    assert "-wal" in verdict.text()


def test_a_database_in_use_is_read_with_its_write_ahead_log(house: House):
    with house.in_use():
        house.write(5)
        assert house.verify().entries == 29


def test_verifying_leaves_no_trace(house: House):
    before = {path.name: path.read_bytes() for path in house.folder.iterdir() if path.is_file()}
    assert house.verify().ok
    assert {path.name: path.read_bytes() for path in house.folder.iterdir() if path.is_file()} == before


def test_two_histories_signed_at_one_size_are_a_fork(house: House):
    other = house.signer.sign(Checkpoint("log.example/house", 16, bytes(32)).text())
    with house.witness.open("a") as file:
        file.write(other + "\n")
    verdict = house.verify()
    assert {"fork", "root"} == codes(verdict)
    assert verdict.first_bad == 8


def test_a_witness_that_lost_its_end_is_told(house: House):
    notes = house.witness.read_text().split("\n\n\u2014")
    house.witness.write_text("\n\n\u2014".join(notes[:2]).rsplit("\n\n", 1)[0] + "\n\n")
    verdict = house.verify()
    assert [notice.code for notice in verdict.notices] == ["unpublished"]
    assert verdict.witnessed == 8


def test_a_witness_note_by_another_key_or_altered_is_found(house: House):
    other = NoteSigner("log.example/house", bytes(32)).sign(Checkpoint("log.example/house", 16, bytes(32)).text())
    with house.witness.open("a") as file:
        file.write(other + "\n")
    assert codes(house.verify()) == {"witness-foreign"}
    text = house.witness.read_text().removesuffix(other + "\n")
    house.witness.write_text(text.replace("\n16\n", "\n15\n"))
    assert codes(house.verify()) == {"witness-signature"}


def test_a_witness_that_is_empty_missing_or_of_another_log_proves_nothing(house: House, tmp_path: Path):
    house.witness.write_bytes(b"")
    assert codes(house.verify()) == {"witness-empty"}
    house.witness.unlink()
    assert codes(house.verify()) == {"witness-unreadable"}
    with sqlite3.connect(":memory:") as other:
        other.execute("SELECT 1")
    house.witness.write_text(
        NoteSigner("log.example/other", bytes(32)).sign(Checkpoint("log.example/other", 1, bytes(32)).text())
    )
    assert codes(house.verify()) == {"witness-foreign"}


def test_a_torn_last_note_is_a_problem_until_the_next_checkpoint(house: House):
    content = house.witness.read_bytes()
    for cut in (1, 2, 10, 60, 100, 140):
        house.witness.write_bytes(content[:-cut])
        torn = house.verify()
        house.checkpoint()
        healed = house.verify()
        assert healed.ok, (cut, healed.text())
        if cut > 2:
            assert codes(torn) == {"witness-incomplete"}, (cut, torn.text())
            assert [notice.code for notice in healed.notices] == ["witness-gap"]


def test_the_other_key_proves_nothing(house: House):
    verdict = verify_log(house.database, str(NoteSigner.generate("log.example/house").vkey), house.witness)
    assert not verdict.ok
    assert codes(verdict) == {"checkpoint-foreign", "witness-foreign", "head-signature"}


@pytest.mark.parametrize(
    "trust", ["", "nonsense", "a+b+c", "/does/not/exist", "x" * 5000, "a\x00b", "log+00000000+AAAA"]
)
def test_without_a_key_nothing_is_proven(trust: str, house: House):
    verdict = verify_log(house.database, trust, house.witness)
    assert codes(verdict) == {"trust"}


def test_the_key_may_come_as_a_file_or_as_several_lines(house: House, tmp_path: Path):
    file = tmp_path / "trust.vkey"
    file.write_text(str(NoteSigner.generate("log.example/older").vkey) + "\n" + house.trust + "\n")
    assert verify_log(house.database, str(file), house.witness).ok


def test_a_bit_flip_anywhere_is_found_or_harmless(house: House):
    """Harmless: in free space or in tables that are not the log's. What the entries say may not change unnoticed."""
    original = house.database.read_bytes()
    root = house.verify().root
    step = max(1, len(original) // 150)
    found = 0
    for number, at in enumerate(range(3, len(original), step)):
        flipped = bytearray(original)
        flipped[at] ^= 1 << (number % 8)
        house.database.write_bytes(flipped)
        verdict = house.verify()
        found += not verdict.ok
        assert not verdict.ok or verdict.root == root
    assert found > 20


def test_a_flip_in_the_write_ahead_log_is_found_or_loses_only_what_the_witness_knows(house: House, tmp_path: Path):
    with house.in_use():
        house.write(5)
        house.checkpoint()
        main, log = house.database.read_bytes(), Path(f"{house.database}-wal").read_bytes()
    root = house.verify().root
    for at in range(40, len(log), len(log) // 25):
        (tmp_path / "b.db").write_bytes(main)
        flipped = bytearray(log)
        flipped[at] ^= 0x10
        (tmp_path / "b.db-wal").write_bytes(flipped)
        verdict = verify_log(tmp_path / "b.db", house.trust, house.witness)
        assert not verdict.ok or verdict.root == root


HOSTILE = [
    ("UPDATE audit_event SET body = NULL WHERE seq = 10", 10),
    ("UPDATE audit_event SET body = 7 WHERE seq = 10", 10),
    ("UPDATE audit_event SET body = x'' WHERE seq = 10", 10),
    ("UPDATE audit_event SET body = x'ff00fe' WHERE seq = 10", 10),
    ("UPDATE audit_event SET body = zeroblob(10000000) WHERE seq = 10", 10),
    ("UPDATE audit_event SET body = CAST('[' AS BLOB) WHERE seq = 10", 10),
    ("UPDATE audit_event SET body = CAST('null' AS BLOB) WHERE seq = 10", 10),
    ("UPDATE audit_event SET body = CAST('{\"seq\":10}' AS BLOB) WHERE seq = 10", 10),
    ("UPDATE audit_event SET body = CAST(replace(body, '\"seq\":10', '\"seq\":true') AS BLOB) WHERE seq = 10", 10),
    ("UPDATE audit_event SET body = CAST(replace(body, '\"seq\":10', '\"seq\":10.0') AS BLOB) WHERE seq = 10", 10),
    ('UPDATE audit_event SET body = CAST(replace(body, \'"v":1\', \'"v":1,"v":1\') AS BLOB) WHERE seq = 10', 10),
    ("UPDATE audit_event SET body = CAST(replace(body, '\"actor\":{', '\"actor\": {') AS BLOB) WHERE seq = 10", 10),
    ("UPDATE audit_event SET body = CAST(replace(body, 'instances', 'inst\u00e4nces') AS BLOB)", 0),
    ("UPDATE audit_event SET hash = NULL WHERE seq = 10", 10),
    ("UPDATE audit_event SET hash = 'text' WHERE seq = 10", 10),
    ("UPDATE audit_event SET hash = CAST(hash AS TEXT) WHERE seq = 10", 10),
    ("UPDATE audit_event SET subtrees = NULL WHERE seq = 9", 9),
    ("UPDATE audit_event SET subtrees = 'x' WHERE seq = 9", 9),
    ("UPDATE audit_event SET seq = NULL WHERE seq = 10", 0),
    ("UPDATE audit_event SET seq = 'ten' WHERE seq = 10", 10),
    ("UPDATE audit_event SET seq = x'0a' WHERE seq = 10", 10),
    ("UPDATE audit_event SET seq = -10 WHERE seq = 10", 0),
    ("UPDATE audit_event SET seq = 9223372036854775807 WHERE seq = 23", 23),
    ("UPDATE audit_event SET seq = 10.5 WHERE seq = 10", 10),
    ("UPDATE audit_event SET at = CAST(x'fffe' AS TEXT) WHERE seq = 10", 10),
    ("UPDATE audit_event SET study = 5 WHERE seq = 11", 11),
    ("UPDATE audit_head SET size = -1", -1),
    ("UPDATE audit_head SET peaks = zeroblob(96)", -1),
    ("DROP TABLE audit_head", -1),
    ("DROP TABLE audit_checkpoint", -1),
    ("DROP TABLE audit_event", -1),
]


@pytest.mark.parametrize(("statement", "first_bad"), HOSTILE)
def test_wrong_types_and_sizes_are_problems_not_crashes(statement: str, first_bad: int, house: House, owner: Owner):
    with owner.at_work() as connection:
        owner.loosen(connection)
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)
    verdict = house.verify()
    assert codes(verdict) - {"guard"}
    if first_bad >= 0:
        assert verdict.first_bad == first_bad, verdict.text()


def test_deep_nesting_in_an_entry_is_a_problem_not_a_crash(house: House, owner: Owner):
    with owner.at_work() as connection:
        owner.loosen(connection)
        bomb = b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        connection.execute("UPDATE audit_event SET body = ? WHERE seq = 10", (bomb,))
    assert house.verify().first_bad == 10


@pytest.mark.parametrize(
    "content", [b"", b"x", b"SQLite format 3\x00", b"SQLite format 3\x00" + b"\xff" * 5000, b"\n\n", b"{}\n"]
)
def test_any_file_gets_a_verdict(content: bytes, house: House):
    house.database.write_bytes(content)
    assert not house.verify().ok


def test_a_folder_or_nothing_gets_a_verdict(house: House, tmp_path: Path):
    assert codes(verify_log(tmp_path, house.trust)) == {"unreadable"}
    assert codes(verify_log(tmp_path / "nothing", house.trust)) == {"unreadable"}
    assert codes(verify_log("a\x00b", house.trust)) == {"unreadable"}


ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.binary(max_size=99)
BODIES = st.builds(
    lambda entry: json.dumps(entry, sort_keys=True, separators=(",", ":")).encode(),
    st.fixed_dictionaries(
        {
            "v": st.just(1) | ANYTHING.filter(lambda value: not isinstance(value, bytes)),
            "seq": st.integers(0, 3),
            "prev": st.text(max_size=3),
            "at": st.just("2026-01-01T00:00:00.000000Z"),
            "kind": st.sampled_from(["log.restored", "x"]),
            "actor": st.fixed_dictionaries({"id": st.text(max_size=3)}),
            "data": st.dictionaries(
                st.sampled_from(["study", "release", "lost_size", "lost_root"]),
                st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2),
            ),
        }
    ),
)


@given(st.lists(st.tuples(ANYTHING | st.integers(0, 3), ANYTHING | BODIES, ANYTHING) | ANYTHING, max_size=6))
def test_no_rows_crash_the_verifier_or_are_proven(rows: list[Any]):
    assert not verify_log(rows, str(NoteSigner("log.example/house", bytes(32)).vkey)).ok


def test_a_link_to_the_database_is_read_with_the_write_ahead_log_of_the_file_itself(house: House, tmp_path: Path):
    """Else a link would show an auditor an older state than the workbench uses."""
    with house.in_use():
        house.write(5)
        house.checkpoint()
        link = tmp_path / "elsewhere.db"
        link.symlink_to(house.database)
        assert verify_log(link, house.trust, house.witness).entries == 29


def test_removing_a_guard_through_writable_schema_is_found(house: House):
    with closing(sqlite3.connect(house.database, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'audit_event_no_delete'")
    verdict = house.verify()
    assert codes(verdict) == {"guard"}
    assert "audit_event_no_delete" in verdict.text()


def test_the_verifier_knows_the_guards_as_they_are_made():
    made = {
        name: sha256(" ".join(text.split()).encode()).hexdigest()
        for name, text in (SQLITE_TABLES | SQLITE_TRIGGERS).items()
    }
    assert made == GUARDS
