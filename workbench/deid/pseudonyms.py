"""Pseudonyms of one scope: the same original gives the same pseudonym, and nobody can confirm a guess.

*Derived* ones come from a key by HMAC. *Random* ones were drawn for each patient and are kept in a crosswalk, so that
nothing about the person is in them (45 CFR 164.514(c)); only within one patient a key that was drawn with them, and is
random too, makes UIDs and further codes.

UIDs follow PS3.5 B.2 (UUID-derived, root 2.25) with 128 bits of HMAC-SHA256. Codes are Crockford base 32 of 60 bits.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Final, Protocol

from workbench.dicom.elements import refuse
from workbench.records.pseudonym import Assigned

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_READS_AS_AGE: Final = re.compile(r"[0-9](?:Y|YRS?|YEARS?|ANS|JAAR|JAHRE)$")
"""An age above 89 identifies (45 CFR 164.514(b)(2)(i)(C)), and nobody can tell one from the end of a code."""

LONGEST_OFFSET: Final = 3650
"""Days. Ten years back at most: dates stay plausible, and no date of today's devices falls before their invention."""

PLACEHOLDER_IDS: Final = frozenset(
    {"", "0", "00", "000", "0000", "00000000", "1", "ANON", "ANONYMOUS", "ANONYMIZED", "ANONYMISED", "UNKNOWN", "NONE",
     "NULL", "NA", "N/A", "TEST", "PATIENT", "NOID", "NO ID", "UNIDENTIFIED", "DUMMY", "-", "?", "X", "XXX"},
)  # fmt: skip
"""Patient IDs that name nobody. Strangers must not be merged because a console wrote one of these."""

Codes = dict[tuple[str, bytes], bytes]
"""Codes by kind and original."""


class PatientPseudonyms(Protocol):
    """What replaces the identifiers in the objects of one patient."""

    @property
    def offset_days(self) -> int:
        """How many whole days the patient's dates go back: 1 to `LONGEST_OFFSET`."""

    def uid(self, original: bytes) -> bytes:
        """Return the UID that replaces `original` (bytes without padding)."""

    def code(self, kind: str, original: bytes, prefix: str = "") -> bytes:
        """Return the code that replaces an identifier of `kind` (`patient`, `study`, `accession`, `device`)."""


class PseudonymSource(Protocol):
    """Where an engine gets its pseudonyms from. Not shared between processes."""

    def of(self, patient: bytes) -> PatientPseudonyms:
        """Return the pseudonyms of the patient with this key (`patient_key`).

        Raises
        ------
        InstanceRefused
            When nothing was drawn for this patient.
        """

    def forget(self) -> tuple[dict[bytes, bytes], Codes]:
        """Empty the memory and return what it held: UIDs, and codes by kind and original. Pseudonyms stay the same."""


class Pseudonyms:
    """Derived pseudonyms of one scope. Every process that has the key makes the same ones.

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
        self._codes: Codes = {}

    def of(self, patient: bytes) -> PatientPseudonyms:
        """Return the pseudonyms of one patient: all of one scope are made alike, only the offset is the patient's."""
        return _Derived(self, patient)

    def uid(self, original: bytes) -> bytes:
        """Return the UID that replaces `original` (bytes without padding)."""
        new = self._uids.get(original)
        if new is None:
            number = int.from_bytes(self._digest(b"uid\0" + original)[:16], "big")
            new = self._uids[original] = b"2.25.%d" % number
        return new

    def code(self, kind: str, original: bytes, prefix: str = "") -> bytes:
        """Return the code that replaces an identifier of `kind` (`patient`, `study`, `accession`, `device`)."""
        new = self._codes.get((kind, original))
        if new is None:
            text = _letters(self._digest(kind.encode() + b"\0" + original))
            new = self._codes[kind, original] = (prefix + text).encode()
        return new

    def offset_days(self, patient: bytes) -> int:
        """Return how many whole days the dates of this patient go back."""
        return _offset(self._digest(b"offset\0" + patient))

    def forget(self) -> tuple[dict[bytes, bytes], Codes]:
        """Empty the memory and return what it held: UIDs, and codes by kind and original. Pseudonyms stay the same."""
        uids, codes = self._uids, self._codes
        self._uids, self._codes = {}, {}
        return uids, codes

    def _digest(self, message: bytes) -> bytes:
        mac = self._base.copy()
        mac.update(message)
        return mac.digest()


class _Derived:
    """Derived pseudonyms, as one patient sees them."""

    __slots__ = ("_patient", "_pseudonyms", "code", "uid")

    def __init__(self, pseudonyms: Pseudonyms, patient: bytes) -> None:
        self._pseudonyms = pseudonyms
        self._patient = patient
        self.uid = pseudonyms.uid
        self.code = pseudonyms.code

    @property
    def offset_days(self) -> int:
        """How many whole days the patient's dates go back."""
        return self._pseudonyms.offset_days(self._patient)


