"""Keyed pseudonyms: the same original gives the same pseudonym within a scope, and nobody can confirm a guess.

UIDs follow PS3.5 B.2 (UUID-derived, root 2.25) with 128 bits of HMAC-SHA256. Codes are Crockford base 32 of 60 bits.
"""

import hmac
from hashlib import sha256
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

PLACEHOLDER_IDS: Final = frozenset(
    {"", "0", "00", "000", "0000", "00000000", "1", "ANON", "ANONYMOUS", "ANONYMIZED", "ANONYMISED", "UNKNOWN", "NONE",
     "NULL", "NA", "N/A", "TEST", "PATIENT", "NOID", "NO ID", "UNIDENTIFIED", "DUMMY", "-", "?", "X", "XXX"},
)  # fmt: skip
"""Patient IDs that name nobody. Strangers must not be merged because a console wrote one of these."""


class Pseudonyms:
    """Pseudonyms of one scope. Not shared between processes; every process that has the key makes the same ones.

    Parameters
    ----------
    key
        At least 32 random bytes, kept in the vault (or thrown away after a run in folder mode).
    scope
        Recipient or project within which pseudonyms may be linked.
    """

    __slots__ = ("_base", "_codes", "_uids")

    def __init__(self, key: bytes, *, scope: str) -> None:
        if len(key) < 32:
            raise ValueError("a pseudonym key has at least 32 bytes")
        self._base = hmac.new(key, b"deid-workbench pseudonym 1\0" + scope.encode() + b"\0", sha256)
        self._uids: dict[bytes, bytes] = {}
        self._codes: dict[tuple[str, bytes], bytes] = {}

    def uid(self, original: bytes) -> bytes:
        """Return the UID that replaces `original` (bytes without padding)."""
        new = self._uids.get(original)
        if new is None:
            number = int.from_bytes(self._digest(b"uid\0" + original)[:16], "big")
            new = self._uids[original] = b"2.25.%d" % number
        return new

    def code(self, kind: str, original: bytes, prefix: str = "") -> bytes:
        """Return the code that replaces an identifier of `kind` (`patient`, `study`, `accession`)."""
        new = self._codes.get((kind, original))
        if new is None:
            number = int.from_bytes(self._digest(kind.encode() + b"\0" + original)[:8], "big") >> 4
            text = "".join(_ALPHABET[number >> shift & 31] for shift in range(55, -5, -5))
            new = self._codes[kind, original] = (prefix + text).encode()
        return new

    def forget(self) -> tuple[dict[bytes, bytes], dict[tuple[str, bytes], bytes]]:
        """Empty the memory and return what it held: UIDs, and codes by kind and original. Pseudonyms stay the same."""
        uids, codes = self._uids, self._codes
        self._uids, self._codes = {}, {}
        return uids, codes

    def _digest(self, message: bytes) -> bytes:
        mac = self._base.copy()
        mac.update(message)
        return mac.digest()


def patient_key(*, issuer: bytes, patient_id: bytes, study_uid: bytes) -> bytes:
    """Return what identifies a patient: issuer and Patient ID, or the study when the ID names nobody."""
    if is_placeholder(patient_id):
        return b"study\0" + study_uid
    return b"patient\0" + issuer + b"\0" + patient_id


def is_placeholder(patient_id: bytes) -> bool:
    """Tell whether a Patient ID names nobody."""
    text = patient_id.decode("latin-1").strip(" \0").upper()
    return text in PLACEHOLDER_IDS or not text.strip("0")
