"""Slices of one series that may be looked at together: same geometry, same kind of samples, no hint of burned-in text.

This decides only how they are looked at. Every pixel of every slice takes part in a projection, and slices in whose
projection something was found are looked at one by one.
"""

from collections.abc import Callable, Sequence
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
_NUMBER: Final = 0x00200013
_FRAMES: Final = 0x00280008
_PIXELS: Final = (
    *(0x00280002, 0x00280004, 0x00280010, 0x00280011, 0x00280030),
    *(0x00280100, 0x00280101, 0x00280102, 0x00280103, 0x00280301),
)
_TAGS: Final = frozenset({_SOP_CLASS, _SERIES, _NUMBER, _FRAMES, *_PIXELS})
_SLICES: Final = frozenset(
    {
        b"1.2.840.10008.5.1.4.1.1.2",  # CT
        b"1.2.840.10008.5.1.4.1.1.4",  # MR
        b"1.2.840.10008.5.1.4.1.1.128",  # PET
    }
)


class Place(NamedTuple):
    """The series that a slice belongs to, as a digest, and its number there."""

    series: str
    number: int


def place_of(instance: Instance) -> Place | None:
    """Return where a slice belongs; None for what has to be looked at by itself."""
    values = {tag: value.strip(b" \0") for tag, value in instance.values(_TAGS).items()}
    if values.get(_SOP_CLASS) not in _SLICES or values.get(_FRAMES, b"1") not in (b"", b"1"):
        return None
    if not values.get(_SERIES) or any(lead_ins(instance)):
        return None
    parts = [values[_SERIES], *(values.get(tag, b"") for tag in _PIXELS)]
    digest = sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()
    number = values.get(_NUMBER, b"")
    return Place(digest, int(number) if number.isdigit() and len(number) < 12 else 0)


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
