"""The tables of docs/conformance.md, from the compiled profiles."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from workbench import profiles
from workbench.profiles import Plan
from workbench.profiles.compiling import CARRIED_OUT
from workbench.profiles.model import VERBS
from workbench.profiles.plan import OPTION_WORDS, Decision
from workbench.profiles.tabulating import UNLISTED_WORDS
from workbench.records.path import format_tag
from workbench.standard.cid7050 import CODES, OPTIONS
from workbench.standard.dictionary import name_of, vr_of
from workbench.standard.table import ROWS

_COLUMNS = {
    OPTION_WORDS[option]: text
    for option, text in {
        "retain_uids": "Rtn. UIDs Opt.",
        "retain_device_identity": "Rtn. Dev. Id. Opt.",
        "retain_institution_identity": "Rtn. Inst. Id. Opt.",
        "retain_patient_characteristics": "Rtn. Pat. Chars. Opt.",
        "retain_longitudinal_full_dates": "Rtn. Long. Full Dates Opt.",
        "retain_longitudinal_modified_dates": "Rtn. Long. Modif. Dates Opt.",
        "clean_descriptors": "Clean Desc. Opt.",
        "clean_structured_content": "Clean Struct. Cont. Opt.",
        "clean_graphics": "Clean Graph. Opt.",
    }.items()
}
"""Words of origins → columns of Table E.1-1."""

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"


@cache
def plans() -> tuple[Plan, ...]:
    """The shipped profiles, the basic one first."""
    names = sorted(profiles.shipped_names(), key=lambda name: (name != "basic", name))
    return tuple(profiles.compile_plan(profiles.load(name)) for name in names)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = list(head)
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join(lines + [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows])


def options() -> str:
    rows = [("Basic Profile", "113100", "ALL", "Y", "N", "Y", "all")]
    for option in OPTIONS:
        code = CODES[option]
        used = ", ".join(f"`{plan.profile}`" for plan in plans() if option in plan.options or cleans(plan, option))
        done = "Y" if option in CARRIED_OUT else "N"
        name = code.meaning.removesuffix(" Option")
        rows.append((name, code.value, "ALL" if done == "Y" else "", done, "N", done, used or "none"))
    head = ("Option", "Code", "AE", "De-identifier", "Re-identifier", "Configurable", "In the shipped profiles")
    return table(head, rows)


def cleans(plan: Plan, option: str) -> bool:
    """Whether the mode for pixels does what the option asks."""
    return option == "clean_pixel_data" and plan.pixels == "clean"


def shipped() -> str:
    rows = []
    for plan in plans():
        modes = profiles.modes(plan)
        said = "; ".join(f"{name}: {modes[name]}" for name in modes if name not in {"law", "a release needs"})
        needs = f"Release needs: {', '.join(plan.requires)}. " if plan.requires else ""
        notes = f"{needs}{' '.join(plan.notes)}".strip()
        codes = " ".join(code.value for code in plan.codes)
        codes += " 113101*" if cleans(plan, "clean_pixel_data") else ""
        name, digest = f"`{plan.profile}` {plan.version}", f"`{plan.digest}`"
        rows.append((name, plan.title, codes, said, modes["law"], notes, digest))
    return table(("Profile", "Title", "Claims", "Modes", "Law", "Notes", "Digest"), rows)


def unlisted() -> str:
    rows = []
    for name, words in UNLISTED_WORDS.items():
        verb = getattr(plans()[0].unlisted, name)
        follows = {
            "text": "C with Clean Descriptors",
            "date": "as the rows on dates do",
            "uid": "K with Retain UIDs",
            "application_entity": "C with Retain Device Identity",
        }.get(name, "")
        rows.append((words, VERBS[verb], verb.replace("_", " "), follows))
    return table(("Kind of value", "Code", "Verb", "With an option"), rows)


def hipaa() -> str:
    parts = []
    for plan in plans():
        if plan.law in {"safe-harbor", "limited-data-set"}:
            verdict = profiles.check_law(plan)
            rows = [
                (each.letter, each.title, each.status, each.attributes, counts(each.methods), each.beyond)
                for each in verdict.classes
            ]
            head = ("Class", "What", "Status", "Attributes", "What is done", "Beyond a profile")
            parts.append(f"`{plan.profile}`: {verdict.summary}\n\n{table(head, rows)}")
    return "\n\n".join(parts)


def counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{number} {what}" for what, number in numbers.items())


def decision(plan: Plan, tag: int) -> Decision:
    return plan.decide((tag,), (vr_of(tag) or "UN").split(" ")[0])


def said(found: Decision) -> str:
    return f"{found.code} ({found.kind})" if found.code in {"C", "V"} and found.kind else found.code


def rows() -> str:
    lines = []
    for tag, row in sorted(ROWS.items()):
        found = [decision(plan, tag) for plan in plans()]
        if len({(each.code, each.kind) for each in found}) > 1 or found[0].code != row.basic:
            comments = sorted({comment(each) for each in found} - {""})
            lines.append((row.name, format_tag(tag), *(said(each) for each in found), "; ".join(comments)))
    return table(("Attribute Name", "Tag", *(plan.profile for plan in plans()), "Comments"), lines)


def comment(found: Decision) -> str:
    """Who decides instead of the row's basic code: the option, the rule or the section of the profile."""
    words = found.origin.split(" ")
    if words[0] == "profile":
        return "rule of a profile" if words[2] == "rule" else "pseudonym or empty, as the profile says"
    if found.origin.endswith("not cleanable"):
        return "cannot be cleaned: the basic code holds"
    return _COLUMNS.get(words[-1], "")


def beyond() -> str:
    basic = profiles.load("basic")
    lines = []
    for rule in basic.rules:
        tag = rule.pattern[-1]
        if tag is not None:
            unless = ", ".join(CODES[option].meaning.removesuffix(" Option") for option in rule.unless)
            why = f"{rule.why} [{unless}]" if unless else rule.why
            lines.append((name_of(tag), format_tag(tag), VERBS[rule.verb], why))
    return table(("Attribute Name", "Tag", "Action", "Comments"), lines)


SECTIONS: dict[str, Callable[[], str]] = {
    "options": options,
    "profiles": shipped,
    "unlisted": unlisted,
    "hipaa": hipaa,
    "rows": rows,
    "beyond": beyond,
}
