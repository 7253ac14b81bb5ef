"""An ultrasound cine and a still image, with the patient's identity burned into the pixels as devices do."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless, UltrasoundImageStorage, UltrasoundMultiFrameImageStorage

from workbench.synthetic import modules
from workbench.synthetic.heart import sector, speckle, trace
from workbench.synthetic.lettering import Line, letter
from workbench.synthetic.modules import Visit, item
from workbench.synthetic.people import JAPANESE
from workbench.synthetic.planting import BurnedIn

FRAMES, ROWS, COLUMNS = 10, 360, 480
FRAME_TIME = 70


def arrange(seed: int) -> Visit:
    """Return the visit of this kind of study."""
    return modules.arrange_visit(
        "us-heart-cine",
        JAPANESE,
        seed=seed,
        modality="US",
        department="Cardiology",
        title="ECHO",
        remark="{family} san prefers the morning",
    )


def write_study(visit: Visit, folder: Path) -> int:
    """Write the study and return the number of its instances."""
    grain = speckle(visit.draw, rows=ROWS, columns=COLUMNS)
    frames = []
    for index in range(FRAMES):
        frame = sector(index / FRAMES, rows=ROWS, columns=COLUMNS, grain=grain)
        trace(frame, phase=index / FRAMES, frames=FRAMES)
        frames.append(frame)
    lines = _annotation(visit)
    cine = np.stack([_burn(visit, frame, lines, "CINE/IM0001.dcm") for frame in frames])
    _write_cine(visit, cine, folder / "CINE" / "IM0001.dcm")
    still = _burn(visit, frames[3], lines, "STILL/IM0001.dcm")
    _write_still(visit, still, folder / "STILL" / "IM0001.dcm")
    return 2


def _annotation(visit: Visit) -> list[Line]:
    person, plant = visit.person, visit.plant
    family, given = person.romanized.split("^")
    born, seen = person.birth_date.strftime("%d.%m.%Y"), visit.day.strftime("%d.%m.%Y")
    return [
        Line(plant("burned-in institution", visit.site.institution), 10, 5, 13),
        Line(plant("burned-in name", f"{family.upper()}, {given}"), 10, 22, 15),
        Line(plant("burned-in id and birth date", f"ID {person.patient_id}  born {born}"), 10, 40, 12),
        Line(plant("burned-in date", f"{seen} {visit.hour:02d}:09"), COLUMNS - 130, 5, 13),
        Line("Adult Echo  S5-1  14 Hz", COLUMNS - 150, 24, 12),
        Line("MI 1.1  TIS 0.7", COLUMNS - 150, 40, 12),
    ]


def _burn(visit: Visit, frame: np.ndarray, lines: list[Line], file: str) -> np.ndarray:
    lettered, boxes = letter(frame, lines, ink=235)
    if not any(known.file == file for known in visit.plant.burned_in):
        for line, box in zip(lines, boxes, strict=True):
            visit.plant.burned_in.append(BurnedIn(file, line.text, box.x, box.y, box.width, box.height))
    return lettered


def _write_cine(visit: Visit, cine: np.ndarray, path: Path) -> None:
    ds = _image(visit, UltrasoundMultiFrameImageStorage, "cine", number=1, title="A4C CINE")
    ds.NumberOfFrames = FRAMES
    ds.FrameTime = str(FRAME_TIME)
    ds.FrameIncrementPointer = 0x00181063
    ds.StartTrim, ds.StopTrim = 1, FRAMES
    ds.HeartRate = 71
    modules.add_pixels(ds, cine, bits=8)
    modules.write(ds, path, visit)


def _write_still(visit: Visit, still: np.ndarray, path: Path) -> None:
    ds = _image(visit, UltrasoundImageStorage, "still", number=2, title="A4C STILL")
    ds.SourceImageSequence = [
        modules.reference(UltrasoundMultiFrameImageStorage, visit.instance("cine"), ReferencedFrameNumber=4)
    ]
    modules.add_pixels(ds, still, bits=8)
    ds.file_meta = modules.file_meta()
    ds.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    modules.write(ds, path, visit, meta=modules.file_meta(RLELossless))


def _image(visit: Visit, sop_class: str, name: str, *, number: int, title: str) -> Dataset:
    ds = modules.begin(visit, sop_class=sop_class, name=name)
    modules.add_series(ds, visit, modality="US", name=name, number=number, title=title, minute=9 + number)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "TTE", "0011"]
    ds.InstanceNumber = 1
    ds.PatientOrientation, ds.Laterality = "", ""
    ds.AcquisitionDate, ds.AcquisitionTime = visit.dicom_day, visit.time(9 + number)
    ds.ContentDate, ds.ContentTime = visit.dicom_day, visit.time(9 + number, 30)
    ds.LossyImageCompression = "00"
    ds.BurnedInAnnotation = "YES"
    ds.UltrasoundColorDataPresent = 1
    ds.TransducerData = ["S5-1", "", ""]
    ds.ImageComments = visit.plant(
        "image comments", f"Scan of {visit.person.family}, see letter to {visit.staff.referring.split('^')[0]}"
    )
    ds.SequenceOfUltrasoundRegions = [
        item(
            RegionSpatialFormat=1,
            RegionDataType=1,
            RegionFlags=0,
            RegionLocationMinX0=60,
            RegionLocationMinY0=60,
            RegionLocationMaxX1=COLUMNS - 60,
            RegionLocationMaxY1=ROWS - 40,
            PhysicalUnitsXDirection=3,
            PhysicalUnitsYDirection=3,
            PhysicalDeltaX=0.05,
            PhysicalDeltaY=0.05,
            ReferencePixelX0=COLUMNS // 2 - 60,
            ReferencePixelY0=0,
        )
    ]
    return ds
