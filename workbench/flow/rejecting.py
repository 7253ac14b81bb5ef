"""What follows when a rejection note arrives, before or after the instances that it names."""

from collections.abc import Sequence

from workbench.audit.events import InstancesRejected, StudyQuarantined
from workbench.flow.home import Workbench
from workbench.flow.recording import Change
from workbench.flow.rejection import EXCLUDED, WORKLIST, RejectionNote
from workbench.flow.states import next_study_state
from workbench.records.actor import Actor
from workbench.records.errors import InstanceRefused
from workbench.records.states import StudyState

REJECTED = "instances-rejected"
"""Why a version that has a rejected instance in it needs a successor."""


def take_note(
    workbench: Workbench, change: Change, actor: Actor, *, study: str, instance: str, note: RejectionNote
) -> None:
    """Keep what a note rejects, name the versions and releases that have it, and set aside what may be misfiled."""
    now = workbench.clock()
    named = change.rejections.note(instance, study_id=study, code=note.code, sop_uids=note.instances, at=now)
    here = change.rejections.rejected_by(instance)
    made = change.rejections.preparations_with(here)
    change.successors.touch(made, code=REJECTED, at=now)
    event = InstancesRejected(
        study=study,
        code=note.code,
        named=named,
        here=len(here),
        preparations=made,
        releases=change.rejections.releases_with(made),
    )
    change.record(event, actor=actor)
    for misfiled in _studies_of(change, here) if note.code == WORKLIST else ():
        set_aside(workbench, change, actor, study=misfiled, code=WORKLIST)


def look_up(workbench: Workbench, change: Change, actor: Actor, *, study: str, instances: Sequence[str]) -> None:
    """Set a study aside when instances arrive that an earlier note said to be made under a wrong worklist entry."""
    found = change.rejections.of_instances(instances)
    if any(WORKLIST in codes for codes in found.values()):
        set_aside(workbench, change, actor, study=study, code=WORKLIST)


def set_aside(workbench: Workbench, change: Change, actor: Actor, *, study: str, code: str) -> None:
    """Put a study into quarantine by a rule. A submission or approval of it ends with that."""
    found = change.studies.get(study)
    message, hint = EXCLUDED[code]
    if found.state is StudyState.DISCARDED:
        return
    entries = change.quarantine.page(study_id=study, limit=1000)
    if any(entry.code == code and entry.input_index is None for entry in entries):
        return
    now = workbench.clock()
    change.quarantine.add(InstanceRefused(code, message, hint), by=actor.user_id, at=now, study_id=study)
    change.record(StudyQuarantined(study=study, code=code), actor="system")
    if found.state is StudyState.QUARANTINED:
        return
    made = change.preparations.current(study)
    if made is not None and found.state is StudyState.SUBMITTED:
        change.preparations.send_back(made.id)
    if made is not None and found.state is StudyState.APPROVED:
        change.preparations.withdraw(made.id)
    change.studies.move(study, expected=found.state, to=next_study_state(found.state, "quarantine"), at=now)


def _studies_of(change: Change, instances: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(change.studies.get_instance(row).study for row in instances))
