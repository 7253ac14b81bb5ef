"""Stepping through a data set: pydicom decodes the elements, own code keeps the bounds.

pydicom's generator is never let into a sequence, a payload or an undefined length: it is stopped there, so that depth,
memory and the ends of items are decided here.
"""

import struct
from array import array
from collections.abc import Iterator
from io import BytesIO
from struct import Struct
from typing import Protocol

from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32
from pydicom.valuerep import VR as ALL_VRS

from workbench.records.inventory import ITEM
from workbench.verify.elements import BULK, CHARACTER_SET, PIXEL_DATA, Element, Items
from workbench.verify.source import Bytes, cannot_read

DEPTH = 64
ELEMENTS = 1_000_000
FRAGMENTS = 4_000_000
LOADED = 1 << 20
"""A value longer than this stays in the file, unless it is a sequence."""
LARGEST = 64 << 20
WINDOW = 1 << 16

UNDEFINED = 0xFFFFFFFF
ITEM_DELIMITER = 0xFFFEE00D
SEQUENCE_DELIMITER = 0xFFFEE0DD

KNOWN_VRS = frozenset(vr.value for vr in ALL_VRS if len(vr.value) == 2)
_LONG = frozenset(str(vr.value) for vr in EXPLICIT_VR_LENGTH_32)
_STOPS = frozenset({*BULK, CHARACTER_SET})
_header_of = {True: Struct("<HHL").unpack, False: Struct(">HHL").unpack}


class Short(Exception):  # noqa: N818 - no error: the reader answers it with a larger window
    """The window ends inside an element that starts at `start` (relative to the window)."""

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.start = start


class Memory(Protocol):
    """What a walk asks of the reader: VRs of implicit syntax, and sequences parsed before."""

    def vr_of(self, tag: int) -> str:
        """Return the VR of a tag."""
        ...

    def recall(self, key: tuple[bytes, bool, bool]) -> Items | None:
        """Return the parsed items of equal bytes."""
        ...

    def remember(self, key: tuple[bytes, bool, bool], items: Items) -> None:
        """Keep the parsed items of a sequence."""
        ...


