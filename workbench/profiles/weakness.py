"""When a rule is weaker than what it changes: it lets more of the original through."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from workbench.profiles.compiling import plan_of
from workbench.profiles.model import VERBS, Profile, ProfileRule, Unlisted
from workbench.profiles.plan import Plan
from workbench.standard.dictionary import vr_of
from workbench.standard.table import ROWS

_LETS_THROUGH = {"X": 0, "Z": 0, "D": 0, "=": 0, "#": 1, "U": 1, "C": 2, "V": 2, "K": 3}
"""0 nothing of the value, 1 a pseudonym, 2 what passes a check, 3 all."""


class Weaker(NamedTuple):
    """A rule, and the code that it weakens."""

    rule: ProfileRule
    code: str


def weaker_rules(profile: Profile) -> Iterator[Weaker]:
    """Yield the rules of the profile itself that let more through than the table, its options and its parent do."""
    parent = profile.parent
    own = profile.rules[len(parent.rules) if parent else 0 :]
    base = plan_of(parent if parent is not None else replace(profile, rules=()))
    for rule in own:
        code = _before(base, rule, listed_only=parent is None)
        if code is not None and level(VERBS[rule.verb]) > level(code):
            yield Weaker(rule, code)


def weaker_sections(profile: Profile) -> tuple[str, ...]:
    """Return the entries of `unlisted` that let more through than the parent's, or than the built-in strict ones.

    `pixels` is among them where the parent has pixels examined and the profile does not.
    """
    before, after = profile.parent.unlisted if profile.parent else Unlisted(), profile.unlisted
    weaker = []
    for name in Unlisted.__slots__:
        old, new = getattr(before, name), getattr(after, name)
        if (not new <= old) if isinstance(new, frozenset) else level(VERBS[new]) > level(VERBS[old]):
            weaker.append(f"unlisted.{name}")
    if profile.parent is not None and profile.parent.pixels != "off" and profile.pixels == "off":
        weaker.append("pixels")
    return tuple(weaker)


def level(code: str) -> int:
    """Return how much of a value a code lets through; the most permissive letter of a compound code counts."""
    return max(_LETS_THROUGH[letter.rstrip("*")] for letter in code.split("/"))


def _before(base: Plan, rule: ProfileRule, *, listed_only: bool) -> str | None:
    """Return the code that held before the rule, None when only the profile's own section on unlisted ones spoke."""
    path = tuple(tag for tag in rule.pattern if tag is not None)
    tag = path[-1]
    if listed_only and tag not in ROWS:
        return None
    vr = (vr_of(tag) or "UN").split(" ")[0]
    return base.decide(path, vr).code
