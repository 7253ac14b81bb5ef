"""Pictures for people: a frame with the regions drawn on it. They bear identity."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from workbench.pixels.finding_text import Image as Shown
from workbench.pixels.finding_text import Views
from workbench.pixels.frames import Frames
from workbench.pixels.loops import projections
from workbench.pixels.views import Picture
from workbench.records.errors import InstanceRefused
from workbench.records.region import Region, RegionDecision

_COLOURS: Final = {
    RegionDecision.REDACT: (255, 64, 64),
    RegionDecision.REVIEW: (255, 200, 0),
    RegionDecision.KEEP: (64, 220, 64),
}


def draw(frames: Frames, regions: Sequence[Region], target: Path) -> None:
    """Write a new PNG (mode 0600): what is brightest in any frame, with the regions of all frames as rectangles."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 (loaded where pixels are examined)

    shown = Image.fromarray(_brightest(frames)).convert("RGB")
    pen = ImageDraw.Draw(shown)
    for region in regions:
        corners = (region.x, region.y, region.x + region.width - 1, region.y + region.height - 1)
        pen.rectangle(corners, outline=_COLOURS[region.decision])
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        shown.save(stream, "PNG")


def _brightest(frames: Frames) -> Picture:
    def decoded() -> Iterator[tuple[int, Shown]]:
        for number in range(frames.count):
            try:
                yield number, frames.image(number)
            except InstanceRefused:
                continue

    first = next(projections(decoded(), together=frames.count, spread=1))
    return np.ascontiguousarray(Views(first.image)["window"])
