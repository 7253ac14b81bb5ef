"""Which step leads where, and which steps need a second person.

The tables themselves are `records.states`; nothing else in the product decides about states.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from workbench.records.errors import WrongState
from workbench.records.states import RELEASE_STEPS, STUDY_STEPS, ReleaseState, StudyState

State = TypeVar("State", bound=StrEnum)

SECOND_PERSON_STEPS = frozenset({"approve", "return"})
"""Steps closed to whoever prepared or submitted the version: a judgement on one's own work proves nothing, and a
return is a judgement too (it would let the maker erase a submission before anybody else saw it)."""

STATE_WORDS = {
    StudyState.RECEIVED: "arrived",
    StudyState.PREPARED: "prepared",
    StudyState.SUBMITTED: "waiting for approval",
    StudyState.RETURNED: "returned",
    StudyState.APPROVED: "approved",
    StudyState.QUARANTINED: "in quarantine",
    StudyState.DISCARDED: "discarded",
    ReleaseState.CREATED: "created",
    ReleaseState.DELIVERED: "delivered",
    ReleaseState.ACKNOWLEDGED: "acknowledged",
    ReleaseState.EXPIRED: "expired",
    ReleaseState.REVOKED: "revoked",
}
"""The users' words, for messages and screens."""


def next_study_state(state: StudyState, step: str) -> StudyState:
    """Return the state that `step` leads to.

    Raises
    ------
    WrongState
        `wrong-state`, when the table has no such arrow. The hint names the steps that are possible.
    """
    found = STUDY_STEPS.get((state, step))
    if found is None:
        raise _wrong("study", state, step, [name for (at, name) in STUDY_STEPS if at is state])
    return found


def next_release_state(state: ReleaseState, step: str) -> ReleaseState:
    """Return the state that `step` leads to.

    Raises
    ------
    WrongState
        `wrong-state`, when the table has no such arrow.
    """
    found = RELEASE_STEPS.get((state, step))
    if found is None:
        raise _wrong("release", state, step, [name for (at, name) in RELEASE_STEPS if at is state])
    return found


def study_steps(state: StudyState) -> tuple[str, ...]:
    """Return the steps that leave `state`, in the order of the table."""
    return tuple(step for (at, step) in STUDY_STEPS if at is state)


def picture(table: Mapping[tuple[State, str], State]) -> str:
    """Draw a transition table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {_node(at)} --> {_node(to)}: {step}" for (at, step), to in table.items()]
    return "\n".join(lines) + "\n"


def _node(state: StrEnum) -> str:
    return state.value.capitalize()


def _being(state: StudyState | ReleaseState) -> str:
    return "not prepared yet" if state is StudyState.RECEIVED else STATE_WORDS[state]


def _wrong(what: str, state: StudyState | ReleaseState, step: str, possible: list[str]) -> WrongState:
    hint = f"Possible now: {', '.join(possible)}." if possible else f"Nothing can be done with this {what} any more."
    return WrongState("wrong-state", f'"{step.capitalize()}" is not possible now: the {what} is {_being(state)}.', hint)
