"""The lock: a plan as canonical lines of text, one decision each, and its digest.

The digest names the decisions, not the wording: titles and reasons may be corrected without changing it.
"""

import hashlib
from collections.abc import Iterable, Iterator

from workbench.profiles.model import KINDS, OLDEST_AGE, VERBS, Profile, ProfileRule, Unlisted
from workbench.records.path import format_tag
from workbench.standard.editions import rows
from workbench.standard.table import PATTERNS

FORMAT = "plan-lock 1"


def lock_lines(profile: Profile) -> list[str]:
    """Return the lines; the same profile gives the same lines on every machine."""
    return [
        *_modes(profile),
        *_rows(profile),
        *_unlisted(profile.unlisted),
        *_rules(profile.speaking),
        *_private_rules(profile),
    ]


def digest(lines: Iterable[str]) -> str:
    """Return the SHA-256 (hexadecimal) over the lines, each ended by a line feed, in UTF-8."""
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _modes(profile: Profile) -> Iterator[str]:
    yield FORMAT
    yield f"standard {profile.standard}"
    yield f"profile {profile.name} {profile.version}"
    yield f"lineage {' '.join(profile.lineage)}"
    yield f"options {' '.join(profile.options)}"
    patient = profile.patient
    yield f"patient id={patient.id} name={patient.name} study_id={patient.study_id} accession={patient.accession}"
    yield f"patient prefix={patient.prefix}"
    yield f"dates {profile.dates}"
    yield f"private {profile.private}"
    yield f"pixels {profile.pixels}"
    # Written when they say something: profiles that are older than these modes keep their digest.
    for name, value, usual in (
        ("private_table", profile.private_table, "e3.10-1"),
        ("age_cap", profile.age_cap, OLDEST_AGE),
        ("pseudonyms", profile.pseudonyms, "derived"),
        ("law", profile.law, ""),
        ("requires", " ".join(profile.requires), ""),
    ):
        if value != usual:
            yield f"{name} {value}"


def _rows(profile: Profile) -> Iterator[str]:
    for tag, row in sorted(rows(profile.standard.removeprefix("ps315-")).items()):
        yield f"row {format_tag(tag)} {row.basic} {_letters(row.options, profile.options)}".rstrip()
    for pattern in PATTERNS:
        yield f"row {pattern.text} {pattern.basic} {_letters(pattern.options, profile.options)}".rstrip()


def _letters(letters: dict[str, str], options: tuple[str, ...]) -> str:
    return " ".join(f"{option}={letters[option]}" for option in options if option in letters)


def _unlisted(unlisted: Unlisted) -> Iterator[str]:
    for name in sorted(Unlisted.__slots__):
        value = getattr(unlisted, name)
        if isinstance(value, frozenset):
            for tag in sorted(value):
                yield f"unlisted {name} {format_tag(tag)}"
        else:
            yield f"unlisted {name} {VERBS[value]}"


def _rules(rules: tuple[ProfileRule, ...]) -> Iterator[str]:
    for rule in rules:
        path = "/".join("*" if step is None else format_tag(step) for step in rule.pattern)
        said = f"{VERBS[rule.verb]} {KINDS.get(rule.verb, rule.text)}"
        yield f"rule {'/' if rule.anchored else ''}{path} {said}".rstrip()


def _private_rules(profile: Profile) -> Iterator[str]:
    for rule in profile.private_rules:
        said = f"{VERBS[rule.verb]} {KINDS.get(rule.verb, '')}".rstrip()
        yield f"private {rule.path} {said} {rule.vr}".rstrip()
