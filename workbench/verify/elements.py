"""Elements as pydicom read them, and where a byte stands among them."""

from typing import NamedTuple

from workbench.records.inventory import ITEM, Inventory

PIXEL_DATA = 0x7FE00010
BULK = frozenset({0x7FE00008, 0x7FE00009, PIXEL_DATA})
"""Float, Double Float and Pixel Data: the payloads, when they stand at the top level."""

CHARACTER_SET = 0x00080005


class Element(NamedTuple):
    """One element as it stands.

    `length` is as written, -1 for a sequence and for encapsulated Pixel Data. `value` is None when it stays in the file
    and for sequences; numbers in it are little endian, whatever the file is. `offset` of the value counts from the
    start of the file at the top level, from the first item of its sequence below.
    """

    tag: int
    vr: str
    length: int
    value: bytes | None
    offset: int
    items: "Items | None"

    def text(self) -> str:
        """Return the value read as Latin-1, padding stripped; empty when there is none."""
        return (self.value or b"").decode("latin-1").strip(" \0")


_BINARY = frozenset({"US", "SS", "UL", "SL", "FL", "FD", "SV", "UV", "AT", "OB", "OW", "OF", "OD", "OL", "OV", "UN"})


def same_value(one: Element, two: Element) -> bool:
    """Tell whether two elements have the same value; padding of characters does not count."""
    if one.value == two.value:
        return True
    if one.value is None or two.value is None or one.vr in _BINARY:
        return False
    return one.value.strip(b" \0") == two.value.strip(b" \0")


class Items:
    """The items of a sequence, and its raw bytes where they were at hand (so that equal ones are judged once).

    `base` is what the offsets of a sequence without raw bytes at the top level count from.
    """

    __slots__ = ("_inventories", "base", "items", "raw")

    def __init__(self, items: tuple[tuple[Element, ...], ...], raw: bytes | None) -> None:
        self.items = items
        self.raw = raw
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
            found = self._inventories[depth] = tuple(flat)
        return found


def enter(elements: tuple[Element, ...], depth: int, flat: list[int]) -> None:
    """Append the inventory of the elements of one item (or of the top level) to `flat`."""
    for tag, _vr, length, _value, _offset, items in elements:
        if items is None:
            flat += (depth, tag, length)
        else:
            flat += (depth, tag, -1)
            flat += items.inventory(depth + 1)


def innermost(elements: tuple[Element, ...], offset: int, origin: int, end: int) -> tuple[tuple[int, ...], str]:
    """Return path and VR of the innermost element around an offset; an empty path when it stands between them."""
    for position, element in enumerate(elements):
        begin = origin + element.offset
        if element.length >= 0:
            stop = begin + element.length
        else:
            stop = origin + elements[position + 1].offset - 8 if position + 1 < len(elements) else end
        if begin <= offset < stop:
            if element.items is None:
                return (element.tag,), element.vr
            inner = begin if element.items.raw is not None else element.items.base or origin
            return _in_items(element, element.items.items, offset, inner, stop)
    return (), ""


def _in_items(
    element: Element, items: tuple[tuple[Element, ...], ...], offset: int, origin: int, stop: int
) -> tuple[tuple[int, ...], str]:
    for number, item in enumerate(items):
        limit = next((origin + other[0].offset for other in items[number + 1 :] if other), stop)
        if item and origin + item[0].offset <= offset < limit:
            path, vr = innermost(item, offset, origin, limit)
            return ((element.tag, number, *path), vr) if path else ((element.tag,), element.vr)
    return (element.tag,), element.vr
