"""Machine work of the workbench on many files: read what arrives, prepare and verify what is asked for.

Everything that parses runs in supervised processes (`flow.pool`); a file that kills its worker is refused by name.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from workbench.deid.engine import Engine
from workbench.deid.known_values import known_values
from workbench.dicom.source import read_instance
from workbench.flow.folder_work import CHUNK_FILES, WORKER_LOST
from workbench.flow.looking import BOUNDS as LOOKING
from workbench.flow.looking import cleaning
from workbench.flow.patients import OnePerson
from workbench.flow.pool import Bounds, Lost, Pool
from workbench.flow.rejection import RejectionNote, rejection_note
from workbench.flow.shown_pixels import PixelMode
from workbench.flow.step import Look, Prepared, Refusal, Scan, prepare_file, refused, scan_file
from workbench.records.known import Known, KnownValue

if TYPE_CHECKING:
    from workbench.pixels.examining import Examined
    from workbench.pixels.learned_rules import Device
    from workbench.pixels.region_rules import DeviceRule
    from workbench.profiles import Plan
    from workbench.verify import Identity

Task = TypeVar("Task", "ReadTask", "PrepareTask")
Outcome = TypeVar("Outcome", "Reading", Prepared)

_SEX: Final = 0x00100040
_INSTITUTION: Final = 0x00080080
_SIGNS: Final = frozenset({_SEX, _INSTITUTION})

Advance = Callable[[int, int], None]
"""Progress: called with (done, of)."""


@dataclass(frozen=True, slots=True)
class ReadTask:
    """One file to read. `harvest`: keep the sceptic's own reading. `scratch`: see `scan_file`."""

    index: int
    source: Path
    harvest: bool = False
    scratch: Path | None = None


@dataclass(frozen=True, slots=True)
class Reading(Scan):
    """A scan with what only the workbench asks: who and where by other signs, what it rejects, what texts may repeat.

    Bears identity; stays in this process and its parent.
    """

    sex: bytes = b""
    institution: bytes = b""
    note: RejectionNote | None = None
    known: frozenset[KnownValue] = frozenset()
    device: "Device | None" = None


@dataclass(frozen=True, slots=True)
class PrepareTask:
    """One file to prepare, where its output goes, and what a look at its pixels found (None when nobody looked)."""

    index: int
    source: Path
    target: Path
    examined: "Examined | None" = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What every worker of a preparation needs.

    Plan, pseudonyms, what the sceptic searches for, what texts repeat, and what is asked of pixels.
    """

    plan: "Plan"
    person: OnePerson
    identity: "Identity"
    uids: frozenset[str]
    known: frozenset[KnownValue] = frozenset()
    pixels: PixelMode = "off"
    rules: "tuple[DeviceRule, ...]" = ()


def read_all(
    tasks: Sequence[ReadTask], *, jobs: int, bounds: Bounds | None = None
) -> Iterator[tuple[int, Reading | Refusal]]:
    """Read files with both parsers and yield index and outcome, as they are done."""
    with Pool(_reading, None, jobs=jobs, bounds=bounds) as pool:
        yield from _outcomes(pool, tasks)


def prepare_all(
    tasks: Sequence[PrepareTask], setting: Setting, *, jobs: int, bounds: Bounds | None = None
) -> Iterator[tuple[int, Prepared | Refusal]]:
    """Prepare and verify files and yield index and outcome, as they are done."""
    within = bounds if bounds is not None or setting.pixels == "off" else LOOKING
    with Pool(_preparing, setting, jobs=jobs, bounds=within) as pool:
        yield from _outcomes(pool, tasks)


def _outcomes(
    pool: Pool[tuple[Task, ...], tuple[Outcome | Refusal, ...]], tasks: Sequence[Task]
) -> Iterator[tuple[int, Outcome | Refusal]]:
    """Run tasks in chunks; a lost chunk is tried again file by file, so that one file is to blame."""
    chunks = [tuple(tasks[start : start + CHUNK_FILES]) for start in range(0, len(tasks), CHUNK_FILES)]
    singles: list[tuple[Task, ...]] = []
    for chunk, result in pool.run(chunks):
        if not isinstance(result, Lost):
            yield from ((task.index, outcome) for task, outcome in zip(chunk, result, strict=True))
        elif len(chunk) == 1:
            yield chunk[0].index, WORKER_LOST[result.reason]
        else:
            singles += [(task,) for task in chunk]
    for chunk, result in pool.run(singles) if singles else ():
        yield chunk[0].index, WORKER_LOST[result.reason] if isinstance(result, Lost) else result[0]


def _reading(_setting: None) -> Callable[[tuple[ReadTask, ...]], tuple[Reading | Refusal, ...]]:
    def work(chunk: tuple[ReadTask, ...]) -> tuple[Reading | Refusal, ...]:
        return tuple(_read(task) for task in chunk)

    return work


def _read(task: ReadTask) -> Reading | Refusal:
    from workbench.pixels.learned_rules import device_of  # noqa: PLC0415 (loads numpy: only in workers)

    outcome = scan_file(task.source, task.index, verify=True, scratch=task.scratch)
    if isinstance(outcome, Refusal):
        return outcome
    try:
        instance = read_instance(task.source, scratch=task.scratch)
        said = instance.values(_SIGNS)
        given = {field.name: getattr(outcome, field.name) for field in fields(Scan)}
        if not task.harvest:
            given["harvest"] = None
        return Reading(
            **given,
            sex=said.get(_SEX, b"").strip(b" \0").upper(),
            institution=said.get(_INSTITUTION, b"").strip(b" \0"),
            note=rejection_note(instance),
            known=known_values(instance),
            device=device_of(instance),
        )
    except Exception as error:  # noqa: BLE001 (one bad input must not end the run; it is refused by name)
        return refused(error)


def _preparing(setting: Setting) -> Callable[[tuple[PrepareTask, ...]], tuple[Prepared | Refusal, ...]]:
    from workbench.verify import Sceptic  # noqa: PLC0415 (loads pydicom: only in workers that verify)

    engine = Engine(setting.plan, setting.person.source())
    sceptic = Sceptic(setting.identity, setting.uids, setting.plan.promises())
    pixels = cleaning(setting.pixels, setting.rules) if setting.pixels != "off" else None

    def work(chunk: tuple[PrepareTask, ...]) -> tuple[Prepared | Refusal, ...]:
        return tuple(
            prepare_file(
                engine,
                task.source,
                task.target,
                task.index,
                sceptic=sceptic,
                known=Known(setting.known) if setting.plan.cleans_text else None,
                keep_changes=True,
                digest=True,
                look=Look(pixels, task.examined) if pixels is not None else None,
            )
            for task in chunk
        )

    return work
