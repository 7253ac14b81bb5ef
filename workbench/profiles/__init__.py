"""Profiles: YAML → Profile → Plan, with explanation, lint, sheet, lock and digest.

What a run needs is imported here; what only reports and officers need is imported when asked.
"""

from typing import TYPE_CHECKING

from workbench.profiles.compiling import compile_plan
from workbench.profiles.loading import load, shipped_names
from workbench.profiles.model import PatientMode, Profile
from workbench.profiles.plan import ClassPlan, Plan

if TYPE_CHECKING:
    from datetime import date

    from workbench.profiles.checking import Verdict
    from workbench.profiles.comparing import Difference
    from workbench.profiles.determination import Determination
    from workbench.profiles.explaining import Explanation
    from workbench.profiles.linting import LintIssue
    from workbench.profiles.tabulating import SheetLine

__all__ = [
    "ClassPlan",
    "PatientMode",
    "Plan",
    "Profile",
    "check_determination",
    "check_law",
    "compare",
    "compare_editions",
    "compile_plan",
    "explain",
    "lint",
    "load",
    "load_determination",
    "modes",
    "sheet",
    "shipped_names",
    "words",
]


def explain(plan: Plan, tag_or_keyword: str | tuple[int, ...], sop_class: str | None = None) -> "Explanation":
    """Explain what a plan does with an attribute: see `profiles.explaining.explain`."""
    from workbench.profiles import explaining  # noqa: PLC0415 - not on the path of a run

    return explaining.explain(plan, tag_or_keyword, sop_class)


def words(origin: str) -> str:
    """Turn the origin of a rule (`Change.rule`) into one sentence."""
    from workbench.profiles import explaining  # noqa: PLC0415 - as above

    return explaining.words(origin)


def lint(profile: Profile) -> "list[LintIssue]":
    """Return remarks on a profile, errors first: see `profiles.linting.lint`."""
    from workbench.profiles import linting  # noqa: PLC0415 - as above

    return linting.lint(profile)


def modes(plan: Plan) -> dict[str, str]:
    """Return the modes of a plan in words: dates, patient, ages, private attributes, law and what a release needs."""
    from workbench.profiles import tabulating  # noqa: PLC0415 - as above

    return tabulating.modes(plan)


def compare(before: Plan, after: Plan) -> "tuple[Difference, ...]":
    """Return what the second plan keeps more of, less of, and decides otherwise: see `profiles.comparing.compare`."""
    from workbench.profiles import comparing  # noqa: PLC0415 - as above

    return comparing.compare(before, after)


def compare_editions(profile: Profile, edition: str) -> "tuple[Difference, ...]":
    """Return whose fate changed since an older edition: see `profiles.comparing.compare_editions`."""
    from workbench.profiles import comparing  # noqa: PLC0415 - as above

    return comparing.compare_editions(profile, edition)


def check_law(plan: Plan, law: str = "") -> "Verdict":
    """Check a plan against HIPAA, class by class: see `profiles.checking.check_law`."""
    from workbench.profiles import checking  # noqa: PLC0415 - as above

    return checking.check_law(plan, law)


def load_determination(path: str) -> "Determination":
    """Return an expert's determination from its file: see `profiles.determination.load_determination`."""
    from workbench.profiles import determination  # noqa: PLC0415 - as above

    return determination.load_determination(path)


def check_determination(plan: Plan, determination: "Determination | None", today: "date") -> None:
    """Refuse a plan that a determination does not carry: see `profiles.determination.check_determination`."""
    from workbench.profiles import determination as determinations  # noqa: PLC0415 - as above

    determinations.check_determination(plan, determination, today)


def sheet(plan: Plan) -> "tuple[SheetLine, ...]":
    """Return a plan as a table, for `workbench profile show`."""
    from workbench.profiles import tabulating  # noqa: PLC0415 - as above

    return tabulating.sheet(plan)
