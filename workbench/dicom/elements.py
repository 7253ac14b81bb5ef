"""The walker: raw elements of a data set, stepped over and never trusted (PS3.5 sections 7.1 to 7.5).

It decodes nothing but tags, VRs and lengths, never recurses deeper than its limit, never reads past the bytes it was
given and answers anything that does not add up with a typed refusal.
"""

from struct import Struct

from workbench.dicom.limits import DEFAULT_LIMITS, Limits
from workbench.records.errors import InstanceRefused
from workbench.records.inventory import ITEM, Inventory
from workbench.standard.dictionary import VR as DICTIONARY

Element = tuple[int, bytes, int, int, int, "list[list[Element]] | None"]
"""`tag, vr, start, value, length, items`.

`vr` is two bytes; empty in implicit syntax when the dictionary does not know the tag. `start` and `value` are positions
in the buffer, `length` the length of the value in bytes (-1 for encapsulated Pixel Data, whose value position is that
of its first fragment; for sequences the number of bytes up to the end of the sequence). `items` is None for a leaf.
"""

UNDEFINED = 0xFFFFFFFF
ITEM_DELIMITER = 0xFFFEE00D
SEQUENCE_DELIMITER = 0xFFFEE0DD
PIXEL_DATA = 0x7FE00010
BULK = frozenset({0x7FE00008, 0x7FE00009, PIXEL_DATA})

LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
SHORT = frozenset(
    {
        *(b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO"),
        *(b"LT", b"PN", b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"),
    },
)

IMPLICIT_VR = {tag: vr[:2].encode() for tag, vr in DICTIONARY.items()}
"""VR by tag for implicit syntax; of several that the dictionary allows the first counts."""

_explicit = Struct("<HH2sH").unpack_from
_implicit = Struct("<HHI").unpack_from
_long = Struct("<I").unpack_from
_item = Struct("<HHI").unpack_from


class MoreNeeded(Exception):  # noqa: N818 (a signal to read on, not an error)
    """The buffer ends inside an element; `size` is a hint of how many bytes from its start are needed (0: unknown)."""

    def __init__(self, size: int = 0) -> None:
        super().__init__(size)
        self.size = size


def refuse(code: str, message: str, hint: str) -> InstanceRefused:
    """Return the refusal, so that callers read `raise refuse(...)`."""
    return InstanceRefused(code, message, hint)


def truncated() -> InstanceRefused:
    """Return the refusal for a length that reaches beyond the bytes that are there."""
    return refuse(
        "dicom-truncated",
        "A length in the file reaches beyond its end.",
        "Ask the source system to send the object again.",
    )


class Walker:
    """Steps over the elements of one file. One per file, because it counts.

    Parameters
    ----------
    explicit
        Whether VRs are written in the data set.
    size
        Size of the whole file in bytes; no length may reach beyond it.
    """

    __slots__ = ("_count", "_limits", "explicit", "size")

    def __init__(self, *, explicit: bool, size: int, limits: Limits = DEFAULT_LIMITS) -> None:
        self.explicit = explicit
        self.size = size
        self._limits = limits
        self._count = 0

    def header(self, buffer: bytes, position: int, *, explicit: bool) -> tuple[int, bytes, int, int]:
        """Read `tag, vr, value position, length` at `position`.

        Raises
        ------
        MoreNeeded
            When the buffer ends inside the header.
        InstanceRefused
            When the VR is none of PS3.5 table 6.2-1.
        """
        if position + 8 > len(buffer):
            raise MoreNeeded
        if explicit:
            group, number, vr, length = _explicit(buffer, position)
            tag = group << 16 | number
            if vr in SHORT:
                return tag, vr, position + 8, length
            if vr in LONG:
                if position + 12 > len(buffer):
                    raise MoreNeeded
                return tag, vr, position + 12, _long(buffer, position + 8)[0]
            if group == 0xFFFE:
                return tag, b"", position + 8, _long(buffer, position + 4)[0]
            raise refuse(
                "vr-unknown",
                "An element carries a value representation that the standard does not know.",
                "The file is damaged or its transfer syntax is not the one that it states.",
            )
        group, number, length = _implicit(buffer, position)
        tag = group << 16 | number
        return tag, IMPLICIT_VR.get(tag, b""), position + 8, length

    def elements(  # noqa: C901, PLR0912 (an inner loop)
        self,
        buffer: bytes,
        position: int,
        end: int,
        *,
        depth: int,
        explicit: bool,
    ) -> tuple[list[Element], int]:
        """Read the elements of one item.

        `end` is the position after the item, or -1 when a delimiter ends it. Returns the elements and the position
        after them (and after the delimiter).
        """
        found: list[Element] = []
        append = found.append
        size = len(buffer)
        count = self._count
        limit = self._limits.elements
        seen = -1
        ordered = True
        while position != end:
            if end >= 0 and position + 8 > end:
                raise refuse(
                    "item-length-wrong",
                    "An item ends inside one of its elements.",
                    "Ask the source system to send the object again.",
                )
            start = position
            if explicit and position + 8 <= size:
                # Most elements are short: read here what `header` would, without the call.
                group, number, vr, length = _explicit(buffer, position)
                tag, value = group << 16 | number, position + 8
                if vr not in SHORT:
                    tag, vr, value, length = self.header(buffer, position, explicit=True)
            else:
                tag, vr, value, length = self.header(buffer, position, explicit=explicit)
            if tag == ITEM_DELIMITER and end < 0:
                position = value
                break
            if tag >> 16 == 0xFFFE:
                raise refuse(
                    "delimiter-misplaced",
                    "An item or delimiter stands where an element must stand.",
                    "The file is damaged. Ask the source system to send the object again.",
                )
            if tag <= seen:
                ordered = False
            seen = tag
            count += 1
            if count > limit:
                raise self.too_many()
            items: list[list[Element]] | None = None
            if length == UNDEFINED or vr == b"SQ":
                self._count = count
                items, position = self.items(buffer, tag, vr, value, length, depth=depth, explicit=explicit)
                count = self._count
                length = -1 if items is None else position - value
            else:
                position = value + length
                if position > size or (0 <= end < position):
                    self._outside(start, position, end)
            append((tag, vr, start, value, length, items))
        self._count = count
        if not ordered and len({element[0] for element in found}) != len(found):
            raise duplicate_element()
        return found, position

    def count(self, number: int) -> None:
        """Count elements that a caller took itself."""
        self._count += number
        if self._count > self._limits.elements:
            raise self.too_many()

    def too_many(self) -> InstanceRefused:
        """Return the refusal for a file with more elements than the limit."""
        return refuse(
            "too-many-elements",
            "The file has more elements than the limit allows.",
            "Split the object, or have an administrator look at it.",
        )

    def _outside(self, start: int, position: int, end: int) -> None:
        if 0 <= end < position:
            raise refuse(
                "item-length-wrong",
                "An element reaches beyond the item that holds it.",
                "Ask the source system to send the object again.",
            )
        raise MoreNeeded(position - start)

    def items(
        self,
        buffer: bytes,
        tag: int,
        vr: bytes,
        value: int,
        length: int,
        *,
        depth: int,
        explicit: bool,
    ) -> tuple[list[list[Element]] | None, int]:
        """Read the items of a sequence, or step over nested encapsulated Pixel Data (None); return what is behind."""
        if tag in BULK and vr != b"SQ":
            if tag != PIXEL_DATA:
                raise undefined_length()
            return None, self._nested_fragments(buffer, value)
        if vr not in (b"SQ", b"UN", b""):
            raise undefined_length()
        if depth >= self._limits.depth:
            raise refuse(
                "nesting-too-deep",
                "Sequences are nested deeper than the limit allows.",
                "No regular object needs this. Have an administrator look at it.",
            )
        # A sequence of undefined length under VR UN is encoded in implicit VR little endian (PS3.5 6.2.2 note 4).
        inner = explicit and vr == b"SQ"
        return self._items(buffer, value, length, depth=depth + 1, explicit=inner)

    def _items(
        self,
        buffer: bytes,
        position: int,
        length: int,
        *,
        depth: int,
        explicit: bool,
    ) -> tuple[list[list[Element]], int]:
        end = -1 if length == UNDEFINED else position + length
        if end > len(buffer):
            raise MoreNeeded(length + 12)
        items: list[list[Element]] = []
        while position != end:
            if position + 8 > len(buffer):
                raise MoreNeeded
            group, number, item_length = _item(buffer, position)
            tag = group << 16 | number
            position += 8
            if tag == SEQUENCE_DELIMITER and end < 0:
                break
            if tag != ITEM or (0 <= end < position):
                raise refuse(
                    "sequence-damaged",
                    "A sequence holds something that is not an item.",
                    "Ask the source system to send the object again.",
                )
            item_end = -1
            if item_length != UNDEFINED:
                item_end = position + item_length
                if 0 <= end < item_end:
                    raise refuse(
                        "item-length-wrong",
                        "An item reaches beyond its sequence.",
                        "Ask the source system to send the object again.",
                    )
                if item_end > len(buffer):
                    raise MoreNeeded(item_length + 8)
            elements, position = self.elements(buffer, position, item_end, depth=depth, explicit=explicit)
            items.append(elements)
            self._count += 1
            if self._count > self._limits.elements:
                raise self.too_many()
        return items, position

    def _nested_fragments(self, buffer: bytes, position: int) -> int:
        """Step over the fragments of an encapsulated Pixel Data inside an item; return the position behind."""
        while True:
            if position + 8 > len(buffer):
                raise MoreNeeded
            group, number, length = _item(buffer, position)
            tag = group << 16 | number
            position += 8
            if tag == SEQUENCE_DELIMITER:
                return position
            if tag != ITEM or length == UNDEFINED:
                raise fragments_damaged()
            position += length
            self._count += 1


def implicit_items(buffer: bytes, position: int, length: int) -> list[list[Element]] | None:
    """Read bytes as the items of a sequence in implicit VR; None when they are none."""
    walker = Walker(explicit=False, size=len(buffer))
    try:
        return walker.items(buffer, 0, b"SQ", position, length, depth=0, explicit=False)[0]
    except (InstanceRefused, MoreNeeded):
        return None


def undefined_length() -> InstanceRefused:
    """Return the refusal for an undefined length where the standard allows none."""
    return refuse(
        "undefined-length",
        "An element has an undefined length where the standard allows none.",
        "Ask the source system to send the object again.",
    )


def duplicate_element() -> InstanceRefused:
    """Return the refusal for a data set that holds one tag twice: readers disagree on which of them counts."""
    return refuse(
        "duplicate-element",
        "A data set holds the same attribute twice.",
        "Have the source system repair the object: readers disagree on which value counts.",
    )


def fragments_damaged() -> InstanceRefused:
    """Return the refusal for encapsulated Pixel Data whose fragments do not add up (PS3.5 A.4)."""
    return refuse(
        "fragments-damaged",
        "The fragments of the pixel data do not add up.",
        "Ask the source system to send the object again.",
    )


def inventory(elements: list[Element]) -> Inventory:
    """Return the inventory (`records.inventory`) of a data set."""
    flat: list[int] = []
    _enter(elements, 0, flat)
    return tuple(flat)


def _enter(elements: list[Element], depth: int, flat: list[int]) -> None:
    for tag, _vr, _start, _value, length, items in elements:
        if items is None:
            flat += (depth, tag, length)
            continue
        flat += (depth, tag, -1)
        for item in items:
            flat += (depth + 1, ITEM, -1)
            _enter(item, depth + 1, flat)
