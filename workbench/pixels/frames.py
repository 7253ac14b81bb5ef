"""The frames of one instance as images to look at."""

from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np

from workbench.dicom.instance import Instance
from workbench.pixels.decoding import StoredFrames
from workbench.pixels.finding_text import Image
from workbench.pixels.layout import check_looked_at
from workbench.pixels.palette import PALETTE_TAGS, shown_colours
from workbench.pixels.views import Samples, rgb

_CENTER: Final = 0x00281050
_WIDTH: Final = 0x00281051
_INTERCEPT: Final = 0x00281052
_SLOPE: Final = 0x00281053
_DISPLAY: Final = frozenset({_CENTER, _WIDTH, _INTERCEPT, _SLOPE})


class Frames(Protocol):
    """Frames that are decoded when they are asked for."""

    @property
    def count(self) -> int:
        """How many there are."""

    def image(self, number: int) -> Image:
        """Return a frame, counted from 0; raises `InstanceRefused` when it can't be decoded."""


class InstanceFrames:
    """The frames of an instance whose Pixel Data can be decoded.

    Raises
    ------
    InstanceRefused
        `image-too-large`, `palette-missing`, `palette-damaged`.
    """

    def __init__(self, stored: StoredFrames) -> None:
        self._stored = stored
        self._layout = stored.layout
        check_looked_at(self._layout.rows, self._layout.columns)
        self._center, self._width = window_of(stored.instance)
        palette = self._layout.photometric == "PALETTE COLOR"
        self._palette = shown_colours(stored.instance.values(PALETTE_TAGS)) if palette else None

    @property
    def count(self) -> int:
        """How many frames the header tells, and the Pixel Data has."""
        return self._layout.frames

    def image(self, number: int) -> Image:
        """Return a frame, counted from 0.

        Raises
        ------
        InstanceRefused
            What `StoredFrames.values` raises.
        """
        values: Samples = self._stored.values(number)
        if self._palette is not None:
            first, table = self._palette
            return Image(table[np.clip(values.astype(np.int64) - first, 0, len(table) - 1)])
        if values.ndim == 3:
            return Image(rgb(values, self._layout.photometric, self._layout.stored))
        return Image(values, self._layout.photometric == "MONOCHROME1", self._center, self._width)


def window_of(instance: Instance) -> tuple[float | None, float | None]:
    """Return center and width of the stored window, in stored values; None where there is no usable one."""
    values = instance.values(_DISPLAY)
    center, width = _number(values, _CENTER), _number(values, _WIDTH)
    slope, intercept = _number(values, _SLOPE) or 1.0, _number(values, _INTERCEPT) or 0.0
    if center is None or width is None or slope <= 0:
        return None, None
    return (center - intercept) / slope, width / slope


def _number(values: Mapping[int, bytes], tag: int) -> float | None:
    """Return the first value of a decimal string."""
    try:
        number = float(values.get(tag, b"").split(b"\\")[0].strip(b" \0") or "nan")
    except ValueError:
        return None
    return number if np.isfinite(number) else None
