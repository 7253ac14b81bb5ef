"""Learn where devices burn in text from what was blackened in versions that a person approved. Pure.

Nothing of it says what stood there: only where, and on which kind of device. Every pixel of a learned rule was
blackened in at least as many approved studies as were asked for, so that a rule covers no anatomy that reviewers left.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.dicom.instance import Instance
from workbench.pixels.device_regions import header_of
from workbench.pixels.layout import Area
from workbench.pixels.region_rules import DeviceRule, Group, Test
from workbench.pixels.rule_files import each_test
from workbench.pixels.ultrasound_regions import ULTRASOUND_REGIONS
from workbench.records.redaction import Redaction
from workbench.records.region import RegionSource

LEAST_STUDIES: Final = 2
"""Fewer are no pattern."""

_TAGS: Final = {
    "modality": 0x00080060,
    "manufacturer": 0x00080070,
    "model": 0x00081090,
    "software": 0x00181020,
    "rows": 0x00280010,
    "columns": 0x00280011,
    "layout": ULTRASOUND_REGIONS,
}
_LONGEST: Final = 256
_MOST_PIXELS: Final = 1 << 25
_SEEN: Final = frozenset({RegionSource.TEXT, RegionSource.CODE, RegionSource.SERIES, RegionSource.PERSON})
"""Sources that saw something. What a rule blackened proves no rule."""
_THINNEST: Final = 3
"""Pixels; a thinner strip is where two texts happened to overlap."""


class Device(NamedTuple):
    """What tells one kind of device and image from others, as the header says it; nothing of a patient.

    `layout` is that of the ultrasound regions (`device_regions.header_of`), empty without them.
    """

    modality: str
    manufacturer: str
    model: str
    software: str
    rows: str
    columns: str
    layout: str

    @classmethod
    def of_rule(cls, rule: DeviceRule) -> "Device":
        """Return the device that a learned rule is for."""
        wanted = {test.tag: test.value for test in each_test(rule.when)}
        return cls(*(wanted.get(tag, "") for tag in _TAGS.values()))


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where the images of one device in one study were blackened: in at least half of them."""

    device: Device
    images: int
    areas: tuple[Area, ...]

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"device": [*self.device], "images": self.images, "areas": [[*area] for area in self.areas]}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Sighting":
        """Return what `plain` gave."""
        return cls(Device(*plain["device"]), plain["images"], tuple(Area(*area) for area in plain["areas"]))


@dataclass(frozen=True, slots=True)
class Learned:
    """A rule that approved studies suggest: it rests on `studies` of the `seen` studies of its device."""

    device: Device
    areas: tuple[Area, ...]
    studies: int
    seen: int

    def rule(self) -> DeviceRule:
        """Return the rule: for this device with this version of its software, and images of this geometry, only."""
        tests = tuple(
            Test("is" if value else "empty", tag, value) for tag, value in zip(_TAGS.values(), self.device, strict=True)
        )
        name = sha256(repr((self.device, self.areas)).encode()).hexdigest()[:12]
        return DeviceRule(f"learned {name}", "learned at this site", Group("all", tests), self.areas)


def device_of(instance: Instance) -> Device | None:
    """Return the device of an image; None when its header does not name maker, model and geometry."""
    header = header_of(instance, frozenset(_TAGS.values()))
    values = [header.get(tag, "").strip() for tag in _TAGS.values()]
    device = Device(*values)
    named = device.modality and device.manufacturer and device.model and device.rows and device.columns
    sized = device.rows.isdecimal() and device.columns.isdecimal()
    if not (named and sized) or any(len(value) > _LONGEST or not value.isprintable() for value in values):
        return None
    return device if 0 < int(device.rows) * int(device.columns) <= _MOST_PIXELS else None


def sightings(images: Iterable[tuple[Device | None, Redaction | None]]) -> tuple[Sighting, ...]:
    """Return where the images of one study were blackened, device by device.

    Images that were not examined count for nothing.
    """
    by_device: defaultdict[Device, list[Sequence[Area]]] = defaultdict(list)
    for device, redaction in images:
        if device is not None and redaction is not None and redaction.complete and redaction.frames:
            by_device[device].append([*_blackened(redaction)])
    return tuple(
        Sighting(device, len(areas), common_areas(areas, device, at_least=-(-len(areas) // 2)))
        for device, areas in sorted(by_device.items())
    )


def learn(studies: Iterable[Sequence[Sighting]], *, at_least: int) -> tuple[Learned, ...]:
    """Return the rules that studies suggest, those that rest on most studies first.

    Parameters
    ----------
    studies
        The sightings of each approved study.
    at_least
        Studies in which each pixel of a rule was blackened; two is the least.
    """
    by_device: defaultdict[Device, list[Sequence[Area]]] = defaultdict(list)
    for study in studies:
        for sighting in study:
            by_device[sighting.device].append(sighting.areas)
    found = []
    for device, areas in by_device.items():
        common = tuple(
            area
            for area in common_areas(areas, device, at_least=max(at_least, LEAST_STUDIES))
            if min(area.right - area.left, area.bottom - area.top) >= _THINNEST
        )
        if common:
            rests = sum(any(_meet(one, other) for one in study for other in common) for study in areas)
            found.append(Learned(device, common, rests, len(areas)))
    return tuple(sorted(found, key=lambda each: (-each.studies, each.device)))


def common_areas(images: Sequence[Sequence[Area]], device: Device, *, at_least: int) -> tuple[Area, ...]:
    """Return rectangles that cover exactly the pixels that lie in areas of at least so many of the images."""
    if len(images) < at_least:
        return ()
    size = (int(device.rows), int(device.columns))
    count: NDArray[np.int32] = np.zeros(size, np.int32)
    for areas in images:
        once = np.zeros(size, np.bool_)
        for left, top, right, bottom in areas:
            once[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
        count += once
    return tuple(_rectangles(count >= at_least))


def _rectangles(mask: NDArray[np.bool_]) -> Iterator[Area]:
    """Yield rectangles that cover a mask: bands of rows that are alike, cut where they are free."""
    edges = [0, *(np.flatnonzero((mask[1:] != mask[:-1]).any(axis=1)) + 1), len(mask)]
    open_ones: dict[tuple[int, int], int] = {}
    for top, bottom in pairwise([*map(int, edges), len(mask)]):
        now = set(_runs(mask[top])) if top < bottom else set()
        for span in open_ones.keys() - now:
            yield Area(span[0], open_ones.pop(span), span[1], top)
        open_ones |= dict.fromkeys(now - open_ones.keys(), top)


def _runs(row: NDArray[np.bool_]) -> list[tuple[int, int]]:
    changes = np.flatnonzero(np.diff(np.concatenate(([False], row, [False]))))
    return [(int(left), int(right)) for left, right in zip(changes[::2], changes[1::2], strict=True)]


def _blackened(redaction: Redaction) -> Iterator[Area]:
    """Yield what was asked to be black in at least half of the frames, because somebody or something saw it."""
    for region in redaction.regions:
        if region.source in _SEEN and 2 * len(region.frames) >= redaction.frames:
            x, y, width, height = region.asked
            yield Area(x, y, x + width, y + height)


def _meet(one: Area, other: Area) -> bool:
    return max(one.left, other.left) < min(one.right, other.right) and max(one.top, other.top) < min(
        one.bottom, other.bottom
    )
