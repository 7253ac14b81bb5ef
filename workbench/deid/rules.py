"""The plan as the engine's inner loop wants it: per sequence, a table from tag to what is to be done.

A level is compiled while it is first met; a series of a thousand instances asks the plan about each attribute once.
"""

import re
from typing import NamedTuple

from workbench.deid.checks import SIZES, TEXT_VRS, is_character_set, may_stay
from workbench.deid.dates import well_formed
from workbench.deid.dummies import BY_VR, blank_pdf, srgb_profile
from workbench.deid.own_values import CODE_STRING, NOTHING, NUMBER, TEXT
from workbench.dicom.elements import BULK, PIXEL_DATA
from workbench.profiles.plan import ClassPlan
from workbench.records.action import Action
from workbench.records.rule import Rule
from workbench.standard.dictionary import vr_of
from workbench.standard.uids import is_common

KEEP, REMOVE, REPLACE, REMAP, CHECK, DESCEND, CODE, SPECIAL, CLEAN = range(9)

CONTENT_SEQUENCE = 0x0040A730
VERIFYING_OBSERVER = 0x0040A073
GRAPHIC_ANNOTATION = 0x00700001
PERSON_IDENTIFICATION = 0x00401101
ENCAPSULATED_DOCUMENT = 0x00420011
ICC_PROFILE = 0x00282000

CHARACTER_SET = 0x00080005
CODE_MEANING = 0x00080104
CODES = frozenset({0x00080100, 0x00080102, 0x00080103, 0x00080119})
"""Code Value, Coding Scheme Designator and Version, Long Code Value (PS3.3 8.1, 8.2)."""
TIMEZONE = 0x00080201

DATES = frozenset({b"DA", b"TM", b"DT"})
NAMING = frozenset({b"AE", b"CS", b"LO", b"SH", b"UC"})
"""VRs that can hold the pseudonym of a device: text of at least 16 characters without a form of its own."""

MOST_REMEMBERED = 20_000
LONGEST_REMEMBERED = 4096

WELL_KNOWN_ROOT = b"1.2.840.10008."

_UID = re.compile(rb"\d+(?:\.\d+)*")
_CODE = re.compile(rb"(?=[^ ]*\d)[A-Za-z0-9._:-]+|[A-Za-z0-9_-]{1,4}")
"""A code, scheme or version that no dictionary knows: one token with a digit in it, or a few letters. No word is."""


class Op(NamedTuple):
    """What is done to one attribute at one place.

    `kind` is one of the constants above, `action` the letter that a Change carries, `value` what replaces the
    value (REPLACE), `vr` the VR under which the attribute is checked, `otherwise` what happens to a value that does
    not pass (CHECK, CLEAN, or KEEP of text that names the patient). `detail` names the pseudonym (CODE) or says how a
    value is cleaned (`Rule.kind`). `words` says how the value may repeat an identity (`own_values`).
    """

    kind: int
    action: Action
    origin: str
    tag: int
    vr: bytes
    value: bytes
    sequence: bool
    otherwise: "Op | None"
    detail: str = ""
    words: int = NOTHING


_WORDS = {**dict.fromkeys(TEXT_VRS, TEXT), b"CS": CODE_STRING, b"DS": NUMBER, b"IS": NUMBER}

_NESTED_PIXELS = Op(
    kind=REMOVE,
    action=Action.REMOVE,
    origin="structure pixels below the top level",
    tag=PIXEL_DATA,
    vr=b"OB",
    value=b"",
    sequence=False,
    otherwise=None,
)
"""An icon may show what the image shows; other items have no pixels (PS3.3 C.7.6.1.1.6, F.7)."""


