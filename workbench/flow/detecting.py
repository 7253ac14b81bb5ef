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
from workbench.records.errors import UsageError
from workbench.records.region import Region

BOUNDS: Final = Bounds(memory=6 << 30, seconds=3600.0)
"""Of one worker and one file: a long loop takes minutes."""

_INDEX_OF_MEDIUM: Final = "dicomdir-not-read"

OnProgress = Callable[[int, int, int], None]
"""Called with the files that are done, of how many, and the frames that were seen."""


@dataclass(frozen=True, slots=True)
class _Setting:
    profile: str
    threads: int


@dataclass(frozen=True, slots=True)
class _Task:
    index: int
    path: Path
    picture: Path | None


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
    tasks = []
    for each in files:
        if each.path is not None:
            picture = pictures / f"{each.index:06d}.png" if pictures is not None else None
            tasks.append(_Task(each.index, each.path, picture))
        elif each.refusal is not None and each.refusal.code != _INDEX_OF_MEDIUM:
            yield each.index, _not_checked(each.refusal.code, each.refusal.message)
    if not tasks:
        return
    with Pool[_Task, Examined](prepare_looker, setting, jobs=min(jobs, len(tasks)), bounds=BOUNDS) as pool:
        for task, result in pool.run(tasks):
            if isinstance(result, Lost):
                lost = WORKER_LOST[result.reason]
                yield task.index, _not_checked(lost.code, lost.message)
            else:
                yield task.index, result


def prepare_looker(setting: _Setting) -> Callable[[_Task], Examined]:
    """Return what a worker does."""
    looker = Looker(known_values, profile=setting.profile, threads=setting.threads)
    return lambda task: looker.look(task.path, picture=task.picture)


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
