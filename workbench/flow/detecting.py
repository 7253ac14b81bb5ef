"""`workbench detect`: what stands in the pixels of files, without changing anything."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from workbench.deid.known_values import known_values
from workbench.dicom.inputs import InputFile, find_inputs
from workbench.flow.folder_work import WORKER_LOST
from workbench.flow.pool import Bounds, Lost, Pool
from workbench.pixels.examining import Examined, NotChecked
from workbench.pixels.looking import Looker
from workbench.pixels.models import locate_all
from workbench.pixels.series import LEAST, Place
from workbench.records.errors import UsageError
from workbench.records.region import Region

BOUNDS: Final = Bounds(memory=6 << 30, seconds=3600.0)
"""Of one worker and one file: a long loop takes minutes."""

_SCANNED: Final = 64
"""Files of one task that only reads headers."""

_INDEX_OF_MEDIUM: Final = "dicomdir-not-read"

OnProgress = Callable[[int, int, int], None]
"""Called with the files that are done, of how many, and the frames that were seen."""


@dataclass(frozen=True, slots=True)
class _Setting:
    profile: str
    threads: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A task: find out whether files may be looked at together with others."""

    files: tuple[tuple[int, Path], ...]


@dataclass(frozen=True, slots=True)
class _Look:
    """A task: look at one file, or at the slices of a series together."""

    files: tuple[tuple[int, Path], ...]
    picture: Path | None = None


_Task = _Place | _Look


@dataclass(frozen=True, slots=True)
class _Done:
    """What a worker answers, for each file."""

    examined: tuple[Examined, ...] = ()
    places: tuple[Place | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Detected:
    """What was found. Bears identity: names of files, and what was read."""

    files: tuple[tuple[str, Examined], ...]
    """Name of each file relative to its source, and what was seen."""

    @property
    def frames(self) -> int:
        """Frames that were seen."""
        return sum(examined.frames for _, examined in self.files)

    @property
    def exit_code(self) -> int:
        """1 when something could not be looked at; what was found is no failure."""
        return 1 if any(each.not_checked for _, each in self.files) else 0

    def document(self) -> dict[str, Any]:
        """Return the regions, and what was not checked, as the command contract says."""
        return {
            "bears_identity": True,
            "frames": self.frames,
            "regions": [_region(name, region) for name, each in self.files for region in each.regions],
            "to_review": [{"file": name, "reason": why} for name, each in self.files for why in each.to_review],
            "not_checked": [_missing(name, missing) for name, each in self.files for missing in each.not_checked],
        }


def detect(
    sources: Sequence[Path],
    *,
    profile: str = "careful",
    jobs: int = 1,
    pictures: Path | None = None,
    on_progress: OnProgress | None = None,
) -> Detected:
    """Look at all files of `sources`. With `pictures`, a new folder gets a picture of each file, by its number.

    Raises
    ------
    UsageError
        `models-absent`, `models-other`; `input-missing`; `overlay-not-empty`.
    """
    locate_all()
    if pictures is not None:
        _make_empty(pictures)
    with TemporaryDirectory(prefix="workbench-") as staging:
        files = find_inputs(sources, Path(staging))
        found: dict[int, Examined] = {}
        frames = 0
        for index, examined in _examined(files, _Setting(profile, threads=1), jobs, pictures):
            found[index] = examined
            frames += examined.frames
            if on_progress is not None:
                on_progress(len(found), len(files), frames)
    return Detected(tuple((each.label, found[each.index]) for each in files if each.index in found))


def _examined(
    files: Sequence[InputFile], setting: _Setting, jobs: int, pictures: Path | None
) -> Iterator[tuple[int, Examined]]:
    readable = []
    for each in files:
        if each.path is not None:
            readable.append((each.index, each.path))
        elif each.refusal is not None and each.refusal.code != _INDEX_OF_MEDIUM:
            yield each.index, _not_checked(each.refusal.code, each.refusal.message)
    if not readable:
        return
    with Pool[_Task, _Done](prepare_looker, setting, jobs=min(jobs, len(readable)), bounds=BOUNDS) as pool:
        for task, result in pool.run(_tasks(readable, pool, pictures)):
            if isinstance(result, Lost):
                lost = WORKER_LOST[result.reason]
                yield from ((index, _not_checked(lost.code, lost.message)) for index, _ in task.files)
            else:
                yield from zip((index for index, _ in task.files), result.examined, strict=True)


def _tasks(readable: Sequence[tuple[int, Path]], pool: Pool[_Task, _Done], pictures: Path | None) -> list[_Task]:
    """Return what is to be looked at together, and the rest file by file. With pictures each file is by itself."""
    if pictures is not None:
        return [_Look((each,), pictures / f"{each[0]:06d}.png") for each in readable]
    if len(readable) < LEAST:
        return [_Look((each,)) for each in readable]
    places: dict[int, Place] = {}
    chunks = [_Place(tuple(readable[at : at + _SCANNED])) for at in range(0, len(readable), _SCANNED)]
    for task, result in pool.run(chunks):
        if not isinstance(result, Lost):
            found = zip((index for index, _ in task.files), result.places, strict=True)
            places.update({index: place for index, place in found if place is not None})
    series: dict[str, list[tuple[int, Path]]] = {}
    for each in sorted((each for each in readable if each[0] in places), key=lambda each: places[each[0]].number):
        series.setdefault(places[each[0]].series, []).append(each)
    together = [tuple(slices) for slices in series.values() if len(slices) >= LEAST]
    taken = {index for slices in together for index, _ in slices}
    return [*map(_Look, together), *(_Look((each,)) for each in readable if each[0] not in taken)]


def prepare_looker(setting: _Setting) -> Callable[[_Task], _Done]:
    """Return what a worker does."""
    looker = Looker(known_values, profile=setting.profile, threads=setting.threads)

    def work(task: _Task) -> _Done:
        paths = [path for _, path in task.files]
        if isinstance(task, _Place):
            return _Done(places=tuple(map(looker.place, paths)))
        if len(paths) > 1:
            return _Done(tuple(looker.look_together(paths)))
        return _Done((looker.look(paths[0], picture=task.picture),))

    return work


def _not_checked(code: str, message: str) -> Examined:
    return Examined((), (NotChecked((), code, message),), 0)


def _region(name: str, region: Region) -> dict[str, Any]:
    return {
        "file": name,
        "frames": list(region.frames),
        "x": region.x,
        "y": region.y,
        "width": region.width,
        "height": region.height,
        "text": region.text,
        "score": region.score,
        "source": region.source.value,
        "decision": region.decision.value,
        "explanation": region.explanation,
    }


def _missing(name: str, missing: NotChecked) -> dict[str, Any]:
    return {"file": name, "frames": list(missing.frames), "code": missing.code, "reason": missing.message}


def _make_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise UsageError(
            "overlay-not-empty",
            "The folder for the pictures is not empty.",
            "Give a new folder; nothing is overwritten.",
        )
