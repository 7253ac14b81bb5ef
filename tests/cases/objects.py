"""Cases about kinds of objects: documents, reports, presentation states, waveforms, multi-frame, RT, SEG, WSI."""

import zlib

import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import UID

from tests.cases.build import bare, code, image, item, mark, uid, written
from tests.cases.case import REFUSED, Case, Maker, Stays
from tests.cases.search import texts
from workbench.profiles import Plan

PDF = "1.2.840.10008.5.1.4.1.1.104.1"
CDA = "1.2.840.10008.5.1.4.1.1.104.2"
STL = "1.2.840.10008.5.1.4.1.1.104.3"
OBJ = "1.2.840.10008.5.1.4.1.1.104.4"
COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
GSPS = "1.2.840.10008.5.1.4.1.1.11.1"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
DOSE_REPORT = "1.2.840.10008.5.1.4.1.1.88.67"
SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"


def document(number: int, sop_class: str, mime: str, content: bytes) -> Dataset:
    """Return an encapsulated document."""
    ds = bare(number, sop_class=sop_class, modality="DOC")
    ds.MIMETypeOfEncapsulatedDocument, ds.ConversionType, ds.BurnedInAnnotation = mime, "WSD", "YES"
    ds.InstanceNumber, ds.ConceptNameCodeSequence = 1, []
    ds.DocumentTitle = ""
    ds.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    return ds


def p19() -> Case:
    stream = zlib.compress(f"BT ({mark(19)}) Tj ET".encode())
    body = b"%PDF-1.4\n1 0 obj <</Filter/FlateDecode>> stream\n" + stream + b"\nendstream endobj\n%%EOF\n"
    ds = document(19, PDF, "application/pdf", body + mark(19, "b").encode())
    ds.DocumentTitle = mark(19, "c")
    ds.ConceptNameCodeSequence = code("x", "99LOCAL", mark(19, "d"))
    return Case(19, "PDF stream, title, concept", {"a": written(ds)}, tuple(mark(19, x) for x in "abcd"))


def text_item(concept: tuple[str, str, str], text: str) -> Dataset:
    """Return a content item of value type TEXT."""
    entry = item(RelationshipType="CONTAINS", ValueType="TEXT", TextValue=text)
    entry.ConceptNameCodeSequence = code(*concept)
    return entry


def person_item(concept: tuple[str, str, str], name: str) -> Dataset:
    """Return a content item of value type PNAME."""
    entry = item(RelationshipType="HAS OBS CONTEXT", ValueType="PNAME", PersonName=name)
    entry.ConceptNameCodeSequence = code(*concept)
    return entry


def report(number: int, *items: Dataset, sop_class: str = COMPREHENSIVE_SR) -> Dataset:
    """Return a structured report."""
    ds = bare(number, sop_class=sop_class, modality="SR")
    ds.ValueType, ds.ContinuityOfContent = "CONTAINER", "SEPARATE"
    ds.ConceptNameCodeSequence = code("18748-4", "LN", "Diagnostic Imaging Report")
    ds.CompletionFlag, ds.VerificationFlag = "COMPLETE", "UNVERIFIED"
    ds.ContentDate, ds.ContentTime = "20240117", "101112"
    ds.ReferencedPerformedProcedureStepSequence = []
    ds.PerformedProcedureCodeSequence = []
    ds.ContentSequence = list(items)
    return ds


def p20() -> Case:
    coded = item(RelationshipType="CONTAINS", ValueType="CODE", ConceptCodeSequence=code("99", "99L", mark(20, "e")))
    coded.ConceptNameCodeSequence = code("121071", "DCM", "Finding")
    pointer = item(ValueType="UIDREF", RelationshipType="CONTAINS", UID=uid(20, 8))
    pointer.ConceptNameCodeSequence = code("121012", "DCM", "Device Observer UID")
    group = item(RelationshipType="CONTAINS", ValueType="CONTAINER", ContinuityOfContent="SEPARATE")
    group.ConceptNameCodeSequence = code("121070", "DCM", "Findings")
    group.ContentSequence = [coded, pointer, text_item(("121106", "DCM", "Comment"), mark(20, "f"))]
    ds = report(
        20,
        person_item(("121008", "DCM", "Person Observer Name"), f"{mark(20, 'c')}^A"),
        text_item(("121071", "DCM", "Finding"), f"Patient {mark(20, 'd')} with effusion"),
        group,
    )
    ds.VerificationFlag = "VERIFIED"
    ds.VerifyingObserverSequence = [
        item(VerifyingObserverName=mark(20), VerifyingOrganization=mark(20, "b"), VerificationDateTime="20240118")
    ]

    def expect(out: Dataset, plan: Plan) -> None:
        assert out.ValueType == "CONTAINER"
        assert out.ContentSequence
        if "clean_structured_content" in plan.options:
            assert "effusion" in " ".join(texts(out)).lower()

    planted = tuple(mark(20, letter) for letter in "abcdef")
    stays = (Stays(uid(20, 8), "device"),)
    return Case(20, "report: observer, text, codes, UID", {"a": written(ds)}, planted, stays, expect=expect)


