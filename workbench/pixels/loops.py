"""Looking at many frames at once: every pixel of every frame takes part in a look, and no frame has one of its own.

The maximum of some consecutive frames shows all that is bright in any of them, the minimum all that is dark.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from workbench.pixels.boxes import Box
from workbench.pixels.finding_text import Image
from workbench.pixels.views import Picture
from workbench.records.region import RegionSource

TOGETHER: Final = 8
"""Frames of one projection. More would let anatomy cover faint text."""

_MOST_SPREAD: Final = 0.4
"""Of the range of values: how far, on average, the brightest and the darkest of a projection may lie apart. Beyond, a
scene changes, and text may lie between two others, in neither of them. Loops have 0.01 to 0.04, slices up to 0.33."""

_EVERY: Final = 4
"""Pixels of a row and of a column from one that is compared to the next."""

_SAME: Final = 0.5
"""Intersection over union from which boxes of two projections are one region."""

_ALWAYS: Final = 0.5
"""Share of the projections, two at least, from which a region is one of all frames."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What some frames show together; `frames` are their numbers, in order. One frame alone has no darkest."""

    frames: tuple[int, ...]
    image: Image
    darkest: Image | None = None


@dataclass(slots=True)
class _Running:
    """A maximum and a minimum that grow."""

    first: Image
    brightest: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]"
    darkest: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]"
    frames: list[int]


def projections(
    frames: Iterable[tuple[int, Image]], *, together: int = TOGETHER, spread: float = _MOST_SPREAD
) -> Iterator[Projection]:
    """Yield the projections of frames that are given with their numbers: the maximum, and the minimum as `darkest`.

    Frames of one projection have one size and one kind of samples, and lie no further apart than `spread`; where these
    change, a new one begins.
    """
    running: _Running | None = None
    for number, image in frames:
        samples = image.samples
        if running is not None and (len(running.frames) == together or not _fit(running, image, spread)):
            yield _ended(running)
            running = None
        if running is None:
            running = _Running(image, samples.copy(), samples.copy(), [number])
            continue
        np.maximum(running.brightest, samples, out=running.brightest)
        np.minimum(running.darkest, samples, out=running.darkest)
        running.frames.append(number)
    if running is not None:
        yield _ended(running)


def _ended(running: _Running) -> Projection:
    darkest = replace(running.first, samples=running.darkest) if len(running.frames) > 1 else None
    return Projection(tuple(running.frames), replace(running.first, samples=running.brightest), darkest)


def _fit(running: _Running, image: Image, spread: float) -> bool:
    one, two = running.first.samples, image.samples
    if one.shape != two.shape or one.dtype != two.dtype:
        return False
    some = (slice(None, None, _EVERY), slice(None, None, _EVERY))
    brightest = np.maximum(running.brightest[some], two[some]).astype(np.float64)
    darkest = np.minimum(running.darkest[some], two[some]).astype(np.float64)
    return float((brightest - darkest).mean()) <= spread * float(brightest.max() - darkest.min())


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A box that a look at some frames found.

    `crops` is what the box shows, in the views in which it may be read; `text` what is known without reading.
    `hidden` is what the darkest of several frames show there.
    """

    box: Box
    frames: tuple[int, ...]
    source: RegionSource
    crops: tuple[Picture, ...]
    text: str = ""
    hidden: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A box through the frames: what several looks saw at one place."""

    box: Box
    frames: tuple[int, ...]
    sightings: tuple[Sighting, ...]
    """The surest first."""


def tracks(sightings: Iterable[Sighting], groups: Sequence[tuple[int, ...]], *, margin: int = 1) -> list[Track]:
    """Put together what was seen at one place, and say which frames show it.

    `groups` are the frames of each projection, in order. What half of them show is in all frames: a header is not gone
    where a bright background hid it from one look. Anything else is from `margin` groups before the first to as many
    behind the last that show it.
    """
    found: list[list[Sighting]] = []
    for sighting in sightings:
        place = next((each for each in found if any(_alike(sighting, other) for other in each)), None)
        if place is None:
            found.append([sighting])
        else:
            place.append(sighting)
    return [_track(each, groups, margin) for each in found]


def _track(seen: Sequence[Sighting], groups: Sequence[tuple[int, ...]], margin: int) -> Track:
    frames = {number for each in seen for number in each.frames}
    at = [position for position, group in enumerate(groups) if frames.intersection(group)]
    always = len(at) >= max(min(2, len(groups)), _ALWAYS * len(groups))
    first, last = (0, len(groups)) if always else (max(0, at[0] - margin), at[-1] + margin + 1)
    shown = sorted({number for group in groups[first:last] for number in group})
    boxes = [each.box for each in seen]
    whole = Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
        max(box.score for box in boxes),
    )
    return Track(whole, tuple(shown), tuple(sorted(seen, key=lambda each: -each.box.score)))


def _alike(here: Sighting, there: Sighting) -> bool:
    one, two = here.box, there.box
    if here.source is not there.source:
        return False
    across = min(one.right, two.right) - max(one.left, two.left)
    down = min(one.bottom, two.bottom) - max(one.top, two.top)
    if across <= 0 or down <= 0:
        return False
    shared = across * down
    return shared >= _SAME * (one.width * one.height + two.width * two.height - shared)
