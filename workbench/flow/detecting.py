"""What stands in the pixels of files, without changing anything: the stage `looking`, and `workbench detect`."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from workbench.deid.known_values import known_values
from workbench.dicom.inputs import find_inputs
from workbench.dicom.source import read_instance
from workbench.flow.folder_work import WORKER_LOST
from workbench.flow.looking import BOUNDS
from workbench.flow.pool import Lost, Pool
from workbench.pixels.examining import Examined, NotChecked
from workbench.pixels.looking import Looker
from workbench.pixels.models import locate_all
from workbench.pixels.places import shared
from workbench.pixels.proposing import HeaderRules
from workbench.pixels.series import LEAST, NOWHERE, Place
from workbench.records.errors import InstanceRefused, UsageError
from workbench.records.region import Region, RegionDecision

_SCANNED: Final = 64
"""Files of one task that only reads headers."""

_INDEX_OF_MEDIUM: Final = "dicomdir-not-read"

OnProgress = Callable[[int, int, int], None]
"""Called with the files that are done, of how many, and the frames that were seen."""


@dataclass(frozen=True, slots=True)
class _Setting:
    profile: str
    rules: bool = False


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
    places: tuple[Place, ...] = ()


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
        readable = [(each.index, each.path) for each in files if each.path is not None]
        found = {
            each.index: _not_checked(each.refusal.code, each.refusal.message)
            for each in files
            if each.path is None and each.refusal is not None and each.refusal.code != _INDEX_OF_MEDIUM
        }
        frames = 0
        for index, examined in look_at(readable, profile=profile, jobs=jobs, pictures=pictures, rules=True):
            found[index] = examined
            frames += examined.frames
            if on_progress is not None:
                on_progress(len(found), len(files), frames)
    return Detected(tuple((each.label, found[each.index]) for each in files if each.index in found))


def look_at(
    files: Sequence[tuple[int, Path]],
    *,
    profile: str = "careful",
    jobs: int = 1,
    pictures: Path | None = None,
    rules: bool = False,
) -> Iterator[tuple[int, Examined]]:
    """Look at files in supervised processes; yield the index of each file once, with what it shows, in any order.

    Slices of one series are looked at together, and what some images of a series show at one place is proposed for the
    others (`pixels.series`, `pixels.places`); therefore the files of one series come when the last of them was seen,
    so give all files of a job in one call. A file that its process did not survive, or that is no DICOM file, comes
    with `not_checked`; nothing that a file holds raises. Peak memory is that of `jobs` processes, about 1.2 GB each.

    Parameters
    ----------
    files
        Any index, and a path that exists until the iterator ends.
    profile
        One of `finding_text.PROFILES`.
    pictures
        A folder in which each file gets a picture of its frames with the regions drawn, named by its index. With it,
        every file is looked at by itself.
    rules
        Whether to add what the shipped rules say of a device; `pixels.cleaning` adds rules by itself.

    Raises
    ------
    UsageError
        `models-absent`, `models-other`: before any file is opened.
    """
    locate_all()
    if not files:
        return
    setting = _Setting(profile, rules=rules)
    with Pool[_Task, _Done](prepare_looker, setting, jobs=min(jobs, len(files)), bounds=BOUNDS) as pool:
        places = _places(files, pool) if len(files) > 1 else {}
        missing = Counter(place.alike for place in places.values())
        series: dict[str, dict[int, Examined]] = {}
        for index, examined in _seen(_tasks(files, places, pictures), pool):
            key = places.get(index, NOWHERE).alike
            if not key:
                yield index, examined
                continue
            series.setdefault(key, {})[index] = examined
            if len(series[key]) == missing[key]:
                yield from _together(dict(sorted(series.pop(key).items())))  # whoever was done first


def _seen(tasks: Sequence[_Task], pool: Pool[_Task, _Done]) -> Iterator[tuple[int, Examined]]:
    """Yield what tasks came to; of slices that a process did not survive together each gets one of its own."""
    again: list[_Task] = []
    for task, result in pool.run(tasks):
        if isinstance(result, _Done):
            yield from zip((index for index, _ in task.files), result.examined, strict=True)
        elif len(task.files) > 1:
            again += [_Look((each,)) for each in task.files]
        else:
            lost = WORKER_LOST[result.reason]
            yield task.files[0][0], _not_checked(lost.code, lost.message)
    if again:
        yield from _seen(again, pool)


def _together(series: Mapping[int, Examined]) -> Iterator[tuple[int, Examined]]:
    """Yield the instances of a series with what they propose for each other."""
    for (index, examined), more in zip(series.items(), shared(list(series.values())), strict=True):
        yield index, replace(examined, regions=(*examined.regions, *more))


def _places(files: Sequence[tuple[int, Path]], pool: Pool[_Task, _Done]) -> dict[int, Place]:
    chunks = [_Place(tuple(files[at : at + _SCANNED])) for at in range(0, len(files), _SCANNED)]
    places: dict[int, Place] = {}
    for task, result in pool.run(chunks):
        if not isinstance(result, Lost):
            places.update(zip((index for index, _ in task.files), result.places, strict=True))
    return places


def _tasks(files: Sequence[tuple[int, Path]], places: Mapping[int, Place], pictures: Path | None) -> list[_Task]:
    """Return what is to be looked at together, and the rest file by file, those of one series next to each other."""
    if pictures is not None:
        return [_Look((each,), pictures / f"{each[0]:06d}.png") for each in files]
    series: dict[str, list[tuple[int, Path]]] = {}
    for each in sorted(files, key=lambda each: places.get(each[0], NOWHERE).number):
        series.setdefault(places.get(each[0], NOWHERE).together, []).append(each)
    together = [tuple(slices) for key, slices in series.items() if key and len(slices) >= LEAST]
    taken = {index for slices in together for index, _ in slices}
    alone = [each for each in files if each[0] not in taken]
    alone.sort(key=lambda each: places.get(each[0], NOWHERE).alike)
    return [*map(_Look, together), *(_Look((each,)) for each in alone)]


def prepare_looker(setting: _Setting) -> Callable[[_Task], _Done]:
    """Return what a worker does."""
    looker = Looker(known_values, profile=setting.profile)
    rules = HeaderRules() if setting.rules else None

    def work(task: _Task) -> _Done:
        paths = [path for _, path in task.files]
        if isinstance(task, _Place):
            return _Done(places=tuple(map(looker.place, paths)))
        seen = looker.look_together(paths) if len(paths) > 1 else [looker.look(paths[0], picture=task.picture)]
        if rules is not None:
            seen = [_with_rules(examined, path, rules) for examined, path in zip(seen, paths, strict=True)]
        return _Done(tuple(seen))

    return work


def _with_rules(examined: Examined, path: Path, rules: HeaderRules) -> Examined:
    """Add what rules propose; what is only a hint becomes a reason to look at the whole image."""
    try:
        proposed = rules.regions_for(read_instance(path))
    except InstanceRefused:
        return examined  # the look told so
    regions = [region for region in proposed if region.decision is RegionDecision.REDACT]
    hints = dict.fromkeys(region.explanation for region in proposed if region.decision is RegionDecision.REVIEW)
    return replace(
        examined, regions=(*examined.regions, *regions), to_review=tuple(dict.fromkeys([*examined.to_review, *hints]))
    )


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
