"""A head MR in implicit VR with private blocks, which hold identities in ways that only some programs look into."""

from pathlib import Path

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, MRImageStorage

from workbench.synthetic import modules
from workbench.synthetic.head import invent_head
from workbench.synthetic.modules import Visit
from workbench.synthetic.people import POLISH

SLICES, SIZE, SPACING, THICKNESS = 16, 192, 1.2, 6.0
SERIES = {
    "T1": ("T1 AXIAL", "2", "480", "11", ImplicitVRLittleEndian),
    "T2": ("T2 AXIAL", "3", "4200", "98", ExplicitVRLittleEndian),
}


def arrange(seed: int) -> Visit:
    """Return the visit of this kind of study."""
    return modules.arrange_visit(
        "mr-head-private",
        POLISH,
        seed=seed,
        modality="MR",
        department="Neuroradiologia",
        title="MR HEAD",
        remark="Pani {family} has a pacemaker card at home",
    )


def write_study(visit: Visit, folder: Path) -> int:
    """Write the study and return the number of its instances."""
    head = invent_head(visit.draw)
    for weighting in SERIES:
        for index in range(SLICES):
            height = 0.85 - 1.55 * index / (SLICES - 1)
            plane = head.plane(height, size=SIZE, weighting=weighting, draw=visit.draw)
            _slice(visit, plane, weighting, index, folder / weighting / f"IM{index + 1:04d}.dcm")
    return SLICES * len(SERIES)


def _slice(visit: Visit, plane: np.ndarray, weighting: str, index: int, path: Path) -> None:
    title, number, repetition, echo, syntax = SERIES[weighting]
    other = "T1" if weighting == "T2" else "T2"
    position = -SLICES * THICKNESS / 2 + index * THICKNESS
    ds = modules.begin(visit, sop_class=MRImageStorage, name=f"{weighting} {index}")
    modules.add_series(
        ds, visit, modality="MR", name=weighting, number=int(number), title=title, minute=4 * int(number)
    )
    modules.add_frame_of_reference(ds, visit, "head")
    ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    ds.BodyPartExamined = "HEAD"
    ds.PatientPosition = "HFS"
    ds.InstanceNumber, ds.AcquisitionNumber = index + 1, 1
    ds.AcquisitionDate, ds.AcquisitionTime = visit.dicom_day, visit.time(4 * int(number), index)
    ds.ContentDate, ds.ContentTime = visit.dicom_day, visit.time(4 * int(number), index + 20)
    ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "SE", "SK", ""
    ds.MRAcquisitionType, ds.SequenceName = "2D", "*tse2d1"
    ds.RepetitionTime, ds.EchoTime, ds.EchoTrainLength = repetition, echo, 1
    ds.MagneticFieldStrength, ds.FlipAngle, ds.ImagedNucleus = "1.5", "90", "1H"
    ds.ImagingFrequency = "63.87"
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    corner = f"{-SIZE * SPACING / 2:.1f}"
    ds.ImagePositionPatient = [corner, corner, f"{position:.1f}"]
    ds.SliceLocation, ds.SliceThickness = f"{position:.1f}", str(THICKNESS)
    ds.SpacingBetweenSlices = str(THICKNESS)
    ds.PixelSpacing = [str(SPACING), str(SPACING)]
    ds.WindowCenter, ds.WindowWidth = "500", "1000"
    ds.ReferencedImageSequence = [modules.reference(MRImageStorage, visit.instance(f"{other} {index}"))]
    ds.BurnedInAnnotation = "NO"
    _private_blocks(ds, visit)
    modules.add_pixels(ds, np.clip(plane, 0, 4095).round(), bits=12)
    _after_pixels(ds, visit)
    preamble = visit.plant("preamble", f"EXPORT {visit.person.romanized}").encode() if index == 0 else b""
    modules.write(ds, path, visit, meta=modules.file_meta(syntax), preamble=preamble)


def _private_blocks(ds: Dataset, visit: Visit) -> None:
    plant, person = visit.plant, visit.person
    block = ds.private_block(0x0009, "PHANTOM WORKS IDENT 01", create=True)
    block.add_new(0x01, "LO", plant("private patient name", person.romanized.replace("^", ", ")))
    block.add_new(0x02, "DA", person.birth_date.strftime("%Y%m%d"))
    block.add_new(0x10, "SQ", Sequence([_inner(visit)]))
    header = ds.private_block(0x0029, "PHANTOM WORKS CSA HEADER", create=True)
    blob = f"SV10\0\0PatientName={person.romanized}\0tReferringPhysician={visit.staff.referring}\0"
    plant("private binary header", person.romanized)
    header.add_new(0x10, "OB", blob.encode().ljust(512, b"\0"))
    header.add_new(0x08, "CS", "IMAGE NUM 4")
    numbers = ds.private_block(0x0019, "PHANTOM WORKS MR 01", create=True)
    numbers.add_new(0x0C, "IS", "1000")
    numbers.add_new(0x0E, "FD", [0.0, 0.0, 1.0])
    numbers.add_new(0x20, "UN", plant("private UN", f"operator={visit.staff.operator}").encode() + b" ")


def _inner(visit: Visit) -> Dataset:
    """Return an item that has a private block of its own, one more sequence down."""
    deep = Dataset()
    block = deep.private_block(0x0009, "PHANTOM WORKS IDENT 01", create=True)
    block.add_new(0x03, "SH", visit.plant("private nested twice", visit.person.insurance))
    outer = Dataset()
    outer.OtherPatientNames = visit.plant("alias in a private sequence", visit.person.alias)
    block = outer.private_block(0x0009, "PHANTOM WORKS IDENT 01", create=True)
    block.add_new(0x10, "SQ", Sequence([deep]))
    return outer


def _after_pixels(ds: Dataset, visit: Visit) -> None:
    """Add what programs miss that stop reading at Pixel Data."""
    text = visit.plant("data set trailing padding", f"PAD {visit.person.romanized} {visit.person.patient_id}")
    ds[0xFFFCFFFC] = DataElement(0xFFFCFFFC, "OB", text.encode().ljust(64, b"\0"))
