"""Where an instance belongs: with slices that are looked at together, with images that show the same at one place.

The first decides only how they are looked at. Every pixel of every slice takes part in a projection, and slices in
whose projection something was found are looked at one by one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from workbench.dicom.instance import Instance
from workbench.pixels.finding_text import Image
from workbench.pixels.lead_in import lead_ins

LEAST: Final = 16
"""Slices below which each is looked at by itself."""

_SOP_CLASS: Final = 0x00080016
_SERIES: Final = 0x0020000E
_MAKER: Final = 0x00080070
_MODEL: Final = 0x00081090
_ROWS: Final = 0x00280010
_COLUMNS: Final = 0x00280011
_NUMBER: Final = 0x00200013
_FRAMES: Final = 0x00280008
_PIXELS: Final = (
    *(0x00280002, 0x00280004, _ROWS, _COLUMNS, 0x00280030),
    *(0x00280100, 0x00280101, 0x00280102, 0x00280103, 0x00280301),
)
_ALIKE: Final = (_SERIES, _MAKER, _MODEL, _ROWS, _COLUMNS)
_TAGS: Final = frozenset({_SOP_CLASS, _NUMBER, _FRAMES, *_ALIKE, *_PIXELS})
_SLICES: Final = frozenset(
    {
        b"1.2.840.10008.5.1.4.1.1.2",  # CT
        b"1.2.840.10008.5.1.4.1.1.4",  # MR
        b"1.2.840.10008.5.1.4.1.1.128",  # PET
    }
)


class Place(NamedTuple):
    """Where an instance belongs, as digests that are empty when it belongs nowhere. Bears no identity."""

    together: str
    """Of slices that may be looked at together."""
    alike: str
    """Of instances of one series, device and size: what one shows somewhere, the others may show there too."""
    number: int
    """Of the instance in its series."""


NOWHERE: Final = Place("", "", 0)


def place_of(instance: Instance) -> Place:
    """Return where an instance belongs."""
    values = {tag: value.strip(b" \0") for tag, value in instance.values(_TAGS).items()}
    if not values.get(_SERIES):
        return NOWHERE
    number = values.get(_NUMBER, b"")
    together = values.get(_SOP_CLASS) in _SLICES and values.get(_FRAMES, b"1") in (b"", b"1")
    return Place(
        _digest(values, (_SERIES, *_PIXELS)) if together and not any(lead_ins(instance)) else "",
        _digest(values, _ALIKE) if values.get(_ROWS) else "",
        int(number) if number.isdigit() and len(number) < 12 else 0,
    )


def _digest(values: Mapping[int, bytes], tags: Iterable[int]) -> str:
    parts = [values.get(tag, b"") for tag in tags]
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()


class Slices:
    """The slices of a series as the frames of one loop."""

    def __init__(self, paths: Sequence[Path], decode: Callable[[Path], Image]) -> None:
        self._paths = paths
        self._decode = decode

    @property
    def count(self) -> int:
        """How many slices there are."""
        return len(self._paths)

    def image(self, number: int) -> Image:
        """Return a slice, counted from 0; raises `InstanceRefused` when it can't be decoded."""
        return self._decode(self._paths[number])
