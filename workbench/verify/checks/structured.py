"""Content trees of structured reports (PS3.15 E.3.4): what 113104 claims of them, in both directions."""

from collections.abc import Iterator
from typing import NamedTuple

from workbench.standard.content_items import find as find_row
from workbench.verify.elements import Element, Items
from workbench.verify.pair import Pair, Said, found
from workbench.verify.reading import Reading

CONTENT = 0x0040A730
_CONCEPT, _TYPE, _PERSON = 0x0040A043, 0x0040A040, 0x0040A123
_VALUES = {
    "TEXT": 0x0040A160,
    "PNAME": _PERSON,
    "DATE": 0x0040A121,
    "TIME": 0x0040A122,
    "DATETIME": 0x0040A120,
    "UIDREF": 0x0040A124,
}
_SCHEMES = frozenset({"DCM", "SCT", "SRT", "LN", "UCUM", "RADLEX", "UMLS", "FMA"})


class _Item(NamedTuple):
    """A content item: its concept, type and value; whether it or one above it is listed and no option speaks of it."""

    concept: tuple[str, str]
    kind: str
    value: bytes
    goes: bool


class StructuredContent:
    """What 113104 claims of a content tree is so: listed items are gone, and what nobody lists is still there."""

    name = "structured-content"
    rule = "PS3.15 E.3.4, Table E.3.4-1"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield a finding for a listed item that stands, a person's name, and a tree that was thrown away."""
        if "clean_structured_content" not in pair.options or CONTENT not in pair.before.by_tag:
            return
        before, after = list(_items(pair.before, pair.options)), list(_items(pair.after, pair.options))
        had = {(item.concept, item.kind, item.value) for item in before if item.goes and item.value}
        if any((item.concept, item.kind, item.value) in had for item in after if item.goes):
            yield found(self, "(0040,A730)", "A content item that the table removes stands as it stood.")
        names = {item.value for item in before if item.kind == "PNAME" and item.value}
        if any(item.value in names for item in after if item.kind == "PNAME"):
            yield found(self, "(0040,A730)", "The name of a person stands in a content item.")
        measured = sum(_stays(item) for item in before)
        if measured and not any(_stays(item) for item in after):
            yield found(self, "(0040,A730)", "Structured content is said to be cleaned, but its measurements are gone.")


def _stays(item: _Item) -> bool:
    """Whether an item holds a number under a standard concept that no row lists."""
    return item.kind == "NUM" and not item.goes and item.concept[1] in _SCHEMES


def _items(reading: Reading, options: frozenset[str]) -> Iterator[_Item]:
    element = reading.by_tag.get(CONTENT)
    if element is not None and element.items is not None:
        yield from _walk(element.items, options, below=False)


def _walk(items: Items, options: frozenset[str], *, below: bool) -> Iterator[_Item]:
    """Walk the items. An option that a row names keeps or cleans its item: harmless words may then stand as they were.

    Only a removed item takes those below it along; a dummy keeps them.
    """
    for item in items.items:
        fields = {element.tag: element for element in item}
        concept, kind = _concept(fields.get(_CONCEPT)), _text(fields.get(_TYPE))
        row = find_row(*concept, kind)
        letter = "" if row is None else min((row.options[o] for o in options if o in row.options), default=row.basic)
        goes = below or letter in ("X", "D", "X/D")
        value = fields.get(_VALUES.get(kind, 0))
        yield _Item(concept, kind, (value.value or b"").strip(b" \0") if value is not None else b"", goes)
        child = fields.get(CONTENT)
        if child is not None and child.items is not None:
            yield from _walk(child.items, options, below=below or letter == "X")


def _concept(element: Element | None) -> tuple[str, str]:
    if element is None or element.items is None or not element.items.items:
        return "", ""
    fields = {each.tag: each for each in element.items.items[0]}
    return _text(fields.get(0x00080100)), _text(fields.get(0x00080102))


def _text(element: Element | None) -> str:
    return element.text() if element is not None else ""
