"""What it costs the sceptic to hold a redacted frame against its evidence: `python -m tests.bench.redaction_proof`.

In ratio to decoding the same two frames, of 800 x 600 pixels, with the same decoders: nobody can say that two frames
are equal outside of a region for less.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from tests.pixels.images import described, layout, picture, with_frames
from tests.verify import making
from tests.verify.redacting import Case, blackened, document
from tests.verify.test_redaction_syntaxes import ENCODERS, SYNTAX
from workbench.pixels.layout import Area
from workbench.pixels.workers import FrameWorker
from workbench.verify.black import Palette
from workbench.verify.blackening import frame_fault
from workbench.verify.reading import Reader
from workbench.verify.redaction_document import RedactionDocument, read_document
from workbench.verify.source import FileBytes
from workbench.verify.stored import StoredFrames, shape_of

ROWS, COLUMNS = 600, 800
AREAS = [Area(20, 12, 310, 40), Area(20, 60, 200, 80), Area(600, 560, 790, 590)]
BAR = 2.0


def main() -> int:
    """Print the table and say whether the bar holds."""
    held = True
    with FrameWorker() as worker:
        for name, samples in (("jpeg", 3), ("jpeg-2000", 1), ("jpeg-ls", 1), ("rle", 3), ("lossless", 1)):
            decode, proof = figures(name, samples, worker)
            held &= proof <= BAR * decode
            print(f"{name:10} x {samples}: decoding both {decode * 1000:6.1f} ms, proof {proof * 1000:6.1f} ms, "
                  f"ratio {proof / decode:.2f}, bar {BAR}")  # fmt: skip
    return 0 if held else 1


def figures(name: str, samples: int, worker: FrameWorker) -> tuple[float, float]:
    """Return CPU seconds of decoding input and output, and of the proof."""
    with tempfile.TemporaryDirectory() as folder:
        case, evidence = redacted_pair(Path(folder), name, samples, worker)
        reader = Reader()
        with FileBytes(case.source) as one, FileBytes(Path(folder) / "redacted.dcm") as two:
            readings = reader.read(one), reader.read(two)
            shape = shape_of(readings[0])
            assert shape is not None
            before, after = (StoredFrames(each, shape) for each in readings)
            regions = evidence.regions
            assert frame_fault(before, after, 0, regions, Palette(readings[0], shape)) == ""
            decode = cpu(lambda: [list(each.bands(0)) for each in (before, after)])
            proof = cpu(lambda: frame_fault(before, after, 0, regions, Palette(readings[0], shape)))
    return decode, proof


def redacted_pair(folder: Path, name: str, samples: int, worker: FrameWorker) -> tuple[Case, RedactionDocument]:
    """Write a frame and the same frame redacted, and return what is said of it."""
    bits = 8 if name == "jpeg" or samples == 3 else 12
    photometric = "MONOCHROME2" if samples == 1 else "YBR_FULL_422" if name == "jpeg" else "RGB"
    dataset = making.image()
    for element in described(layout(ROWS, COLUMNS, photometric, stored=bits)):
        dataset[element.tag] = element
    del dataset.PixelData
    frame = bytes(ENCODERS[name](picture(ROWS, COLUMNS, samples, bits=bits)))
    case = Case(folder, with_frames(dataset, [frame]), SYNTAX[name])
    _made, told = blackened(folder, {0: AREAS}, worker)
    evidence = read_document(document(*told))
    assert isinstance(evidence, RedactionDocument)
    return case, evidence


def cpu(work: Callable[[], Any], rounds: int = 15) -> float:
    """Return the median CPU time of one call."""
    taken = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return median(taken)


if __name__ == "__main__":
    sys.exit(main())
