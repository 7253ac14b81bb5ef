"""A radiologist's report: a structured report, key images and a screen capture, with references into other series."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    ComprehensiveSRStorage,
    ComputedRadiographyImageStorage,
    KeyObjectSelectionDocumentStorage,
    SecondaryCaptureImageStorage,
)

from workbench.synthetic import modules
from workbench.synthetic.lettering import Line, letter
from workbench.synthetic.modules import Visit, coded, item
from workbench.synthetic.people import ENGLISH
from workbench.synthetic.planting import BurnedIn

ROWS, COLUMNS = 360, 560


def arrange(seed: int) -> Visit:
    """Return the visit of this kind of study."""
    return modules.arrange_visit(
        "sr-report",
        ENGLISH,
        seed=seed,
        modality="SR",
        department="Radiology",
        title="CHEST REPORT",
        remark="{family} moved house in spring",
    )


def write_study(visit: Visit, folder: Path) -> int:
    """Write the study and return the number of its instances."""
    _write_capture(visit, folder / "SCREEN" / "IM0001.dcm")
    _write_report(visit, folder / "REPORT" / "SR0001.dcm")
    _write_key_images(visit, folder / "KEY" / "KO0001.dcm")
    return 3


def _write_capture(visit: Visit, path: Path) -> None:
    ds = modules.begin(visit, sop_class=SecondaryCaptureImageStorage, name="capture")
    modules.add_series(ds, visit, modality="OT", name="capture", number=3, title="SCREEN", minute=20)
    ds.ConversionType = "WSD"
    ds.ImageType = ["DERIVED", "SECONDARY"]
    ds.InstanceNumber, ds.PatientOrientation, ds.Laterality = 1, "", ""
    ds.ContentDate, ds.ContentTime = visit.dicom_day, visit.time(21)
    ds.DateOfSecondaryCapture, ds.TimeOfSecondaryCapture = visit.dicom_day, visit.time(21)
    person, plant = visit.person, visit.plant
    family, given = person.romanized.split("^")
    lines = [
        Line(plant("screen: name", f"Patient: {given} {family}"), 24, 20, 20),
        Line(
            plant("screen: id", f"MRN {person.patient_id}, born {person.birth_date.strftime('%d %b %Y')}"), 24, 50, 15
        ),
        Line("LungVolume CAD 2.4", 24, 90, 15),
        Line("Right lung 2410 ml   Left lung 2188 ml", 24, 116, 15),
        Line("Nodule, right lower lobe, 9 mm, solid", 24, 142, 15),
        Line(
            plant("screen: reader", f"Read by Dr {visit.staff.reading.split('^')[0]}, {visit.site.institution}"),
            24,
            310,
            15,
        ),
    ]
    page = np.full((ROWS, COLUMNS, 3), (24, 34, 48), dtype=np.uint8)
    page[80:84], page[296:299] = (70, 120, 160), (70, 120, 160)
    page[190:280, 24:200] = (40, 58, 80)
    for column, height in enumerate((20, 34, 52, 70, 61, 44, 30, 18)):
        page[278 - height : 278, 32 + 20 * column : 46 + 20 * column] = (104, 176, 196)
    drawn, boxes = letter(page, lines, ink=236)
    plant.burned_in.extend(
        BurnedIn("SCREEN/IM0001.dcm", line.text, box.x, box.y, box.width, box.height)
        for line, box in zip(lines, boxes, strict=True)
    )
    modules.add_pixels(ds, drawn, bits=8)
    modules.write(ds, path, visit)


def _document(visit: Visit, *, sop_class: str, name: str, modality: str, number: int, title: str) -> Dataset:
    ds = modules.begin(visit, sop_class=sop_class, name=name, charset=("ISO_IR 192",))
    modules.add_series(ds, visit, modality=modality, name=name, number=number, title=title, minute=30, kept=False)
    del ds.RequestAttributesSequence
    ds.ReferencedPerformedProcedureStepSequence = Sequence([])
    ds.InstanceNumber = 1
    ds.ContentDate, ds.ContentTime = visit.dicom_day, visit.time(31)
    ds.ReferencedRequestSequence = [
        item(
            StudyInstanceUID=visit.study_uid,
            ReferencedStudySequence=Sequence([]),
            AccessionNumber=visit.accession,
            PlacerOrderNumberImagingServiceRequest="",
            FillerOrderNumberImagingServiceRequest="",
            RequestedProcedureID=f"RP{visit.study_id}",
            RequestedProcedureDescription=visit.title,
            RequestedProcedureCodeSequence=Sequence([]),
            RequestingPhysician=visit.plant("requesting physician (nested)", visit.staff.requesting),
        )
    ]
    return ds


def _evidence(study_uid: str, series_uid: str, sop_class: str, instance_uid: str) -> Dataset:
    return item(
        StudyInstanceUID=study_uid,
        ReferencedSeriesSequence=[
            item(SeriesInstanceUID=series_uid, ReferencedSOPSequence=[modules.reference(sop_class, instance_uid)])
        ],
    )


def _write_report(visit: Visit, path: Path) -> None:
    plant, staff, person = visit.plant, visit.staff, visit.person
    ds = _document(visit, sop_class=ComprehensiveSRStorage, name="report", modality="SR", number=1, title="REPORT")
    capture, prior = visit.instance("capture"), visit.draw.uid("prior radiograph")
    ds.CompletionFlag, ds.VerificationFlag = "COMPLETE", "VERIFIED"
    ds.PerformedProcedureCodeSequence = Sequence([])
    ds.VerifyingObserverSequence = [
        item(
            VerifyingOrganization=plant("verifying organization", visit.site.institution),
            VerificationDateTime=f"{visit.dicom_day}{visit.time(45)}",
            VerifyingObserverName=plant("verifying observer", staff.reading),
            VerifyingObserverIdentificationCodeSequence=Sequence([]),
        )
    ]
    ds.CurrentRequestedProcedureEvidenceSequence = [
        _evidence(visit.study_uid, visit.series("capture"), SecondaryCaptureImageStorage, capture)
    ]
    ds.PertinentOtherEvidenceSequence = [
        _evidence(
            visit.draw.uid("prior study"),
            visit.draw.uid("prior series"),
            ComputedRadiographyImageStorage,
            prior,
        )
    ]
    ds.ValueType, ds.ContinuityOfContent = "CONTAINER", "SEPARATE"
    ds.ConceptNameCodeSequence = coded("18748-4", "LN", "Diagnostic Imaging Report")
    ds.ContentTemplateSequence = [item(MappingResource="DCMR", TemplateIdentifier="2000")]
    family, given = person.romanized.split("^")
    history = plant(
        "report text: history", f"{given} {family}, known to Dr {staff.referring.split('^')[0]}, smoked until 2009."
    )
    finding = plant(
        "report text: finding",
        f"Nodule of 9 mm in the right lower lobe. Mrs {family} was told by telephone {person.phone}.",
    )
    ds.ContentSequence = [
        _code(
            "HAS CONCEPT MOD",
            ("121049", "DCM", "Language of Content Item and Descendants"),
            ("en", "RFC5646", "English"),
        ),
        _code("HAS OBS CONTEXT", ("121005", "DCM", "Observer Type"), ("121006", "DCM", "Person")),
        _content(
            "HAS OBS CONTEXT",
            "PNAME",
            ("121008", "DCM", "Person Observer Name"),
            PersonName=plant("report: observer", staff.reading),
        ),
        _content(
            "HAS OBS CONTEXT",
            "TEXT",
            ("121009", "DCM", "Person Observer's Organization Name"),
            TextValue=visit.site.institution,
        ),
        _section(
            ("121060", "DCM", "History"), _content("CONTAINS", "TEXT", ("121060", "DCM", "History"), TextValue=history)
        ),
        _section(
            ("121070", "DCM", "Findings"),
            _content("CONTAINS", "TEXT", ("121071", "DCM", "Finding"), TextValue=finding),
            _content(
                "CONTAINS",
                "NUM",
                ("81827009", "SCT", "Diameter"),
                MeasuredValueSequence=[
                    item(NumericValue="9", MeasurementUnitsCodeSequence=coded("mm", "UCUM", "millimeter"))
                ],
            ),
            _content(
                "CONTAINS",
                "IMAGE",
                ("121112", "DCM", "Source of Measurement"),
                ReferencedSOPSequence=[modules.reference(SecondaryCaptureImageStorage, capture)],
            ),
            _content(
                "CONTAINS",
                "IMAGE",
                ("121112", "DCM", "Source of Measurement"),
                ReferencedSOPSequence=[modules.reference(ComputedRadiographyImageStorage, prior)],
            ),
        ),
        _section(
            ("121076", "DCM", "Conclusions"),
            _content(
                "CONTAINS",
                "TEXT",
                ("121077", "DCM", "Conclusion"),
                TextValue=plant(
                    "report text: conclusion", f"Control in three months, letter to {person.street}, {person.town}."
                ),
            ),
        ),
    ]
    modules.write(ds, path, visit)


def _write_key_images(visit: Visit, path: Path) -> None:
    ds = _document(
        visit,
        sop_class=KeyObjectSelectionDocumentStorage,
        name="key images",
        modality="KO",
        number=2,
        title="KEY IMAGES",
    )
    capture = visit.instance("capture")
    ds.CurrentRequestedProcedureEvidenceSequence = [
        _evidence(visit.study_uid, visit.series("capture"), SecondaryCaptureImageStorage, capture)
    ]
    ds.ValueType, ds.ContinuityOfContent = "CONTAINER", "SEPARATE"
    ds.ConceptNameCodeSequence = coded("113000", "DCM", "Of Interest")
    ds.ContentTemplateSequence = [item(MappingResource="DCMR", TemplateIdentifier="2010")]
    note = visit.plant("key image note", f"Please show to Dr {visit.staff.referring.split('^')[0]}")
    ds.ContentSequence = [
        _content("CONTAINS", "TEXT", ("113012", "DCM", "Key Object Description"), TextValue=note),
        item(
            RelationshipType="CONTAINS",
            ValueType="IMAGE",
            ReferencedSOPSequence=[modules.reference(SecondaryCaptureImageStorage, capture)],
        ),
    ]
    modules.write(ds, path, visit)


def _content(relation: str, kind: str, concept: tuple[str, str, str], **value: object) -> Dataset:
    return item(RelationshipType=relation, ValueType=kind, ConceptNameCodeSequence=coded(*concept), **value)


def _code(relation: str, concept: tuple[str, str, str], value: tuple[str, str, str]) -> Dataset:
    return _content(relation, "CODE", concept, ConceptCodeSequence=coded(*value))


def _section(concept: tuple[str, str, str], *children: Dataset) -> Dataset:
    return _content(
        "CONTAINS", "CONTAINER", concept, ContinuityOfContent="SEPARATE", ContentSequence=Sequence(children)
    )
