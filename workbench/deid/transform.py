"""The inner loop: the elements of one item, each by the operation that the plan gave it."""

from collections.abc import Mapping
from typing import Final

from workbench.deid import graphics, modes, rules, structured_content, trees, waveforms
from workbench.deid.checks import may_stay
from workbench.deid.claims import METHOD
from workbench.deid.dummies import BY_VR
from workbench.deid.free_text import FreeText, because
from workbench.deid.own_values import TEXT, OwnValues
from workbench.deid.place import ElementPlace
from workbench.deid.private import PrivateRules
from workbench.deid.pseudonyms import PatientPseudonyms
from workbench.deid.rules import Level, Op, stays
from workbench.dicom.elements import LONG, Element, implicit_items
from workbench.dicom.encode import element as encode
from workbench.dicom.encode import sequence
from workbench.dicom.parts import Part
from workbench.profiles.plan import Plan
from workbench.records.action import Action
from workbench.records.change import Change
from workbench.standard.uids import is_registered

LONGEST_BEFORE: Final = 4096
"""Longest value that a Change records; longer ones (private blobs, documents) are entered as empty bytes."""

_UNKNOWN: Final = (b"UN", b"")
_KEPT: Final = (rules.KEEP, rules.CHECK)
_VALUED: Final = (rules.KEEP, rules.CHECK, rules.CLEAN)
_WALKED: Final = (rules.DESCEND, rules.SPECIAL, rules.CLEAN)

# The inner loop makes a hundred changes for each instance: without the detour through __new__ it takes half the time.
_change: Final = tuple.__new__
REMOVE: Final = Action.REMOVE
_BEHIND_ALL: Final = 1 << 33