def presentation(number: int, referenced: str, text: str) -> Dataset:
    """Return a presentation state of one image with one text on it."""
    ds = bare(number, sop_class=GSPS, modality="PR")
    ds.ContentLabel, ds.ContentDescription, ds.ContentCreatorName = "PR", "", ""
    ds.PresentationCreationDate, ds.PresentationCreationTime = "20240117", "101112"
    ds.PresentationLUTShape, ds.InstanceNumber = "IDENTITY", 1
    image_item = item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID=referenced)
    ds.ReferencedSeriesSequence = [item(SeriesInstanceUID=uid(number, 3), ReferencedImageSequence=[image_item])]
    area = item(DisplayedAreaTopLeftHandCorner=[1, 1], DisplayedAreaBottomRightHandCorner=[8, 8])
    area.PresentationSizeMode, area.PresentationPixelAspectRatio = "SCALE TO FIT", [1, 1]
    ds.DisplayedAreaSelectionSequence = [area]
    box = item(BoundingBoxAnnotationUnits="PIXEL", UnformattedTextValue=text)
    box.BoundingBoxTopLeftHandCorner, box.BoundingBoxBottomRightHandCorner = [1, 1], [8, 8]
    box.BoundingBoxTextHorizontalJustification = "LEFT"
    ds.GraphicAnnotationSequence = [item(GraphicLayer="L", TextObjectSequence=[box])]
    ds.GraphicLayerSequence = [item(GraphicLayer="L", GraphicLayerOrder=1)]
    return ds


def p21() -> Case:
    ds = presentation(21, uid(21, 8), f"nodule {mark(21, 'd')}")
    ds.ContentLabel, ds.ContentDescription, ds.ContentCreatorName = mark(21).upper(), mark(21, "b"), mark(21, "c")
    return Case(21, "presentation state", {"a": written(ds)}, tuple(mark(21, letter) for letter in "abcd"))


def p37() -> Case:
    path = get_testdata_file("waveform_ecg.dcm")
    assert isinstance(path, str)
    ds = pydicom.dcmread(path)
    ds.PatientName, ds.PatientID = f"{mark(37, 'y')}^Probe", f"{mark(37, 'z')}7731"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = UID(uid(37, 1))
    ds.StudyInstanceUID, ds.SeriesInstanceUID = uid(37, 2), uid(37, 3)
    ds.WaveformAnnotationSequence = [item(UnformattedTextValue=mark(37), AnnotationGroupNumber=1)]
    samples = ds.WaveformSequence[0].WaveformData

    def expect(out: Dataset, _plan: Plan) -> None:
        assert out.WaveformSequence[0].WaveformData == samples

    return Case(37, "text on a waveform", {"a": written(ds)}, (mark(37),), expect=expect)


def p39() -> Case:
    ds = image(39)
    equipment = item(Manufacturer="Phantom", InstitutionName=mark(39), ContributionDescription=mark(39, "b"))
    equipment.StationName, equipment.OperatorsName = mark(39, "c"), mark(39, "d")
    equipment.PurposeOfReferenceCodeSequence = code("109101", "DCM", "Acquisition Equipment")
    ds.ContributingEquipmentSequence = [equipment]
    stays = (Stays(mark(39), "institution"), Stays(mark(39, "c"), "device"))
    return Case(39, "contributing equipment", {"a": written(ds)}, (mark(39, "b"), mark(39, "d")), stays)


