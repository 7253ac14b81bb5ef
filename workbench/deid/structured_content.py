"""Clean Structured Content (113104): content items kept, cleaned, made dummies or dropped, at every depth.

PS3.15 E.3.4 and Table E.3.4-1. What the table does not list follows the principle of its rows: text is cleaned, names
of persons go, dates follow the date mode, numbers, coordinates and coded findings stay, references stay and are
remapped. A dropped item takes what is below it along; a container that loses all of it stays, for it may be empty.
"""

from collections.abc import Iterator
from typing import Final

from workbench.deid.cleaning import Place
from workbench.deid.concepts import CONCEPT_NAME, NO_CONCEPT, SUBJECT_AGE, clean_codes, concept_of, letter, row_of
from workbench.deid.dummies import BY_VR
from workbench.deid.trees import removed_text_item
from workbench.deid.waveforms import WAVEFORM_ANNOTATION, clean_waveform_annotations
from workbench.dicom.elements import Element, refuse
from workbench.dicom.encode import element as encode
from workbench.dicom.encode import sequence
from workbench.records.action import Action
from workbench.standard.content_items import ContentItem

RELATIONSHIP: Final = 0x0040A010
VALUE_TYPE: Final = 0x0040A040
MEASURED_VALUE: Final = 0x0040A300
NUMERIC_VALUE: Final = 0x0040A30A
UNITS: Final = 0x004008EA
REFERENCED_DATETIME: Final = 0x0040A13A
CONTENT: Final = 0x0040A730
TARGET: Final = 0x0040DB73
MODIFIERS: Final = 0x00400441
PREPARATION: Final = 0x00400610
PREPARATION_STEP: Final = 0x00400612
"""Attributes of PS3.3 C.17.3, C.17.5, 10.2 and C.7.6.22."""

_VALUES: Final[dict[str, tuple[int, bytes]]] = {
    "TEXT": (0x0040A160, b"UT"),
    "PNAME": (0x0040A123, b"PN"),
    "DATE": (0x0040A121, b"DA"),
    "TIME": (0x0040A122, b"TM"),
    "DATETIME": (0x0040A120, b"DT"),
    "UIDREF": (0x0040A124, b"UI"),
}
_DATES: Final = frozenset({"DATE", "TIME", "DATETIME"})
_REFERENCES: Final = frozenset({"IMAGE", "COMPOSITE", "WAVEFORM"})
_COORDINATES: Final = frozenset({"SCOORD", "SCOORD3D", "TCOORD"})
_PLAIN: Final = _REFERENCES | _COORDINATES | {"CONTAINER", "CODE", "NUM", "TABLE"}
_SELECTED: Final = "SELECTED FROM"
_LETTERS: Final = {"X": Action.REMOVE, "D": Action.DUMMY, "X/D": Action.DUMMY, "K": Action.KEEP, "C": Action.CLEAN}
"""Which items a template demands is not known here, so X/D makes a dummy: that is valid under each."""

_OLDEST: Final = 89
_IN_YEARS: Final = {"a": 1.0, "mo": 1 / 12, "wk": 7 / 365.25, "d": 1 / 365.25, "h": 1 / 8766, "min": 1 / 525960}
"""Units of an age (UCUM) in years."""


class _Node:
    """A content item with what becomes of it: its index in the input, and its position from 1 in the output."""

    __slots__ = (
        *("children", "elements", "fate", "given", "index", "number"),
        *("parent", "place", "rule", "target", "value_type"),
    )

    def __init__(self, place: Place, elements: list[Element], index: int, parent: "_Node | None") -> None:
        self.place = place
        self.elements = elements
        self.index = index
        self.number = 0
        self.parent = parent
        self.children: list[_Node] = []
        self.given: dict[int, bytes] = {}
        self.target: _Node | None = None
        self.value_type = ""
        self.fate = Action.KEEP
        self.rule = ""

    def text(self, tag: int) -> str:
        """Return a value of the item as text without padding, empty when there is none."""
        found = self.value(tag)
        return found.decode("latin-1").strip(" \0") if found is not None else ""

    def value(self, tag: int) -> bytes | None:
        """Return the value of a leaf of the item."""
        for number, _vr, _start, at, length, items in self.elements:
            if number == tag and items is None:
                return self.place.buffer[at : at + length]
        return None

    def items(self, tag: int) -> list[list[Element]]:
        """Return the items of a sequence of the item."""
        for number, _vr, _start, _at, _length, items in self.elements:
            if number == tag and items is not None:
                return items
        return []


