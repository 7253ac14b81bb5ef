"""What some instances of a series show at one place is proposed for the others that one device made at one size.

A header that changes from image to image is where it was: a net that missed it in one image found it in others. The
others were looked at as well, though, and a black box over anatomy has a price: so what is shown has to change, or to
be unreadable somewhere, in some of them, or to be in half of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from workbench.pixels.examining import Examined
from workbench.records.region import Region, RegionDecision, RegionSource

_SEEN: Final = frozenset({RegionSource.TEXT, RegionSource.CODE})
_SAME: Final = 0.5
"""Of the height, and of the width, of the smaller of two regions: what they share when they are at one place."""

_LEAST: Final = 2
_LEAST_SHARE: Final = 0.05
"""Instances, and their share, that have to show something at a place."""

_MOST_HEIGHT: Final = 2.0
"""How much higher than another one a region of the same place may be."""

_COMMON: Final = 0.5


@dataclass(slots=True)
class _Place:
    """A place, the first region that was seen there, and what instances show."""

    first: Region
    shown: dict[int, list[Region]] = field(default_factory=dict)


def shared(series: Sequence[Examined]) -> list[tuple[Region, ...]]:
    """Return, for each instance of one series, device and size, the regions that the others propose for it.

    A region is proposed for all frames of an instance that shows nothing at its place, when at least two other
    instances do and one of them has text or a code that was read and goes. Nothing is taken away; a mark that is known
    to be harmless stays a mark where it was read.
    """
    places: list[_Place] = []
    for number, examined in enumerate(series):
        for region in examined.regions:
            if region.source in _SEEN and region.decision is not RegionDecision.KEEP:
                _add(places, number, region)
    proposed = [place for place in places if _is_proposed(place, len(series))]
    return [tuple(_proposals(number, examined, proposed)) for number, examined in enumerate(series)]


def _add(places: list[_Place], number: int, region: Region) -> None:
    place = next((each for each in places if _at_one_place(region, each.first)), None)
    if place is None:
        place = _Place(region)
        places.append(place)
    place.shown.setdefault(number, []).append(region)


def _is_proposed(place: _Place, count: int) -> bool:
    regions = [region for each in place.shown.values() for region in each]
    if len(place.shown) < max(_LEAST, _LEAST_SHARE * count) or not any(
        each.decision is RegionDecision.REDACT for each in regions
    ):
        return False
    changes = len({each.text for each in regions}) > 1
    unread = any(each.decision is RegionDecision.REVIEW for each in regions)
    return changes or unread or len(place.shown) >= _COMMON * count


def _proposals(number: int, examined: Examined, places: Sequence[_Place]) -> Iterator[Region]:
    for place in places:
        if number in place.shown or not examined.frames:
            continue
        region = _proposal(place, examined.frames)
        if not any(each.decision is RegionDecision.KEEP and _at_one_place(region, each) for each in examined.regions):
            yield region


def _proposal(place: _Place, frames: int) -> Region:
    regions = [region for each in place.shown.values() for region in each]
    left, top = min(each.x for each in regions), min(each.y for each in regions)
    return Region(
        frames=tuple(range(1, frames + 1)),
        x=left,
        y=top,
        width=max(each.x + each.width for each in regions) - left,
        height=max(each.y + each.height for each in regions) - top,
        source=RegionSource.SERIES,
        score=max(each.score for each in regions),
        text="",
        decision=RegionDecision.REDACT,
        explanation=f"{len(place.shown)} other images of the series show text here",
    )


def _at_one_place(one: Region, two: Region) -> bool:
    across = min(one.x + one.width, two.x + two.width) - max(one.x, two.x)
    down = min(one.y + one.height, two.y + two.height) - max(one.y, two.y)
    heights = sorted((one.height, two.height))
    return (
        across >= _SAME * min(one.width, two.width)
        and down >= _SAME * heights[0]
        and heights[1] <= _MOST_HEIGHT * heights[0]
    )
