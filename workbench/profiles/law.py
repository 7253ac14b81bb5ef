"""What a profile must do that says what law it is for."""

import re
from collections.abc import Callable
from typing import Final

from workbench.profiles.checking import NOT_COVERED, check_law
from workbench.profiles.plan import Plan

_SAYS_DEIDENTIFIED: Final = re.compile(r"\bde-?identifi|\banonymi[sz]|\bsafe harbor\b", re.IGNORECASE)
_DENIES: Final = re.compile(r"\bnot de-?identified\b|\bfails? the safe harbor\b", re.IGNORECASE)


def unmet(plan: Plan) -> list[str]:
    """Return in words what the law that the plan names asks for and the plan does not do; nothing without a law."""
    return _CHECKS[plan.law](plan) if plan.law else []


def _classes(plan: Plan) -> list[str]:
    return [
        f"class {each.letter} ({each.title}): {', '.join((*each.problems, *each.kept[:5]))}"
        for each in check_law(plan).classes
        if each.status == NOT_COVERED
    ]


def _limited(plan: Plan) -> list[str]:
    missing = [] if "agreement" in plan.requires else ["it does not require an agreement (`requires: [agreement]`)"]
    return missing + _classes(plan)


def _determined(plan: Plan) -> list[str]:
    if "determination" in plan.requires:
        return []
    return ["it does not require a determination (`requires: [determination]`)"]


def _treatment(plan: Plan) -> list[str]:
    """PHI for treatment must not be taken for anything else: title and notes are read by who chooses the profile."""
    said = " ".join((plan.title, *plan.notes))
    problems = []
    if _SAYS_DEIDENTIFIED.search(_DENIES.sub("", said)):
        problems.append("its title or notes call what comes out de-identified, which it is not")
    if "PHI" not in said:
        problems.append("neither its title nor its notes say that what comes out is PHI")
    return problems


_CHECKS: Final[dict[str, Callable[[Plan], list[str]]]] = {
    "safe-harbor": _classes,
    "limited-data-set": _limited,
    "expert-determination": _determined,
    "treatment": _treatment,
}
