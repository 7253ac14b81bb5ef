"""Overlay planes (PS3.3 C.9.2) as frames to look at: text there never shows in the pixels."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.dicom.instance import Instance, Read
from workbench.pixels.finding_text import Image
from workbench.pixels.layout import MOST_FRAMES, check_looked_at, refused
from workbench.records.errors import InstanceRefused

_FIRST: Final = 0x60000000
_GROUPS: Final = tuple(_FIRST + (number << 17) for number in range(16))
_ROWS, _COLUMNS, _FRAMES, _ORIGIN, _FRAME_ORIGIN, _ALLOCATED, _DATA = 0x10, 0x11, 0x15, 0x50, 0x51, 0x100, 0x3000
_MOST_BITS: Final = 1 << 31


@dataclass(frozen=True, slots=True)
class Plane:
    """One overlay plane, its frames decoded when asked for.

    `left` and `top` are where its first pixel lies in the image, `first` is the number, from 1, of the image frame
    under its first frame; `group` is its group number.
    """

    data: bytes
    rows: int
    columns: int
    count: int
    left: int
    top: int
    first: int
    group: int = 0

    def image(self, number: int) -> Image:
        """Return a frame, counted from 0: white where the overlay has bits."""
        size = self.rows * self.columns
        start = number * size
        bits = np.unpackbits(
            np.frombuffer(self.data, np.uint8, -(-(start + size) // 8) - start // 8, start // 8), bitorder="little"
        )
        return Image(bits[start % 8 : start % 8 + size].reshape(self.rows, self.columns) * np.uint8(255))


def planes(instance: Instance, read: Read) -> Iterator[Plane | InstanceRefused]:
    """Yield the overlay planes of an instance, or why one can't be looked at."""
    for group in _GROUPS:
        if group | _ROWS in instance.by_tag or group | _DATA in instance.by_tag:
            try:
                yield _plane(instance, read, group)
            except InstanceRefused as refusal:
                yield refusal


def _plane(instance: Instance, read: Read, group: int) -> Plane:
    tags = {group | each for each in (_ROWS, _COLUMNS, _FRAMES, _ORIGIN, _FRAME_ORIGIN, _ALLOCATED, _DATA)}
    values = instance.values(frozenset(tags))
    rows, columns = _number(values.get(group | _ROWS)), _number(values.get(group | _COLUMNS))
    frames = values.get(group | _FRAMES, b"").strip(b" \0") or b"1"
    count = int(frames) if frames.isdigit() and len(frames) <= 9 else 0
    bits = rows * columns * count
    if _number(values.get(group | _ALLOCATED)) not in (0, 1):
        raise refused("overlay-in-pixels", "An overlay plane lies in unused bits of the pixels, and was not looked at.")
    payload = instance.payloads.get(group | _DATA)
    data = read(payload.offset, payload.length) if payload is not None else values.get(group | _DATA, b"")
    if not 0 < bits <= _MOST_BITS or count > MOST_FRAMES or len(data) * 8 < bits:
        raise refused("overlay-size", "An overlay is not as large as it says.")
    check_looked_at(rows, columns)
    origin = values.get(group | _ORIGIN, b"")
    top, left = np.frombuffer(origin, "<i2").tolist() if len(origin) == 4 else (1, 1)
    first = _number(values.get(group | _FRAME_ORIGIN)) or 1
    return Plane(data, rows, columns, count, left - 1, top - 1, first, group >> 16)


def _number(value: bytes | None) -> int:
    return int.from_bytes(value, "little") if value is not None and len(value) == 2 else 0
