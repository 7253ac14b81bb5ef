"""Comparing pixels whose bytes differ."""

from workbench.verify.checks.frames import same_picture
from workbench.verify.checks.instances import surplus
from workbench.verify.elements import PIXEL_DATA
from workbench.verify.reading import Reading
from workbench.verify.source import CHUNK
from workbench.verify.stored import NATIVE, StoredFrames, little, shape_of

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
            np.frombuffer(little(each, PIXEL_DATA, (at + offset, count), unit), f"<{_UNITS[allocated]}")
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
        little(before, tag, (had[0] + offset, count), unit) == little(after, tag, (has[0] + offset, count), unit)
        for offset, count in spans
    )


def _decoded(before: Reading, after: Reading) -> bool:
    import numpy as np  # noqa: PLC0415 - only when bytes differ

    shapes = shape_of(before), shape_of(after)
    if shapes[0] is None or shapes[1] is None or shapes[0].frames != shapes[1].frames:
        return False
    one, two = StoredFrames(before, shapes[0]), StoredFrames(after, shapes[1])
    for number in range(shapes[0].frames):
        if one.same_bytes(two, number):
            continue
        mask = shapes[0].mask
        was, now = one.whole(number), two.whole(number)
        kind = max(was.dtype, now.dtype).type
        if was.shape != now.shape or not np.array_equal(was & kind(mask), now & kind(mask)):
            return False
    return True
