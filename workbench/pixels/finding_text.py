"""Find text in one image: several views, two nets, boxes added up and never taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.pixels import views
from workbench.pixels.boxes import Box, boxes_of, lines
from workbench.pixels.models import DETECTOR_SMALL, DETECTOR_TINY, locate
from workbench.pixels.nets import Detector, is_flat
from workbench.pixels.views import Picture, Samples

_LONGEST_ENLARGED: Final = 2600
_NETS: Final = {"small": DETECTOR_SMALL, "tiny": DETECTOR_TINY}


@dataclass(frozen=True, slots=True)
class Look:
    """One pass: which view, which net, how much enlarged, and from which mean probability a box counts."""

    view: str
    net: str
    scale: float
    least: float


PROFILES: Final[dict[str, tuple[Look, ...]]] = {
    "fast": (Look("joined", "small", 1, 0.6),),
    "standard": (Look("joined", "small", 1, 0.6), Look("window", "small", 1, 0.6)),
    "careful": (
        Look("joined", "small", 1, 0.6),
        Look("window", "small", 1, 0.6),
        Look("levelled", "small", 1, 0.6),
        Look("levelled", "tiny", 1.5, 0.8),
    ),
}

PROJECTED: Final = (Look("joined", "small", 1, 0.6),)
"""How projections of frames are looked at, whatever the profile: they are many, and most lines are in all of them."""


@dataclass(frozen=True, slots=True)
class Image:
    """What is looked at: stored samples of one frame (grey: any type; colour: RGB of 8 bits).

    `inverted` for MONOCHROME1. Center and width are those of the stored window, in stored values.
    """

    samples: Samples
    inverted: bool = False
    center: float | None = None
    width: float | None = None


class Views:
    """The views of one image, each made when first asked for."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._made: dict[str, Picture] = {}

    def __getitem__(self, name: str) -> Picture:
        """Return the view `window`, `equalised`, `levelled`, or `joined`: those three as the colours of one picture."""
        picture = self._made.get(name)
        if picture is None:
            picture = self._joined() if name == "joined" else view_of(self._image, name)
            self._made[name] = picture
        return picture

    def _joined(self) -> Picture:
        return np.stack([views.grey(self["window"]), self["equalised"], self["levelled"]], axis=-1)


class TextFinder:
    """Finds boxes around lines of text. One per worker.

    Raises
    ------
    UsageError
        `models-absent`, `models-other`.
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._nets: dict[str, Detector] = {}

    def find(self, pictures: Views, looks: Sequence[Look]) -> list[Box]:
        """Return boxes in stored pixel coordinates, one for each line."""
        return lines(box for look in looks for box in self.look(pictures[look.view], look))

    def look(self, picture: Picture, look: Look) -> list[Box]:
        """Return the boxes of one pass."""
        if is_flat(picture):
            return []
        scale = max(1.0, min(look.scale, _LONGEST_ENLARGED / max(picture.shape[:2])))
        shown = views.resized(picture, scale) if scale != 1 else picture
        found = self._net(look.net).text_map(shown)
        return boxes_of(found, least=look.least, scale=shown.shape[0] / picture.shape[0])

    def _net(self, name: str) -> Detector:
        net = self._nets.get(name)
        if net is None:
            net = self._nets[name] = Detector(locate(_NETS[name]), threads=self._threads)
        return net


def view_of(image: Image, name: str) -> Picture:
    """Return a view of an image by its name."""
    samples = image.samples
    colour = samples.ndim == 3
    if name == "window":
        shown = samples.astype(np.uint8) if colour else views.window(samples, image.center, image.width)
    else:
        make = {"equalised": views.equalised, "levelled": views.levelled}[name]
        shown = make(views.grey(samples.astype(np.uint8)) if colour else samples)
    return 255 - shown if image.inverted else shown