class Level:
    """The attributes of one sequence (or of the top level, with an empty path)."""

    __slots__ = ("_children", "_plan", "ops", "path", "seen")

    def __init__(self, plan: ClassPlan, path: tuple[int, ...]) -> None:
        self._plan = plan
        self.path = path
        self.ops: dict[tuple[int, bytes], Op] = {}
        self.seen: dict[tuple[int, bytes, bytes], bool] = {}
        """Values that were checked, by tag and VR as written, and whether they may stay."""
        self._children: dict[int, Level] = {}

    def child(self, tag: int) -> "Level":
        """Return the level of the items of a sequence."""
        found = self._children.get(tag)
        if found is None:
            found = self._children[tag] = Level(self._plan, (*self.path, tag))
        return found

    def remember(self, tag: int, vr: bytes, value: bytes, *, passes: bool) -> bool:
        """Keep the answer for a value, as long as there are not too many, and return it."""
        if len(value) <= LONGEST_REMEMBERED:
            if len(self.seen) >= MOST_REMEMBERED:
                self.seen.clear()
            self.seen[tag, vr, value] = passes
        return passes

    def compile(self, tag: int, vr: bytes) -> Op:
        """Ask the plan about an attribute and remember the answer."""
        path = (*self.path, tag)
        if self.path and tag in BULK:
            op = self.ops[tag, vr] = _NESTED_PIXELS
            return op
        # A known attribute under UN holds what its own VR would (PS3.5 6.2.2), and is judged as that.
        written = vr if vr not in (b"UN", b"") else (vr_of(tag) or "UN")[:2].encode()
        rule = self._plan.rule(path, written.decode("ascii"))
        op = self.ops[tag, vr] = compile_rule(rule, tag, written, rule.fallback)
        return op


def compile_rule(  # noqa: C901, PLR0911 (a table of actions)
    rule: Rule, tag: int, vr: bytes, least: Action, *, defined: str | None = None
) -> Op:
    """Return the operation for a resolved rule; `least` is the least that the type allows (X, Z or D).

    `defined` is the VR that the attribute has to have, for those that the dictionary does not know.
    """
    if vr == b"SQ":
        return _sequence(rule, tag, least)
    action = rule.action
    if action is Action.KEEP or tag == CHARACTER_SET:
        return _kept(rule, tag, vr, least, defined or vr_of(tag))
    if action is Action.CLEAN:
        return _cleaned(rule, tag, vr, least)
    if action is Action.CHECK:
        return _op(CHECK, rule, tag, vr, otherwise=_fallback(rule, tag, vr, least))
    if action is Action.REMAP and vr != b"UI":
        return _fallback(rule, tag, vr, least)
    if action is Action.DUMMY and vr == b"UI":
        return _op(REMAP, rule, tag, vr, action=Action.REMAP)
    kinds = {Action.REMOVE: REMOVE, Action.REMAP: REMAP}
    if action is Action.CODE:
        return _op(CODE, rule, tag, (vr_of(tag) or "LO").encode(), detail=rule.kind)
    if action in kinds:
        return _op(kinds[action], rule, tag, vr)
    if action is Action.DUMMY and tag == ENCAPSULATED_DOCUMENT:
        return _op(SPECIAL, rule, tag, b"OB", value=blank_pdf())
    if action is Action.DUMMY and tag == ICC_PROFILE:
        return _op(REPLACE, rule, tag, b"OB", value=srgb_profile())
    value = {Action.EMPTY: b"", Action.SET: rule.text.encode()}.get(action)
    return _op(REPLACE, rule, tag, vr, value=BY_VR[vr] if value is None else value)


def _kept(  # noqa: PLR0911 (a table of kinds)
    rule: Rule, tag: int, vr: bytes, least: Action, defined: str | None
) -> Op:
    """What is kept must at least be what the dictionary promises, and fit its VR."""
    if tag == CHARACTER_SET:
        # Without a valid one the default repertoire holds, and no other text stays.
        removed = _op(REMOVE, rule, tag, vr, action=Action.REMOVE)
        return _op(CHECK, rule, tag, vr, otherwise=removed) if vr == b"CS" and rule.action is Action.KEEP else removed
    if defined is None or vr.decode("ascii") not in defined.split(" or "):
        return _fallback(rule, tag, vr, least)
    if vr == b"UI":
        # A UID that stays for its structure is a class, a scheme or a context group, or an identifier after all.
        remapped = _op(REMAP, rule, tag, vr, action=Action.REMAP)
        return _op(CHECK, rule, tag, vr, otherwise=remapped, detail="" if rule.origin.startswith("unlisted") else "uid")
    if vr in SIZES and tag != PIXEL_DATA:
        return _op(CHECK, rule, tag, vr, otherwise=_fallback(rule, tag, vr, least))
    if vr in DATES or tag == TIMEZONE:
        return _op(CHECK, rule, tag, vr, otherwise=_fallback(rule, tag, vr, least), detail="date")
    if vr == b"AS":
        return _op(CLEAN, rule, tag, vr, otherwise=_fallback(rule, tag, vr, least), detail="age")
    if tag in CODES:
        return _op(CHECK, rule, tag, vr, otherwise=_fallback(rule, tag, vr, least), detail="code")
    return _op(KEEP, rule, tag, vr, otherwise=_fallback(rule, tag, vr, least) if vr in TEXT_VRS else None)


