"""Decisions: by the right person, with a reason, sealed, and one entry each."""

import sqlite3

import pytest

from workbench.flow import preparing, queries, reviewing
from workbench.records.errors import NotPermitted, UsageError, WrongState
from workbench.records.states import StudyState

STUDY = "WB-000001"
UNSEEN = ()


@pytest.fixture
def submitted(prepared):
    reviewing.submit(prepared.workbench, prepared["anna"], study=STUDY, note="please look at series 1")
    return prepared


@pytest.mark.parametrize("step", ["return", "quarantine"])
@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_a_step_that_sets_back_needs_a_reason(submitted, step, reason):
    before = submitted.events()
    with pytest.raises(UsageError) as refused:
        reviewing.STEPS[step](submitted.workbench, submitted["olga"], study=STUDY, reason=reason)
    assert refused.value.code == "reason-missing"
    assert submitted.events() == before


def test_a_reason_is_sealed_and_only_committed_in_the_log(submitted):
    reviewing.send_back(submitted.workbench, submitted["olga"], study=STUDY, reason="Jane Doe is in the comments")
    view = queries.study_view(submitted.workbench, submitted["anna"], study=STUDY)
    assert view.note == "Jane Doe is in the comments"
    assert queries.study_view(submitted.workbench, submitted["vera"], study=STUDY).note == ""
    with submitted.workbench.database.reading() as reading:
        entry = next(entry for entry in reading.ledger.entries(newest_first=True) if entry.kind == "study.returned")
    assert len(entry.data["reason_commitment"]) == 64
    submitted.workbench.close()
    content = b"".join(path.read_bytes() for path in submitted.made.home.glob("workbench.sqlite*"))
    assert b"Jane Doe" not in content
    assert b"please look" not in content


@pytest.mark.parametrize("who", ["anna", "tom", "vera", "rita", "root"])
def test_only_officers_approve(submitted, who):
    with pytest.raises(NotPermitted):
        reviewing.approve(submitted.workbench, submitted[who], study=STUDY)
    assert submitted.events("permission.denied", "study.approved") == ["permission.denied"]


@pytest.mark.parametrize(("maker", "submitter"), [("both", "anna"), ("anna", "both"), ("both", "both")])
@pytest.mark.parametrize("step", ["approve", "return"])
def test_who_made_or_submitted_it_does_not_judge_it(prepared, maker, submitter, step):
    workbench = prepared.workbench
    preparing.prepare(workbench, prepared[maker], study=STUDY, scope="trial-7", pixels="off")
    reviewing.submit(workbench, prepared[submitter], study=STUDY)
    given = {"reason": "because"} if step == "return" else {"accept": UNSEEN}
    with pytest.raises(NotPermitted) as refused:
        reviewing.STEPS[step](workbench, prepared["both"], study=STUDY, **given)
    assert refused.value.code == "second-person-needed"
    reviewing.STEPS[step](workbench, prepared["olga"], study=STUDY, **given)


def test_the_database_itself_refuses_an_own_approval(submitted):
    """Even when a use case forgot the rule."""
    own = "UPDATE preparation SET state='approved', approved_by=made_by, approved_at='2026-01-01'"
    with (
        sqlite3.connect(submitted.made.home / "workbench.sqlite") as database,
        pytest.raises(sqlite3.IntegrityError),
    ):
        database.execute(own)


@pytest.mark.parametrize("before", ["submitted", "approved"])
def test_quarantine_ends_what_was_asked_or_given(submitted, before):
    if before == "approved":
        reviewing.approve(submitted.workbench, submitted["olga"], study=STUDY, accept=UNSEEN)
    reviewing.quarantine(submitted.workbench, submitted["tom"], study=STUDY, reason="wrong patient?")
    with submitted.workbench.database.reading() as reading:
        made = reading.preparations.current(STUDY)
    assert made.state.value == {"submitted": "returned", "approved": "withdrawn"}[before]
    view = queries.study_view(submitted.workbench, submitted["olga"], study=STUDY)
    assert (view.row.state, view.row.reason_code) == (StudyState.QUARANTINED, reviewing.BY_A_PERSON)
    state = reviewing.accept(submitted.workbench, submitted["olga"], study=STUDY, reason="checked")
    assert state is StudyState.RECEIVED
    assert queries.quarantine_list(submitted.workbench, submitted["olga"]) == ()
    with pytest.raises(WrongState):
        reviewing.submit(submitted.workbench, submitted["anna"], study=STUDY)


def test_two_who_decide_at_once_cannot_both(submitted):
    reviewing.approve(submitted.workbench, submitted["olga"], study=STUDY, accept=UNSEEN)
    with pytest.raises(WrongState):
        reviewing.send_back(submitted.workbench, submitted["paul"], study=STUDY, reason="because")
    assert submitted.events("study.approved", "study.returned") == ["study.approved"]


def test_an_unknown_study_is_named_so(prepared):
    for name in ("WB-999999", "", "Doe^Jane"):
        with pytest.raises(UsageError) as refused:
            reviewing.submit(prepared.workbench, prepared["anna"], study=name)
        assert refused.value.code == "study-unknown"
        assert "Doe" not in refused.value.message
