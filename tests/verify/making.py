"""Small invented studies, and an honest de-identifier made of pydicom alone, for the sceptic to look at."""

import hashlib
import hmac
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.multival import MultiValue
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from workbench.standard.dictionary import register_with_pydicom
from workbench.standard.iod import attribute_type
from workbench.standard.table import ROWS

register_with_pydicom()

CT = "1.2.840.10008.5.1.4.1.1.2"
SR = "1.2.840.10008.5.1.4.1.1.88.33"
ROOT = "1.2.826.0.1.3680043.10.1999."
BASIC = ("113100", "DCM", "Basic Application Confidentiality Profile")


def item(**values: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def code(value: str, scheme: str, meaning: str) -> Dataset:
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def image(number: int = 1, *, patient: int = 1, **values: Any) -> Dataset:
    """An invented CT image with identity at the top, in sequences and in private elements."""
    study = f"{ROOT}1.{patient}"
    dataset = item(
        SpecificCharacterSet="ISO_IR 100",
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        SOPClassUID=CT,
        SOPInstanceUID=f"{ROOT}4.{patient}.{number}",
        StudyDate="20230817",
        SeriesDate="20230818",
        ContentDate="20230817",
        AcquisitionDateTime="20230817114200.000000",
        StudyTime="113000.000",
        ContentTime="114233.120",
        AccessionNumber=f"ACC9912{patient:04d}",
        Modality="CT",
        Manufacturer="BENCHWORKS",
        InstitutionName="Saint Aldhelm Infirmary",
        InstitutionAddress="4 Cathedral Close, Wrothbury",
        ReferringPhysicianName="Hargreaves^Bartholomew^DR",
        StationName="SAICT04X",
        StudyDescription="CT THORAX ABDOMEN W CONTRAST",
        PatientName="Zanzibarova^Ottoline^Quill",
        PatientID=f"MRN7731{patient:04d}",
        IssuerOfPatientID="Saint Aldhelm Infirmary",
        PatientBirthDate="19510623",
        PatientSex="F",
        PatientAge="072Y",
        OtherPatientIDs=["ALTID558812", "943-77-1182"],
        PatientAddress="77 Larkspur Hollow Road, Dunmorrow",
        PatientTelephoneNumbers="+1-555-0177-312",
        PatientComments="Pt Zanzibarova called from ward 7B",
        BodyPartExamined="CHEST",
        DeviceSerialNumber="SN-88213-KQ",
        SliceThickness="1.25",
        KVP="120",
        StudyInstanceUID=study,
        SeriesInstanceUID=f"{ROOT}2.{patient}",
        FrameOfReferenceUID=f"{ROOT}3.{patient}",
        StudyID="STID4471",
        SeriesNumber="3",
        InstanceNumber=str(number),
        ImagePositionPatient=["-180", "-180", f"{number * 1.25}"],
        ImageOrientationPatient=["1", "0", "0", "0", "1", "0"],
        PixelSpacing=["0.7", "0.7"],
        PositionReferenceIndicator="",
        RescaleIntercept="-1024",
        RescaleSlope="1",
        AcquisitionNumber="1",
    )
    dataset.ReferencedImageSequence = [
        item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID=f"{ROOT}4.{patient}.{other}")
        for other in (1, 2)
        if other != number
    ]
    dataset.RequestAttributesSequence = [
        item(ScheduledProcedureStepID="SPS5521907-1", RequestedProcedureID="RP5521907")
    ]
    block = dataset.private_block(0x0029, "BENCH HEADER", create=True)
    block.add_new(0x20, "LT", "Ottoline Z room 7731")
    pixels(dataset, number)
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def pixels(dataset: Dataset, seed: int = 1) -> None:
    array = np.random.default_rng(seed).integers(0, 4096, (16, 16), dtype="<u2")
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows = dataset.Columns = 16
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.PixelData = array.tobytes()
    dataset["PixelData"].VR = "OW"


def encapsulated(dataset: Dataset, *frames: bytes) -> None:
    dataset.PixelData = encapsulate(list(frames))
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True


def save(dataset: Dataset, path: Path, syntax: str = ExplicitVRLittleEndian, *, class_uid: str = "2.25.77") -> Path:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(syntax)
    meta.ImplementationClassUID = UID(class_uid)
    dataset.file_meta = meta
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(
        path,
        enforce_file_format=True,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
    )
    return path


