"""What the front ends show of studies: lists, one study, its header changes. Values of inputs are concealed.

Reading is open to those whose role may see studies; that somebody looked at a study, and that somebody had a value
shown in clear, stands in the log.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from workbench.access.policy import Permission, allows, demand, demand_second_person
from workbench.audit.events import StudyViewed, ValueRevealed
from workbench.audit.ledger import Filter
from workbench.flow.change_rows import change_rows, find_change, matches, vr_at
from workbench.flow.home import Workbench, is_solo
from workbench.flow.identity import question_row
from workbench.flow.pixel_rows import pixel_notices
from workbench.flow.readiness import check_acceptable, check_complete, check_releasable
from workbench.flow.recording import changing, recording_denials
from workbench.flow.reviewing import PERMISSIONS
from workbench.flow.rows import preparation_view, quarantine_notices, release_lines, study_row
from workbench.flow.shown import (
    ChangePage,
    Decision,
    PreparationView,
    QuarantineRow,
    QuestionRow,
    ReleaseLine,
    Revealed,
    StoryLine,
    StudyPage,
    StudyView,
)
from workbench.flow.states import SECOND_PERSON_STEPS, STATE_WORDS, next_study_state
from workbench.flow.story import say
from workbench.flow.words import shown_value
from workbench.records.actor import Actor
from workbench.records.errors import NotPermitted, UsageError, WrongState
from workbench.records.path import format_tag
from workbench.records.states import StudyState
from workbench.store.preparation_records import Preparation
from workbench.store.study_records import Study
from workbench.store.tables import QuarantineState
from workbench.store.transaction import Transaction

PURPOSES: Final[Mapping[str, str]] = {
    "check-removal": "Check that the right value was removed",
    "resolve-issue": "Resolve a privacy issue",
    "match-patient": "Match the study with the source system",
    "answer-request": "Answer a request of the patient or an authority",
}
"""Why somebody may have a value shown, by code."""

STEP_WORDS: Final[Mapping[str, str]] = {
    "prepare": "Prepare",
    "submit": "Submit for approval",
    "approve": "Approve for release",
    "return": "Return",
    "withdraw": "Withdraw approval",
    "quarantine": "Put into quarantine",
    "accept": "Take out of quarantine",
    "discard": "Discard",
}
_STORY_LIMIT = 200
_BESIDE = frozenset({"study.viewed", "series.imported", "series.prepared", "crosswalk.assigned"})
"""Entries that the history of a study does not repeat: another one of the same step says it."""
ONE_LOOK = timedelta(minutes=5)
"""Within this time the same person looking at the same version is one entry."""


def list_studies(
    workbench: Workbench,
    actor: Actor,
    *,
    state: StudyState | None = None,
    search: str = "",
    limit: int = 50,
    offset: int = 0,
) -> StudyPage:
    """Return a slice of the queue, newest first.

    Raises
    ------
    NotPermitted
        Without the permission.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.STUDY_LIST)
        with workbench.database.reading() as reading:
            page = reading.studies.search(state=state, text=search, limit=limit, offset=offset)
            everything = page if not search else reading.studies.search(limit=1)
            rows = tuple(study_row(reading, found) for found in page.studies)
        counts = {known: everything.states.get(known, 0) for known in StudyState}
        return StudyPage(rows=rows, total=page.total, counts=counts)


def study_view(workbench: Workbench, actor: Actor, *, study: str) -> StudyView:
    """Return everything that the page of one study shows, and record that somebody looked.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `study-unknown`.
    """
    with recording_denials(workbench, actor, study=study):
        demand(actor, Permission.STUDY_VIEW)
        with workbench.database.reading() as reading:
            view = _view(workbench, reading, actor, study)
        made = view.preparation.preparation if view.preparation else None
        if not _seen_lately(workbench, actor, study, made):
            with changing(workbench) as change:
                change.record(StudyViewed(study=study, preparation=made), actor=actor)
        return view


def changes(
    workbench: Workbench,
    actor: Actor,
    *,
    study: str,
    series: int | None = None,
    action: str = "",
    search: str = "",
    limit: int = 200,
    offset: int = 0,
) -> ChangePage:
    """Return a slice of the header changes of the current version, before-values concealed.

    Parameters
    ----------
    series
        Position of a series, from 0; None for all.
    action
        Letter of an action; empty for all.
    search
        Part of a tag, keyword or name.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `study-unknown`.
    """
    with recording_denials(workbench, actor, study=study):
        demand(actor, Permission.STUDY_VIEW)
        with workbench.database.reading() as reading:
            rows = [
                row
                for row in change_rows(reading, study, _current(reading, study))
                if (series is None or row.series == series)
                and (not action or row.action == action)
                and matches(row, search)
            ]
        return ChangePage(tuple(rows[offset : offset + limit]), len(rows))


