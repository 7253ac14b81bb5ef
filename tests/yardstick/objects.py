"""Instances of many kinds, each with the attributes that its modality writes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.yardstick import invented
from tests.yardstick.answers import Answer, Step
from tests.yardstick.draw import Draw
from tests.yardstick.modes import Mode
from tests.yardstick.people import Patient, Text, describe, distinct
from tests.yardstick.planting import Planting

ARC = "1.2.826.0.1.3680043.8.498"
STORAGE = "1.2.840.10008.5.1.4.1.1"


@dataclass(frozen=True, slots=True)
class Shot:
    """Everything that an instance is made from."""

    draw: Draw
    who: Patient
    plant: Planting
    kind: str
    study: str
    series: str
    number: int

    def text(self, keyword: str, clinical: str, *, limit: int = 64, **more: object) -> None:
        """Plant a descriptor of the instance."""
        self.plant.text(keyword, describe(self.draw, self.who, clinical, limit=limit), **more)  # type: ignore[arg-type]  # by name


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object: the lists of texts that it takes, its SOP class, and what fills it."""

    texts: str
    modality: str
    sop_class: str
    fill: Callable[[Shot], None]
    image: bool = True


def make(mode: Mode, draw: Draw, who: Patient, kind_name: str, visit: int, number: int) -> tuple[Dataset, Answer]:
    """Return one instance with its key."""
    kind = KINDS[kind_name]
    study = f"{ARC}.{who.number + 7000}.{visit + 1}.{20200101 + who.number}"
    series = f"{study}.{list(KINDS).index(kind_name) + 1}"
    instance = f"{series}.{number + 1}"
    ds = Dataset()
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(kind.sop_class), UID(instance)
    meta.TransferSyntaxUID = draw.pick((ExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian))
    meta.ImplementationClassUID, meta.SourceApplicationEntityTitle = UID(f"{ARC}.1"), who.station[:16]
    ds.file_meta = meta
    name = f"{who.number:03d}-{visit}-{kind_name}-{number}.dcm"
    answer = Answer(name, kind.modality, kind.sop_class, who.patient_id, (study, series, instance))
    plant = Planting(mode, ds, answer)
    shot = Shot(draw, who, plant, kind_name, study, series, number)
    _general(shot, kind, instance, visit)
    kind.fill(shot)
    return ds, answer


def _general(shot: Shot, kind: Kind, instance: str, visit: int) -> None:
    plant, who, draw = shot.plant, shot.who, shot.draw
    day = f"{who.day + timedelta(days=visit * 97):%Y%m%d}"
    plant.put("SpecificCharacterSet", "ISO_IR 192")
    plant.put("SOPClassUID", kind.sop_class)
    plant.uid("SOPInstanceUID", instance)
    plant.uid("StudyInstanceUID", shot.study)
    plant.uid("SeriesInstanceUID", shot.series)
    plant.date("StudyDate", day)
    plant.date("SeriesDate", day)
    plant.put("StudyTime", f"{draw.whole(7, 18):02d}{draw.whole(10, 59)}00")
    plant.technical("Modality", kind.modality)
    maker, model = invented.MAKERS[kind.texts]
    plant.technical("Manufacturer", maker)
    plant.technical("ManufacturerModelName", model)
    _patient(plant, who)
    _staff(plant, who)
    plant.identity("AccessionNumber", who.accession, "R")
    plant.put("StudyID", str(draw.whole(1, 9)))
    plant.technical("SeriesNumber", str(draw.whole(1, 12)))
    plant.technical("InstanceNumber", str(shot.number + 1))
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyID", "AccessionNumber"):
        plant.required(keyword, 2)
    for keyword in ("StudyDate", "StudyTime", "ReferringPhysicianName", "SeriesNumber"):
        plant.required(keyword, 2)
    for keyword in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality"):
        plant.required(keyword, 1)
    shot.text("StudyDescription", draw.pick(invented.STUDY[kind.texts]))
    shot.text("SeriesDescription", draw.pick(invented.SERIES[kind.texts]))
    plant.device("DeviceSerialNumber", who.device)
    plant.device("StationName", who.station)
    _requests(shot)
    _clinical(shot)
    if draw.chance(0.3):
        eponym = draw.pick([x for x in invented.EPONYMS if who.name.family.upper() not in x])
        plant.text("ReasonForStudy", Text(eponym, eponym, ()))


