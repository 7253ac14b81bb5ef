"""What it costs to redact a frame in its own syntax: `python -m tests.bench.redaction [--identity]`.

In ratio to pydicom decoding the same frame, in alternating runs on one machine: redaction has to decode, encode and
decode again to prove. Written and checked is all of it. `--identity` redacts every image of pydicom, pydicom-data and
the samples besides, and counts those in which a value outside of the regions differs.
"""

import argparse
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import pydicom.data
import simplejpeg
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from tests.bench.detection import shared
from tests.pixels.images import described, layout, picture, with_frames
from tests.pixels.test_bit_identity import walk
from tests.pixels.test_codecs import JPEG, RLE, jpeg_2000, jpeg_ls, rle
from workbench.pixels.frame_redaction import redact_frame
from workbench.pixels.layout import Area, Layout
from workbench.pixels.workers import FrameWorker

AREAS = [Area(20, 12, 310, 40), Area(20, 60, 200, 80), Area(600, 560, 790, 590)]
JPEG_MILLISECONDS = 8.0
GREY = layout(600, 800, stored=12, allocated=16)
COLOUR = layout(600, 800, "YBR_FULL_422")
BARS = {"JPEG 4:2:2": 3.0, "JPEG 4:2:0": 3.0, "RLE": 12.0, "JPEG-LS": 4.0, "JPEG 2000": 4.0}


def frames() -> list[tuple[str, str, Layout, bytes]]:
    """Frames of 800 x 600 in the syntaxes that pydicom decodes without further packages than ours."""
    smooth, deep = picture(600, 800, 3), picture(600, 800, bits=12)
    return [
        ("JPEG 4:2:2", f"{JPEG}50", COLOUR, simplejpeg.encode_jpeg(smooth, quality=85, colorsubsampling="422")),
        ("JPEG 4:2:0", f"{JPEG}50", COLOUR, simplejpeg.encode_jpeg(smooth, quality=85, colorsubsampling="420")),
        ("RLE", RLE, GREY, rle(deep, GREY)),
        ("JPEG-LS", f"{JPEG}80", GREY, jpeg_ls(deep, GREY)),
        ("JPEG 2000", f"{JPEG}90", GREY, jpeg_2000(deep, GREY)),
    ]


def main() -> int:
    """Print the table and say whether the bars hold."""
    options = argparse.ArgumentParser(prog="python -m tests.bench.redaction", description=__doc__)
    options.add_argument("--identity", action="store_true")
    options.add_argument("--rounds", type=int, default=15)
    given = options.parse_args()
    warnings.simplefilter("ignore")
    held = True
    for name, syntax, of, frame in frames():
        data_set = with_frames(described(of, syntax), [frame])
        ours, theirs = alternating(
            partial(redact_frame, frame, syntax, of, AREAS),
            partial(get_decoder(UID(syntax)).as_array, data_set, raw=True),
            given.rounds,
        )
        fast = not name.startswith("JPEG 4") or ours <= JPEG_MILLISECONDS
        holds = ours / theirs <= BARS[name] and fast
        held &= holds
        print(
            f"{name:11} {len(frame) // 1000:4} kB: redacted and proven {ours:6.1f} ms, decoded by pydicom "
            f"{theirs:6.1f} ms, ratio {ours / theirs:4.2f}, bar {BARS[name]}: {'holds' if holds else 'MISSED'}"
        )
    return 0 if (not given.identity or identity()) and held else 1


def alternating(one: Callable[[], object], two: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the medians of CPU milliseconds."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _round in range(rounds):
        for do, into in zip((one, two), taken, strict=True):
            start = time.process_time()
            do()
            into.append(1000 * (time.process_time() - start))
    return median(taken[0]), median(taken[1])


def identity() -> bool:
    """Redact whatever image is in reach, and hold it against pydicom; a difference ends the run."""
    import data_store  # type: ignore[import-untyped] # noqa: PLC0415 (pydicom-data, for this figure only)

    folders = [Path(pydicom.data.__file__).parent, Path(data_store.__path__[0])]
    larger = shared()
    if larger is not None:
        folders.append(larger / "samples")
    seen: Counter[str | None] = Counter()
    refused: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch, FrameWorker() as worker:
        for folder in folders:
            walk(folder, Path(scratch), worker, seen, refused)
    del refused["not-dicom"]
    images = sum(count for syntax, count in seen.items() if syntax)
    print(f"{images} images in {len([each for each in seen if each])} transfer syntaxes: nothing outside differs")
    print(f"refused by name: {dict(sorted(refused.items()))}")
    return images > 0


if __name__ == "__main__":
    sys.exit(main())
