"""What front ends get to see of pixels. Nothing in here says what stood anywhere."""

from dataclasses import dataclass
from typing import Literal

PixelMode = Literal["off", "flag", "clean"]
"""What is asked of pixels."""


@dataclass(frozen=True, slots=True)
class PixelArea:
    """One area, the same in `instances` instances of a series. Coordinates are stored pixels.

    `became` is `blackened`, `cleared` (bits of an overlay plane), `kept` (known to be harmless) or `left` (seen, and
    not changed: the instance is held back). `source` is a `RegionSource`; `why` repeats nothing of what stood there.
    """

    became: str
    x: int
    y: int
    width: int
    height: int
    source: str
    why: str
    frames: int
    """Frames of one instance that it is in, the most of any."""
    instances: int


@dataclass(frozen=True, slots=True)
class SeriesPixels:
    """What became of the pixels of one series. `images` have pixels, `checked` of them were seen as a whole.

    `changed` counts instances in which something was blackened; `more` are areas that are not listed. Reasons of
    `not_checked` and `to_review` come with the number of their instances.
    """

    series: int
    images: int
    checked: int
    frames: int
    changed: int
    areas: tuple[PixelArea, ...] = ()
    more: int = 0
    not_checked: tuple[tuple[str, int], ...] = ()
    to_review: tuple[tuple[str, int], ...] = ()

    def that(self, became: str) -> tuple[PixelArea, ...]:
        """Return the areas of which that became."""
        return tuple(area for area in self.areas if area.became == became)
