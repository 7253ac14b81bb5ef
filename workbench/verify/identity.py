"""Which values of an input identify somebody or some place, by the verifier's own reading of the standard.

The list is not Table E.1-1: it names attributes whose value points at a person, an organisation, a device or a day, so
that the value itself must not be found anywhere in an output. Words that only describe (a protocol, a body part) are
left to the rules.
"""

from enum import StrEnum
from functools import cache
from typing import NamedTuple

from workbench.standard.dictionary import tag_of


class Kind(StrEnum):
    """What an identifying value is. The values name it in messages."""

    NAME = "a person's name"
    IDENTIFIER = "an identifier of the patient, the study or an order"
    CONTACT = "a telephone number or electronic address"
    ADDRESS = "an address"
    SITE = "the name of an institution, a department or a place"
    DEVICE = "the name or serial number of a device or system"
    DATE = "a date"
    COMMENT = "a comment about the patient"


class Value(NamedTuple):
    """One identifying value of an input. `raw` are its bytes where they are not plain ASCII, `tag` where it stood."""

    kind: Kind
    text: str
    raw: bytes
    tag: int


class Identity(NamedTuple):
    """The identifying values of one or many inputs, and words of theirs that describe devices without naming one."""

    values: frozenset[Value]
    models: frozenset[str]
    """Manufacturers and models, case-folded: a station named like its model is no identity."""


_KEYWORDS: dict[Kind, str] = {
    Kind.IDENTIFIER: """
        PatientID OtherPatientIDs AccessionNumber StudyID AdmissionID ServiceEpisodeID RequestedProcedureID
        ScheduledProcedureStepID PerformedProcedureStepID PlacerOrderNumberImagingServiceRequest
        FillerOrderNumberImagingServiceRequest PlacerOrderNumberProcedure FillerOrderNumberProcedure
        PlacerOrderNumberImagingServiceRequestRetired FillerOrderNumberImagingServiceRequestRetired
        InsurancePlanIdentification MedicalRecordLocator ClinicalTrialSubjectID ClinicalTrialSubjectReadingID
        SpecimenAccessionNumber SpecimenIdentifier ContainerIdentifier SlideIdentifier BarcodeValue ResultsID
        InterpretationID UniversalEntityID HL7InstanceIdentifier TrackingID ItineraryID BoardingPassID
        ClinicalTrialProtocolEthicsCommitteeApprovalNumber ClinicalTrialTimePointID ClinicalTrialSeriesID
    """,
    Kind.CONTACT: """
        PatientTelephoneNumbers ReferringPhysicianTelephoneNumbers PersonTelephoneNumbers PatientTelecomInformation
        PersonTelecomInformation OrderCallbackPhoneNumber OrderCallbackTelecomInformation TelephoneNumberTrial
    """,
    Kind.ADDRESS: "PatientAddress ReferringPhysicianAddress InstitutionAddress PersonAddress AddressTrial",
    Kind.SITE: """
        InstitutionName InstitutionalDepartmentName IssuerOfPatientID IssuerOfAdmissionID IssuerOfServiceEpisodeID
        ClinicalTrialSiteName ClinicalTrialSiteID ClinicalTrialSponsorName ClinicalTrialCoordinatingCenterName
        CurrentPatientLocation PatientInstitutionResidence ScheduledPatientInstitutionResidence VerifyingOrganization
        PerformedLocation ScheduledProcedureStepLocation RequestedProcedureLocation ResponsibleOrganization
        SourceOfPreviousValues ScheduledStudyLocation RequestingService RegionOfResidence InterpretationIDIssuer
        ResultsIDIssuer StudyIDIssuer LocalNamespaceEntityID OrderEntererLocation AssignedLocation
        HumanPerformerOrganization IssuerOfClinicalTrialSubjectID IssuerOfClinicalTrialSiteID
    """,
    Kind.DEVICE: """
        StationName DeviceSerialNumber DetectorID PlateID CassetteID GantryID GeneratorID UniqueDeviceIdentifier
        DeviceID ScheduledStationName PerformedStationName TreatmentMachineName SourceSerialNumber
        SecondaryCaptureDeviceID HardcopyCreationDeviceID CameraOwnerName LensSerialNumber NetworkID ModifyingSystem
        XRaySourceID XRayDetectorID DeviceAlternateIdentifier ManufacturerDeviceIdentifier NTPSourceAddress
    """,
    Kind.COMMENT: """
        PatientComments ImageComments AdditionalPatientHistory Occupation StudyComments VisitComments FrameComments
        MedicalAlerts Allergies SpecialNeeds PatientState CommentsOnThePerformedProcedureStep InterpretationText
        RequestedProcedureComments CommentsOnTheScheduledProcedureStep AdmittingDiagnosesDescription
        AcquisitionComments IdentifyingComments ImagingServiceRequestComments ResultsComments TextComments
    """,
}

_META = {0x00020016, 0x00020017, 0x00020018}
"""Application entity titles of the file meta information."""

_CLASS_UIDS = """
    AffectedSOPClassUID RequestedSOPClassUID MediaStorageSOPClassUID TransferSyntaxUID ImplementationClassUID
    RTVCommunicationSOPClassUID PrivateInformationCreatorUID ReferencedSOPClassUIDInFile
    ReferencedTransferSyntaxUIDInFile ReferencedRelatedGeneralSOPClassUIDInFile SOPClassUID RelatedGeneralSOPClassUID
    OriginalSpecializedSOPClassUID SOPClassesInStudy CodingSchemeUID ContextUID
    MappingResourceUID StoredInstanceTransferSyntaxUID ReferencedSOPClassUID SOPClassesSupported
    AvailableTransferSyntaxUID FlowTransferSyntaxUID
    MACCalculationTransferSyntaxUID EncryptedContentTransferSyntaxUID
    SegmentationTemplateUID PertinentSOPClassesInStudy PertinentSOPClassesInSeries
"""


@cache
def kinds() -> dict[int, Kind]:
    """Kind by tag, for attributes whose VR alone does not say it."""
    found: dict[int, Kind] = {}
    for kind, keywords in _KEYWORDS.items():
        for keyword in keywords.split():
            tag = tag_of(keyword)
            if tag is not None:
                found[tag] = kind
    found.update(dict.fromkeys(_META, Kind.DEVICE))
    return found


@cache
def class_uid_tags() -> frozenset[int]:
    """Attributes whose UID names a class, a syntax or a scheme and never an instance."""
    return frozenset(tag for keyword in _CLASS_UIDS.split() if (tag := tag_of(keyword)) is not None)
