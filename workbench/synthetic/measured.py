"""An ultrasound loop of a kidney with a measurement, as scanners export it: JPEG, with the patient along the top."""

from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, UltrasoundMultiFrameImageStorage

from workbench.synthetic import kidney, modules
from workbench.synthetic.kidney import COLUMNS, DEPTH_CM, PIXELS_PER_CM, ROWS, SCALE_COLUMN, SECTOR, SKIN_ROW
from workbench.synthetic.lettering import Line, letter
from workbench.synthetic.modules import Visit, item
from workbench.synthetic.people import ENGLISH
from workbench.synthetic.planting import BurnedIn

FRAMES: Final = 24
FRAME_TIME: Final = 83
FILE: Final = "LOOP/IM0001.dcm"
_QUALITY: Final = 85
_INK: Final = 232


def arrange(seed: int) -> Visit:
    """Return the visit of this kind of study."""
    return modules.arrange_visit(
        "us-kidney-measured",
        ENGLISH,
        seed=seed,
        modality="US",
        department="Radiology",
        title="RENAL ULTRASOUND",
        remark="Mrs {family} came fasting",
    )


def write_study(visit: Visit, folder: Path) -> int:
    """Write the study and return the number of its instances."""
    places = kidney.grid()
    grain = kidney.speckle(visit.draw, places)
    identity, harmless = _identity(visit), _harmless()
    beside = np.zeros((ROWS, COLUMNS, 3), dtype=np.uint8)
    kidney.marks(beside)
    drawn, boxes = letter(beside, [*identity, *harmless], ink=_INK)
    scans = (kidney.scan(number / FRAMES, places, grain) for number in range(FRAMES))
    frames = [_compressed(np.maximum(scan, drawn)) for scan in scans]
    # Only what identifies counts as planted: marks and measurements are meant to stay.
    for line, box in zip(identity, boxes, strict=False):
        visit.plant.burned_in.append(BurnedIn(FILE, line.text, box.x, box.y, box.width, box.height))
    _write(visit, frames, folder / FILE)
    return 1


def _identity(visit: Visit) -> list[Line]:
    """Return what identifies, along the top."""
    person, plant = visit.person, visit.plant
    family, given = person.romanized.split("^")
    born, seen = person.birth_date.strftime("%d/%m/%Y"), visit.day.strftime("%d/%m/%Y")
    return [
        Line(plant("burned-in name", f"{family.upper()}, {given}"), 12, 8, 17),
        Line(plant("burned-in id", f"ID {person.patient_id}"), 12, 30, 14),
        Line(plant("burned-in birth date", f"DOB {born}"), 150, 30, 14),
        Line(plant("burned-in institution", visit.site.institution), 330, 8, 14),
        Line(plant("burned-in date", f"{seen} {visit.hour:02d}:14"), 490, 30, 14),
    ]


def _harmless() -> list[Line]:
    """Return what identifies nobody and has to stay: parameters, the numbers of the scale, the measurement."""
    numbers = [
        Line(str(depth), SCALE_COLUMN + 14, round(SKIN_ROW + depth * PIXELS_PER_CM) - 7, 13)
        for depth in range(5, DEPTH_CM + 1, 5)
    ]
    return [
        Line("MI 1.1", 14, 284, 13),
        Line("TIS 0.4", 14, 312, 13),
        Line("Gain 54 %", 14, 340, 13),
        Line("DR 60", 14, 368, 13),
        Line("Dist 42.1 mm", 40, 454, 15),
        *numbers,
    ]


def _compressed(frame: np.ndarray) -> bytes:
    """Return a frame as scanners compress it: baseline JPEG, colour at half width (PS3.5 8.2.1)."""
    stream = BytesIO()
    Image.fromarray(frame).save(stream, "JPEG", quality=_QUALITY, subsampling="4:2:2")
    return stream.getvalue()


def _write(visit: Visit, frames: list[bytes], path: Path) -> None:
    ds = modules.begin(visit, sop_class=UltrasoundMultiFrameImageStorage, name="loop")
    modules.add_series(ds, visit, modality="US", name="loop", number=1, title="KIDNEY R LOOP", minute=10)
    ds.ImageType = ["DERIVED", "PRIMARY", "ABDOMINAL", "0001"]
    ds.InstanceNumber = 1
    ds.PatientOrientation, ds.Laterality = "", "R"
    ds.AcquisitionDate, ds.AcquisitionTime = visit.dicom_day, visit.time(10)
    ds.ContentDate, ds.ContentTime = visit.dicom_day, visit.time(10, 30)
    ds.NumberOfFrames = FRAMES
    ds.FrameTime = str(FRAME_TIME)
    ds.FrameIncrementPointer = 0x00181063
    ds.StartTrim, ds.StopTrim = 1, FRAMES
    ds.BurnedInAnnotation = "YES"
    ds.UltrasoundColorDataPresent = 1
    ds.TransducerData = ["C5-1", "", ""]
    ds.SequenceOfUltrasoundRegions = [_region()]
    ds.SamplesPerPixel, ds.PlanarConfiguration = 3, 0
    ds.PhotometricInterpretation = "YBR_FULL_422"
    ds.Rows, ds.Columns = ROWS, COLUMNS
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.LossyImageCompression, ds.LossyImageCompressionMethod = "01", "ISO_10918_1"
    ratio = 3 * ROWS * COLUMNS * len(frames) / sum(map(len, frames))
    ds.LossyImageCompressionRatio = f"{ratio:.2f}"
    ds.PixelData = encapsulate(frames, has_bot=True)
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    modules.write(ds, path, visit, meta=modules.file_meta(JPEGBaseline8Bit))


def _region() -> Dataset:
    """Return where the scan lies (PS3.3 C.8.5.5): tissue in two dimensions, centimetres in both directions."""
    left, top, right, bottom = SECTOR
    return item(
        RegionSpatialFormat=1,
        RegionDataType=1,
        RegionFlags=0,
        RegionLocationMinX0=left,
        RegionLocationMinY0=top,
        RegionLocationMaxX1=right,
        RegionLocationMaxY1=bottom,
        PhysicalUnitsXDirection=3,
        PhysicalUnitsYDirection=3,
        PhysicalDeltaX=1 / PIXELS_PER_CM,
        PhysicalDeltaY=1 / PIXELS_PER_CM,
        ReferencePixelX0=COLUMNS // 2 - left,
        ReferencePixelY0=SKIN_ROW - top,
    )