def _cleaned(rule: Rule, tag: int, vr: bytes, least: Action) -> Op:
    """What is cleaned by its kind; a value of a VR that the kind does not fit is checked whole, or does not stay."""
    otherwise = _fallback(rule, tag, vr, least)
    kind = rule.kind
    if kind == "date":
        defined = (vr_of(tag) or "")[:2].encode()
        read_as = defined if defined in DATES else vr
        fits = read_as in DATES and (vr in DATES or vr in TEXT_VRS)
        return _op(CLEAN, rule, tag, vr, value=read_as, otherwise=otherwise, detail="date") if fits else otherwise
    if (
        (kind == "text" and vr in TEXT_VRS)
        or (kind == "age" and vr == b"AS")
        or (kind == "code" and vr in NAMING)
        or kind == "graphics"
    ):
        return _op(CLEAN, rule, tag, vr, otherwise=otherwise, detail=kind)
    return _op(CHECK, rule, tag, vr, otherwise=otherwise)


def _op(
    kind: int,
    rule: Rule,
    tag: int,
    vr: bytes,
    *,
    action: Action | None = None,
    value: bytes = b"",
    otherwise: Op | None = None,
    detail: str = "",
) -> Op:
    words = _WORDS.get(vr, NOTHING)
    return Op(kind, action or rule.action, rule.origin, tag, vr, value, vr == b"SQ", otherwise, detail, words)


def _fallback(rule: Rule, tag: int, vr: bytes, least: Action) -> Op:
    """What becomes of a value that may not stay: as little as the type allows."""
    if least is Action.REMOVE:
        return _op(REMOVE, rule, tag, vr, action=Action.REMOVE)
    if vr == b"UI" and least is Action.DUMMY:
        return _op(REMAP, rule, tag, vr, action=Action.REMAP)
    return _op(REPLACE, rule, tag, vr, action=least, value=b"" if least is Action.EMPTY else BY_VR.get(vr, b""))


def _sequence(rule: Rule, tag: int, least: Action) -> Op:  # noqa: PLR0911 (a table of actions)
    action = rule.action
    if action is Action.REMOVE:
        return _op(REMOVE, rule, tag, b"SQ")
    if action is Action.EMPTY:
        return _op(REPLACE, rule, tag, b"SQ")
    if action is Action.DUMMY:
        if tag == GRAPHIC_ANNOTATION:  # conditional: no annotation is better than a made-up one
            return _op(REMOVE, rule, tag, b"SQ", action=Action.REMOVE)
        return _op(SPECIAL, rule, tag, b"SQ", otherwise=_fallback(rule, tag, b"SQ", Action.EMPTY))
    if action is Action.CLEAN and rule.kind in ("structured", "graphics"):
        return _op(CLEAN, rule, tag, b"SQ", otherwise=_fallback(rule, tag, b"SQ", least), detail=rule.kind)
    if action in (Action.KEEP, Action.CHECK, Action.CLEAN, Action.REMAP):
        return _op(DESCEND, rule, tag, b"SQ", otherwise=_fallback(rule, tag, b"SQ", least))
    return _fallback(rule, tag, b"SQ", least)


def stays(op: Op, value: bytes) -> bool:
    """Whether a value passes the check of its operation."""
    if op.detail == "date":
        return well_formed(b"SH" if op.tag == TIMEZONE else op.vr, value)
    if op.detail == "uid":
        return all(len(part) <= 64 and _UID.fullmatch(part) for part in value.rstrip(b"\0 ").split(b"\\") if part)
    if op.detail == "code" and _CODE.fullmatch(value.strip(b" \0")):
        return True
    if op.vr == b"UI":
        return all(is_common(part.decode("latin-1")) for part in value.rstrip(b"\0 ").split(b"\\") if part)
    if op.tag == CHARACTER_SET:
        return is_character_set(value)
    return may_stay(op.tag, op.vr, value)
