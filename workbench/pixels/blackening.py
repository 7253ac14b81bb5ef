"""Write a copy of an instance with regions black, in its pixels and in its overlay planes, and say what became of each.

A region of an overlay plane is cleared there and not in the pixels under it, which were looked at by themselves. Every
other region is blackened in the pixels and cleared in all planes over it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from workbench.dicom.instance import Instance
from workbench.dicom.source import Source
from workbench.pixels.decoding import StoredFrames
from workbench.pixels.layout import Area, Blanked, Layout, clipped
from workbench.pixels.planes import Plane, planes
from workbench.pixels.recoding import Recoded, areas_of, recode
from workbench.pixels.redaction import redact_overlay
from workbench.pixels.rewriting import rewrite
from workbench.pixels.workers import FrameWorker
from workbench.records.errors import InstanceRefused
from workbench.records.redaction import Box4, RedactedOverlay, RedactedRegion
from workbench.records.region import Region, RegionDecision, RegionSource

_OVERLAY_DATA: Final = 0x3000
_AROUND: Final = 32
"""Pixels around what is black in which more of the same text may stand."""


@dataclass(frozen=True, slots=True)
class Blackened:
    """What became of regions: those of the pixels, and areas of overlay planes."""

    regions: tuple[RedactedRegion, ...]
    overlays: tuple[RedactedOverlay, ...]

    def areas(self, number: int) -> list[Area]:
        """Return what is black in a frame, counted from 0."""
        return [
            Area(x, y, x + width, y + height)
            for x, y, width, height in (each.black for each in self.regions if number + 1 in each.frames)
        ]

    def lets_show(self, region: Region) -> bool:
        """Tell whether a region of a look at the redacted copy tells something new.

        What could not be read and lies away from all that was blackened shows the pixels in which the look before found
        no line: a brighter picture around them made one of it. Beside what is black it may be the rest of a text.
        """
        if self.hides(region):
            return False
        return region.decision is not RegionDecision.REVIEW or self._touches(region)

    def _touches(self, region: Region) -> bool:
        around = max(region.height, region.width, _AROUND)
        left, top, right, bottom = area_of(region)
        wide = Area(left - around, top - around, right + around, bottom + around)
        if region.source is RegionSource.OVERLAY:
            return any(_meet(wide, _area(each.asked)) for each in self.overlays)
        frames = set(region.frames)
        return any(frames.intersection(each.frames) and _meet(wide, _area(each.black)) for each in self.regions)

    def hides(self, region: Region) -> bool:
        """Tell whether nothing can show in a region any more, because all of it is black or cleared."""
        if region.source is RegionSource.OVERLAY:
            boxes = [each.asked for each in self.overlays]
            return bool(boxes) and _is_covered(region, boxes)
        by_frame: dict[int, list[Box4]] = {frame: [] for frame in region.frames}
        for each in self.regions:
            for frame in by_frame.keys() & set(each.frames):
                by_frame[frame].append(each.black)
        return all(_is_covered(region, boxes) for boxes in {tuple(boxes) for boxes in by_frame.values()})


def blacken(
    source: Source, instance: Instance, worker: FrameWorker, regions: Sequence[Region], target: Path
) -> Blackened:
    """Write `target`, a new file, with all of `regions` black.

    Raises
    ------
    InstanceRefused
        What `StoredFrames` and `recode` raise; `region-outside` for frames that the image does not have.
    WorkbenchError
        What `rewrite` raises.
    """
    stored = StoredFrames(instance, source.read, worker)
    if any(not 0 < frame <= stored.layout.frames for region in regions for frame in region.frames):
        raise InstanceRefused(
            "region-outside",
            "A region to redact is in a frame that the image does not have.",
            "Look at the image, and draw the region again or correct the rule that gave it.",
        )
    values, overlays = _cleared(instance, source, regions)
    shown = [region for region in regions if region.source is not RegionSource.OVERLAY and not _is_empty(region)]
    areas = areas_of(shown)
    recoded = rewrite(
        source,
        instance,
        target,
        values,
        (lambda sink: recode(stored, areas, sink, worker)) if shown else None,
    )
    told = _told(shown, stored.layout, recoded) if recoded is not None else ()
    return Blackened(tuple(told), tuple(overlays))


def box_of(area: Area) -> Box4:
    """Return an area as column, row, width and height."""
    return Box4(area.left, area.top, area.right - area.left, area.bottom - area.top)


def area_of(region: Region) -> Area:
    """Return the area of a region."""
    return Area(region.x, region.y, region.x + region.width, region.y + region.height)


def _area(box: Box4) -> Area:
    return Area(box.x, box.y, box.x + box.width, box.y + box.height)


def _meet(one: Area, two: Area) -> bool:
    return one.left < two.right and two.left < one.right and one.top < two.bottom and two.top < one.bottom


def _is_empty(region: Region) -> bool:
    return region.width <= 0 or region.height <= 0


def _told(regions: Sequence[Region], layout: Layout, recoded: Recoded) -> Iterator[RedactedRegion]:
    """Yield what became of each region; frames in which it is rounded alike come together."""
    areas = areas_of(regions)
    became: dict[int, Mapping[Area, Blanked]] = {
        number: dict(zip(clipped(areas(number), layout), blanked, strict=True))
        for number, blanked in recoded.frames.items()
    }
    for region in regions:
        (asked,) = clipped([area_of(region)], layout)
        alike: dict[Blanked, list[int]] = {}
        for frame in region.frames:
            alike.setdefault(became[frame - 1][asked], []).append(frame)
        for blanked, frames in alike.items():
            yield RedactedRegion(
                frames=tuple(frames),
                asked=box_of(asked),
                black=box_of(blanked.black),
                touched=box_of(blanked.touched),
                source=region.source,
                score=region.score,
                decision=region.decision,
                explanation=region.explanation,
            )


def _cleared(
    instance: Instance, source: Source, regions: Sequence[Region]
) -> tuple[dict[int, bytes], list[RedactedOverlay]]:
    """Return new values of Overlay Data, and what was cleared in which plane."""
    values: dict[int, bytes] = {}
    overlays: list[RedactedOverlay] = []
    for plane in planes(instance, source.read):
        if isinstance(plane, InstanceRefused):
            raise plane
        over = [region for region in regions if not _is_empty(region) and _meets(region, plane)]
        if over:
            size, origin = (plane.rows, plane.columns), (plane.top + 1, plane.left + 1)
            tag = plane.group << 16 | _OVERLAY_DATA
            values[tag] = redact_overlay(plane.data, size, origin, map(area_of, over))
            overlays += [RedactedOverlay(plane.group, each.frames, box_of(_positive(area_of(each)))) for each in over]
    return values, overlays


def _positive(area: Area) -> Area:
    """Return what of an area lies right of and below the first pixel of the image."""
    return Area(max(0, area.left), max(0, area.top), area.right, area.bottom)


def _meets(region: Region, plane: Plane) -> bool:
    across = min(region.x + region.width, plane.left + plane.columns) - max(region.x, plane.left)
    down = min(region.y + region.height, plane.top + plane.rows) - max(region.y, plane.top)
    return across > 0 and down > 0


def _is_covered(region: Region, boxes: Sequence[Box4]) -> bool:
    hidden = np.zeros((max(0, region.height), max(0, region.width)), bool)
    for x, y, width, height in boxes:
        top, left = max(0, y - region.y), max(0, x - region.x)
        hidden[top : max(0, y + height - region.y), left : max(0, x + width - region.x)] = True
    return bool(hidden.all())
