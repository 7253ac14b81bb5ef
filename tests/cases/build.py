"""Small instances, made with pydicom, into which a case plants its texts."""

import io
import warnings
from collections.abc import Iterator
from collections.abc import Sequence as Items
from contextlib import contextmanager

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

ROOT = "1.2.826.0.1.3680043.10.4711"
CT = "1.2.840.10008.5.1.4.1.1.2"
PIXEL_ATTRIBUTES = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "RescaleIntercept",
    "RescaleSlope",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "KVP",
    "PixelData",
)


def mark(case: int, letter: str = "a") -> str:
    """Return a word that no language and no vocabulary has, another one for each case and letter."""
    return "Zwolfbek" + "".join(chr(ord("a") + int(digit)) for digit in f"{case:02d}") + letter


def uid(case: int, kind: int, number: int = 0) -> str:
    """Return a UID of the case: kind 1 instance, 2 study, 3 series, 4 frame of reference, others as wanted."""
    return f"{ROOT}.{kind}.{case + 1000}.{number + 1}"


def item(**attributes: object) -> Dataset:
    """Return a data set with these attributes."""
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def code(value: str, scheme: str, meaning: str) -> list[Dataset]:
    """Return the items of a code sequence."""
    return [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)]


def image(case: int, *, sop_class: str = CT, modality: str = "CT", syntax: UID = ExplicitVRLittleEndian) -> Dataset:
    """Return an image of 8 x 8 pixels of a patient of its own."""
    ds = bare(case, sop_class=sop_class, modality=modality, syntax=syntax)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing, ds.SliceThickness, ds.KVP = [1, 1], 1, 120
    ds.AcquisitionNumber, ds.PatientPosition, ds.PositionReferenceIndicator = 1, "HFS", ""
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.Rows, ds.Columns = 1, "MONOCHROME2", 8, 8
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.RescaleIntercept, ds.RescaleSlope = 0, 1
    ds.add_new(0x7FE00010, "OW", bytes(range(128)))
    ds.PixelData = b"".join(bytes([value % 251, value % 16]) for value in range(64))
    return ds


def bare(case: int, *, sop_class: str, modality: str, syntax: UID = ExplicitVRLittleEndian) -> Dataset:
    """Return an instance without pixels of a patient of its own."""
    ds = Dataset()
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = UID(sop_class), syntax
    meta.MediaStorageSOPInstanceUID, meta.ImplementationClassUID = UID(uid(case, 1)), UID(f"{ROOT}.9")
    ds.file_meta = meta
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, uid(case, 1)
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = uid(case, 2), uid(case, 3), uid(case, 4)
    ds.PatientName, ds.PatientID = f"{mark(case, 'y')}^Probe", f"{mark(case, 'z')}7731"
    ds.PatientBirthDate, ds.PatientSex = "19510203", "F"
    ds.StudyDate, ds.StudyTime, ds.Modality, ds.AccessionNumber = "20240117", "101112", modality, f"ACC{case:02d}77"
    ds.StudyID, ds.SeriesNumber, ds.InstanceNumber = "1", 1, 1
    ds.ReferringPhysicianName, ds.Manufacturer = "", "Phantom Works"
    return ds


def written(ds: Dataset) -> bytes:
    """Return the file, whatever its values are like."""
    buffer = io.BytesIO()
    with anything_goes():
        pydicom.dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


@contextmanager
def anything_goes() -> Iterator[None]:
    """Let pydicom write values that no attribute may have: they are what the cases are about."""
    before = pydicom.config.settings.writing_validation_mode
    pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        pydicom.config.settings.writing_validation_mode = before


def sequence(*items: Dataset) -> Items[Dataset]:
    """Return a sequence."""
    return Sequence(items)
