"""How samples lie in a frame (PS3.3 C.7.6.3.1), as the header describes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.pixels.palette import PALETTE_TAGS, darkest_entry
from workbench.records.errors import InstanceRefused

Frame = NDArray[np.unsignedinteger]
"""Bit patterns of one frame: Rows x Columns, or Rows x Columns x Samples."""

PIXEL_DATA: Final = 0x7FE00010
_FLOATS: Final = frozenset({0x7FE00008, 0x7FE00009})
_NUMBERS: Final = {
    "samples": 0x00280002,
    "planar": 0x00280006,
    "rows": 0x00280010,
    "columns": 0x00280011,
    "allocated": 0x00280100,
    "stored": 0x00280101,
    "high": 0x00280102,
    "signed": 0x00280103,
}
_PHOTOMETRIC: Final = 0x00280004
_FRAMES: Final = 0x00280008
TAGS: Final = frozenset({*_NUMBERS.values(), _PHOTOMETRIC, _FRAMES, *_FLOATS, *PALETTE_TAGS})
"""The elements that `layout_of` reads."""

_GREY: Final = frozenset({"MONOCHROME1", "MONOCHROME2"})
_PALETTE: Final = "PALETTE COLOR"
_COLOUR: Final = frozenset(
    {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT"}
)
_ALLOCATED: Final = (1, 8, 16, 24, 32)
_MOST_SAMPLES: Final = 1 << 27
"""No frame of a modality has more; what claims to is damaged or hostile."""
MOST_FRAMES: Final = 1 << 18
"""Whole-slide images have some hundred thousand; of more nobody could look at each."""
MOST_LOOKED_AT: Final = 1 << 25
"""Pixels of a frame that can be looked at in bounded memory: 33 million, twice what radiographs have."""


class Area(NamedTuple):
    """A rectangle in stored pixels, counted from 0: left and top inside, right and bottom outside."""

    left: int
    top: int
    right: int
    bottom: int


class Blanked(NamedTuple):
    """What became of an area: `black` is black in every decoder, and outside of `touched` nothing changed.

    The two differ where JPEG subsamples colour: a decoder that smooths colour mixes one pixel across the border.
    """

    black: Area
    touched: Area


@dataclass(frozen=True, slots=True)
class Layout:
    """The Image Pixel description of one instance.

    `signed` is Pixel Representation 1, `planar` 1 is by plane, `high` is High Bit. `darkest` is the index of the
    darkest entry of the palette (PALETTE COLOR only).
    """

    rows: int
    columns: int
    frames: int
    samples: int
    allocated: int
    stored: int
    high: int
    signed: bool
    planar: int
    photometric: str
    darkest: int = 0

    def __post_init__(self) -> None:
        """Refuse what nobody can decode.

        Raises
        ------
        InstanceRefused
            `pixel-size`, `pixel-bits`, `photometric-missing` or `photometric-unknown`.
        """
        pixels = self.rows * self.columns * max(self.samples, 1)
        if not (self.rows > 0 and self.columns > 0 and 0 < self.frames <= MOST_FRAMES and pixels <= _MOST_SAMPLES):
            raise refused("pixel-size", "Rows, columns or number of frames are missing or absurd.")
        bits = 0 < self.stored <= self.high + 1 <= self.allocated
        if self.allocated not in _ALLOCATED or not bits or (self.allocated == 1 and self.signed):
            raise refused("pixel-bits", "Bits Allocated, Bits Stored and High Bit do not go together.")
        if not self.photometric:
            raise refused("photometric-missing", "The image does not say how its samples become colours.")
        grey = self.samples == 1 and (self.photometric in _GREY or self.photometric == _PALETTE)
        colour = self.samples == 3 and self.photometric in _COLOUR and self.planar in (0, 1) and self.allocated > 1
        if not (grey or (colour and not self.signed)):
            raise refused("photometric-unknown", "Photometric interpretation and samples do not go together.")

    @property
    def subsampled(self) -> bool:
        """Whether two neighbours in a native row share their colour (PS3.3 C.7.6.3.1.2)."""
        return self.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422")

    @property
    def frame_bits(self) -> int:
        """Bits of one native frame."""
        samples = 2 if self.subsampled else self.samples
        return self.rows * self.columns * samples * self.allocated

    @property
    def shift(self) -> int:
        """Position of the lowest stored bit."""
        return self.high + 1 - self.stored


def layout_of(values: Mapping[int, bytes]) -> Layout:
    """Return the layout that the top-level elements `TAGS` of an instance give (little endian values).

    Raises
    ------
    InstanceRefused
        `pixels-float`, `palette-missing`, `palette-damaged`, or what `Layout` raises.
    """
    if _FLOATS & values.keys():
        raise refused("pixels-float", "The pixels are floating point numbers, which are not redacted.")
    numbers = {name: _number(values.get(tag)) for name, tag in _NUMBERS.items()}
    photometric = values.get(_PHOTOMETRIC, b"").decode("ascii", "replace").strip(" \0").upper()
    allocated = numbers["allocated"] or 0
    stored = numbers["stored"] or allocated
    high = numbers["high"]
    return Layout(
        rows=numbers["rows"] or 0,
        columns=numbers["columns"] or 0,
        frames=_frames(values.get(_FRAMES, b"")),
        samples=1 if numbers["samples"] is None else numbers["samples"],
        allocated=allocated,
        stored=stored,
        high=stored - 1 if high is None else high,
        signed=numbers["signed"] == 1,
        planar=numbers["planar"] or 0,
        photometric=photometric,
        darkest=darkest_entry(values, stored) if photometric == _PALETTE else 0,
    )


def clipped(areas: Iterable[Area], layout: Layout) -> list[Area]:
    """Return the areas as far as they lie in the image, sorted; those without a pixel are left out.

    Raises
    ------
    InstanceRefused
        `region-outside`, when one lies wholly outside: it was meant for an image of another size.
    """
    found = set()
    for area in areas:
        if area.left >= area.right or area.top >= area.bottom:
            continue
        inside = Area(
            max(0, area.left), max(0, area.top), min(layout.columns, area.right), min(layout.rows, area.bottom)
        )
        if inside.left >= inside.right or inside.top >= inside.bottom:
            raise InstanceRefused(
                "region-outside",
                "A region to redact lies outside the image.",
                "Look at the image, and draw the region again or correct the rule that gave it.",
            )
        found.add(inside)
    return sorted(found)


def check_looked_at(rows: int, columns: int) -> None:
    """Refuse what can't be looked at in bounded memory: views take many times the memory of a frame.

    Raises
    ------
    InstanceRefused
        `image-too-large`.
    """
    if rows * columns > MOST_LOOKED_AT:
        raise InstanceRefused(
            "image-too-large",
            "The image is too large to be looked at in bounded memory.",
            "Have the source system send it in tiles.",
        )


def refused(code: str, message: str) -> InstanceRefused:
    """Return the refusal of an image that only its source can repair."""
    return InstanceRefused(code, message, "Have the source system repair the object.")


def _number(value: bytes | None) -> int | None:
    return int.from_bytes(value, "little") if value is not None and len(value) == 2 else None


def _frames(value: bytes) -> int:
    text = value.strip(b" \0")
    if not text:
        return 1
    return int(text) if text.isdigit() and len(text) <= 12 else 0
