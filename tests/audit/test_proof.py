"""Proofs that travel with a release, and what becomes of altered ones."""

import json
from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.house import House, Owner
from workbench.audit.checkpoint import Checkpoint
from workbench.audit.note import NoteSigner, VerifierKey
from workbench.audit.proof import check_proof, open_proof, prove, write_proof
from workbench.records.errors import IntegrityBroken


@pytest.fixture
def proof(house: House) -> str:
    note = house.checkpoint()
    with house.engine.connect() as connection:
        return prove(house.ledger, connection, seq=10, note=note)


def test_a_proof_stands_alone(proof: str, house: House):
    proven = open_proof(proof, VerifierKey.parse(house.trust))
    assert (proven.seq, proven.checkpoint.size) == (10, 24)
    assert proven.entry["data"]["release"] == "R-000010"
    assert check_proof(proof, proven.body, house.trust) == proven
    assert len(proof) < 2000


def test_the_text_is_that_of_the_specification(proof: str, house: House):
    lines = proof.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 10"
    empty = lines.index("")
    assert all(len(line) == 44 for line in lines[3:empty])
    assert lines[empty + 1 : empty + 3] == ["log.example/house", "24"]
    assert proof.endswith("=\n")


def test_every_entry_of_every_size_can_be_proven(house: House):
    with house.engine.connect() as connection:
        notes = [row[0] for row in connection.exec_driver_sql("SELECT note FROM audit_checkpoint ORDER BY size")]
        for size, note in zip((8, 16, 24), notes, strict=True):
            for seq in range(size):
                assert open_proof(prove(house.ledger, connection, seq=seq, note=note), house.signer.vkey).seq == seq
            with pytest.raises(IntegrityBroken) as uncovered:
                prove(house.ledger, connection, seq=size, note=note)
            assert uncovered.value.code == "proof-uncovered"


def test_a_proof_from_before_a_rollback_convicts_the_log(proof: str, house: House, owner: Owner):
    """Whoever keeps a proof is a witness."""
    proven = open_proof(proof, house.signer.vkey)
    with owner.at_work() as connection:
        entries = [json.loads(body) for (body,) in connection.execute("SELECT body FROM audit_event ORDER BY seq")]
        owner.rebuild(connection, [entry for entry in entries if entry["data"].get("release") != "R-000010"])
    with house.engine.connect() as connection:
        assert house.ledger.entry(connection, 10).body != proven.body
    house.witness.write_text(proof.split("\n\n", 1)[1] + "\n")
    assert not house.verify().ok


@pytest.mark.parametrize(
    ("name", "bend"),
    [
        ("other header", lambda text: text.replace("@v1", "@v2")),
        ("other index", lambda text: text.replace("index 10", "index 11")),
        ("leading zero", lambda text: text.replace("index 10", "index 010")),
        ("negative index", lambda text: text.replace("index 10", "index -10")),
        ("no index", lambda text: text.replace("index 10\n", "")),
        ("other entry", lambda text: text.replace("extra ey", "extra eX")),
        ("no entry", lambda text: "\n".join([text.split("\n")[0], *text.split("\n")[2:]])),
        ("carriage returns", lambda text: text.replace("\n", "\r\n")),
        ("cut in the middle", lambda text: text[: len(text) // 2]),
        ("hash left out", lambda text: "\n".join(text.split("\n")[:3] + text.split("\n")[4:])),
        ("hash doubled", lambda text: "\n".join(text.split("\n")[:4] + text.split("\n")[3:])),
        ("other root", lambda text: text.replace("\n24\n", "\n23\n")),
        ("no checkpoint", lambda text: text.split("\n\n")[0] + "\n\n"),
        ("empty", lambda text: ""),
        ("long", lambda text: text + "x" * 2_000_000),
    ],
)
def test_an_altered_proof_is_refused(name: str, bend, proof: str, house: House):
    with pytest.raises(IntegrityBroken):
        open_proof(bend(proof), house.signer.vkey)


def test_a_proof_under_another_key_or_for_another_entry_is_refused(proof: str, house: House):
    with pytest.raises(IntegrityBroken):
        open_proof(proof, NoteSigner("log.example/house", bytes(32)).vkey)
    body = open_proof(proof, house.signer.vkey).body
    with pytest.raises(IntegrityBroken):
        check_proof(proof, body.replace(b"R-000010", b"R-000011"), house.trust)


def test_an_entry_at_another_place_than_it_says_is_refused(house: House):
    """A signer who puts one entry in twice cannot let the second pass for the first."""
    body = b'{"seq":5}'
    leaf = b"\x00" + body
    note = house.signer.sign(Checkpoint("log.example/house", 1, sha256(leaf).digest()).text())
    with pytest.raises(IntegrityBroken) as refused:
        open_proof(write_proof(index=0, path=[], note=note, body=body), house.signer.vkey)
    assert refused.value.code == "proof-wrong"


def test_a_damaged_log_hands_out_no_proof(house: House, owner: Owner):
    note = house.checkpoint()
    with owner.at_work() as connection:
        owner.edit(connection, 11, fix_hash=True)
    with house.engine.connect() as connection, pytest.raises(IntegrityBroken) as refused:
        prove(house.ledger, connection, seq=10, note=note)
    assert refused.value.code == "proof-wrong"


@given(st.text(max_size=300))
def test_no_text_crashes_the_reader(text: str):
    key = NoteSigner("log.example/house", bytes(32)).vkey
    for candidate in (
        text,
        f"c2sp.org/tlog-proof@v1\n{text}",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{b64encode(b'x' * 32).decode()}\n\n{text}",
    ):
        with pytest.raises(IntegrityBroken):
            open_proof(candidate, key)