def p56() -> Case:
    """Dates, comments and references in functional groups, shared and per frame."""
    ds = image(56, sop_class=ENHANCED_CT)
    ds.NumberOfFrames = 2
    ds.PixelData = ds.PixelData * 2
    frames = []
    for number in range(2):
        content = item(FrameAcquisitionDateTime="20240119101112", FrameReferenceDateTime="20240119101113")
        content.FrameComments, content.FrameLabel = f"chest {mark(56)}", mark(56, "b")
        content.DimensionIndexValues = number + 1
        source = item(ReferencedSOPClassUID=ds.SOPClassUID, ReferencedSOPInstanceUID=uid(56, 8))
        frames.append(
            item(
                FrameContentSequence=[content],
                DerivationImageSequence=[item(SourceImageSequence=[source], DerivationDescription=mark(56, "c"))],
                PlanePositionSequence=[item(ImagePositionPatient=[0, 0, number])],
            )
        )
    ds.PerFrameFunctionalGroupsSequence = frames
    ds.SharedFunctionalGroupsSequence = [
        item(CTExposureSequence=[item(ExposureTimeInms=1.0)], PixelMeasuresSequence=[item(PixelSpacing=[1, 1])])
    ]

    def expect(out: Dataset, plan: Plan) -> None:
        groups = out.PerFrameFunctionalGroupsSequence
        assert [float(group.PlanePositionSequence[0].ImagePositionPatient[2]) for group in groups] == [0, 1]
        if plan.promises().retain_dates:
            content = groups[1].FrameContentSequence[0]
            assert content.FrameAcquisitionDateTime == "20240119101112"

    stays = (Stays("20240119", "date"), Stays(uid(56, 8), "uid"))
    return Case(56, "functional groups", {"a": written(ds)}, tuple(mark(56, x) for x in "abc"), stays, expect=expect)


def p58() -> Case:
    """Documents that cannot be replaced are refused by name."""
    files = {}
    for number, (sop_class, mime) in enumerate(((CDA, "text/XML"), (STL, "model/stl"), (OBJ, "model/obj"))):
        ds = document(58, sop_class, mime, f"<{mark(58)}>".encode())
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = UID(uid(58, 1, number))
        files[mime.replace("/", "-")] = written(ds)
    return Case(58, "CDA, STL, OBJ", files, (mark(58),), outcomes=REFUSED)


def p69() -> Case:
    """Content items under retired codes count as those that replaced them."""
    ds = report(
        69,
        text_item(("121029", "DCM", "Subject Name"), mark(69)),
        text_item(("T-D0005", "SRT", "Patient name"), mark(69, "b")),
        person_item(("R-42B89", "SRT", "Person"), f"{mark(69, 'c')}^A"),
        text_item(("F-04460", "SNM3", "Patient"), mark(69, "d")),
        text_item(("M-01000", "99SDM", "Finding"), mark(69, "e")),
    )
    return Case(69, "report under retired codes", {"a": written(ds)}, tuple(mark(69, letter) for letter in "abcde"))


def p71() -> Case:
    ds = bare(71, sop_class=STRUCTURE_SET, modality="RTSTRUCT")
    ds.StructureSetLabel, ds.StructureSetName, ds.StructureSetDescription = mark(71), mark(71, "b"), mark(71, "c")
    ds.StructureSetDate, ds.StructureSetTime = "20240117", "101112"
    names = ("Heart", f"PTV {mark(71, 'd')}", "Lung_L")
    ds.StructureSetROISequence = [
        item(
            ROINumber=number,
            ReferencedFrameOfReferenceUID=ds.FrameOfReferenceUID,
            ROIName=name,
            ROIGenerationAlgorithm="MANUAL",
        )
        for number, name in enumerate(names)
    ]
    ds.RTROIObservationsSequence = [
        item(ObservationNumber=n, ReferencedROINumber=n, RTROIInterpretedType="", ROIInterpreter=mark(71, "e"))
        for n in range(3)
    ]
    contour = item(ContourGeometricType="POINT", NumberOfContourPoints=1, ContourData=[1, 2, 3])
    ds.ROIContourSequence = [item(ReferencedROINumber=n, ContourSequence=[contour]) for n in range(3)]

    def expect(out: Dataset, plan: Plan) -> None:
        assert len(out.StructureSetROISequence) == 3
        assert [float(x) for x in out.ROIContourSequence[0].ContourSequence[0].ContourData] == [1, 2, 3]
        if "clean_descriptors" in plan.options:
            assert "heart" in str(out.StructureSetROISequence[0].ROIName).lower()

    return Case(71, "names of structures", {"a": written(ds)}, tuple(mark(71, x) for x in "abcde"), expect=expect)


