"""Images with text drawn on them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from workbench.pixels.boxes import Box

Place = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def mask(text: str, em: int) -> NDArray[np.float32]:
    """Coverage of a text, 0 to 1, cut to its letters."""
    font = ImageFont.load_default(em)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(text))
    canvas = Image.new("L", (right - left + 2, bottom - top + 2), 0)
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), text, font=font, fill=255)
    return np.asarray(canvas, np.float32) / np.float32(255)


def write(
    samples: NDArray[Any], text: str, at: tuple[int, int], value: float, *, em: int = 16, turns: int = 0
) -> Place:
    """Write a text into samples, from column and row `at`; return left, top, right, bottom of the letters."""
    letters = np.rot90(mask(text, em), turns)
    left, top = at
    rows, columns = letters.shape
    part = samples[top : top + rows, left : left + columns]
    cover = letters if samples.ndim == 2 else letters[..., None]
    part[...] = (part * (1 - cover) + value * cover).astype(samples.dtype)
    return left, top, left + columns, top + rows


def tissue(rows: int, columns: int, *, seed: int = 5, level: float = 90, spread: float = 25) -> NDArray[np.float32]:
    """Something with the softness of anatomy and a little noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(level, spread, (rows // 24 + 2, columns // 24 + 2)).astype(np.float32)
    soft = np.asarray(Image.fromarray(coarse).resize((columns, rows), Image.Resampling.BICUBIC))
    return np.clip(soft + rng.normal(0, 3, (rows, columns)), 0, 255).astype(np.float32)


def covers(boxes: Iterable[Box], place: Place) -> bool:
    """Whether at least 90 percent of a place lie in the boxes together."""
    left, top, right, bottom = place
    seen = np.zeros((bottom - top, right - left), bool)
    for box in boxes:
        seen[max(0, box.top - top) : max(0, box.bottom - top), max(0, box.left - left) : max(0, box.right - left)] = (
            True
        )
    return bool(seen.mean() >= 0.9)
