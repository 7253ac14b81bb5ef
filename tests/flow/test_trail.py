"""The log for those who watch: whole, in words, and every look at it is in it."""

import json
import shutil
import sqlite3
import subprocess
import sys

import pytest

from tests.flow.conftest import FAST
from workbench.audit.events import KINDS
from workbench.audit.ledger import Filter
from workbench.flow import reviewing, trail
from workbench.flow.home import open_home
from workbench.flow.story import SENTENCES, say
from workbench.records.errors import NotPermitted, UsageError
from workbench.vault.keys import create_keys


def test_every_kind_of_entry_has_a_sentence():
    assert set(SENTENCES) == set(KINDS)


def test_a_broken_log_is_not_told_like_an_intact_one():
    assert say("log.verified", {"ok": True, "size": 9}) == "The log was verified: 9 entries."
    assert "BROKEN" in say("log.verified", {"ok": False, "size": 9})


def test_one_is_not_many():
    assert say("log.read", {"entries": 1}) == "Entries of the log were read: 1."
    assert say("log.read", {"entries": 11}) == "Entries of the log were read: 11."
    assert say("study.received", {"series": 1, "instances": 1}) == "The study arrived: 1 series, 1 instance."


def test_every_sentence_can_be_said_of_every_entry(prepared):
    with prepared.workbench.database.reading() as reading:
        said = [say(entry.kind, entry.data) for entry in reading.ledger.entries()]
    assert all(sentence.endswith(".") and "{" not in sentence for sentence in said)


def test_entries_come_newest_first_with_names_and_words(prepared):
    page = trail.entries(prepared.workbench, prepared["vera"], study="wb-000001", limit=3)
    assert [row.seq for row in page.rows] == sorted((row.seq for row in page.rows), reverse=True)
    assert page.rows[0].kind == "study.prepared"
    assert page.rows[0].actor == "anna"
    assert page.total >= len(page.rows)
    assert prepared.events()[-1] == "log.read"
    kinds = {row.kind for row in trail.entries(prepared.workbench, prepared["vera"], kind="session").rows}
    assert kinds <= {"session.opened", "session.closed", "session.refused"}


def test_unknown_kinds_and_people_without_the_right_are_refused(prepared):
    with pytest.raises(UsageError):
        trail.entries(prepared.workbench, prepared["vera"], kind="gossip")
    for who in ("anna", "rita", "root"):
        with pytest.raises(NotPermitted):
            trail.entries(prepared.workbench, prepared[who])


def test_verifying_is_on_record_with_its_outcome(prepared):
    verdict = trail.verify(prepared.workbench, prepared["vera"])
    assert verdict.ok
    assert verdict.witnessed > 0
    assert prepared.events()[-1] == "log.verified"


def test_what_is_written_after_a_verification_stays_when_another_program_was_there(prepared):
    """A server verifies, a command opens and closes the home, the server goes on: nothing of that may be lost."""
    workbench, home = prepared.workbench, prepared.workbench.home
    trail.verify(workbench, prepared["vera"])
    database = str(home / "workbench.sqlite")
    program = (
        "import sqlite3, sys; there = sqlite3.connect(sys.argv[1]); "
        "print(there.execute('SELECT count(*) FROM audit_event').fetchone()[0]); there.close()"
    )
    subprocess.run([sys.executable, "-c", program, database], check=True)
    trail.verify(workbench, prepared["vera"])
    with workbench.database.reading() as reading:
        here = reading.ledger.count(Filter())
    seen = subprocess.run([sys.executable, "-c", program, database], check=True, capture_output=True, text=True)
    assert int(seen.stdout) == here


def test_a_tampered_log_is_named_through_the_button_too(prepared):
    prepared.workbench.close()
    with sqlite3.connect(prepared.made.home / "workbench.sqlite") as database:
        database.execute("DROP TRIGGER audit_event_no_update")
        (body,) = database.execute("SELECT body FROM audit_event WHERE seq = 3").fetchone()
        database.execute("UPDATE audit_event SET body = ? WHERE seq = 3", (body.replace(b'"at":"2026', b'"at":"2025'),))
    with open_home(prepared.made.home, clock=prepared.clock, passwords=FAST) as workbench:
        verdict = trail.verify(workbench, prepared["vera"])
    assert not verdict.ok
    assert verdict.first_bad == 3


