"""A profile into a recipe of the deid package, with what a recipe cannot say.

A recipe is weaker than a profile: it knows no types, no keys, no checks of values and no place but a name. Where it
cannot say what the profile does it removes or empties, so that what the profile takes away does not stay; what it
would let through all the same is said in its comments and in the report.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.profiles.interchange.fields import public
from workbench.profiles.interchange.outcomes import CLAIMS
from workbench.profiles.plan import Decision, Plan
from workbench.standard.dictionary import keyword_of, vr_of

_DUMMIES = {
    **dict.fromkeys(("LO", "SH", "ST", "LT", "UT", "UC", "PN", "CS", "AE"), "ANONYMIZED"),
    **dict.fromkeys(("DS", "IS", "US", "SS", "UL", "SL", "UV", "SV", "FL", "FD"), "0"),
    "DA": "19000101",
    "DT": "19000101000000",
    "TM": "000000",
    "AS": "000D",
    "UR": "urn:anonymized",
}
_REASONS = {
    "types": "Types: what the standard requires differs by object; here one action holds for all.",
    "uids": "UIDs are made by a hash without a key: whoever has the originals can confirm a match.",
    "codes": "Codes of patients and orders need the crosswalk of the workbench; here the identifiers are emptied.",
    "dates": "Dates are not shifted by an offset of each patient: a recipe has one number for all. They are removed.",
    "text": "Text is neither cleaned word by word nor held to known terms; it is emptied.",
    "checked": "Codes, numbers written as text and UIDs of classes (VR CS, DS, IS, AS, UI) are not checked.",
    "paths": "Rules for one place among others are left out: a recipe means an attribute wherever it stands.",
    "private": "Private attributes that the profile keeps as safe are removed: a recipe would not check them.",
}
_ALWAYS = (
    "Preamble, file meta information, bytes behind the data set, comments in frames and unused bits of pixels stay.",
    "What was done is not written into the object as method codes; only that it was de-identified.",
    "Nothing is verified: search the result with `workbench verify`.",
)
_TEXTS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
_NAMED_IN_COMMENTS = 40


@dataclass(frozen=True, slots=True)
class Exported:
    """A recipe, and what it cannot say: reasons with the attributes that they hold for."""

    recipe: str
    left_out: dict[str, tuple[str, ...]]

    def document(self) -> dict[str, object]:
        """Return the report as it is written."""
        left = [{"reason": reason, "attributes": list(names)} for reason, names in self.left_out.items()]
        return {"recipe": self.recipe, "cannot_be_said": left}


def export_recipe(plan: Plan) -> Exported:
    """Return a recipe that comes as near to a plan as its language allows."""
    lines: list[str] = []
    reasons: dict[str, list[str]] = defaultdict(list)
    for tag in sorted(public()):
        vr = (vr_of(tag) or "UN").split(" ")[0]
        keyword = keyword_of(tag)
        decision = plan.decide((tag,), vr)
        line, why = _said(keyword, vr, decision) if tag not in CLAIMS else ("", "")
        if line:
            lines.append(line)
        if why:
            reasons[why].append(keyword)
    for rules in plan.rules.values():
        reasons["paths"] += [rule.path for rule in rules if len(rule.pattern) > 1 or rule.anchored]
    if plan.private != "remove" or any(rule.verb != "remove" for rule in plan.private_rules.values()):
        reasons["private"] = []
    left = {_REASONS[why]: tuple(names) for why, names in reasons.items() if names or why == "private"}
    left |= dict.fromkeys(_ALWAYS, ())
    return Exported("\n".join([*_head(plan, left), *lines, *_tail()]) + "\n", left)


def _said(keyword: str, vr: str, decision: Decision) -> tuple[str, str]:
    """Return the line for an attribute, and the reason why it is not quite what the profile does."""
    letters = decision.code.rstrip("*").split("/")
    dates, blank = decision.kind == "date", f"BLANK {keyword}"
    said = {
        "K": ("", "checked" if vr == "UI" else ""),
        "V": (blank, "text") if vr in _TEXTS else ("", "checked"),
        "C": (f"REMOVE {keyword}", "dates") if dates else (blank, "text"),
        "U": (f"REPLACE {keyword} deid_func:pydicom_uuid", "uids"),
        "#": (blank, "codes"),
        "=": (f"REPLACE {keyword} {decision.text}", ""),
    }
    if letters[0] in said:
        return said[letters[0]]
    why = "types" if len(letters) > 1 else ""
    if "D" in letters and vr in _DUMMIES:
        return f"REPLACE {keyword} {_DUMMIES[vr]}", why
    return (f"REMOVE {keyword}" if letters == ["X"] or vr == "SQ" else blank), why


def _head(plan: Plan, left: dict[str, tuple[str, ...]]) -> Iterator[str]:
    yield "FORMAT dicom"
    yield ""
    yield f"# Exported from the profile {plan.profile} version {plan.version} (PS3.15 {plan.edition})."
    yield "# A recipe cannot say all that the profile does:"
    for reason, names in left.items():
        yield f"# - {reason}"
        if len(names) > _NAMED_IN_COMMENTS:
            yield f"#   {len(names)} attributes; `workbench profile export-deid {plan.profile} --json` names them"
        else:
            yield from (f"#   {' '.join(names[at : at + 4])}" for at in range(0, len(names), 4))
    yield ""
    yield "%header"
    yield ""
    yield "# Private attributes and what the dictionary does not know: they have no keyword."
    yield "REMOVE contains:^$"


def _tail() -> Iterator[str]:
    yield "ADD PatientIdentityRemoved YES"
