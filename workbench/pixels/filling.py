"""Look at redacted frames without taking black boxes for text.

The edges of a box that was blackened over bright anatomy look like writing to the nets. What is inside is known: the
proof shows that it is of one colour. So for a look it is filled with what surrounds it; everything outside is looked at
as it stands.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from workbench.pixels.finding_text import Image
from workbench.pixels.frames import Frames
from workbench.pixels.layout import Area
from workbench.pixels.views import Samples

_SOFT: Final = 15
"""Pixels over which a filling is smoothed: what is copied from the border draws lines."""

AreasOf = Callable[[int], Sequence[Area]]
"""The areas of a frame, counted from 0, that are known to be of one colour."""


class FilledFrames:
    """Frames whose areas are filled with what surrounds them."""

    def __init__(self, frames: Frames, areas: AreasOf) -> None:
        self._frames = frames
        self._areas = areas

    @property
    def count(self) -> int:
        """How many there are."""
        return self._frames.count

    def image(self, number: int) -> Image:
        """Return a frame, counted from 0; raises `InstanceRefused` when it can't be decoded."""
        image = self._frames.image(number)
        areas = self._areas(number)
        return replace(image, samples=filled(image.samples, areas)) if areas else image


def filled(samples: Samples, areas: Sequence[Area]) -> Samples:
    """Return a copy of a frame with areas filled; the frame itself when they leave nothing to fill them with."""
    from scipy import ndimage  # noqa: PLC0415 (loaded where pixels are examined)

    hidden = np.zeros(samples.shape[:2], bool)
    for left, top, right, bottom in areas:
        hidden[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
    if not hidden.any() or hidden.all():
        return samples
    nearest = ndimage.distance_transform_edt(hidden, return_distances=False, return_indices=True)
    copied: Samples = samples[tuple(nearest)]
    size = (_SOFT, _SOFT, 1)[: samples.ndim]
    soft = ndimage.uniform_filter(copied.astype(np.float32), size=size, mode="nearest")
    copied[hidden] = soft[hidden].astype(samples.dtype)
    return copied
