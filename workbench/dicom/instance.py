"""One instance as it lies in a file: PS3.10 file format, data set, Pixel Data by position, what follows it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO, NamedTuple

from workbench.dicom.elements import (
    LONG,
    PIXEL_DATA,
    SEQUENCE_DELIMITER,
    SHORT,
    UNDEFINED,
    Element,
    MoreNeeded,
    Walker,
    duplicate_element,
    fragments_damaged,
    inventory,
    refuse,
    truncated,
)
from workbench.dicom.limits import DEFAULT_LIMITS, Limits
from workbench.dicom.syntax import EXPLICIT_LITTLE, IMPLICIT_LITTLE, check_syntax
from workbench.records.inventory import ITEM, Inventory

_item = Struct("<HHI").unpack_from
_explicit = Struct("<HH2sH").unpack_from

Read = Callable[[int, int], bytes]
"""`read(offset, count)`: up to `count` bytes from `offset` of the file."""

_BEHIND_ALL = 1 << 32

FIRST_READ = 32 << 10
WINDOW = 64 << 10


class Payload(NamedTuple):
    """Bytes that stay in the file: position and length in bytes.

    For encapsulated Pixel Data from its first item header up to and including the sequence delimiter.
    """

    offset: int
    length: int


class FileFormat(NamedTuple):
    """What stands before the data set (PS3.10 section 7.1): preamble, values of group 0002; where it starts; syntax."""

    preamble: bytes
    meta: dict[int, bytes]
    start: int
    syntax: str


@dataclass(frozen=True, slots=True)
class Instance:
    """What the walker found.

    `buffer` holds all bytes but payloads; the positions in `elements` refer to it. `payloads` names the top-level
    elements whose value stays in the file, by tag. `fragments` are those of encapsulated Pixel Data (content without
    the item header). `trailing` counts the bytes behind the data set that are no element. `converted_from` is the
    transfer syntax of the file where the data set had to be converted (`dicom.source`), else empty.
    """

    syntax: str
    explicit: bool
    buffer: bytes
    elements: list[Element]
    payloads: dict[int, Payload]
    fragments: tuple[Payload, ...]
    preamble: bytes
    meta: dict[int, bytes]
    trailing: int
    size: int
    by_tag: dict[int, Element]
    converted_from: str = ""

    def values(self, tags: frozenset[int]) -> dict[int, bytes]:
        """The values of those of the top-level leaves `tags` that are there and loaded."""
        buffer, payloads, by_tag = self.buffer, self.payloads, self.by_tag
        found = {}
        for tag in tags:
            element = by_tag.get(tag)
            if element is not None and element[5] is None and tag not in payloads:
                found[tag] = buffer[element[3] : element[3] + element[4]]
        return found

    def persons(self) -> list[bytes]:
        """The values of all top-level person names (VR PN)."""
        buffer = self.buffer
        return [buffer[at : at + length] for _tag, vr, _start, at, length, _items in self.elements if vr == b"PN"]

    def inventory(self) -> Inventory:
        """The inventory that the sceptic compares with its own reading."""
        return inventory(self.elements)


def reader(stream: BinaryIO) -> Read:
    """Return positional reads of an open file."""
    descriptor = stream.fileno()

    def read(offset: int, count: int) -> bytes:
        return os.pread(descriptor, count, offset)

    return read


def walk_instance(
    read: Read,
    size: int,
    *,
    limits: Limits = DEFAULT_LIMITS,
    until: int | None = None,
) -> Instance:
    """Walk a file through positional reads, in a syntax that needs no conversion.

    Raises
    ------
    InstanceRefused
        For everything that is not a well-formed instance in a syntax that the walker reads.
    """
    head = read(0, FIRST_READ)
    return walk_data_set(read, size, file_format(head), head, limits=limits, until=until)


def walk_data_set(
    read: Read,
    size: int,
    form: FileFormat,
    buffer: bytes,
    *,
    limits: Limits = DEFAULT_LIMITS,
    until: int | None = None,
    converted_from: str = "",
    behind: int = 0,
) -> Instance:
    """Walk the data set that starts at `form.start`; memory is bounded by `limits.header`, whatever the pixels take.

    `buffer` holds the first `FIRST_READ` bytes. `behind` is the number of bytes that a conversion found to be no part
    of the data set.

    Raises
    ------
    InstanceRefused
        As `walk_instance` does.
    """
    preamble, meta, start, syntax = form
    explicit = check_syntax(syntax)
    _check_agreement(buffer, start, explicit=explicit)
    walk = _TopLevel(read, buffer, size, limits, explicit=explicit)
    walk.run(start, _BEHIND_ALL if until is None else until)
    elements = walk.elements
    if not elements:
        raise refuse(
            "no-data-set",
            "The file holds no data set.",
            "Leave it out, or ask the source system to send the object again.",
        )
    by_tag = {element[0]: element for element in elements}
    if len(by_tag) != len(elements):
        raise duplicate_element()
    return Instance(
        syntax=syntax,
        explicit=explicit,
        buffer=walk.buffer,
        elements=elements,
        payloads=walk.payloads,
        fragments=tuple(walk.fragments),
        preamble=preamble,
        meta=meta,
        trailing=walk.trailing + behind,
        size=size,
        by_tag=by_tag,
        converted_from=converted_from,
    )


def file_format(buffer: bytes) -> FileFormat:
    """Read the file format from the begin of a file (its first `FIRST_READ` bytes).

    Raises
    ------
    InstanceRefused
        `not-dicom`, or `file-meta-damaged`.
    """
    if buffer[128:132] == b"DICM":
        meta, start = _meta(buffer, 132)
        return FileFormat(buffer[:128], meta, start, meta.get(0x00020010, b"").decode("latin-1").strip(" \0"))
    if _looks_explicit(buffer, 0):
        return FileFormat(b"", {}, 0, EXPLICIT_LITTLE)
    if len(buffer) >= 8 and buffer[0:2] == b"\x08\x00" and int.from_bytes(buffer[4:8], "little") < 1 << 16:
        return FileFormat(b"", {}, 0, IMPLICIT_LITTLE)
    raise refuse("not-dicom", "The file is not a DICOM instance.", "Leave it out, or convert it before import.")


def _meta(buffer: bytes, position: int) -> tuple[dict[int, bytes], int]:
    """Read group 0002 up to the first element of another group; its group length is not trusted."""
    walker = Walker(explicit=True, size=len(buffer))
    meta: dict[int, bytes] = {}
    while position + 8 <= len(buffer) and buffer[position : position + 2] == b"\x02\x00":
        try:
            tag, _vr, value, length = walker.header(buffer, position, explicit=True)
        except MoreNeeded:
            break
        position = value + length
        if length == UNDEFINED or position > len(buffer):
            raise refuse(
                "file-meta-damaged",
                "The file meta information does not add up.",
                "Ask the source system to send the object again.",
            )
        if tag in meta:
            raise duplicate_element()
        meta[tag] = buffer[value:position]
    return meta, position


def _looks_explicit(buffer: bytes, position: int) -> bool:
    vr = buffer[position + 4 : position + 6]
    return buffer[position : position + 2] == b"\x08\x00" and (vr in SHORT or vr in LONG)


def _check_agreement(buffer: bytes, start: int, *, explicit: bool) -> None:
    """Refuse a data set that is plainly not encoded as its transfer syntax says."""
    vr = buffer[start + 4 : start + 6]
    if len(vr) == 2 and (vr in SHORT or vr in LONG) != explicit:
        raise refuse(
            "transfer-syntax-wrong",
            "The data set is not encoded as its transfer syntax says.",
            "Have the source system repair the object.",
        )


class _TopLevel:
    """The top level of one file: one buffer that grows, and jumps over payloads."""

    def __init__(self, read: Read, buffer: bytes, size: int, limits: Limits, *, explicit: bool) -> None:
        self.read = read
        self.buffer = buffer
        self.size = size
        self.limits = limits
        self.explicit = explicit
        self.walker = Walker(explicit=explicit, size=size, limits=limits)
        self.elements: list[Element] = []
        self.payloads: dict[int, Payload] = {}
        self.fragments: list[Payload] = []
        self.trailing = 0
        self.shift = 0
        """Position in the file minus position in the buffer, for what comes next."""

    def run(self, position: int, until: int) -> None:
        """Walk from `position` (in the buffer) to the end of the file, or to the first element behind `until`."""
        past_pixels = False
        while position + self.shift < self.size:
            if past_pixels:
                if self._ends(position):
                    break
            elif self.explicit:
                position = self._short_elements(position, min(until >> 16, PIXEL_DATA >> 16))
                if position + self.shift == self.size:
                    break
            if self.elements and self.elements[-1][0] > until:
                break
            try:
                position = self._element(position)
            except MoreNeeded as need:
                self._grow(position + need.size)
                continue
            past_pixels = past_pixels or self.elements[-1][0] >= PIXEL_DATA

    def _short_elements(self, position: int, last: int) -> int:
        """Take short elements that lie whole in the buffer, up to group `last`; return where that ends.

        What `_element` does for any element, for the many that are alike and without its calls.
        """
        buffer, append = self.buffer, self.elements.append
        end, first = len(buffer), len(self.elements)
        while position + 8 <= end:
            group, number, vr, length = _explicit(buffer, position)
            after = position + 8 + length
            if vr not in SHORT or not 0x0008 <= group <= last or after > end:
                break
            append((group << 16 | number, vr, position, position + 8, length, None))
            position = after
        self.walker.count(len(self.elements) - first)
        return position

    def _element(self, position: int) -> int:
        """Take one element, return the position behind it."""
        tag, vr, value, length = self.walker.header(self.buffer, position, explicit=self.explicit)
        items = None
        if tag == PIXEL_DATA or (length > self.limits.value and length != UNDEFINED and vr != b"SQ"):
            return self._payload(tag, vr, position, value, length)
        if tag >> 16 in (0x0000, 0x0002, 0xFFFE):
            raise refuse(
                "group-misplaced",
                "The data set holds an element of a group that does not belong there.",
                "The file is damaged. Ask the source system to send the object again.",
            )
        if length == UNDEFINED or vr == b"SQ":
            items, after = self.walker.items(self.buffer, tag, vr, value, length, depth=0, explicit=self.explicit)
            length = after - value
        else:
            after = value + length
            if after > len(self.buffer):
                raise MoreNeeded(after - position)
        self.walker.count(1)
        self.elements.append((tag, vr, position, value, length, items))
        return after

    def _grow(self, needed: int) -> None:
        """Read on until the buffer holds `needed` bytes, or at least twice what it holds."""
        have = len(self.buffer)
        if have + self.shift >= self.size or needed + self.shift > self.size:
            raise truncated()
        wanted = max(needed, 2 * have, have + WINDOW)
        if needed > self.limits.header or have >= self.limits.header:
            raise refuse(
                "header-too-large",
                "The header needs more memory than the limit allows.",
                "Have an administrator look at the object.",
            )
        self.buffer += self.read(have + self.shift, min(wanted, self.limits.header) - have)

    def _ends(self, position: int) -> bool:
        """Whether nothing but bytes that are no element follow (padding of PS3.10 section 7.2 is an element)."""
        head = self.buffer[position : position + 8]
        if len(head) < 8:
            head = self.read(position + self.shift, 8)
        tag = int.from_bytes(head[0:2], "little") << 16 | int.from_bytes(head[2:4], "little")
        vr = head[4:6]
        if len(head) == 8 and tag > self.elements[-1][0] and (not self.explicit or vr in SHORT or vr in LONG):
            return False
        self.trailing = self.size - position - self.shift
        return True

    def _payload(self, tag: int, vr: bytes, start: int, value: int, length: int) -> int:
        """Leave the value in the file and go on behind it."""
        offset = value + self.shift
        if length == UNDEFINED:
            after = self._step_over_fragments(offset)
            length = -1
        else:
            after = offset + length
            if after > self.size:
                raise truncated()
        self.elements.append((tag, vr, start, value, length, None))
        if tag in self.payloads:
            raise duplicate_element()
        self.payloads[tag] = Payload(offset, after - offset)
        kept = self.buffer[:value]
        following = value + after - offset
        if following <= len(self.buffer):
            self.buffer = kept + self.buffer[following:]
        else:
            self.buffer = kept + self.read(after, WINDOW) if after < self.size else kept
        self.shift = after - value
        return value

    def _step_over_fragments(self, offset: int) -> int:
        """Read the eight-byte headers of the fragments only (PS3.5 A.4); return the file position behind them."""
        read, add, limit = self.read, self.fragments.append, self.limits.fragments
        while True:
            head = read(offset, 8)
            if len(head) < 8:
                raise truncated()
            group, number, length = _item(head)
            offset += 8
            if group << 16 | number == SEQUENCE_DELIMITER:
                return offset
            if group << 16 | number != ITEM or length == UNDEFINED or len(self.fragments) >= limit:
                raise fragments_damaged()
            if offset + length > self.size:
                raise truncated()
            add(Payload(offset, length))
            offset += length
