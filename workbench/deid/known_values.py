"""What the identifying attributes of an instance hold, so that its free text can be searched for it.

Read while the inputs are scanned, at every depth, and merged per patient; the values of staff and site are merged over
the whole run (`shared`). The sceptic has a harvest of its own and never uses this one.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from workbench.dicom.characters import Charset, charset
from workbench.dicom.elements import Element
from workbench.dicom.instance import Instance
from workbench.records.known import KnownKind, KnownValue
from workbench.standard.dictionary import VR, keyword_of

_CHARACTER_SET: Final = 0x00080005
_LONGEST: Final = 1024
"""Bytes of one value. What is longer identifies nobody by itself; it is text."""

SHARED: Final = frozenset({KnownKind.PERSON, KnownKind.SITE, KnownKind.DEVICE, KnownKind.CONTACT, KnownKind.ADDRESS})
"""Kinds that any other study of a run may repeat: staff, site, devices, and how to reach them."""

_WORDS: Final[dict[str, KnownKind]] = {
    "Telephone": KnownKind.CONTACT,
    "TelecomInformation": KnownKind.CONTACT,
    "Address": KnownKind.ADDRESS,
    "RegionOfResidence": KnownKind.ADDRESS,
    "CountryOfResidence": KnownKind.ADDRESS,
    "InstitutionName": KnownKind.SITE,
    "InstitutionalDepartment": KnownKind.SITE,
    "StationName": KnownKind.SITE,
    "PatientInstitutionResidence": KnownKind.SITE,
    "CurrentPatientLocation": KnownKind.SITE,
    "ClinicalTrialSite": KnownKind.SITE,
    "ClinicalTrialSponsorName": KnownKind.SITE,
    "CustodialOrganization": KnownKind.SITE,
    "ResponsibleOrganization": KnownKind.SITE,
    "VerifyingOrganization": KnownKind.SITE,
    "DeviceSerialNumber": KnownKind.DEVICE,
    "DetectorID": KnownKind.DEVICE,
    "PlateID": KnownKind.DEVICE,
    "GantryID": KnownKind.DEVICE,
    "CassetteID": KnownKind.DEVICE,
    "GridID": KnownKind.DEVICE,
    "SecondaryCaptureDeviceID": KnownKind.DEVICE,
    "UniqueDeviceIdentifier": KnownKind.DEVICE,
    "PatientID": KnownKind.IDENTIFIER,
    "OtherPatientIDs": KnownKind.IDENTIFIER,
    "IssuerOfPatientID": KnownKind.SITE,
    "AccessionNumber": KnownKind.IDENTIFIER,
    "StudyID": KnownKind.IDENTIFIER,
    "AdmissionID": KnownKind.IDENTIFIER,
    "ServiceEpisodeID": KnownKind.IDENTIFIER,
    "MedicalRecordLocator": KnownKind.IDENTIFIER,
    "MilitaryRank": KnownKind.IDENTIFIER,
    "OrderNumber": KnownKind.IDENTIFIER,
    "RequestedProcedureID": KnownKind.IDENTIFIER,
    "ScheduledProcedureStepID": KnownKind.IDENTIFIER,
    "PerformedProcedureStepID": KnownKind.IDENTIFIER,
    "SpecimenIdentifier": KnownKind.IDENTIFIER,
    "ContainerIdentifier": KnownKind.IDENTIFIER,
    "SpecimenAccessionNumber": KnownKind.IDENTIFIER,
    "ClinicalTrialSubject": KnownKind.IDENTIFIER,
    "InsurancePlanIdentification": KnownKind.IDENTIFIER,
    "PatientReligiousPreference": KnownKind.IDENTIFIER,
    "PatientPreferredName": KnownKind.PATIENT,
    "PatientAlternativeName": KnownKind.PATIENT,
    "NameToUse": KnownKind.PATIENT,
}
"""Parts of keywords of attributes that hold text → what that text identifies."""

_PATIENTS: Final = ("Patient", "OtherPatientNames", "PatientBirthName", "PatientMother")
_TEXTS: Final = frozenset({"LO", "SH", "ST", "LT", "UT", "UC", "CS"})


def _kinds() -> dict[int, KnownKind]:
    found = {}
    for tag, vr in VR.items():
        keyword = keyword_of(tag) or ""
        if vr == "PN":
            found[tag] = KnownKind.PATIENT if keyword.startswith(_PATIENTS) else KnownKind.PERSON
        elif vr in ("DA", "DT"):
            found[tag] = KnownKind.DATE
        elif vr == "AE":
            found[tag] = KnownKind.DEVICE
        elif vr in _TEXTS and not keyword.endswith(("Sequence", "Flag", "Description")):
            kind = next((kind for word, kind in _WORDS.items() if word in keyword), None)
            if kind is not None:
                found[tag] = kind
    return found


_KINDS: Final = _kinds()


def known_values(instance: Instance) -> frozenset[KnownValue]:
    """Return the identifying values of an instance, decoded with the character set that holds where they stand.

    A value that can't be decoded is taken as Latin-1: better a needle too much than one too few. Never raises.
    """
    return frozenset(_walk(instance.buffer, instance.elements, charset(b""), instance.payloads))


def shared(values: Iterable[KnownValue]) -> frozenset[KnownValue]:
    """Return those values that texts of other patients of the same run may repeat."""
    return frozenset(value for value in values if value.kind in SHARED)


def _walk(buffer: bytes, elements: list[Element], held: Charset, skip: Iterable[int] = ()) -> Iterator[KnownValue]:
    for tag, vr, _start, value, length, items in elements:
        if items is not None:
            for item in items:
                yield from _walk(buffer, item, held)
            continue
        if tag == _CHARACTER_SET:
            held = charset(buffer[value : value + length])
            continue
        kind = KnownKind.PERSON if vr == b"PN" else None
        kind = _KINDS.get(tag, kind)
        if kind is not None and 0 < length <= _LONGEST and tag not in skip:
            yield from _values(kind, buffer[value : value + length], held)


def _values(kind: KnownKind, raw: bytes, held: Charset) -> Iterator[KnownValue]:
    text = held.decode(raw)
    if text is None:
        text = raw.decode("latin-1")
    for part in text.split("\\"):
        word = part.strip(" \0\r\n\t")
        if word:
            yield KnownValue(kind, word)
