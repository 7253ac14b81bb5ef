"""Rules in words, for an officer: which row, option, section, rule and type decided, and what follows."""

import re
from dataclasses import dataclass
from typing import Final

from workbench.profiles.plan import OPTION_WORDS, Plan
from workbench.records.action import Action
from workbench.records.errors import ProfileError
from workbench.records.path import format_tag
from workbench.records.rule import Rule
from workbench.standard import iod, safe_private, sop_classes
from workbench.standard.cid7050 import CODES
from workbench.standard.dictionary import keyword_of, name_of, tag_of, vr_of
from workbench.standard.table import EDITION, PATTERNS, ROWS

ACTION_WORDS: Final = {
    Action.KEEP: "kept as it is; of a sequence, its items are walked",
    Action.REMOVE: "removed",
    Action.EMPTY: "emptied",
    Action.DUMMY: "replaced by a dummy value",
    Action.REMAP: "replaced by a new UID, the same for every occurrence",
    Action.CLEAN: "cleaned",
    Action.CHECK: "kept when it is made of known terms",
    Action.SET: "replaced by the text of the profile",
    Action.CODE: "replaced by a pseudonym",
}

CODE_WORDS: Final = {
    "K": "keep",
    "X": "remove",
    "Z": "empty",
    "D": "replace by a dummy value",
    "U": "replace by a new UID",
    "C": "clean",
    "V": "keep when made of known terms",
    "=": "replace by a text",
    "#": "replace by a pseudonym",
    "X/Z": "remove, or empty where the object needs the attribute",
    "X/D": "remove, or replace by a dummy value where the object needs one",
    "Z/D": "empty, or replace by a dummy value where the object needs one",
    "X/Z/D": "remove, or empty or replace by a dummy value where the object needs it",
    "X/Z/U*": "remove, empty, or keep the items with new UIDs",
}

_TYPE_WORDS = {
    "1": "must be there with a value",
    "1C": "must be there with a value when its condition holds",
    "2": "must be there and may be empty",
    "2C": "must be there when its condition holds and may be empty",
    "3": "may be missing",
}
_OPTIONS = {word: name for name, word in OPTION_WORDS.items()}
_TAIL = re.compile(r"^(?P<head>.*?)(?: (?P<code>[A-Z#=V/*]+))?(?:, but Type (?P<but>\w+)| at Type (?P<at>\w+))$")
_WRITTEN = re.compile(r"^(?P<head>.*), but written as (?P<vr>\w+)$")
_ROW = re.compile(r"^E\.1-1 \((?P<group>[0-9A-F]{4}),(?P<element>[0-9A-F]{4})\)(?: (?P<option>\w+))?$")
_PRIVATE = re.compile(
    r"^(?P<list>E\.3\.10-1|TCIA) (?P<tag>\([0-9A-F]{4},[0-9A-F]{4}\))(?: RetainSafePrivate)?(?P<rest>.*)$"
)
_UNCLEAN = ", but not cleanable"

KIND_WORDS: Final = {
    "date": "dates and times follow the date mode of the profile",
    "text": "word by word: what is known to be harmless stays",
    "term": "kept when it is made of known terms, whole or not at all",
    "age": "an age above the cap of the profile is written as 090Y",
    "code": "replaced by a pseudonym of the device or site, the same wherever it occurs",
    "graphics": "annotations are cleaned one by one",
    "structured": "content items are judged one by one by Table E.3.4-1",
}
"""`Rule.kind` of a value that is cleaned, in words."""

