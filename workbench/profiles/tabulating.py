"""A plan as a table: one line per row of Table E.1-1, per rule of the profile and per kind of unlisted attribute."""

from typing import Final, NamedTuple

from workbench.profiles.explaining import CODE_WORDS
from workbench.profiles.model import VERBS, Unlisted
from workbench.profiles.plan import Plan
from workbench.records.path import format_tag
from workbench.standard import safe_private
from workbench.standard.dictionary import keyword_of, name_of, vr_of
from workbench.standard.table import PATTERNS, ROWS

UNLISTED_WORDS: Final = {
    "person": "person names (PN)",
    "date": "dates and times (DA TM DT)",
    "url": "addresses (UR)",
    "application_entity": "application entities (AE)",
    "uid": "UIDs (UI)",
    "text": "text (LO SH ST LT UT UC)",
    "code_string": "code strings (CS)",
    "age": "ages (AS)",
    "number_string": "numbers as text (DS IS)",
    "number": "binary numbers (US SS UL SL UV SV FL FD AT)",
    "binary": "bytes (OB OW OF OD OL OV UN)",
    "sequence": "sequences (SQ)",
    "unknown": "attributes that PS3.6 does not have",
}
"""Kind of an unlisted value (a name of `Unlisted`) → its words."""


class SheetLine(NamedTuple):
    """One line; `tag` is empty for kinds of value. `meaning` says in words what `code` asks for."""

    section: str
    tag: str
    keyword: str
    name: str
    vr: str
    code: str
    meaning: str
    origin: str
    why: str


def sheet(plan: Plan) -> tuple[SheetLine, ...]:
    """Return the lines in the order: rules of the profile, rows of the table, unlisted attributes.

    Private attributes that a list lets stay are not repeated here: `modes` says which list, and how much of it.
    """
    return (*_rules(plan), *_private_rules(plan), *_rows(plan), *_patterns(plan), *_unlisted(plan))


_DATE_WORDS: Final = {
    "removed": "removed",
    "full": "kept as they are",
    "shift": "moved back by whole days, by the same number for each patient and scope",
    "year_only": "cut to their year",
}
_PRIVATE_WORDS: Final = {
    "remove": "removed",
    "numeric": "removed, but for numbers",
    "coded": "removed, but for numbers, codes made of known terms and UIDs, which are replaced",
    "listed": "removed, but for what the list names; its text is cleaned",
}
_PIXEL_WORDS: Final = {
    "off": "not examined",
    "flag": "examined and not changed; what shows text is held",
    "clean": "examined; what is not known to be harmless is blackened",
}
_LAW_WORDS: Final = {
    "": "none named",
    "safe-harbor": "HIPAA Safe Harbor, 45 CFR 164.514(b)(2)",
    "limited-data-set": "HIPAA limited data set, 45 CFR 164.514(e)",
    "expert-determination": "HIPAA expert determination, 45 CFR 164.514(b)(1)",
    "treatment": "disclosure for treatment, 45 CFR 164.506(c); PHI, not de-identified",
}


def modes(plan: Plan) -> dict[str, str]:
    """Return what a plan does beyond single attributes, by name, in words."""
    table = f" (list {safe_private.NAMES[plan.private_table]})" if plan.private != "remove" else ""
    patient = plan.patient
    codes = [name for name in ("id", "name", "study_id", "accession") if getattr(patient, name) == "code"]
    return {
        "dates": _DATE_WORDS[plan.dates],
        "pseudonyms": f"{plan.pseudonyms}, for patient {', '.join(codes)}" if codes else "none",
        "ages": f"written as 090Y above {plan.age_cap}" if plan.age_cap else "as they are, where an option keeps them",
        "private attributes": f"{_PRIVATE_WORDS[plan.private]}{table}",
        "pixels": _PIXEL_WORDS[plan.pixels],
        "law": _LAW_WORDS[plan.law],
        "a release needs": _release_needs(plan),
    }


def _release_needs(plan: Plan) -> str:
    """Say what a release asks for besides the approval (`flow.terms`)."""
    if not plan.requires and not plan.law and plan.longitudinal != "REMOVED":
        return "an expert determination, when its basis is de-identified: dates stay or are shifted"
    return ", ".join(plan.requires) or "nothing beyond its approval"


def _line(section: str, tag: int, code: str, origin: str, *, why: str = "", path: str = "") -> SheetLine:
    keyword = path or keyword_of(tag)
    return SheetLine(
        section, format_tag(tag), keyword, name_of(tag), vr_of(tag) or "", code, CODE_WORDS[code], origin, why
    )


def _rules(plan: Plan) -> list[SheetLine]:
    lines = []
    for tag, rules in sorted(plan.rules.items()):
        for rule in rules:
            last = tag if tag >= 0 else next(step for step in reversed(rule.pattern) if step is not None)
            origin = f"profile {rule.source} rule {rule.path}"
            lines.append(_line("rule", last, VERBS[rule.verb], origin, why=rule.why, path=rule.path))
    return lines


def _private_rules(plan: Plan) -> list[SheetLine]:
    return [
        SheetLine("rule", rule.path, "", "Private Attribute", rule.vr, code, CODE_WORDS[code], origin, rule.why)
        for rule in plan.private_rules.values()
        for code, origin in ((VERBS[rule.verb], f"profile {rule.source} rule {rule.path}"),)
    ]


def _rows(plan: Plan) -> list[SheetLine]:
    lines = []
    for tag in sorted(ROWS):
        vr = (vr_of(tag) or "UN").split(" ")[0]
        decision = plan.decide((tag,), vr)
        lines.append(_line("row", tag, decision.code, decision.origin, why=decision.why))
    return lines


def _patterns(plan: Plan) -> list[SheetLine]:
    lines = []
    for pattern in PATTERNS:
        example = pattern.value | (0x00090000 if pattern.value == 0x00010000 else 0)
        decision = plan.decide((example,), "UN")
        meaning = CODE_WORDS[decision.code]
        facts = (pattern.keyword, pattern.name, "", decision.code, meaning, decision.origin, "")
        lines.append(SheetLine("row", pattern.text, *facts))
    return lines


def _unlisted(plan: Plan) -> list[SheetLine]:
    lines = []
    for name in Unlisted.__slots__:
        value = getattr(plan.unlisted, name)
        if isinstance(value, frozenset):
            lines += [_line("unlisted", tag, "K", f"unlisted {name}") for tag in sorted(value)]
        else:
            code = VERBS[value]
            words = UNLISTED_WORDS[name]
            lines.append(SheetLine("unlisted", "", "", words, "", code, CODE_WORDS[code], f"unlisted {name}", ""))
    return lines
