"""What was seen in the pixels of one instance, and what became of it. Says where and why, never what was read."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from workbench.records.region import RegionDecision, RegionSource


class Box4(NamedTuple):
    """A rectangle in stored pixels: column and row of the first one, counted from 0, and the size."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class RedactedRegion:
    """A region that was blackened in some frames.

    Attributes
    ----------
    frames
        Frame numbers, from 1, in order; in all of them the three rectangles are the same.
    asked
        What was to be blackened, as far as it lies in the image.
    black
        What is black now. It covers `asked`, rounded out to what the transfer syntax stores together.
    touched
        Outside of it nothing changed. Wider than `black` only where a decoder of JPEG smooths colour.
    source, score, decision, explanation
        Those of the `Region`. The explanation repeats nothing of what stood there.
    """

    frames: tuple[int, ...]
    asked: Box4
    black: Box4
    touched: Box4
    source: RegionSource
    score: float
    decision: RegionDecision
    explanation: str


@dataclass(frozen=True, slots=True)
class KeptRegion:
    """A region that was seen and left as it is; the fields are those of a `RedactedRegion`."""

    frames: tuple[int, ...]
    asked: Box4
    source: RegionSource
    score: float
    decision: RegionDecision
    explanation: str


@dataclass(frozen=True, slots=True)
class RedactedOverlay:
    """An area over which the bits of an overlay plane were cleared, in all frames of the plane.

    `group` is the group number of the plane (PS3.3 C.9.2), 0x6000 to 0x601E; `frames` and `asked` are those of the
    region, in the coordinates of the image under it.
    """

    group: int
    frames: tuple[int, ...]
    asked: Box4


@dataclass(frozen=True, slots=True)
class Redaction:
    """What an examination of the pixels came to and what was done about it. Bears no identity.

    Attributes
    ----------
    mode
        `flag`: nothing was changed. `clean`: what is not known to be harmless was blackened.
    detector
        Fingerprint of what proposed regions: profile, digests of the nets and of the rules.
    frames
        Frames that were seen; 0 when the instance has no pixels.
    complete
        Whether every frame and every overlay plane was seen.
    rounds
        How many times the pixels were blackened; 0 when there was nothing to do.
    regions, kept, overlays
        What was blackened, what was left, and what was cleared in overlay planes. In mode `flag` nothing is blackened,
        so that what would be is in `kept`, with its decision.
    not_checked
        Code and message for what could not be seen.
    to_review
        Why a person should look at the whole image.
    """

    mode: Literal["flag", "clean"]
    detector: str
    frames: int
    complete: bool
    rounds: int = 0
    regions: tuple[RedactedRegion, ...] = ()
    kept: tuple[KeptRegion, ...] = ()
    overlays: tuple[RedactedOverlay, ...] = ()
    not_checked: tuple[tuple[str, str], ...] = ()
    to_review: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything was blackened or cleared."""
        return bool(self.regions or self.overlays)

    @property
    def cleaned(self) -> bool:
        """Whether the output may claim that its pixels were cleaned (113101): all of them were seen, and none left."""
        left = any(each.decision is not RegionDecision.KEEP for each in self.kept)
        return self.mode == "clean" and self.complete and self.frames > 0 and not left
