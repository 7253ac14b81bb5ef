"""Whether frames were blackened as a document says: there, only there, and really."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.verify.black import Extremes, Palette, in_order, is_black
from workbench.verify.redaction_document import Blackened, Box
from workbench.verify.stored import ENCAPSULATED_NATIVE, JPEG_WITH_LOSS, NATIVE, Band, Shape, StoredFrames

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK = 8
_SMOOTHED = 3
"""Pixels, beyond one block, by which a decoder that smooths colour may widen what a region of JPEG touches."""
_FRAME_HEADERS = (0xC0, 0xC1, 0xC2)


def misplaced(region: Blackened, image: Box, *, pairs: bool, block: tuple[int, int] | None) -> str:
    """Say what is wrong with the rectangles of a region; empty when nothing is.

    Parameters
    ----------
    pairs
        Two neighbours of a row share their colour, so that a rectangle is rounded out to even columns.
    block
        Width and height of what the transfer syntax codes together; None where every pixel stands alone.
    """
    asked, black, touched = region.asked, region.black, region.touched
    if not (image.holds(asked) and image.holds(touched)):
        return "A blackened region does not lie in the image."
    if not black.holds(asked):
        return "A region that was to be blackened is not wholly said to be black."
    if not touched.holds(black):
        return "What is black is not within what may differ."
    if block is None:
        rounded = Box(asked.left // 2 * 2, asked.top, -(-asked.right // 2) * 2, asked.bottom) if pairs else asked
        return "" if black == touched == rounded else "More may differ than was to be blackened."
    across, down = block
    if black.grown(across + 1, down + 1, image).holds(touched) and asked.grown(
        across + _SMOOTHED, down + _SMOOTHED, image
    ).holds(touched):
        return ""
    return "More may differ than the blocks that hold what was to be blackened."


def block_of(frames: StoredFrames, number: int) -> tuple[int, int] | None:
    """Return width and height of the blocks of a JPEG frame with loss; None for all other syntaxes.

    ISO/IEC 10918-1 A.2: eight pixels, times the highest sampling factor where there are several components.

    Raises
    ------
    ValueError
        The frame has no header.
    """
    if frames.reading.syntax not in JPEG_WITH_LOSS:
        return None
    frame = frames.encoded(number)
    at = 2
    while at + 4 <= len(frame) and frame[at] == 0xFF:
        marker = frame[at + 1]
        if marker in _FRAME_HEADERS:
            components = frame[at + 9]
            factors = [frame[at + 11 + 3 * n] for n in range(components)]
            if components == 1:
                return _BLOCK, _BLOCK
            return _BLOCK * max(f >> 4 for f in factors), _BLOCK * max(f & 15 for f in factors)
        at += 1 if marker == 0xFF else 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
    raise ValueError(marker if frame else 0)


def frame_fault(
    before: StoredFrames, after: StoredFrames, number: int, regions: Sequence[Blackened], palette: Palette
) -> str:
    """Say how a frame, counted from 0, is not what it should be; empty when nothing is wrong.

    Stored values within Bits Stored outside of what may differ are those of the input, and every region is of one value
    in all bits, which is black. Without regions equal bytes are enough.
    """
    try:
        if not regions and before.same_bytes(after, number):
            return ""
        image = Box(0, 0, before.shape.columns, before.shape.rows)
        block = block_of(before, number) if regions else None
        pairs = before.shape.paired and before.reading.syntax in NATIVE | {ENCAPSULATED_NATIVE}
        for region in regions:
            fault = misplaced(region, image, pairs=pairs, block=block)
            if fault:
                return fault
        return _Comparison(before.shape, regions, palette).fault(before, after, number)
    except Exception:  # noqa: BLE001 - decoders raise anything on damaged frames; not comparable is not equal
        return "A frame that is not the same as that of the input cannot be decoded to compare it."


class _Comparison:
    """The comparison of one frame, band by band."""

    def __init__(self, shape: Shape, regions: Sequence[Blackened], palette: Palette) -> None:
        self.shape = shape
        self.regions = regions
        self.palette = palette
        self.found: dict[tuple[int, int], NDArray[Any]] = {}
        """The pattern of each region, and first channel of a band, in all bits."""
        self.low: int | None = None
        self.high: int | None = None
        self.photometric = ""

    def fault(self, before: StoredFrames, after: StoredFrames, number: int) -> str:
        for one, two in zip(before.bands(number), after.bands(number), strict=True):
            if one[:2] != two[:2] or one.values.shape != two.values.shape:
                raise ValueError(number)
            if self._differs(one, two):
                return (
                    "Pixels outside of the blackened regions differ from those of the input."
                    if self.regions
                    else "A frame without blackened regions differs from that of the input."
                )
            if not self._is_uniform(two):
                return "A region that is said to be black holds more than one value."
            self._widen(one)
            self.photometric = two.photometric
        return self._blackness()

    def _differs(self, one: Band, two: Band) -> bool:
        difference = one.values ^ two.values
        if self.shape.mask != (1 << 8 * difference.dtype.itemsize) - 1:
            difference &= difference.dtype.type(self.shape.mask)
        for region in self.regions:
            _part(difference, one, region.touched, self.shape)[...] = 0
        return bool(difference.any())

    def _is_uniform(self, band: Band) -> bool:
        for index, region in enumerate(self.regions):
            inside = _part(band.values, band, region.black, self.shape)
            if inside.size:
                first = self.found.setdefault((band.channel, index), inside[0, 0].copy())
                if not (inside == first).all():
                    return False
        return True

    def _widen(self, band: Band) -> None:
        """Note the lowest and the highest value of a grey frame of the input."""
        if not self.regions or band.photometric not in ("MONOCHROME1", "MONOCHROME2"):
            return
        shape, kind = self.shape, band.values.dtype.type
        stored = (band.values & kind(shape.mask)) >> kind(shape.shift)
        ordered = in_order(stored, shape)
        low, high = int(ordered.min()), int(ordered.max())
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)

    def _blackness(self) -> str:
        shape = self.shape
        extremes = Extremes(self.low or 0, self.high or 0)
        for index in range(len(self.regions)):
            channels = [key for key in sorted(self.found) if key[1] == index]
            patterns = [int(value) for key in channels for value in self.found[key]]
            values = [(pattern & shape.mask) >> shape.shift for pattern in patterns]
            if not values or not is_black(values, shape, self.photometric, extremes, self.palette):
                return "A region that is said to be black is of another colour."
        return ""


def _part(values: "NDArray[Any]", band: Band, box: Box, shape: Shape) -> "NDArray[Any]":
    """Return the part of a band that a rectangle covers, wholly or in part where neighbours share their colour."""
    shared = shape.columns // values.shape[1]
    top, bottom = (min(max(0, row - band.row), len(values)) for row in (box.top, box.bottom))
    return values[top:bottom, box.left // shared : -(-box.right // shared)]
