"""A chest CT: a localizer and an axial series that refers to it."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from workbench.synthetic import modules
from workbench.synthetic.chest import invent_chest, project, with_noise
from workbench.synthetic.modules import Visit
from workbench.synthetic.people import ENGLISH

SLICES, SIZE, SPACING, THICKNESS = 24, 256, 1.5, 13.0


def arrange(seed: int) -> Visit:
    """Return the visit of this kind of study."""
    return modules.arrange_visit(
        "ct-chest",
        ENGLISH,
        seed=seed,
        modality="CT",
        department="Radiology",
        title="CT CHEST",
        remark="Mrs {family} asks for a call before noon",
    )


def write_study(visit: Visit, folder: Path) -> int:
    """Write the study and return the number of its instances."""
    chest = invent_chest(visit.draw)
    front, _ = project(chest, width=SIZE, height=320)
    _localizer(visit, front, folder / "SCOUT" / "IM0001.dcm")
    for index in range(SLICES):
        height = 0.06 + 0.88 * index / (SLICES - 1)
        plane = with_noise(chest.plane(height, rows=SIZE, columns=SIZE, couch=True), visit.draw, 11)
        _slice(visit, plane, index, folder / "AXIAL" / f"IM{index + 1:04d}.dcm")
    return SLICES + 1


def _localizer(visit: Visit, front: np.ndarray, path: Path) -> None:
    ds = _image(
        visit, "localizer", series="scout", number=1, title="SCOUT", minute=2, kind=["ORIGINAL", "PRIMARY", "LOCALIZER"]
    )
    ds.InstanceNumber = 1
    ds.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
    ds.ImagePositionPatient = [f"{-SIZE * SPACING / 2:.1f}", "0", f"{SLICES * THICKNESS / 2:.1f}"]
    ds.PixelSpacing = [f"{SLICES * THICKNESS / 320:.4f}", str(SPACING)]
    ds.SliceThickness = "1"
    ds.WindowCenter, ds.WindowWidth = "-350", "900"
    hounsfield = np.clip(front * 1000 - 1000, -1024, 3071)
    modules.add_pixels(ds, (hounsfield + 1024).round(), bits=12)
    modules.write(ds, path, visit)


def _slice(visit: Visit, plane: np.ndarray, index: int, path: Path) -> None:
    ds = _image(
        visit,
        f"axial {index}",
        series="axial",
        number=2,
        title="AXIAL SOFT",
        minute=5,
        kind=["ORIGINAL", "PRIMARY", "AXIAL"],
    )
    position = SLICES * THICKNESS / 2 - index * THICKNESS
    ds.InstanceNumber = index + 1
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.ImagePositionPatient = [f"{-SIZE * SPACING / 2:.1f}", f"{-SIZE * SPACING / 2:.1f}", f"{position:.1f}"]
    ds.SliceLocation = f"{position:.1f}"
    ds.PixelSpacing = [str(SPACING), str(SPACING)]
    ds.SliceThickness = str(THICKNESS)
    ds.ConvolutionKernel = "B30"
    ds.WindowCenter, ds.WindowWidth = ["40", "-500"], ["400", "1500"]
    ds.WindowCenterWidthExplanation = ["SOFT TISSUE", "LUNG"]
    ds.ReferencedImageSequence = [
        modules.reference(
            CTImageStorage,
            visit.instance("localizer"),
            PurposeOfReferenceCodeSequence=modules.coded("121311", "DCM", "Localizer"),
        )
    ]
    if index == SLICES // 2:
        ds.ImageComments = visit.plant(
            "image comments", f"Nodule shown to Dr {visit.staff.reading.split('^')[0]}, {visit.person.family} informed"
        )
    modules.add_pixels(ds, np.clip(plane + 1024, 0, 4095).round(), bits=12)
    modules.write(ds, path, visit)


def _image(visit: Visit, name: str, *, series: str, number: int, title: str, minute: int, kind: list[str]) -> Dataset:
    ds = modules.begin(visit, sop_class=CTImageStorage, name=name)
    modules.add_series(ds, visit, modality="CT", name=series, number=number, title=title, minute=minute)
    modules.add_frame_of_reference(ds, visit, "chest")
    ds.ImageType = kind
    ds.BodyPartExamined = "CHEST"
    ds.PatientPosition = "HFS"
    ds.AcquisitionNumber = number
    ds.AcquisitionDate, ds.AcquisitionTime = visit.dicom_day, visit.time(minute, 20)
    ds.ContentDate, ds.ContentTime = visit.dicom_day, visit.time(minute, 40)
    ds.AcquisitionUID = (
        visit.draw.uid(f"acquisition {series}") if series == "axial" else visit.draw.uid("acquisition scout")
    )
    ds.KVP = "120"
    ds.ExposureTime, ds.XRayTubeCurrent, ds.Exposure = 500, 180, 90
    ds.DataCollectionDiameter = ds.ReconstructionDiameter = f"{SIZE * SPACING:.0f}"
    ds.GantryDetectorTilt = "0"
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "-1024", "1", "HU"
    ds.BurnedInAnnotation = "NO"
    return ds
