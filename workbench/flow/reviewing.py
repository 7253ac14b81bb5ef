"""Decisions on studies: submit, approve, return, withdraw, quarantine, accept, discard.

Each is one transaction with one entry. Reasons and notes are free text: sealed, and only a keyed digest of them stands
in the log.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from workbench.access.policy import Permission, demand, demand_second_person
from workbench.audit.events import (
    QuarantineAccepted,
    QuarantineDiscarded,
    StudyApproved,
    StudyQuarantined,
    StudyReturned,
    StudySubmitted,
    StudyWithdrawn,
)
from workbench.flow.arrival import close_entries
from workbench.flow.home import Workbench, is_solo
from workbench.flow.readiness import check_acceptable, check_complete, check_known_holds, check_releasable
from workbench.flow.reasons import commitment, given_reason
from workbench.flow.recording import Change, changing, recording_denials
from workbench.flow.states import SECOND_PERSON_STEPS, next_study_state
from workbench.records.actor import Actor
from workbench.records.errors import InstanceRefused, StorageFailed, WrongState
from workbench.records.states import StudyState
from workbench.store.person_tables import QuestionState
from workbench.store.preparation_records import Preparation
from workbench.store.study_records import Study
from workbench.store.tables import QuarantineState

BY_A_PERSON = "quarantined-by-a-person"
PERMISSIONS: Final = {
    "prepare": Permission.STUDY_PREPARE,
    "submit": Permission.STUDY_SUBMIT,
    "approve": Permission.STUDY_APPROVE,
    "return": Permission.STUDY_RETURN,
    "withdraw": Permission.STUDY_WITHDRAW,
    "quarantine": Permission.STUDY_QUARANTINE,
    "accept": Permission.STUDY_ACCEPT,
    "discard": Permission.STUDY_DISCARD,
}
"""What a step on a study needs."""


def submit(workbench: Workbench, actor: Actor, *, study: str, note: str = "") -> StudyState:
    """Ask a second person for approval of the current version.

    Raises
    ------
    NotPermitted, WrongState
        `nothing-to-approve` when no instance stands, `prepare-again` when instances arrived after the version was made.
    """
    with recording_denials(workbench, actor, study=study), changing(workbench) as change:
        found, made, to = _step(change, actor, study, "submit")
        check_complete(change.transaction, found, made)
        now = workbench.clock()
        change.preparations.submit(made.id, by=actor.user_id, at=now)
        _move(workbench, change, actor, found, to=to, step="submit", preparation=made.id, reason=note)
        change.record(StudySubmitted(study=study, preparation=made.id, root=made.root), actor=actor)
        return to


def approve(
    workbench: Workbench, actor: Actor, *, study: str, accept: Iterable[str] = (), note: str = ""
) -> StudyState:
    """Approve the submitted version, as a second person. What is approved is its root.

    In a home that was made for one person alone the entry says "single person", and so does everything made of it.

    Parameters
    ----------
    accept
        Names of held items that the approver has looked at and lets pass. The others stay behind in every release,
        but for those that were accepted in the version before and are byte for byte the same.

    Raises
    ------
    NotPermitted
        Without the permission, or when the actor prepared or submitted the version.
    WrongState
        When it is not submitted; `nothing-to-release` when everything in it is held and nothing was accepted.
    UsageError
        `hold-unknown`.
    """
    accepted = tuple(dict.fromkeys(accept))
    with recording_denials(workbench, actor, study=study), changing(workbench) as change:
        found, made, to = _step(change, actor, study, "approve")
        check_known_holds(change.transaction, made, accepted)
        instances = check_releasable(change.transaction, made, accepted)
        carried = tuple(code for code in change.successors.carried(made.id) if code not in accepted)
        accepted += carried
        alone = actor.user_id in made.involved
        change.preparations.approve(
            made.id, by=actor.user_id, at=workbench.clock(), accepted_holds=accepted, solo=alone
        )
        _move(
            workbench, change, actor, found, to=to, step="approve", preparation=made.id, reason=note, accepted=accepted
        )
        counts = {hold.code: hold.instances for hold in change.preparations.holds(made.id) if hold.code in accepted}
        event = StudyApproved(
            study=study,
            preparation=made.id,
            root=made.root,
            profile_digest=made.profile_digest,
            prepared_by=made.made_by,
            submitted_by=made.submitted_by or made.made_by,
            instances=instances,
            accepted=counts,
            single_person=alone,
        )
        change.record(event, actor=actor)
        return to


def send_back(workbench: Workbench, actor: Actor, *, study: str, reason: str) -> StudyState:
    """Return the submitted version to whoever prepares it, as a second person.

    Raises
    ------
    NotPermitted, WrongState, UsageError
        As `approve`; `reason-missing`.
    """
    with recording_denials(workbench, actor, study=study), changing(workbench) as change:
        found, made, to = _step(change, actor, study, "return")
        change.preparations.send_back(made.id)
        _move(workbench, change, actor, found, to=to, step="return", preparation=made.id, reason=given_reason(reason))
        event = StudyReturned(study=study, preparation=made.id, reason_commitment=commitment(workbench, reason))
        change.record(event, actor=actor)
        return to


def withdraw(workbench: Workbench, actor: Actor, *, study: str, reason: str) -> StudyState:
    """Take an approval back: nothing more is released under it. Releases made already are revoked one by one.

    Raises
    ------
    NotPermitted, WrongState, UsageError
        As `approve`; `reason-missing`.
    """
    with recording_denials(workbench, actor, study=study), changing(workbench) as change:
        found, made, to = _step(change, actor, study, "withdraw")
        change.preparations.withdraw(made.id)
        _move(workbench, change, actor, found, to=to, step="withdraw", preparation=made.id, reason=given_reason(reason))
        event = StudyWithdrawn(study=study, preparation=made.id, reason_commitment=commitment(workbench, reason))
        change.record(event, actor=actor)
        return to


def quarantine(workbench: Workbench, actor: Actor, *, study: str, reason: str) -> StudyState:
    """Put a study into quarantine. A submission or approval of it ends with that.

    Raises
    ------
    NotPermitted, WrongState, UsageError
        As `approve`; `reason-missing`.
    """
    with recording_denials(workbench, actor, study=study), changing(workbench) as change:
        found = _permitted(change, actor, study, "quarantine")
        to = next_study_state(found.state, "quarantine")
        made = change.preparations.current(study)
        if made is not None and found.state is StudyState.SUBMITTED:
            change.preparations.send_back(made.id)
        if made is not None and found.state is StudyState.APPROVED:
            change.preparations.withdraw(made.id)
        refusal = InstanceRefused(
            BY_A_PERSON, "A person put this study into quarantine.", "Have a privacy officer accept or discard it."
        )
        change.quarantine.add(
            refusal, by=actor.user_id, at=workbench.clock(), study_id=study, note=given_reason(reason)
        )
        _move(workbench, change, actor, found, to=to, step="quarantine", reason=reason)
        event = StudyQuarantined(study=study, code=BY_A_PERSON, reason_commitment=commitment(workbench, reason))
        change.record(event, actor=actor)
        return to


def accept(workbench: Workbench, actor: Actor, *, study: str, reason: str) -> StudyState:
    """Take a quarantined study up again, by name and with a reason.

    Raises
    ------
    NotPermitted, WrongState, UsageError
        As `approve`; `not-acceptable`, when its instances name different patients; `reason-missing`.
    """
    with recording_denials(workbench, actor, study=study), changing(workbench) as change:
        found = _permitted(change, actor, study, "accept")
        to = next_study_state(found.state, "accept")
        check_acceptable(change.transaction, study)
        now = workbench.clock()
        closed = close_entries(
            change, study, to=QuarantineState.ACCEPTED, by=actor.user_id, at=now, reason=given_reason(reason)
        )
        _move(workbench, change, actor, found, to=to, step="accept", reason=reason)
        event = QuarantineAccepted(
            study=study,
            code=closed[0].code if closed else None,
            reason_commitment=commitment(workbench, reason),
        )
        change.record(event, actor=actor)
        return to


def discard(workbench: Workbench, actor: Actor, *, study: str, reason: str) -> StudyState:
    """Discard a quarantined study: its encrypted copies are deleted, and the study may be imported anew.

    Raises
    ------
    NotPermitted, WrongState, UsageError
        As `approve`; `reason-missing`.
    """
    with recording_denials(workbench, actor, study=study):
        with changing(workbench) as change:
            found = _permitted(change, actor, study, "discard")
            to = next_study_state(found.state, "discard")
            now = workbench.clock()
            doomed = _objects_of(change, study)
            for entry in change.quarantine.page(study_id=study, limit=100_000):
                change.quarantine.close(
                    entry.id, to=QuarantineState.DISCARDED, by=actor.user_id, at=now, reason=given_reason(reason)
                )
            change.studies.retire(study)
            change.persons.forget_known(study)
            for question in change.persons.questions(study_id=study):
                change.persons.answer(question.id, verdict=QuestionState.VOID, by=actor.user_id, at=now)
            _move(workbench, change, actor, found, to=to, step="discard", reason=given_reason(reason))
            event = QuarantineDiscarded(study=study, reason_commitment=commitment(workbench, reason))
            change.record(event, actor=actor)
        _delete(workbench, doomed)
        return to


def discard_item(workbench: Workbench, actor: Actor, *, item: str, reason: str) -> None:
    """Discard one quarantined input.

    Raises
    ------
    NotPermitted, WrongState, UsageError
        Without the permission, `quarantine-entry-closed`, `quarantine-entry-unknown`, `reason-missing`.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.STUDY_DISCARD)
        with changing(workbench) as change:
            entry = change.quarantine.get(item)
            if entry.input_index is None and entry.study is not None:
                raise WrongState(
                    "quarantined-study", "This entry holds a whole study.", "Decide on the study: accept or discard it."
                )
            change.quarantine.close(
                item, to=QuarantineState.DISCARDED, by=actor.user_id, at=workbench.clock(), reason=given_reason(reason)
            )
            event = QuarantineDiscarded(
                quarantine=item, code=entry.code, reason_commitment=commitment(workbench, reason)
            )
            change.record(event, actor=actor)
        if entry.object is not None:
            _delete(workbench, {entry.object})