def _patient(plant: Planting, who: Patient) -> None:
    both = f"{who.name.family} {who.name.given}"
    plant.identity("PatientName", who.name.dicom, "A", gone=both)
    plant.identity("PatientID", who.patient_id, "H")
    plant.answer.checks.append(_same_patient(plant, who))
    plant.date("PatientBirthDate", f"{who.birth:%Y%m%d}", birth=True)
    plant.characteristic("PatientSex", who.sex)
    plant.characteristic("PatientAge", who.age)
    plant.characteristic("PatientWeight", who.weight)
    plant.characteristic("PatientSize", who.size)
    plant.identity("OtherPatientIDs", who.other_id, "H")
    plant.identity("PatientBirthName", who.maiden.dicom, "A", gone=who.maiden.family)
    plant.identity("PatientAddress", f"{who.street}, {who.city[0]}", "B", gone=who.city[0])
    plant.identity("PatientTelephoneNumbers", who.phone, "D")
    plant.identity("OtherPatientIDs", who.ssn, "G", plant.into("OtherPatientIDsSequence"))
    plant.put("PatientID", who.other_id, plant.into("OtherPatientIDsSequence"))


def _same_patient(plant: Planting, who: Patient):
    from tests.yardstick.answers import Action, Check  # noqa: PLC0415 (one use)

    return Check(plant.at("PatientID"), Action.PATID_CONSISTENT, who.patient_id, "DICOM-P15-BASIC-C")


def _staff(plant: Planting, who: Patient) -> None:
    for keyword, name in zip(
        ("ReferringPhysicianName", "OperatorsName", "NameOfPhysiciansReadingStudy"), who.staff(), strict=True
    ):
        plant.identity(keyword, name.dicom, "A", gone=name.given)
    plant.identity("InstitutionName", who.hospital, "B", gone=distinct(who.hospital))
    plant.identity("InstitutionAddress", f"1 Main St, {who.city[0]} {who.city[2]}", "B", gone=who.city[0])


def _requests(shot: Shot) -> None:
    draw, who, plant = shot.draw, shot.who, shot.plant
    if draw.chance(0.6):
        where = plant.into("RequestAttributesSequence")
        clinical = draw.pick(invented.STUDY[KINDS[shot.kind].texts])
        plant.text("RequestedProcedureDescription", describe(draw, who, clinical), where)
        plant.text("ScheduledProcedureStepDescription", describe(draw, who, clinical), where)
        plant.identity("RequestedProcedureID", f"RP{draw.digits(6)}", "R", where)
        plant.identity("ScheduledProcedureStepID", f"SPS{draw.digits(6)}", "R", where)
    if draw.chance(0.5):
        shot.text("RequestedProcedureDescription", draw.pick(invented.STUDY[KINDS[shot.kind].texts]))
    if draw.chance(0.5):
        shot.text("PerformedProcedureStepDescription", draw.pick(invented.STUDY[KINDS[shot.kind].texts]))
        plant.identity("PerformedProcedureStepID", f"PPS{draw.digits(6)}", "R")
        plant.date("PerformedProcedureStepStartDate", f"{who.day + timedelta(days=1):%Y%m%d}")
    if draw.chance(0.5):
        shot.text("ProtocolName", draw.pick(invented.PROTOCOL))


def _clinical(shot: Shot) -> None:
    draw = shot.draw
    for share, keyword, choices, limit in (
        (0.4, "MedicalAlerts", invented.ALERTS, 64),
        (0.4, "AdditionalPatientHistory", invented.HISTORY, 240),
        (0.3, "AdmittingDiagnosesDescription", invented.DIAGNOSES, 64),
        (0.3, "ReasonForTheRequestedProcedure", invented.REASONS, 64),
        (0.3, "PatientComments", invented.COMMENTS, 240),
        (0.2, "Allergies", invented.ALERTS, 64),
    ):
        if draw.chance(share):
            shot.text(keyword, draw.pick(choices), limit=limit)


