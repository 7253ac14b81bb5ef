"""Two plans side by side: what the second keeps more of, what it keeps less of, and what differs otherwise."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from workbench.profiles.compiling import plan_of
from workbench.profiles.explaining import CODE_WORDS, KIND_WORDS, words
from workbench.profiles.model import DATE_MODES, PRIVATE_MODES, Profile, Unlisted
from workbench.profiles.plan import Decision, Plan
from workbench.profiles.tabulating import UNLISTED_WORDS
from workbench.profiles.unlisted import kind_of
from workbench.profiles.weakness import level
from workbench.records.errors import ProfileError
from workbench.records.path import format_tag
from workbench.standard import safe_private
from workbench.standard.dictionary import VR, keyword_of, name_of, vr_of
from workbench.standard.editions import EDITIONS
from workbench.standard.editions import rows as rows_of
from workbench.standard.table import ROWS

MORE, LESS, OTHER = "keeps more", "keeps less", "other"
DIRECTIONS: Final = (MORE, LESS, OTHER)

_DATES: Final = ("removed", "year_only", "shift", "full")
_PIXELS: Final = ("clean", "flag", "off")
"""Date modes, the one that lets least through first."""


class Difference(NamedTuple):
    """One thing that two plans decide differently. `direction` says what the second does compared with the first.

    `section` is `mode`, `row`, `attribute` (a rule on what the table does not list), `place` (a rule on a nested
    place), `unlisted` (a kind of value) or `private`. `before` and `after` are codes or settings, with `how` a value
    is cleaned in brackets; `reason` is why the second decides as it does.
    """

    direction: str
    section: str
    tag: str
    keyword: str
    name: str
    before: str
    after: str
    reason: str


def compare(before: Plan, after: Plan) -> tuple[Difference, ...]:
    """Return the differences, grouped: what `after` keeps more of, less of, and the rest."""
    found = [
        *_modes(before, after),
        *_attributes(before, after),
        *_places(before, after),
        *_unlisted(before, after),
        *_private(before, after),
    ]
    return tuple(sorted(found, key=lambda each: DIRECTIONS.index(each.direction)))


def compare_editions(profile: Profile, edition: str) -> tuple[Difference, ...]:
    """Return the attributes whose fate under a profile changed from an older edition of the table to the one it names.

    Raises
    ------
    ProfileError
        `unknown-edition`.
    """
    if edition not in EDITIONS:
        known = ", ".join(EDITIONS)
        raise ProfileError("unknown-edition", "This edition of the table is not known.", f"Known editions: {known}.")
    older = plan_of(replace(profile, standard=f"ps315-{edition}"))
    now = plan_of(profile)
    return tuple(
        each._replace(reason=_of_edition(each, older, now))
        for each in compare(older, now)
        if each.section in {"row", "attribute"}
    )


def _of_edition(difference: Difference, older: Plan, now: Plan) -> str:
    tag = int(difference.tag[1:5] + difference.tag[6:10], 16)
    row, old = rows_of(now.edition).get(tag), rows_of(older.edition).get(tag)
    if row and old is None:
        return f"The row was added after {older.edition}. {difference.reason}"
    if row and old and row.basic != old.basic:
        return f"The basic code was {old.basic} in {older.edition} and is {row.basic}. {difference.reason}"
    return f"The letters of the options changed after {older.edition}. {difference.reason}"


def _attributes(before: Plan, after: Plan) -> Iterator[Difference]:
    """Rows of the table, and what rules and lists of either profile name besides."""
    named = set(ROWS)
    for plan in (before, after):
        named |= {tag for tag in plan.rules if tag >= 0} | plan.unlisted.uid_kept | plan.unlisted.binary_kept
    for tag in sorted(named):
        vr = (vr_of(tag) or "UN").split(" ")[0]
        old, new = before.decide((tag,), vr), after.decide((tag,), vr)
        if (old.code, old.kind, old.text) != (new.code, new.kind, new.text):
            section = "row" if tag in ROWS else "attribute"
            yield _difference(section, tag, old, new)


def _places(before: Plan, after: Plan) -> Iterator[Difference]:
    """Nested places that rules of either profile name."""
    paths = {
        rule.pattern
        for plan in (before, after)
        for rules in plan.rules.values()
        for rule in rules
        if len(rule.pattern) > 1 and None not in rule.pattern
    }
    for path in sorted(paths, key=str):
        tags = tuple(tag for tag in path if tag is not None)
        vr = (vr_of(tags[-1]) or "UN").split(" ")[0]
        old, new = before.decide(tags, vr), after.decide(tags, vr)
        if (old.code, old.kind, old.text) != (new.code, new.kind, new.text):
            named = _difference("place", tags[-1], old, new)
            yield named._replace(keyword="/".join(keyword_of(tag) for tag in tags))


def _difference(section: str, tag: int, old: Decision, new: Decision) -> Difference:
    reason = f"{words(new.origin)} {new.why}".strip()
    return Difference(
        _direction(_let_through(old), _let_through(new)),
        section,
        format_tag(tag),
        keyword_of(tag),
        name_of(tag),
        _said(old),
        _said(new),
        reason,
    )


def _said(decision: Decision) -> str:
    return f"{decision.code} ({decision.kind})" if decision.kind in KIND_WORDS else decision.code


def _let_through(decision: Decision) -> int:
    return 3 if decision.code == "X/Z/U*" else level(decision.code)


def _direction(old: int, new: int) -> str:
    return MORE if new > old else LESS if new < old else OTHER


def _unlisted(before: Plan, after: Plan) -> Iterator[Difference]:
    """Kinds of values that the table does not name, by an attribute that stands for its kind."""
    for name, tag in _examples(before, after).items():
        vr = (vr_of(tag) or "UN").split(" ")[0]
        old, new = before.decide((tag,), vr), after.decide((tag,), vr)
        if (old.code, old.kind) != (new.code, new.kind):
            text = UNLISTED_WORDS[name]
            yield _difference("unlisted", tag, old, new)._replace(tag="", keyword="", name=f"other {text}")


def _examples(before: Plan, after: Plan) -> dict[str, int]:
    named = set(ROWS) | set(before.rules) | set(after.rules)
    for plan in (before, after):
        named |= plan.unlisted.uid_kept | plan.unlisted.binary_kept
    found: dict[str, int] = {}
    for tag in sorted(VR):
        if tag not in named and tag & 0xFFFF and 0x0008 <= tag >> 16 < 0x5000 and not tag & 0x10000:
            found.setdefault(kind_of((vr_of(tag) or "UN").split(" ")[0]), tag)
    return {name: found[name] for name in Unlisted.__slots__ if name in found}


def _private(before: Plan, after: Plan) -> Iterator[Difference]:
    counts = [len(plan.promises().retained_private) for plan in (before, after)]
    levels = [PRIVATE_MODES.index(plan.private) for plan in (before, after)]
    if (before.private, before.private_table) != (after.private, after.private_table) and any(levels):
        old, new = (f"{plan.private} ({count} attributes)" for plan, count in zip((before, after), counts, strict=True))
        reason = f"Listed by {safe_private.NAMES[after.private_table]}." if levels[1] else "No private attribute stays."
        yield Difference(_direction(*counts), "private", "", "", "private attributes", old, new, reason)


def _modes(before: Plan, after: Plan) -> Iterator[Difference]:
    for name, old, new, direction in (
        ("options", " ".join(before.options), " ".join(after.options), OTHER),
        ("dates", before.dates, after.dates, _direction(_DATES.index(before.dates), _DATES.index(after.dates))),
        ("age cap", _cap(before), _cap(after), _direction(not before.age_cap, not after.age_cap)),
        ("pseudonyms", before.pseudonyms, after.pseudonyms, LESS if after.pseudonyms == "random" else MORE),
        ("prefix of patient codes", before.patient.prefix, after.patient.prefix, OTHER),
        ("pixels", before.pixels, after.pixels, _direction(_PIXELS.index(before.pixels), _PIXELS.index(after.pixels))),
        ("law", before.law, after.law, OTHER),
        ("requires", " ".join(before.requires), " ".join(after.requires), OTHER),
        ("longitudinal", DATE_MODES[before.dates], DATE_MODES[after.dates], OTHER),
        ("edition", before.edition, after.edition, OTHER),
    ):
        if old != new:
            yield Difference(direction, "mode", "", "", name, old or "none", new or "none", "A mode of the profile.")


def _cap(plan: Plan) -> str:
    return str(plan.age_cap) if plan.age_cap else "none"


def in_words(code: str) -> str:
    """Return a code of a difference in words, or the setting as it is."""
    letter, _, how = code.partition(" (")
    meaning = CODE_WORDS.get(letter, "")
    if how and how.removesuffix(")") in KIND_WORDS:
        return f"{meaning}: {KIND_WORDS[how.removesuffix(')')]}"
    return meaning or code