class Walk:
    """The walk through one data set."""

    def __init__(self, memory: Memory, data: Bytes, *, implicit: bool, little: bool) -> None:
        self.memory = memory
        self.data = data
        self.implicit = implicit
        self.little = little
        self.elements: list[Element] = []
        self.fragments = array("Q")
        self.count = 0
        self._stopped: tuple[int, str | None, int] | None = None
        self._unpack = _header_of[little]

    def top(self, start: int, head: bytes) -> int:
        """Walk the top level from `start`; return where the last element ends.

        `head` is the begin of the file, read already. Windows are read one after the other, so that memory is bound by
        the largest sequence and not by the file.
        """
        size = self.data.size
        position, span, base, window = start, WINDOW, 0, head
        if not head:
            window, base = self.data.read(position, span), position
        while position < size and not self._garbage(position):
            stream = BytesIO(window)
            stream.seek(position - base)
            try:
                position = self._window(stream, base, len(window))
                span = WINDOW
            except Short as short:
                if base + len(window) >= size:
                    raise cannot_read("A length reaches beyond the end of the file.") from None
                span = span * 4 if short.start == 0 else span
                if span > 2 * LARGEST:
                    raise cannot_read("An element is larger than the limit.") from None
                position = base + short.start
            if not base <= position < base + len(window) or base + len(window) < size:
                window, base = self.data.read(position, span), position
        if position > size:
            raise cannot_read("A length reaches beyond the end of the file.")
        return position

    def sequence(self, value: bytes, *, implicit: bool, depth: int = 1) -> Items:
        """Parse a value as the items of a sequence of defined length."""
        key = (value, implicit, self.little)
        found = self.memory.recall(key)
        if found is None:
            try:
                items = self._items(BytesIO(value), 0, len(value), implicit=implicit, depth=depth)
            except Short:
                raise cannot_read("A sequence holds a length that reaches beyond it.") from None
            found = Items(items, value)
            self.memory.remember(key, found)
        return found

    def _stop(self, tag: BaseTag, vr: str | None, length: int) -> bool:
        if length > LOADED or tag in _STOPS:
            self._stopped = (tag | 0, vr, length)
            return True
        return False

    def _garbage(self, position: int) -> bool:
        """Whether only bytes that are no element follow Pixel Data."""
        if not self.elements or self.elements[-1].tag < PIXEL_DATA:
            return False
        head = self.data.read(position, 8)
        if len(head) < 8:
            return True
        group, number, _length = self._unpack(head)
        if group << 16 | number <= self.elements[-1].tag:
            return True
        return not self.implicit and head[4:6].decode("latin-1") not in KNOWN_VRS

    def _window(self, stream: BytesIO, base: int, size: int) -> int:
        """Take top-level elements from a window; return the absolute position after them."""
        start = stream.tell()
        append = self.elements.append
        while start < size:
            for element, end in self._run(stream, implicit=self.implicit, depth=0):
                append(element._replace(offset=element.offset + base) if base else element)
                start = end
                if element.tag >= PIXEL_DATA and start < size and self._garbage(base + start):
                    return base + start
            stopped, self._stopped = self._stopped, None
            if stopped is None:
                if start < size:
                    raise Short(start)
                break
            payload = self._payload(stopped, base + stream.tell())
            if payload is not None:
                append(payload)
                start = self._end_of(payload) - base
                if start >= size:
                    return base + start
                stream.seek(start)
                if self._garbage(base + start):
                    return base + start
                continue
            element, start = self._stopped_element(stream, stopped, start, implicit=self.implicit, depth=0)
            if element.items is not None:
                element.items.base = base
            append(element._replace(offset=element.offset + base))
        return base + start

    def _payload(self, stopped: tuple[int, str | None, int], position: int) -> Element | None:
        """Return the element at which the generator was stopped if its value is to stay in the file."""
        tag, vr, length = stopped
        value = position + _header(vr)
        known = vr or self.memory.vr_of(tag)
        if tag in BULK and known != "SQ":
            return Element(tag, known, -1 if length == UNDEFINED else length, None, value, None)
        if LOADED < length != UNDEFINED and known != "SQ" and tag >> 16 != 0xFFFE:
            return Element(tag, known, length, None, value, None)
        return None

    def _end_of(self, payload: Element) -> int:
        return payload.offset + payload.length if payload.length >= 0 else self._top_fragments(payload.offset)

    def _run(self, stream: BytesIO, *, implicit: bool, depth: int) -> Iterator[tuple[Element, int]]:
        """Yield elements of defined length, with their end, until pydicom's generator stops for whatever reason."""
        sequence = self.sequence
        start = stream.tell()
        try:
            for raw in data_element_generator(stream, implicit, self.little, stop_when=self._stop):
                tag, vr, length = raw.tag | 0, raw.VR, raw.length  # type: ignore[union-attr] # only undefined lengths make a DataElement
                value: bytes = raw.value or b""
                if vr not in KNOWN_VRS:
                    vr = self._implicit_vr(tag, vr, implicit=implicit)
                if tag >> 16 == 0xFFFE:
                    raise cannot_read("An item or delimiter stands where an element must stand.")
                if len(value) != length:
                    raise Short(start)
                offset = raw.value_tell  # type: ignore[union-attr] # as above
                start = offset + length
                if vr == "SQ":
                    items = sequence(value, implicit=implicit, depth=depth + 1)
                    yield Element(tag, "SQ", -1, None, offset, items), start
                else:
                    yield Element(tag, vr, length, value if self.little else turned(vr, value), offset, None), start
                self.count += 1
        except struct.error:
            raise Short(start) from None
        if self.count > ELEMENTS:
            raise cannot_read("The file has more elements than the limit.")

    def _implicit_vr(self, tag: int, vr: str | None, *, implicit: bool) -> str:
        if vr is not None or not implicit:
            raise cannot_read("An element carries no value representation, or one that is not known.")
        return self.memory.vr_of(tag)

    def _stopped_element(
        self, stream: BytesIO, stopped: tuple[int, str | None, int], start: int, *, implicit: bool, depth: int
    ) -> tuple[Element, int]:
        """Read the element at which the generator was stopped: character set, undefined length, or large."""
        tag, vr, length = stopped
        if vr not in KNOWN_VRS:
            vr = self._implicit_vr(tag, vr, implicit=implicit)
            header = 8
        else:
            header = _header(vr)
        if tag >> 16 == 0xFFFE:
            raise cannot_read("An item or delimiter stands where an element must stand.")
        offset = stream.seek(header, 1)
        self.count += 1
        if length == UNDEFINED:
            if tag in BULK and vr != "SQ":
                self._nested_fragments(stream, start)
                return Element(tag, vr, -1, None, offset, None), stream.tell()
            # PS3.5 6.2.2: UN of undefined length holds items in implicit VR little endian, whatever the file is in.
            unknown = vr == "UN"
            walk = self if self.little or not unknown else Walk(self.memory, self.data, implicit=True, little=True)
            items = walk._items(stream, start, None, implicit=implicit or unknown, depth=depth + 1)  # noqa: SLF001 - same class
            self.count += walk.count if walk is not self else 0
            return Element(tag, vr, -1, None, offset, Items(items, None)), stream.tell()
        if length > LARGEST:
            raise cannot_read("An element is larger than the limit.")
        value = stream.read(length)
        if len(value) != length:
            raise Short(start)
        if vr == "SQ":
            items_of = self.sequence(value, implicit=implicit, depth=depth + 1)
            return Element(tag, vr, -1, None, offset, items_of), offset + length
        return Element(tag, vr, length, value if self.little else turned(vr, value), offset, None), offset + length

    def _items(
        self, stream: BytesIO, start: int, end: int | None, *, implicit: bool, depth: int
    ) -> tuple[tuple[Element, ...], ...]:
        if depth > DEPTH:
            raise cannot_read("Sequences are nested too deep.")
        items: list[tuple[Element, ...]] = []
        while end is None or stream.tell() < end:
            tag, length = self._item_header(stream, start)
            if tag == SEQUENCE_DELIMITER and end is None:
                break
            if tag != ITEM:
                raise cannot_read("A sequence holds something that is not an item.")
            self.count += 1
            if self.count > ELEMENTS:
                raise cannot_read("The file has more elements than the limit.")
            stop = None if length == UNDEFINED else stream.tell() + length
            if stop is not None and end is not None and stop > end:
                raise cannot_read("An item reaches beyond its sequence.")
            items.append(self._item(stream, start, stop, implicit=implicit, depth=depth))
        return tuple(items)

    def _item_header(self, stream: BytesIO, start: int) -> tuple[int, int]:
        header = stream.read(8)
        if len(header) < 8:
            raise Short(start)
        group, number, length = self._unpack(header)
        return group << 16 | number, length

    def _item(
        self, stream: BytesIO, start: int, stop: int | None, *, implicit: bool, depth: int
    ) -> tuple[Element, ...]:
        """Read the elements of one item, up to `stop` or to its delimiter."""
        elements: list[Element] = []
        position = stream.tell()
        while position != stop:
            try:
                for element, position in self._run(stream, implicit=implicit, depth=depth):
                    elements.append(element)
                    if stop is not None and position >= stop:
                        break
            except Short:
                raise Short(start) from None
            stopped, self._stopped = self._stopped, None
            if stopped is not None and position != stop:
                element, position = self._stopped_element(stream, stopped, start, implicit=implicit, depth=depth)
                elements.append(element)
            elif position != stop:
                self._delimited(stream, start, position, stop)
                break
            if stop is not None and position > stop:
                raise cannot_read("An element reaches beyond the item that holds it.")
        return tuple(elements)

    def _delimited(self, stream: BytesIO, start: int, position: int, stop: int | None) -> None:
        """Check that the generator stopped because of an item delimiter, and not at the end of the bytes."""
        if stop is not None:
            raise cannot_read("An item ends where it must not.")
        stream.seek(position)
        if self._item_header(stream, start)[0] != ITEM_DELIMITER:
            raise Short(start)

    def _nested_fragments(self, stream: BytesIO, start: int) -> None:
        """Step over encapsulated Pixel Data inside an item (an icon)."""
        while True:
            tag, length = self._item_header(stream, start)
            if tag == SEQUENCE_DELIMITER:
                return
            if tag != ITEM or length == UNDEFINED:
                raise cannot_read("The fragments of pixel data do not add up.")
            stream.seek(length, 1)
            self.count += 1

    def _top_fragments(self, offset: int) -> int:
        """Step over the fragments of Pixel Data by their headers alone (PS3.5 A.4); return the end of the delimiter."""
        read, size, fragments = self.data.read, self.data.size, self.fragments
        while True:
            header = read(offset, 8)
            if len(header) < 8:
                raise cannot_read("The fragments of pixel data end before their delimiter.")
            group, number, length = self._unpack(header)
            tag = group << 16 | number
            offset += 8
            if tag == SEQUENCE_DELIMITER:
                return offset
            if tag != ITEM or length == UNDEFINED or offset + length > size or len(fragments) > 2 * FRAGMENTS:
                raise cannot_read("The fragments of pixel data do not add up.")
            fragments.append(offset)
            fragments.append(length)
            offset += length


_UNITS = {
    **dict.fromkeys(("US", "SS", "OW", "AT"), "H"),
    **dict.fromkeys(("UL", "SL", "FL", "OF", "OL"), "I"),
    **dict.fromkeys(("FD", "OD", "SV", "UV", "OV"), "Q"),
}


def turned(vr: str, value: bytes) -> bytes:
    """Return a value of a big endian data set as it would stand in a little endian one (PS3.5 7.3)."""
    kind = _UNITS.get(vr)
    if kind is None:
        return value
    count = len(value) // struct.calcsize(kind)
    numbers = struct.unpack_from(f">{count}{kind}", value)
    return struct.pack(f"<{count}{kind}", *numbers) + value[struct.calcsize(f">{count}{kind}") :]


def _header(vr: str | None) -> int:
    return 12 if vr in _LONG else 8
