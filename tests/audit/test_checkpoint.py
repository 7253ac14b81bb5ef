"""Checkpoints, the witness file, and what the workbench does when the log and the outside copy disagree."""

import json
import os
import shutil
from pathlib import Path

import pytest
import rfc8785

from tests.audit.house import ACCOUNT, SECOND, House, Owner, codes, some_event
from workbench.audit.checkpoint import Checkpoint, Checkpointer, create_witness, split_notes
from workbench.audit.events import LogRestored
from workbench.audit.ledger import Ledger
from workbench.audit.note import NoteSigner, VerifierKey, open_note
from workbench.records.errors import IntegrityBroken, NotPermitted, UsageError, WorkbenchError

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
TEXT = f"example.com/behind-the-sofa\n20852163\n{ROOT}\n"
"""The example of the specification."""


def test_the_example_of_the_specification_is_read_and_written_back():
    checkpoint = Checkpoint.parse(TEXT)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text() == TEXT
    assert Checkpoint.parse(TEXT + "more\n").extensions == ("more",)
    assert Checkpoint.parse(f"o\n0\n{ROOT}\n").size == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n1 \n{ROOT}\n",
        f"o\n\u0661\n{ROOT}\n",
        f"o\n1e3\n{ROOT}\n",
        f"o\n99999999999999999999\n{ROOT}\n",
        f"o\n\n{ROOT}\n",
        f"o\n1\n{ROOT[:-4]}\n",
        f"o\n1\n{ROOT}AAAA\n",
        f"o\n1\n{ROOT[:-2]}J=\n",
        "o\n1\nnot base64\n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\n\nmore\n",
    ],
)
def test_a_bent_checkpoint_is_refused(text: str):
    with pytest.raises(IntegrityBroken) as refused:
        Checkpoint.parse(text)
    assert refused.value.code == "checkpoint-malformed"


def test_a_checkpoint_of_another_log_is_refused_though_the_key_is_right():
    signer = NoteSigner("log.example/a", bytes(32))
    with pytest.raises(IntegrityBroken) as refused:
        Checkpoint.open(signer.sign(f"log.example/b\n1\n{ROOT}\n"), signer.vkey)
    assert refused.value.code == "checkpoint-foreign"


def test_what_is_signed_is_the_log(house: House):
    note = house.checkpoint()
    with house.engine.connect() as connection:
        head = house.ledger.head(connection)
    assert open_note(note, [VerifierKey.parse(house.trust)]) == Checkpoint("log.example/house", 24, head.root).text()


def test_signing_an_unchanged_log_gives_the_same_note(house: House):
    assert house.checkpoint() == house.checkpoint()
    assert house.verify().ok


def test_only_making_a_home_makes_a_witness(house: House, tmp_path: Path):
    with pytest.raises(UsageError) as exists:
        create_witness(house.witness)
    assert exists.value.code == "witness-exists"
    with pytest.raises(UsageError) as place:
        create_witness(tmp_path / "nowhere" / "witness.txt")
    assert place.value.code == "witness-place"
    note = house.checkpoint()
    house.witness.unlink()
    with pytest.raises(IntegrityBroken) as missing:
        house.checkpointer.publish(note)
    assert missing.value.code == "witness-missing"
    with pytest.raises(IntegrityBroken):
        house.checkpoint()
    assert not house.witness.exists()


def test_a_new_witness_is_for_its_owner_alone(tmp_path: Path):
    create_witness(tmp_path / "witness.txt")
    assert (tmp_path / "witness.txt").stat().st_mode & 0o777 == 0o600


def test_the_witness_only_grows(house: House):
    before = house.witness.read_bytes()
    house.write(2)
    house.checkpoint()
    assert house.witness.read_bytes().startswith(before)
    assert len(list(split_notes(house.witness.read_bytes()))) == 4


def test_a_note_of_another_log_is_not_published(house: House):
    foreign = NoteSigner("log.example/house", bytes(32)).sign(Checkpoint("log.example/house", 1, bytes(32)).text())
    with pytest.raises(IntegrityBroken):
        house.checkpointer.publish(foreign)