def reveal_value(workbench: Workbench, actor: Actor, *, study: str, change: str, purpose: str) -> Revealed:
    """Return one value of the input in clear. The log says who saw which attribute of which study; never the value.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `purpose-unknown`, `change-unknown`, `study-unknown`.
    """
    if purpose not in PURPOSES:
        raise UsageError("purpose-unknown", "There is no such purpose.", f"Choose one of: {', '.join(PURPOSES)}.")
    with recording_denials(workbench, actor, study=study):
        demand(actor, Permission.STUDY_REVEAL)
        with workbench.database.reading() as reading:
            made = _current(reading, study)
            number, recorded = find_change(reading, study, made, change)
        path = recorded.change.path
        with changing(workbench) as recording:
            event = ValueRevealed(
                study=study,
                preparation=made.id,
                attribute="/".join(format_tag(tag) for tag in path[::2][:16]) or None,
            )
            recording.record(event, actor=actor)
            recording.preparations.record_decision(
                study_id=study,
                preparation_id=made.id,
                step="reveal",
                by=actor.user_id,
                at=workbench.clock(),
                reason=PURPOSES[purpose],
            )
        return Revealed(f"{number}-{change.rpartition('-')[2]}", shown_value(recorded.change.before, vr_at(path)))


def explain_rule(rule: str) -> str:
    """Return the words for the rule of a change."""
    from workbench.flow.words import explain  # noqa: PLC0415 (loads the table of the standard)

    return explain(rule)


def releases_of(workbench: Workbench, actor: Actor, *, study: str) -> tuple[ReleaseLine, ...]:
    """Return the packages that versions of a study are in, newest first.

    Raises
    ------
    NotPermitted
        Without the permission.
    """
    with recording_denials(workbench, actor, study=study):
        demand(actor, Permission.RELEASE_LIST)
        with workbench.database.reading() as reading:
            return release_lines(reading, study)


