"""The structure of objects without any value: what a planted twin is a twin of.

A shape comes from a user's own file (`shape_of`) or from the standard (`standard_shapes`). It has the SOP class, the
attributes with their VRs at every depth, and the names of private blocks; of values it has none.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.standard.dictionary import VR

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SHAPES: Final = 400
"""Shapes taken of one folder at most; instances of one shape count once."""
ITEMS: Final = 2
DEPTH: Final = 12
TEXT_VRS: Final = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
DATE_VRS: Final = frozenset({"DA", "DT", "TM"})
CARRIERS: Final = TEXT_VRS | DATE_VRS | {"PN", "UI", "UR", "AE", "CS", "AS", "OB", "UN"}
"""VRs whose values can say who somebody is."""

STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
CLASSES: Final = (
    "1", "1.1", "1.2", "1.2.1", "2", "2.1", "3.1", "4", "4.1", "4.2", "6.1", "7", "7.4", "9.1.1", "9.1.2", "11.1",
    "12.1", "12.1.1", "12.2", "13.1.3", "20", "30", "66", "66.4", "66.5", "77.1.1", "77.1.4", "77.1.5.1", "77.1.6",
    "88.11", "88.22", "88.33", "88.34", "88.59", "88.67", "104.1", "128", "128.1", "130", "481.1", "481.2", "481.3",
    "481.5", "481.8",
)  # fmt: skip
"""Storage SOP classes in reach, after their common root."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One element of a shape: `creator` names the private block, `items` the shapes of a sequence's items."""

    tag: int
    vr: str
    creator: str = ""
    items: tuple[tuple["Spot", ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """The structure of one kind of object."""

    sop_class: str
    spots: tuple[Spot, ...]

    @property
    def has_pixels(self) -> bool:
        """Tell whether there is Pixel Data."""
        return any(spot.tag == 0x7FE00010 for spot in self.spots)


def shapes_of(folder: Path) -> tuple[Shape, ...]:
    """Return the distinct shapes of the DICOM files below a folder, in the order of their names.

    Files that pydicom does not read are passed over. Nothing of a value leaves this function.
    """
    found: dict[Shape, None] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        shape = shape_of(path)
        if shape is not None:
            found[shape] = None
        if len(found) == SHAPES:
            break
    return tuple(found)


def shape_of(path: Path) -> Shape | None:
    """Return the shape of one file, None when it is none."""
    import pydicom  # noqa: PLC0415 (only who makes a twin of a folder needs it)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(path, defer_size=1 << 16)
            sop_class = str(dataset.SOPClassUID)
            return Shape(sop_class, _spots(dataset, 0))
    except Exception:  # noqa: BLE001 (what is no readable object has no shape)
        return None


def _spots(dataset: "Dataset", depth: int) -> tuple[Spot, ...]:
    spots = []
    for tag in sorted(dataset.keys()):
        if tag.element == 0 or (tag.is_private and tag.element < 0x100):
            continue
        element = dataset[tag]
        creator = (element.private_creator or "") if tag.is_private else ""
        items: tuple[tuple[Spot, ...], ...] = ()
        if element.VR == "SQ":
            given = list(element.value)[:ITEMS] if depth < DEPTH else []
            items = tuple(dict.fromkeys(_spots(item, depth + 1) for item in given))
        spots.append(Spot(int(tag), element.VR, creator, items))
    return tuple(spots)


def standard_shapes(classes: Sequence[str] = (), *, turn: int = 0) -> tuple[Shape, ...]:
    """Return a shape for each SOP class, by UID; without any, for all in reach.

    Every attribute of the data dictionary that can carry identity stands in one of them at the top, and in another one
    in the item of a sequence. `turn` moves which attribute goes to which class.
    """
    chosen = tuple(classes) or tuple(STORAGE + number for number in CLASSES)
    attributes = sorted(tag for tag, vr in VR.items() if vr in CARRIERS and _may_be_planted(tag))
    sequences = sorted(tag for tag, vr in VR.items() if vr == "SQ" and _may_hold(tag))
    count = len(chosen)
    shapes = []
    for position, sop_class in enumerate(chosen):
        top = attributes[(position + turn) % count :: count]
        nested = attributes[(position + turn + 1) % count :: count]
        holders = sequences[(position + turn) % count :: count]
        spots = {tag: Spot(tag, VR[tag]) for tag in (*_COMMON, *top)}
        for number, holder in enumerate(holders):
            inside = nested[number :: len(holders)]
            item = tuple(Spot(tag, VR[tag]) for tag in sorted({*inside, *_INSIDE}))
            deeper = Spot(holders[number - 1], "SQ", "", (item,))
            spots[holder] = Spot(holder, "SQ", "", (item, (deeper,)))
        shapes.append(Shape(sop_class, tuple(spots[tag] for tag in sorted(spots))))
    return tuple(shapes)


_INSIDE: Final = (0x00080104, 0x00100010, 0x00100020)
"""Code Meaning and the patient, misplaced, in every sequence."""

_COMMON: Final = (
    0x00080020, 0x00080050, 0x00080080, 0x00080081, 0x00080090, 0x00081010, 0x00081030, 0x0008103E, 0x00081070,
    0x00100010, 0x00100020, 0x00100021, 0x00100030, 0x00101000, 0x00101001, 0x00101010, 0x00101040, 0x00102154,
    0x001021B0, 0x00104000, 0x00181000, 0x00181030, 0x0020000D, 0x0020000E, 0x00200010, 0x00200052, 0x00204000,
)  # fmt: skip
"""Attributes that every object of the standard's shapes has."""


def _may_be_planted(tag: int) -> bool:
    """Tell whether a value of our own makes sense: not where it says how the object is to be read."""
    return tag not in STRUCTURAL and tag >> 16 not in {0x0000, 0x0002, 0x0004, 0xFFFA, 0xFFFC, 0xFFFE, 0x7FE0}


def _may_hold(tag: int) -> bool:
    return _may_be_planted(tag) and tag not in {0x00401101, 0x04000500, 0x00880200, 0x0040A043, 0x0040A730}


STRUCTURAL: Final = frozenset(
    {
        0x00080005, 0x00080006, 0x00080016, 0x00080018, 0x00080060, 0x0008001A, 0x0008001B, 0x00080062,
        0x0008010D, 0x0008010C, 0x00080117, 0x00080118, 0x0008040C, 0x00080115, 0x0008115A, 0x00081150, 0x00083002,
        0x00280004, 0x00280006, 0x00420012, 0x0040A040, 0x0040A010, 0x0040A050, 0x04000010, 0x04000510, 0x00420011,
        0x0040DB0D, 0x00420013, 0x00480107, 0x30100091, 0x0062000D, 0x00282114, 0x40100048, 0x5400100A, 0x54001006,
    }
)  # fmt: skip
"""Attributes that say what an object is: they get a defined value, as a twin of them would be no such object."""