def p72() -> Case:
    ds = image(72, sop_class=SEGMENTATION, modality="SEG")
    segment = item(SegmentNumber=1, SegmentLabel=f"Liver {mark(72)}", SegmentAlgorithmType="MANUAL")
    segment.SegmentDescription, segment.TrackingID = mark(72, "b"), mark(72, "c")
    segment.TrackingUID = uid(72, 8)
    segment.SegmentedPropertyCategoryCodeSequence = code("123037004", "SCT", "Anatomical Structure")
    segment.SegmentedPropertyTypeCodeSequence = code("10200004", "SCT", "Liver")
    ds.SegmentSequence = [segment]
    ds.SegmentationType, ds.ContentLabel, ds.ContentDescription = "BINARY", "SEG", mark(72, "d")
    ds.ContentCreatorName = mark(72, "e")

    def expect(out: Dataset, _plan: Plan) -> None:
        assert out.SegmentSequence[0].SegmentNumber == 1
        assert out.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0].CodeValue == "10200004"
        assert out.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0].CodeMeaning == "Liver"

    stays = (Stays(uid(72, 8), "uid"),)
    return Case(72, "segments", {"a": written(ds)}, tuple(mark(72, letter) for letter in "abcde"), stays, expect=expect)


def p73() -> Case:
    """Slides: barcode, label, specimen; a label image waits for a person's acceptance."""
    ds = image(73, sop_class=SLIDE, modality="SM")
    ds.ImageType = ["ORIGINAL", "PRIMARY", "LABEL", "NONE"]
    ds.BarcodeValue, ds.LabelText, ds.ContainerIdentifier = mark(73), mark(73, "b"), mark(73, "c")
    specimen = item(SpecimenIdentifier=mark(73, "d"), SpecimenUID=uid(73, 8))
    specimen.SpecimenShortDescription, specimen.SpecimenDetailedDescription = mark(73, "e"), mark(73, "f")
    specimen.IssuerOfTheSpecimenIdentifierSequence = []
    ds.SpecimenDescriptionSequence = [specimen]
    ds.IssuerOfTheContainerIdentifierSequence = []
    ds.SpecimenLabelInImage, ds.BurnedInAnnotation = "YES", "YES"
    stays = (Stays(uid(73, 8), "uid"),)
    return Case(73, "slide label and barcode", {"a": written(ds)}, tuple(mark(73, x) for x in "abcdef"), stays)


def p76() -> Case:
    """Screens and dose sheets: texts go, and the object is named as one that may carry text in its pixels."""
    ds = image(76, sop_class=SECONDARY_CAPTURE, modality="OT")
    ds.ConversionType, ds.ImageType = "WSD", ["DERIVED", "SECONDARY", "SCREEN SAVE"]
    ds.SeriesDescription, ds.SecondaryCaptureDeviceID = f"Dose Report {mark(76)}", mark(76, "b")
    dose = report(76, text_item(("113012", "DCM", "Accumulated"), mark(76, "c")), sop_class=DOSE_REPORT)
    dose.SOPInstanceUID = dose.file_meta.MediaStorageSOPInstanceUID = UID(uid(76, 1, 1))

    def expect(out: Dataset, _plan: Plan) -> None:
        assert out.get("BurnedInAnnotation") != "NO"

    files = {"a": written(ds), "b": written(dose)}
    stays = (Stays(mark(76, "b"), "device"),)
    return Case(76, "screens and dose sheets", files, (mark(76), mark(76, "c")), stays, expect=expect)


def p77() -> Case:
    ds = image(77, sop_class="1.2.840.113619.4.26")
    ds.PatientComments = mark(77)
    return Case(77, "private SOP class", {"a": written(ds)}, (mark(77),), outcomes=REFUSED)


MAKERS: tuple[Maker, ...] = (
    p19, p20, p21, p37, p39, p56, p58, p69, p71, p72, p73, p76, p77,
)  # fmt: skip