def clean_content(place: Place, items: list[list[Element]]) -> list[bytes] | None:
    """Return the contents of the cleaned items of a sequence of content items, None when none remains.

    Sequences: Content, Acquisition Context, Content Item Modifier, Specimen Preparation (its steps hold the items),
    Waveform Annotation (`deid.waveforms`).
    A report whose tree loses every item keeps one that says so.

    Raises
    ------
    InstanceRefused
        `content-reference-loop` when relationships by reference make a circle (PS3.3 C.17.3.2.4).
    """
    if place.path[-1] == WAVEFORM_ANNOTATION:
        return clean_waveform_annotations(place, items)
    if place.path[-1] == PREPARATION:
        return _steps(place, items) or None
    roots = [_node(place, elements, index, None) for index, elements in enumerate(items)]
    _follow_references(roots, whole=place.path == (CONTENT,))
    _number(roots)
    contents = _contents(roots)
    if not contents and place.path == (CONTENT,):
        contents = [removed_text_item(explicit=place.explicit)]
    return contents or None


def _steps(place: Place, items: list[list[Element]]) -> list[bytes]:
    contents = []
    for index, elements in enumerate(items):
        below = place.within(index, PREPARATION_STEP)
        steps = next((found for tag, *_, found in elements if tag == PREPARATION_STEP and found is not None), [])
        cleaned = clean_content(below, steps)
        if cleaned is None:
            place.record((*place.path, index), Action.REMOVE, b"", None)
            continue
        given = {PREPARATION_STEP: sequence(PREPARATION_STEP, cleaned, explicit=place.explicit)}
        contents.append(place.item(elements, index, given=given))
    return contents


def _node(place: Place, elements: list[Element], index: int, parent: _Node | None) -> _Node:
    """Decide about one item and, unless it goes, about those below it."""
    node = _Node(place, elements, index, parent)
    node.value_type = node.text(VALUE_TYPE)
    if not node.value_type and node.value(TARGET) is not None:
        return node  # a relationship by reference, which stays when its target does
    _decide(node)
    if node.fate is Action.REMOVE:
        return node
    below = place.within(node.index, CONTENT)
    node.children = [_node(below, child, count, node) for count, child in enumerate(node.items(CONTENT))]
    node.given |= clean_codes(place, node.index, elements)
    if modifiers := node.items(MODIFIERS):
        cleaned = clean_content(place.within(node.index, MODIFIERS), modifiers)
        node.given[MODIFIERS] = sequence(MODIFIERS, cleaned, explicit=place.explicit) if cleaned else b""
    return node


def _decide(node: _Node) -> None:
    """Set the fate of an item, and its new value."""
    kind = node.value_type
    names = node.items(CONCEPT_NAME)
    concept = concept_of(node.place.buffer, names[0]) if names else NO_CONCEPT
    row = row_of(concept, kind)
    node.rule = _rule(row, kind)
    wanted = _LETTERS[letter(row, node.place.options)] if row else _unlisted(kind)
    if wanted is Action.REMOVE and kind in _REFERENCES and _selects(node):
        wanted = Action.DUMMY  # coordinates without what they were drawn on are invalid (PS3.3 C.18.6)
    node.fate = wanted
    if wanted is Action.REMOVE:
        return
    if kind in _VALUES:
        # What was said in words may go, but not the measurements and images below it.
        _set_value(node, wanted, needed=bool(node.items(CONTENT)) or (row is not None and "D" in row.basic))
    elif kind == "NUM" and row is not None and row.value == SUBJECT_AGE:
        _cap_age(node)
    elif kind == "TCOORD" and node.value(REFERENCED_DATETIME) is not None:
        after = node.place.date(b"DT", node.value(REFERENCED_DATETIME) or b"")
        _set(node, REFERENCED_DATETIME, b"DT", after, Action.CLEAN)


def _rule(row: ContentItem | None, kind: str) -> str:
    return f"E.3.4-1 ({row.value}, {row.scheme}, {row.value_type})" if row else f"content item {_named(kind)}"


