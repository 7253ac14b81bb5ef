"""A plan as a table: one line per row of Table E.1-1, per rule of the profile and per kind of unlisted attribute."""

from typing import NamedTuple

from workbench.profiles.explaining import CODE_WORDS
from workbench.profiles.model import VERBS, Unlisted
from workbench.profiles.plan import Plan
from workbench.records.path import format_tag
from workbench.standard.dictionary import keyword_of, name_of, vr_of
from workbench.standard.table import PATTERNS, ROWS

_UNLISTED_WORDS = {
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
    """Return the lines in the order: rules of the profile, rows of the table, unlisted attributes."""
    return (*_rules(plan), *_rows(plan), *_patterns(plan), *_unlisted(plan))


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
            words = _UNLISTED_WORDS[name]
            lines.append(SheetLine("unlisted", "", "", words, "", code, CODE_WORDS[code], f"unlisted {name}", ""))
    return lines
