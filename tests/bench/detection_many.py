"""Figures of the detector on loops and on a series of slices: `python -m tests.bench.detection_many --seed N`.

Loops are those of the generator of images (100 frames of 640x480), as they are and with black and white exchanged. The
series has 300 slices of 512x512 of tissue that moves, with lines on one slice only, on all, and dark ones. CPU seconds
are those of this process; decoding has a process of its own.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from PIL import Image
from pydicom.uid import ExplicitVRLittleEndian

from tests.bench.detection import NEEDED, generator, shared
from tests.pixels.drawing import Place, tissue, write
from tests.pixels.images import described, layout
from workbench.deid.known_values import known_values
from workbench.pixels.looking import Looker
from workbench.records.region import Region, RegionDecision

SLICES = 300
CT = "1.2.840.10008.5.1.4.1.1.2"
LINES = ("DOE, JANE", "MRN 4711 0815", "12.03.1961", "ST ELSEWHERE CLINIC", "ACC 20931187")


def share_covered(regions: Iterable[Region], letters: "np.ndarray[Any, Any]") -> float:
    """Return the share of letters that regions cover."""
    covered = np.zeros(letters.shape, bool)
    for region in regions:
        covered[region.y : region.y + region.height, region.x : region.x + region.width] = True
    return float(covered[letters].mean())


def loops(folder: Path, target: Path, seed: int, *, dark: bool, count: int) -> dict[str, Any]:
    """Make loops, look at them, and return the figures; an item counts in the frames that show it, at least four."""
    generator(folder).make_cine(target, seed, count, deid_dir=folder / "samples" / "deid-data" / "data")
    looker = Looker(known_values)
    found, cpu, boxes = [], 0.0, []
    for record in json.loads((target / "truth.json").read_text())["images"]:
        path = target / record["file"]
        if dark:
            _exchange_black_and_white(path)
        started = time.process_time()
        examined = looker.look(path)
        cpu += time.process_time() - started
        label = np.asarray(Image.open(target / record["label"]))
        boxes.append(len(examined.regions))
        for number, item in enumerate(record["items"], 1):
            first, last = item["frames"][0] + 1, item["frames"][1]
            over = [each for each in examined.regions if {first, last} <= set(each.frames)]
            found.append(share_covered(over, label == number) >= NEEDED)
    looker.close()
    return {"items": len(found), "recall": float(np.mean(found)), "cpu_s_per_100": cpu / len(boxes), "boxes": boxes}


def _exchange_black_and_white(path: Path) -> None:
    data_set = pydicom.dcmread(path)
    frames = 255 - data_set.pixel_array
    data_set.PixelData = frames.tobytes()
    data_set["PixelData"].VR = "OB"
    data_set["PixelData"].is_undefined_length = False
    data_set.PhotometricInterpretation = "RGB"
    data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data_set.save_as(path, enforce_file_format=True)


def make_series(target: Path, seed: int) -> tuple[list[Path], list[tuple[int | None, Place]]]:
    """Write the slices; return them in order and the lines with the slice that shows each (None: all)."""
    rng = np.random.default_rng(seed)
    wide = tissue(512, 512 + SLICES, seed=seed, level=1050, spread=160)
    rows, columns = np.mgrid[-1:1:512j, -1:1:512j]
    body = (rows**2 / 0.5 + columns**2 / 0.8) < 1
    lines: list[tuple[int | None, str, tuple[int, int], float]] = []
    for number, at in enumerate(rng.permutation(SLICES)[:20]):
        place = (int(rng.integers(120, 260)), int(rng.integers(150, 350)))  # dark text in air is nobody's to find
        lines.append((int(at), LINES[number % 5], place, 0.0 if number % 2 else 2400.0))
    lines += [(None, LINES[number], (12, 10 + 24 * number), 2000.0) for number in range(3)]
    paths, truth = [], []
    for number in range(SLICES):
        ground = np.where(body, wide[:, number : number + 512], 24) + rng.normal(0, 14, (512, 512))
        for shown, text, place, ink in lines:
            if shown in (None, number):
                where = write(ground, text, place, ink, em=int(12 + len(text) % 3 * 4))
                if shown is not None or number == 0:
                    truth.append((shown, where))
        data_set = described(layout(512, 512, stored=12, allocated=16))
        data_set.SOPClassUID, data_set.SeriesInstanceUID = CT, f"2.25.{seed}"
        data_set.InstanceNumber = number + 1
        data_set.WindowCenter, data_set.WindowWidth = 1050, 800
        data_set.PixelData = ground.clip(0, 4095).astype("<u2").tobytes()
        paths.append(target / f"{number:04d}.dcm")
        data_set.save_as(paths[-1], enforce_file_format=True)
    return paths, truth


def series(target: Path, seed: int) -> dict[str, Any]:
    """Make a series, look at it, and return the figures."""
    paths, truth = make_series(target, seed)
    looker = Looker(known_values)
    started = time.process_time()
    found = looker.look_together(paths)
    cpu = time.process_time() - started
    looker.close()
    hits = []
    for shown, (left, top, right, bottom) in truth:
        letters = np.zeros((512, 512), bool)
        letters[top:bottom, left:right] = True
        slices = range(SLICES) if shown is None else [shown]
        hits.append(all(share_covered(found[each].regions, letters) >= NEEDED for each in slices))
    boxes = [sum(each.decision is not RegionDecision.KEEP for each in examined.regions) for examined in found]
    missed = [place for place, hit in zip(truth, hits, strict=True) if not hit]
    return {
        "items": len(hits),
        "recall": float(np.mean(hits)),
        "cpu_s": cpu,
        "boxes_per_slice": float(np.mean(boxes)),
        "missed": missed,
    }


def main() -> int:
    """Make loops and a series, look at them, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.detection_many", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--loops", type=int, default=3)
    given = parser.parse_args()
    folder = shared()
    for dark in (False, True):
        if folder is not None and given.loops:
            with tempfile.TemporaryDirectory() as made:
                figures = loops(folder, Path(made), given.seed, dark=dark, count=given.loops)
            print("loops,", "dark text:" if dark else "bright text:", json.dumps(figures))
    with tempfile.TemporaryDirectory() as made:
        print("series:", json.dumps(series(Path(made), given.seed)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
