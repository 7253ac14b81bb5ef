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

from typing import Final

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


def listed(level: str, table: str) -> frozenset[tuple[int, str, int]]:
    """Return what may stay at a level, as (group, creator, byte of the element)."""
    known = LEVELS.get(level, {})
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
