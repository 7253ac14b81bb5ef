"""pydicom's reading of one file, with nothing hidden.

`dcmread` hides what a verifier must see: it stops silently at stray delimiters, drops trailing bytes, keeps only the last
of two equal tags, turns UN of undefined length into sequences, reads a gigabyte of frames into memory and recurses as deep
as the file asks. Here pydicom's `data_element_generator` decodes tags, VRs, lengths and values; sequences, items, Pixel
Data and the ends are stepped by own code with bounds, and all that does not add up is refused.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from struct import Struct, error as StructError
from typing import NamedTuple

from pydicom.datadict import dictionary_VR
from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VR as KnownVR

from workbench.records.errors import InstanceRefused
from workbench.records.inventory import ITEM, Inventory
from workbench.records.path import format_path
from workbench.standard.dictionary import register_with_pydicom
from workbench.verify.source import Bytes, FileBytes, HeldBytes, cannot_read, inflate

DEPTH = 64
ELEMENTS = 1_000_000
FRAGMENTS = 4_000_000
LOADED = 1 << 20
"""A value longer than this stays in the file, unless it is a sequence."""
SEQUENCE_LIMIT = 64 << 20
WINDOW = 1 << 16

PIXEL_DATA = 0x7FE00010
BULK = frozenset({0x7FE00008, 0x7FE00009, PIXEL_DATA})
CHARACTER_SET = 0x00080005
UNDEFINED = 0xFFFFFFFF
ITEM_DELIMITER = 0xFFFEE00D
SEQUENCE_DELIMITER = 0xFFFEE0DD

DEFLATED = "1.2.840.10008.1.2.1.99"
IMPLICIT = "1.2.840.10008.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
EXPLICIT = "1.2.840.10008.1.2.1"

_VRS = frozenset(vr.value for vr in KnownVR if len(vr.value) == 2)
_LONG = frozenset(str(vr.value) for vr in EXPLICIT_VR_LENGTH_32)
_item = {True: Struct("<HHL").unpack, False: Struct(">HHL").unpack}


class Element(NamedTuple):
    """One element as it stands.

    `length` is as written, -1 for a sequence and for encapsulated Pixel Data. `value` is None when it stays in the file and for
    sequences. `offset` of the value counts from the start of the file at the top level, from the first item of its sequence below.
    """

    tag: int
    vr: str
    length: int
    value: bytes | None
    offset: int
    items: "Items | None"


class Items:
    """The items of a sequence, and its raw bytes where they were at hand (so that equal ones are judged once).

    `base` is what the offsets of a sequence without raw bytes at the top level count from.
    """

    __slots__ = ("_inventories", "base", "implicit", "items", "raw")

    def __init__(self, items: tuple[tuple[Element, ...], ...], raw: bytes | None, *, implicit: bool) -> None:
        self.items = items
        self.raw = raw
        self.implicit = implicit
        self.base = 0
        self._inventories: dict[int, Inventory] = {}

    def inventory(self, depth: int) -> Inventory:
        """Return the inventory of the items at this depth, in the form of `records.inventory`."""
        found = self._inventories.get(depth)
        if found is None:
            flat: list[int] = []
            for item in self.items:
                flat += (depth, ITEM, -1)
                enter(item, depth, flat)
            found = tuple(flat)
            self._inventories[depth] = found
        return found


def enter(elements: tuple[Element, ...], depth: int, flat: list[int]) -> None:
    """Append the inventory of the elements of one item (or of the top level) to `flat`."""
    for tag, _vr, length, _value, _offset, items in elements:
        if items is None:
            flat += (depth, tag, length)
        else:
            flat += (depth, tag, -1)
            flat += items.inventory(depth + 1)


@dataclass(slots=True)
class Reading:
    """What stands in a file. `data` holds the data set: the file itself, or what a deflated one inflates to."""

    file: Bytes
    data: Bytes
    syntax: str
    preamble: bytes
    has_prefix: bool
    meta: tuple[Element, ...] = ()
    start: int = 0
    end: int = 0
    elements: tuple[Element, ...] = ()
    fragments: "array[int]" = field(default_factory=lambda: array("Q"))
    """Offset and length of each fragment of top-level Pixel Data, flat."""
    by_tag: dict[int, Element] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """About how much memory the reading takes."""
        payload = sum(element.length for element in self.elements if element.value is None and element.length > 0)
        return 200 * len(self.elements) + 2 * max(0, self.end - self.start - payload - sum(self.fragments[1::2]))

    @property
    def implicit(self) -> bool:
        """Whether the data set is written without VRs."""
        return self.syntax == IMPLICIT

    @property
    def trailing(self) -> int:
        """Number of bytes after the last element."""
        return self.data.size - self.end

    def inventory(self) -> Inventory:
        """Return the inventory of the data set."""
        flat: list[int] = []
        enter(self.elements, 0, flat)
        return tuple(flat)

    def text(self, tag: int) -> str:
        """Return the value of a top-level element read as Latin-1, padding stripped; empty when absent."""
        element = self.by_tag.get(tag)
        return (element.value or b"").decode("latin-1").strip(" \0") if element else ""

    def number(self, tag: int) -> int | None:
        """Return the value of a top-level US element."""
        element = self.by_tag.get(tag)
        if element is None or element.value is None or len(element.value) != 2:
            return None
        return int.from_bytes(element.value, "big" if self.syntax == BIG_ENDIAN else "little")

    def locate(self, offset: int) -> tuple[str, str]:
        """Say where a byte of `data` stands: text of its path, and VR. Slow, for the rare hit."""
        if offset < self.start:
            return ("preamble" if offset < len(self.preamble) else "file meta"), ""
        if offset >= self.end:
            return "after the data set", ""
        path, vr = _within(self.elements, offset, 0, self.end)
        return (format_path(path) if path else f"byte {offset}"), vr

    def pixel_range(self, tag: int = PIXEL_DATA) -> tuple[int, int] | None:
        """Return offset and length of a top-level payload, item headers and delimiter of an encapsulated one included."""
        element = self.by_tag.get(tag)
        if element is None or element.items is not None:
            return None
        if element.length >= 0:
            return element.offset, element.length
        last = self.fragments[-2] + self.fragments[-1] if self.fragments else element.offset
        return element.offset, last + 8 - element.offset


def _within(elements: tuple[Element, ...], offset: int, origin: int, end: int) -> tuple[tuple[int, ...], str]:
    """Find the innermost element around an offset."""
    for position, element in enumerate(elements):
        begin = origin + element.offset
        if element.length >= 0:
            stop = begin + element.length
        else:
            stop = origin + elements[position + 1].offset - 8 if position + 1 < len(elements) else end
        if not begin <= offset < stop:
            continue
        if element.items is None:
            return (element.tag,), element.vr
        inner = begin if element.items.raw is not None else element.items.base or origin
        for number, item in enumerate(element.items.items):
            following = element.items.items[number + 1 :]
            limit = next((inner + other[0].offset for other in following if other), stop)
            if item and inner + item[0].offset <= offset < limit:
                path, vr = _within(item, offset, inner, limit)
                return ((element.tag, number, *path) if path else (element.tag,)), vr
        return (element.tag,), element.vr
    return (), ""


class _Short(Exception):
    """The window ends inside an element that starts at `start` (relative to the window)."""

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.start = start


class Reader:
    """Reads files one after the other and remembers sequences that it has parsed before.

    Not shared between threads. What it remembers is bounded and changes no result.
    """

    def __init__(self, remember: int = 32 << 20) -> None:
        register_with_pydicom()
        self._vrs: dict[int, str] = {}
        self._sequences: dict[tuple[bytes, bool, bool], Items] = {}
        self._held = 0
        self._limit = remember
        self._readings: dict[tuple[int, ...], Reading] = {}
        self._readings_held = 0
        self._asked = False

    def read(self, source: Bytes) -> Reading:
        """Read everything but the payloads.

        Raises
        ------
        InstanceRefused
            `verifier-cannot-read`, for all that is not a DICOM instance or does not add up.
        """
        try:
            return self._read(source)
        except InstanceRefused:
            raise
        except RecursionError as error:
            raise cannot_read("Sequences are nested too deep.") from error
        except Exception as error:  # noqa: BLE001 - pydicom may raise anything on hostile bytes; its text may bear values
            raise cannot_read("The parser gave up.") from error.__class__()

    def read_first(self, source: FileBytes) -> Reading:
        """Read a file that will be asked for once more; its reading is remembered while there is room."""
        if self._asked:
            self._readings.clear()
            self._readings_held, self._asked = 0, False
        reading = self.read(source)
        held = reading.held
        if reading.data is source and self._readings_held + held <= self._limit:
            self._readings_held += held
            self._readings[source.identity] = reading
        return reading

    def read_again(self, source: FileBytes) -> Reading:
        """Read a file, or recall the reading of it when it has not changed since."""
        self._asked = True
        known = self._readings.pop(source.identity, None)
        if known is None:
            return self.read(source)
        self._readings_held -= known.held
        return replace(known, file=source, data=source)

    def _read(self, source: Bytes) -> Reading:
        head = source.read(0, WINDOW)
        reading = _file_format(source, head)
        data, start = source, reading.start
        if reading.syntax == DEFLATED:
            data, start, head = inflate(source, reading.start), 0, b""
            reading.data, reading.start = data, 0
        walk = _Walk(self, data, implicit=reading.implicit, little=reading.syntax != BIG_ENDIAN)
        reading.end = walk.top(start, head)
        reading.elements = tuple(walk.elements)
        reading.fragments = walk.fragments
        reading.by_tag = {element.tag: element for element in walk.elements}
        if not walk.elements:
            raise cannot_read("The file holds no data set.")
        return reading

    def vr_of(self, tag: int) -> str:
        """Return the VR of pydicom's dictionary, UN when it has none."""
        vr = self._vrs.get(tag)
        if vr is None:
            try:
                vr = "UN" if tag & 0x00010000 else str(dictionary_VR(BaseTag(tag)))[:2]
            except KeyError:
                vr = "UN"
            self._vrs[tag] = vr
        return vr

    def read_items(self, value: bytes) -> Items:
        """Read a value that looks like the items of a sequence in implicit VR little endian (content of an UN).

        Raises
        ------
        InstanceRefused
            When it is not one.
        """
        walk = _Walk(self, HeldBytes(value), implicit=True, little=True)
        try:
            return walk.sequence(value)
        except InstanceRefused:
            raise
        except Exception as error:  # noqa: BLE001 - as in `read`
            raise cannot_read("The parser gave up.") from error.__class__()

    def recall(self, key: tuple[bytes, bool, bool]) -> Items | None:
        """Return the parsed items of equal bytes."""
        return self._sequences.get(key)

    def remember(self, key: tuple[bytes, bool, bool], items: Items) -> None:
        """Keep the parsed items of a sequence, within bounds."""
        size = len(key[0])
        if size > WINDOW:
            return
        self._held += size + 256
        if self._held > 8 << 20:
            self._sequences.clear()
            self._held = size
        self._sequences[key] = items


