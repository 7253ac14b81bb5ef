"""What a preparation is made of, and the version and entries that come out of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.audit.events import SeriesPrepared, StudyPrepared
from workbench.flow.changes import ChangeCollector
from workbench.flow.home import Workbench
from workbench.flow.patients import OnePerson
from workbench.flow.pixel_holds import pixel_holds
from workbench.flow.pixel_rows import all_checked, blackened, pixel_rows, pixel_series, pixel_state, told
from workbench.flow.redaction_rows import Seen
from workbench.flow.rejection import QUALITY
from workbench.flow.remarks import references_left_out, remarks, unknowns_by_kind
from workbench.flow.roots import series_root
from workbench.flow.rows import PRIVACY_ISSUE, hold_name
from workbench.flow.shown import PIXELS_UNSEEN
from workbench.flow.shown_pixels import SeriesPixels
from workbench.flow.step import Prepared, Refusal
from workbench.flow.succession import Predecessor, Succession
from workbench.records.errors import IntegrityBroken
from workbench.records.finding import Finding
from workbench.records.known import KnownValue
from workbench.release.root import instance_leaf, preparation_root
from workbench.store.objects import StoredObject
from workbench.store.persons import Member
from workbench.store.preparation_records import NewPreparation, Outcome, PreparedInstance, SeriesChanges
from workbench.store.scopes import Scope
from workbench.store.study_records import Instance, Series, Study

if TYPE_CHECKING:
    from workbench.profiles import Plan


@dataclass(frozen=True, slots=True)
class Input:
    """What a preparation is made of: the study as it stood when it was read, whose it is, the plan and the scope.

    `excluded` says of instances, by position, why their source does not want them used; `doubtful` are the ids of those
    whose quality it found too low. `before` is the version that this one follows.
    """

    study: Study
    series: tuple[Series, ...]
    instances: tuple[Instance, ...]
    plan: "Plan"
    scope: Scope
    group: tuple[Member, ...]
    person: OnePerson
    excluded: Mapping[int, Refusal]
    doubtful: frozenset[str]
    before: Predecessor


@dataclass(slots=True)
class Work:
    """What the workers brought: outcomes by position, and the changes of each series as they came."""

    outcomes: dict[int, Prepared | Refusal] = field(default_factory=dict)
    collectors: dict[str, ChangeCollector] = field(default_factory=lambda: defaultdict(ChangeCollector))
    actions: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    together: dict[int, list[Finding]] = field(default_factory=lambda: defaultdict(list))
    evidence: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    seen: dict[str, dict[str, Seen]] = field(default_factory=lambda: defaultdict(dict))
    known: dict[str, frozenset[KnownValue]] = field(default_factory=dict)
    sightings: tuple[dict[str, Any], ...] = ()


def prepared_instances(given: Input, work: Work, stored: Mapping[int, StoredObject]) -> tuple[PreparedInstance, ...]:
    """Return what became of each instance, in order; what has a privacy issue has no output."""
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
        holds = pixel_holds(outcome.holds, outcome.redaction)
        holds = (*holds, QUALITY) if instance.id in given.doubtful else holds
        rows.append(
            PreparedInstance(
                instance.id,
                Outcome.HELD if holds else Outcome.READY,
                stored=output,
                sop_uid=outcome.sop_instance,
                leaf=instance_leaf(sop_instance=outcome.sop_instance, sha256=output.digest).hex(),
                holds=tuple(hold_name(numbers[instance.series], reason) for reason in holds),
                changes=changes,
            )
        )
    return tuple(rows)


def _is_unseen(outcome: Prepared) -> bool:
    """Tell whether the sceptic saw pixels in the output for whose examination nothing speaks."""
    unknowns = outcome.examination.unknowns if outcome.examination is not None else ()
    return any(unknown.kind == PIXELS_UNSEEN for unknown in unknowns)


def _patient_code(prepared: Sequence[Prepared], person: OnePerson) -> str:
    """Return the one code of all outputs, which is the one in the crosswalk.

    A study of two patients is never kept, whatever let it come this far.
    """
    codes = {outcome.patient_code for outcome in prepared}
    if len(codes) > 1 or len({outcome.study for outcome in prepared}) > 1:
        raise IntegrityBroken(
            "patients-differ",
            "The outputs of one study belong to different patients or studies.",
            "Put the study into quarantine and have its source corrected.",
        )
    code = codes.pop() if codes else ""
    if code and not code.endswith(person.assigned.code):
        raise IntegrityBroken(
            "crosswalk-differs",
            "The outputs bear another patient code than the crosswalk of the scope.",
            "Nothing was kept. Run `workbench doctor`, then prepare the study again.",
        )
    return code


def new_preparation(
    workbench: Workbench,
    given: Input,
    work: Work,
    following: Succession,
) -> NewPreparation:
    """Return the version to be added."""
    plan, instances = given.plan, following.instances
    prepared = [outcome for outcome in work.outcomes.values() if isinstance(outcome, Prepared)]
    refusals = {
        outcome.code: [outcome.message, outcome.hint]
        for outcome in work.outcomes.values()
        if isinstance(outcome, Refusal)
    }
    present = {position for position, row in enumerate(instances) if row.stored is not None}
    pixels = list(_pixels(given, work))
    return NewPreparation(
        study=given.study.id,
        scope=given.scope.id,
        profile=plan.profile,
        profile_version=plan.version,
        profile_digest=plan.digest,
        edition=plan.edition,
        software=workbench.software,
        pixels=pixel_state(plan.pixels, pixels),
        root=preparation_root(bytes.fromhex(row.leaf) for row in instances if row.leaf),
        patient_code=_patient_code(prepared, given.person),
        instances=tuple(instances),
        changes=tuple(
            SeriesChanges(series, work.actions[series].total(), collector.instances, collector.encode())
            for series, collector in work.collectors.items()
        ),
        facts={
            "refusals": refusals,
            "actions": dict(_total(work)),
            "law": plan.law,
            "longitudinal": plan.longitudinal,
            "requires": list(plan.requires),
            "unchanged": following.unchanged,
            "follows": given.before.made.number if given.before.made else 0,
            **remarks(work.outcomes, present),
            **told(plan.pixels, pixels),
        },
    )


def _pixels(given: Input, work: Work) -> Iterator[SeriesPixels]:
    """Yield what became of the pixels of each series that was prepared."""
    for series in given.series:
        prepared = [
            outcome
            for position, instance in enumerate(given.instances)
            if instance.series == series.id and isinstance(outcome := work.outcomes[position], Prepared)
        ]
        unseen = sum(outcome.redaction is None and _is_unseen(outcome) for outcome in prepared)
        yield pixel_series(series.number - 1, prepared, unseen=unseen)


def series_event(
    workbench: Workbench,
    given: Input,
    work: Work,
    instances: Sequence[PreparedInstance],
    series: Series,
    *,
    preparation: str,
    redactions: str | None,
) -> SeriesPrepared:
    """Return the entry of one series; `redactions` is the digest of what is kept of its pixels."""
    seen = work.seen.get(series.id)
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
        regions=None if seen is None else blackened(one.redaction for one in seen.values()),
        redactions=redactions,
    )


def study_event(
    workbench: Workbench, preparation: str, given: Input, new: NewPreparation, unchanged: int
) -> StudyPrepared:
    """Return the entry of the version."""
    facts = new.facts or {}
    asked, pixels = pixel_rows(facts)
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
        pixels_checked=all_checked(asked, pixels),
        pixels=asked,
        changes=_words(facts["actions"]),
        findings=dict(Counter(finding.check for row in new.instances for finding in row.findings)),
        law=given.plan.law or None,
        predecessor=given.before.made.id if given.before.made else None,
        unchanged=unchanged,
        unknowns=unknowns_by_kind(facts),
        references_left_out=references_left_out(facts)[0],
    )


def _total(work: Work) -> Counter[str]:
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