def _named(kind: str) -> str:
    """Return a value type for a rule's name: only those of the standard, never what a file says instead."""
    return kind if kind in _PLAIN or kind in _VALUES else "of unknown type"


def _unlisted(kind: str) -> Action:
    if kind == "TEXT" or kind in _DATES:
        return Action.CLEAN
    if kind == "UIDREF":
        return Action.DUMMY
    return Action.KEEP if kind in _PLAIN else Action.REMOVE


def _selects(node: _Node) -> bool:
    above = node.parent
    return above is not None and above.value_type in _COORDINATES and node.text(RELATIONSHIP) == _SELECTED


def _set_value(node: _Node, wanted: Action, *, needed: bool) -> None:
    """Give an item that states something its new value; `needed` says that a dummy stands in for none."""
    tag, vr = _VALUES[node.value_type]
    before = node.value(tag) or b""
    after: bytes | None = None
    if node.value_type == "UIDREF":
        after = before.strip(b" \0") if wanted is Action.KEEP else node.place.uid(before)
        wanted = wanted if wanted is Action.KEEP else Action.REMAP
    elif node.value_type in _DATES and wanted in (Action.KEEP, Action.CLEAN):
        after = node.place.date(vr, before)
    elif node.value_type == "TEXT" and wanted is Action.KEEP:
        after = before.rstrip(b" \0")
    elif node.value_type == "TEXT" and wanted is Action.CLEAN and node.place.text is not None:
        after = node.place.text.clean(before, vr, (*node.place.path, node.index, tag), node.rule)
        if after:
            node.given[tag] = encode(tag, vr, after, explicit=node.place.explicit)
            return
    if not after and (needed or wanted is Action.DUMMY):
        after, wanted = BY_VR.get(vr), Action.DUMMY
    _set(node, tag, vr, after, wanted)


def _set(node: _Node, tag: int, vr: bytes, after: bytes | None, action: Action) -> None:
    """Write a value, or drop the item that has none any more."""
    before = node.value(tag) or b""
    if not after:
        node.fate = Action.REMOVE
        return
    node.given[tag] = encode(tag, vr, after, explicit=node.place.explicit)
    if after != before.rstrip(b" \0"):
        node.place.record((*node.place.path, node.index, tag), action, before, after, node.rule)


def _cap_age(node: _Node) -> None:
    """Write a kept age above 89 as 90; drop one that can't be read (45 CFR 164.514(b)(2)(i)(C))."""
    place, buffer = node.place, node.place.buffer
    measured = node.items(MEASURED_VALUE)
    holder = measured[0] if measured else node.elements  # outside reports the number is in the item itself
    leaves = {tag: buffer[at : at + length] for tag, _vr, _start, at, length, found in holder if found is None}
    units = next((found[0] for tag, *_, found in holder if tag == UNITS and found), [])
    before = leaves.get(NUMERIC_VALUE, b"")
    years = _years(before, concept_of(buffer, units).value)
    if years is None or len(measured) > 1:
        node.fate = Action.REMOVE
    elif years >= _OLDEST + 1:
        after = b"%d" % round(float(before.strip(b" \0")) * 90 / years)
        given = {NUMERIC_VALUE: encode(NUMERIC_VALUE, b"DS", after, explicit=place.explicit)}
        given |= dict.fromkeys((0x0040A161, 0x0040A162, 0x0040A163), b"")  # the same number as float and as fraction
        below = place.within(node.index, MEASURED_VALUE)
        if measured:
            content = below.item(holder, 0, given=given)
            given = {MEASURED_VALUE: sequence(MEASURED_VALUE, [content], explicit=place.explicit)}
        node.given |= given
        path = (*below.path, 0, NUMERIC_VALUE) if measured else (*place.path, node.index, NUMERIC_VALUE)
        place.record(path, Action.CLEAN, before, after, node.rule)


def _years(number: bytes, unit: str) -> float | None:
    """Return an age in years, None when it is none."""
    try:
        years = float(number.strip(b" \0")) * _IN_YEARS[unit]
    except (ValueError, KeyError):
        return None
    return years if 0 <= years < 1000 else None


