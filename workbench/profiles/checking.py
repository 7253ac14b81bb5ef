"""Whether a plan takes away what HIPAA names: class by class, who does it, and what no profile reaches."""

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from workbench.profiles.identifier_classes import CLASSES, IdentifierClass, attributes_of, texts
from workbench.profiles.model import OLDEST_AGE, ProfileRule
from workbench.profiles.plan import Decision, Plan
from workbench.standard.dictionary import keyword_of, vr_of
from workbench.standard.table import ROWS

COVERED, OPEN, NOT_COVERED = "covered", "open", "not covered"

METHODS: Final = {
    "X": "removed",
    "Z": "emptied",
    "D": "replaced by a dummy",
    "U": "replaced by a new UID",
    "#": "replaced by a pseudonym",
    "=": "replaced by a fixed text",
    "V": "kept only when made of known terms",
    "C": "cleaned",
    "K": "kept",
    "walked": "sequences whose items are judged one by one",
    "structure": "UIDs of classes and schemes, the same for everybody",
}
"""Code → what it does to an identifier. Of a compound code the first letter is counted; none of them keeps a value."""

TEXT: Final = IdentifierClass("text", "Free text, in which any of them may be met", "text", frozenset(), "")


class ClassCheck(NamedTuple):
    """One class: how many attributes hold it, what happens to them, and what of it is open or not covered.

    `methods` counts the attributes by what is done, `sources` by who decides (rows of the table, rules and sections of
    the profile). `kept` are attributes that let an identifier through; `problems` say the same of modes. `beyond` is
    what no profile reaches.
    """

    letter: str
    title: str
    status: str
    attributes: int
    methods: dict[str, int]
    sources: dict[str, int]
    kept: tuple[str, ...]
    problems: tuple[str, ...]
    beyond: str


class Verdict(NamedTuple):
    """All classes and free text, and a summary that may be repeated to others."""

    law: str
    profile: str
    digest: str
    classes: tuple[ClassCheck, ...]
    summary: str

    @property
    def passed(self) -> bool:
        """Whether no class is `not covered`."""
        return all(each.status != NOT_COVERED for each in self.classes)


def check_law(plan: Plan, law: str = "") -> Verdict:
    """Check a plan against Safe Harbor, or against the limited data set when `law` or the plan asks for that."""
    limited = (law or plan.law) == "limited-data-set"
    asked = [each.of_limited_data_set() if limited else each for each in CLASSES if each.limited or not limited]
    classes = [_class(plan, each, limited=limited) for each in (*asked, TEXT)]
    return Verdict(
        law="limited-data-set" if limited else "safe-harbor",
        profile=f"{plan.profile} {plan.version}",
        digest=plan.digest,
        classes=tuple(classes),
        summary=_summary(classes, limited=limited),
    )


def _summary(classes: Iterable[ClassCheck], *, limited: bool) -> str:
    law = "a limited data set, 45 CFR 164.514(e)(2)" if limited else "Safe Harbor, 45 CFR 164.514(b)(2)"
    failed = [each.letter for each in classes if each.status == NOT_COVERED]
    if failed:
        return f"This profile does not meet {law}. Not covered: {', '.join(failed)}."
    left = ", ".join(each.letter for each in classes if each.status == OPEN)
    also = (
        "a data use agreement with the recipient and a purpose that it allows; treatment is none."
        if limited
        else "that nobody who releases the data knows how what is left could identify a person."
    )
    return (
        f"Of what data elements hold, this profile leaves nothing that {law}, names. Not shown by this profile alone, "
        f"because pixels and sound are not its matter: {left}. It also needs {also}"
    )


def _class(plan: Plan, each: IdentifierClass, *, limited: bool) -> ClassCheck:
    tags = list(texts() if each is TEXT else attributes_of(each))
    methods: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    kept = []
    for tag in tags:
        vr = (vr_of(tag) or "UN").split(" ")[0]
        decision = plan.decide((tag,), vr)
        method = _method(plan, tag, vr, decision)
        methods[METHODS[method]] += 1
        sources[_source(decision.origin)] += 1
        if each is TEXT and method == "K" and _no_free_text(tag):
            continue
        if method == "K" or (method == "C" and not _cleans(plan, decision, limited=limited)):
            kept.append(keyword_of(tag))
    kept += [rule.path for rule in _nested_keeps(plan) if each is not TEXT and _speaks_of(rule, each)]
    problems = [] if limited and each is not TEXT else _problems(plan, each.letter)
    status = NOT_COVERED if kept or problems else OPEN if each.beyond else COVERED
    letter = each.limited if limited else each.letter
    facts = (len(tags), dict(methods.most_common()), dict(sources.most_common()), tuple(kept), tuple(problems))
    return ClassCheck(letter, each.title, status, *facts, each.beyond)


def _method(plan: Plan, tag: int, vr: str, decision: Decision) -> str:
    if decision.code == "K" and tag in plan.unlisted.uid_kept:
        return "structure"
    if vr == "SQ" and decision.code[0] in "KCVU":
        return "walked"
    return decision.code[0]


def _no_free_text(tag: int) -> bool:
    """Tell whether text by its VR is a characteristic or a time zone, which are no identifiers of a person."""
    row = ROWS.get(tag)
    return row is not None and bool(
        row.options.keys() & {"retain_patient_characteristics", "retain_longitudinal_full_dates"}
    )


def _source(origin: str) -> str:
    first, _, rest = origin.partition(" ")
    if first == "profile":
        return f"rules of the profile {rest.partition(' ')[0]}"
    return {"E.1-1": "rows of Table E.1-1", "structure": "the structure of files"}.get(first, "rules by VR")


def _cleans(plan: Plan, decision: Decision, *, limited: bool) -> bool:
    """Tell whether what is cleaned is clean by the measure of the law."""
    if decision.kind == "date":
        return limited or plan.dates == "year_only"
    if decision.kind == "age":
        return limited or 0 < plan.age_cap <= OLDEST_AGE
    return decision.kind in {"text", "code"}


def _nested_keeps(plan: Plan) -> list[ProfileRule]:
    """Return the rules that keep something at a nested place, where decisions at the top do not show them."""
    return [rule for rules in plan.rules.values() for rule in rules if rule.verb == "keep" and len(rule.pattern) > 1]


def _speaks_of(rule: ProfileRule, each: IdentifierClass) -> bool:
    last = rule.pattern[-1]
    return last is None or (vr_of(last) != "SQ" and each.holds(last))


def _problems(plan: Plan, letter: str) -> list[str]:
    """Return what modes of the profile let through, whatever its rules say."""
    problems = []
    if letter == "C" and plan.dates not in {"removed", "year_only"}:
        problems.append(f"dates: {plan.dates} leaves more of a date than its year")
    if letter == "R" and plan.pseudonyms != "random":
        problems.append("pseudonyms are derived from the identifiers, which 164.514(c) does not allow as codes")
    if letter in {"R", "text"} and plan.private == "listed":
        problems.append("private: listed keeps bytes that nobody can read")
    return problems
