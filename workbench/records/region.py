"""A rectangle of pixels that shows, or may show, something that identifies."""

from dataclasses import dataclass
from enum import StrEnum


class RegionSource(StrEnum):
    """What proposed a region. Sources are added up: none takes away what another one proposed."""

    TEXT = "text"
    """The nets that find text."""
    CODE = "code"
    """A bar code or QR code."""
    DEVICE = "device"
    """A rule for the device that made the image."""
    ULTRASOUND = "ultrasound"
    """Outside the ultrasound regions (0018,6011)."""
    OVERLAY = "overlay"
    """An overlay plane or a presentation state, rendered."""
    LEAD_IN = "lead-in"
    """A kind of object that often carries identity: screen shots, dose sheets, secondary captures."""
    SERIES = "series"
    """A region of another instance of the same series, device and geometry."""
    PERSON = "person"
    """A reviewer drew it."""


class RegionDecision(StrEnum):
    """What is to become of a region."""

    REDACT = "redact"
    REVIEW = "review"
    """Redacted unless a person decides otherwise: it looks like text and could not be read."""
    KEEP = "keep"
    """Harmless, and known to be."""


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of stored pixels in some frames of one instance. Bears identity: `text` is what stands there.

    Attributes
    ----------
    frames
        Frame numbers, from 1 as in Referenced Frame Number (PS3.3 C.7.6.16), in order.
    x, y, width, height
        Column and row of the first pixel, counted from 0, and the size, in stored pixels.
    source
        What proposed it.
    score
        How sure the source is, 0 to 1.
    text
        What was read there; empty when nothing could be read.
    decision, explanation
        What is to become of it, and why, in words that repeat nothing of what stands there.
    """

    frames: tuple[int, ...]
    x: int
    y: int
    width: int
    height: int
    source: RegionSource
    score: float
    text: str
    decision: RegionDecision
    explanation: str
