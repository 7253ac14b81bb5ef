"""Rules for private attributes under Retain Safe Private (PS3.15 E.3.10): by the list, by level, and by VR.

An entry of a list is group, creator and the byte of the element within the creator's block, which moves (PS3.5 7.8.1).
What no list names is removed. Each level adds to the one before:

`numeric`
    numbers, and sequences, whose items are walked: what is in them must be listed too;
`coded`
    code strings made of known terms, and UIDs, which are replaced;
`listed`
    everything on the list: text and ages are cleaned, dates follow the mode of the profile, bytes are kept.
"""

from collections.abc import Mapping
from typing import Final

from workbench.profiles.model import KINDS, VERBS, PrivateRule
from workbench.profiles.unlisted import consistent
from workbench.records.action import Action
from workbench.records.path import format_tag
from workbench.records.rule import Rule
from workbench.standard import safe_private

_NUMERIC: Final = {
    **dict.fromkeys(("US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT", "SQ"), ("K", "")),
    **dict.fromkeys(("DS", "IS"), ("V", "number")),
}
_CODED: Final = {**_NUMERIC, "CS": ("V", "term"), "UI": ("U", "")}
_LISTED: Final = {
    **_CODED,
    **dict.fromkeys(("LO", "SH", "ST", "LT", "UT", "UC"), ("C", "text")),
    **dict.fromkeys(("DA", "TM", "DT"), ("C", "date")),
    **dict.fromkeys(("OB", "OW", "OF", "OD", "OL", "OV"), ("K", "")),
    "AS": ("C", "age"),
}
_BYTES: Final = frozenset(("OB", "OW", "OF", "OD", "OL", "OV"))

LEVELS: Final[dict[str, dict[str, tuple[str, str]]]] = {"numeric": _NUMERIC, "coded": _CODED, "listed": _LISTED}
"""Level → VR of the list → code and kind of the rule. PN, AE, UR and UN are in none."""


def private_rule(creator: str, tag: int, vr: str, *, level: str, table: str, dates: str, age_cap: int) -> Rule:
    """Return the rule for a private attribute; see `Plan.private_rule`."""
    row = safe_private.find(tag >> 16, creator, tag & 0xFF, table) if level in LEVELS else None
    if row is None:
        return Rule("X", Action.REMOVE, "E.1-1 private attributes")
    origin = f"{safe_private.NAMES[table]} {format_tag(tag & 0xFFFF00FF)}"
    meant = row.vr or vr  # a few rows do not tell; then the file does
    if vr != "UN" and not consistent(meant, vr):
        return Rule("X", Action.REMOVE, f"{origin}, but written as {vr}")
    read_as = meant.split(" ")[0] if vr == "UN" else vr
    found = LEVELS[level].get(read_as)
    if found is None:
        return Rule("X", Action.REMOVE, f"{origin}, beyond the level {level}")
    code, kind = _of_mode(*found, dates=dates, age_cap=age_cap)
    return Rule(code, Action(code), f"{origin} RetainSafePrivate", kind=kind, vr=read_as)


def by_profile(rule: PrivateRule, vr: str, *, level: str, table: str) -> Rule:
    """Return what a rule of the profile says of a private attribute that came with this VR.

    Bytes stay only when the list has them at this level: nobody can answer for what nobody can read.
    """
    origin = f"profile {rule.source} rule {rule.path}"
    read_as = (rule.vr or "UN") if vr == "UN" else vr
    kept = rule.verb != "remove"
    if kept and (read_as not in _LISTED or (rule.vr and vr != "UN" and not consistent(rule.vr, vr))):
        return Rule("X", Action.REMOVE, f"{origin}, but written as {vr}", rule.why)
    if kept and read_as in _BYTES:
        row = safe_private.find(rule.group, rule.creator, rule.element, table)
        if row is None or read_as not in LEVELS.get(level, {}):
            return Rule("X", Action.REMOVE, f"{origin}, but written as {vr}", rule.why)
    code = VERBS[rule.verb]
    kind = KINDS.get(rule.verb) or (_LISTED.get(read_as, ("", ""))[1] if code in {"C", "V"} else "")
    return Rule(code, Action(code), origin, rule.why, kind=kind, vr=read_as if kept else "")


def listed(level: str, table: str, own: Mapping[tuple[int, str, int], PrivateRule]) -> frozenset[tuple[int, str, int]]:
    """Return what may stay at a level and by rules of the profile, as (group, creator, byte of the element)."""
    known = LEVELS.get(level, {})
    kept = {place for place, rule in own.items() if rule.verb != "remove"}
    gone = own.keys() - kept
    return (_listed(known, table) | kept) - gone


def _listed(known: Mapping[str, tuple[str, str]], table: str) -> frozenset[tuple[int, str, int]]:
    return frozenset(
        (row.group, row.creator, row.element)
        for row in (safe_private.safe_private(table) if known else ())
        if not row.vr or any(vr in known for vr in row.vr.split(" or "))
    )


def _of_mode(code: str, kind: str, *, dates: str, age_cap: int) -> tuple[str, str]:
    """Let dates and ages follow the modes of the profile."""
    if kind == "date" and dates in {"removed", "full"}:
        return ("X", "") if dates == "removed" else ("K", "")
    if kind == "age" and not age_cap:
        return "K", ""
    return code, kind
