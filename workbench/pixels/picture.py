"""One frame as a picture for people, with areas outlined: of outputs, for who reviews what was blackened."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np

from workbench.dicom.source import open_source
from workbench.pixels.decoding import StoredFrames
from workbench.pixels.finding_text import Views
from workbench.pixels.frames import InstanceFrames
from workbench.pixels.workers import FrameWorker
from workbench.records.redaction import Box4

BLACKENED: Final = (255, 176, 32)
KEPT: Final = (64, 200, 96)
_LONGEST: Final = 1200
"""Side in pixels above which a picture is made smaller; outlines are drawn after that, so that they stay visible."""


def outlined(
    path: Path, frame: int, *, blackened: Sequence[Box4] = (), kept: Sequence[Box4] = (), longest: int = _LONGEST
) -> bytes:
    """Return a frame of an instance, numbered from 1, in its stored window as PNG.

    Areas are outlined on the pixels around them, as far as there are any, so that what is in them stays to be seen.

    Raises
    ------
    InstanceRefused
        When the frame can't be decoded.
    """
    from PIL import Image, ImageDraw  # noqa: PLC0415 (loaded where pixels are shown)

    worker = FrameWorker()
    try:
        with open_source(path) as source:
            frames = InstanceFrames(StoredFrames(source.walk(), source.read, worker))
            shown = np.ascontiguousarray(Views(frames.image(frame - 1))["window"])
    finally:
        worker.close()
    picture = Image.fromarray(shown).convert("RGB")
    scale = min(1.0, longest / max(picture.size))
    if scale < 1:
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    pen = ImageDraw.Draw(picture)
    for colour, boxes in ((KEPT, kept), (BLACKENED, blackened)):
        for box in boxes:
            left, top = box.x * scale - 1, box.y * scale - 1
            right, bottom = (box.x + box.width) * scale, (box.y + box.height) * scale
            corners = (
                max(0, left),
                max(0, top),
                min(picture.width - 1, right),
                min(picture.height - 1, bottom),
            )
            pen.rectangle(corners, outline=colour)
    stream = BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()
