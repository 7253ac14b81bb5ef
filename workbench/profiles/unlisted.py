"""Rules for attributes that Table E.1-1 does not name, by structure and by VR.

The VR of the dictionary decides. What a file writes instead can only make the decision stricter: a person name that
comes as LO, text that comes as numbers and numbers that come as bytes are not what the dictionary promises.
"""

from typing import NamedTuple

from workbench.profiles.model import VERBS, Unlisted

_KINDS = {
    "PN": "person",
    "DA": "date",
    "TM": "date",
    "DT": "date",
    "UR": "url",
    "AE": "application_entity",
    "UI": "uid",
    "LO": "text",
    "SH": "text",
    "ST": "text",
    "LT": "text",
    "UT": "text",
    "UC": "text",
    "CS": "code_string",
    "AS": "age",
    "DS": "number_string",
    "IS": "number_string",
    "SQ": "sequence",
} | dict.fromkeys(("US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT"), "number")
_ALWAYS_AS_WRITTEN = {"person", "date", "url", "application_entity"}
_FAMILY = {"number": "number", "sequence": "sequence", "binary": "binary"}


class UnlistedRule(NamedTuple):
    """Code of the standard or of the profile, and the name of the rule (`unlisted LO`)."""

    code: str
    origin: str


def kind_of(vr: str) -> str:
    """Return the kind of a VR: a name of `Unlisted`; what is not known is `binary`."""
    return _KINDS.get(vr, "binary")


def structural(tag: int) -> str | None:
    """Return the name of the rule that removes this element for its place in the tag space, None when there is none.

    Group 0000 belongs to messages, 0002 and 0004 to files; the writer makes its own. Group lengths are stale after
    any change (PS3.5 7.2). FFFC,FFFC is padding.
    """
    group = tag >> 16
    if group in {0x0000, 0x0002, 0x0004}:
        return f"structure group {group:04X}"
    if tag & 0xFFFF == 0:
        return "structure group length"
    if group >= 0xFFFA:
        return "structure trailing group"
    return None


def consistent(dictionary_vr: str, vr: str) -> bool:
    """Tell whether the VR as written is of the same family as the dictionary's."""
    allowed = dictionary_vr.split(" or ")
    return vr in allowed or _family(vr) in {_family(each) for each in allowed}


def rule_for(tag: int, dictionary_vr: str | None, vr: str, unlisted: Unlisted) -> UnlistedRule:
    """Return the rule for an attribute without row; `dictionary_vr` is None when the dictionary does not have it."""
    if dictionary_vr is None:
        return UnlistedRule(VERBS[unlisted.unknown], "unlisted unknown attribute")
    written = kind_of(vr)
    if written in _ALWAYS_AS_WRITTEN:
        return UnlistedRule(VERBS[getattr(unlisted, written)], f"unlisted {vr}")
    if not consistent(dictionary_vr, vr):
        return UnlistedRule(VERBS[unlisted.binary], f"unlisted {dictionary_vr} written as {vr}")
    expected = dictionary_vr if " or " not in dictionary_vr else vr
    kind = kind_of(expected)
    if kind == "uid" and tag in unlisted.uid_kept:
        return UnlistedRule("K", "unlisted UI of a class or scheme")
    if kind == "binary" and tag in unlisted.binary_kept:
        return UnlistedRule("K", "unlisted binary structure")
    return UnlistedRule(VERBS[getattr(unlisted, kind)], f"unlisted {expected}")


def _family(vr: str) -> str:
    return _FAMILY.get(kind_of(vr), "text")