def _file_format(source: Bytes, head: bytes) -> Reading:
    """Read preamble, prefix and group 0002 (PS3.10 section 7.1)."""
    if head[128:132] == b"DICM":
        preamble, position, prefix = head[:128], 132, True
    else:
        preamble, position, prefix = b"", 0, False
        if head[:2] not in (b"\x02\x00", b"\x08\x00"):
            raise cannot_read("The file is not a DICOM instance.")
    stream = BytesIO(head)
    stream.seek(position)
    meta: list[Element] = []
    for raw in data_element_generator(stream, False, True, stop_when=_leaves_meta):  # noqa: FBT003 - pydicom's signature
        value = getattr(raw, "value", None) or b""
        if not isinstance(value, bytes) or len(value) != getattr(raw, "length", -1):
            raise cannot_read("The file meta information does not add up.")
        meta.append(Element(raw.tag | 0, str(raw.VR), len(value), value, stream.tell() - len(value), None))
        position = stream.tell()
    syntax = next((e.value or b"" for e in meta if e.tag == 0x00020010), b"").decode("latin-1").strip(" \0")
    if not meta and not syntax:
        syntax = EXPLICIT if head[position + 4 : position + 6].decode("latin-1") in _VRS else IMPLICIT
    if not syntax.startswith("1.2.840.10008.1.2"):
        raise cannot_read("The transfer syntax is absent or not one of the standard.")
    return Reading(source, source, syntax, preamble, prefix, tuple(meta), position)