def test_an_auditor_can_check_the_export_at_home(prepared, tmp_path):
    target = tmp_path / "log"
    written = trail.export(prepared.workbench, prepared["vera"], target=target)
    lines = (target / "log.jsonl").read_bytes().splitlines()
    assert len(lines) == written
    assert json.loads(lines[0])["kind"] == "home.init"
    check = [sys.executable, target / "verifier.py", target / "log.jsonl"]
    given = ["--trust", str(prepared.made.trust), "--witness", target / "checkpoints.txt"]
    assert subprocess.run([*check, *given], check=False, cwd=tmp_path).returncode == 0
    (target / "log.jsonl").write_bytes(b"\n".join(lines[:-1]) + b"\n")
    assert subprocess.run([*check, *given], check=False, cwd=tmp_path).returncode == 3
    with pytest.raises(UsageError) as refused:
        trail.export(prepared.workbench, prepared["vera"], target=target)
    assert refused.value.code == "export-exists"


def test_a_failed_export_leaves_nothing(prepared, tmp_path, monkeypatch):
    monkeypatch.setattr(trail, "changing", lambda _workbench: (_ for _ in ()).throw(KeyError))
    with pytest.raises((KeyError, TypeError, AttributeError)):
        trail.export(prepared.workbench, prepared["vera"], target=tmp_path / "log.jsonl")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("log.jsonl")] == []


@pytest.mark.parametrize("trust", ["nowhere.vkey", "x"])
def test_a_key_that_cannot_be_read_is_named(prepared, trust):
    with pytest.raises(UsageError):
        trail.verify_home(prepared.made.home, trust=trust)


def test_another_key_proves_nothing(prepared, tmp_path):
    create_keys(tmp_path / "other-keys")
    verdict = trail.verify_home(prepared.made.home, trust=str(tmp_path / "other-keys" / "trust.vkey"))
    assert not verdict.ok


def test_a_restore_is_acknowledged_by_two_people_and_then_the_log_goes_on(prepared, tmp_path):
    home = prepared.made.home
    prepared.workbench.close()
    shutil.copy(home / "workbench.sqlite", tmp_path / "older.sqlite")
    with open_home(home, clock=prepared.clock, passwords=FAST) as workbench:
        reviewing.submit(workbench, prepared["anna"], study="WB-000001")
    for left in home.glob("workbench.sqlite*"):
        left.unlink()
    shutil.copy(tmp_path / "older.sqlite", home / "workbench.sqlite")
    with open_home(home, clock=prepared.clock, passwords=FAST) as workbench:
        with pytest.raises(NotPermitted):
            trail.acknowledge_restore(workbench, prepared["olga"], second=prepared["olga"], reason="disk failed")
        with pytest.raises(NotPermitted):
            trail.acknowledge_restore(workbench, prepared["olga"], second=prepared["anna"], reason="disk failed")
        trail.acknowledge_restore(workbench, prepared["olga"], second=prepared["root"], reason="CANARY disk failed")
        with workbench.database.reading() as reading:
            (entry,) = [entry for entry in reading.ledger.entries() if entry.kind == "log.restored"]
        assert entry.data["reason_commitment"]
        assert b"CANARY" not in entry.body
        assert trail.reason_of(workbench, prepared["vera"], seq=entry.seq) == "CANARY disk failed"
        with pytest.raises(NotPermitted):
            trail.reason_of(workbench, prepared["anna"], seq=entry.seq)
        reviewing.submit(workbench, prepared["anna"], study="WB-000001")
    verdict = trail.verify_home(home, trust=str(prepared.made.trust), witness=prepared.made.witness)
    assert verdict.ok, verdict.problems
    assert verdict.notices
