"""What waits for a person because of its pixels: what should be looked at as a whole, whatever was found.

Before pixels were examined, the header alone said which images may show text. Where all of an image was examined that
guess has its answer, and only what a person should see as a whole still waits.
"""

from collections.abc import Iterable
from typing import Final

from workbench.deid.holds import Hold
from workbench.records.redaction import Redaction

TO_REVIEW: Final = "pixels-to-review"

ANSWERED: Final = frozenset(
    {Hold.ULTRASOUND, Hold.SECONDARY_CAPTURE, Hold.SCREEN_SHOT, Hold.DOSE_SHEET, Hold.BURNED_IN},
)
"""Guesses at text in pixels. A photograph may show a face and a label handwriting, which no look for text answers."""


def pixel_holds(holds: Iterable[str], redaction: Redaction | None) -> tuple[str, ...]:
    """Return the reasons for which an instance waits, those that its header gave and what became of its pixels.

    Parameters
    ----------
    holds
        Reasons of the header (`deid.holds`).
    redaction
        What an examination came to, None when none was asked for: then the header's reasons are all there is, and what
        leaves is told as not checked. Of what nobody saw as a whole there is no output (`flow.pixel_findings`); it
        answers nothing.
    """
    if redaction is None or not redaction.complete:
        return tuple(holds)
    left = tuple(reason for reason in holds if reason not in ANSWERED)
    return (*left, TO_REVIEW) if redaction.to_review else left