_LISTS = {"E.3.10-1": "Table E.3.10-1 of PS3.15", "TCIA": "the private tag knowledge base of TCIA"}
_NAMES = safe_private.NAMES
_PRIVATE_PLACE = re.compile(
    r"^\(?(?P<group>[0-9A-Fa-f]{4}),\"?(?P<creator>[^\"/]+?)\"?,(?:xx)?(?P<byte>[0-9A-Fa-f]{2})\)?$"
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happens to an attribute and why. `sentences` says it in words; the other fields are their facts."""

    path: tuple[int, ...]
    keyword: str
    name: str
    vr: str
    row_code: str
    option_letters: tuple[tuple[str, str], ...]
    sop_class: str | None
    attribute_type: str | None
    rule: Rule
    sentences: tuple[str, ...]


def explain(plan: Plan, tag_or_keyword: str | tuple[int, ...], sop_class: str | None = None) -> Explanation:
    """Explain what the plan does with an attribute.

    Takes a keyword (`PatientName`), a tag (`0010,0010`, `(0010,0010)`, `00100010`), several of them joined by `/` for
    a nested place, or a tag path; of a private attribute group, creator and byte (`2001,Philips Imaging DD 001,03`).
    Without a SOP class the rule is shown as for a class whose IOD is not known.

    Raises
    ------
    ProfileError
        `unknown-keyword`, when the text names no attribute.
    """
    private = _PRIVATE_PLACE.match(tag_or_keyword.strip()) if isinstance(tag_or_keyword, str) else None
    if private:
        return _explain_private(plan, private["creator"], int(private["group"] + "00" + private["byte"], 16))
    path = _path(tag_or_keyword) if isinstance(tag_or_keyword, str) else tag_or_keyword
    tag = path[-1]
    vr = (vr_of(tag) or "UN").split(" ")[0]
    rule = plan.for_sop_class(sop_class or "").rule(path, vr)
    row = ROWS.get(tag)
    letters = dict(row.options) if row else {}
    found = iod.attribute_type(sop_class, path) if sop_class else None
    sentences = (
        *_about_row(tag, plan),
        words(rule.origin),
        *((f"Reason in the profile: {rule.why}.",) if rule.why else ()),
        *_about_type(path, sop_class, found),
        _result(rule),
    )
    return Explanation(
        path=path,
        keyword=keyword_of(tag),
        name=name_of(tag),
        vr=vr_of(tag) or "",
        row_code=row.basic if row else "",
        option_letters=tuple(sorted(letters.items())),
        sop_class=sop_class,
        attribute_type=found,
        rule=rule,
        sentences=sentences,
    )


def _explain_private(plan: Plan, creator: str, tag: int) -> Explanation:
    row = safe_private.find(tag >> 16, creator, tag & 0xFF, plan.private_table)
    rule = plan.private_rule(creator, tag, "UN")
    place = f"({tag >> 16:04X},{creator},{tag & 0xFF:02X})"
    about = f"{place} {row.meaning or 'without a name'} is on the list." if row else f"{place} is not on the list."
    level = (
        f"The profile retains private attributes at the level {plan.private}, by {_LISTS[_NAMES[plan.private_table]]}."
    )
    return Explanation(
        path=(tag,),
        keyword="",
        name=row.meaning if row else "Private Attribute",
        vr=row.vr if row else "",
        row_code="X",
        option_letters=(("retain_safe_private", "C"),),
        sop_class=None,
        attribute_type=None,
        rule=rule,
        sentences=(level, about, words(rule.origin), _result(rule)),
    )


def words(origin: str) -> str:
    """Turn the origin of a rule, as changes carry it, into one sentence."""
    written = _WRITTEN.match(origin)
    if written:
        return (
            f"{words(written['head'])} The file wrote it as {written['vr']}, which it cannot be, so it does not stay."
        )
    tail = _TAIL.match(origin)
    if tail is None:
        return f"{_head(origin, alone=True)}."
    code, kind = tail["code"] or "", tail["but"] or tail["at"]
    meaning = f" (code {code}: {CODE_WORDS[code]})" if code in CODE_WORDS else ""
    type_words = _TYPE_WORDS.get(kind, "")
    head = _head(tail["head"], alone=False)
    if tail["but"]:
        return (
            f"{head}{meaning}, but the attribute is Type {kind} in this object ({type_words}): the least that keeps "
            "the object valid was done."
        )
    if kind == "unknown":
        return f"{head}{meaning}; the object does not need the attribute, as far as its IOD is known."
    return f"{head}{meaning}; the attribute is Type {kind} in this object and {type_words}."


def _head(origin: str, *, alone: bool) -> str:
    """Return who decided; with `alone` and what, where nothing follows that says it."""
    written = _WRITTEN.match(origin)
    if written:
        head = _head(written["head"], alone=alone)
        return f"{head}, but the file wrote it as {written['vr']}, which it cannot be, so the value does not stay"
    if origin.endswith(_UNCLEAN):
        head = _head(origin.removesuffix(_UNCLEAN), alone=False)
        return f"{head}, but such a value cannot be cleaned, so the basic profile holds"
    listed = _PRIVATE.match(origin)
    if listed:
        return _private_words(listed["list"], listed["tag"], listed["rest"])
    row = _ROW.match(origin)
    if row:
        return _row_words(int(row["group"] + row["element"], 16), row["option"] or "", alone=alone)
    section, _, rest = origin.partition(" ")
    texts = {
        "E.1-1": f"The row on {rest} of PS3.15 Table E.1-1 ({EDITION}) decides: remove",
        "unlisted": _unlisted_words(rest),
        "structure": f"It has no place in a released data set ({rest}); the writer makes its own",
    }
    return texts.get(section) or _profile_words(rest)


def _unlisted_words(rest: str) -> str:
    kind, _, option = rest.rpartition(" ")
    if option in _OPTIONS and kind:
        return f"Table E.1-1 does not name it; it follows the {CODES[_OPTIONS[option]].meaning} (unlisted {kind})"
    return f"Table E.1-1 does not name it; the profile's section on unlisted attributes decides (unlisted {rest})"


def _private_words(table: str, tag: str, rest: str) -> str:
    lists = f"The private attribute {tag} is listed by {_LISTS[table]}"
    if rest.startswith(", beyond the level "):
        return (
            f"{lists}, but the level {rest.removeprefix(', beyond the level ')} of the profile does not let its VR stay"
        )
    if rest.startswith(", but"):
        return f"{lists}, but the file wrote it with another VR"
    return f"{lists}, and the profile lets it stay"


def _row_words(tag: int, option: str, *, alone: bool) -> str:
    text = f"Row {format_tag(tag)} {name_of(tag)} of PS3.15 Table E.1-1 ({EDITION}) decides"
    if option in _OPTIONS:
        return f"{text}, with the {CODES[_OPTIONS[option]].meaning}"
    code = ROWS[tag].basic if tag in ROWS else ""
    return f"{text}: {CODE_WORDS[code]}" if alone and code in CODE_WORDS else text


def _profile_words(text: str) -> str:
    profile, _, rest = text.partition(" ")
    if rest.startswith("rule "):
        return f"The profile {profile} decides by its rule for {rest.removeprefix('rule ')}"
    return f"The profile {profile} decides by its section on the patient ({rest})"


def _about_row(tag: int, plan: Plan) -> tuple[str, ...]:
    row = ROWS.get(tag)
    if row is None:
        pattern = next((each for each in PATTERNS if each.matches(tag)), None)
        if pattern is not None:
            return (f"Table E.1-1 has the row {pattern.text} {pattern.name}: {CODE_WORDS[pattern.basic]}.",)
        return (f"{name_of(tag)} {format_tag(tag)} has no row in Table E.1-1.",)
    text = f"{row.name} {format_tag(tag)} has a row in Table E.1-1: basic profile {row.basic} ({CODE_WORDS[row.basic]})"
    active = [f"{CODES[option].meaning} {row.options[option]}" for option in plan.options if option in row.options]
    return (f"{text}; options of this profile: {', '.join(active)}." if active else f"{text}.",)


def _about_type(path: tuple[int, ...], sop_class: str | None, found: str | None) -> tuple[str, ...]:
    if not sop_class:
        return ()
    name = sop_classes.name_of(sop_class) or "this SOP class"
    if found is None:
        return (f"{name}: the IOD does not have the attribute there, or is not known.",)
    modules = ", ".join(sorted({place.module for place in iod.places(sop_class, path) if place.type == found}))
    return (f"{name}: Type {found} ({_TYPE_WORDS[found]}) in {modules}.",)


def _result(rule: Rule) -> str:
    text = f"Result: {rule.action.value}, {ACTION_WORDS[rule.action]}"
    if rule.action is Action.CLEAN and rule.kind in KIND_WORDS:
        text = f"{text}: {KIND_WORDS[rule.kind]}"
    if rule.action in {Action.CHECK, Action.CLEAN}:
        return f"{text}; otherwise {ACTION_WORDS[rule.fallback]}."
    return f"{text}."


def _path(text: str) -> tuple[int, ...]:
    return tuple(_tag(step) for step in text.strip().strip("/").split("/"))


def _tag(text: str) -> int:
    digits = text.strip().strip("()").replace(",", "")
    if re.fullmatch(r"[0-9A-Fa-f]{8}", digits):
        return int(digits, 16)
    tag = tag_of(text.strip())
    if tag is None:
        raise ProfileError(
            "unknown-keyword",
            "The standard has no attribute of this name.",
            "Give a keyword such as PatientName, or a tag such as 0010,0010; join nested ones with /.",
        )
    return tag