def new_uid(old: str) -> str:
    digest = hmac.new(b"key of the tests", str(old).encode(), hashlib.sha256).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def with_dates(dataset: Dataset, original: Dataset, mode: str, days: int = -100) -> Dataset:
    """Put the dates of the input back as an option tells them: as they stood, moved by whole days, or their year."""
    for element in original:
        row = ROWS.get(int(element.tag))
        if row is None or element.VR not in ("DA", "DT", "TM") or "retain_longitudinal_full_dates" not in row.options:
            continue
        value = str(element.value)
        if element.VR != "TM" and mode == "shift":
            value = (date(int(value[:4]), int(value[4:6]), int(value[6:8])) + timedelta(days)).strftime(
                "%Y%m%d"
            ) + value[8:]
        elif mode == "year_only":
            if element.VR == "TM":
                continue
            value = value[:4] + "0101"
        setattr(dataset, element.keyword, value)
    option = "113106" if mode == "full" else "113107"
    dataset.DeidentificationMethodCodeSequence.append(code(option, "DCM", "x"))
    dataset.LongitudinalTemporalInformationModified = "UNMODIFIED" if mode == "full" else "MODIFIED"
    return dataset


_DUMMIES = {"DA": "19000101", "TM": "000000", "DT": "19000101000000", "AS": "000D", "DS": "0", "IS": "0", "UR": "urn:x"}
_KEPT = {
    "Manufacturer",
    "ManufacturerModelName",
    "CodeValue",
    "CodingSchemeDesignator",
    "CodeMeaning",
    "SoftwareVersions",
}
_CLASSES = {"TransferSyntaxUID", "CodingSchemeUID", "ContextUID", "MappingResourceUID"}


def deidentify(dataset: Dataset) -> Dataset:
    """De-identify in place by the basic profile, as somebody with pydicom and the table would."""
    _clean(dataset, str(dataset.SOPClassUID), ())
    setattr(dataset, "preamble", bytes(128))  # noqa: B010 - only a data set read from a file has one by type
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "TESTS"
    dataset.LongitudinalTemporalInformationModified = "REMOVED"
    dataset.DeidentificationMethodCodeSequence = [code(*BASIC)]
    return dataset


def _clean(dataset: Dataset, sop_class: str, path: tuple[int, ...]) -> None:
    for element in list(dataset):
        tag = int(element.tag)
        place = (*path, tag)
        kind = attribute_type(sop_class, place)
        row = ROWS.get(tag)
        if element.tag.is_private or tag >> 24 in (0x50, 0x60) or tag >> 16 == 0xFFFC:
            del dataset[element.tag]
        elif row is not None and element.VR != "UI" and "U" not in row.basic:
            _apply(dataset, element, _letter(row.basic, kind))
        elif element.VR == "SQ":
            for each in element.value:
                _clean(each, sop_class, place)
        elif element.VR == "UI":
            _remap(element)
        elif element.VR in ("PN", "DA", "DT", "TM", "UR", "LO", "SH", "ST", "LT", "UT", "UC", "AE"):
            if element.keyword not in _KEPT:
                _apply(dataset, element, {"1": "D", "1C": "D", "2": "Z", "2C": "Z"}.get(kind or "", "X"))
        elif element.VR in ("UN", "OB") and tag != 0x7FE00010:
            del dataset[element.tag]


def _letter(basic: str, kind: str | None) -> str:
    wanted = {"1": "D", "1C": "D", "2": "Z", "2C": "Z"}.get(kind or "", "X")
    if len(basic) == 1:
        return {("X", "1"): "D", ("X", "2"): "Z", ("Z", "1"): "D"}.get((basic, kind or ""), basic)
    return wanted if wanted in basic else basic[-1] if wanted == "D" else basic[0]


def _apply(dataset: Dataset, element: DataElement, letter: str) -> None:
    if letter == "X":
        del dataset[element.tag]
    elif element.VR == "SQ":
        if element.keyword == "ContentSequence":
            text = item(RelationshipType="CONTAINS", ValueType="TEXT", TextValue="REMOVED")
            text.ConceptNameCodeSequence = [code("121071", "DCM", "Finding")]
            element.value = [text]
        else:
            element.value = []
    elif letter == "Z":
        dataset[element.tag] = DataElement(element.tag, element.VR, None)
    else:
        dummy: Any = _DUMMIES.get(element.VR, b"\0\0" if element.VR.startswith("O") else "REMOVED")
        dataset[element.tag] = DataElement(element.tag, element.VR, dummy)


def _remap(element: DataElement) -> None:
    if "Class" in element.keyword or element.keyword in _CLASSES:
        return
    values = list(element.value) if isinstance(element.value, MultiValue) else [element.value]
    element.value = [str(v) if not v or str(v).startswith("1.2.840.10008.") else new_uid(v) for v in values]
