"""A recipe of the deid package into a profile that extends `basic`, with an answer for each of its lines.

What a recipe does not name stays under deid; here the basic profile decides about it. So the profile never lets more
through than the recipe, except where an answer says so: what structure needs, new UIDs, and codes of patients.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.profiles.compiling import check_reasons, plan_of
from workbench.profiles.interchange.answering import Work, answer
from workbench.profiles.interchange.effects import Effect, Read, Want, read
from workbench.profiles.interchange.fields import Private, public
from workbench.profiles.interchange.outcomes import Base
from workbench.profiles.interchange.recipe import Line, Recipe, parse
from workbench.profiles.interchange.report import Answered, Status, totals
from workbench.profiles.loading import load, load_text
from workbench.standard import safe_private
from workbench.standard.dictionary import keyword_of, vr_of

BEYOND = (
    (
        "What the recipe does not name stays under deid; here the basic profile decides: rows of Table E.1-1, and "
        "every other attribute by its kind of value, private ones removed."
    ),
    (
        "Rules hold at every depth, as fields of a recipe do. What the standard requires (Type 1) gets a dummy where "
        "the recipe would remove it."
    ),
    (
        "Preamble, file meta information, bytes behind the data set and comments in encoded frames are made new or "
        "cut, which no recipe can say."
    ),
)
_STRICT = ("text", "code_string", "age", "number_string", "number", "sequence")
"""Kinds of values that the basic profile keeps or checks where no row speaks; `REMOVE all` takes them too."""
SHIFT_OPTION = "retain_longitudinal_modified_dates"


@dataclass(frozen=True, slots=True)
class Imported:
    """A profile in YAML, and what became of each line of the recipe."""

    name: str
    yaml: str
    lines: tuple[Answered, ...]

    @property
    def complete(self) -> bool:
        """Whether the profile does all that the recipe asks for, or more strictly so."""
        return all(line.status not in (Status.NOT_MAPPED, Status.DIFFERS) for line in self.lines)

    def document(self) -> dict[str, object]:
        """Return the report as it is written."""
        return {
            "profile": self.name,
            "complete": self.complete,
            "totals": totals(self.lines),
            "lines": [line.document() for line in self.lines],
            "beyond_the_recipe": list(BEYOND),
            "yaml": self.yaml,
        }


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule of the profile to be written."""

    place: str
    verb: str
    why: str
    text: str = ""
    signed: str = ""


def import_recipe(text: str, *, name: str, signed: str = "") -> Imported:
    """Turn a recipe into a profile.

    Parameters
    ----------
    name
        Name of the profile; what is no name becomes one.
    signed
        Who answers for what the recipe keeps and the basic profile does not. Without it such lines are not taken over.

    Raises
    ------
    ProfileError
        When the text is no recipe, with the codes of `recipe.parse`.
    """
    recipe = parse(text)
    done = read(recipe)
    base = _base(done, signed)
    effects: dict[tuple[int, ...], Effect] = {(tag,): effect for tag, effect in done.tags.items()}
    effects |= done.paths
    outcomes = {path: base.answer(path, effect) for path, effect in effects.items()}
    work = Work(recipe, done, effects, outcomes, _kept_private(recipe, done, signed))
    profile_name = _name(name)
    yaml = _yaml(
        profile_name, base, work, [*_rules(work, signed), *_untouched(base, done), *_private_rules(work, signed)]
    )
    check_reasons(load_text(yaml))
    return Imported(profile_name, yaml, tuple(answer(line, work) for line in recipe.lines))


def _base(done: Read, signed: str) -> Base:
    """Return the basic profile, with dates shifted where the recipe shifts one, and strict where it removes all."""
    profile = load("basic")
    if any(_shifts(effect) for effect in done.tags.values()):
        profile = replace(profile, options=(SHIFT_OPTION,), dates="shift")
    strict = None
    if done.everything is not None:
        sections: dict[str, Any] = dict.fromkeys(_STRICT, "by_type")
        strict = plan_of(replace(profile, unlisted=replace(profile.unlisted, **sections)))
    return Base(profile, plan_of(profile), strict, signed)


