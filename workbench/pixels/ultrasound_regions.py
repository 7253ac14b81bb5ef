"""Propose what lies outside the ultrasound regions of an image (PS3.3 C.8.5.5.1, Sequence of Ultrasound Regions)."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from workbench.dicom.instance import Instance
from workbench.pixels.layout import Area, Layout
from workbench.records.region import Region, RegionDecision, RegionSource

ULTRASOUND_REGIONS: Final = 0x00186011
_CORNERS: Final = (0x00186018, 0x0018601A, 0x0018601C, 0x0018601E)
"""Left, top, right and bottom, all of them inside the region."""
_MOST: Final = 256


def ultrasound_regions(
    instance: Instance, layout: Layout, *, decision: RegionDecision = RegionDecision.REVIEW
) -> Iterator[Region]:
    """Yield rectangles that cover what lies outside of all ultrasound regions, which is where scanners write names.

    Nothing where the image has no region that lies in it: then there is no outside.
    """
    kept = regions_of(instance, layout)
    if not kept:
        return
    for area in outside_of(kept, layout):
        yield Region(
            frames=tuple(range(1, layout.frames + 1)),
            x=area.left,
            y=area.top,
            width=area.right - area.left,
            height=area.bottom - area.top,
            source=RegionSource.ULTRASOUND,
            score=0.5,
            text="",
            decision=decision,
            explanation="it has margins outside of what the scanner calls image, graph or scale",
        )


def regions_of(instance: Instance, layout: Layout) -> list[Area]:
    """Return the ultrasound regions, as far as they lie in the image; one that does not add up is left out."""
    found = []
    for left, top, right, bottom in corners_of(instance):
        area = Area(left, top, min(right + 1, layout.columns), min(bottom + 1, layout.rows))
        if area.left < area.right and area.top < area.bottom:
            found.append(area)
    return found


def corners_of(instance: Instance) -> Iterator[tuple[int, ...]]:
    """Yield left, top, right and bottom of each ultrasound region that has all four, as the header says them."""
    element = instance.by_tag.get(ULTRASOUND_REGIONS)
    for item in (element[5] or ())[:_MOST] if element is not None else ():
        values = {
            tag: int.from_bytes(instance.buffer[at : at + 4], "little")
            for tag, _vr, _start, at, length, items in item
            if tag in _CORNERS and length == 4 and items is None
        }
        if len(values) == len(_CORNERS):
            yield tuple(values[tag] for tag in _CORNERS)


def outside_of(kept: Iterable[Area], layout: Layout) -> list[Area]:
    """Return rectangles that cover exactly what no kept area covers; none overlaps another one."""
    areas = list(kept)
    edges = sorted({0, layout.rows, *(area.top for area in areas), *(area.bottom for area in areas)})
    found: list[Area] = []
    open_ones: dict[tuple[int, int], int] = {}
    for top, bottom in pairwise(edges):
        taken = sorted((area.left, area.right) for area in areas if area.top <= top and area.bottom >= bottom)
        free = set(_free(taken, layout.columns))
        found += [Area(span[0], open_ones.pop(span), span[1], top) for span in open_ones.keys() - free]
        open_ones |= dict.fromkeys(free - open_ones.keys(), top)
    found += [Area(left, top, right, layout.rows) for (left, right), top in open_ones.items()]
    return sorted(found, key=lambda area: (area.top, area.left))


def _free(taken: list[tuple[int, int]], columns: int) -> Iterator[tuple[int, int]]:
    at = 0
    for left, right in taken:
        if left > at:
            yield at, left
        at = max(at, right)
    if at < columns:
        yield at, columns
