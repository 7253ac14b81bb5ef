"""Prepare: de-identify and verify a study, and keep the outcome as an immutable version.

Originals are decrypted into a private staging folder, worked on in supervised processes, judged by the sceptic one by
one and together, and the outputs encrypted again. One transaction then writes the version, with one entry for each
series and one for the study. What has a privacy issue has no output at all.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.access.policy import Permission, demand
from workbench.audit.events import KeyCreated, KeyPurpose, SeriesPrepared, StudyPrepared
from workbench.flow.changes import ChangeCollector
from workbench.flow.home import Workbench
from workbench.flow.machine import Advance, PrepareTask, ReadTask, Setting, prepare_all, read_all
from workbench.flow.recording import Change, changing, check_actor, recording_denials
from workbench.flow.roots import series_root
from workbench.flow.rows import PRIVACY_ISSUE, hold_name, preparation_view
from workbench.flow.shown import PreparationView
from workbench.flow.staging import staged, unpack
from workbench.flow.states import next_study_state
from workbench.flow.step import Prepared, Refusal, Scan
from workbench.profiles import compile_plan, load
from workbench.records.actor import Actor
from workbench.records.errors import IntegrityBroken, WrongState
from workbench.records.finding import Finding
from workbench.release.root import instance_leaf, preparation_root
from workbench.store.objects import StoredObject
from workbench.store.preparation_records import NewPreparation, Outcome, PreparedInstance, SeriesChanges
from workbench.store.scopes import Scope
from workbench.store.study_records import Instance, Series, Study

if TYPE_CHECKING:
    from workbench.profiles import Plan

PIXELS_NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class _Input:
    """What a preparation is made of: the study as it stood when it was read, the plan and the scope."""

    study: Study
    series: tuple[Series, ...]
    instances: tuple[Instance, ...]
    plan: "Plan"
    scope: Scope


@dataclass(slots=True)
class _Work:
    """What the workers brought: outcomes by position, and the changes of each series as they came."""

    outcomes: dict[int, Prepared | Refusal] = field(default_factory=dict)
    collectors: dict[str, ChangeCollector] = field(default_factory=lambda: defaultdict(ChangeCollector))
    actions: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    together: dict[int, list[Finding]] = field(default_factory=lambda: defaultdict(list))


def prepare(
    workbench: Workbench,
    actor: Actor,
    *,
    study: str,
    scope: str,
    profile: str = "basic",
    jobs: int = 1,
    on_progress: Advance | None = None,
) -> PreparationView:
    """Make a prepared version of a study.

    Parameters
    ----------
    scope
        Recipient or project within which codes, UIDs and dates stay linkable. A new name makes a new scope, with a
        key of its own.

    Raises
    ------
    NotPermitted, WrongState
        Without the permission, or when the study cannot be prepared now.
    ProfileError
        The profile does not load, does not lint or does not compile.
    IntegrityBroken
        A stored original is not what was stored.
    StorageFailed
        The disk refused; nothing was changed.
    """
    advance = on_progress or (lambda _done, _of: None)
    plan = compile_plan(load(profile))
    with recording_denials(workbench, actor, study=study):
        demand(actor, Permission.STUDY_PREPARE)
        given = _read(workbench, actor, study, plan, scope)
        with staged(workbench.staging) as folder:
            work = _work(workbench, given, folder, jobs=jobs, advance=advance)
            stored = _store(workbench, work, folder)
            return _record(workbench, actor, given, work, stored)


def _read(workbench: Workbench, actor: Actor, study: str, plan: "Plan", scope: str) -> _Input:
    with workbench.database.reading() as reading:
        found = reading.studies.get(study)
        next_study_state(found.state, "prepare")
        series, instances = reading.studies.all_series(study), reading.studies.instances(study)
    if not instances:
        raise WrongState("study-empty", "The study has no instances.", "Look at its entries in quarantine.")
    return _Input(found, series, instances, plan, _scope(workbench, actor, scope))


def _scope(workbench: Workbench, actor: Actor, name: str) -> Scope:
    """Return the scope of that name; a new one is made, with an entry of its own."""
    with workbench.database.reading() as reading:
        found = reading.scopes.named(name)
    if found is not None:
        return found
    demand(actor, Permission.SCOPE_ADD)
    with changing(workbench) as change:
        made = change.scopes.named(name) or change.scopes.add(name, created_by=actor.user_id, at=workbench.clock())
        fingerprint = workbench.keys.index("scope key", made.key)
        change.record(KeyCreated(purpose=KeyPurpose.SCOPE, key=fingerprint, scope=made.id), actor=actor)
    return made


def _work(workbench: Workbench, given: _Input, folder: Path, *, jobs: int, advance: Advance) -> _Work:
    """Decrypt, read with both parsers, prepare, verify."""
    from workbench.verify import examine_set, merge  # noqa: PLC0415 (loads pydicom)

    steps, total, work = 0, 3 * len(given.instances), _Work()

    def step() -> None:
        nonlocal steps
        steps += 1
        advance(steps, total)

    sources = {position: folder / f"in-{position:08d}" for position in range(len(given.instances))}
    for position, instance in enumerate(given.instances):
        unpack(workbench.objects, instance.object, sources[position])
        step()
    scans: dict[int, Scan] = {}
    tasks = [ReadTask(position, source, harvest=True, scratch=folder) for position, source in sources.items()]
    for position, outcome in read_all(tasks, jobs=jobs):
        if isinstance(outcome, Scan):
            scans[position] = outcome
        else:
            work.outcomes[position] = outcome
        step()
    harvests = [scans[position].harvest for position in sorted(scans)]
    known = [harvest for harvest in harvests if harvest is not None]
    if not known:
        return work
    uids = frozenset().union(*(harvest.uids for harvest in known))
    setting = Setting(given.plan, given.scope.key, given.scope.id, merge(known), uids)
    waiting: dict[int, Prepared | Refusal] = {}
    order = [*sorted(scans)]
    todo = [PrepareTask(position, sources[position], output_path(folder, position)) for position in order]
    for position, result in prepare_all(todo, setting, jobs=jobs):
        waiting[position] = result
        while order and order[0] in waiting:
            _collect(work, given, order[0], waiting.pop(order.pop(0)))
        step()
    examinations = [
        outcome.examination
        for _position, outcome in sorted(work.outcomes.items())
        if isinstance(outcome, Prepared) and outcome.examination is not None
    ]
    for finding in examine_set(examinations):
        work.together[finding.instance].append(finding)
    return work


def output_path(folder: Path, position: int) -> Path:
    """Return where the output of an instance lies until it is stored."""
    return folder / f"out-{position:08d}"


def _collect(work: _Work, given: _Input, position: int, outcome: Prepared | Refusal) -> None:
    """Take an outcome in the order of the instances; its changes go into the block of its series and nowhere else."""
    series = given.instances[position].series
    if isinstance(outcome, Prepared):
        work.collectors[series].add(outcome.changes)
        work.actions[series].update(outcome.counts)
        outcome = replace(outcome, changes=())
    work.outcomes[position] = outcome


def _store(workbench: Workbench, work: _Work, folder: Path) -> dict[int, StoredObject]:
    """Encrypt the outputs that stand, all durable at once."""
    stored: dict[int, StoredObject] = {}
    with workbench.objects.batch() as batch:
        for position, outcome in sorted(work.outcomes.items()):
            if isinstance(outcome, Prepared) and not outcome.findings and not work.together[position]:
                stored[position] = batch.put(output_path(folder, position))
                if stored[position].digest != outcome.digest:
                    raise IntegrityBroken(
                        "output-changed",
                        "An output changed between verification and storage.",
                        "Check the disk of the home, then prepare the study again.",
                    )
    return stored


def _record(
    workbench: Workbench,
    actor: Actor,
    given: _Input,
    work: _Work,
    stored: Mapping[int, StoredObject],
) -> PreparationView:
    instances = _instances(given, work, stored)
    new = _new_preparation(workbench, given, work, instances)
    now = workbench.clock()
    with changing(workbench) as change:
        check_actor(change, actor)
        current = change.studies.get(given.study.id)
        if current.state is not given.study.state or current.instance_count != given.study.instance_count:
            raise WrongState(
                "study-changed", "The study changed while it was being prepared.", "Prepare it again as it is now."
            )
        to = next_study_state(current.state, "prepare")
        made = change.preparations.add(new, by=actor.user_id, at=now)
        _keep_pseudonym(change, current, new, at=now)
        change.studies.move(current.id, expected=current.state, to=to, at=now)
        change.preparations.record_decision(
            study_id=current.id, preparation_id=made.id, step="prepare", by=actor.user_id, at=now
        )
        for series in given.series:
            event = _series_event(workbench, given, work, instances, series, preparation=made.id)
            change.record(event, actor="system")
        change.record(_study_event(workbench, made.id, new, work), actor=actor)
        names = change.accounts.names()
        return preparation_view(change.transaction, made, names=names, approval_days=workbench.settings.approval_days)


def _keep_pseudonym(change: Change, study: Study, new: NewPreparation, *, at: datetime) -> None:
    """Put the patient code into the crosswalk of the scope, which refuses one that stands for somebody else already."""
    if new.patient_code:
        patient = change.studies.identity(study.id)["patient"]
        change.scopes.assign(new.scope, kind="patient", source=patient, value=new.patient_code, at=at)


def _instances(given: _Input, work: _Work, stored: Mapping[int, StoredObject]) -> tuple[PreparedInstance, ...]:
    numbers = {series.id: series.number for series in given.series}
    rows = []
    for position, instance in enumerate(given.instances):
        outcome = work.outcomes[position]
        if isinstance(outcome, Refusal):
            rows.append(PreparedInstance(instance.id, Outcome.REFUSED, refusal=outcome.code))
            continue
        findings = (*outcome.findings, *work.together[position])
        changes = sum(outcome.counts.values())
        if findings:
            rows.append(
                PreparedInstance(
                    instance.id, Outcome.REFUSED, refusal=PRIVACY_ISSUE, changes=changes, findings=findings
                )
            )
            continue
        output = stored[position]
        rows.append(
            PreparedInstance(
                instance.id,
                Outcome.HELD if outcome.holds else Outcome.READY,
                stored=output,
                sop_uid=outcome.sop_instance,
                leaf=instance_leaf(sop_instance=outcome.sop_instance, sha256=output.digest).hex(),
                holds=tuple(hold_name(numbers[instance.series], reason) for reason in outcome.holds),
                changes=changes,
            )
        )
    return tuple(rows)


def _patient_code(prepared: Sequence[Prepared]) -> str:
    """Return the one code of all outputs; a study of two patients is never kept, whatever let it come this far."""
    codes = {outcome.patient_code for outcome in prepared}
    if len(codes) > 1 or len({outcome.study for outcome in prepared}) > 1:
        raise IntegrityBroken(
            "patients-differ",
            "The outputs of one study belong to different patients or studies.",
            "Put the study into quarantine and have its source corrected.",
        )
    return codes.pop() if codes else ""


def _new_preparation(
    workbench: Workbench,
    given: _Input,
    work: _Work,
    instances: Sequence[PreparedInstance],
) -> NewPreparation:
    plan = given.plan
    prepared = [outcome for outcome in work.outcomes.values() if isinstance(outcome, Prepared)]
    refusals = {
        outcome.code: [outcome.message, outcome.hint]
        for outcome in work.outcomes.values()
        if isinstance(outcome, Refusal)
    }
    return NewPreparation(
        study=given.study.id,
        scope=given.scope.id,
        profile=plan.profile,
        profile_version=plan.version,
        profile_digest=plan.digest,
        edition=plan.edition,
        software=workbench.software,
        pixels=PIXELS_NOT_CHECKED,
        root=preparation_root(bytes.fromhex(row.leaf) for row in instances if row.leaf),
        patient_code=_patient_code(prepared),
        instances=tuple(instances),
        changes=tuple(
            SeriesChanges(series, work.actions[series].total(), collector.instances, collector.encode())
            for series, collector in work.collectors.items()
        ),
        facts={"refusals": refusals, "actions": dict(_total(work))},
    )


def _series_event(
    workbench: Workbench,
    given: _Input,
    work: _Work,
    instances: Sequence[PreparedInstance],
    series: Series,
    *,
    preparation: str,
) -> SeriesPrepared:
    mine = [
        (instance, row)
        for instance, row in zip(given.instances, instances, strict=True)
        if instance.series == series.id
    ]
    outputs = ((instance.digest, row.stored.digest, row.holds) for instance, row in mine if row.stored is not None)
    return SeriesPrepared(
        study=given.study.id,
        preparation=preparation,
        series=series.id,
        instances=len(mine),
        held=sum(row.outcome is not Outcome.READY for _instance, row in mine),
        changes=_words(work.actions[series.id]),
        findings=dict(Counter(finding.check for _instance, row in mine for finding in row.findings)),
        root=series_root(workbench.keys, outputs),
    )


def _study_event(workbench: Workbench, preparation: str, new: NewPreparation, work: _Work) -> StudyPrepared:
    return StudyPrepared(
        study=new.study,
        preparation=preparation,
        profile=new.profile,
        profile_digest=new.profile_digest,
        scope=new.scope,
        root=new.root,
        software=workbench.software,
        instances=len(new.instances),
        held=sum(row.outcome is not Outcome.READY for row in new.instances),
        pixels_checked=False,
        changes=_words(_total(work)),
        findings=dict(Counter(finding.check for row in new.instances for finding in row.findings)),
    )


def _total(work: _Work) -> Counter[str]:
    return sum(work.actions.values(), Counter())


ACTION_WORDS = {
    "K": "kept",
    "X": "removed",
    "Z": "emptied",
    "D": "dummy",
    "U": "remapped",
    "C": "cleaned",
    "V": "checked",
    "=": "set",
    "#": "coded",
}
"""Words of the log for action letters."""


def _words(actions: Mapping[str, int]) -> dict[str, int]:
    return {ACTION_WORDS[action]: count for action, count in sorted(actions.items())}
