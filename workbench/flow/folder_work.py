"""What the workers of folder mode do, and how work is cut for them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from workbench.deid.engine import Engine
from workbench.deid.pseudonyms import Pseudonyms
from workbench.flow.step import Prepared, Refusal, Scan, prepare_file, scan_file
from workbench.profiles import Plan

if TYPE_CHECKING:
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


@dataclass(frozen=True, slots=True)
class ScanTask:
    """Inputs to be scanned, by index."""

    files: tuple[tuple[int, Path], ...]


@dataclass(frozen=True, slots=True)
class PrepareTask:
    """Inputs of one group to be prepared: index, source and target. With `scan` they are scanned on the way."""

    group: int
    files: tuple[tuple[int, Path, Path], ...]
    person: bytes
    identity: "Identity | None"
    uids: frozenset[str]
    scan: bool = False


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
    pseudonyms = Pseudonyms(setting.key, scope=SCOPE)
    engine = Engine(setting.plan, pseudonyms)
    promises = setting.plan.promises()
    sceptics: dict[int, Sceptic] = {}

    def work(task: Task) -> Done:
        outcomes: list[Scan | Prepared | Refusal] = []
        if isinstance(task, ScanTask):
            outcomes += [
                scan_file(path, index, verify=setting.verify, scratch=setting.scratch) for index, path in task.files
            ]
            return Done(tuple(outcomes), (), {}, {})
        sceptic = None
        if setting.verify and task.identity is not None:
            from workbench.verify import Sceptic  # noqa: PLC0415 (see deidentify_folder)

            sceptic = sceptics.get(task.group)
            if sceptic is None:
                sceptics.clear()
                sceptic = sceptics[task.group] = Sceptic(task.identity, task.uids, promises)
        scans: list[Scan] = []
        on_scan = scans.append if task.scan else None
        for index, source, target in task.files:
            target.unlink(missing_ok=True)  # a worker before may have died over it
            made = prepare_file(engine, source, target, index, sceptic=sceptic, person=task.person, on_scan=on_scan)
            outcomes.append(made)
        uids, codes = pseudonyms.forget()
        return Done(tuple(outcomes), tuple(scans), uids if setting.record else {}, codes if setting.record else {})

    return work


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
