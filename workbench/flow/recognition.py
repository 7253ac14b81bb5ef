"""Whose a study is: what is certain, what cannot be, and what somebody has to be asked.

Certain is only what agrees in full. Two Patient IDs are never merged and one is never shared because it is likely; it
is asked, and until the answer comes the study waits in quarantine.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from workbench.flow.machine import Reading
from workbench.flow.recording import Change
from workbench.store.persons import Member, own_key
from workbench.store.study_records import Patient
from workbench.vault.keys import KeyRing

SHARED_ID: Final = "two-patients-one-id"
TWO_SITES: Final = "one-id-two-sites"
TWO_IDS: Final = "one-patient-two-ids"
SPLIT_STUDY: Final = "split-study"
QUESTIONS: Final[Mapping[str, tuple[str, str]]] = {
    SHARED_ID: (
        "The Patient ID belongs to a patient with another name or birth date.",
        "Find out whether it is the same person (a corrected or changed name), then answer the question.",
    ),
    TWO_SITES: (
        "The same Patient ID came from another issuer or institution.",
        "Find out whether both sites mean the same person, then answer the question.",
    ),
    TWO_IDS: (
        "A patient with the same name and birth date is here under another Patient ID.",
        "Find out whether it is the same person, then answer the question.",
    ),
    SPLIT_STUDY: (
        "A later part of this study names its patient in another way than the part that is here.",
        "Find out whether both parts are of the same person, then answer the question.",
    ),
}
"""What is asked, and what to do about it, by code."""

_SEPARATORS: Final = re.compile(rb"[\^=,\s]+")
_MOST_QUESTIONS: Final = 8


@dataclass(frozen=True, slots=True)
class Claims:
    """What an input says of its patient, beyond the key. Bears identity."""

    name: bytes = field(default=b"", repr=False)
    birth: bytes = field(default=b"", repr=False)
    sex: bytes = field(default=b"", repr=False)
    institution: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, identity: Mapping[str, str]) -> "Claims":
        """Return what was recorded; older records have no sex and no institution."""
        return cls(*(bytes.fromhex(identity.get(name, "")) for name in ("name", "birth", "sex", "institution")))

    @classmethod
    def among(cls, readings: Sequence[Reading]) -> "Claims":
        """Return what the instances of one patient say together: of each value the longest."""

        def longest(values: Sequence[bytes]) -> bytes:
            return max(sorted(set(values)), key=len)

        return cls(
            longest([one.person[0] for one in readings]),
            longest([one.person[1] for one in readings]),
            longest([one.sex for one in readings]),
            longest([one.institution for one in readings]),
        )

    def hexadecimal(self) -> dict[str, str]:
        """Return the values as they are recorded."""
        return {
            "name": self.name.hex(),
            "birth": self.birth.hex(),
            "sex": self.sex.hex(),
            "institution": self.institution.hex(),
        }


@dataclass(frozen=True, slots=True)
class Recognised:
    """The patient of a study, and what has to be asked first: code, and the patient that it may be the same as."""

    patient: Patient
    asks: tuple[tuple[str, str], ...] = ()


def contradictions(one: Claims, other: Claims) -> int:
    """Count in how many of name and birth date two contradict each other; an absent value says nothing.

    A name may say more than another (a middle name, a title) or have its parts in another order.
    """
    names, births = (_words(one.name), _words(other.name)), (one.birth, other.birth)
    named = all(names) and not _extends(*names)
    return named + (all(births) and births[0] != births[1])


def alike(one: Claims, other: Claims) -> bool:
    """Tell whether name and birth date are both there and agree, and the sexes do not contradict."""
    if not one.birth or one.birth != other.birth or (one.sex and other.sex and one.sex != other.sex):
        return False
    names = _words(one.name), _words(other.name)
    return all(names) and _extends(*names) and (names[0] == names[1] or len(names[0] & names[1]) > 1)


def birth_index(keys: KeyRing, birth: bytes) -> str:
    """Return the keyed digest under which patients of one birth date are found; empty without one."""
    return keys.index("birth date", birth) if birth else ""


def recognise(change: Change, keys: KeyRing, first: Reading, claims: Claims, *, uid: str, at: datetime) -> Recognised:
    """Find or add the patient of a new study, and say what has to be asked.

    Parameters
    ----------
    first
        One instance of the study, for the key of its patient.
    claims
        What all instances together say of the patient.
    uid
        Study Instance UID of the input.
    """
    patient_id = "" if first.placeholder else text_of(first.patient.rsplit(b"\0", 1)[-1])
    known = change.persons.with_id(patient_id) if patient_id else ()
    same_key = [member for member in known if member.identity.get("patient") == first.patient.hex()]
    mine = next((member for member in same_key if member.key == first.patient), None)
    if mine is not None and _certain(first, claims, mine):
        return Recognised(Patient(mine.id, mine.identity))
    met = next((member for member in same_key if alike(claims, Claims.of(member.identity))), None)
    if met is not None:
        return Recognised(Patient(met.id, met.identity))
    identity = {"patient": first.patient.hex(), **claims.hexadecimal(), "uid": uid}
    key = first.patient if mine is None else own_key(first.patient, uid)
    patient = add_patient(change, keys, key, patient_id=patient_id, identity=identity, at=at)
    asks = [] if mine is None else [(_about(claims, mine), mine.id)]
    others = [
        member for member in known if member not in same_key and not contradictions(claims, Claims.of(member.identity))
    ]
    asks += [(TWO_SITES, member.id) for member in others]
    namesakes = change.persons.born(birth_index(keys, claims.birth))
    asks += [(TWO_IDS, member.id) for member in namesakes if alike(claims, Claims.of(member.identity))]
    return Recognised(patient, _distinct(change, patient.id, asks))


def add_patient(
    change: Change, keys: KeyRing, key: bytes, *, patient_id: str, identity: Mapping[str, str], at: datetime
) -> Patient:
    """Return the patient of a key, added when unknown and found again by the birth date."""
    whole = {**identity, "key": key.hex()}
    patient = change.studies.patient(key, patient_id=patient_id, identity=whole, at=at)
    birth = bytes.fromhex(patient.identity.get("birth", ""))
    change.persons.note_birth(patient.id, birth_index(keys, birth))
    return patient


def belongs(reading: Reading, group: Sequence[Member], recorded: Mapping[str, str]) -> bool:
    """Tell whether an instance is of one of the patients that are one person, or of the study as recorded."""
    claims = Claims(*reading.person, reading.sex, reading.institution)
    return any(
        reading.patient.hex() == identity.get("patient") and not contradictions(claims, Claims.of(identity))
        for identity in (recorded, *(member.identity for member in group))
    )


def text_of(value: bytes) -> str:
    """Return bytes of an input as text, whatever they are, without padding."""
    return value.decode("latin-1").strip(" \0")


def _certain(first: Reading, claims: Claims, known: Member) -> bool:
    """Tell whether the patient of this key is meant: nothing contradicts, and it is the same site as far as told.

    An issuer makes the Patient ID unique, and so does a birth date and name that agree. Else the same number at another
    institution may be somebody else's.
    """
    recorded = Claims.of(known.identity)
    if contradictions(claims, recorded):
        return False
    issued = first.patient.startswith(b"patient\0") and not first.patient.startswith(b"patient\0\0")
    return issued or not _other_site(claims, recorded) or alike(claims, recorded)


def _other_site(one: Claims, other: Claims) -> bool:
    sites = [b" ".join(claims.institution.upper().split()) for claims in (one, other)]
    return all(sites) and sites[0] != sites[1]


def _about(claims: Claims, known: Member) -> str:
    return SHARED_ID if contradictions(claims, Claims.of(known.identity)) else TWO_SITES


def _distinct(change: Change, patient: str, asks: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return one question for each person: what is known to be one person is asked about once."""
    found: dict[str, tuple[str, str]] = {}
    for code, other in asks:
        root = change.persons.root(other)
        if other != patient and root != change.persons.root(patient):
            found.setdefault(root, (code, other))
    return tuple(list(found.values())[:_MOST_QUESTIONS])


def _words(name: bytes) -> frozenset[bytes]:
    return frozenset(_SEPARATORS.split(name.upper())) - {b""}


def _extends(one: frozenset[bytes], other: frozenset[bytes]) -> bool:
    return one <= other or other <= one
