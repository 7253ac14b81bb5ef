"""The inner loop: the elements of one item, each by the operation that the plan gave it."""

from collections.abc import Mapping
from typing import Final

from workbench.deid import rules, trees
from workbench.deid.dummies import BY_VR
from workbench.deid.own_values import OwnValues
from workbench.deid.pseudonyms import Pseudonyms
from workbench.deid.rules import Level, Op, stays
from workbench.dicom.elements import LONG, Element, implicit_items, refuse
from workbench.dicom.encode import element as encode
from workbench.dicom.encode import sequence
from workbench.dicom.parts import Part
from workbench.records.action import Action
from workbench.records.change import Change
from workbench.standard.uids import is_registered

LONGEST_BEFORE: Final = 4096
"""Longest value that a Change records; longer ones (private blobs, documents) are entered as empty bytes."""

_UNKNOWN: Final = (b"UN", b"")
_KEPT: Final = (rules.KEEP, rules.CHECK)

# The inner loop makes a hundred changes for each instance: without the detour through __new__ it takes half the time.
_change: Final = tuple.__new__
REMOVE: Final = Action.REMOVE
_BEHIND_ALL: Final = 1 << 33


class Transform:
    """One instance on its way through the plan. Collects the changes.

    Parameters
    ----------
    codes
        What replaces identifiers, by kind (`patient`, `study`, `accession`).
    own
        Finds the instance's own identity in what would stay (`own_values`).
    """

    __slots__ = ("_buffer", "_codes", "_explicit", "_foreign", "_own", "_pseudonyms", "changes")

    def __init__(
        self,
        buffer: bytes,
        *,
        explicit: bool,
        pseudonyms: Pseudonyms,
        codes: Mapping[str, bytes],
        own: OwnValues | None = None,
    ) -> None:
        self._buffer = buffer
        self._explicit = explicit
        self._pseudonyms = pseudonyms
        self._codes = codes
        self._own = own
        self._foreign = 0
        """How many sequences around the current item came as UN, whose items are without VRs."""
        self.changes: list[Change] = []

    def elements(  # noqa: C901, PLR0912, PLR0915 (the inner loop: calls would cost more than all it does)
        self,
        elements: list[Element],
        level: Level,
        path: tuple[int, ...],
        out: list[Part],
        given: Mapping[int, list[Part]] | None = None,
        *,
        hollow: bool = False,
    ) -> None:
        """Append the new elements of an item to `out`, in ascending order.

        `given` are elements that somebody else made, by tag; they replace what the item holds. With `hollow` no value
        that the plan would keep stays: it becomes a dummy.
        """
        buffer, ops, seen, own, changes = self._buffer, level.ops, level.seen, self._own, self.changes
        foreign = self._foreign
        pending = sorted(given, reverse=True) if given else []
        upcoming = pending.pop() if pending else _BEHIND_ALL
        begin = end = -1
        tags = [element[0] for element in elements]
        if tags != sorted(tags):
            elements = sorted(elements, key=_tag)
        for element in elements:
            tag, vr, start, value, length, items = element
            if tag >= upcoming:
                if end > begin:
                    out.append(buffer[begin:end])
                    begin = end = -1
                while tag > upcoming:
                    out += given[upcoming] if given else ()
                    upcoming = pending.pop() if pending else _BEHIND_ALL
                if tag == upcoming:
                    continue
            op = ops.get((tag, vr)) or level.compile(tag, vr)
            kind = op.kind
            if kind == rules.REMOVE:
                before = buffer[value : value + length] if items is None and length <= LONGEST_BEFORE else b""
                changes.append(_change(Change, ((*path, tag), REMOVE, op.origin, before, None)))
                continue
            if items is None and kind in _KEPT and (not hollow or op.vr == b"UI"):
                if kind == rules.CHECK:
                    content = buffer[value : value + length]
                    passes = seen.get((tag, vr, content))
                    if passes is None:
                        passes = level.remember(tag, vr, content, passes=stays(op, content))
                    if passes and own is not None and op.words and own.repeats(op.words, content):
                        passes = False
                else:
                    passes = True
                if passes and not op.sequence:
                    if length & 1 or vr in LONG or foreign:
                        written = op.vr if vr in _UNKNOWN else vr
                        piece = encode(tag, written, buffer[value : value + length], explicit=self._explicit)
                    elif start == end:
                        end = value + length
                        continue
                    else:
                        if end > begin:
                            out.append(buffer[begin:end])
                        begin, end = start, value + length
                        continue
                else:
                    piece = self._failed(op, element, level, path)
            else:
                piece = self._apply(op, element, level, path, hollow=hollow)
            if piece:
                if end > begin:
                    out.append(buffer[begin:end])
                    begin = end = -1
                out.append(piece)
        if end > begin:
            out.append(buffer[begin:end])
        while upcoming != _BEHIND_ALL:
            out += given[upcoming] if given else ()
            upcoming = pending.pop() if pending else _BEHIND_ALL

    def code(self, kind: str) -> bytes:
        """Return the pseudonym of a kind."""
        return self._codes[kind]

    def apply(self, op: Op, element: Element, level: Level) -> bytes:
        """Apply an operation to a top-level element whose value is not loaded."""
        tag, vr, start, _value, _length, _items = element
        return self._apply(op, (tag, vr, start, 0, 0, None), level, ())

    def _apply(  # noqa: C901, PLR0911 (a table of actions, one line each)
        self,
        op: Op | None,
        element: Element,
        level: Level,
        path: tuple[int, ...],
        *,
        hollow: bool = False,
    ) -> bytes:
        """Return the new element, empty when it goes."""
        tag, vr, _start, value, length, items = element
        if op is None:
            return self._removed(element, path, "unlisted damaged value")
        kind = op.kind
        if op.sequence and vr == b"UN" and kind in (rules.DESCEND, rules.SPECIAL):
            # The items of a sequence that came as UN are in implicit VR, whatever the file is (PS3.5 6.2.2).
            items = implicit_items(self._buffer, value, length) if items is None else items
            element = (tag, b"SQ", _start, value, length, items)
            self._foreign += 1
            try:
                return self._apply(op, element, level, path, hollow=hollow)
            finally:
                self._foreign -= 1
        if hollow and kind in _KEPT and op.vr != b"UI":
            return self._replaced(op, element, path, BY_VR.get(op.vr, b""), Action.DUMMY)
        if kind == rules.REMOVE:
            return self._removed(element, path, op.origin)
        if kind == rules.DESCEND:
            if items is None:
                return self._apply(op.otherwise, element, level, path)
            child = level.child(tag)
            return sequence(
                tag,
                [self._item(item, child, (*path, tag, index), hollow=hollow) for index, item in enumerate(items)],
                explicit=self._explicit,
            )
        if kind == rules.SPECIAL:
            return self._special(op, element, level, path)
        if kind == rules.CODE:
            return self._replaced(op, element, path, self._codes[op.detail], op.action)
        if items is not None and not op.sequence:
            return self._removed(element, path, op.origin)
        if kind == rules.REMAP:
            return self._replaced(op, element, path, self._remapped(self._buffer[value : value + length]), op.action)
        if kind == rules.REPLACE:
            return self._replaced(op, element, path, op.value, op.action)
        return self._removed(element, path, op.origin)

    def _failed(self, op: Op, element: Element, level: Level, path: tuple[int, ...]) -> bytes:
        """Return what becomes of a value that may not stay: of several values, those that may stay do."""
        _tag, _vr, _start, value, length, _items = element
        if op.otherwise is not None and op.otherwise.action is Action.DUMMY and op.vr == b"CS":
            whole = self._buffer[value : value + length].rstrip(b" \0")
            parts = whole.split(b"\\")
            if len(parts) > 1:
                # Positions carry meaning (Image Type), so each value keeps its own.
                own = self._own if self._own is not None and self._own.repeats(op.words, whole) else None
                new = b"\\".join(
                    part if stays(op, part) and (own is None or not own.names(part)) else op.otherwise.value
                    for part in parts
                )
                return self._replaced(op, element, path, new, Action.DUMMY)
        return self._apply(op.otherwise, element, level, path)

    def _item(self, item: list[Element], level: Level, path: tuple[int, ...], *, hollow: bool) -> bytes:
        out: list[Part] = []
        self.elements(item, level, path, out, hollow=hollow)
        return b"".join(part for part in out if isinstance(part, bytes))

    def before(self, element: Element) -> bytes:
        """Return the value of an element as a Change records it."""
        _tag, _vr, _start, value, length, items = element
        if items is not None or not 0 < length <= LONGEST_BEFORE:
            return b""
        return self._buffer[value : value + length]

    def _removed(self, element: Element, path: tuple[int, ...], origin: str) -> bytes:
        self.changes.append(Change((*path, element[0]), Action.REMOVE, origin, self.before(element), None))
        return b""

    def _replaced(self, op: Op, element: Element, path: tuple[int, ...], new: bytes, action: Action) -> bytes:
        tag, _vr, _start, _value, _length, _items = element
        before = self.before(element)
        if before.rstrip(b" \0") != new or _items is not None:
            self.changes.append(Change((*path, tag), action, op.origin, before, new))
        return encode(tag, op.vr, new, explicit=self._explicit)

    def _remapped(self, value: bytes) -> bytes:
        """Return UIDs replaced one by one; those that the standard registers stay (PS3.6 annex A)."""
        uid = self._pseudonyms.uid
        return b"\\".join(
            part if not part or (part.startswith(rules.WELL_KNOWN_ROOT) and _registered(part)) else uid(part)
            for part in (part.strip(b" \0") for part in value.split(b"\\"))
        )

    def _special(self, op: Op, element: Element, level: Level, path: tuple[int, ...]) -> bytes:
        tag, _vr, _start, _value, _length, items = element
        if tag == rules.ENCAPSULATED_DOCUMENT:
            return self._replaced(op, element, path, op.value, op.action)
        if items is None:
            return self._apply(op.otherwise, element, level, path)
        if tag == rules.CONTENT_SEQUENCE:
            return self._skeleton(op, items, level.child(tag), path)
        dummy = trees.dummy_sequence(tag, explicit=self._explicit)
        if dummy is not None:
            self.changes.append(Change((*path, tag), op.action, op.origin, b"", b""))
            return dummy
        child = level.child(tag)
        contents = [self._item(item, child, (*path, tag, index), hollow=True) for index, item in enumerate(items)]
        return sequence(tag, contents, explicit=self._explicit)

    def _skeleton(self, op: Op, items: list[list[Element]], level: Level, path: tuple[int, ...]) -> bytes:
        tag = rules.CONTENT_SEQUENCE
        contents = []
        for index, item in enumerate(items):
            place = (*path, tag, index)
            if trees.states_something(self._buffer, item):
                self.changes.append(Change(place, Action.REMOVE, op.origin, b"", None))
            else:
                contents.append(self._item(item, level, place, hollow=False))
        if not contents:
            if path:
                return b""
            contents = [trees.removed_text_item(explicit=self._explicit)]
        return sequence(tag, contents, explicit=self._explicit)


def _registered(uid: bytes) -> bool:
    return is_registered(uid.decode("latin-1"))


def _tag(element: Element) -> int:
    return element[0]


def refuse_document() -> Exception:
    """Return the refusal for an encapsulated document that is not a PDF."""
    return refuse(
        "document-not-supported",
        "The object holds a document that is not a PDF.",
        "Leave the object out: this version can't make a dummy for it.",
    )
