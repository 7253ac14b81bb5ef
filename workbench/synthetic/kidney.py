"""A kidney with a cyst as a curved ultrasound probe shows it, moving with the breath, and the marks that scanners draw.

All of it is drawn here: echoes, colour flow, depth scale, grey wedge and calipers are strokes of pixels.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.synthetic.draw import Draw

Plane = npt.NDArray[np.float32]
Frame = npt.NDArray[np.uint8]

ROWS: Final = 480
COLUMNS: Final = 640
SECTOR: Final = (72, 54, 558, 434)
"""Left, top, right and bottom pixel of the rectangle that holds the scan."""

PIXELS_PER_CM: Final = 24.0
DEPTH_CM: Final = 15
SKIN_ROW: Final = 70
"""Row at which the middle of the probe touches the skin; depths count from here."""

SCALE_COLUMN: Final = 566
CYST_MM: Final = 42.1
"""Diameter of the cyst, which the calipers measure."""

_PROBE_RADIUS: Final = 96.0
_HALF_ANGLE: Final = 0.55
_APEX: Final = (SKIN_ROW - _PROBE_RADIUS, 316.0)
_CYST: Final = (246.0, 292.0)
_MARK: Final = (225, 225, 120)
_GREY: Final = (200, 200, 200)


@dataclass(frozen=True, slots=True)
class Grid:
    """Where each pixel of SECTOR lies in the frame: row, column, distance from the apex, angle to the middle beam."""

    row: Plane
    column: Plane
    radius: Plane
    angle: Plane

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Which pixels the beams reach."""
        reach = (self.radius >= _PROBE_RADIUS) & (self.radius <= _PROBE_RADIUS + DEPTH_CM * PIXELS_PER_CM)
        return np.asarray(reach & (np.abs(self.angle) <= _HALF_ANGLE))


def grid() -> Grid:
    """Return the grid of SECTOR; the rest of a frame is black."""
    left, top, right, bottom = SECTOR
    row, column = np.meshgrid(
        np.arange(top, bottom + 1, dtype=np.float32), np.arange(left, right + 1, dtype=np.float32), indexing="ij"
    )
    down, across = row - np.float32(_APEX[0]), column - np.float32(_APEX[1])
    return Grid(row, column, np.hypot(down, across), np.arctan2(across, down))


def speckle(draw: Draw, places: Grid) -> Plane:
    """Return the grain of the scan, around 1: it lies along arcs, and is the coarser the deeper it lies."""
    real, imaginary = draw.generator.standard_normal((2, 520, 400), dtype=np.float32)
    kernel = np.array([1, 2, 3, 2, 1], dtype=np.float32) / 9
    along = np.array([1, 2, 1], dtype=np.float32) / 4
    planes = [np.apply_along_axis(np.convolve, 1, plane, kernel, mode="same") for plane in (real, imaginary)]
    planes = [np.apply_along_axis(np.convolve, 0, plane, along, mode="same") for plane in planes]
    grain = np.hypot(*planes)
    beams = np.clip((places.angle / _HALF_ANGLE + 1.05) * 190, 0, 399).astype(int)
    depths = np.clip((places.radius - _PROBE_RADIUS) * 1.25 + 20, 0, 519).astype(int)
    return np.asarray(grain[depths, beams] / grain.mean(), dtype=np.float32)