class RandomPseudonyms:
    """Random pseudonyms of one scope: what the caller drew, by patient key (`patient_key`, with the person)."""

    __slots__ = ("_assigned", "_known", "_scope")

    def __init__(self, assigned: Mapping[bytes, Assigned], *, scope: str) -> None:
        self._assigned = assigned
        self._scope = scope
        self._known: dict[bytes, _Drawn] = {}

    def of(self, patient: bytes) -> PatientPseudonyms:
        """Return the pseudonyms of one patient.

        Raises
        ------
        InstanceRefused
            When nothing was drawn for this patient: nothing is made up here.
        """
        found = self._known.get(patient)
        if found is None:
            assigned = self._assigned.get(patient)
            if assigned is None:
                raise refuse(
                    "pseudonym-not-assigned",
                    "No pseudonym was drawn for the patient of this object.",
                    "Start again: the object changed after it was read.",
                )
            found = self._known[patient] = _Drawn(assigned, patient, self._scope)
        return found

    def forget(self) -> tuple[dict[bytes, bytes], Codes]:
        """Empty the memory and return what it held: UIDs, and codes by kind and original. Pseudonyms stay the same."""
        uids: dict[bytes, bytes] = {}
        codes: Codes = {}
        for known in self._known.values():
            held_uids, held_codes = known.forget()
            uids.update(held_uids)
            codes.update(held_codes)
        self._known.clear()
        return uids, codes


class _Drawn:
    """Random pseudonyms of one patient."""

    __slots__ = ("_assigned", "_patient", "_within", "_written", "uid")

    def __init__(self, assigned: Assigned, patient: bytes, scope: str) -> None:
        self._assigned = assigned
        self._patient = patient
        self._within = Pseudonyms(assigned.key, scope=scope)
        self._written: Codes = {}
        self.uid = self._within.uid

    @property
    def offset_days(self) -> int:
        return self._assigned.offset_days

    def code(self, kind: str, original: bytes, prefix: str = "") -> bytes:
        if kind != "patient":
            return self._within.code(kind, original, prefix)
        new = self._written[kind, original] = (prefix + self._assigned.code).encode()
        return new

    def forget(self) -> tuple[dict[bytes, bytes], Codes]:
        uids, codes = self._within.forget()
        return uids, {**codes, **self._written}


def draw(random: Callable[[int], bytes]) -> Assigned:
    """Draw the pseudonyms of one patient from a source of random bytes (`random(32)` gives 32 of them)."""
    return Assigned(code=_letters(random(8)), offset_days=_offset(random(8)), key=random(32))


def repeatable(key: bytes, inputs: Iterable[bytes]) -> Callable[[int], bytes]:
    """Return a source of bytes for `draw` that gives the same for the same key and the same inputs as a whole.

    Nobody without the key can tell its bytes from random ones.
    """
    seed = hmac.new(key, b"deid-workbench draw 1\0" + sha256(b"\0".join(inputs)).digest(), sha256).digest()
    counter = 0

    def random(count: int) -> bytes:
        nonlocal counter
        counter += 1
        return hmac.new(seed, counter.to_bytes(8, "big"), sha256).digest()[:count]

    return random


def _letters(digest: bytes) -> str:
    """Return a code; one that could be read as an age (`…93Y`) is made anew, the same for the same digest."""
    while _READS_AS_AGE.search(code := _spelt(digest)) is not None:
        digest = sha256(b"another code\0" + digest).digest()
    return code


def _spelt(digest: bytes) -> str:
    number = int.from_bytes(digest[:8], "big") >> 4
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(55, -5, -5))


def _offset(digest: bytes) -> int:
    return 1 + int.from_bytes(digest[:8], "big") % LONGEST_OFFSET


def patient_key(*, issuer: bytes, patient_id: bytes, study_uid: bytes) -> bytes:
    """Return what identifies a patient: issuer and Patient ID, or the study when the ID names nobody."""
    if is_placeholder(patient_id):
        return b"study\0" + study_uid
    return b"patient\0" + issuer + b"\0" + patient_id


def with_person(patient: bytes, person: bytes) -> bytes:
    """Return the key of one of two persons who came under one Patient ID; without `person` the key as it is."""
    return patient + b"\0" + person if person else patient


def is_placeholder(patient_id: bytes) -> bool:
    """Tell whether a Patient ID names nobody."""
    text = patient_id.decode("latin-1").strip(" \0").upper()
    return text in PLACEHOLDER_IDS or not text.strip("0")