def _shifts(effect: Effect) -> bool:
    return effect.want is Want.SHIFT or (
        effect.want is Want.REPLACE and "deid_func:jitter" in (effect.line.value or "")
    )


def _rules(work: Work, signed: str) -> Iterator[_Rule]:
    for path, outcome in sorted(work.outcomes.items()):
        effect = work.effects[path]
        if not outcome.verb or (effect.want in (Want.REMOVE, Want.BLANK) and work.meaning(effect.line).everything):
            continue  # what `all` takes is said once, for all kinds of values
        why = f"recipe line {effect.line.number}: {effect.line.verb} {effect.line.field}"[:400]
        signature = signed if effect.want is Want.KEEP and outcome.status is Status.MAPPED else ""
        yield _Rule("/".join(map(keyword_of, path)), outcome.verb, why, outcome.text, signature)


def _untouched(base: Base, done: Read) -> Iterator[_Rule]:
    """Keep what a recipe spares that removes all else, as far as the basic profile keeps it."""
    if base.strict is None or done.everything is None:
        return
    for tag in sorted(public() - done.tags.keys()):
        vr = (vr_of(tag) or "UN").split(" ")[0]
        code = base.plan.decide((tag,), vr).code
        if code in ("K", "V") and base.strict.decide((tag,), vr).code != code:
            why = f"recipe line {done.everything.number}: spared by {done.everything.verb} {done.everything.field}"[
                :400
            ]
            yield _Rule(keyword_of(tag), "keep" if code == "K" else "check", why)


def _kept_private(recipe: Recipe, done: Read, signed: str) -> dict[Private, Line]:
    """Return the private attributes that are kept: those that PS3.15 lists as safe, when somebody signs."""
    return {
        place: line
        for line in recipe.actions()
        if line.verb == "KEEP" and signed
        for place in done.meanings[line.number].private
        if safe_private.find(*place) is not None
    }


def _private_rules(work: Work, signed: str) -> Iterator[_Rule]:
    for (group, creator, element), line in work.kept.items():
        row = safe_private.find(group, creator, element)
        text = row is not None and row.vr in ("LO", "SH", "ST", "LT", "UT", "UC")
        place = json.dumps([f"{group:04X}", creator, f"{element:02X}"])
        yield _Rule(
            place, "clean" if text else "keep", f"recipe line {line.number}: KEEP {line.field}"[:400], "", signed
        )


def _yaml(name: str, base: Base, work: Work, rules: Sequence[_Rule]) -> str:
    """Write the profile."""
    options = [*base.profile.options, *(["retain_safe_private"] if work.kept else [])]
    patient = sorted({outcome.patient for outcome in work.outcomes.values() if outcome.patient})
    lines = [
        "# From a recipe of the deid package. What the recipe does not name, the basic profile decides.",
        f"profile: {name}",
        "version: 1",
        "title: Imported from a recipe of the deid package",
        "extends: basic",
        f"options: [{', '.join(options)}]",
        f"dates: {{mode: {base.profile.dates}}}",
    ]
    if patient:
        lines.append(f"patient: {{{', '.join(patient)}}}")
    if base.strict is not None:
        lines += ["unlisted:", *(f"  {kind}: by_type" for kind in _STRICT)]
    lines.append("rules:" if rules else "rules: []")
    for rule in rules:
        key = "private" if rule.place.startswith("[") else "tag"
        parts = [f"{key}: {rule.place}", f"do: {rule.verb}"]
        parts += [f"to: {json.dumps(rule.text)}"] if rule.text else []
        parts.append(f"why: {json.dumps(rule.why)}")
        parts += [f"signed: {json.dumps(rule.signed)}"] if rule.signed else []
        lines.append(f"  - {{{', '.join(parts)}}}")
    return "\n".join(lines) + "\n"


def _name(text: str) -> str:
    found = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    return found or "imported"
