"""Documents that method codes rest on: which of them an output names, and which of those was given."""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator

from workbench.verify.days import parts
from workbench.verify.pair import Pair
from workbench.verify.reading import Reading

METHOD = 0x00120063
CLEAN_PIXELS = "113101"

_NAMED = re.compile(r"(1131\d\d) sha256 ([A-Za-z0-9_-]{43})")
_DIGEST = 43
"""Characters of a SHA-256 in base64url."""


def named_evidence(reading: Reading) -> dict[str, set[str]]:
    """Return the digests of evidence that De-identification Method (0012,0063) names, by code value."""
    element = reading.by_tag.get(METHOD)
    named: dict[str, set[str]] = {}
    for part in parts(element.value) if element is not None else ():
        match = _NAMED.fullmatch(part)
        if match is not None:
            named.setdefault(match[1], set()).add(match[2])
    return named


def given_evidence(pair: Pair, code: str) -> Iterator[bytes]:
    """Yield the documents that were given for a code: under the code itself, or under their digest."""
    return (document for key, document in pair.evidence.items() if key == code or len(key) == _DIGEST)


def document_of(pair: Pair, code: str) -> bytes | None:
    """Return the given document that the output names for a code, None when there is none."""
    names = named_evidence(pair.after).get(code, set())
    if not names:
        return None
    for key, document in pair.evidence.items():
        if (key == code or key in names) and digest_of(document) in names:
            return document
    return None


def digest_of(document: bytes) -> str:
    """Return the SHA-256 of a document as De-identification Method has it: 43 characters of base64url."""
    return urlsafe_b64encode(hashlib.sha256(document).digest()).decode().rstrip("=")
