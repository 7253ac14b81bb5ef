"""Bits of overlay planes (PS3.3 C.9.2, PS3.5 8.1.2): cleared where a document says so, and nowhere else."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.verify.reading import Reading
from workbench.verify.redaction_document import Box
from workbench.verify.stored import little

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DATA, _ROWS, _COLUMNS, _ORIGIN = 0x3000, 0x0010, 0x0011, 0x0050
_MOST_BITS = 1 << 27


def overlay_groups(reading: Reading) -> Iterator[int]:
    """Yield the groups of overlay planes that have their own data."""
    for group in range(0x6000, 0x6100, 2):
        if group << 16 | _DATA in reading.by_tag:
            yield group


def overlay_fault(before: Reading, after: Reading, group: int, areas: Sequence[Box]) -> str:
    """Say how an overlay plane of the output is not what it should be; empty when nothing is wrong.

    Parameters
    ----------
    areas
        Rectangles of the image over which its bits were cleared, in all its frames; without any it is what it was.
    """
    had, has = _plane(before, group), _plane(after, group)
    if had is None or has is None or had != has:
        return "An overlay is not that of the input."
    was, now = _content(before, group), _content(after, group)
    size = had.rows * had.columns
    if size <= 0 or size > _MOST_BITS or 8 * min(len(was), len(now)) < size or abs(len(was) - len(now)) > 1:
        return "" if was == now and not areas else "An overlay is not as large as it says."
    if not areas:
        return "" if was[: len(now)] == now[: len(was)] else "An overlay differs from that of the input."
    for number in range(8 * min(len(was), len(now)) // size):
        one, two = _bits(was, number, had), _bits(now, number, had)
        for area in areas:
            top, bottom = (max(0, row - had.down) for row in (area.top, area.bottom))
            left, right = (max(0, column - had.across) for column in (area.left, area.right))
            if two[top:bottom, left:right].any():
                return "An overlay still has bits where they are said to be cleared."
            one[top:bottom, left:right] = 0
        if (one != two).any():
            return "An overlay differs from that of the input outside of what was cleared."
    return ""


class _Plane(NamedTuple):
    """Size of an overlay plane, and the row and column of the image, counted from 0, of its first bit."""

    rows: int
    columns: int
    down: int
    across: int


def _plane(reading: Reading, group: int) -> _Plane | None:
    base = group << 16
    rows, columns = reading.number(base | _ROWS), reading.number(base | _COLUMNS)
    element = reading.by_tag.get(base | _ORIGIN)
    origin = (element.value or b"") if element is not None else b"\1\0\1\0"
    if base | _DATA not in reading.by_tag or rows is None or columns is None or len(origin) != 4:
        return None
    down, across = (int.from_bytes(origin[n : n + 2], "little", signed=True) - 1 for n in (0, 2))
    return _Plane(rows, columns, down, across)


def _content(reading: Reading, group: int) -> bytes:
    element = reading.by_tag[group << 16 | _DATA]
    if element.value is not None:
        return element.value
    return little(reading, element.tag, (element.offset, element.length), 1)


def _bits(content: bytes, number: int, plane: _Plane) -> "NDArray[Any]":
    import numpy as np  # noqa: PLC0415 - only where overlays are compared

    size = plane.rows * plane.columns
    first = number * size
    packed = np.frombuffer(content, np.uint8)[first // 8 : -(-(first + size) // 8)]
    bits = np.unpackbits(packed, bitorder="little")[first % 8 : first % 8 + size]
    return bits.reshape(plane.rows, plane.columns)
