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
    """One pass: which view, which net, how much enlarged, and from which mean probability a box counts.

    With `longest` a picture with a longer side is reduced to that many pixels.
    """

    view: str
    net: str
    scale: float
    least: float
    longest: int = 0


_JOINED: Final = Look("joined", "small", 1, 0.6)
_ENLARGED: Final = Look("joined", "small", 1.5, 0.7)
_SOFT: Final = Look("joined softly", "small", 1, 0.7, longest=2000)
_SECOND: Final = Look("joined softly", "tiny", 1.25, 0.9)

PROFILES: Final[dict[str, tuple[Look, ...]]] = {
    "fast": (_JOINED,),
    "standard": (_ENLARGED,),
    "careful": (_ENLARGED, _SOFT, _SECOND),
}
"""Each look was weighed by what it adds, what it costs and its false boxes. The smaller net finds much that is no
text, so it counts only where it is nearly sure; it sees small letters enlarged, and has no part in images that are too
large for that. What is softened needs no more pixels than `longest`: faint letters of large images are found better
so."""

PROJECTED: Final = (Look("projected", "small", 1, 0.6),)
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
    """The views of one image, each made when first asked for.

    `window` is what a viewer shows. `equalised` and `levelled` show what it hides, `levelled softly` what noise hides.
    `joined` is the first three as the three colours of one picture: a net sees in one pass what is in any of them, and
    surer what is in several. `joined softly` is the same with less noise. `projected` shows the brightest of several
    frames, and the `darkest`, in one picture.
    """

    def __init__(self, image: Image, darkest: Image | None = None) -> None:
        self._image = image
        self.darkest = None if darkest is None else Views(darkest)
        self._made: dict[str, Picture] = {}

    def __getitem__(self, name: str) -> Picture:
        """Return a view by its name."""
        picture = self._made.get(name)
        if picture is None:
            picture = self._made[name] = self._make(name)
        return picture

    def _make(self, name: str) -> Picture:
        if name == "projected" and self.darkest is not None:
            hidden = self.darkest["levelled softly"]
            shown = views.opened(views.grey(self["window"]), self["equalised"])
            return np.stack([shown, hidden, self["levelled softly"]], axis=-1)
        if name == "joined":
            return np.stack([views.grey(self["window"]), self["equalised"], self["levelled"]], axis=-1)
        if name in ("joined softly", "projected"):
            window = views.softened(views.grey(self["window"])).astype(np.uint8)
            return np.stack([window, self["equalised"], self["levelled softly"]], axis=-1)
        shown = self._shown(name)
        return 255 - shown if self._image.inverted else shown

    def _shown(self, name: str) -> Picture:
        samples = self._image.samples
        if name == "window":
            colour = samples.ndim == 3
            return samples if colour else views.window(samples, self._image.center, self._image.width)
        levels = views.grey(samples) if samples.ndim == 3 else samples
        if name == "equalised":
            return views.equalised(levels)
        return views.levelled(views.softened(levels) if name == "levelled softly" else levels)


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
        long = max(pictures["window"].shape[:2])
        chosen = [look for look in looks if look.net == "small" or look.scale * long <= _LONGEST_ENLARGED]
        return lines(box for look in chosen for box in self.look(pictures[look.view], look))

    def look(self, picture: Picture, look: Look) -> list[Box]:
        """Return the boxes of one pass."""
        if is_flat(picture):
            return []
        longest = max(picture.shape[:2])
        scale = max(1.0, min(look.scale, _LONGEST_ENLARGED / longest))
        if look.longest and longest > look.longest:
            scale = look.longest / longest
        shown = views.resized(picture, scale) if scale != 1 else picture
        found = self._net(look.net).text_map(shown)
        return boxes_of(found, least=look.least, scale=shown.shape[0] / picture.shape[0])

    def _net(self, name: str) -> Detector:
        net = self._nets.get(name)
        if net is None:
            net = self._nets[name] = Detector(locate(_NETS[name]), threads=self._threads)
        return net
