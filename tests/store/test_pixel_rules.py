"""Rules of a site for burned-in text: proposed by one person, approved by another, learned from approved versions."""

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from tests.store.chain import Person, decide, do, look, make_preparation, receive
from tests.store.conftest import House
from workbench.records.errors import StorageFailed, UsageError, WrongState
from workbench.store.pixel_rules import NewRule
from workbench.store.rule_tables import RuleState, device_sighting, pixel_rule

PLAIN = {
    "name": "CANARYRULE",
    "source": "site",
    "when": {"test": "present", "tag": "00080070"},
    "areas": [[0, 0, 9, 9]],
}
NEW = NewRule("d" * 64, PLAIN)
SIGHTING = {"device": ["US", "CANARYMAKER", "X", "1", "9", "9", ""], "images": 3, "areas": [[0, 0, 9, 9]]}


def propose(house: House, new: NewRule = NEW):
    return do(house, lambda tx: tx.pixel_rules.propose(new, by=house.technician.id, at=house.clock()))


def approve(house: House, rule, *, by=None, solo=False):
    to = RuleState.APPROVED
    by = by or house.officer.id
    do(house, lambda tx: tx.pixel_rules.decide(rule.id, to, by=by, at=house.clock(), entry=7, solo=solo))
    return look(house, lambda tx: tx.pixel_rules.get(rule.id))


def test_a_rule_is_proposed_approved_and_withdrawn(house: House):
    rule = propose(house)
    assert (rule.id, rule.state, rule.new) == ("RL-000001", RuleState.PROPOSED, NEW)
    assert look(house, lambda tx: tx.pixel_rules.all(RuleState.APPROVED)) == ()
    done = approve(house, rule)
    assert (done.state, done.decided_by, done.entry) == (RuleState.APPROVED, house.officer.id, 7)
    assert look(house, lambda tx: tx.pixel_rules.all(RuleState.APPROVED)) == (done,)
    do(house, lambda tx: tx.pixel_rules.withdraw(rule.id, by=house.officer.id, at=house.clock()))
    gone = look(house, lambda tx: tx.pixel_rules.get(rule.id))
    assert (gone.state, gone.withdrawn_by) == (RuleState.WITHDRAWN, house.officer.id)


def test_the_second_person_rule_is_in_the_database(house: House):
    rule = propose(house)
    with pytest.raises(StorageFailed):
        approve(house, rule, by=house.technician.id)
    assert look(house, lambda tx: tx.pixel_rules.get(rule.id)).state is RuleState.PROPOSED
    assert approve(house, rule, by=house.technician.id, solo=True).solo


def test_a_rule_is_decided_once(house: House):
    rule = propose(house)
    with pytest.raises(WrongState):
        do(house, lambda tx: tx.pixel_rules.withdraw(rule.id, by=house.officer.id, at=house.clock()))
    approve(house, rule)
    with pytest.raises(WrongState):
        approve(house, rule)
    with pytest.raises(UsageError) as unknown:
        look(house, lambda tx: tx.pixel_rules.get("RL-000009"))
    assert unknown.value.code == "rule-unknown"


def test_the_same_rule_waits_once_and_may_come_back(house: House):
    rule = propose(house)
    with pytest.raises(WrongState) as known:
        propose(house)
    assert known.value.code == "rule-known"
    no = RuleState.REJECTED
    do(house, lambda tx: tx.pixel_rules.decide(rule.id, no, by=house.officer.id, at=house.clock(), entry=7))
    assert propose(house).id == "RL-000002"


def test_sightings_of_the_newest_approved_version_of_a_study_are_found(house: House):
    one, two = receive(house), receive(house, Person(study_uid="2.25.1", sop_uid="2.25.2", patient_id="X"))
    first, other = make_preparation(house, one), make_preparation(house, two, code="P-2")
    do(house, lambda tx: tx.pixel_rules.keep_sightings(first.id, [SIGHTING, SIGHTING]))
    do(house, lambda tx: tx.pixel_rules.keep_sightings(other.id, [SIGHTING]))
    assert look(house, lambda tx: tx.pixel_rules.approved_sightings()) == {}
    decide(house, first)
    assert look(house, lambda tx: tx.pixel_rules.approved_sightings()) == {one.id: (SIGHTING, SIGHTING)}
    decide(house, other)
    assert set(look(house, lambda tx: tx.pixel_rules.approved_sightings())) == {one.id, two.id}


def test_rules_and_devices_lie_sealed(house: House):
    made = make_preparation(house, receive(house))
    propose(house)
    do(house, lambda tx: tx.pixel_rules.keep_sightings(made.id, [SIGHTING]))
    stored = b"".join(path.read_bytes() for path in house.root.rglob("*") if path.is_file())
    assert b"CANARYRULE" not in stored
    assert b"CANARYMAKER" not in stored


@pytest.mark.parametrize("table", [pixel_rule, device_sighting])
def test_the_tables_can_be_made_in_postgresql(table):
    assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))
