"""Comparing pixels whose bytes differ."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.verify.checks.frames import same_picture
from workbench.verify.checks.instances import surplus
from workbench.verify.elements import PIXEL_DATA
from workbench.verify.reading import BIG_ENDIAN, Reading
from workbench.verify.source import CHUNK

if TYPE_CHECKING:
    from numpy.typing import NDArray

NATIVE = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"})
_UNITS = {1: "u1", 8: "u1", 16: "u2", 32: "u4", 64: "u8"}


def equal_when_decoded(before: Reading, after: Reading, tag: int) -> bool:
    """Whether two payloads hold the same stored values within Bits Stored. False when that cannot be said."""
    if tag != PIXEL_DATA:
        return before.syntax in NATIVE and after.syntax in NATIVE and _numbers(before, after, tag)
    if before.syntax in NATIVE and after.syntax in NATIVE and before.number(0x00280100) in _UNITS:
        return _native(before, after)
    if _same_code_streams(before, after):
        return True
    try:
        return _decoded(before, after)
    except Exception:  # noqa: BLE001 - decoders raise anything on damaged frames; not comparable is not equal
        return False


def _same_code_streams(before: Reading, after: Reading) -> bool:
    """Whether the frames are coded alike but for comments and the like, which no decoder needs to tell."""
    one, two = before.fragments, after.fragments
    if before.syntax != after.syntax or not one or len(one) != len(two):
        return False
    if not before.syntax.startswith("1.2.840.10008.1.2.4.") or max(*one[1::2], *two[1::2]) > 64 * CHUNK:
        return False
    return all(
        same_picture(before.data, (one[n], one[n + 1]), after.data, (two[n], two[n + 1])) for n in range(2, len(one), 2)
    )


def _native(before: Reading, after: Reading) -> bool:
    import numpy as np  # noqa: PLC0415 - only when bytes differ

    allocated, stored, high = before.number(0x00280100), before.number(0x00280101), before.number(0x00280102)
    had, has = before.pixel_range(), after.pixel_range()
    if (
        allocated is None
        or had is None
        or has is None
        or allocated != after.number(0x00280100)
        or stored != after.number(0x00280101)
        or high != after.number(0x00280102)
    ):
        return False
    # What follows the last frame is not part of the image.
    lengths = had[1] - surplus(before, had[1]), has[1] - surplus(after, has[1])
    if abs(lengths[0] - lengths[1]) > 1:
        return False
    length = min(lengths)  # one of the two may lack the byte that pads to an even length
    stored, high = stored or allocated, allocated - 1 if high is None else high
    if not 0 < stored <= high + 1 <= allocated:
        return False
    # Bits come eight in a byte (PS3.5 8.1.1), and all of them count.
    mask, unit = (0xFF, 1) if allocated == 1 else (((1 << stored) - 1) << (high + 1 - stored), allocated // 8)
    for offset in range(0, length, CHUNK):
        count = min(CHUNK, length - offset) // unit * unit
        one, two = (
            np.frombuffer(_little(each, PIXEL_DATA, (at + offset, count), unit), f"<{_UNITS[allocated]}")
            for each, at in ((before, had[0]), (after, has[0]))
        )
        if not np.array_equal(one & one.dtype.type(mask), two & two.dtype.type(mask)):
            return False
    return True


def _numbers(before: Reading, after: Reading, tag: int) -> bool:
    """Whether two payloads of floating point numbers are the same, in whatever order their bytes are."""
    had, has = before.pixel_range(tag), after.pixel_range(tag)
    unit = {"OF": 4, "OD": 8}.get(before.by_tag[tag].vr)
    if unit is None or had is None or has is None or had[1] != has[1]:
        return False
    spans = ((offset, min(CHUNK, had[1] - offset)) for offset in range(0, had[1], CHUNK))
    return all(
        _little(before, tag, (had[0] + offset, count), unit) == _little(after, tag, (has[0] + offset, count), unit)
        for offset, count in spans
    )


def _little(reading: Reading, tag: int, span: tuple[int, int], unit: int) -> bytes:
    """Read samples of a payload as they stand in a little endian file."""
    import numpy as np  # noqa: PLC0415 - only when bytes differ

    data = reading.data.read(*span)
    if reading.syntax != BIG_ENDIAN:
        return data
    if reading.by_tag[tag].vr == "OW":
        unit = max(unit, 2)  # words hold samples of a byte or less in pairs
    whole = len(data) // unit * unit
    return np.frombuffer(data[:whole], f">u{unit}").byteswap().tobytes() + data[whole:]


def _decoded(before: Reading, after: Reading) -> bool:
    import numpy as np  # noqa: PLC0415 - only when bytes differ

    frames_before, frames_after = _frames(before), _frames(after)
    stored = before.number(0x00280101) or 0
    high = before.number(0x00280102)
    shift = high + 1 - stored if high is not None else 0
    for one in frames_before:
        two = next(frames_after, None)
        if two is None or one.shape != two.shape:
            return False
        if one.dtype.kind in "iu" and stored:
            mask = ((1 << stored) - 1) << max(0, shift)
            one, two = one.astype(np.int64) & mask, two.astype(np.int64) & mask  # noqa: PLW2901 - the frame within Bits Stored
        if not np.array_equal(one, two):
            return False
    return next(frames_after, None) is None


def _frames(reading: Reading) -> Iterator["NDArray[Any]"]:
    """Decode frame by frame with pydicom, from the fragments that were stepped over; memory is bound by one frame."""
    from pydicom.encaps import generate_frames  # noqa: PLC0415 - only when bytes differ
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415 - as above
    from pydicom.uid import UID  # noqa: PLC0415 - as above

    photometric = reading.text(0x00280004)
    options: dict[str, Any] = {
        "transfer_syntax_uid": UID(reading.syntax),
        "rows": reading.number(0x00280010),
        "columns": reading.number(0x00280011),
        "samples_per_pixel": reading.number(0x00280002),
        "photometric_interpretation": photometric,
        "bits_allocated": reading.number(0x00280100),
        "bits_stored": reading.number(0x00280101),
        "pixel_representation": reading.number(0x00280103) or 0,
        "number_of_frames": 1,
        "pixel_keyword": "PixelData",
        "pixel_vr": "OB",
    }
    if (options["samples_per_pixel"] or 1) > 1:
        options["planar_configuration"] = reading.number(0x00280006) or 0
    decoder = get_decoder(UID(reading.syntax))
    payload = reading.pixel_range()
    if payload is None:
        return
    if reading.by_tag[PIXEL_DATA].length >= 0:
        size = (
            (options["rows"] or 0)
            * (options["columns"] or 0)
            * (options["samples_per_pixel"] or 1)
            * (options["bits_allocated"] or 8)
            // 8
        )
        for offset in range(payload[0], payload[0] + payload[1] - size + 1, max(size, 1)):
            yield decoder.as_array(reading.data.read(offset, size), raw=True, **options)[0]
        return
    count = int(reading.text(0x00280008) or 1)
    for frame in _encoded_frames(reading, count, generate_frames):
        yield decoder.as_array(_one_frame(frame), raw=True, **options)[0]


def _one_frame(frame: bytes) -> bytes:
    from pydicom.encaps import encapsulate  # noqa: PLC0415 - only when bytes differ

    return encapsulate([frame], has_bot=False)


def _encoded_frames(reading: Reading, count: int, generate: Any) -> Iterator[bytes]:
    """Yield the encoded frames: one fragment each where the numbers say so, else by pydicom's rules."""
    fragments = reading.fragments
    pairs = [(fragments[n], fragments[n + 1]) for n in range(2, len(fragments), 2)]
    if len(pairs) == count:
        for offset, length in pairs:
            yield reading.data.read(offset, length)
        return
    if count == 1:
        yield b"".join(reading.data.read(offset, length) for offset, length in pairs)
        return
    payload = reading.pixel_range()
    if payload is None or payload[1] > 256 * CHUNK:
        raise ValueError(count)
    yield from generate(reading.data.read(*payload), number_of_frames=count)