def test_a_witness_that_cannot_be_written_is_told(house: House, monkeypatch: pytest.MonkeyPatch):
    note = house.checkpoint()
    before = house.witness.read_bytes()
    monkeypatch.setattr("workbench.audit.checkpoint.os.fsync", refuse)
    with pytest.raises(WorkbenchError) as refused:
        house.checkpointer.publish(note)
    assert refused.value.code == "witness-not-written"
    assert str(house.witness) not in f"{refused.value}{refused.value.hint}"
    assert house.witness.read_bytes().startswith(before)


def refuse(_: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_short_write_does_not_swallow_the_next_note(house: House, monkeypatch: pytest.MonkeyPatch):
    real = os.write
    house.write(1)
    with house.transaction() as connection:
        note = house.checkpointer.sign(connection)
    monkeypatch.setattr(
        "workbench.audit.checkpoint.os.write", lambda descriptor, content: real(descriptor, content[:50])
    )
    with pytest.raises(WorkbenchError):
        house.checkpointer.publish(note)
    monkeypatch.undo()
    house.checkpointer.publish(note)
    assert house.verify().ok
    newest = house.checkpointer.newest()
    assert newest is not None
    assert newest.size == 25


def test_a_checkpoint_rolled_back_with_its_change_is_not_in_the_database(house: House):
    with pytest.raises(ZeroDivisionError), house.transaction() as connection:  # noqa: PT012 - the whole transaction
        house.ledger.append(connection, some_event(24), actor=ACCOUNT)
        house.checkpointer.sign(connection)
        raise ZeroDivisionError
    assert house.verify().ok
    assert house.verify().entries == 24


def rolled_back(house: House, tmp_path: Path) -> None:
    """The database of yesterday under the witness of today."""
    old = tmp_path / "old.db"
    shutil.copyfile(house.database, old)
    house.write(6)
    house.checkpoint()
    shutil.copyfile(old, house.database)


def test_a_log_that_was_rolled_back_is_not_signed_again(house: House, tmp_path: Path):
    rolled_back(house, tmp_path)
    before = house.witness.read_bytes()
    with pytest.raises(IntegrityBroken) as refused, house.transaction() as connection:  # noqa: PT012 - whole transaction
        house.ledger.append(connection, some_event(24), actor=ACCOUNT)
        house.checkpointer.sign(connection)
    assert refused.value.code == "log-forked"
    assert "acknowledge-restore" in refused.value.hint
    house.write(6)
    with pytest.raises(IntegrityBroken), house.transaction() as connection:
        house.checkpointer.sign(connection)
    assert house.witness.read_bytes() == before


def test_a_rebuilt_log_is_neither_signed_nor_written_to(house: House, owner: Owner):
    with owner.at_work() as connection:
        entries = [json.loads(body) for (body,) in connection.execute("SELECT body FROM audit_event ORDER BY seq")]
        entries[20]["data"]["instances"] = 1
        owner.rebuild(connection, entries)
        connection.execute("DELETE FROM audit_checkpoint")
    restarted = Checkpointer(Ledger(house.signer, house.clock), house.witness)
    for checkpointer in (house.checkpointer, restarted):
        with house.transaction() as connection, pytest.raises(IntegrityBroken) as unsigned:
            checkpointer.sign(connection)
        assert unsigned.value.code == "log-broken"
        with pytest.raises(IntegrityBroken) as unwritten, house.transaction() as connection:
            checkpointer.ledger.append(connection, some_event(24), actor=ACCOUNT)
        assert unwritten.value.code == "log-broken"


def test_a_log_emptied_and_begun_anew_is_not_signed(house: House, owner: Owner):
    with owner.at_work() as connection:
        owner.rebuild(connection, [])
        connection.execute("UPDATE audit_head SET note = ''")
        connection.execute("DELETE FROM audit_checkpoint")
    house.write(30)
    with house.transaction() as connection, pytest.raises(IntegrityBroken) as refused:
        house.checkpointer.sign(connection)
    assert refused.value.code == "log-forked"


@pytest.mark.parametrize("left", [b"", b"\n\n", b"emptied by somebody\n"])
def test_without_a_valid_outside_note_nothing_is_signed(left: bytes, house: House):
    house.witness.write_bytes(left)
    with pytest.raises(IntegrityBroken) as refused, house.transaction() as connection:
        house.checkpointer.sign(connection)
    assert refused.value.code == "witness-damaged"


def test_a_first_note_that_never_got_outside_does_not_block_the_second(tmp_path: Path):
    house = House(tmp_path).build(0)
    house.write(2)
    with house.transaction() as connection:
        house.checkpointer.sign(connection)  # the machine stopped before it could be published
    house.write(2)
    house.checkpoint()
    assert house.verify().ok


def test_an_emptied_witness_does_not_let_a_long_log_be_begun_anew(house: House, owner: Owner):
    house.write(100)
    with owner.at_work() as connection:
        connection.execute("DELETE FROM audit_checkpoint")
    house.witness.write_bytes(b"")
    with house.transaction() as connection, pytest.raises(IntegrityBroken) as refused:
        house.checkpointer.sign(connection)
    assert refused.value.code == "witness-damaged"


def test_a_legitimate_restore_is_vouched_for_by_two_and_stays_visible(house: House, tmp_path: Path):
    rolled_back(house, tmp_path)
    assert codes(house.verify()) == {"truncated"}
    with house.transaction() as connection:
        note = house.checkpointer.acknowledge_restore(connection, actor=ACCOUNT, second=SECOND)
    house.checkpointer.publish(note)
    verdict = house.verify()
    assert verdict.ok, verdict.text()
    assert [(notice.code, notice.seq) for notice in verdict.notices] == [("restored", 24)]
    with house.engine.connect() as connection:
        entry = house.ledger.entry(connection, 24)
    assert (entry.kind, entry.actor) == ("log.restored", ACCOUNT)
    assert (entry.data["size"], entry.data["lost_size"], entry.data["second"]) == (24, 30, SECOND)
    house.write(9)
    house.checkpoint()
    assert house.verify().ok


def test_a_restore_needs_two_and_something_to_vouch_for(house: House, tmp_path: Path):
    with house.transaction() as connection, pytest.raises(UsageError) as nothing:
        house.checkpointer.acknowledge_restore(connection, actor=ACCOUNT, second=SECOND)
    assert nothing.value.code == "nothing-to-acknowledge"
    rolled_back(house, tmp_path)
    with house.transaction() as connection, pytest.raises(NotPermitted) as alone:
        house.checkpointer.acknowledge_restore(connection, actor=ACCOUNT, second=ACCOUNT)
    assert alone.value.code == "second-person"


def test_a_restore_entry_forged_by_the_owner_of_the_database_explains_nothing(house: House, owner: Owner):
    """The entry alone is a row like others; only the signature over it outside makes it an acknowledgement."""
    newest = house.checkpointer.newest()
    assert newest is not None
    with owner.at_work() as connection:
        entries = [json.loads(body) for (body,) in connection.execute("SELECT body FROM audit_event ORDER BY seq")]
        forged = LogRestored(size=10, root="00" * 32, lost_size=newest.size, lost_root=newest.root.hex(), second=SECOND)
        entries[20] |= {"kind": "log.restored", "data": forged.data()}
        owner.rebuild(connection, entries)
        connection.execute("DELETE FROM audit_checkpoint WHERE size > 8")
    verdict = house.verify()
    assert not verdict.ok
    assert "root" in codes(verdict)


def test_an_acknowledgement_explains_only_the_notes_before_it(house: House, tmp_path: Path):
    rolled_back(house, tmp_path)
    with house.transaction() as connection:
        note = house.checkpointer.acknowledge_restore(connection, actor=ACCOUNT, second=SECOND)
    house.checkpointer.publish(note)
    house.write(8)
    house.checkpoint()
    owner = Owner(house.database)
    with owner.at_work() as connection:
        entries = [json.loads(body) for (body,) in connection.execute("SELECT body FROM audit_event ORDER BY seq")]
        entries[28]["data"]["instances"] = 1
        owner.rebuild(connection, entries)
    verdict = house.verify()
    assert codes(verdict) == {"root"}
    assert verdict.first_bad == 25


def test_two_processes_may_publish_in_the_other_order(house: House):
    house.write(1)
    with house.transaction() as connection:
        first = house.checkpointer.sign(connection)
    house.write(1)
    other = Checkpointer(house.ledger, house.witness)
    with house.transaction() as connection:
        second = other.sign(connection)
    other.publish(second)
    house.checkpointer.publish(first)
    assert house.verify().ok
    house.write(1)
    house.checkpoint()
    assert house.verify().ok


def test_entries_are_canonical_as_rfc_8785_has_it(house: House):
    with house.engine.connect() as connection:
        for entry in house.ledger.entries(connection):
            assert rfc8785.dumps(json.loads(entry.body)) == entry.body