def quarantine_list(
    workbench: Workbench, actor: Actor, *, limit: int = 100, offset: int = 0
) -> tuple[QuarantineRow, ...]:
    """Return what waits in quarantine, newest first. Names of files stay sealed.

    Raises
    ------
    NotPermitted
        Without the permission.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.STUDY_LIST)
        with workbench.database.reading() as reading:
            return tuple(
                QuarantineRow(
                    item=entry.id,
                    code=entry.code,
                    message=entry.message,
                    hint=entry.hint,
                    at=entry.opened_at,
                    state=entry.state.value,
                    study=entry.study or "",
                )
                for entry in reading.quarantine.page(state=QuarantineState.OPEN, limit=limit, offset=offset)
            )


def step_names() -> Mapping[str, str]:
    """Return what each step is called on screen."""
    return STEP_WORDS


def study_state(text: str) -> StudyState:
    """Return the state that a person means, by its code or its word on screen.

    Raises
    ------
    UsageError
        `state-unknown`.
    """
    wanted = text.strip().casefold()
    for state in StudyState:
        if wanted in (state.value, STATE_WORDS[state]):
            return state
    raise UsageError("state-unknown", "There is no such state.", f"Choose one of: {', '.join(StudyState)}.")


def _view(workbench: Workbench, reading: Transaction, actor: Actor, study: str) -> StudyView:
    found = reading.studies.get(study)
    names = reading.accounts.names()
    versions = reading.preparations.of_study(study)
    days = workbench.settings.approval_days
    views = [
        preparation_view(reading, made, names=names, approval_days=days, full=number == 0)
        for number, made in enumerate(versions)
    ]
    current = versions[0] if versions else None
    return StudyView(
        row=study_row(reading, found),
        preparation=views[0] if views else None,
        earlier=tuple(views[1:]),
        decisions=_decisions(reading, actor, found, current),
        story=tuple(_story(reading, study, names)),
        notices=tuple(_notices(workbench, reading, found, current, views[0] if views else None)),
        note=_note(reading, actor, study),
        questions=_questions(reading, actor, study),
        releases=release_lines(reading, study) if allows(actor.roles, Permission.RELEASE_LIST) else (),
    )


def _decisions(reading: Transaction, actor: Actor, found: Study, made: Preparation | None) -> tuple[Decision, ...]:
    return tuple(_decision(reading, actor, found, made, step) for step in STEP_WORDS)


def _decision(reading: Transaction, actor: Actor, found: Study, made: Preparation | None, step: str) -> Decision:
    """Ask the same rules that the use case will ask, without taking the step."""
    try:
        next_study_state(found.state, step)
        demand(actor, PERMISSIONS[step])
        if step in SECOND_PERSON_STEPS and made is not None:
            demand_second_person(actor, involved=made.involved, solo=is_solo(reading))
        if step == "accept":
            check_acceptable(reading, found.id)
        if step == "submit" and made is not None:
            check_complete(reading, found, made)
        if step == "approve" and made is not None:
            check_releasable(reading, made, [hold.code for hold in reading.preparations.holds(made.id)])
    except (NotPermitted, WrongState) as refused:
        return Decision(step, allowed=False, why_not=f"{refused.message} {refused.hint}".strip())
    return Decision(step, allowed=True)


def _seen_lately(workbench: Workbench, actor: Actor, study: str, made: str | None) -> bool:
    """Tell whether the log has it already: a page asks again with every click, and that is one look."""
    wanted = Filter(kinds=("study.viewed",), actor=actor.user_id, study=study, since=workbench.clock() - ONE_LOOK)
    with workbench.database.reading() as reading:
        newest = next(reading.ledger.entries(wanted, newest_first=True, limit=1), None)
    return newest is not None and newest.data.get("preparation") == made


def _story(reading: Transaction, study: str, names: Mapping[str, str]) -> Iterator[StoryLine]:
    entries = reading.ledger.entries(Filter(study=study), newest_first=True, limit=_STORY_LIMIT)
    for entry in reversed(list(entries)):
        if entry.kind in _BESIDE:
            continue
        yield StoryLine(
            seq=entry.seq,
            at=datetime.fromisoformat(entry.at),
            kind=entry.kind,
            actor=names.get(entry.actor, entry.actor),
            text=say(entry.kind, entry.data),
        )


def _notices(
    workbench: Workbench,
    reading: Transaction,
    found: Study,
    made: Preparation | None,
    view: PreparationView | None,
) -> Iterator[str]:
    asked = [question_row(reading, question) for question in reading.persons.questions(study_id=found.id)]
    for row in asked:
        others = f" Studies of that patient: {', '.join(row.others)}." if row.others else ""
        yield f"{row.message}{others} {row.hint} It is question {row.question}."
    if made is not None and view is not None:
        yield from pixel_notices(view)
        late = found.instance_count - made.instance_count
        if late:
            came = "1 instance" if late == 1 else f"{late} instances"
            yield f"{came} arrived after this version was prepared. Prepare the study again to include them."
        if view.approval_expires is not None and workbench.clock() >= view.approval_expires:
            yield "The approval has expired. Withdraw it, prepare the study again and have it approved."
    if found.quarantined_count:
        said = {f"{row.message} {row.hint}" for row in asked}
        yield from (notice for notice in quarantine_notices(reading, found.id) if notice not in said)
    if bytes.fromhex(reading.studies.identity(found.id)["patient"]).startswith(b"study\0"):
        yield "The Patient ID is empty or a placeholder: this study counts as a patient of its own."


def _questions(reading: Transaction, actor: Actor, study: str) -> tuple[QuestionRow, ...]:
    if not allows(actor.roles, Permission.IDENTITY_DECIDE):
        return ()
    return tuple(question_row(reading, one) for one in reading.persons.questions(study_id=study))


def _note(reading: Transaction, actor: Actor, study: str) -> str:
    """Return what was written last to those who act on the study now."""
    if not allows(actor.roles, Permission.STUDY_PREPARE) and not allows(actor.roles, Permission.STUDY_APPROVE):
        return ""
    told = [item.reason for item in reading.preparations.decisions(study) if item.reason and item.step != "reveal"]
    return told[-1] if told else ""


def _current(reading: Transaction, study: str) -> Preparation:
    reading.studies.get(study)
    made = reading.preparations.current(study)
    if made is None:
        raise UsageError("not-prepared", "The study has no prepared version.", "Prepare it first.")
    return made
