from dataclasses import replace

import pytest

from tests.store.chain import FINDING, decide, do, look, make_preparation, receive
from tests.store.conftest import House
from workbench.records.errors import IntegrityBroken, StorageFailed, UsageError, WrongState
from workbench.records.states import StudyState
from workbench.store.preparation_records import FindingGroup, Outcome
from workbench.store.tables import PreparationState


@pytest.fixture
def prepared(house: House):
    return make_preparation(house, receive(house))


def submit(house: House, preparation):
    return do(house, lambda tx: tx.preparations.submit(preparation.id, by=house.technician.id, at=house.clock()))


def approve(house: House, preparation, *, by: str, holds=("pixels-not-checked",), solo: bool = False):
    return do(
        house,
        lambda tx: tx.preparations.approve(preparation.id, by=by, at=house.clock(), accepted_holds=holds, solo=solo),
    )


def test_a_preparation_counts_what_it_holds_and_the_study_shows_it(house: House, prepared):
    assert (prepared.id, prepared.number, prepared.state) == ("PR-000001", 1, PreparationState.PREPARED)
    assert (prepared.instance_count, prepared.output_count, prepared.held_count, prepared.refused_count) == (3, 3, 1, 0)
    assert (prepared.finding_count, prepared.change_count) == (1, 6)
    study = look(house, lambda tx: tx.studies.get(prepared.study))
    assert (study.preparation, study.patient_code, study.profile) == (prepared.id, "P-7F3A", "basic")
    assert (study.held_count, study.finding_count) == (1, 1)


def test_its_content_comes_back(house: House, prepared):
    rows = look(house, lambda tx: tx.preparations.instances(prepared.id))
    inputs = look(house, lambda tx: tx.studies.instances(prepared.study))
    assert [row.instance for row in rows] == [found.id for found in inputs]
    assert [row.outcome for row in rows] == [Outcome.HELD, Outcome.READY, Outcome.READY]
    assert rows[0].holds == ("pixels-not-checked",)
    assert all(house.objects.exists(row.object) for row in rows)
    series = look(house, lambda tx: tx.preparations.change_counts(prepared.id))
    assert list(series.values()) == [6]
    assert look(house, lambda tx: tx.preparations.changes(prepared.id, next(iter(series)))) == b"CANARYBLOB"
    assert look(house, lambda tx: tx.preparations.facts(prepared.id)) == {"seen": "CANARYFACT"}


def test_findings_are_paged_and_grouped(house: House, prepared):
    (row,) = look(house, lambda tx: tx.preparations.findings(prepared.id))
    assert row.finding == FINDING
    assert row.instance == look(house, lambda tx: tx.studies.instances(prepared.study))[0].id
    assert look(house, lambda tx: tx.preparations.findings(prepared.id, offset=1)) == ()
    groups = look(house, lambda tx: tx.preparations.finding_groups(prepared.id))
    assert groups == (FindingGroup(FINDING.check, FINDING.rule, FINDING.message, 1),)


def test_the_changes_of_one_series_do_not_open_as_those_of_another(house: House):
    prepared = make_preparation(house, receive(house, series=2))
    one, two = look(house, lambda tx: tx.preparations.change_counts(prepared.id))
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE change_blob SET sealed = (SELECT sealed FROM change_blob WHERE series = ?) WHERE series = ?",
            (two, one),
        )
    with pytest.raises(IntegrityBroken):
        look(house, lambda tx: tx.preparations.changes(prepared.id, one))


def test_a_successor_supersedes_what_was_not_decided(house: House, prepared):
    study = look(house, lambda tx: tx.studies.get(prepared.study))
    second = make_preparation(house, study, code="P-0002")
    assert (second.number, second.id) == (2, "PR-000002")
    assert look(house, lambda tx: tx.preparations.get(prepared.id)).state is PreparationState.SUPERSEDED
    assert look(house, lambda tx: tx.preparations.current(study.id)) == second
    assert look(house, lambda tx: tx.studies.search(text="P-7F3A")).total == 1


def test_an_approved_one_stays_approved_beside_its_successor(house: House, prepared):
    decide(house, prepared)
    make_preparation(house, look(house, lambda tx: tx.studies.get(prepared.study)))
    assert look(house, lambda tx: tx.preparations.get(prepared.id)).state is PreparationState.APPROVED


