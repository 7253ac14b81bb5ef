"""pydicom's reading of one file, with nothing hidden.

`dcmread` hides what a verifier must see: it stops silently at stray delimiters, drops trailing bytes, keeps only the
last of two equal tags, turns UN of undefined length into sequences, reads a gigabyte of frames into memory and recurses
as deep as the file asks. Here pydicom's `data_element_generator` decodes tags, VRs, lengths and values; sequences,
items, Pixel Data and the ends are stepped by own code with bounds (`walking`), and all that does not add up is refused.
"""

import threading
from array import array
from dataclasses import dataclass, field, replace
from io import BytesIO

from pydicom.datadict import dictionary_VR
from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag

from workbench.records.errors import InstanceRefused
from workbench.records.inventory import Inventory
from workbench.records.path import format_path
from workbench.standard.dictionary import register_with_pydicom
from workbench.verify.elements import PIXEL_DATA, Element, Items, enter, innermost
from workbench.verify.source import Bytes, FileBytes, HeldBytes, cannot_read, inflate
from workbench.verify.walking import KNOWN_VRS, UNDEFINED, WINDOW, Walk

DEFLATED = "1.2.840.10008.1.2.1.99"
IMPLICIT = "1.2.840.10008.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
EXPLICIT = "1.2.840.10008.1.2.1"


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
        return element.text() if element is not None else ""

    def number(self, tag: int) -> int | None:
        """Return the value of a top-level US element."""
        element = self.by_tag.get(tag)
        if element is None or element.value is None or len(element.value) != 2:
            return None
        return int.from_bytes(element.value, "little")

    def locate(self, offset: int) -> tuple[str, str]:
        """Say where a byte of `data` stands: text of its path, and VR. Slow, for the rare hit."""
        if offset < self.start:
            return ("preamble" if offset < len(self.preamble) else "file meta"), ""
        if offset >= self.end:
            return "after the data set", ""
        path, vr = innermost(self.elements, offset, 0, self.end)
        return (format_path(path) if path else f"byte {offset}"), vr

    def tags_at(self, offset: int) -> tuple[int, ...]:
        """Return the tag path of the element around a byte of `data`; empty when there is none."""
        return innermost(self.elements, offset, 0, self.end)[0][::2] if self.start <= offset < self.end else ()

    def pixel_range(self, tag: int = PIXEL_DATA) -> tuple[int, int] | None:
        """Return offset and length of a top-level payload, with item headers and delimiter of an encapsulated one."""
        element = self.by_tag.get(tag)
        if element is None or element.items is not None:
            return None
        if element.length >= 0:
            return element.offset, element.length
        last = self.fragments[-2] + self.fragments[-1] if self.fragments else element.offset
        return element.offset, last + 8 - element.offset


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
        walk = Walk(self, data, implicit=reading.implicit, little=reading.syntax != BIG_ENDIAN)
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
        walk = Walk(self, HeldBytes(value), implicit=True, little=True)
        try:
            return walk.sequence(value, implicit=True)
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
        syntax = EXPLICIT if head[position + 4 : position + 6].decode("latin-1") in KNOWN_VRS else IMPLICIT
    if not syntax.startswith("1.2.840.10008.1.2"):
        raise cannot_read("The transfer syntax is absent or not one of the standard.")
    return Reading(source, source, syntax, preamble, prefix, tuple(meta), position)


def _leaves_meta(tag: BaseTag, _vr: str | None, length: int) -> bool:
    return tag >> 16 != 2 or length == UNDEFINED


_own = threading.local()


def own_reader() -> Reader:
    """Return the reader of this thread, so that who harvests and then examines reads each input once.

    What it remembers changes no result, is bounded, and is dropped with the thread.
    """
    reader: Reader | None = getattr(_own, "reader", None)
    if reader is None:
        reader = _own.reader = Reader()
    return reader
