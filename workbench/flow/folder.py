"""Folder mode: inputs to verified outputs with no home, no accounts and no database.

What comes out is de-identified and, unless that was switched off, verified. It is not approved, and says so.
"""

import os
import secrets
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.deid.known_values import shared
from workbench.deid.pseudonyms import draw, repeatable
from workbench.dicom.inputs import InputFile, find_inputs
from workbench.dicom.parts import not_written
from workbench.flow.crosswalk import Crosswalk
from workbench.flow.features import may_show_features
from workbench.flow.folder_job import FolderJob, OnProgress, Progress, check, key_of, site_rules
from workbench.flow.folder_report import FolderReport, InstanceReport, State
from workbench.flow.folder_work import WORKER_LOST, Done, PrepareTask, ScanTask, Setting, Task, chunks, prepare_worker
from workbench.flow.grouping import Group, group_scans
from workbench.flow.installation import check_installation
from workbench.flow.looking import BOUNDS, CARE
from workbench.flow.pool import Bounds, Lost, Pool
from workbench.flow.step import DICOMDIR, Prepared, Refusal, Scan
from workbench.profiles import Plan, compile_plan, load
from workbench.records.pseudonym import Assigned

if TYPE_CHECKING:
    from workbench.pixels.examining import Examined
    from workbench.records.finding import Finding
    from workbench.records.known import KnownValue

__all__ = ["FolderJob", "FolderReport", "Progress", "deidentify_folder"]


def deidentify_folder(job: FolderJob, on_progress: OnProgress | None = None) -> FolderReport:
    """De-identify everything under `job.source` into `job.target`.

    Guarantees: sources are not modified; an output appears whole or not at all; the same inputs, profile and key give
    the same bytes and names on any number of workers.

    Raises
    ------
    UsageError
        What `folder_job` refuses; `installation-damaged`; `models-absent` or `models-other` when pixels are to be
        looked at. Nothing is written then.
    ProfileError
        The profile does not load or lint.
    """
    check(job)
    plan = compile_plan(load(job.profile))
    plan = replace(plan, pixels=job.pixels or plan.pixels)
    check_installation(texts=plan.cleans_text, verify=job.verify)
    if plan.pixels != "off":
        from workbench.pixels.models import locate_all  # noqa: PLC0415 (else nothing loads what looks at pixels)

        locate_all()
    rules = site_rules(job, plan.pixels)
    setting = Setting(plan, key_of(job.key_file), job.verify, job.crosswalk is not None, rules=rules)
    if job.verify:  # loaded before the workers start, so that they share it
        from workbench.verify import harvesting, sceptic, together  # noqa: F401, PLC0415 (else nothing loads pydicom)
    staging = _staging(job.target)
    setting = replace(setting, scratch=staging)
    try:
        run = _Run(job, plan, setting, staging, on_progress or (lambda _progress: None))
        report = run.run()
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    report.write(job.report)
    return report


