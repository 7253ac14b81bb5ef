"""Look at one file: what is in its pixels and overlays, and what of it could not be looked at."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from workbench.dicom.instance import Instance, Read
from workbench.dicom.source import open_source
from workbench.pixels.decoding import StoredFrames
from workbench.pixels.examining import Examined, Examiner, NotChecked
from workbench.pixels.filling import AreasOf, FilledFrames
from workbench.pixels.finding_text import PROJECTED, Image
from workbench.pixels.frames import InstanceFrames
from workbench.pixels.judging import Judge
from workbench.pixels.layout import PIXEL_DATA
from workbench.pixels.lead_in import lead_ins
from workbench.pixels.overlay import draw
from workbench.pixels.planes import Plane, planes
from workbench.pixels.series import NOWHERE, Place, Slices, place_of
from workbench.pixels.workers import FrameWorker
from workbench.records.errors import InstanceRefused
from workbench.records.known import KnownValue
from workbench.records.region import Region, RegionDecision, RegionSource

_DOCUMENT: Final = 0x00420011
_SAME: Final = 0.5
"""Intersection over union from which two regions are one."""

_IMAGE: Final = frozenset({0x00280010, 0x7FE00008, 0x7FE00009})
"""Rows and the floating point kinds of Pixel Data: what has one of them is an image."""

Harvest = Callable[[Instance], Iterable[KnownValue]]
"""Returns the identifying values of a header."""


class Looker:
    """Looks at files, one after the other. One per worker.

    Parameters
    ----------
    harvest
        Gives what the header says about the patient, so that lines can be compared with it.

    Raises
    ------
    UsageError
        `models-absent`, `models-other`.
    """

    def __init__(self, harvest: Harvest, *, profile: str = "careful", threads: int = 1) -> None:
        self._harvest = harvest
        self._examiner = Examiner(profile, threads=threads)
        self._worker = FrameWorker()

    def look(self, path: Path, *, picture: Path | None = None, black: AreasOf | None = None) -> Examined:
        """Examine a file; with `picture`, write its frames with all regions drawn there (PNG).

        `black` tells what was blackened in each frame, so that black boxes are not taken for text (`filling`).

        Never raises for what a file holds: what can't be looked at is told in `not_checked`.
        """
        try:
            with open_source(path) as source:
                return self._examined(source.walk(), source.read, picture, black)
        except InstanceRefused as refusal:
            return Examined((), (_told(refusal),), 0)

    def place(self, path: Path) -> Place:
        """Return where a file belongs; see `pixels.series`. An image with overlays is looked at by itself."""
        try:
            with open_source(path) as source:
                instance = source.walk()
                place = place_of(instance)
                return place._replace(together="") if any(True for _ in planes(instance, source.read)) else place
        except InstanceRefused:
            return NOWHERE

    def look_together(self, paths: Sequence[Path]) -> list[Examined]:
        """Examine slices of one series, in their order, through projections; see `pixels.series`.

        Never raises for what the files hold.
        """
        judge = Judge(value for path in paths for value in self._known(path))
        whole = self._examiner.examine(Slices(paths, self._slice), judge, margin=0)
        alone: dict[int, Examined] = {}
        regions: list[list[Region]] = [[] for _ in paths]
        for region in whole.regions:
            if len(region.frames) < whole.frames:
                for frame in region.frames:
                    if frame not in alone:
                        alone[frame] = self._slice_alone(paths[frame - 1], judge)
            if not any(frame in alone and _is_in(region, alone[frame]) for frame in region.frames):
                for frame in region.frames:
                    regions[frame - 1].append(replace(region, frames=(1,)))
        for frame, examined in alone.items():
            regions[frame - 1] = list(_joined(regions[frame - 1], examined.regions))
        return [
            Examined(tuple(here), lost, 0 if lost else 1)
            for here, lost in zip(regions, _missing(whole, len(paths)), strict=True)
        ]

    def _slice_alone(self, path: Path, judge: Judge) -> Examined:
        return self._examiner.examine(Slices([path], self._slice), judge, looks=PROJECTED)

    def _known(self, path: Path) -> set[KnownValue]:
        try:
            with open_source(path) as source:
                return set(self._harvest(source.walk()))
        except InstanceRefused:
            return set()  # it can't be looked at either, which is told then

    def _slice(self, path: Path) -> Image:
        with open_source(path) as source:
            return InstanceFrames(StoredFrames(source.walk(), source.read, self._worker)).image(0)

    def close(self) -> None:
        """End the process that decodes."""
        self._worker.close()

    def _examined(self, instance: Instance, read: Read, picture: Path | None, black: AreasOf | None) -> Examined:
        judge = Judge(self._harvest(instance))
        parts = [self._overlay(plane, judge) for plane in planes(instance, read)]
        if PIXEL_DATA in instance.payloads or _IMAGE & instance.by_tag.keys():
            try:
                frames = InstanceFrames(StoredFrames(instance, read, self._worker))
            except InstanceRefused as refusal:
                parts.append(Examined((), (_told(refusal),), 0))
            else:
                shown = frames if black is None else FilledFrames(frames, black)
                pixels = self._examiner.examine(shown, judge)
                parts.insert(0, pixels)
                parts[1:] = [_under(part, frames.count) for part in parts[1:]]
                if picture is not None and pixels.frames:
                    draw(frames, [region for part in parts for region in part.regions], picture)
        if _DOCUMENT in instance.by_tag:
            document = NotChecked((), "document-not-looked-at", "The object holds a document, which was not looked at.")
            parts.append(Examined((), (document,), 0))
        return Examined(
            tuple(region for part in parts for region in part.regions),
            tuple(missing for part in parts for missing in part.not_checked),
            sum(part.frames for part in parts),
            tuple(lead_ins(instance)),
        )

    def _overlay(self, plane: Plane | InstanceRefused, judge: Judge) -> Examined:
        if isinstance(plane, InstanceRefused):
            return Examined((), (_told(plane),), 0)
        found = self._examiner.examine(plane, judge)
        regions = tuple(_moved(region, plane) for region in found.regions)
        return Examined(regions, found.not_checked, 0)


def _moved(region: Region, plane: Plane) -> Region:
    """Return a region of an overlay in the coordinates of the image under it; empty frames mean all of them."""
    left, top = region.x + plane.left, region.y + plane.top
    x, y = max(0, left), max(0, top)
    return replace(
        region,
        frames=tuple(frame + plane.first - 1 for frame in region.frames) if plane.count > 1 else (),
        x=x,
        y=y,
        width=max(0, region.width - (x - left)),
        height=max(0, region.height - (y - top)),
        source=RegionSource.OVERLAY,
    )


def _under(part: Examined, count: int) -> Examined:
    """Say of which frames of the image the regions of an overlay are."""
    every = tuple(range(1, count + 1))
    return replace(part, regions=tuple(replace(each, frames=each.frames or every) for each in part.regions))


def _is_in(region: Region, examined: Examined) -> bool:
    """Tell whether a look at one slice found what a projection showed."""
    return any(each.source is region.source and _shared(region, each) for each in examined.regions)


def _joined(regions: Sequence[Region], more: Sequence[Region]) -> Iterator[Region]:
    """Yield regions of all slices and those of one, as one region where both are at one place; the stricter decides."""
    left = list(more)
    for region in regions:
        joined = region
        for each in [each for each in left if each.source is region.source and _is_same(region, each)]:
            left.remove(each)
            x, y = min(joined.x, each.x), min(joined.y, each.y)
            right = max(joined.x + joined.width, each.x + each.width)
            below = max(joined.y + joined.height, each.y + each.height)
            joined = replace(joined, x=x, y=y, width=right - x, height=below - y)
            if joined.decision is RegionDecision.KEEP:
                joined = replace(joined, decision=each.decision, explanation=each.explanation, text=each.text)
        yield joined
    yield from left


def _shared(one: Region, two: Region) -> int:
    """Return how many pixels two regions share."""
    across = min(one.x + one.width, two.x + two.width) - max(one.x, two.x)
    down = min(one.y + one.height, two.y + two.height) - max(one.y, two.y)
    return max(0, across) * max(0, down)


def _is_same(one: Region, two: Region) -> bool:
    shared = _shared(one, two)
    return shared >= _SAME * (one.width * one.height + two.width * two.height - shared)


def _missing(whole: Examined, count: int) -> Iterator[tuple[NotChecked, ...]]:
    """Yield, slice by slice, why one was not seen."""
    for number in range(1, count + 1):
        yield tuple(replace(each, frames=()) for each in whole.not_checked if not each.frames or number in each.frames)


def _told(refusal: InstanceRefused) -> NotChecked:
    return NotChecked((), refusal.code, refusal.message)
