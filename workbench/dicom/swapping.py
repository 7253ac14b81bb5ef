"""Explicit VR Big Endian (PS3.5 A.3, retired) to Explicit VR Little Endian.

Nothing but the order of bytes changes: every header and every value keeps its place and its length, so that what is
said of the one file by position and length holds for the other. Sequences are stepped through with a stack instead of
calls, values are streamed; whether the structure adds up in every other respect is for the walker to say afterwards.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct

from workbench.dicom.elements import (
    ITEM_DELIMITER,
    LONG,
    PIXEL_DATA,
    SEQUENCE_DELIMITER,
    SHORT,
    UNDEFINED,
    refuse,
    truncated,
    undefined_length,
)
from workbench.dicom.limits import Limits
from workbench.records.inventory import ITEM

CHUNK = 1 << 20
WINDOW = 64 << 10

UNITS: dict[bytes, int] = {
    **dict.fromkeys((b"US", b"SS", b"OW", b"AT"), 2),
    **dict.fromkeys((b"UL", b"SL", b"FL", b"OF", b"OL"), 4),
    **dict.fromkeys((b"FD", b"OD", b"SV", b"UV", b"OV"), 8),
}
"""Bytes that are turned round together (PS3.5 7.3). Other values are bytes or characters. UN holds what its writer did
not know: always little endian (PS3.5 6.2.2)."""

BITS_ALLOCATED = 0x00280100
WAVEFORM_BITS = 0x54001004
_WAVEFORM = 0x5400
_ARRAY = {2: "H", 4: "I", 8: "Q"}

_big = Struct(">HH2sH").unpack_from
_little = Struct("<HH2sH").pack
_big_item = Struct(">HHI").unpack_from
_little_item = Struct("<HHI").pack
_little_long = Struct("<I").pack
_implicit = Struct("<HHI").unpack_from

Read = Callable[[int, int], bytes]


@dataclass(slots=True)
class _Level:
    """A sequence or an item that is open (or the top level): where it ends, -1 for a delimiter; sample sizes in it."""

    end: int
    sequence: bool = False
    bits: dict[int, int] = field(default_factory=dict)


def swap(read: Read, start: int, size: int, write: Callable[[bytes], object], *, limits: Limits) -> int:
    """Write the data set that stands from `start` on in little endian; return how many bytes behind it are none of it.

    Raises
    ------
    InstanceRefused
        When the structure does not add up, with the codes of the walker.
    """
    return _Swap(read, size, write, limits).run(start)


def swapped(value: bytes, unit: int) -> bytes:
    """Return a value with the bytes of each unit turned round; what is less than a unit at the end stays."""
    whole = len(value) - len(value) % unit
    numbers = array(_ARRAY[unit], value[:whole])
    numbers.byteswap()
    return numbers.tobytes() + value[whole:]


class _Swap:
    """One conversion."""

    def __init__(self, read: Read, size: int, write: Callable[[bytes], object], limits: Limits) -> None:
        self._read = read
        self._size = size
        self._write = write
        self._limits = limits
        self._pending = bytearray()
        self._window = b""
        self._base = 0
        self._count = 0
        self._last = 0
        self._levels = [_Level(size)]

    def run(self, position: int) -> int:
        levels = self._levels
        while True:
            while len(levels) > 1 and levels[-1].end == position:
                levels.pop()
            level = levels[-1]
            if len(levels) == 1 and (position == self._size or self._ends(position)):
                break
            position = self._item(position, level) if level.sequence else self._element(position, level)
            self._flush(CHUNK)
        self._flush(0)
        return self._size - position

    def _ends(self, position: int) -> bool:
        """Whether nothing but bytes that are no element follow the pixel data, as the walker sees it."""
        if self._last < PIXEL_DATA:
            return False
        head = self._peek(position, 8)
        if len(head) < 8:
            return True
        group, number, vr, _length = _big(head)
        return group << 16 | number <= self._last or (vr not in SHORT and vr not in LONG)

    def _item(self, position: int, level: _Level) -> int:
        """Take the header of an item, or the delimiter of a sequence."""
        group, number, length = _big_item(self._need(position, 8))
        tag = group << 16 | number
        self._pending += _little_item(group, number, length)
        position += 8
        if tag == SEQUENCE_DELIMITER and level.end < 0:
            self._levels.pop()
        elif tag != ITEM:
            raise refuse(
                "sequence-damaged",
                "A sequence holds something that is not an item.",
                "Ask the source system to send the object again.",
            )
        else:
            self._open(position, length, level, sequence=False)
        return position

    def _element(self, position: int, level: _Level) -> int:
        """Take one element, or the header of a sequence, or the delimiter of an item."""
        length: int
        group, number, vr, length = _big(self._need(position, 8))
        tag, value = group << 16 | number, position + 8
        if vr in LONG:
            length = int.from_bytes(self._need(position, 12)[8:], "big")
            self._pending += _little(group, number, vr, 0) + _little_long(length)
            value += 4
        elif vr in SHORT:
            self._pending += _little(group, number, vr, length)
        elif tag == ITEM_DELIMITER and level.end < 0:
            self._pending += _little_item(group, number, 0)
            self._levels.pop()
            return value
        else:
            raise refuse(
                "vr-unknown",
                "An element carries a value representation that the standard does not know.",
                "The file is damaged or its transfer syntax is not the one that it states.",
            )
        self._counted()
        if len(self._levels) == 1:
            self._last = tag
        if vr == b"SQ":
            self._open(value, length, level, sequence=True)
            return value
        if length == UNDEFINED:
            if vr != b"UN":
                raise undefined_length()
            return self._unknown(value)
        self._inside(value + length, level)
        unit = UNITS.get(vr, 1)
        if vr == b"OW":
            unit = _word(tag, level)
        elif tag in (BITS_ALLOCATED, WAVEFORM_BITS) and vr == b"US" and length == 2:
            level.bits[tag] = int.from_bytes(self._need(value, 2), "big")
        self._value(value, length, unit)
        return value + length

    def _open(self, position: int, length: int, level: _Level, *, sequence: bool) -> None:
        """Enter a sequence or an item."""
        end = -1 if length == UNDEFINED else position + length
        if end >= 0:
            self._inside(end, level)
        if len(self._levels) > 2 * self._limits.depth:
            raise refuse(
                "nesting-too-deep",
                "Sequences are nested deeper than the limit allows.",
                "No regular object needs this. Have an administrator look at it.",
            )
        self._levels.append(_Level(end, sequence))
        self._counted()

    def _inside(self, end: int, level: _Level) -> None:
        """Refuse what reaches beyond the file, or beyond the item or sequence that holds it."""
        if end > self._size:
            raise truncated()
        if 0 <= level.end < end:
            raise refuse(
                "item-length-wrong",
                "An element reaches beyond the item that holds it.",
                "Ask the source system to send the object again.",
            )

    def _unknown(self, position: int) -> int:
        """Copy the items of an UN of undefined length, which are in implicit VR little endian (PS3.5 6.2.2)."""
        nested = 1
        while nested:
            head = self._need(position, 8)
            group, number, length = _implicit(head)
            tag = group << 16 | number
            self._pending += head
            position += 8
            self._counted()
            if tag == SEQUENCE_DELIMITER:
                nested -= 1
            elif tag in (ITEM, ITEM_DELIMITER):
                continue  # what an item of any length holds is stepped over like anything else
            elif length == UNDEFINED:
                nested += 1
            else:
                self._value(position, length, 1)
                position += length
            self._flush(CHUNK)
        return position

    def _value(self, position: int, length: int, unit: int) -> None:
        """Write a value, in pieces that hold whole units."""
        if position + length > self._size:
            raise truncated()
        while length:
            piece = self._need(position, min(length, CHUNK))
            self._pending += piece if unit == 1 else swapped(piece, unit)
            position += len(piece)
            length -= len(piece)
            self._flush(CHUNK)

    def _counted(self) -> None:
        self._count += 1
        if self._count > self._limits.elements:
            raise refuse(
                "too-many-elements",
                "The file has more elements than the limit allows.",
                "Split the object, or have an administrator look at it.",
            )

    def _peek(self, position: int, count: int) -> bytes:
        """Return `count` bytes from `position`, fewer only at the end of the file."""
        at = position - self._base
        if not 0 <= at <= len(self._window) - count:
            self._base, at = position, 0
            self._window = self._read(position, max(count, WINDOW))
        return self._window[at : at + count]

    def _need(self, position: int, count: int) -> bytes:
        found = self._peek(position, count)
        if len(found) < count:
            raise truncated()
        return found

    def _flush(self, beyond: int) -> None:
        if len(self._pending) > beyond:
            self._write(bytes(self._pending))
            self._pending.clear()


def _word(tag: int, level: _Level) -> int:
    """Return the unit of an OW value: a 16-bit word, or the sample where that is larger (PS3.5 8.1.1, annex D)."""
    bits = 0
    if tag == PIXEL_DATA:
        bits = level.bits.get(BITS_ALLOCATED, 0)
    elif tag >> 16 == _WAVEFORM:
        bits = level.bits.get(WAVEFORM_BITS, 0)
    return bits // 8 if bits in (32, 64) else 2
