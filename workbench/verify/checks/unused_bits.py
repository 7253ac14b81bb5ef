"""Bits of samples outside of Bits Stored, where overlay planes once lay and anything may hide (PS3.5 8.1.1, 8.1.2)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from pydicom.uid import UID

from workbench.records.finding import Unknown
from workbench.verify.checks.frames import precision
from workbench.verify.pair import Pair, Said, found
from workbench.verify.reading import BIG_ENDIAN, Reading
from workbench.verify.stored import NATIVE, Shape, StoredFrames, shape_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PIECE: Final = 1 << 18
_WHERE: Final = "(7FE0,0010)"
_CODED: Final = "1.2.840.10008.1.2.4."
"""JPEG, JPEG-LS, JPEG 2000: a code stream says how many bits it holds."""


class UnusedBits:
    """Bits outside of Bits Stored are zero, or repeat the sign.

    Code streams that hold no more bits than are stored are not decoded. What holds more and can't be decoded is an
    unknown.
    """

    name = "unused-bits"
    rule = "PS3.5 8.1.1, 8.1.2"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield at most one finding or unknown."""
        reading = pair.after
        shape = shape_of(reading) if reading.pixel_range() is not None else None
        if shape is None or shape.allocated in (1, shape.stored):
            return
        try:
            hidden = _native(reading, shape) if reading.syntax in NATIVE else _encapsulated(reading, shape)
        except Exception:  # noqa: BLE001 - decoders raise anything on damaged frames
            yield Unknown("unused-bits-not-examined", UID(reading.syntax).name, _WHERE)
            return
        if hidden:
            yield found(self, _WHERE, "Bits outside of Bits Stored hold something.")


def _native(reading: Reading, shape: Shape) -> bool:
    payload = reading.pixel_range()
    width = shape.allocated // 8
    if payload is None or reading.syntax == BIG_ENDIAN or shape.allocated == 24:
        return _any(StoredFrames(reading, shape), shape, range(shape.frames)) if payload is not None else False
    unused = ~shape.mask & ((1 << shape.allocated) - 1)
    begin, end = payload[0], payload[0] + min(payload[1], shape.frames * shape.frame_bits // 8)
    pattern = int.from_bytes(unused.to_bytes(width, "little") * (_PIECE // width), "little")
    for offset in range(begin, end, _PIECE):
        piece = reading.data.read(offset, min(_PIECE, end - offset))
        # A piece as one number: most samples are looked at without numpy, which takes longer to load.
        if int.from_bytes(piece, "little") & pattern and _holds(_samples(piece, width), shape):
            return True
    return False


def _encapsulated(reading: Reading, shape: Shape) -> bool:
    frames = StoredFrames(reading, shape)
    coded = reading.syntax.startswith(_CODED)
    numbers = [
        number
        for number in range(shape.frames)
        if not coded
        or (precision(reading.data, *frames.frames[number][0]) or shape.allocated) > shape.stored
        or shape.shift
    ]
    return _any(frames, shape, numbers)


def _any(frames: StoredFrames, shape: Shape, numbers: "range | list[int]") -> bool:
    return any(_holds(band.values, shape) for number in numbers for band in frames.bands(number))


def _samples(piece: bytes, width: int) -> "NDArray[Any]":
    import numpy as np  # noqa: PLC0415 - only where bits are set

    return np.frombuffer(piece[: len(piece) - len(piece) % width], f"<u{width}")


def _holds(values: "NDArray[Any]", shape: Shape) -> bool:
    """Tell whether bits below the stored ones are set, or bits above them that do not repeat the sign."""
    import numpy as np  # noqa: PLC0415 - only where bits are set

    unused = values & values.dtype.type(~shape.mask & ((1 << 8 * values.dtype.itemsize) - 1))
    if not unused.any():
        return False
    if not shape.signed:
        return True
    above = 8 * values.dtype.itemsize - shape.high - 1
    signed = values.view(f"<i{values.dtype.itemsize}")
    return not np.array_equal(((signed << above) >> (above + shape.shift)) << shape.shift, signed)