def _follow_references(roots: list[_Node], *, whole: bool) -> None:
    """Find the targets of relationships by reference, and drop what loses its target or what it was selected from.

    Targets are counted from the root of a report: without the `whole` tree they can't be found.
    """
    everything = list(_all(roots))
    referring: dict[_Node, list[_Node]] = {}
    dropped = [node for node in everything if node.fate is Action.REMOVE]
    for node in everything:
        identifier = node.value(TARGET)
        if node.value_type or identifier is None:
            continue
        node.rule = "content item by reference"
        node.target = _at(roots, identifier) if whole else None
        if node.target is None or node.target.fate is Action.REMOVE:
            node.fate = Action.REMOVE
            dropped.append(node)
        else:
            referring.setdefault(node.target, []).append(node)
    _refuse_loops(everything)
    while dropped:
        node = dropped.pop()
        above = node.parent
        gone = [referrer for below in _all([node]) for referrer in referring.get(below, [])]
        if above is not None and above.value_type in _COORDINATES and not _selects_something(above):
            gone.append(above)
        for each in gone:
            if each.fate is not Action.REMOVE:
                each.fate = Action.REMOVE
                dropped.append(each)


def _selects_something(node: _Node) -> bool:
    """Whether coordinates still have what they were selected from, or never had it (3D ones need not)."""
    selected = [child for child in node.children if child.text(RELATIONSHIP) == _SELECTED]
    return not selected or any(child.fate is not Action.REMOVE for child in selected)


def _all(nodes: list[_Node]) -> Iterator[_Node]:
    for node in nodes:
        yield node
        yield from _all(node.children)


def _at(roots: list[_Node], identifier: bytes) -> _Node | None:
    """Return the item at the positions of a Referenced Content Item Identifier; the root of a report is none."""
    numbers = [int.from_bytes(identifier[at : at + 4], "little") for at in range(0, len(identifier), 4)]
    if len(identifier) % 4 or len(numbers) < 2 or numbers[0] != 1:
        return None
    level, found = roots, None
    for number in numbers[1:]:
        if not 0 < number <= len(level):
            return None
        found = level[number - 1]
        level = found.children
    return found if found is not None and found.value_type else None


def _refuse_loops(everything: list[_Node]) -> None:
    """Refuse circles over relationships by value and by reference: no reader could end."""
    state: dict[_Node, bool] = {}
    for start in everything:
        if start in state:
            continue
        state[start] = True
        stack = [(start, iter(_next(start)))]
        while stack:
            node, following = stack[-1]
            target = next(following, None)
            if target is None:
                state[node] = False
                stack.pop()
            elif target not in state:
                state[target] = True
                stack.append((target, iter(_next(target))))
            elif state[target]:
                raise refuse(
                    "content-reference-loop",
                    "The content items of the report refer to each other in a circle.",
                    "Have the source system repair the object: the standard forbids circles.",
                )


def _next(node: _Node) -> list[_Node]:
    return [*node.children, *([node.target] if node.target is not None else [])]


def _contents(nodes: list[_Node]) -> list[bytes]:
    """Write the items that stay, in their order, with the positions that their targets have now."""
    contents = []
    for node in nodes:
        place = node.place
        if node.fate is Action.REMOVE:
            place.record((*place.path, node.index), Action.REMOVE, b"", None, node.rule)
            continue
        if node.target is not None:
            identifier = b"".join(number.to_bytes(4, "little") for number in _position(node.target))
            node.given[TARGET] = encode(TARGET, b"UL", identifier, explicit=place.explicit)
        elif node.items(CONTENT):
            below = _contents(node.children)
            node.given[CONTENT] = sequence(CONTENT, below, explicit=place.explicit) if below else b""
        contents.append(place.item(node.elements, node.index, given=node.given))
    return contents


def _number(nodes: list[_Node]) -> None:
    """Count what stays: these are the positions by which other items refer to it."""
    for number, node in enumerate((node for node in nodes if node.fate is not Action.REMOVE), 1):
        node.number = number
        _number(node.children)


def _position(node: _Node) -> list[int]:
    """Return the positions that lead to an item in the output; the root is the first."""
    numbers: list[int] = []
    at: _Node | None = node
    while at is not None:
        numbers.append(at.number)
        at = at.parent
    return [1, *reversed(numbers)]
