"""A planted twin: objects of the user's own kinds in which every place that can say who somebody is says it.

Each planted value is invented, labelled with its class and place, and known again wherever it turns up. The twin is
made for finding out what a profile lets through before it sees a patient.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.standard.table import ROWS
from workbench.synthetic import twin_around
from workbench.synthetic.draw import Draw
from workbench.synthetic.twin_shape import DATE_VRS, STRUCTURAL, TEXT_VRS, Shape, Spot
from workbench.synthetic.twin_values import Forged, Forger, Identity

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


class Place(StrEnum):
    """Where a value was planted."""

    LISTED = "attribute of Table E.1-1"
    UNLISTED = "attribute without a row"
    UNKNOWN = "attribute that no dictionary has"
    NESTED = "item of a sequence"
    PRIVATE = "private attribute"
    UNKNOWN_VR = "value written as UN"
    TEXT = "free text among clinical words"
    MEANING = "meaning of a code"
    CONTENT = "content of a report"
    WRONG_VR = "text in a number, date or code"
    CHARACTERS = "other character sets"
    META = "file meta information"
    PREAMBLE = "preamble"
    TRAILING = "behind the data set"
    OVERLAY = "overlay and curve"
    FRAME = "comment in a frame"
    DOCUMENT = "document, profile or certificate"


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted value.

    `path` alternates tag and item index, empty where there is no element. `clinical` are the words around it that
    identify nobody.
    """

    instance: int
    identity: Identity
    place: Place
    path: tuple[int, ...]
    needles: tuple[str, ...]
    clinical: str = ""

    @property
    def tag(self) -> int:
        """Return the tag of the element, -1 where there is none."""
        return self.path[-1] if self.path else -1


@dataclass(frozen=True, slots=True)
class Twin:
    """A twin that was written: its files in the order of their instance numbers, and all that was planted."""

    files: tuple[Path, ...]
    sop_classes: tuple[str, ...]
    planted: tuple[Planted, ...]


CLINICAL: Final = (
    "CT CHEST WITH CONTRAST", "MR BRAIN WITHOUT CONTRAST", "AXIAL T2", "LEFT KNEE", "ABDOMEN AND PELVIS", "LUNG NODULE",
    "LIVER LESION", "FOLLOW UP", "SAGITTAL BONE", "RIGHT HIP FRACTURE",
)  # fmt: skip
PATIENT: Final = 0x00100010
MEANING: Final = 0x00080104
_KNOWN_UIDS: Final = ("ClassUID", "TransferSyntaxUID")


def write_twin(shapes: Sequence[Shape], folder: Path, *, seed: int) -> Twin:
    """Write one object of each shape into `folder`, which must exist. The same shapes and seed give the same bytes."""
    forger = Forger(Draw(seed, "twin"))
    files, planted = [], []
    for number, shape in enumerate(shapes):
        forger.number = number
        planting = Planting(forger, shape, number)
        data = planting.file()
        path = folder / f"{number:04d}.dcm"
        path.write_bytes(data)
        files.append(path)
        planted += planting.planted
    return Twin(tuple(files), tuple(shape.sop_class for shape in shapes), tuple(planted))


