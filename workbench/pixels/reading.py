"""Read lines of text (PP-OCRv6 small, Apache-2.0): crops in, text and confidence out.

Reading sorts what was found; it never takes a box away.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.pixels.models import CHARACTERS, RECOGNISER, locate
from workbench.pixels.nets import open_session
from workbench.pixels.views import Picture

_HEIGHT: Final = 48
_LEAST_WIDTH: Final = 48
_MOST_WIDTH: Final = 1920
"""Beyond, a line is narrowed: nothing that is burned in is as long."""

_STEP: Final = 16
_BATCH: Final = 8
_UPRIGHT: Final = 1.5
"""From this height, in its width, a box holds a line that runs up or down."""


class Line(NamedTuple):
    """What stands in a box, and how sure that is (0 to 1). Bears identity."""

    text: str
    score: float


NOTHING: Final = Line("", 0.0)


class Reader:
    """Reads lines. One per worker.

    Raises
    ------
    UsageError
        `models-absent`, `models-other`.
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._session = open_session(locate(RECOGNISER), threads=threads)
        self._input: str = self._session.get_inputs()[0].name
        characters = locate(CHARACTERS).read_text(encoding="utf-8").split("\n")
        # The first class is that of no character, the last one the space.
        self._characters = ["", *(each for each in characters if each), " "]

    def read(self, crops: Sequence[Picture]) -> list[Line]:
        """Return what stands in each crop; a line that runs up or down is read both ways."""
        turned: list[Picture] = []
        owners: list[int] = []
        for number, crop in enumerate(crops):
            if not crop.size:
                continue
            turns = (1, 3) if crop.shape[0] > _UPRIGHT * crop.shape[1] else (0,)
            turned += [np.rot90(crop, turn) for turn in turns]
            owners += [number] * len(turns)
        found = [NOTHING] * len(crops)
        for owner, line in zip(owners, self._lines(turned), strict=True):
            if line.score > found[owner].score:
                found[owner] = line
        return found

    def _lines(self, crops: Sequence[Picture]) -> list[Line]:
        fitted = [_fitted(crop) for crop in crops]
        found = [NOTHING] * len(crops)
        for batch in _batches([each.shape[2] for each in fitted]):
            width = max(fitted[at].shape[2] for at in batch)
            planes = np.zeros((len(batch), 3, _HEIGHT, width), np.float32)
            for row, at in enumerate(batch):
                planes[row, :, :, : fitted[at].shape[2]] = fitted[at]
            out: Any = self._session.run(None, {self._input: planes})[0]
            for row, at in enumerate(batch):
                found[at] = self._decoded(out[row])
        return found

    def _decoded(self, likely: NDArray[np.float32]) -> Line:
        """Return the text of one line: the best class of each step, repetitions and gaps left out (CTC)."""
        best = likely.argmax(axis=1)
        told = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
        if not told.any():
            return NOTHING
        text = "".join(self._characters[each] for each in best[told])
        return Line(text.strip(), float(likely.max(axis=1)[told].mean()))


def _fitted(crop: Picture) -> NDArray[np.float32]:
    """Return a crop as the net takes it: 3 x 48 x width, blue first, -1 to 1."""
    from PIL import Image  # noqa: PLC0415 (loaded where pixels are examined)

    rows, columns = crop.shape[:2]
    width = int(np.clip(round(columns * _HEIGHT / rows), _LEAST_WIDTH, _MOST_WIDTH))
    shown = np.asarray(Image.fromarray(crop).resize((width, _HEIGHT), Image.Resampling.BILINEAR), np.float32)
    planes = np.repeat(shown[None], 3, axis=0) if shown.ndim == 2 else shown[..., ::-1].transpose(2, 0, 1)
    return planes / 127.5 - 1


def _batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the numbers of crops of about the same width."""
    batch: list[int] = []
    for at in sorted(range(len(widths)), key=lambda each: widths[each]):
        if batch and (len(batch) == _BATCH or widths[at] > 1.2 * widths[batch[0]] + _STEP):
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
