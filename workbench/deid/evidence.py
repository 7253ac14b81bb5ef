"""The evidence of cleaned text and pixels: what the claims 113105 and 113101 rest on, and how an output names it.

Nobody can see from an output that its text was cleaned and by what. So every instance has a document that lists each
text that went through the cleaner: its place, why words stayed or went, and what is left. It holds nothing that the
output does not hold. Nor can anybody see that pixels were examined: another document lists what was blackened, where
and why, and what was seen and left. The output names the digests of both in De-identification Method (0012,0063); the
report of the run keeps the documents.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from workbench.records.path import format_path
from workbench.records.redaction import KeptRegion, RedactedRegion, Redaction

CLEAN_DESCRIPTORS: Final = "113105"
CLEAN_PIXELS: Final = "113101"
FORMAT: Final = "deid-workbench evidence 1"


class CleanedPlace(NamedTuple):
    """One text that was cleaned: its path in the input, the reasons, and what is left of it, decoded."""

    path: tuple[int, ...]
    reasons: str
    after: str


def document(cleaner: str, places: Iterable[CleanedPlace]) -> str:
    """Return the evidence of one instance as canonical JSON: sorted keys, no spaces, ASCII.

    `cleaner` is the fingerprint of vocabulary and rules (`text.cleaner.fingerprint`).
    """
    return _document(cleaner, tuple(sorted(places)))


@lru_cache(maxsize=64)
def _document(cleaner: str, places: tuple[CleanedPlace, ...]) -> str:
    # Instances of a series have the same texts, so that few documents are ever written.
    content = {
        "cleaned": [
            {"after": place.after, "place": format_path(place.path), "reasons": place.reasons} for place in places
        ],
        "cleaner": cleaner,
        "code": CLEAN_DESCRIPTORS,
        "format": FORMAT,
    }
    return _canonical(content)


def redaction_document(redaction: Redaction) -> str:
    """Return the evidence of cleaned pixels of one instance as canonical JSON: sorted keys, no spaces, ASCII.

    Frames are ranges of numbers from 1, both ends inside. Rectangles are column, row, width, height. Scores have three
    decimals, for the last digits may differ between processors.
    """
    return _canonical(
        redaction_places(redaction)
        | {
            "code": CLEAN_PIXELS,
            "detector": redaction.detector,
            "format": FORMAT,
            "frames": redaction.frames,
            "rounds": redaction.rounds,
        }
    )


def redaction_places(redaction: Redaction) -> dict[str, Any]:
    """Return where something was seen and what became of it, as the evidence tells it: without what was read."""
    return {
        "kept": [_seen(each) for each in redaction.kept],
        "overlays": [
            {"asked": [*each.asked], "frames": ranges(each.frames), "group": each.group} for each in redaction.overlays
        ],
        "regions": [
            dict(sorted((_seen(each) | {"black": [*each.black], "touched": [*each.touched]}).items()))
            for each in redaction.regions
        ],
    }


def ranges(frames: Sequence[int]) -> list[list[int]]:
    """Return ordered frame numbers as ranges, both ends inside."""
    found: list[list[int]] = []
    for frame in frames:
        if found and frame == found[-1][1] + 1:
            found[-1][1] = frame
        else:
            found.append([frame, frame])
    return found


def _seen(region: RedactedRegion | KeptRegion) -> dict[str, Any]:
    return {
        "asked": [*region.asked],
        "decision": region.decision.value,
        "explanation": region.explanation,
        "frames": ranges(region.frames),
        "score": round(region.score, 3),
        "source": region.source.value,
    }


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


@lru_cache(maxsize=64)
def digest(evidence: str) -> str:
    """Return the SHA-256 of a document in the form that a value of LO has room for: 43 characters of base64url."""
    return urlsafe_b64encode(sha256(evidence.encode("ascii")).digest()).rstrip(b"=").decode()


def method_value(evidence: str, code: str = CLEAN_DESCRIPTORS) -> str:
    """Return the value of De-identification Method (0012,0063) that names the document of a code."""
    return f"{code} sha256 {digest(evidence)}"