STEPS: Final[dict[str, Callable[..., StudyState]]] = {
    "submit": submit,
    "approve": approve,
    "return": send_back,
    "withdraw": withdraw,
    "quarantine": quarantine,
    "accept": accept,
    "discard": discard,
}
"""The decisions by the name of their step."""


def _permitted(change: Change, actor: Actor, study: str, step: str) -> Study:
    demand(actor, PERMISSIONS[step])
    return change.studies.get(study)


def _step(change: Change, actor: Actor, study: str, step: str) -> tuple[Study, Preparation, StudyState]:
    """Check role, state and second person for a step on the current version."""
    found = _permitted(change, actor, study, step)
    to = next_study_state(found.state, step)
    made = change.preparations.current(study)
    if made is None:
        raise WrongState("not-prepared", "The study has no prepared version.", "Prepare it first.")
    if step in SECOND_PERSON_STEPS:
        demand_second_person(actor, involved=made.involved, solo=is_solo(change.transaction))
    return found, made, to


def _move(
    workbench: Workbench,
    change: Change,
    actor: Actor,
    study: Study,
    *,
    to: StudyState,
    step: str,
    preparation: str | None = None,
    reason: str = "",
    accepted: tuple[str, ...] = (),
) -> None:
    now = workbench.clock()
    change.studies.move(study.id, expected=study.state, to=to, at=now)
    change.preparations.record_decision(
        study_id=study.id,
        preparation_id=preparation,
        step=step,
        by=actor.user_id,
        at=now,
        reason=reason.strip(),
        accepted_holds=accepted,
    )


def _objects_of(change: Change, study: str) -> set[str]:
    """Return every object of a study: originals, outputs of all versions, quarantined copies."""
    names = {instance.object for instance in change.studies.instances(study)}
    for made in change.preparations.of_study(study):
        names |= {row.object for row in change.preparations.instances(made.id) if row.object}
    names |= {
        entry.object for entry in change.quarantine.page(state=None, study_id=study, limit=100_000) if entry.object
    }
    return names


def _delete(workbench: Workbench, names: Iterable[str]) -> None:
    """Delete objects after the decision is on record, but for those that something else needs.

    Nobody else writes meanwhile: an import that refers to one looks after it whether it is there. What the disk keeps
    now is swept as unreferenced later.
    """
    doomed = set(names)
    with workbench.database.transaction() as transaction:
        for name in doomed - transaction.objects.needed(doomed):
            with suppress(StorageFailed):
                workbench.objects.delete(name)