def test_who_decided_what_is_kept(house: House, prepared):
    approved = decide(house, prepared, note="looked at every image")
    assert (approved.submitted_by, approved.approved_by) == (house.technician.id, house.officer.id)
    assert approved.involved == {house.technician.id}
    (hold,) = look(house, lambda tx: tx.preparations.holds(prepared.id))
    assert (hold.code, hold.instances, hold.accepted_by) == ("pixels-not-checked", 1, house.officer.id)
    (decision,) = look(house, lambda tx: tx.preparations.decisions(prepared.study))
    assert (decision.step, decision.by, decision.reason) == ("approve", house.officer.id, "looked at every image")
    assert decision.accepted_holds == ("pixels-not-checked",)
    assert look(house, lambda tx: tx.studies.get(prepared.study)).state is StudyState.APPROVED


def test_only_holds_that_were_named_are_accepted(house: House, prepared):
    submit(house, prepared)
    with pytest.raises(UsageError) as caught:
        approve(house, prepared, by=house.officer.id, holds=("pixels-not-checked", "other"))
    assert caught.value.code == "hold-unknown"
    assert look(house, lambda tx: tx.preparations.get(prepared.id)).state is PreparationState.SUBMITTED
    approve(house, prepared, by=house.officer.id, holds=())
    assert [hold.accepted_by for hold in look(house, lambda tx: tx.preparations.holds(prepared.id))] == [None]


def test_the_database_itself_refuses_an_approver_who_made_or_submitted_it(house: House, prepared):
    submit(house, prepared)
    with pytest.raises(StorageFailed) as caught:
        approve(house, prepared, by=house.technician.id)
    assert caught.value.code == "database-refused"
    assert look(house, lambda tx: tx.preparations.get(prepared.id)).approved_by is None


def test_solo_approval_is_possible_only_when_said_and_stays_visible(house: House, prepared):
    submit(house, prepared)
    assert approve(house, prepared, by=house.technician.id, solo=True).solo


@pytest.mark.parametrize("statement", ["state = 'approved'", "state = 'anything'", "approved_by = made_by"])
def test_going_around_the_repositories_does_not_approve(house: House, prepared, statement: str):
    with pytest.raises(StorageFailed), house.database.transaction() as tx:
        tx.connection.exec_driver_sql(f"UPDATE preparation SET {statement}")  # noqa: S608 - the test's own text


@pytest.mark.parametrize("step", ["submit", "approve", "send_back", "withdraw"])
def test_steps_out_of_order_are_refused(house: House, prepared, step: str):
    at, people = house.clock(), {"by": house.officer.id}
    steps = {
        "submit": lambda tx: tx.preparations.submit(prepared.id, at=at, **people),
        "approve": lambda tx: tx.preparations.approve(
            prepared.id, at=at, accepted_holds=("pixels-not-checked",), **people
        ),
        "send_back": lambda tx: tx.preparations.send_back(prepared.id),
        "withdraw": lambda tx: tx.preparations.withdraw(prepared.id),
    }
    before = {"submit": [], "approve": ["submit"], "send_back": ["submit"], "withdraw": ["submit", "approve"]}[step]
    if before:
        with pytest.raises(WrongState) as caught:
            do(house, steps[step])
        assert caught.value.code == "preparation-changed"
    submit(house, prepared) if before else None
    if "approve" in before:
        approve(house, prepared, by=house.officer.id)
    do(house, steps[step])
    with pytest.raises(WrongState):
        do(house, steps[step])


def test_a_ready_instance_without_output_cannot_be_written(house: House, prepared):
    with pytest.raises(StorageFailed), house.database.transaction() as tx:
        tx.connection.exec_driver_sql("UPDATE prepared_instance SET object = NULL")
    assert replace(prepared) == look(house, lambda tx: tx.preparations.get(prepared.id))


def test_unknown_preparations_and_changes_are_named_as_such(house: House, prepared):
    for step, code in (
        (lambda tx: tx.preparations.get("PR-999999"), "preparation-unknown"),
        (lambda tx: tx.preparations.facts("PR-999999"), "preparation-unknown"),
        (lambda tx: tx.preparations.changes(prepared.id, "x"), "changes-unknown"),
    ):
        with pytest.raises(UsageError) as caught:
            look(house, step)
        assert caught.value.code == code