class _Run:
    """One run, stage by stage."""

    def __init__(self, job: FolderJob, plan: Plan, setting: Setting, staging: Path, on_progress: OnProgress) -> None:
        self.job = job
        self.plan = plan
        self.setting = setting
        self.staging = staging
        self.on_progress = on_progress
        self.inputs: list[InputFile] = []
        self.reports: dict[int, InstanceReport] = {}
        self.crosswalk = Crosswalk()
        self.scans: list[Scan] = []
        self.scanned: list[Scan] = []

    def run(self) -> FolderReport:
        """Do it all."""
        members = self.staging / "members"
        members.mkdir(mode=0o700)
        self.inputs = find_inputs(self.job.source, members)
        for file in self.inputs:
            if file.refusal is not None:
                self._refuse(file.index, Refusal.of(file.refusal))
        bounds = self.job.bounds or (Bounds() if self.plan.pixels == "off" else BOUNDS)
        with Pool(prepare_worker, self.setting, jobs=self.job.jobs, bounds=bounds) as pool:
            if self.setting.ahead:
                groups, refusals = group_scans(self._scan(pool))
                for index, refusal in refusals:
                    self._refuse(index, refusal)
                self._prepare(pool, groups, self._look(groups))
            else:
                self._prepare_at_once(pool)
        if self.job.crosswalk is not None:
            self.crosswalk.write(self.job.crosswalk, self.inputs)
        return FolderReport(
            profile=f"{self.plan.profile} {self.plan.version}",
            profile_digest=self.plan.digest,
            edition=self.plan.edition,
            verified=self.job.verify,
            law=self.plan.law,
            pixels=self.plan.pixels,
            instances=tuple(self.reports[file.index] for file in self.inputs),
        )

    def _scan(self, pool: Pool[Task, Done]) -> list[Scan]:
        files = [(file.index, file.path) for file in self.inputs if file.path is not None]
        tasks: list[Task] = [ScanTask(tuple(part)) for part in chunks(files)]
        scans: list[Scan] = []
        held: dict[frozenset[KnownValue], frozenset[KnownValue]] = {}  # most instances of a study hold the same values
        for done, (index, outcome) in enumerate(self._outcomes(pool, tasks), 1):
            if isinstance(outcome, Scan):
                values = held.setdefault(outcome.identifying, outcome.identifying)
                scans.append(replace(outcome, identifying=values))
            elif isinstance(outcome, Refusal):
                self._refuse(index, outcome)
            self.on_progress(Progress("reading", done, len(files)))
        self.scanned = sorted(scans, key=lambda scan: scan.index)
        return self.scanned

    def _look(self, groups: Sequence[Group]) -> "dict[int, Examined]":
        """Return what the pixels of all instances show; those of a series tell of each other, so all come first."""
        found: dict[int, Examined] = {}
        if self.plan.pixels == "off":
            return found
        from workbench.flow.detecting import look_at  # noqa: PLC0415 (see deidentify_folder)

        wanted = {index for group in groups for index in group.indexes}
        files = [(file.index, file.path) for file in self.inputs if file.index in wanted and file.path is not None]
        frames = 0
        for index, examined in look_at(files, profile=CARE, jobs=self.job.jobs):
            found[index] = examined
            frames += examined.frames
            self.on_progress(Progress("looking", len(found), len(files), frames))
        return found

    def _prepare(self, pool: Pool[Task, Done], groups: Sequence[Group], examined: "Mapping[int, Examined]") -> None:
        paths = {file.index: file.path for file in self.inputs}
        tasks: list[Task] = []
        left: dict[int, set[int]] = {}
        group_of: dict[int, int] = {}
        cleans = self.plan.cleans_text
        common = shared(value for values in {group.known for group in groups} for value in values)
        drawn = self._drawn(groups)
        for number, group in enumerate(groups):
            folder = self.staging / f"{number:06d}"
            folder.mkdir(mode=0o700)
            files = [
                (index, path, folder / f"{index:08d}.dcm")
                for index in group.indexes
                if (path := paths[index]) is not None
            ]
            left[number] = {index for index, _path, _target in files}
            group_of.update(dict.fromkeys(left[number], number))
            tasks += [
                PrepareTask(
                    number,
                    tuple(part),
                    person=group.person,
                    identity=group.identity,
                    uids=group.uids,
                    known=group.known if cleans else None,
                    shared=common,
                    patient=group.patient,
                    assigned=drawn[number] if drawn else None,
                    examined={index: examined[index] for index, _path, _target in part if index in examined},
                )
                for part in chunks(files)
            ]
        prepared: dict[int, list[Prepared]] = defaultdict(list)
        total = len(group_of)
        for done, (index, outcome) in enumerate(self._outcomes(pool, tasks), 1):
            number = group_of[index]
            if isinstance(outcome, Prepared):
                prepared[number].append(outcome)
            elif isinstance(outcome, Refusal):
                self._refuse(index, outcome)
            left[number].discard(index)
            if not left[number]:
                self._finish(number, prepared.pop(number, []))
            self.on_progress(Progress("de-identifying", done, total))

    def _drawn(self, groups: Sequence[Group]) -> list[Assigned]:
        """Draw pseudonyms for the patients one after the other, when the plan wants them random.

        With a key of the user's the draw is repeatable: the same inputs under the same key get the same. What is drawn
        follows from the key and the inputs as a whole, and nothing about a person but their place in the order.
        """
        if self.plan.pseudonyms != "random":
            return []
        random: Callable[[int], bytes] = secrets.token_bytes
        if self.job.key_file is not None:
            inputs = sorted({scan.sop_instance for scan in self.scanned})
            random = repeatable(self.setting.key, inputs)
        return [draw(random) for _group in groups]

    def _prepare_at_once(self, pool: Pool[Task, Done]) -> None:
        """Prepare without a scan before: nobody verifies, so nothing of the other instances is needed beforehand.

        Contradictions show afterwards. What must stay out is dropped, and who shares an ID with somebody else is
        prepared anew under a code of their own; so the outputs are those that a scan before would have given.
        """
        folder = self.staging / "000000"
        folder.mkdir(mode=0o700)
        files = [
            (file.index, file.path, folder / f"{file.index:08d}.dcm") for file in self.inputs if file.path is not None
        ]
        prepared: dict[int, Prepared] = {}
        self._take(pool, [PrepareTask(0, tuple(part), scan=True) for part in chunks(files)], prepared)
        groups, refusals = group_scans(sorted(self.scans, key=lambda scan: scan.index))
        for index, refusal in refusals:
            prepared.pop(index, None)
            self._refuse(index, refusal)
        given = {file[0]: file for file in files}
        for number, group in enumerate(groups):
            if group.person:
                again = [given[index] for index in group.indexes if prepared.pop(index, None) is not None]
                tasks = [PrepareTask(number, tuple(part), person=group.person) for part in chunks(again)]
                self._take(pool, tasks, prepared)
        self._finish(0, list(prepared.values()))

    def _take(
        self,
        pool: Pool[Task, Done],
        tasks: Sequence[Task],
        prepared: dict[int, Prepared],
    ) -> None:
        total = sum(len(task.files) for task in tasks)
        for done, (index, outcome) in enumerate(self._outcomes(pool, tasks), 1):
            if isinstance(outcome, Prepared):
                prepared[index] = outcome
            elif isinstance(outcome, Refusal):
                self._refuse(index, outcome)
            self.on_progress(Progress("de-identifying", done, total))

    def _outcomes(
        self,
        pool: Pool[Task, Done],
        tasks: Sequence[Task],
    ) -> "Iterator[tuple[int, Scan | Prepared | Refusal]]":
        """Yield each index with its outcome; a lost chunk is tried again file by file, so that one file is to blame."""
        again: list[Task] = []
        for task, result in pool.run(tasks):
            if isinstance(result, Lost):
                if len(task.files) > 1:
                    again += [replace(task, files=(file,)) for file in task.files]  # type: ignore[arg-type]
                else:
                    yield task.files[0][0], WORKER_LOST[result.reason]
                continue
            self.crosswalk.add(result.uids, result.codes)
            self.scans += result.scans
            indexes = [file[0] for file in task.files]
            yield from zip(indexes, result.outcomes, strict=True)
        if again:
            yield from self._outcomes(pool, again)

    def _finish(self, number: int, prepared: list[Prepared]) -> None:
        """Judge the instances of a patient together, then let those that passed appear, all synced first."""
        prepared.sort(key=lambda outcome: outcome.index)
        together: dict[int, list[Finding]] = defaultdict(list)
        if self.job.verify:
            from workbench.verify import examine_set  # noqa: PLC0415 (see deidentify_folder)

            for finding in examine_set([outcome.examination for outcome in prepared if outcome.examination]):
                together[finding.instance].append(finding)
        folder = self.staging / f"{number:06d}"
        passed = []
        for outcome in prepared:
            findings = (*outcome.findings, *together[outcome.index])
            state = State.HELD if findings else State.WRITTEN
            name = f"{outcome.patient_code}/{outcome.study}/{outcome.series}/{outcome.sop_instance}.dcm"
            self.reports[outcome.index] = InstanceReport(
                index=outcome.index,
                state=state,
                file="" if findings else name,
                sop_class=outcome.sop_class,
                may_carry_text=tuple(hold for hold in outcome.holds if not may_show_features([hold])),
                may_show_features=may_show_features(outcome.holds),
                findings=findings,
                counts=outcome.counts,
                size=outcome.size,
                evidence=outcome.evidence,
                pixel_evidence=outcome.pixel_evidence,
                redaction=outcome.redaction,
                references=outcome.references,
                notes=outcome.examination.notes if outcome.examination else (),
                unknowns=outcome.examination.unknowns if outcome.examination else (),
            )
            if not findings:
                passed.append((folder / f"{outcome.index:08d}.dcm", self.job.target / name))
        try:
            _sync(folder)
            for parent in dict.fromkeys(target.parent for _source, target in passed):
                parent.mkdir(parents=True, exist_ok=True)
            for source, target in passed:
                source.rename(target)
        except OSError as error:
            raise not_written(error) from None
        shutil.rmtree(folder, ignore_errors=True)

    def _refuse(self, index: int, refusal: Refusal) -> None:
        state = State.SKIPPED if refusal == DICOMDIR else State.REFUSED
        self.reports[index] = InstanceReport(index=index, state=state, refusal=refusal)


def _staging(target: Path) -> Path:
    try:
        target.mkdir(parents=True, exist_ok=True)
        staging = target / f".workbench-{secrets.token_hex(4)}"
        staging.mkdir(mode=0o700)
    except OSError as error:
        raise not_written(error) from None
    return staging


def _sync(folder: Path) -> None:
    """Flush the file system that holds `folder`, once for many files."""
    import ctypes  # noqa: PLC0415 (only for this call: Python has no syncfs)

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
            raise OSError(ctypes.get_errno(), "syncfs")
    finally:
        os.close(descriptor)
