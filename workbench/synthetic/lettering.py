"""Text in pixels, as devices burn it in."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Pixels = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text at its top left corner, `size` in pixels."""

    text: str
    x: int
    y: int
    size: int = 14


@dataclass(frozen=True, slots=True)
class Box:
    """The smallest rectangle around drawn text."""

    x: int
    y: int
    width: int
    height: int


def stencil(shape: tuple[int, int], line: Line) -> tuple[npt.NDArray[np.float32], Box]:
    """Return how much of each pixel of an image of `shape` (rows, columns) the line covers, 0 to 1, and its box."""
    canvas = Image.new("L", (shape[1], shape[0]), 0)
    ImageDraw.Draw(canvas).text((line.x, line.y), line.text, fill=255, font=ImageFont.load_default(line.size))
    left, top, right, bottom = canvas.getbbox() or (0, 0, 0, 0)
    covered = np.asarray(canvas, dtype=np.float32) / np.float32(255)
    return covered, Box(left, top, right - left, bottom - top)


def letter(image: Pixels, lines: list[Line], *, ink: int) -> tuple[Pixels, list[Box]]:
    """Return a copy of `image` (rows by columns, or with samples as the last axis) with `lines` drawn in `ink`."""
    result = image.astype(np.float32)
    boxes = []
    for line in lines:
        covered, box = stencil((image.shape[0], image.shape[1]), line)
        weight = covered if image.ndim == 2 else covered[..., np.newaxis]
        result = result * (1 - weight) + ink * weight
        boxes.append(box)
    return result.round().astype(image.dtype), boxes
