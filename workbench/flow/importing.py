"""Import: files in, studies and quarantine out. What is wrong with one file or study does not stop the rest.

Sources are only read. Originals are encrypted into the object store from the first byte; a study appears with all its
series in one transaction, with one entry per series.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.access.policy import Permission, demand
from workbench.audit.events import ImportCompleted, ImportStarted, InstanceQuarantined
from workbench.dicom.inputs import InputFile, find_inputs
from workbench.flow.arrival import Arrived, StudyArrival, keep
from workbench.flow.home import Workbench
from workbench.flow.machine import Advance, Reading, ReadTask, read_all
from workbench.flow.recording import changing, recording_denials
from workbench.flow.rows import study_row
from workbench.flow.shown import StudyRow
from workbench.flow.staging import staged
from workbench.flow.step import DICOMDIR, Refusal
from workbench.records.actor import Actor
from workbench.records.errors import InstanceRefused, UsageError

if TYPE_CHECKING:
    from workbench.store.objects import StoredObject

NOT_KEPT = frozenset({"not-dicom", "dicomdir-not-read", "symbolic-link", "not-a-file", "file-not-readable"})
"""Refusals whose file is not copied into the home: it is no image, or cannot be read."""

INCOMPLETE = Refusal(
    "identifiers-missing",
    "The object has no Study, Series or SOP Instance UID, or no SOP Class.",
    "Ask the source system to send the object again.",
)
SPECIAL = InstanceRefused("not-a-file", "An input is neither a file nor a folder.", "Give a regular file or a folder.")
PLACEHOLDER_NOTICE = (
    "{count} studies have no usable Patient ID (empty or a placeholder). Each counts as a patient of its own: "
    "strangers are never merged."
)


INDEX_NOTICE = "{count} DICOMDIR told which files belong to a medium. Nothing of it is kept."


@dataclass(frozen=True, slots=True)
class QuarantinedCount:
    """How many inputs were set aside for one reason."""

    code: str
    message: str
    hint: str
    instances: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import came to. Names no file and no patient."""

    batch: str
    instances: int
    already: int
    studies: tuple[StudyRow, ...]
    quarantined: tuple[QuarantinedCount, ...]
    notices: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    """Counts while an import runs."""

    received: int = 0
    already: int = 0
    refused: Counter[Refusal] = field(default_factory=Counter)
    studies: dict[str, None] = field(default_factory=dict)
    placeholders: int = 0
    indexes: int = 0


def import_paths(
    workbench: Workbench,
    actor: Actor,
    *,
    paths: Sequence[Path],
    again: str = "",
    jobs: int = 1,
    on_progress: Advance | None = None,
) -> ImportReport:
    """Import files, folders and zip archives.

    Parameters
    ----------
    again
        The reason to take quarantined studies up again with what arrives now. Needs the permission to accept them.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `input-missing`, when a path is not there.
    """
    advance = on_progress or (lambda _done, _of: None)
    with recording_denials(workbench, actor):
        demand(actor, Permission.STUDY_IMPORT)
        if again:
            demand(actor, Permission.STUDY_ACCEPT)
    if missing := [path for path in paths if not path.exists()]:
        raise UsageError("input-missing", f"{len(missing)} inputs are not there.", "Check the paths.")
    with staged(workbench.staging) as folder:
        files, tally = _inputs(paths, folder), _Tally()
        batch = _begin(workbench, actor)
        studies = _read(workbench, actor, batch, files, tally, folder=folder, jobs=jobs, advance=advance)
        done = len(files) - sum(len(scans) for scans in studies)
        for scans in studies:
            arrival = StudyArrival(workbench, actor, batch=batch, again=again)
            arrived = [Arrived(scan, files[scan.index].path, files[scan.index].label) for scan in scans]
            _count(tally, arrival.take(arrived))
            done += len(scans)
            advance(len(files) + done, 2 * len(files))
    return _end(workbench, actor, batch, len(files), tally)


def _inputs(paths: Sequence[Path], folder: Path) -> list[InputFile]:
    """List all files; an archive that cannot be opened is one refused input, and the other paths go on."""
    files: list[InputFile] = []
    for number, path in enumerate(paths):
        place = folder / f"{number:04d}"
        place.mkdir(mode=0o700)
        try:
            if not path.is_dir() and not path.is_file():  # a pipe or device could be waited for without end
                raise SPECIAL
            found = find_inputs([path], place)
        except InstanceRefused as refusal:
            found = [InputFile(0, None, path.name, refusal)]
        files += [
            InputFile(len(files) + n, file.path, _label(file.label), file.refusal) for n, file in enumerate(found)
        ]
    return files


