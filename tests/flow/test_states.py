"""Both state machines, exhaustively."""

import itertools

import pytest

from workbench.flow import states
from workbench.records.errors import WrongState
from workbench.records.states import RELEASE_STEPS, STUDY_STEPS, ReleaseState, StudyState

STEPS = sorted({step for _, step in STUDY_STEPS} | {step for _, step in RELEASE_STEPS} | {"", "release"})


@pytest.mark.parametrize(("state", "step"), list(itertools.product(StudyState, STEPS)))
def test_every_study_arrow_is_in_the_table_or_refused(state, step):
    expected = STUDY_STEPS.get((state, step))
    if expected is not None:
        assert states.next_study_state(state, step) is expected
        assert step in states.study_steps(state)
        return
    with pytest.raises(WrongState) as refused:
        states.next_study_state(state, step)
    assert refused.value.code == "wrong-state"
    assert refused.value.hint


@pytest.mark.parametrize(("state", "step"), list(itertools.product(ReleaseState, STEPS)))
def test_every_release_arrow_is_in_the_table_or_refused(state, step):
    expected = RELEASE_STEPS.get((state, step))
    if expected is not None:
        assert states.next_release_state(state, step) is expected
        return
    with pytest.raises(WrongState):
        states.next_release_state(state, step)


def test_only_an_approved_study_comes_from_submitted():
    assert {at for (at, _), to in STUDY_STEPS.items() if to is StudyState.APPROVED} == {StudyState.SUBMITTED}


def test_discarded_expired_and_revoked_are_ends():
    assert states.study_steps(StudyState.DISCARDED) == ()
    assert not [at for at, _ in RELEASE_STEPS if at in {ReleaseState.EXPIRED, ReleaseState.REVOKED}]


def test_judging_steps_need_a_second_person():
    assert {"approve", "return"} == states.SECOND_PERSON_STEPS


def test_every_state_has_a_word_and_the_picture_every_arrow():
    assert set(states.STATE_WORDS) == {*StudyState, *ReleaseState}
    drawn = states.picture(STUDY_STEPS)
    assert drawn.count("-->") == len(STUDY_STEPS)
    assert "Submitted --> Approved: approve" in drawn
