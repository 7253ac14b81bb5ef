"""The classes of identifiers of HIPAA and the attributes of PS3.6 in which they are met.

45 CFR 164.514(b)(2)(i)(A) to (R), of the individual and of relatives, employers and household members, and the sixteen
of 164.514(e)(2). An attribute belongs to a class when what it is for, by its name and VR, is to hold such an
identifier. Text that may hold any of them is a class of its own, `text`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from workbench.standard.dictionary import VR, keyword_of, vr_of

_TEXT_VRS: Final = frozenset(("LO", "SH", "ST", "LT", "UT", "UC"))
_DATE_VRS: Final = frozenset(("DA", "DT", "TM"))
_WORDS: Final = _TEXT_VRS | {"AE", "CS", "OB", "PN", "SQ", "UN", "UR"}
"""VRs of values that can spell an identifier. Dates are a class by themselves."""

_NUMBERS: Final = frozenset(("DS", "IS", "FD", "FL", "SL", "SS", "UL", "US"))
"""VRs of numbers, which are measured and identify nobody, but for a few."""

_NEVER: Final = (0x0000, 0x0002, 0x0004)
"""Groups of messages, file meta and directories: no data set has them when it leaves."""


@dataclass(frozen=True, slots=True)
class IdentifierClass:
    """One class: its letter in 164.514(b)(2)(i), its words, and how its attributes are told by VR and keyword.

    `limited` is its numeral in 164.514(e)(2), empty when a limited data set may keep it. `beyond` says what of it no
    profile reaches, and who answers for that.
    """

    letter: str
    title: str
    limited: str
    vrs: frozenset[str]
    keywords: str
    beyond: str = ""
    numbers: str = ""
    """The keywords of numbers that identify."""

    limited_keywords: str = ""
    """The keywords for a limited data set, where it names less."""

    def of_limited_data_set(self) -> "IdentifierClass":
        """Return the class as 164.514(e)(2) draws it."""
        return replace(self, keywords=self.limited_keywords) if self.limited_keywords else self

    def holds(self, tag: int) -> bool:
        """Tell whether the attribute is meant to hold an identifier of this class."""
        vr = vr_of(tag) or ""
        if vr in self.vrs:
            return True
        keywords = self.keywords if vr in _WORDS else self.numbers if vr in _NUMBERS else ""
        return bool(keywords) and bool(_pattern(keywords).search(keyword_of(tag)))


@cache
def _pattern(keywords: str) -> re.Pattern[str]:
    return re.compile(keywords)


_IN_PIXELS = (
    "Text burned into pixels is looked for and blackened where the profile says `pixels: clean`. No detector finds "
    "all: a person looks at the images too."
)

CLASSES: Final = (
    IdentifierClass(
        "A",
        "Names",
        "i",
        frozenset({"PN"}),
        r"(?:Patient|Person|Physician|Operator|Observer|Author|Creator|Reviewer|Responsible|Actor|Performer|Participant"
        r"|Evaluator|Interpreter|Transcriber|Approver|Subject|Sponsor|User)\w*Name|Alias|MotherBirthName|NameToUse"
        r"|PersonIdentification|PhysiciansOfRecord\w*Sequence|PhysicianIdentification|ResponsiblePerson"
        r"|ContactDisplayName|HangingProtocolCreator|Pronoun|VerifyingObserver|NamesOfIntendedRecipients|OwnerName"
        r"|TopicAuthor|(?:Operator|Physicians?\w*|ContentCreator|Results|OfResults)Identification\w*Sequence|HumanPerformer"
        r"|AuthorObserver|ParticipantSequence|ROICreator|ROIInterpreter|InterpretationApprover|ResultsDistributionList"
        r"|IntendedRecipients|MilitaryRank",
        _IN_PIXELS,
    ),
    IdentifierClass(
        "B",
        "Geographic subdivisions smaller than a state",
        "ii",
        frozenset(),
        r"Address(?!Trial)|Institution|RegionOfResidence|CountryOfResidence|GPS|TimezoneOffset|GeographicLocation"
        r"|(?:Patient|Study|Step|Assigned|Scheduled\w*|Performed\w*|Subject)Location(?!Coordinates)|Organization|BranchOfService"
        r"|ServiceEpisode|DepartmentType|ClinicalTrialSite|CoordinatingCenter|RequestingService$|EthicsCommittee"
        r"|PatientTransport|Route\w*LocationID$",
        numbers=r"^GPS",
        limited_keywords=r"Address(?!Trial)",
    ),
    IdentifierClass(
        "C",
        "Dates except the year, and ages over 89",
        "",
        _DATE_VRS | {"AS"},
        r"DateInAlternativeCalendar|Timestamp$",
    ),
    IdentifierClass("D", "Telephone numbers", "iii", frozenset(), r"Telephone|Telecom|Phone(?!t)|CallbackNumber"),
    IdentifierClass("E", "Fax numbers", "iv", frozenset(), r"Telephone|Telecom|Fax"),
    IdentifierClass("F", "Electronic mail addresses", "v", frozenset(), r"Telecom|EMail|Email"),
    IdentifierClass("G", "Social security numbers", "vi", frozenset(), r"^PatientID$|OtherPatientID|IssuerOfPatientID"),
    IdentifierClass(
        "H",
        "Medical record numbers",
        "vii",
        frozenset(),
        r"^PatientID$|OtherPatientID|IssuerOfPatientID|MedicalRecordLocator|PatientAlternat|SourcePatientGroup"
        r"|IssuerOfAdmissionID|^AdmissionID|GroupOfPatientsID|StrainStockNumber|ClinicalTrialSubject",
    ),
    IdentifierClass("I", "Health plan beneficiary numbers", "viii", frozenset(), r"InsurancePlan|Insurance"),
    IdentifierClass(
        "J",
        "Account numbers",
        "ix",
        frozenset(),
        r"Accession|OrderNumber|Account|^AdmissionID|ServiceEpisodeID|VisitID|RequestedProcedureID$|BillingItem\w*ID",
    ),
    IdentifierClass(
        "K",
        "Certificate and license numbers",
        "x",
        frozenset(),
        r"Certificat|License|RegistrationNumber",
    ),
    IdentifierClass(
        "L",
        "Vehicle identifiers and license plates",
        "xi",
        frozenset(),
        r"LicensePlate|BoardingPass|CarrierID|ItineraryID",
    ),
    IdentifierClass(
        "M",
        "Device identifiers and serial numbers",
        "xii",
        frozenset(),
        r"SerialNumber|DeviceUID|DeviceIdentifier|^DeviceID$|UDISequence|UniqueDeviceIdentifier|StationName|PlateID|CassetteID"
        r"|GantryID|GeneratorID|DetectorID|SourceID$|XRaySourceID|GridID|DeviceLabel|ModifyingSystem|CaptureDeviceID"
        r"|CreationDeviceID|RadiationMachineName|TreatmentMachineName|TransducerIdentification|ManufacturerDevice"
        r"|EquipmentCertification|ModifyingDeviceID|DetectorLabel|PrinterName|LotNumber|BatchNumber",
    ),
    IdentifierClass("N", "Web addresses", "xiii", frozenset({"UR"}), r"URI$|URL$|RetrieveURI"),
    IdentifierClass(
        "O",
        "Addresses in networks",
        "xiv",
        frozenset({"AE"}),
        r"AETitle|NetworkID|NTPSourceAddress|IPAddress|^Originator$|DestinationAE|RequestingAE|ReceivingAE|PresentationAddress",
    ),
    IdentifierClass(
        "P",
        "Biometric identifiers, voices and finger prints among them",
        "xv",
        frozenset(),
        r"Biometric|AudioSample|AudioComments",
        "Recorded voices are refused whatever the profile. Images of eyes are held like photographs: recognisable "
        "features possible.",
    ),
    IdentifierClass(
        "Q",
        "Full-face photographs and comparable images",
        "xvi",
        frozenset(),
        r"PatientPhoto|SetupPhoto|FacialImage",
        "Photographs and slices of which a face could be rebuilt are held: recognisable features possible. Accepted by "
        "name they leave under an expert determination or for treatment, never under this law. No feature is removed, "
        "and the option 113102 is never claimed.",
    ),
    IdentifierClass(
        "R",
        "Any other unique number, characteristic or code",
        "",
        frozenset({"UI"}),
        r"StudyID$|TrackingID|SpecimenIdentifier|ContainerIdentifier|ProcedureStepID|RequestedProcedureID|FillerOrder"
        r"|PlacerOrder|FlowIdentifier|SourceIdentifier|SlotID|ClinicalTrialSeriesID|StudyIDIssuer|ComponentID|^MAC$"
        r"|AlternateIdentifier|NonconformingDataElementValue|SelectorOBValue|SelectorUNValue|InstanceMAC|TransactionUID|InstanceIdentifier|FileSetID|EntityID|BarcodeValue|LabelText|SlideIdentifier"
        r"|ClinicalTrialProtocolID|ClinicalTrialSubjectID|TimePointID|ConfidentialityCode|DonationIdentifier|EncryptedContent"
        r"|EncryptedAttributes|DigitalSignature|MACParameters|^Signature$|OriginalAttributes|ModifiedAttributes|InterpretationID"
        r"|ResultsID|ReportID|OwnerID|AnnotationGroupUID",
    ),
)
"""The eighteen classes in the order of the regulation."""


def attributes_of(each: IdentifierClass) -> Iterator[int]:
    """Yield the tags of the class, of those that a data set may hold."""
    words = _pattern(each.keywords).search if each.keywords else None
    numbers = _pattern(each.numbers).search if each.numbers else None
    for tag, vr, keyword in _attributes():
        if vr in each.vrs:
            yield tag
        elif words is not None and vr in _WORDS:
            if words(keyword):
                yield tag
        elif numbers is not None and vr in _NUMBERS and numbers(keyword):
            yield tag


def texts() -> Iterator[int]:
    """Yield the tags of free text, in which every class may be met."""
    return (tag for tag, vr, _ in _attributes() if vr in _TEXT_VRS)


@cache
def _attributes() -> tuple[tuple[int, str, str], ...]:
    """Return tag, VR and keyword of what a data set may hold, in the order of tags."""
    tags = (tag for tag in sorted(VR) if tag >> 16 not in _NEVER and tag >> 24 not in {0x50, 0x60})
    return tuple((tag, vr_of(tag) or "", keyword_of(tag)) for tag in tags)
