"""Why an instance is held back for what its pixels show, or for what nobody could look at."""

from collections.abc import Iterator
from typing import Final

from workbench.records.finding import Finding
from workbench.records.redaction import Redaction
from workbench.records.region import RegionDecision

_RULE: Final = "PS3.15 E.3.1"
_WHERE: Final = "pixels"


def pixel_findings(redaction: Redaction, instance: int = -1) -> Iterator[Finding]:
    """Yield what holds an instance back: each reason once."""
    for code, message in redaction.not_checked:
        yield Finding(
            "pixels-not-checked", _RULE, _WHERE, f"Not all pixels could be looked at [{code}]: {message}", instance
        )
    if not redaction.complete and not redaction.not_checked:
        yield Finding("pixels-not-checked", _RULE, _WHERE, "Not all frames could be looked at.", instance)
    if redaction.not_checked or not any(each.decision is not RegionDecision.KEEP for each in redaction.kept):
        return
    if redaction.mode == "flag":
        message = "The pixels show text, codes or what looks like text, and were only to be looked at."
        yield Finding("pixels-flagged", _RULE, _WHERE, message, instance)
    elif redaction.rounds:
        message = "A look at the redacted pixels still finds text or a code."
        yield Finding("second-look", _RULE, _WHERE, message, instance)
    else:
        message = "Stored values are measurements, which are never blackened, and look as if they showed text."
        yield Finding("pixels-measured", _RULE, _WHERE, message, instance)