def _leaves_meta(tag: BaseTag, _vr: str | None, length: int) -> bool:
    return tag >> 16 != 2 or length == UNDEFINED


class _Walk:
    """The data set of one file."""

    def __init__(self, reader: Reader, data: Bytes, *, implicit: bool, little: bool) -> None:
        self.reader = reader
        self.data = data
        self.implicit = implicit
        self.little = little
        self.elements: list[Element] = []
        self.fragments = array("Q")
        self.count = 0
        self._stopped: tuple[int, str | None, int] | None = None

    def _stop(self, tag: BaseTag, vr: str | None, length: int) -> bool:
        if length > LOADED or tag in _STOPS:
            self._stopped = (tag | 0, vr, length)
            return True
        return False

    def top(self, start: int, head: bytes) -> int:
        """Walk the top level from `start`; return where the last element ends. `head` is the begin of the file, read already."""
        size = self.data.size
        position, span, base = start, WINDOW, 0
        window = head
        if not head:
            window, base = self.data.read(position, span), position
        while position < size:
            if self._garbage(position):
                return position
            stream = BytesIO(window)
            stream.seek(position - base)
            try:
                position = self._window(stream, base, len(window))
                span = WINDOW
            except _Short as short:
                if base + len(window) >= size:
                    raise cannot_read("A length reaches beyond the end of the file.") from None
                if base + short.start == base:
                    span *= 4
                if span > 2 * SEQUENCE_LIMIT:
                    raise cannot_read("An element is larger than the limit.") from None
                position = base + short.start
            if not base <= position < base + len(window) or base + len(window) < size:
                window, base = self.data.read(position, span), position
        if position > size:
            raise cannot_read("A length reaches beyond the end of the file.")
        return position

    def _garbage(self, position: int) -> bool:
        """Whether only bytes that are no element follow Pixel Data."""
        if not self.elements or self.elements[-1].tag < PIXEL_DATA:
            return False
        head = self.data.read(position, 8)
        if len(head) < 8:
            return True
        group, number, _length = _item[self.little](head)
        if group << 16 | number <= self.elements[-1].tag:
            return True
        return not self.implicit and head[4:6].decode("latin-1") not in _VRS

    def _window(self, stream: BytesIO, base: int, size: int) -> int:
        """Take top-level elements from a window; return the absolute position after them."""
        start = stream.tell()
        append = self.elements.append
        while start < size:
            for element, end in self._run(stream, implicit=self.implicit, depth=0):
                append(element if not base else element._replace(offset=element.offset + base))
                start = end
                if element.tag >= PIXEL_DATA and start < size and self._garbage(base + start):
                    return base + start
            stopped, self._stopped = self._stopped, None
            if stopped is None:
                if start < size:
                    raise _Short(start)
                break
            tag, vr, length = stopped
            value = stream.tell() + self._header(vr)
            if tag in BULK and length == UNDEFINED:
                end = self._top_fragments(base + value)
                append(Element(tag, vr or self.reader.vr_of(tag), -1, None, base + value, None))
                return end
            if length > LOADED and length != UNDEFINED and not self._is_sequence(tag, vr):
                append(Element(tag, vr or self.reader.vr_of(tag), length, None, base + value, None))
                return base + value + length
            if tag in BULK:
                append(Element(tag, vr or self.reader.vr_of(tag), length, None, base + value, None))
                start = value + length
                if start > size:
                    return base + start
                stream.seek(start)
                if start < size and self._garbage(base + start):
                    return base + start
                continue
            element, start = self._stopped_element(stream, stopped, start, implicit=self.implicit, depth=0)
            if element.items is not None:
                element.items.base = base
            append(element if not base else element._replace(offset=element.offset + base))
        return base + start

    def _run(self, stream: BytesIO, *, implicit: bool, depth: int) -> Iterator[tuple[Element, int]]:
        """Yield elements of defined length, with their end, until pydicom's generator stops for whatever reason."""
        sequence = self._sequence
        vr_of = self.reader.vr_of
        start = stream.tell()
        try:
            for raw in data_element_generator(stream, implicit, self.little, stop_when=self._stop):
                tag = raw.tag | 0
                vr, length, value = raw.VR, raw.length, raw.value  # type: ignore[union-attr] # _stop never lets it make a DataElement
                if vr is None:
                    if not implicit:
                        raise cannot_read("An element carries no value representation, or one that is not known.")
                    vr = vr_of(tag)
                elif vr not in _VRS:
                    raise cannot_read("An element carries a value representation that is not known.")
                if tag >> 16 == 0xFFFE:
                    raise cannot_read("An item or delimiter stands where an element must stand.")
                if not length:
                    value = b""
                elif len(value) != length:
                    raise _Short(start)
                offset = raw.value_tell  # type: ignore[union-attr] # as above
                self.count += 1
                if vr == "SQ":
                    yield (
                        Element(tag, "SQ", -1, None, offset, sequence(value, implicit=implicit, depth=depth + 1)),
                        offset + length,
                    )
                else:
                    yield Element(tag, vr, length, value, offset, None), offset + length
                start = offset + length
        except StructError:
            raise _Short(start) from None
        if self.count > ELEMENTS:
            raise cannot_read("The file has more elements than the limit.")

    @staticmethod
    def _header(vr: str | None) -> int:
        return 12 if vr in _LONG else 8

    def _is_sequence(self, tag: int, vr: str | None) -> bool:
        return (vr or self.reader.vr_of(tag)) == "SQ"

    def _stopped_element(
        self, stream: BytesIO, stopped: tuple[int, str | None, int], start: int, *, implicit: bool, depth: int
    ) -> tuple[Element, int]:
        """Read the element at which the generator was stopped: character set, undefined length, or large."""
        tag, vr, length = stopped
        if vr is None and not implicit:
            raise cannot_read("An element carries no value representation, or one that is not known.")
        if tag >> 16 == 0xFFFE:
            raise cannot_read("An item or delimiter stands where an element must stand.")
        stream.seek(self._header(vr), 1)
        offset = stream.tell()
        known = vr or self.reader.vr_of(tag)
        self.count += 1
        if length == UNDEFINED:
            if tag in BULK and known != "SQ":
                self._nested_fragments(stream, start)
                return Element(tag, known, -1, None, offset, None), stream.tell()
            # PS3.5 6.2.2: UN of undefined length holds items in implicit VR.
            inner = implicit or known == "UN"
            items = self._items(stream, start, None, implicit=inner, depth=depth + 1)
            return Element(tag, known, -1, None, offset, Items(items, None, implicit=inner)), stream.tell()
        if length > SEQUENCE_LIMIT:
            raise cannot_read("An element is larger than the limit.")
        value = stream.read(length)
        if len(value) != length:
            raise _Short(start)
        if known == "SQ":
            return Element(
                tag, known, -1, None, offset, self._sequence(value, implicit=implicit, depth=depth + 1)
            ), offset + length
        return Element(tag, known, length, value, offset, None), offset + length

    def sequence(self, value: bytes) -> Items:
        """Parse a whole value as the items of a sequence."""
        return self._sequence(value, implicit=self.implicit, depth=1)

    def _sequence(self, value: bytes, *, implicit: bool, depth: int) -> Items:
        """Parse the items of a sequence of defined length."""
        key = (value, implicit, self.little)
        found = self.reader.recall(key)
        if found is None:
            try:
                items = self._items(BytesIO(value), 0, len(value), implicit=implicit, depth=depth)
            except _Short:
                raise cannot_read("A sequence holds a length that reaches beyond it.") from None
            found = Items(items, value, implicit=implicit)
            self.reader.remember(key, found)
        return found

    def _items(
        self, stream: BytesIO, start: int, end: int | None, *, implicit: bool, depth: int
    ) -> tuple[tuple[Element, ...], ...]:
        if depth > DEPTH:
            raise cannot_read("Sequences are nested too deep.")
        items: list[tuple[Element, ...]] = []
        while end is None or stream.tell() < end:
            header = stream.read(8)
            if len(header) < 8:
                raise _Short(start)
            group, number, length = _item[self.little](header)
            tag = group << 16 | number
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

    def _item(
        self, stream: BytesIO, start: int, stop: int | None, *, implicit: bool, depth: int
    ) -> tuple[Element, ...]:
        """Read the elements of one item, up to `stop` or to its delimiter."""
        elements: list[Element] = []
        position = stream.tell()
        while position != stop:
            ended = True
            try:
                for element, end in self._run(stream, implicit=implicit, depth=depth):
                    elements.append(element)
                    position = end
                    if stop is not None and position >= stop:
                        break
            except _Short:
                raise _Short(start) from None
            stopped, self._stopped = self._stopped, None
            if stopped is not None and position != stop:
                element, position = self._stopped_element(stream, stopped, start, implicit=implicit, depth=depth)
                elements.append(element)
                ended = False
            if stop is not None and position > stop:
                raise cannot_read("An element reaches beyond the item that holds it.")
            if ended and position != stop:
                self._delimited(stream, start, position, stop)
                break
        return tuple(elements)

    def _delimited(self, stream: BytesIO, start: int, position: int, stop: int | None) -> None:
        """Check that the generator stopped because of an item delimiter, and not at the end of the bytes."""
        stream.seek(position)
        header = stream.read(8)
        if len(header) < 8:
            raise _Short(start)
        group, number, _length = _item[self.little](header)
        if stop is not None or group << 16 | number != ITEM_DELIMITER:
            raise cannot_read("An item ends where it must not.") if stop is not None else _Short(start)

    def _nested_fragments(self, stream: BytesIO, start: int) -> None:
        """Step over encapsulated Pixel Data inside an item (an icon)."""
        while True:
            header = stream.read(8)
            if len(header) < 8:
                raise _Short(start)
            group, number, length = _item[True](header)
            tag = group << 16 | number
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
            group, number, length = _item[True](header)
            tag = group << 16 | number
            offset += 8
            if tag == SEQUENCE_DELIMITER:
                return offset
            if tag != ITEM or length == UNDEFINED or offset + length > size or len(fragments) > 2 * FRAGMENTS:
                raise cannot_read("The fragments of pixel data do not add up.")
            fragments.append(offset)
            fragments.append(length)
            offset += length


_STOPS = frozenset({*BULK, CHARACTER_SET})
