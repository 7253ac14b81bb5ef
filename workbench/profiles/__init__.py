"""Profiles: YAML → Profile → Plan, with explanation, lint, sheet, lock and digest.

What a run needs is imported here; what only reports and officers need is imported when asked.
"""

from typing import TYPE_CHECKING

from workbench.profiles.compiling import compile_plan
from workbench.profiles.loading import load, shipped_names
from workbench.profiles.model import PatientMode, Profile
from workbench.profiles.plan import ClassPlan, Plan

if TYPE_CHECKING:
    from workbench.profiles.explaining import Explanation
    from workbench.profiles.linting import LintIssue
    from workbench.profiles.tabulating import SheetLine

__all__ = [
    "ClassPlan",
    "PatientMode",
    "Plan",
    "Profile",
    "compile_plan",
    "explain",
    "lint",
    "load",
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


def sheet(plan: Plan) -> "tuple[SheetLine, ...]":
    """Return a plan as a table, for `workbench profile show`."""
    from workbench.profiles import tabulating  # noqa: PLC0415 - as above

    return tabulating.sheet(plan)
