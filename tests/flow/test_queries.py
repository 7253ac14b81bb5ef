"""What front ends see of a study: concealed values, honest decisions, and entries for those who looked."""

import pytest

from workbench.flow import queries, reviewing
from workbench.flow.shown import CONCEALED
from workbench.records.errors import NotPermitted, UsageError, WorkbenchError
from workbench.records.states import StudyState

PLANTED = ("4711-08-15", "Doe", "Jane", "Nowhere", "Grau", "19610704", "A1234567")


@pytest.fixture
def house(prepared):
    return prepared


@pytest.fixture
def study():
    return "WB-000001"


def test_the_queue_counts_all_states_and_finds_by_number_modality_and_exact_patient_id(house, study):
    workbench, olga = house.workbench, house["olga"]
    page = queries.list_studies(workbench, olga)
    assert [row.study for row in page.rows] == [study]
    assert page.counts[StudyState.PREPARED] == 1
    assert set(page.counts) == set(StudyState)
    assert (page.rows[0].modalities, page.rows[0].instances, page.rows[0].version) == (("CT",), 3, 1)
    for found in (study, "ct", "4711-08-15", "basic"):
        assert queries.list_studies(workbench, olga, search=found).total == 1, found
    for lost in ("4711", "Doe", "Jane"):
        assert queries.list_studies(workbench, olga, search=lost).total == 0, lost
    assert queries.list_studies(workbench, olga, state=StudyState.APPROVED).rows == ()


def test_no_answer_of_the_queries_bears_identity(house, study):
    view = queries.study_view(house.workbench, house["olga"], study=study)
    page = queries.changes(house.workbench, house["olga"], study=study)
    told = f"{view} {page} {queries.quarantine_list(house.workbench, house['olga'])}"
    assert [needle for needle in PLANTED if needle in told] == []


def test_changes_show_what_was_done_and_conceal_what_was_there(house, study):
    page = queries.changes(house.workbench, house["olga"], study=study, search="PatientName")
    assert page.total == 1
    row = page.rows[0]
    assert (row.keyword, row.before, row.instances, row.of) == ("PatientName", CONCEALED, 3, 3)
    assert "(0010,0010)" in queries.explain_rule(row.rule) or "profile" in queries.explain_rule(row.rule)
    everything = queries.changes(house.workbench, house["olga"], study=study, limit=5)
    assert len(everything.rows) == 5
    assert everything.total > 5
    letters = {row.action for row in queries.changes(house.workbench, house["olga"], study=study, limit=9999).rows}
    removed = queries.changes(house.workbench, house["olga"], study=study, action="X")
    assert letters > {"X"}
    assert {row.action for row in removed.rows} == {"X"}


def test_a_revealed_value_is_the_value_and_stands_in_the_log_without_it(house, study):
    row = queries.changes(house.workbench, house["olga"], study=study, search="PatientName").rows[0]
    shown = queries.reveal_value(
        house.workbench, house["olga"], study=study, change=row.change, purpose="check-removal"
    )
    assert shown.before == "Doe^Jane^Q"
    with house.workbench.database.reading() as reading:
        entry = next(entry for entry in reading.ledger.entries(newest_first=True) if entry.kind == "value.revealed")
    assert entry.data["attribute"] == "(0010,0010)"
    assert b"Doe" not in entry.body


@pytest.mark.parametrize("who", ["vera", "rita", "root"])
def test_who_may_not_see_values_gets_none(house, study, who):
    row = queries.changes(house.workbench, house["olga"], study=study, search="PatientName").rows[0]
    before = house.events("permission.denied")
    with pytest.raises(NotPermitted):
        queries.reveal_value(house.workbench, house[who], study=study, change=row.change, purpose="check-removal")
    assert len(house.events("permission.denied")) == len(before) + 1
    assert house.events("value.revealed") == []


