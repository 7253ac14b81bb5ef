"""What black is, by photometric interpretation (PS3.3 C.7.6.3.1.2): nothing that stands in such pixels can be read."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from workbench.verify.reading import Reading
from workbench.verify.stored import Shape

_DESCRIPTOR = 0x00281101
_TABLES = (0x00281201, 0x00281202, 0x00281203, 0x00281221, 0x00281222, 0x00281223)
_LUMINANCE = (0.299, 0.587, 0.114)
_ALMOST = 0.02
"""How much lighter than the darkest entry of a palette black may be: tables are rounded in several ways."""


class Extremes(NamedTuple):
    """The lowest and the highest stored value of a grey frame of the input, in the order of their numbers."""

    low: int
    high: int


def is_black(values: Sequence[int], shape: Shape, photometric: str, extremes: Extremes, palette: "Palette") -> bool:
    """Tell whether the stored bits of the channels of a pixel are black. What is not known is not black.

    In a grey image nothing of the input may be darker: how black a value is shown depends on a window.
    """
    if photometric == "PALETTE COLOR":
        return palette.is_darkest(values[0])
    if photometric in ("MONOCHROME1", "MONOCHROME2"):
        value: int = in_order(values[0], shape)
        return value <= extremes.low if photometric == "MONOCHROME2" else value >= extremes.high
    if photometric in ("RGB", "YBR_ICT", "YBR_RCT"):
        return not any(values)
    if photometric.startswith(("YBR_FULL", "YBR_PARTIAL")) and shape.stored > 1:
        # PS3.3 C.7.6.3.1.2: partial luminance is black at 16 of 256.
        dark = (1 << shape.stored) >> 4 if "PARTIAL" in photometric else 0
        grey = 1 << (shape.stored - 1)
        return all(value <= dark for value in values[:-2]) and values[-2] == values[-1] == grey
    return False


def in_order(pattern: Any, shape: Shape) -> Any:
    """Return stored bits (a number or an array of them) so that their order is that of the values."""
    sign = 1 << (shape.stored - 1) if shape.signed else 0
    return pattern ^ (sign if isinstance(pattern, int) else pattern.dtype.type(sign))


class Palette:
    """The palette of an image, read with pydicom when it is asked for."""

    def __init__(self, reading: Reading, shape: Shape) -> None:
        self._reading = reading
        self._shape = shape
        self._light: Sequence[float] | None = None

    def is_darkest(self, value: int) -> bool:
        """Tell whether no entry is darker, but for rounding; False when the palette cannot be read."""
        if self._light is None:
            try:
                self._light = self._luminances()
            except Exception:  # noqa: BLE001 - pydicom raises several types on damaged tables
                self._light = ()
        light = self._light
        if not 0 <= value < len(light):
            return False
        return light[value] <= min(light) + _ALMOST * max(light)

    def _luminances(self) -> Sequence[float]:
        import numpy as np  # noqa: PLC0415 - only for images with a palette
        from pydicom.dataset import Dataset, FileMetaDataset  # noqa: PLC0415 - as above
        from pydicom.pixels.processing import apply_color_lut  # noqa: PLC0415 - as above
        from pydicom.uid import ExplicitVRLittleEndian  # noqa: PLC0415 - as above

        if self._shape.stored > 16:
            return ()
        elements = self._reading.by_tag
        tables = Dataset()
        tables.file_meta = FileMetaDataset()
        tables.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian  # values of a reading are little endian
        for tag in range(_DESCRIPTOR, _DESCRIPTOR + 3):
            raw = elements[tag].value or b""
            first = int.from_bytes(raw[2:4], "little", signed=elements[tag].vr == "SS")
            entries = int.from_bytes(raw[:2], "little")
            tables.add_new(tag, "US" if first >= 0 else "SS", [entries, first, int.from_bytes(raw[4:6], "little")])
        for tag in _TABLES:
            if tag in elements:
                tables.add_new(tag, "OW", elements[tag].value or b"")
        colours = apply_color_lut(np.arange(1 << self._shape.stored, dtype=np.int32), tables)
        shown: Sequence[float] = (colours[:, :3].astype(np.float64) @ np.array(_LUMINANCE)).tolist()
        return shown
