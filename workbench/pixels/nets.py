"""The nets that find text (PP-OCRv6, Apache-2.0) behind a thin runner: picture in, map out.

The map is that of differentiable binarisation: how likely a pixel belongs to the core of a line of text.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from workbench.pixels.views import Picture

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Map = NDArray[np.float32]
"""Rows x Columns, 0 to 1."""

_MEAN: Final = np.array([0.485, 0.456, 0.406], np.float32) * 255
_SCALE: Final = 1 / (np.array([0.229, 0.224, 0.225], np.float32) * 255)
BORDER: Final = 16
"""Pixels that are repeated around a picture: text at its very edge is found as well as any other."""

_STRIDE: Final = 32
TILE: Final = 1152
OVERLAP: Final = 128
"""Larger pictures are looked at in tiles, which bounds memory. Lines are rarely thicker than what two tiles share."""


def open_session(path: Path, *, threads: int) -> "InferenceSession":
    """Open a net for the CPU with a bounded number of threads."""
    import onnxruntime  # noqa: PLC0415 (60 ms, and only where pixels are examined)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        str(path), options, providers=[("CPUExecutionProvider", {"arena_extend_strategy": "kSameAsRequested"})]
    )


class Detector:
    """One net that finds text. Not shared between processes."""

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._session = open_session(path, threads=threads)
        self._input: str = self._session.get_inputs()[0].name

    def text_map(self, picture: Picture) -> Map:
        """Return the map of a picture of any size; a large one is looked at in overlapping tiles."""
        rows, columns = picture.shape[:2]
        found = np.zeros((rows, columns), np.float32)
        for down in _spans(rows):
            for across in _spans(columns):
                tile = picture[down, across]
                if not is_flat(tile):
                    np.maximum(found[down, across], self._run(tile), out=found[down, across])
        return found

    def _run(self, picture: Picture) -> Map:
        rows, columns = picture.shape[:2]
        below, right = (-(size + 2 * BORDER) % _STRIDE for size in (rows, columns))
        pads = [(BORDER, BORDER + below), (BORDER, BORDER + right), (0, 0)]
        padded = np.pad(picture, pads[: picture.ndim], mode="edge")
        planes = np.empty((1, 3, *padded.shape[:2]), np.float32)
        for channel in range(3):
            # The nets were trained on blue, green, red.
            plane = padded[..., 2 - channel] if padded.ndim == 3 else padded
            np.multiply(plane, _SCALE[channel], out=planes[0, channel], casting="unsafe")
            planes[0, channel] -= _MEAN[channel] * _SCALE[channel]
        out: Any = self._session.run(None, {self._input: planes})[0]
        found: Map = out[0, 0, BORDER : BORDER + rows, BORDER : BORDER + columns]
        return found


def is_flat(picture: Picture) -> bool:
    """Tell whether all pixels are the same: there is nothing to be found."""
    return bool((picture == picture[0, 0]).all())


def _spans(size: int) -> list[slice]:
    """Return the tiles of one direction: of one size, none larger than `TILE`, each overlapping the next."""
    count = max(1, -(-(size - OVERLAP) // (TILE - OVERLAP)))
    length = min(size, -(-(size + (count - 1) * OVERLAP) // count))
    starts = [round(at * (size - length) / max(1, count - 1)) for at in range(count)]
    return [slice(start, start + length) for start in starts]