class Planting:
    """One object being made from its shape."""

    def __init__(self, forger: Forger, shape: Shape, number: int) -> None:
        self.forger = forger
        self.shape = shape
        self.number = number
        self._noted: dict[tuple[int, ...], Planted] = {}
        self._around: list[Planted] = []
        self.planted: list[Planted] = []
        self.owner = forger.person()

    def file(self) -> bytes:
        """Return the bytes of the object."""
        from pydicom.dataset import Dataset  # noqa: PLC0415 (pydicom is loaded only when a twin is made)

        dataset = Dataset()
        for spot in self.shape.spots:
            self._plant(dataset, spot, ())
        self._identity(dataset)
        twin_around.complete(dataset, self.shape)
        twin_around.plant_everywhere(self, dataset)
        data = twin_around.whole_file(self, dataset)
        self.planted = [*(entry for path, entry in self._noted.items() if path[0] in dataset), *self._around]
        return data

    def note(self, place: Place, forged: Forged, path: tuple[int, ...] = (), clinical: str = "") -> str:
        """Note a planted value and return its text."""
        entry = Planted(self.number, forged.identity, place, path, forged.needles, clinical)
        if path:
            self._noted[path] = entry  # what is planted twice at one place holds the later value
        else:
            self._around.append(entry)
        return forged.text

    def forget(self, tags: frozenset[int]) -> None:
        """Drop what was planted below attributes that are about to be replaced as a whole."""
        self._noted = {path: entry for path, entry in self._noted.items() if path[0] not in tags}

    @property
    def count(self) -> int:
        """Return the number of values planted so far."""
        return len(self._noted) + len(self._around)

    def _identity(self, dataset: "Dataset") -> None:
        """Give the object the UIDs and the patient that every object has."""
        for tag in (0x00080018, 0x0020000D, 0x0020000E):
            put(dataset, tag, "UI", self.note(Place.LISTED, self.forger.uid(), (tag,)))
        put(dataset, PATIENT, "PN", self.note(Place.LISTED, self.owner, (PATIENT,)))
        number = self.forger.text(Identity.RECORD, 64)
        put(dataset, 0x00100020, "LO", self.note(Place.LISTED, number, (0x00100020,)))

    def _plant(self, dataset: "Dataset", spot: Spot, above: tuple[int, ...]) -> None:
        tag = twin_around.placed(dataset, spot) if spot.creator else spot.tag
        if tag is None or (tag in STRUCTURAL and not spot.creator):
            return
        path = (*above, tag)
        if spot.vr == "SQ":
            self._items(dataset, tag, spot, path)
            return
        value = self._value(spot, path)
        if value is not None:
            put(dataset, tag, spot.vr, value)

    def _items(self, dataset: "Dataset", tag: int, spot: Spot, path: tuple[int, ...]) -> None:
        from pydicom.dataset import Dataset  # noqa: PLC0415 (see above)
        from pydicom.sequence import Sequence as Items  # noqa: PLC0415

        items = []
        for position, inner in enumerate(spot.items):
            item = Dataset()
            for each in inner:
                self._plant(item, each, (*path, position))
            items.append(item)
        put(dataset, tag, "SQ", Items(items))

    def _value(self, spot: Spot, path: tuple[int, ...]) -> object | None:  # noqa: PLR0911 (one return for each kind of VR)
        """Return what stands in an element: something planted where the VR can carry it, else a plain number."""
        vr, place = spot.vr, _place(spot, path)
        if vr == "PN":
            return self.note(place, self.forger.person(), path)
        if vr in DATE_VRS:
            return self.note(place, self.forger.dated(vr, _SLOTS.index(place)), path)
        if vr == "UI":
            return self.note(place, self.forger.uid(), path) if _own_uid(spot.tag) else None
        if vr == "AS":
            return self.note(
                place, Forged(Identity.AGE, f"09{1 + self.number % 9}Y", (f"09{1 + self.number % 9}Y",)), path
            )
        if vr in TEXT_VRS:
            return self._text(spot, path, place)
        if vr == "UR":
            return self.note(place, self.forger.text(Identity.URL, 200), path)
        if vr in {"AE", "CS"}:
            forged = self.forger.text(Identity.NETWORK if vr == "AE" else Identity.CODE, 16)
            return self.note(place, Forged(forged.identity, forged.text.upper(), forged.needles), path)
        if vr in {"OB", "UN"}:
            text = self.note(place, self.forger.any("LO"), path).encode()
            return text + b"\0" * (len(text) % 2)
        return twin_around.NUMBERS.get(vr)

    def _text(self, spot: Spot, path: tuple[int, ...], place: Place) -> str:
        row = ROWS.get(spot.tag)
        if spot.tag == MEANING:
            place = Place.MEANING
        elif row is not None and "clean_descriptors" in row.options and not spot.creator:
            place = Place.TEXT
        if place not in {Place.TEXT, Place.MEANING} or spot.vr == "SH":
            return self.note(place, self.forger.any(spot.vr), path)
        clinical = CLINICAL[(self.count + self.number) % len(CLINICAL)]
        own = self.count % 3 == 0
        forged = Forged(Identity.NAME, self.owner.needles[0], self.owner.needles[:1]) if own else self.forger.any("SH")
        self.note(place, forged, path, clinical)
        return f"{clinical} {forged.text}" if self.count % 2 else f"{forged.text} {clinical}"


_SLOTS: Final = (
    Place.LISTED, Place.UNLISTED, Place.NESTED, Place.PRIVATE, Place.UNKNOWN_VR, Place.CONTENT, Place.UNKNOWN,
)  # fmt: skip
"""Places that have a date of their own, so that a date that is found tells where it came from."""


def _place(spot: Spot, path: tuple[int, ...]) -> Place:
    if spot.creator:
        return Place.PRIVATE
    if len(path) > 1:
        return Place.NESTED
    return Place.LISTED if spot.tag in ROWS else Place.UNLISTED


def _own_uid(tag: int) -> bool:
    """Tell whether the attribute identifies an instance, not a class, a syntax or a scheme."""
    from workbench.standard.dictionary import keyword_of  # noqa: PLC0415 (keywords are loaded when first asked)

    word = keyword_of(tag)
    schemes = ("CodingSchemeUID", "ContextUID", "MappingResourceUID", "TemplateUID", "SOPClasses")
    return not (word.endswith(_KNOWN_UIDS) or any(part in word for part in schemes))


def put(dataset: "Dataset", tag: int, vr: str, value: object) -> None:
    """Set an element, whatever its value is like."""
    from pydicom.config import IGNORE  # noqa: PLC0415 (see above)
    from pydicom.dataelem import DataElement, RawDataElement  # noqa: PLC0415
    from pydicom.tag import Tag  # noqa: PLC0415

    vr = vr.split(" ", maxsplit=1)[0]
    if (vr in {"DS", "IS"} and isinstance(value, str)) or vr == "UN":  # as written: pydicom would make it fit
        raw = value if isinstance(value, bytes) else str(value).encode()
        raw += b" " * (len(raw) % 2)
        dataset[tag] = RawDataElement(Tag(tag), vr, len(raw), raw, 0, is_implicit_VR=False, is_little_endian=True)
        return
    dataset[tag] = DataElement(tag, vr, value, validation_mode=IGNORE)
