"""Figures of the detector on synthetic images with burned-in identifiers: `python -m tests.bench.detection --seed N`.

The images come from the folder with larger test data (`WORKBENCH_SHARED`, or `../shared` of the tree). An item counts
as found when the regions cover at least 90 percent of its letters. CPU seconds are those of this process; decoding has
a process of its own. With `--against fast` the same images are looked at once more with one pass of the first net, and
the figures are told as ratios to that as well: these hold on any machine. Use a seed that nothing was tuned on: 101,
103, 4711, 9001 and 9002 were.
"""

import argparse
import importlib.util
import json
import os
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image

from workbench.deid.known_values import known_values
from workbench.pixels.examining import Examined
from workbench.pixels.looking import Looker
from workbench.records.region import Region, RegionDecision, RegionSource

ROOT = Path(__file__).resolve().parents[2]
NEEDED = 0.9
VISIBLE = 0.5


def shared() -> Path | None:
    """Return the folder with larger test data, if it is there."""
    folder = Path(os.environ.get("WORKBENCH_SHARED") or ROOT.parent / "shared")
    return folder if (folder / "bench" / "burnin_bench.py").is_file() else None


def generator(folder: Path) -> ModuleType:
    """Return the module that makes the images."""
    spec = importlib.util.spec_from_file_location("burnin_bench", folder / "bench" / "burnin_bench.py")
    if spec is None or spec.loader is None:
        raise SystemExit("There is no generator of images here.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def make(folder: Path, target: Path, seed: int, *, phi: int = 100, clean: int = 50) -> None:
    """Make images with identifiers and images without."""
    generator(folder).make(target, seed, phi, clean, folder / "samples" / "deid-data" / "data")


@dataclass
class Figures:
    """What a run came to."""

    items: list[dict[str, Any]] = field(default_factory=list)
    images: dict[str, bool] = field(default_factory=dict)
    """Whether all identifiers of an image were found."""
    free: list[tuple[int, int]] = field(default_factory=list)
    """Boxes, and boxes with text that was read, of images without any text."""
    marks: list[bool] = field(default_factory=list)
    """Whether a harmless mark was matched with the header."""
    marks_kept: list[bool] = field(default_factory=list)
    matched: list[bool] = field(default_factory=list)
    """Whether an identifier of the header was matched."""
    unmatched: list[tuple[str, list[str]]] = field(default_factory=list)
    kept: int = 0
    """Identifiers that would stay because they were taken for harmless marks."""
    cpu: float = 0.0
    pixels: int = 0

    def share(self, items: Iterable[dict[str, Any]]) -> float:
        """Return the share of items that were found."""
        found = [item["covered"] >= NEEDED for item in items]
        return float(np.mean(found)) if found else float("nan")

    def summary(self) -> dict[str, Any]:
        """Return the figures by name."""
        visible = [item for item in self.items if item["visible"] >= VISIBLE]
        faint = [item for item in self.items if item["color"] == "lowcontrast"]
        by_modality = defaultdict(list)
        for item in self.items:
            by_modality[item["modality"]].append(item)
        return {
            "items": len(self.items),
            "item_recall": self.share(self.items),
            "visible_recall": self.share(visible),
            "image_recall": float(np.mean(list(self.images.values()))),
            "low_contrast": {"items": len(faint), "recall": self.share(faint)},
            "by_modality": {name: self.share(each) for name, each in sorted(by_modality.items())},
            "free_boxes": float(np.mean([boxes for boxes, _ in self.free])),
            "free_confirmed": float(np.mean([confirmed for _, confirmed in self.free])),
            "header_items": len(self.matched),
            "header_matched": float(np.mean(self.matched)),
            "marks": len(self.marks),
            "marks_matched": float(np.mean(self.marks)),
            "marks_kept": float(np.mean(self.marks_kept)),
            "identifiers_kept": self.kept,
            "cpu_ms_per_800x600": 1000 * self.cpu / self.pixels * 480_000,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def measure(folder: Path, *, profile: str = "careful") -> Figures:
    """Look at all images of a folder that the generator filled."""
    figures = Figures()
    looker = Looker(known_values, profile=profile)
    for record in json.loads((folder / "truth.json").read_text())["images"]:
        started = time.process_time()
        examined = looker.look(folder / record["file"])
        figures.cpu += time.process_time() - started
        figures.pixels += record["rows"] * record["cols"]
        _count(figures, record, np.asarray(Image.open(folder / record["label"])), examined)
    looker.close()
    return figures


def ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    """Return what is missed, boxes on images without text, and CPU, each in that of another run."""
    missed = [1 - each["item_recall"] for each in (ours, theirs)]
    return {
        "missed": missed[0] / max(missed[1], 1e-9),
        "free_boxes": ours["free_boxes"] / max(theirs["free_boxes"], 1e-9),
        "cpu": ours["cpu_ms_per_800x600"] / theirs["cpu_ms_per_800x600"],
    }


def _count(figures: Figures, record: dict[str, Any], label: "np.ndarray[Any, Any]", examined: Examined) -> None:
    if "notext" in record["tags"]:
        figures.free.append((len(examined.regions), sum(map(_is_read, examined.regions))))
    covered = np.zeros(label.shape, bool)
    for region in examined.regions:
        covered[region.y : region.y + region.height, region.x : region.x + region.width] = True
    whole = True
    for number, item in enumerate(record["items"], 1):
        letters = label == number
        share = float(covered[letters].mean()) if letters.any() else 1.0
        over = list(_over(examined, item["bbox"]))
        matched = any("header" in region.explanation for region in over)
        if not item["phi"]:
            if over:
                figures.marks.append(matched)
                figures.marks_kept.append(all(region.decision is RegionDecision.KEEP for region in over))
            continue
        figures.items.append({**item, "covered": share, "modality": record["modality"], "file": record["file"]})
        whole = whole and share >= NEEDED
        figures.kept += any(region.decision is RegionDecision.KEEP for region in over)
        if over and item["kind"] != "phone" and "not_in_header" not in record["tags"]:
            figures.matched.append(matched)
            if not matched:
                figures.unmatched.append((item["text"], [region.text for region in over]))
    if any(item["phi"] for item in record["items"]):
        figures.images[record["file"]] = whole


def _over(examined: Examined, place: list[int]) -> Iterator[Region]:
    """Yield the regions of text that cover the middle of an item."""
    left, top, right, bottom = place
    x, y = (left + right) / 2, (top + bottom) / 2
    for region in examined.regions:
        inside = region.x <= x < region.x + region.width and region.y <= y < region.y + region.height
        if inside and region.source is RegionSource.TEXT:
            yield region


def _is_read(region: Region) -> bool:
    return region.decision is not RegionDecision.REVIEW and sum(map(str.isalnum, region.text)) >= 2


def main() -> int:
    """Make images, look at them, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.detection", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--phi", type=int, default=100)
    parser.add_argument("--clean", type=int, default=50)
    parser.add_argument("--profile", default="careful")
    parser.add_argument("--against", metavar="PROFILE")
    given = parser.parse_args()
    folder = shared()
    if folder is None:
        print("No folder with larger test data: set WORKBENCH_SHARED.")
        return 2
    with tempfile.TemporaryDirectory() as made:
        make(folder, Path(made), given.seed, phi=given.phi, clean=given.clean)
        figures = measure(Path(made), profile=given.profile)
        summary = figures.summary()
        if given.against:
            summary["ratios"] = ratios(summary, measure(Path(made), profile=given.against).summary())
    print(json.dumps(summary, indent=1))
    told = ("modality", "kind", "style", "color", "em", "contrast", "bgstd", "visible", "covered")
    for item in figures.items:
        if item["covered"] < NEEDED:
            print("missed", *(f"{name}={item[name]}" for name in told))
    for text, read in figures.unmatched:
        print("not matched:", text, read)
    return 0


if __name__ == "__main__":
    sys.exit(main())
