"""Chest radiographs from the front and from the side, in implicit VR, with an overlay that carries a name."""

from pathlib import Path

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import ComputedRadiographyImageStorage, ImplicitVRLittleEndian

from workbench.synthetic import modules
from workbench.synthetic.chest import invent_chest, project, smooth
from workbench.synthetic.lettering import Line, letter, stencil
from workbench.synthetic.modules import Visit
from workbench.synthetic.people import GERMAN

WIDTH, HEIGHT, SPACING = 384, 512, 0.85
VIEWS = {"PA": ("THORAX PA", ["L", "F"]), "LL": ("THORAX LATERAL", ["A", "F"])}


def arrange(seed: int) -> Visit:
    """Return the visit of this kind of study."""
    return modules.arrange_visit(
        "cr-chest",
        GERMAN,
        seed=seed,
        modality="CR",
        department="Röntgenabteilung",
        title="THORAX",
        remark="Frau {family} wird von der Tochter abgeholt",
    )


def write_study(visit: Visit, folder: Path) -> int:
    """Write the study and return the number of its instances."""
    front, side = project(invent_chest(visit.draw), width=WIDTH, height=HEIGHT)
    wide = smooth(np.repeat(side, 2, axis=1))
    for number, (view, integral) in enumerate((("PA", front), ("LL", wide)), start=1):
        _write_view(visit, view, number, integral, folder / view / "IM0001.dcm")
    return 2


def _write_view(visit: Visit, view: str, number: int, integral: np.ndarray, path: Path) -> None:
    title, orientation = VIEWS[view]
    ds = modules.begin(visit, sop_class=ComputedRadiographyImageStorage, name=view)
    modules.add_series(ds, visit, modality="CR", name=view, number=number, title=title, minute=3 * number)
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.InstanceNumber, ds.AcquisitionNumber = 1, 1
    ds.BodyPartExamined, ds.ViewPosition = "CHEST", view
    ds.PatientOrientation = orientation
    ds.AcquisitionDate, ds.AcquisitionTime = visit.dicom_day, visit.time(3 * number)
    ds.ContentDate, ds.ContentTime = visit.dicom_day, visit.time(3 * number, 30)
    ds.KVP, ds.Exposure, ds.DistanceSourceToDetector = "125", 2, "1800"
    ds.PlateType, ds.Sensitivity = "GP", "400"
    ds.ImagerPixelSpacing = [str(SPACING), str(SPACING)]
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", "1", "US"
    ds.WindowCenter, ds.WindowWidth = "2048", "4096"
    ds.BurnedInAnnotation = "NO"
    if view == "LL":
        ds.ReferencedImageSequence = [modules.reference(ComputedRadiographyImageStorage, visit.instance("PA"))]
    modules.add_pixels(ds, _expose(visit, integral), bits=12)
    if view == "PA":
        _overlay(ds, visit)
    modules.write(ds, path, visit, meta=modules.file_meta(ImplicitVRLittleEndian))


def _expose(visit: Visit, integral: np.ndarray) -> np.ndarray:
    """Return the plate's answer: bone bright, air dark, with grain and the lead marker of the side."""
    density = 1 - np.exp(-3.0 * integral)
    density = (density - density.min()) / (density.max() - density.min())
    grain = smooth(visit.draw.generator.standard_normal(density.shape, dtype=np.float32)) * 22
    plate = np.clip(120 + 3700 * smooth(density.astype(np.float32)) + grain, 0, 4095)
    marked, _ = letter(plate.astype(np.uint16), [Line("L", WIDTH - 44, 26, 30)], ink=4000)
    return marked


def _overlay(ds: Dataset, visit: Visit) -> None:
    """Add an overlay plane (PS3.3 C.9.2) whose bits spell the patient's name."""
    text = visit.plant("overlay name", visit.person.romanized.replace("^", " "))
    covered, _ = stencil((HEIGHT, WIDTH), Line(text, 12, HEIGHT - 34, 18))
    bits = np.packbits((covered > 0.5).ravel(), bitorder="little").tobytes()
    for element, vr, value in (
        (0x0010, "US", HEIGHT),
        (0x0011, "US", WIDTH),
        (0x0022, "LO", visit.plant("overlay description", f"Label {visit.person.family}")),
        (0x0040, "CS", "G"),
        (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1),
        (0x0102, "US", 0),
        (0x3000, "OW", bits),
    ):
        tag = 0x60000000 + element
        ds[tag] = DataElement(tag, vr, value)