def scan(phase: float, places: Grid, grain: Plane) -> Frame:
    """Return one frame of the scan, ROWS by COLUMNS by three; `phase` runs from 0 to 1 over a breath and two beats."""
    breath = 4.0 * np.sin(2 * np.pi * phase)
    beat = max(0.0, np.sin(4 * np.pi * phase)) ** 2
    row, column = places.row - np.float32(breath), places.column
    echo = np.full(row.shape, 0.36, dtype=np.float32)
    depth = (places.radius - _PROBE_RADIUS) / PIXELS_PER_CM
    echo += 0.30 * np.exp(-(((depth - 0.8) / 0.5) ** 2))  # skin, fat and the wall of the belly
    echo += 0.22 * np.sin(5 * depth) * np.exp(-((depth / 2.2) ** 2))
    kidney = _ellipse(row, column, centre=(262, 330), half=(72, 142), turn=0.16)
    echo = np.where(kidney < 1, np.float32(0.22), echo)
    echo += 0.45 * np.exp(-(((kidney - 1.0) / 0.045) ** 2))  # capsule
    sinus = _ellipse(row, column, centre=(268, 372), half=(26, 74), turn=0.16)
    echo += 0.55 * np.exp(-((np.clip(sinus - 0.55, 0, None) / 0.5) ** 2)) * (kidney < 1)
    radius = CYST_MM / 20 * PIXELS_PER_CM
    cyst = np.hypot(row + np.float32(breath) - _CYST[0], column - _CYST[1]) / np.float32(radius)
    echo = np.where(cyst < 1, np.float32(0.02), echo)
    echo += 0.5 * np.exp(-(((cyst - 1.02) / 0.05) ** 2))
    behind = (np.abs(column - _CYST[1]) < radius * 0.8) & (row > _CYST[0] + radius)
    echo *= np.where(behind, 1.5, 1)  # water swallows no sound: what lies behind shines
    echo += 0.75 * np.exp(-(((depth - 12.6 - 0.35 * np.cos(4 * places.angle)) / 0.14) ** 2))  # diaphragm
    echo *= np.clip(1.12 - 0.045 * depth, 0.2, None)
    moved = np.roll(grain, round(breath), axis=0)
    grey = np.clip(235 * echo * (0.30 + 0.62 * moved), 0, 255)
    frame = np.repeat(grey[..., np.newaxis], 3, axis=2).astype(np.float32)
    _flow(frame, row, column, beat)
    frame[~places.inside] = 0
    left, top, right, bottom = SECTOR
    whole = np.zeros((ROWS, COLUMNS, 3), dtype=np.uint8)
    whole[top : bottom + 1, left : right + 1] = frame.round()
    return whole


def _ellipse(
    row: Plane, column: Plane, *, centre: tuple[float, float], half: tuple[float, float], turn: float
) -> Plane:
    down, across = row - np.float32(centre[0]), column - np.float32(centre[1])
    sine, cosine = np.float32(np.sin(turn)), np.float32(np.cos(turn))
    return np.asarray(np.hypot((down * cosine - across * sine) / half[0], (across * cosine + down * sine) / half[1]))


def _flow(frame: Plane, row: Plane, column: Plane, beat: float) -> None:
    """Colour the vessels of the sinus, in place: towards the probe red, away blue, as strong as the beat."""
    for shift, colour, strength in ((-7, (225, 60, 25), 0.35 + 0.6 * beat), (8, (30, 80, 230), 0.5)):
        vessel = np.abs(row - (268 + shift) - 10 * np.sin((column - 372) / 26)) < 3.4
        vessel &= (np.abs(column - 384) < 52) & (frame.mean(axis=2) > 20)
        frame[vessel] = frame[vessel] * (1 - strength) + np.array(colour, dtype=np.float32) * strength


def marks(frame: Frame) -> None:
    """Draw what a scanner draws beside and on the scan, in place: depth scale, focus, grey wedge, calipers.

    `frame` is ROWS by COLUMNS by three.
    """
    for centimetre in range(DEPTH_CM + 1):
        row = round(SKIN_ROW + centimetre * PIXELS_PER_CM)
        length = 9 if centimetre % 5 == 0 else 4
        frame[row : row + 1, SCALE_COLUMN : SCALE_COLUMN + length] = _GREY
    focus = round(SKIN_ROW + 8 * PIXELS_PER_CM)
    for step in range(5):
        frame[focus - step : focus + step + 1, SCALE_COLUMN + 16 - step] = _MARK
    for step in range(160):
        frame[100 + step, 24:36] = 255 - round(step * 255 / 159)
    frame[99, 23:37] = frame[260, 23:37] = _GREY
    for row, column in caliper_ends():
        frame[row, column - 5 : column + 6] = _MARK
        frame[row - 5 : row + 6, column] = _MARK
    (first_row, left), (_second_row, right) = caliper_ends()
    for column in range(left + 9, right - 7, 6):
        frame[first_row, column : column + 2] = _MARK


def caliper_ends() -> tuple[tuple[int, int], tuple[int, int]]:
    """Return row and column of both ends of the measurement."""
    half = CYST_MM / 20 * PIXELS_PER_CM
    row = round(_CYST[0])
    return (row, round(_CYST[1] - half)), (row, round(_CYST[1] + half))
