"""Nothing that was not approved by a second person, and recorded in the trusted log, is packed or opened."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.release.forgery import forge
from tests.release.house import House, Log, capsule_study
from workbench.audit.note import NoteSigner
from workbench.records.errors import IntegrityBroken, UsageError


def refused_to_open(house: House) -> IntegrityBroken:
    with pytest.raises(IntegrityBroken) as error:
        house.open()
    assert house.leftovers() == []
    return error.value


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kind": "study.returned"}, "about something else"),
        ({"root": "00" * 32}, "about something else"),
        ({"preparation": "PR-999999"}, "about something else"),
        ({"profile_digest": "00" * 32}, "about something else"),
        ({"actor": "ab" * 8}, "no second person"),
        ({"actor": "aa" * 8}, "no second person"),
    ],
)
def test_an_entry_that_approves_something_else_packs_nothing(house: House, changes: dict[str, Any], why: str) -> None:
    house.log = Log(house.signer)
    house.log.approve(house.studies[0], **changes)
    with pytest.raises(IntegrityBroken, match=why) as error:
        house.build()
    assert error.value.code == "approval-not-proven"
    assert house.leftovers() == []
    assert not house.package.exists()


def test_a_proof_for_another_entry_is_refused(house: House) -> None:
    seq = house.studies[0].approvals[0].seq
    with pytest.raises(IntegrityBroken, match="about something else"):
        house.build(proofs={seq: house.log.proof(seq - 1)})
    house.build()
    forge(house, lambda manifest: None, files={"proof-0001.tlog-proof": house.log.proof(seq - 1).encode()})
    assert refused_to_open(house).code == "approval-not-proven"


def test_a_proof_from_another_log_is_refused(house: House) -> None:
    other = Log(NoteSigner("hospital.example/log", bytes([8]) * 32))
    other.approve(house.studies[0])
    seq = house.studies[0].approvals[0].seq
    with pytest.raises(IntegrityBroken, match="proof does not hold"):
        house.build(proofs={seq: other.proof(seq)})
    house.build()
    forge(house, lambda manifest: None, files={"proof-0001.tlog-proof": other.proof(seq).encode()})
    assert refused_to_open(house).code == "approval-not-proven"


@pytest.mark.parametrize("proof", [b"", b"nonsense", b"\xff\xfe\n\n", b"c2sp.org/tlog-proof@v1\nindex 1\n\nx\n"])
def test_what_is_no_proof_is_refused(house: House, proof: bytes) -> None:
    house.build()
    forge(house, lambda manifest: None, files={"proof-0001.tlog-proof": proof})
    assert refused_to_open(house).code == "approval-not-proven"


@pytest.mark.parametrize(
    "change",
    [
        {"approved_at": "2020-01-01T00:00:00.000000Z"},
        {"single_person": True},
        {"seq": 1},
        {"submitted_by": "Olga Officer"},
    ],
)
def test_a_manifest_that_tells_another_story_than_the_log_is_refused(house: House, change: dict[str, Any]) -> None:
    house.build()
    forge(house, lambda manifest: manifest["studies"][0]["approvals"][0].update(change))
    assert refused_to_open(house).code == "approval-not-proven"


def test_instances_that_were_not_in_the_approved_root_are_refused(house: House) -> None:
    with pytest.raises(IntegrityBroken, match="not those that were approved"):
        house.build(instances=house.instances[:1])
    extra = capsule_study("WB-000001", house.instances[:1], seq=3)
    with pytest.raises(IntegrityBroken, match="not those that were approved"):
        house.build(manifest=house.facts(studies=(replace(house.studies[0], root=extra.root),)))
    assert house.leftovers() == []


def _drop_instance(manifest: dict[str, Any]) -> None:
    dropped = manifest["studies"][0]["instances"].pop()
    manifest["counts"]["instances"] -= 1
    manifest["counts"]["bytes"] -= dropped["size"]


def _other_digest(manifest: dict[str, Any]) -> None:
    manifest["studies"][0]["instances"][0]["sha256"] = "00" * 32


def _invented_leaf(manifest: dict[str, Any]) -> None:
    manifest["studies"][0]["preparation"]["withheld"].append("00" * 32)


@pytest.mark.parametrize("change", [_drop_instance, _other_digest, _invented_leaf])
def test_even_the_trusted_key_cannot_pass_off_other_instances_as_approved(
    house: House, change: Callable[[dict[str, Any]], None]
) -> None:
    house.build()
    forge(house, change)
    error = refused_to_open(house)
    assert error.code == "approval-not-proven"
    assert "not those that were approved" in error.message


def test_a_study_without_approval_cannot_even_be_described(house: House) -> None:
    with pytest.raises(UsageError) as error:
        replace(house.studies[0], approvals=())
    assert error.value.code == "release-not-approved"


def test_a_missing_proof_is_named_before_anything_is_written(house: House) -> None:
    with pytest.raises(UsageError) as error:
        house.build(proofs={})
    assert error.value.code == "release-proof-missing"
    assert house.leftovers() == []
