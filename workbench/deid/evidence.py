"""The evidence of cleaned text: what the claim 113105 rests on, and how an output names it.

Nobody can see from an output that its text was cleaned and by what. So every instance has a document that lists each
text that went through the cleaner: its place, why words stayed or went, and what is left. The output names the digest
of that document in De-identification Method (0012,0063); the report of the run keeps the document. It holds nothing
that the output does not hold.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from workbench.records.path import format_path

CLEAN_DESCRIPTORS: Final = "113105"
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
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


@lru_cache(maxsize=64)
def digest(evidence: str) -> str:
    """Return the SHA-256 of a document in the form that a value of LO has room for: 43 characters of base64url."""
    return urlsafe_b64encode(sha256(evidence.encode("ascii")).digest()).rstrip(b"=").decode()


def method_value(evidence: str) -> str:
    """Return the value of De-identification Method (0012,0063) that names the document."""
    return f"{CLEAN_DESCRIPTORS} sha256 {digest(evidence)}"
