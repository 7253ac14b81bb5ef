"""What the identifying attributes of an instance hold, so that its free text can be searched for it.

Read while the inputs are scanned, at every depth, and merged per patient; the values of staff and site are merged over
the whole run (`shared`). The sceptic has a harvest of its own and never uses this one.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from workbench.deid.pseudonyms import PLACEHOLDER_IDS
from workbench.dicom.characters import Charset, charset
from workbench.dicom.elements import Element, implicit_items
from workbench.dicom.instance import Instance
from workbench.records.known import KnownKind, KnownValue
from workbench.standard.dictionary import VR, keyword_of

_CHARACTER_SET: Final = 0x00080005
_CODE_VALUE: Final = 0x00080100
_CODE_MEANING: Final = 0x00080104

_LONGEST: Final = 1024
"""Bytes of one value. What is longer identifies nobody by itself; it is text."""

_SHORTEST: Final = 3
"""Characters of an identifier. Shorter ones (a Study ID of 1) stand in every text and say nothing."""

SHARED: Final = frozenset({KnownKind.PERSON, KnownKind.SITE, KnownKind.DEVICE, KnownKind.CONTACT, KnownKind.ADDRESS})
"""Kinds that any other study of a run may repeat: staff, site, devices, and how to reach them."""

_CODES: Final = {
    0x00080082: {_CODE_VALUE: KnownKind.SITE, _CODE_MEANING: KnownKind.SITE},
    0x00401101: {_CODE_VALUE: KnownKind.IDENTIFIER, _CODE_MEANING: KnownKind.PERSON},
}
"""Institution and Person Identification Code Sequence: what their codes and meanings identify."""

_BY_WORD: Final = (
    (KnownKind.CONTACT, ("Telephone", "Telecom", "PhoneNumber")),
    (KnownKind.ADDRESS, ("Address", "RegionOfResidence", "CountryOfResidence")),
    (
        KnownKind.SITE,
        (
            *("Institution", "StationName", "Organization", "Issuer", "TrialSite", "TrialSponsor"),
            *("CoordinatingCenter", "EthicsCommitteeName", "Location"),
        ),
    ),
    (
        KnownKind.DEVICE,
        (
            *("SerialNumber", "DetectorID", "PlateID", "GantryID", "CassetteID", "GridID", "GeneratorID"),
            *("DeviceID", "XRaySourceID", "DeviceIdentifier", "AlternateIdentifier", "MachineName"),
            "CameraOwnerName",
        ),
    ),
    (
        KnownKind.IDENTIFIER,
        (
            *("PatientID", "OtherPatientIDs", "AccessionNumber", "StudyID", "AdmissionID", "ServiceEpisodeID"),
            *("MedicalRecordLocator", "OrderNumber", "RequestedProcedureID", "ProcedureStepID", "BarcodeValue"),
            *("SpecimenIdentifier", "ContainerIdentifier", "ContainerComponentID", "SlideIdentifier"),
            *("TrialSubjectID", "SubjectReadingID", "InsurancePlan", "ResultsID", "InterpretationID"),
        ),
    ),
    (KnownKind.PATIENT, ("NameToUse",)),
)
"""Parts of keywords → what the text of such an attribute identifies; the first that is found counts."""

_NO_VALUE: Final = (
    *("Description", "Comment", "Comments", "Arrangements", "Format", "LocationLabel", "LocationID", "TemplateIssuer"),
    *("TemplateGroupIssuer", "DescriptionTrial"),
)
"""Ends of keywords of attributes that hold text, not one identifying value."""

_PATIENTS: Final = ("Patient", "OtherPatientNames")
_TEXTS: Final = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})


@cache
def _kinds() -> dict[int, KnownKind]:
    """Return what the values of attributes identify, by tag."""
    found = {}
    for tag, vr in VR.items():
        keyword = keyword_of(tag) or ""
        if vr == "PN":
            found[tag] = KnownKind.PATIENT if keyword.startswith(_PATIENTS) else KnownKind.PERSON
        elif vr in ("DA", "DT"):
            found[tag] = KnownKind.DATE
        elif vr == "AE":
            found[tag] = KnownKind.DEVICE
        elif vr in _TEXTS and not keyword.endswith(_NO_VALUE):
            kind = next((kind for kind, words in _BY_WORD if any(word in keyword for word in words)), None)
            if kind is not None:
                found[tag] = kind
    return found


def known_values(instance: Instance) -> frozenset[KnownValue]:
    """Return the identifying values of an instance, decoded with the character set that holds where they stand.

    A value that can't be decoded is taken as UTF-8 or Latin-1: better a needle too much than one too few. Never raises.
    """
    return frozenset(_walk(instance.buffer, instance.elements, charset(b""), {}, skip=instance.payloads))


def shared(values: Iterable[KnownValue]) -> frozenset[KnownValue]:
    """Return those values that texts of other patients of the same run may repeat."""
    return frozenset(value for value in values if value.kind in SHARED)


def _walk(
    buffer: bytes,
    elements: list[Element],
    held: Charset,
    here: dict[int, KnownKind],
    *,
    skip: Iterable[int] = (),
) -> Iterator[KnownValue]:
    """Yield the values of an item; `here` says what codes identify in it."""
    kinds = _kinds()
    for tag, vr, _start, value, length, items in elements:
        if items is None and vr == b"UN" and length >= 8 and tag not in skip:
            items = implicit_items(buffer, value, length)  # noqa: PLW2901 (a sequence that came as UN, PS3.5 6.2.2)
        if items is not None:
            for item in items:
                yield from _walk(buffer, item, held, _CODES.get(tag, {}))
            continue
        if tag == _CHARACTER_SET:
            held = charset(buffer[value : value + length])
            continue
        kind = here.get(tag) or kinds.get(tag) or (KnownKind.PERSON if vr == b"PN" else None)
        if kind is not None and 0 < length <= _LONGEST and tag not in skip:
            yield from _values(kind, buffer[value : value + length], held)


def _values(kind: KnownKind, raw: bytes, held: Charset) -> Iterator[KnownValue]:
    text = held.decode(raw)
    if text is None:
        try:
            text = raw.decode("utf-8")
        except UnicodeError:
            text = raw.decode("latin-1")
    for part in text.split("\\"):
        word = part.strip(" \0\r\n\t")
        if kind is KnownKind.DATE:
            word = word[:8]  # the day: texts repeat no fractions of seconds, and instances have thousands of them
        if word and not _says_nothing(kind, word):
            yield KnownValue(kind, word)


def _says_nothing(kind: KnownKind, word: str) -> bool:
    if kind in (KnownKind.PATIENT, KnownKind.PERSON):
        return False
    return len(word) < _SHORTEST or word.upper() in PLACEHOLDER_IDS
