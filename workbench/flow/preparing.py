"""Prepare: de-identify and verify a study, and keep the outcome as an immutable version.

Originals are decrypted into a private staging folder, worked on in supervised processes, judged by the sceptic one by
one and together, and the outputs encrypted again. One transaction then writes the version, with one entry for each
series and one for the study. What has a privacy issue has no output at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.access.policy import Permission, demand
from workbench.audit.events import KeyCreated, KeyPurpose
from workbench.flow.activation import usable_plan
from workbench.flow.clearance import approval_entries
from workbench.flow.home import Workbench
from workbench.flow.installation import check_installation
from workbench.flow.looking import CARE
from workbench.flow.machine import Advance, PrepareTask, Reading, ReadTask, Setting, prepare_all, read_all
from workbench.flow.patients import one_person
from workbench.flow.pixel_rows import check_models, pixel_mode
from workbench.flow.recording import Change, changing, check_actor, recording_denials
from workbench.flow.redaction_rows import pack, seen_of
from workbench.flow.region_rules import approved_rules, sightings_of
from workbench.flow.rejection import QUALITY, exclusion
from workbench.flow.rows import LIVE, preparation_view
from workbench.flow.shown import PreparationView
from workbench.flow.shown_pixels import PixelMode
from workbench.flow.staging import staged, unpack
from workbench.flow.states import next_study_state
from workbench.flow.step import Prepared, Refusal
from workbench.flow.succession import Succession, predecessor, succeed
from workbench.flow.versions import Input, Work, new_preparation, prepared_instances, series_event, study_event
from workbench.records.actor import Actor
from workbench.records.errors import IntegrityBroken, UsageError, WrongState
from workbench.records.known import KnownValue
from workbench.records.states import StudyState
from workbench.store.objects import StoredObject
from workbench.store.preparation_records import Preparation
from workbench.store.scopes import Scope
from workbench.store.study_records import Instance, Study

if TYPE_CHECKING:
    from workbench.pixels.examining import Examined
    from workbench.profiles import Plan
    from workbench.verify import Harvest, Identity

PRIORS_AT_ONCE = 64
"""How many originals of an earlier study lie in clear at once."""


def prepare(
    workbench: Workbench,
    actor: Actor,
    *,
    study: str,
    scope: str = "",
    profile: str = "",
    pixels: PixelMode | None = None,
    jobs: int = 1,
    on_progress: Advance | None = None,
) -> PreparationView:
    """Make a prepared version of a study.

    Parameters
    ----------
    scope
        Recipient or project within which codes, UIDs and dates stay linkable. A new name makes a new scope, with a
        key of its own. Without one, that of the version before.
    profile
        Name of a shipped or activated profile, or the file of one that is activated (`flow.activation`). Without one,
        that of the version before, else `basic`.
    pixels
        `off` does not look at pixels: images of kinds that often show identity wait until the approver accepts them by
        name. `flag` keeps out what shows text, `clean` blackens it. Without it, what the profile says.

    Raises
    ------
    NotPermitted, WrongState
        Without the permission, or when the study cannot be prepared now; `profile-not-activated`.
    ProfileError
        The profile does not load, does not lint or does not compile.
    UsageError
        `installation-damaged`; `models-absent`, `models-other`, when pixels are to be looked at: before anything is
        read.
    IntegrityBroken
        A stored original is not what was stored.
    StorageFailed
        The disk refused; nothing was changed.
    """
    advance = on_progress or (lambda _done, _of: None)
    with recording_denials(workbench, actor, study=study):
        demand(actor, Permission.STUDY_PREPARE)
        scope, profile = _as_before(workbench, study, scope.strip(), profile.strip())
        plan = usable_plan(workbench, actor, profile)
        plan = replace(plan, pixels=pixels or plan.pixels)
        check_installation(texts=plan.cleans_text)
        check_models(plan.pixels)
        given = _read(workbench, actor, study, plan, scope)
        with staged(workbench.staging) as folder:
            work = _work(workbench, given, folder, jobs=jobs, advance=advance)
            stored = _store(workbench, work, folder)
            return _record(workbench, actor, given, work, stored)


def _as_before(workbench: Workbench, study: str, scope: str, profile: str) -> tuple[str, str]:
    """Fill in scope and profile from the version before."""
    if scope and profile:
        return scope, profile
    with workbench.database.reading() as reading:
        reading.studies.get(study)
        made = reading.preparations.current(study)
        if made is None and not scope:
            raise UsageError(
                "scope-missing",
                "The study has no prepared version yet, so its scope must be named.",
                "Give --scope RECIPIENT_OR_PROJECT.",
            )
        before = reading.scopes.get(made.scope).name if made is not None else ""
    return scope or before, profile or (made.profile if made is not None else "basic")


def _read(workbench: Workbench, actor: Actor, study: str, plan: "Plan", scope: str) -> Input:
    with workbench.database.reading() as reading:
        found = reading.studies.get(study)
        next_study_state(found.state, "prepare")
        series, instances = reading.studies.all_series(study), reading.studies.instances(study)
        group = reading.persons.group(found.patient)
        rejected = reading.rejections.of_instances([instance.id for instance in instances])
        notes = reading.rejections.notes_in(study)
    if not instances:
        raise WrongState("study-empty", "The study has no instances.", "Look at its entries in quarantine.")
    within = _scope(workbench, actor, scope)
    random = plan.pseudonyms == "random"
    person = one_person(workbench, actor, within, group, study=study, random=random)
    with workbench.database.reading() as reading:
        approvals = approval_entries(reading, study)
        before = predecessor(reading, study, scope=within.id, profile_digest=plan.digest, approvals=approvals)
    excluded = {
        position: refusal
        for position, instance in enumerate(instances)
        if (refusal := exclusion(rejected.get(instance.id, ()), is_note=instance.id in notes)) is not None
    }
    return Input(
        study=found,
        series=series,
        instances=instances,
        plan=plan,
        scope=within,
        group=group,
        person=person,
        excluded=excluded,
        doubtful=frozenset(row for row, codes in rejected.items() if QUALITY in codes),
        before=before,
    )


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


def _work(workbench: Workbench, given: Input, folder: Path, *, jobs: int, advance: Advance) -> Work:
    """Decrypt, read with both parsers, prepare, verify."""
    from workbench.verify import examine_set  # noqa: PLC0415 (loads pydicom)

    mode = pixel_mode(given.plan.pixels)
    stages = 3 if mode == "off" else 4
    steps, total, work = 0, stages * len(given.instances), Work(outcomes=dict(given.excluded))

    def step() -> None:
        nonlocal steps
        steps += 1
        advance(steps, total)

    chosen = [position for position in range(len(given.instances)) if position not in given.excluded]
    sources = {position: folder / f"in-{position:08d}" for position in chosen}
    for position in chosen:
        unpack(workbench.objects, given.instances[position].object, sources[position])
        step()
    scans: dict[int, Reading] = {}
    tasks = [ReadTask(position, source, harvest=True, scratch=folder) for position, source in sources.items()]
    for position, outcome in read_all(tasks, jobs=jobs):
        if isinstance(outcome, Reading):
            scans[position] = outcome
        else:
            work.outcomes[position] = outcome
        step()
    work.known[given.study.id] = frozenset[KnownValue]().union(*(scan.known for scan in scans.values()))
    harvests = [scans[position].harvest for position in sorted(scans)]
    known = [harvest for harvest in harvests if harvest is not None]
    if not known:
        return work
    uids = frozenset().union(*(harvest.uids for harvest in known))
    values = _known_values(workbench, given, work, folder, jobs=jobs)
    identity = _searched(known, values - work.known[given.study.id], given)
    rules = approved_rules(workbench) if mode != "off" else ()
    setting = Setting(given.plan, given.person, identity, uids, values, mode, rules)
    waiting: dict[int, Prepared | Refusal] = {}
    order = [*sorted(scans)]
    examined = _look([(position, sources[position]) for position in order], mode, jobs, step)
    todo = [
        PrepareTask(position, sources[position], output_path(folder, position), examined.get(position))
        for position in order
    ]
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
    work.sightings = sightings_of((scans[n].device, work.outcomes[n]) for n in sorted(scans) if n in work.outcomes)
    return work


def _look(
    files: Sequence[tuple[int, Path]], mode: PixelMode, jobs: int, step: Callable[[], None]
) -> "dict[int, Examined]":
    """Return what the pixels of all instances show; those of a series tell of each other, so all come first."""
    if mode == "off":
        return {}
    from workbench.flow.detecting import look_at  # noqa: PLC0415 (loads what looks at pixels)

    found = {}
    for position, examined in look_at(files, profile=CARE, jobs=jobs):
        found[position] = examined
        step()
    return found


def _searched(harvests: "Sequence[Harvest]", elsewhere: frozenset[KnownValue], given: Input) -> "Identity":
    """Return what the sceptic searches the outputs for: what the inputs hold, and what is known of the person besides.

    A maiden name of another study in an old description is a privacy issue, whether the cleaner knew it or not.
    """
    from workbench.verify import known_elsewhere, merge  # noqa: PLC0415 (loads pydicom)

    here = merge(harvests)
    return here._replace(values=here.values | known_elsewhere(elsewhere, here, dates=given.plan.dates == "removed"))


def _known_values(workbench: Workbench, given: Input, work: Work, folder: Path, *, jobs: int) -> frozenset[KnownValue]:
    """Return what texts may repeat, and no output may hold.

    Of this study, of all others of the person, and of the patients linked to them. What was never gathered (of a study
    that came with an older version) is read from its originals now, and kept.
    """
    missing: list[str] = []
    values = work.known[given.study.id]
    with workbench.database.reading() as reading:
        for study in reading.persons.studies([member.id for member in given.group]):
            kept = reading.persons.known(study)
            values |= kept or frozenset()
            if kept is None and study != given.study.id:
                missing.append(study)
        originals = {study: reading.studies.instances(study) for study in missing}
    for study, instances in originals.items():
        found = work.known[study] = _known_of(workbench, instances, folder, jobs=jobs)
        values |= found
    return values


def _known_of(workbench: Workbench, instances: Sequence[Instance], folder: Path, *, jobs: int) -> frozenset[KnownValue]:
    found: frozenset[KnownValue] = frozenset()
    for start in range(0, len(instances), PRIORS_AT_ONCE):
        paths = {n: folder / f"prior-{n:08d}" for n, _one in enumerate(instances[start : start + PRIORS_AT_ONCE])}
        for number, path in paths.items():
            unpack(workbench.objects, instances[start + number].object, path)
        for _number, outcome in read_all([ReadTask(n, path, scratch=folder) for n, path in paths.items()], jobs=jobs):
            found |= outcome.known if isinstance(outcome, Reading) else frozenset()
        for path in paths.values():
            path.unlink(missing_ok=True)
    return found


def output_path(folder: Path, position: int) -> Path:
    """Return where the output of an instance lies until it is stored."""
    return folder / f"out-{position:08d}"


def _collect(work: Work, given: Input, position: int, outcome: Prepared | Refusal) -> None:
    """Take an outcome in the order of the instances; its changes go into the block of its series and nowhere else."""
    series = given.instances[position].series
    if isinstance(outcome, Prepared):
        work.collectors[series].add(outcome.changes)
        work.actions[series].update(outcome.counts)
        if outcome.evidence:
            work.evidence[series][given.instances[position].id] = outcome.evidence
        seen = seen_of(outcome)
        if seen is not None:
            work.seen[series][given.instances[position].id] = seen
        outcome = replace(outcome, changes=(), evidence="", pixel_evidence="", regions=())
    work.outcomes[position] = outcome


def _store(workbench: Workbench, work: Work, folder: Path) -> dict[int, StoredObject]:
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
    given: Input,
    work: Work,
    stored: Mapping[int, StoredObject],
) -> PreparationView:
    following = succeed(given.before, prepared_instances(given, work, stored))
    new = new_preparation(workbench, given, work, following)
    redactions = [pack(workbench.keys, series, seen) for series, seen in sorted(work.seen.items())]
    digests = {kept.series: kept.digest for kept in redactions}
    now = workbench.clock()
    with changing(workbench) as change:
        check_actor(change, actor)
        current = _unchanged_study(change, given)
        to = next_study_state(current.state, "prepare")
        lost = _lost(change, current)
        made = change.preparations.add(new, by=actor.user_id, at=now)
        _take_over(change, made, following)
        for name, documents in work.evidence.items():
            change.successors.keep_evidence(made.id, name, documents)
        for kept in redactions:
            change.redactions.keep(made.id, kept)
        change.pixel_rules.keep_sightings(made.id, work.sightings)
        for name, values in work.known.items():
            change.persons.keep_known(name, values, at=now)
        change.studies.move(current.id, expected=current.state, to=to, at=now)
        change.preparations.record_decision(
            study_id=current.id, preparation_id=made.id, step="prepare", by=actor.user_id, at=now
        )
        for series in given.series:
            event = series_event(
                workbench, given, work, new.instances, series, preparation=made.id, redactions=digests.get(series.id)
            )
            change.record(event, actor="system")
        change.record(study_event(workbench, made.id, given, new, following.unchanged), actor=actor)
        names = change.accounts.names()
        view = preparation_view(change.transaction, made, names=names, approval_days=workbench.settings.approval_days)
        return replace(view, approval_lost=lost[0], packages_touched=lost[1])


def _lost(change: Change, study: Study) -> tuple[int, tuple[str, ...]]:
    """Return the number of the approved version that a new one takes the place of, and its packages that are open."""
    before = change.preparations.current(study.id)
    if study.state is not StudyState.APPROVED or before is None:
        return 0, ()
    found = [change.releases.get(name) for name in change.rejections.releases_with([before.id])]
    return before.number, tuple(one.id for one in found if one.state in LIVE)


def _unchanged_study(change: Change, given: Input) -> Study:
    """Return the study, unless it, its patient or what is rejected of it changed since it was read."""
    current = change.studies.get(given.study.id)
    rejected = change.rejections.of_instances([instance.id for instance in given.instances])
    read = (given.study.state, given.study.instance_count, given.study.patient, [one.id for one in given.group])
    now = (
        current.state,
        current.instance_count,
        current.patient,
        [one.id for one in change.persons.group(current.patient)],
    )
    notes = change.rejections.notes_in(given.study.id)
    excluded = {
        position
        for position, instance in enumerate(given.instances)
        if exclusion(rejected.get(instance.id, ()), is_note=instance.id in notes) is not None
    }
    doubtful = {row for row, codes in rejected.items() if QUALITY in codes}
    if read != now or excluded != set(given.excluded) or doubtful != given.doubtful:
        raise WrongState(
            "study-changed", "The study changed while it was being prepared.", "Prepare it again as it is now."
        )
    return current


def _take_over(change: Change, made: Preparation, following: Succession) -> None:
    for code, accepted in following.accepted.items():
        change.preparations.accept(made.id, (code,), by=accepted.by, at=accepted.at)
    change.successors.carry(made.id, {code: accepted.origin for code, accepted in following.accepted.items()})