class Transform:
    """One instance on its way through the plan. Collects the changes.

    Parameters
    ----------
    pseudonyms
        Those of the patient.
    codes
        What replaces identifiers, by kind (`patient`, `study`, `accession`).
    own
        Finds the instance's own identity in what would stay (`own_values`).
    text
        Cleans free text; None when the plan cleans none.
    private
        Knows the private attributes that may stay; None when none may.
    """

    __slots__ = (
        *("_codes", "_foreign", "_own", "_plan", "_private", "_pseudonyms"),
        *("buffer", "changes", "explicit", "text"),
    )

    def __init__(
        self,
        buffer: bytes,
        *,
        explicit: bool,
        plan: Plan,
        pseudonyms: PatientPseudonyms,
        codes: Mapping[str, bytes],
        changes: list[Change],
        own: OwnValues | None = None,
        text: FreeText | None = None,
        private: PrivateRules | None = None,
    ) -> None:
        self.buffer = buffer
        self.explicit = explicit
        self.changes = changes
        self.text = text
        self._plan = plan
        self._pseudonyms = pseudonyms
        self._codes = codes
        self._own = own
        self._private = private
        self._foreign = 0
        """How many sequences around the current item came as UN, whose items are without VRs."""

    @property
    def options(self) -> frozenset[str]:
        """Options of the plan by name."""
        return frozenset(self._plan.options)

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
        buffer, ops, seen, own, changes = self.buffer, level.ops, level.seen, self._own, self.changes
        foreign = self._foreign
        if self._private is not None and not hollow:
            given = self._with_private(self._private, elements, level, path, given or {})
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
                    if passes and op.detail == "code" and self._is_personal(content):
                        passes = False
                else:
                    passes = op.words != TEXT or not self._is_personal(buffer[value : value + length])
                if passes and not op.sequence:
                    if length & 1 or vr in LONG or foreign:
                        written = op.vr if vr in _UNKNOWN else vr
                        piece = encode(tag, written, buffer[value : value + length], explicit=self.explicit)
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
        """Apply an operation to a top-level element whose value is not loaded, so that none of it can stay."""
        tag, vr, start, _value, _length, _items = element
        while op.kind in _VALUED and op.otherwise is not None:
            op = op.otherwise
        return self._apply(op, (tag, vr, start, 0, 0, None), level, ())

    def uid(self, value: bytes) -> bytes:
        """Return UIDs replaced one by one; those that the standard registers stay (PS3.6 annex A)."""
        uid = self._pseudonyms.uid
        return b"\\".join(
            part if not part or (part.startswith(rules.WELL_KNOWN_ROOT) and _registered(part)) else uid(part)
            for part in (part.strip(b" \0") for part in value.split(b"\\"))
        )

    def date(self, vr: bytes, value: bytes) -> bytes | None:
        """Return a DA, TM or DT by the date mode of the plan; None when it may not stay."""
        mode = self._plan.dates
        days = self._pseudonyms.offset_days if mode == "shift" else 0
        return modes.date(mode, vr, value, days)

    def checked_method(self, value: bytes) -> bytes:
        """Return what may stay of a value of a former De-identification Method, empty when nothing may."""
        if self.text is not None:
            result = self.text.result(value, b"LO", (METHOD,))
            return result.value.strip(b" ") if result is not None else b""
        return value if may_stay(METHOD, b"LO", value) and not (self._own and self._own.names(value)) else b""

    def item(
        self,
        elements: list[Element],
        level: Level,
        path: tuple[int, ...],
        *,
        hollow: bool = False,
        given: Mapping[int, list[Part]] | None = None,
    ) -> bytes:
        """Return the new content of an item below the top level."""
        out: list[Part] = []
        text = self.text
        held = text.enter(elements) if text is not None else None
        if path[-2] == waveforms.WAVEFORM:
            trimmed = waveforms.trimmed(self.buffer, elements, path, self.changes, explicit=self.explicit)
            given = {**trimmed, **(given or {})}
        self.elements(elements, level, path, out, given, hollow=hollow)
        if text is not None and held is not None:
            text.held = held
        return b"".join(part for part in out if isinstance(part, bytes))

    def _apply(  # noqa: C901, PLR0911, PLR0912 (a table of actions, one line each)
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
        if op.sequence and vr in _UNKNOWN and kind in _WALKED:
            # The items of a sequence that came as UN are in implicit VR, whatever the file is (PS3.5 6.2.2).
            items = implicit_items(self.buffer, value, length) if items is None else items
            element = (tag, b"SQ", _start, value, length, items)
            self._foreign += 1
            try:
                return self._apply(op, element, level, path, hollow=hollow)
            finally:
                self._foreign -= 1
        if hollow and kind in _VALUED and op.vr != b"UI":
            return self._replaced(op, element, path, BY_VR.get(op.vr, b""), Action.DUMMY)
        if kind == rules.REMOVE:
            return self._removed(element, path, op.origin)
        if kind == rules.DESCEND:
            if items is None:
                return self._apply(op.otherwise, element, level, path)
            child = level.child(tag)
            return sequence(
                tag,
                [self.item(item, child, (*path, tag, index), hollow=hollow) for index, item in enumerate(items)],
                explicit=self.explicit,
            )
        if kind == rules.SPECIAL:
            return self._special(op, element, level, path)
        if kind == rules.CODE:
            return self._replaced(op, element, path, self._codes[op.detail], op.action)
        if items is not None and not op.sequence:
            return self._removed(element, path, op.origin)
        if kind == rules.CLEAN:
            return self._cleaned(op, element, level, path)
        if kind == rules.REMAP:
            return self._replaced(op, element, path, self.uid(self.buffer[value : value + length]), op.action)
        if kind == rules.REPLACE:
            return self._replaced(op, element, path, op.value, op.action)
        return self._removed(element, path, op.origin)

    def _cleaned(self, op: Op, element: Element, level: Level, path: tuple[int, ...]) -> bytes:
        """Return an element cleaned by its kind; what can't be cleaned becomes what its type allows."""
        tag, _vr, _start, value, length, _items = element
        if op.detail in ("structured", "graphics"):
            return self._hooked(op, element, level, path)
        content = self.buffer[value : value + length]
        if not content.strip(b" \0"):
            return encode(tag, op.vr, content, explicit=self.explicit)
        if op.detail == "text":
            return self._cleaned_text(op, element, level, path)
        if op.detail == "date":
            new = self.date(op.value, content)
        elif op.detail == "age":
            new = modes.age(content, self._plan.age_cap)
        else:
            new = modes.named(content, self._pseudonyms.code)
        if new is None:
            return self._apply(op.otherwise, element, level, path)
        return self._replaced(op, element, path, new, Action.CLEAN)

    def _cleaned_text(self, op: Op, element: Element, level: Level, path: tuple[int, ...]) -> bytes:
        tag, _vr, _start, value, length, _items = element
        content, place = self.buffer[value : value + length], (*path, tag)
        if tag == rules.CODE_MEANING and stays(op, content) and not (self._own and self._own.names(content)):
            return encode(tag, op.vr, content, explicit=self.explicit)  # what a dictionary of codes says
        result = self.text.result(content, op.vr, place) if self.text is not None else None
        if result is None:
            return self._apply(op.otherwise, element, level, path)
        if not result.changed:
            return encode(tag, op.vr, content, explicit=self.explicit)
        origin = because(op.origin, result)
        if not result.value.strip(b" \\") and op.otherwise is not None:
            return self._apply(op.otherwise._replace(origin=origin), element, level, path)
        return self._replaced(op._replace(origin=origin), element, path, result.value, Action.CLEAN)

    def _hooked(self, op: Op, element: Element, level: Level, path: tuple[int, ...]) -> bytes:
        """Let content items or graphics be cleaned by those who know them (`cleaning`)."""
        tag, _vr, _start, value, length, items = element
        place = ElementPlace(self, level.child(tag), (*path, tag), op.origin)
        if not op.sequence:
            new = graphics.clean_value(place, op.vr, self.buffer[value : value + length])
            if new is not None:
                return self._replaced(op, element, path, new, Action.CLEAN)
            otherwise = op.otherwise and op.otherwise._replace(origin=f"{op.origin}; {graphics.UNEXAMINED}")
            return self._apply(otherwise, element, level, path)
        clean = structured_content.clean_content if op.detail == "structured" else graphics.clean_annotations
        contents = clean(place, items) if items else None
        if contents is None:
            return self._apply(op.otherwise, element, level, path)
        return sequence(tag, contents, explicit=self.explicit)

    def _with_private(
        self,
        private: PrivateRules,
        elements: list[Element],
        level: Level,
        path: tuple[int, ...],
        given: Mapping[int, list[Part]],
    ) -> dict[int, list[Part]]:
        """Return what is given and the private elements that stay, with the creators that they need."""
        made: dict[int, list[Part]] = {}
        for element, op, creator_tag, creator in private.retained(self.buffer, elements):
            if element[0] in given:
                continue
            piece = self._one(op, element, level, path)
            if piece:
                made[element[0]] = [piece]
                made[creator_tag] = [encode(creator_tag, b"LO", creator, explicit=self.explicit)]
        return {**made, **given}

    def _one(self, op: Op, element: Element, level: Level, path: tuple[int, ...]) -> bytes:
        """Return one new element, as the inner loop would make it."""
        tag, _vr, _start, value, length, items = element
        if op.kind not in _KEPT:
            return self._apply(op, element, level, path)
        content = self.buffer[value : value + length]
        passes = items is None and (op.kind == rules.KEEP or stays(op, content))
        if passes and not (self._own is not None and op.words and self._own.repeats(op.words, content)):
            return encode(tag, op.vr, content, explicit=self.explicit)
        return self._failed(op, element, level, path)

    def _is_personal(self, value: bytes) -> bool:
        """Tell whether a text that an option retains carries a person: what is retained is no place for one."""
        if self._own is not None and self._own.names_patient(value):
            return True
        return self.text is not None and bool(value.strip(b" \0")) and self.text.is_personal(value)

    def _failed(self, op: Op, element: Element, level: Level, path: tuple[int, ...]) -> bytes:
        """Return what becomes of a value that may not stay: of several values, those that may stay do."""
        _tag, _vr, _start, value, length, _items = element
        text = self.text if op.kind == rules.KEEP and op.words == TEXT else None
        if text is not None and text.is_personal(self.buffer[value : value + length]):
            return self._cleaned_text(op, element, level, path)
        if op.otherwise is not None and op.otherwise.action is Action.DUMMY and op.vr == b"CS":
            whole = self.buffer[value : value + length].rstrip(b" \0")
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

    def before(self, element: Element) -> bytes:
        """Return the value of an element as a Change records it."""
        _tag, _vr, _start, value, length, items = element
        if items is not None or not 0 < length <= LONGEST_BEFORE:
            return b""
        return self.buffer[value : value + length]

    def _removed(self, element: Element, path: tuple[int, ...], origin: str) -> bytes:
        self.changes.append(Change((*path, element[0]), Action.REMOVE, origin, self.before(element), None))
        return b""

    def _replaced(self, op: Op, element: Element, path: tuple[int, ...], new: bytes, action: Action) -> bytes:
        tag, _vr, _start, _value, _length, _items = element
        before = self.before(element)
        if before.rstrip(b" \0") != new or _items is not None:
            self.changes.append(Change((*path, tag), action, op.origin, before, new))
        return encode(tag, op.vr, new, explicit=self.explicit)

    def _special(self, op: Op, element: Element, level: Level, path: tuple[int, ...]) -> bytes:
        tag, _vr, _start, _value, _length, items = element
        if tag == rules.ENCAPSULATED_DOCUMENT:
            return self._replaced(op, element, path, op.value, op.action)
        if items is None:
            return self._apply(op.otherwise, element, level, path)
        if tag == rules.CONTENT_SEQUENCE:
            return self._skeleton(op, items, level.child(tag), path)
        dummy = trees.dummy_sequence(tag, explicit=self.explicit, verified=self._verified(items))
        if dummy is not None:
            self.changes.append(Change((*path, tag), op.action, op.origin, b"", b""))
            return dummy
        child = level.child(tag)
        contents = [self.item(item, child, (*path, tag, index), hollow=True) for index, item in enumerate(items)]
        return sequence(tag, contents, explicit=self.explicit)

    def _verified(self, items: list[list[Element]]) -> bytes:
        """Return when a report was first said to be verified, empty when dates do not stay."""
        for item in items[:1]:
            for tag, _vr, _start, value, length, found in item:
                if tag == trees.VERIFIED and found is None:
                    return self.date(b"DT", self.buffer[value : value + length]) or b""
        return b""

    def _skeleton(self, op: Op, items: list[list[Element]], level: Level, path: tuple[int, ...]) -> bytes:
        tag = rules.CONTENT_SEQUENCE
        contents = []
        for index, item in enumerate(items):
            place = (*path, tag, index)
            if trees.states_something(self.buffer, item):
                self.changes.append(Change(place, Action.REMOVE, op.origin, b"", None))
            else:
                contents.append(self.item(item, level, place, hollow=False))
        if not contents:
            if path:
                return b""
            contents = [trees.removed_text_item(explicit=self.explicit)]
        return sequence(tag, contents, explicit=self.explicit)


def _registered(uid: bytes) -> bool:
    return is_registered(uid.decode("latin-1"))


def _tag(element: Element) -> int:
    return element[0]
