"""From a text map to boxes, and what can be done with boxes. Pure."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.pixels.nets import Map
from workbench.pixels.views import Picture


class Box(NamedTuple):
    """A rectangle in pixels: left and top inside, right and bottom outside. `score` is 0 to 1."""

    left: int
    top: int
    right: int
    bottom: int
    score: float

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    def of(self, picture: Picture) -> Picture:
        """What the box shows of a picture."""
        return picture[self.top : self.bottom, self.left : self.right]

    def touches(self, other: "Box") -> bool:
        """Tell whether two boxes share a pixel."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def contains(self, other: "Box") -> bool:
        """Tell whether another box lies wholly inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


CORE: Final = 0.3
"""Probability from which a pixel belongs to the core of a line."""

UNCLIP: Final = 1.8
"""The core is a line shrunken by area / perimeter; this is how much it grows again (PP-OCR's own is 1.5)."""

ENDS: Final = 0.4
"""What is added at both ends of a line, in its thickness: the last letter is the one that nets cut."""

THINNEST: Final = 3
THICKEST_PIXELS: Final = 72
THICKEST_SHARE: Final = 0.15
"""Thicker than both, a component is anatomy and no line of text."""
BLOCK_SHARE: Final = 0.5
"""Of the short side of the picture: a component that is thicker, and no line by its shape, is the picture itself."""

SURE: Final = 0.9
"""Mean probability from which a component that its rectangle makes too thick counts when it is thin by its own shape:
a tilted line."""
SURER: Final = 0.95
"""Mean probability from which it counts when it is thick, and fills a slender rectangle: large letters. The smaller net
is sure to 0.942 of a trunk."""
SLENDER: Final = 2.0
"""How much longer than thick, along its own axis, such a component has to be."""
FULL: Final = 0.7
"""Share of their own rectangle that large letters fill; the outline of anatomy does not."""

_SAME: Final = 0.6
"""Of the thickness of the thicker one of two boxes: what they share when they belong to one line."""


def boxes_of(text_map: Map, *, least: float, scale: float = 1.0) -> list[Box]:
    """Return the boxes of a map whose mean probability is at least `least`.

    `scale` is the size of the map's picture relative to the stored pixels; boxes come in stored pixels, clipped to the
    picture.
    """
    from scipy import ndimage  # noqa: PLC0415 (loaded where pixels are examined)

    core = text_map > CORE
    labels, count = ndimage.label(core)
    if not count:
        return []
    index = np.arange(1, count + 1)
    slices = ndimage.find_objects(labels)
    scores = ndimage.mean(text_map, labels, index)
    rows, columns = round(text_map.shape[0] / scale), round(text_map.shape[1] / scale)
    thickest = max(THICKEST_PIXELS, THICKEST_SHARE * min(rows, columns)) * scale
    block = BLOCK_SHARE * min(rows, columns) * scale
    found = []
    for label, ((down, across), score) in enumerate(zip(slices, scores, strict=True), 1):
        height, width = down.stop - down.start, across.stop - across.start
        if score < least or min(height, width) < THINNEST:
            continue
        grow, thickness = _grown(width, height)
        along, side = grow + ENDS * thickness, grow
        x, y = (along, side) if width >= height else (side, along)
        if thickness > thickest:
            if score < SURE:
                continue
            thin, full = _own_shape(labels[down, across] == label, thickest)
            if thin:
                x = y = thin
            elif not (full and score >= SURER):
                continue
        elif thickness > block and max(height, width) < 2 * min(height, width):
            continue
        found.append(
            Box(
                max(0, int((across.start - x) / scale)),
                max(0, int((down.start - y) / scale)),
                min(columns, int((across.stop + x) / scale + 1)),
                min(rows, int((down.stop + y) / scale + 1)),
                float(score),
            )
        )
    return found


def _grown(length: float, thick: float) -> tuple[float, float]:
    """Return by how much a core grows on each side, and how thick the line then is."""
    grow = length * thick * UNCLIP / (2 * (length + thick))
    return grow, min(length, thick) + 2 * grow


def _own_shape(shape: NDArray[np.bool_], thickest: float) -> tuple[float, bool]:
    """Measure a component along its own axis: by how much it grows as a thin line (0: it is none); is it a full bar."""
    points = np.argwhere(shape).astype(np.float32)
    points -= points.mean(axis=0)
    _values, axes = np.linalg.eigh(points.T @ points)
    thick, length = (float(each) + 1 for each in np.ptp(points @ axes, axis=0))
    if length < SLENDER * thick:
        return 0.0, False
    grow, thickness = _grown(length, thick)
    return (
        grow + ENDS * thickness if thickness <= thickest else 0.0,
        len(points) >= FULL * length * thick,
    )


def union(boxes: Iterable[Box]) -> list[Box]:
    """Return the boxes without those that lie in another one, in reading order."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda each: (-each.width * each.height, each)):
        if not any(other.contains(box) for other in kept):
            kept.append(box)
    return sorted(kept, key=lambda each: (each.top, each.left, each))


def lines(boxes: Iterable[Box]) -> list[Box]:
    """Return one box for each line of text that several looks found: the boxes of one line are put together.

    Nothing that a box covers is left uncovered.
    """
    found = union(boxes)
    while True:
        pair = next(
            ((one, two) for at, one in enumerate(found) for two in found[at + 1 :] if _same_line(one, two)), None
        )
        if pair is None:
            return found
        one, two = pair
        whole = Box(
            min(one.left, two.left),
            min(one.top, two.top),
            max(one.right, two.right),
            max(one.bottom, two.bottom),
            max(one.score, two.score),
        )
        found = union([*(box for box in found if box not in pair), whole])


def _same_line(one: Box, two: Box) -> bool:
    """Tell whether two boxes overlap and are as thick as, and at the height of, each other."""
    if not one.touches(two):
        return False
    across = min(one.right, two.right) - max(one.left, two.left)
    down = min(one.bottom, two.bottom) - max(one.top, two.top)
    level = down >= _SAME * max(one.height, two.height)
    upright = across >= _SAME * max(one.width, two.width)
    return level or upright