def _image(shot: Shot, *, frames: int = 0, bits: int = 16) -> None:
    plant, draw = shot.plant, shot.draw
    rows = draw.pick((16, 24, 32))
    for keyword, value in (("SamplesPerPixel", 1), ("Rows", rows), ("Columns", rows), ("BitsAllocated", bits)):
        plant.technical(keyword, value)
    plant.technical("PhotometricInterpretation", "MONOCHROME2")
    plant.technical("BitsStored", bits)
    plant.technical("HighBit", bits - 1)
    plant.technical("PixelRepresentation", 0)
    if frames:
        plant.technical("NumberOfFrames", str(frames))
    data = draw.data(rows * rows * bits // 8 * max(1, frames))
    plant.ds.add_new(0x7FE00010, "OW", data)
    plant.pixels(data)
    if draw.chance(0.4):
        shot.text("ImageComments", draw.pick(invented.COMMENTS), limit=240)
    if draw.chance(0.4):
        shot.text("DerivationDescription", draw.pick(invented.DERIVATION), limit=240)
    plant.date("ContentDate", f"{shot.who.day:%Y%m%d}")


def _geometry(shot: Shot) -> None:
    plant = shot.plant
    plant.technical("PixelSpacing", ["0.7", "0.7"])
    plant.technical("SliceThickness", "2.5")
    plant.technical("ImagePositionPatient", ["-120.5", "-98.25", "44"])
    plant.technical("ImageOrientationPatient", ["1", "0", "0", "0", "1", "0"])
    plant.uid("FrameOfReferenceUID", f"{shot.study}.77")
    plant.technical("BodyPartExamined", shot.draw.pick(("CHEST", "ABDOMEN", "HEAD", "PELVIS")))


def _ct(shot: Shot) -> None:
    _image(shot)
    _geometry(shot)
    plant, draw = shot.plant, shot.draw
    for keyword, value in (("KVP", "120"), ("RescaleIntercept", "-1024"), ("RescaleSlope", "1")):
        plant.technical(keyword, value)
    plant.technical("ConvolutionKernel", draw.pick(("B30f", "STANDARD", "LUNG")))
    plant.date("AcquisitionDate", f"{shot.who.day:%Y%m%d}")
    shot.text("ContrastBolusAgent", draw.pick(invented.AGENTS))
    plant.private(0x00190023, "GEMS_ACQU_01", "DS", "39.375", fate="number")
    plant.private(0x00190027, "GEMS_ACQU_01", "DS", "0.5", fate="number")
    plant.private(0x00450002, "GEMS_HELIOS_01", "FL", 0.625, fate="number")
    plant.private(0x00090027, "GEMS_IDEN_01", "SL", 1583000000, fate="gone")
    plant.private(0x00090002, "GEMS_IDEN_01", "SH", shot.who.station, fate="gone")
    plant.private(0x00090030, "SITE NOTES 1", "LO", f"{shot.who.name.family} {shot.who.name.given}", fate="A")
    plant.private(0x00290010, "SIEMENS CSA HEADER", "OB", b"SV10" + shot.who.name.family.encode() * 2, fate="gone")


def _mr(shot: Shot) -> None:
    _image(shot)
    _geometry(shot)
    plant, who = shot.plant, shot.who
    for keyword, value in (
        ("ScanningSequence", "SE"),
        ("MRAcquisitionType", "2D"),
        ("RepetitionTime", "4500"),
        ("EchoTime", "92"),
        ("MagneticFieldStrength", "1.5"),
        ("FlipAngle", "90"),
    ):
        plant.technical(keyword, value)
    plant.private(0x0019000C, "SIEMENS MR HEADER", "IS", "1000", fate="number")
    plant.private(0x0019000E, "SIEMENS MR HEADER", "FD", [0.5, 0.5, 0.7], fate="number")
    plant.private(0x20010003, "Philips Imaging DD 001", "FL", 800.0, fate="number")
    plant.private(0x20010063, "Philips Imaging DD 001", "CS", f"{who.operator.family}".upper()[:16], fate="A")
    plant.private(0x00510011, "SIEMENS MR HEADER", "LO", f"pt {who.patient_id}", fate="H")
    plant.private(0x00210010, "PROTO STORE", "DA", f"{who.day:%Y%m%d}", fate="C")
    plant.private(0x00210011, "PROTO STORE", "UI", f"{shot.series}.55.1", fate="uid")


def _projection(shot: Shot) -> None:
    _image(shot)
    plant, draw = shot.plant, shot.draw
    plant.technical("ViewPosition", draw.pick(("PA", "AP", "LL")))
    plant.technical("BodyPartExamined", draw.pick(("CHEST", "HAND", "KNEE")))
    plant.technical("ImageLaterality", draw.pick(("L", "R")))
    plant.device("DetectorID", f"DET{draw.digits(6)}")
    shot.text("AcquisitionDeviceProcessingDescription", draw.pick(("CHEST", "EXTREMITY", "STANDARD")), limit=64)


def _mammo(shot: Shot) -> None:
    _projection(shot)
    shot.plant.technical("OrganDose", "0.015")
    shot.plant.technical("CompressionForce", "98.5")
    shot.plant.private(0x00190011, "LORAD, a Hologic Company", "LO", shot.who.operator.given, fate="A")


def _ultrasound(shot: Shot) -> None:
    frames = 3 if shot.kind == "us-cine" else 0
    _image(shot, frames=frames, bits=8)
    where = shot.plant.into("SequenceOfUltrasoundRegions")
    shot.plant.technical("RegionLocationMinX0", 2, where)
    shot.plant.technical("PhysicalDeltaX", 0.02, where)
    shot.plant.technical("PhysicalDeltaY", 0.02, where)
    shot.plant.private(0x00110020, "SONO PATIENT", "PN", shot.who.name.dicom, fate="A")


def _nuclear(shot: Shot) -> None:
    _image(shot, frames=2)
    where = shot.plant.into("RadiopharmaceuticalInformationSequence")
    shot.plant.technical("RadionuclideTotalDose", "370", where)
    shot.plant.put("RadiopharmaceuticalStartTime", "091500", where)
    shot.text("ContrastBolusAgent", "GADOLINIUM")


def _pet(shot: Shot) -> None:
    _image(shot)
    _geometry(shot)
    plant = shot.plant
    plant.technical("Units", "BQML")
    plant.technical("DecayCorrection", "START")
    plant.private(0x70530000, "Philips PET Private Group", "DS", "0.000587", fate="number")
    plant.private(0x7053000F, "Philips PET Private Group", "UL", 482910, fate="gone")
    where = plant.into("RadiopharmaceuticalInformationSequence")
    plant.technical("RadionuclideHalfLife", "6586.2", where)
    plant.date("RadiopharmaceuticalStartDateTime", f"{shot.who.day:%Y%m%d}081500", where)


def _angio(shot: Shot) -> None:
    _image(shot, frames=2, bits=8)
    shot.plant.technical("PositionerPrimaryAngle", "30.1")
    shot.plant.technical("KVP", "75")
    shot.text("AcquisitionComments", shot.draw.pick(invented.COMMENTS), limit=240)


def _capture(shot: Shot) -> None:
    _image(shot, bits=8)
    shot.plant.technical("ConversionType", "WSD")
    shot.plant.device("SecondaryCaptureDeviceID", f"SCD{shot.draw.digits(5)}")


def _enhanced(shot: Shot) -> None:
    _image(shot, frames=2)
    plant, who = shot.plant, shot.who
    for number in range(2):
        group = plant.into("PerFrameFunctionalGroupsSequence", number)
        content = plant.into("FrameContentSequence", 0, group)
        plant.date("FrameAcquisitionDateTime", f"{who.day:%Y%m%d}101112.5", content)
        plant.text("FrameComments", describe(shot.draw, who, shot.draw.pick(invented.COMMENTS), limit=240), content)
        position = plant.into("PlanePositionSequence", 0, group)
        plant.technical("ImagePositionPatient", ["0", "0", str(number)], position)
        source = plant.into("SourceImageSequence", 0, plant.into("DerivationImageSequence", 0, group))
        plant.put("ReferencedSOPClassUID", f"{STORAGE}.2", source)
        plant.uid("ReferencedSOPInstanceUID", f"{shot.study}.1.{number + 1}", source)
    shared = plant.into("SharedFunctionalGroupsSequence")
    plant.technical("PixelSpacing", ["0.5", "0.5"], plant.into("PixelMeasuresSequence", 0, shared))
    plant.date("AcquisitionDateTime", f"{who.day:%Y%m%d}101112")
    plant.put("ContentTime", "101112")
    plant.required("ContentTime", 1)
    plant.required("AcquisitionDateTime", 1)


def _segmentation(shot: Shot) -> None:
    _image(shot, frames=1, bits=8)
    plant, draw = shot.plant, shot.draw
    where = plant.into("SegmentSequence")
    plant.technical("SegmentNumber", 1, where)
    organ = draw.pick(("Liver", "Left kidney", "Lung tumor", "Spleen"))
    plant.text("SegmentLabel", describe(draw, shot.who, organ), where)
    plant.required("SegmentLabel", 1, where)
    plant.uid("TrackingUID", f"{shot.series}.66", where, consistent=True)
    plant.identity("ContentCreatorName", shot.who.reading.dicom, "A", gone=shot.who.reading.given)
    plant.put("ContentLabel", "SEGMENTATION")
    plant.required("ContentLabel", 1)


def _structures(shot: Shot) -> None:
    plant, draw, who = shot.plant, shot.draw, shot.who
    plant.put("StructureSetLabel", "PLAN")
    plant.required("StructureSetLabel", 1)
    plant.date("StructureSetDate", f"{who.day:%Y%m%d}")
    for number, organ in enumerate(("Heart", "Spinal cord", "PTV", "Lung left", "Bladder")):
        where = plant.into("StructureSetROISequence", number)
        plant.put("ROINumber", number, where)
        plant.text("ROIName", describe(draw, who, organ, share=0.25), where)
        contour = plant.into("ROIContourSequence", number)
        plant.put("ReferencedROINumber", number, contour)
        plant.technical("ContourData", ["1.5", "2.5", "3.5"], plant.into("ContourSequence", 0, contour))


def _plan(shot: Shot) -> None:
    plant, draw, who = shot.plant, shot.draw, shot.who
    plant.put("RTPlanLabel", "PLAN1")
    plant.required("RTPlanLabel", 1)
    plant.date("RTPlanDate", f"{who.day:%Y%m%d}")
    plant.put("RTPlanGeometry", "PATIENT")
    shot.text("RTPlanDescription", draw.pick(("prostate boost", "left breast tangents")), limit=240)
    where = plant.into("BeamSequence")
    plant.technical("BeamNumber", 1, where)
    plant.device("TreatmentMachineName", f"LINAC{draw.digits(4)}", where)
    plant.identity("OperatorsName", who.operator.dicom, "A", gone=who.operator.given)


def _dose(shot: Shot) -> None:
    _image(shot, frames=2)
    shot.plant.technical("DoseUnits", "GY")
    shot.plant.technical("DoseGridScaling", "0.001")
    shot.text("DoseComment", shot.draw.pick(("plan sum", "boost dose")), limit=64)


def _presentation(shot: Shot) -> None:
    plant, draw, who = shot.plant, shot.draw, shot.who
    plant.put("ContentLabel", "ARROWS")
    plant.identity("ContentCreatorName", who.reading.dicom, "A", gone=who.reading.given)
    plant.date("PresentationCreationDate", f"{who.day:%Y%m%d}")
    plant.put("PresentationCreationTime", "121314")
    plant.required("ContentLabel", 1)
    where = plant.into("TextObjectSequence", 0, plant.into("GraphicAnnotationSequence"))
    plant.put("GraphicLayer", "LAYER1", plant.into("GraphicAnnotationSequence"))
    plant.put("BoundingBoxAnnotationUnits", "PIXEL", where)
    plant.put("BoundingBoxTopLeftHandCorner", [1, 1], where)
    plant.put("BoundingBoxBottomRightHandCorner", [9, 9], where)
    plant.put("BoundingBoxTextHorizontalJustification", "LEFT", where)
    text = describe(draw, who, draw.pick(invented.FINDINGS), limit=240)
    plant.text("UnformattedTextValue", text, where, keeps=plant.mode.clean_graphics)
    reference = plant.into("ReferencedImageSequence", 0, plant.into("ReferencedSeriesSequence"))
    plant.put("ReferencedSOPClassUID", f"{STORAGE}.2", reference)
    plant.uid("ReferencedSOPInstanceUID", f"{shot.study}.1.1", reference)
    plant.uid("SeriesInstanceUID", f"{shot.study}.1", plant.into("ReferencedSeriesSequence"))


def _coded(plant: Planting, where: tuple[Step, ...], value: str, scheme: str, meaning: str, keyword: str) -> None:
    into = plant.into(keyword, 0, where)
    plant.put("CodeValue", value, into)
    plant.put("CodingSchemeDesignator", scheme, into)
    plant.put("CodeMeaning", meaning, into)


def _report(shot: Shot) -> None:
    plant, draw, who = shot.plant, shot.draw, shot.who
    plant.put("ValueType", "CONTAINER")
    plant.put("ContinuityOfContent", "SEPARATE")
    plant.put("CompletionFlag", "COMPLETE")
    plant.put("VerificationFlag", "UNVERIFIED")
    plant.put("ContentTime", "101112")
    plant.date("ContentDate", f"{who.day:%Y%m%d}")
    _coded(plant, (), "18748-4", "LN", "Diagnostic Imaging Report", "ConceptNameCodeSequence")
    keeps = plant.mode.clean_content
    person = plant.into("ContentSequence", 0)
    plant.put("RelationshipType", "HAS OBS CONTEXT", person)
    plant.put("ValueType", "PNAME", person)
    _coded(plant, person, "121008", "DCM", "Person Observer Name", "ConceptNameCodeSequence")
    plant.identity("PersonName", who.reading.dicom, "A", person, gone=who.reading.given)
    for number in range(1, 5):
        where = plant.into("ContentSequence", number)
        plant.put("RelationshipType", "CONTAINS", where)
        plant.put("ValueType", "TEXT", where)
        _coded(plant, where, "121071", "DCM", "Finding", "ConceptNameCodeSequence")
        text = describe(draw, who, draw.pick(invented.FINDINGS), limit=400)
        path = plant.put("TextValue", text.text, where)
        if keeps:
            plant.told(path, text, keeps=True)
        else:
            plant.told(path, text, keeps=False)


def _document(shot: Shot) -> None:
    plant, who = shot.plant, shot.who
    plant.put("MIMETypeOfEncapsulatedDocument", "application/pdf")
    plant.put("ConversionType", "WSD")
    plant.put("BurnedInAnnotation", "YES")
    plant.text("DocumentTitle", describe(shot.draw, who, "CT CHEST REPORT"), keeps=False)
    content = f"%PDF-1.4\n({who.name.given} {who.name.family} {who.patient_id}) Tj\n%%EOF\n".encode()
    plant.ds.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    _coded(plant, (), "18748-4", "LN", "Diagnostic Imaging Report", "ConceptNameCodeSequence")


def _waveform(shot: Shot) -> None:
    plant, draw = shot.plant, shot.draw
    where = plant.into("WaveformSequence")
    plant.put("WaveformOriginality", "ORIGINAL", where)
    plant.put("NumberOfWaveformChannels", 1, where)
    plant.put("NumberOfWaveformSamples", 16, where)
    plant.technical("SamplingFrequency", "500", where)
    plant.put("WaveformBitsAllocated", 16, where)
    plant.put("WaveformSampleInterpretation", "SS", where)
    here = plant.ds.WaveformSequence[0]
    here.add_new(0x54001010, "OW", draw.data(32))
    plant.required("WaveformData", 1, where)
    plant.date("AcquisitionDateTime", f"{shot.who.day:%Y%m%d}101112")
    note = plant.into("WaveformAnnotationSequence")
    plant.put("AnnotationGroupNumber", 1, note)
    text = describe(draw, shot.who, draw.pick(("sinus rhythm", "normal ECG", "left axis deviation")))
    plant.text("UnformattedTextValue", text, note, keeps=False)


def _slide(shot: Shot) -> None:
    _image(shot, frames=1, bits=8)
    plant, draw = shot.plant, shot.draw
    plant.identity("ContainerIdentifier", f"S{draw.digits(2)}-{draw.digits(6)}", "R")
    where = plant.into("SpecimenDescriptionSequence")
    plant.identity("SpecimenIdentifier", f"B{draw.digits(7)}", "R", where)
    plant.uid("SpecimenUID", f"{shot.series}.44", where)
    plant.required("ContainerIdentifier", 1)


def _photo(shot: Shot) -> None:
    _image(shot, bits=8)
    shot.plant.technical("ImageLaterality", shot.draw.pick(("L", "R")))


KINDS = {
    "ct": Kind("CT", "CT", f"{STORAGE}.2", _ct),
    "mr": Kind("MR", "MR", f"{STORAGE}.4", _mr),
    "cr": Kind("CR", "CR", f"{STORAGE}.1", _projection),
    "dx": Kind("DX", "DX", f"{STORAGE}.1.1", _projection),
    "mg": Kind("MG", "MG", f"{STORAGE}.1.2", _mammo),
    "us": Kind("US", "US", f"{STORAGE}.6.1", _ultrasound),
    "us-cine": Kind("US", "US", f"{STORAGE}.3.1", _ultrasound),
    "nm": Kind("NM", "NM", f"{STORAGE}.20", _nuclear),
    "pt": Kind("PT", "PT", f"{STORAGE}.128", _pet),
    "xa": Kind("XA", "XA", f"{STORAGE}.12.1", _angio),
    "rf": Kind("RF", "RF", f"{STORAGE}.12.2", _angio),
    "sc": Kind("SC", "OT", f"{STORAGE}.7", _capture),
    "ect": Kind("CT", "CT", f"{STORAGE}.2.1", _enhanced),
    "emr": Kind("MR", "MR", f"{STORAGE}.4.1", _enhanced),
    "seg": Kind("MR", "SEG", f"{STORAGE}.66.4", _segmentation),
    "rtstruct": Kind("RT", "RTSTRUCT", f"{STORAGE}.481.3", _structures, image=False),
    "rtplan": Kind("RT", "RTPLAN", f"{STORAGE}.481.5", _plan, image=False),
    "rtdose": Kind("RT", "RTDOSE", f"{STORAGE}.481.2", _dose),
    "pr": Kind("CT", "PR", f"{STORAGE}.11.1", _presentation, image=False),
    "sr": Kind("SR", "SR", f"{STORAGE}.88.33", _report, image=False),
    "basic-sr": Kind("SR", "SR", f"{STORAGE}.88.11", _report, image=False),
    "pdf": Kind("SC", "DOC", f"{STORAGE}.104.1", _document, image=False),
    "ecg": Kind("SC", "ECG", f"{STORAGE}.9.1.1", _waveform, image=False),
    "sm": Kind("SC", "SM", f"{STORAGE}.77.1.6", _slide),
    "op": Kind("SC", "OP", f"{STORAGE}.77.1.5.1", _photo),
    "xc": Kind("SC", "XC", f"{STORAGE}.77.1.4", _photo),
}