def _label(label: str) -> str:
    """Return a file name as text that can be shown and sealed: bytes that are not UTF-8 become visible escapes."""
    return label.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _begin(workbench: Workbench, actor: Actor) -> str:
    with changing(workbench) as change:
        batch = change.imports.start(made_by=actor.user_id, at=workbench.clock())
        change.record(ImportStarted(batch=batch), actor=actor)
    return batch


def _read(
    workbench: Workbench,
    actor: Actor,
    batch: str,
    files: Sequence[InputFile],
    tally: _Tally,
    *,
    folder: Path,
    jobs: int,
    advance: Advance,
) -> list[list[Reading]]:
    """Read every file; return the readable ones by study, in the order of arrival, and set the others aside."""
    tasks = [ReadTask(file.index, file.path, scratch=folder) for file in files if file.path is not None]
    scans: list[Reading] = []
    refused = [(file.index, Refusal.of(file.refusal)) for file in files if file.refusal is not None]
    for done, (index, outcome) in enumerate(read_all(tasks, jobs=jobs), 1):
        advance(done, 2 * len(files))
        if isinstance(outcome, Refusal):
            refused.append((index, outcome))
        elif not (outcome.study and outcome.series and outcome.sop_instance and outcome.sop_class):
            refused.append((index, INCOMPLETE))
        else:
            scans.append(outcome)
    tally.indexes = sum(refusal == DICOMDIR for _index, refusal in refused)
    refused = [entry for entry in refused if entry[1] != DICOMDIR]
    for done, (index, refusal) in enumerate(sorted(refused, key=lambda entry: entry[0]), 1):
        _set_aside(workbench, actor, batch, files[index], refusal)
        tally.refused[refusal] += 1
        advance(len(files) + done, 2 * len(files))
    studies: dict[bytes, list[Reading]] = defaultdict(list)
    for scan in sorted(scans, key=lambda scan: scan.index):
        studies[scan.study].append(scan)
    return list(studies.values())


def _set_aside(workbench: Workbench, actor: Actor, batch: str, file: InputFile, refusal: Refusal) -> None:
    """Put one refused input into quarantine, with its content where there is something to keep."""
    stored: StoredObject | None = None
    if file.path is not None and refusal.code not in NOT_KEPT:
        stored = workbench.objects.put(file.path)
    with changing(workbench) as change:
        if stored is not None:
            keep(workbench, stored, file.path)
        entry = change.quarantine.add(
            InstanceRefused(refusal.code, refusal.message, refusal.hint),
            by=actor.user_id,
            at=workbench.clock(),
            stored=stored,
            import_id=batch,
            input_index=file.index,
            source=file.label,
        )
        change.record(InstanceQuarantined(quarantine=entry.id, code=refusal.code, batch=batch), actor=actor)


def _count(tally: _Tally, arrival: StudyArrival) -> None:
    tally.received += arrival.received
    tally.already += arrival.already
    tally.refused.update(arrival.refused)
    tally.placeholders += arrival.placeholder
    if arrival.study:
        tally.studies[arrival.study] = None


def _end(workbench: Workbench, actor: Actor, batch: str, inputs: int, tally: _Tally) -> ImportReport:
    quarantined = sum(tally.refused.values())
    with changing(workbench) as change:
        change.imports.end(
            batch,
            at=workbench.clock(),
            inputs=inputs,
            received=tally.received,
            duplicates=tally.already,
            quarantined=quarantined,
        )
        event = ImportCompleted(
            batch=batch,
            instances=tally.received,
            studies=len(tally.studies),
            quarantined=quarantined,
            duplicates=tally.already,
        )
        change.record(event, actor=actor)
        rows = tuple(study_row(change.transaction, change.studies.get(number)) for number in tally.studies)
    return ImportReport(
        batch=batch,
        instances=tally.received,
        already=tally.already,
        studies=rows,
        quarantined=tuple(_grouped(tally.refused.items())),
        notices=tuple(
            notice.format(count=count)
            for notice, count in ((PLACEHOLDER_NOTICE, tally.placeholders), (INDEX_NOTICE, tally.indexes))
            if count
        ),
    )


def _grouped(refused: Iterable[tuple[Refusal, int]]) -> list[QuarantinedCount]:
    rows = [QuarantinedCount(refusal.code, refusal.message, refusal.hint, count) for refusal, count in refused]
    return sorted(rows, key=lambda row: (-row.instances, row.code))