@pytest.mark.parametrize("change", ["", "0", "0-", "0-99999", "9-0", "x-y", "0-0-0", "-1-0"])
def test_an_unknown_change_is_refused(house, study, change):
    with pytest.raises(UsageError) as refused:
        queries.reveal_value(house.workbench, house["olga"], study=study, change=change, purpose="check-removal")
    assert refused.value.code == "change-unknown"


def test_an_unknown_purpose_is_refused(house, study):
    with pytest.raises(UsageError) as refused:
        queries.reveal_value(house.workbench, house["olga"], study=study, change="0-0", purpose="curiosity")
    assert refused.value.code == "purpose-unknown"


@pytest.mark.parametrize("who", ["anna", "tom", "olga", "both", "vera"])
def test_the_decisions_shown_are_those_that_the_use_cases_allow(house, study, who):
    """Ask for every step's decision, then take the step: both must agree."""
    reviewing.submit(house.workbench, house["anna"], study=study)
    view = queries.study_view(house.workbench, house[who], study=study)
    calls = {
        "submit": {},
        "approve": {},
        "return": {"reason": "r"},
        "withdraw": {"reason": "r"},
        "accept": {"reason": "r"},
        "discard": {"reason": "r"},
        "quarantine": {"reason": "r"},
    }
    for step, given in calls.items():
        decision = view.decision(step)
        if decision.allowed:
            continue
        assert decision.why_not
        with pytest.raises(WorkbenchError) as refused:
            reviewing.STEPS[step](house.workbench, house[who], study=study, **given)
        assert refused.value.code in {"role-not-permitted", "second-person-needed", "wrong-state"}
    allowed = [step for step in calls if view.decision(step).allowed]
    expected = {
        "anna": ["quarantine"],
        "tom": ["quarantine"],
        "olga": ["approve", "return", "quarantine"],
        "both": ["approve", "return", "quarantine"],
        "vera": [],
    }
    assert allowed == expected[who]


def test_every_look_at_a_study_is_one_entry(house, study):
    before = len(house.events("study.viewed"))
    view = queries.study_view(house.workbench, house["olga"], study=study)
    queries.study_view(house.workbench, house["olga"], study=study)  # the page asks again with every click
    assert len(house.events("study.viewed")) == before + 1
    queries.study_view(house.workbench, house["paul"], study=study)
    house.clock.skip(minutes=6)
    queries.study_view(house.workbench, house["olga"], study=study)
    assert len(house.events("study.viewed")) == before + 3
    assert [line.kind for line in view.story] == ["study.received", "study.prepared"]
    assert any("Pixels were not checked" in notice for notice in view.notices)


def test_states_are_found_by_code_and_by_word():
    assert queries.study_state("submitted") is StudyState.SUBMITTED
    assert queries.study_state("Waiting for approval") is StudyState.SUBMITTED
    with pytest.raises(UsageError):
        queries.study_state("lost")


def test_a_study_in_quarantine_says_why_and_what_to_do(house, study):
    reviewing.quarantine(house.workbench, house["anna"], study=study, reason="wrong patient")
    notices = queries.study_view(house.workbench, house["anna"], study=study).notices
    assert any(
        "A person put this study into quarantine." in notice and "accept or discard" in notice for notice in notices
    )


def test_what_changes_outside_the_data_set_has_a_name_and_nothing_to_reveal_when_nothing_was_kept(house, study):
    rows = queries.changes(house.workbench, house["olga"], study=study, search="File Meta").rows
    assert [(row.name, row.path, row.before) for row in rows][:1] == [("File Meta Information of the original", "", "")]


@pytest.mark.parametrize(
    "rule",
    [
        "claim of this de-identification",
        "structure file meta rebuilt",
        "structure preamble",
        "structure trailing bytes",
    ],
)
def test_rules_of_our_own_are_explained_in_sentences(rule):
    said = queries.explain_rule(rule)
    assert said.endswith(".")
    assert rule not in said
