"""What the workers of folder mode do, and how work is cut for them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from workbench.deid.engine import Engine
from workbench.deid.pseudonyms import Pseudonyms, PseudonymSource, RandomPseudonyms
from workbench.flow.looking import cleaning
from workbench.flow.step import Look, Prepared, Refusal, Scan, prepare_file, scan_file
from workbench.profiles import Plan
from workbench.records.known import Known, KnownValue
from workbench.records.pseudonym import Assigned

if TYPE_CHECKING:
    from workbench.pixels.examining import Examined
    from workbench.pixels.region_rules import DeviceRule
    from workbench.verify import Identity, Sceptic

Entry = TypeVar("Entry", tuple[int, Path], tuple[int, Path, Path])

CHUNK_FILES = 24
CHUNK_BYTES = 64 << 20
SCOPE = "folder"

WORKER_LOST = {
    "worker-killed": Refusal(
        "worker-killed",
        "The process that read the object ended before it was done.",
        "The object is damaged or hostile. Keep it and have an administrator look at it.",
    ),
    "worker-time-limit": Refusal(
        "worker-time-limit",
        "The object took longer than one object may take.",
        "The object is damaged or hostile. Keep it and have an administrator look at it.",
    ),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a worker needs to know once."""

    plan: Plan
    key: bytes
    verify: bool
    record: bool
    scratch: Path | None = None
    rules: "tuple[DeviceRule, ...]" = ()

    @property
    def ahead(self) -> bool:
        """Whether all inputs are read before the first is prepared.

        To verify, to clean text, to draw pseudonyms, or to look at the images of a series together.
        """
        plan = self.plan
        return self.verify or plan.cleans_text or plan.pseudonyms == "random" or plan.pixels != "off"


@dataclass(frozen=True, slots=True)
class ScanTask:
    """Inputs to be scanned, by index."""

    files: tuple[tuple[int, Path], ...]


@dataclass(frozen=True, slots=True)
class PrepareTask:
    """Inputs of one group to be prepared: index, source and target. With `scan` they are scanned on the way.

    `known` is what texts of the patient may repeat, `shared` what those of any patient of the run may; None when the
    plan cleans no text. `patient` and `assigned` are the key of the patient and what was drawn under it. `examined` is
    what their pixels show, by index.
    """

    group: int
    files: tuple[tuple[int, Path, Path], ...]
    person: bytes = b""
    identity: "Identity | None" = None
    uids: frozenset[str] = frozenset()
    known: frozenset[KnownValue] | None = None
    shared: frozenset[KnownValue] = frozenset()
    patient: bytes = b""
    assigned: Assigned | None = None
    scan: bool = False
    examined: "Mapping[int, Examined]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What a worker answers: an outcome for each file, and what was replaced by what where that is recorded."""

    outcomes: tuple["Scan | Prepared | Refusal", ...]
    scans: tuple[Scan, ...]
    uids: dict[bytes, bytes]
    codes: dict[tuple[str, bytes], bytes]


Task = ScanTask | PrepareTask


def prepare_worker(setting: Setting) -> "Callable[[Task], Done]":
    """Return what a worker does, with its plan compiled."""
    return _Worker(setting).work


class _Worker:
    """What a worker process keeps between its tasks."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.drawn: dict[bytes, Assigned] = {}
        self.pseudonyms: PseudonymSource = (
            RandomPseudonyms(self.drawn, scope=SCOPE)
            if setting.plan.pseudonyms == "random"
            else Pseudonyms(setting.key, scope=SCOPE)
        )
        self.engine = Engine(setting.plan, self.pseudonyms)
        self.promises = setting.plan.promises()
        mode = setting.plan.pixels
        self.pixels = cleaning("flag" if mode == "flag" else "clean", setting.rules) if mode != "off" else None
        self.sceptics: dict[int, Sceptic] = {}
        self.known: dict[int, Known] = {}

    def work(self, task: Task) -> Done:
        """Do one task."""
        return self._scan(task) if isinstance(task, ScanTask) else self._prepare(task)

    def _scan(self, task: ScanTask) -> Done:
        setting = self.setting
        outcomes = [
            scan_file(
                path,
                index,
                verify=setting.verify,
                scratch=setting.scratch,
                identifying=setting.plan.cleans_text,
            )
            for index, path in task.files
        ]
        return Done(tuple(outcomes), (), {}, {})

    def _prepare(self, task: PrepareTask) -> Done:
        if task.assigned is not None:
            self.drawn[task.patient] = task.assigned
        sceptic, known = self._sceptic(task), self._known(task)
        outcomes: list[Scan | Prepared | Refusal] = []
        scans: list[Scan] = []
        on_scan = scans.append if task.scan else None
        for index, source, target in task.files:
            target.unlink(missing_ok=True)  # a worker before may have died over it
            outcomes.append(
                prepare_file(
                    self.engine,
                    source,
                    target,
                    index,
                    sceptic=sceptic,
                    person=task.person,
                    known=known,
                    on_scan=on_scan,
                    look=Look(self.pixels, task.examined.get(index)) if self.pixels is not None else None,
                )
            )
        uids, codes = self.pseudonyms.forget()
        self.drawn.clear()
        record = self.setting.record
        return Done(tuple(outcomes), tuple(scans), uids if record else {}, codes if record else {})

    def _sceptic(self, task: PrepareTask) -> "Sceptic | None":
        if not self.setting.verify or task.identity is None:
            return None
        from workbench.verify import Sceptic  # noqa: PLC0415 (see deidentify_folder)

        found = self.sceptics.get(task.group)
        if found is None:
            self.sceptics.clear()
            found = self.sceptics[task.group] = Sceptic(task.identity, task.uids, self.promises)
        return found

    def _known(self, task: PrepareTask) -> Known | None:
        """Return the same set for all tasks of a group: what it cleaned is remembered under it."""
        if task.known is None:
            return None
        found = self.known.get(task.group)
        if found is None:
            self.known.clear()
            found = self.known[task.group] = Known(task.known, task.shared)
        return found


def chunks(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Cut a list into pieces of a bounded number of files and bytes; the second part of an entry is its input."""
    piece: list[Entry] = []
    size = 0
    for entry in entries:
        with suppress(OSError):
            size += entry[1].stat().st_size
        piece.append(entry)
        if len(piece) >= CHUNK_FILES or size >= CHUNK_BYTES:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece
