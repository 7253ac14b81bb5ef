"""The checks of the sceptic, in the order in which they speak."""

from workbench.verify.checks import absent, claims, dates, documents, elements, fitness, pixels, structured, unknowns
from workbench.verify.checks import instances as whole
from workbench.verify.pair import AbsentCheck, Check, ElementCheck

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
        pixels.FrameText(),
        unknowns.UnknownsOfInstance(),
    )
