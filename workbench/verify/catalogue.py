"""The checks of the sceptic, in the order in which they speak."""

from typing import NamedTuple

from workbench.verify.checks import (
    absent,
    claims,
    dates,
    documents,
    elements,
    fitness,
    pixels,
    redaction,
    structured,
    unknowns,
    unused_bits,
)
from workbench.verify.checks import instances as whole
from workbench.verify.pair import AbsentCheck, Check, ElementCheck, Named

ELEMENTS: tuple[ElementCheck, ...] = (
    *elements.ELEMENT_CHECKS,
    dates.DatesLeft(),
    dates.DaysInUids(),
    dates.TimesKept(),
    dates.YearOnly(),
    dates.DatesEmptied(),
    dates.AgesOver89(),
    fitness.FitnessKept(),
    *unknowns.UNKNOWNS_OF_ELEMENTS,
)
"""Checks of an element next to its counterpart."""

ABSENT: tuple[AbsentCheck, ...] = absent.ABSENT_CHECKS
"""Checks of an element that is gone."""


def instances() -> tuple[Check, ...]:
    """Return the checks of a whole output. Those of pixels keep buffers, so each sceptic has its own."""
    return (
        *whole.INSTANCE_CHECKS,
        claims.MethodCodes(),
        claims.Evidence(),
        claims.Claims(),
        claims.FlagsOfPixels(),
        structured.StructuredContent(),
        dates.DaysMoved(),
        dates.AgesAgree(),
        fitness.UptakeTiming(),
        documents.IdentityInDocuments(),
        pixels.PixelsEqual(),
        redaction.Redaction(),
        pixels.FrameText(),
        unused_bits.UnusedBits(),
        unknowns.UnknownsOfInstance(),
    )


class Described(NamedTuple):
    """A check as the documentation lists it."""

    name: str
    rule: str
    meaning: str


_SETS = (
    Described("readable", "PS3.10 7", "The output can be read by pydicom."),
    Described("identity-in-files", "PS3.15 E.2", "No identifying value in names of files and in files of other kinds."),
    Described("duplicates", "PS3.5 9.1", "No two outputs are one instance."),
    Described("uid-mapping", "PS3.15 E.3.9", "One UID of the input is one UID of the output everywhere; two stay two."),
    Described("references", "PS3.15 E.3.9", "References resolve among the outputs as among the inputs."),
    Described("references-left-out", "PS3.15 E.3.9", "Note: an object refers to inputs that have no output."),
    Described("references-lost", "PS3.15 E.3.9", "Note: some references of the input are not in the output."),
    Described("one-person-one-code", "PS3.15 E.1.1", "One person has one code, and two persons have two."),
    Described("same-person-twice", "45 CFR 164.514(b)(1)", "Note: one name and birth date come under two IDs."),
    Described(
        "fitness-intervals", "PS3.15 E.3.6", "The intervals between the studies of a patient are those of the inputs."
    ),
)
"""Checks over a set of outputs, and of what is no instance."""


def described() -> tuple[Described, ...]:
    """Return every check with its clause and what it holds an output to, by name; some have several parts."""
    entries: dict[str, Described] = {entry.name: entry for entry in _SETS}
    checks: tuple[Named, ...] = (*instances(), *ELEMENTS, *ABSENT)
    for check in checks:
        if check.name in ("fitness", "unknowns", "characters", "private"):
            continue
        meaning = " ".join((check.__doc__ or "").split("\n\n")[0].split())
        entries.setdefault(check.name, Described(check.name, check.rule, meaning))
    for name, rule, what in fitness.names():
        entries.setdefault(name, Described(name, rule, f"{what} is that of the input."))
    return tuple(entries[name] for name in sorted(entries))
