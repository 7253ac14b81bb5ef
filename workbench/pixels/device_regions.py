"""Propose regions by the device that made an image: shipped rules, and those of the site."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from workbench.dicom.instance import Instance
from workbench.pixels.layout import Area, Layout
from workbench.pixels.region_rules import DeviceRule, Header, from_json, meets
from workbench.pixels.ultrasound_regions import ULTRASOUND_REGIONS, corners_of
from workbench.records.region import Region, RegionDecision, RegionSource
from workbench.standard.dictionary import vr_of

_BINARY: Final = {"US": 2, "UL": 4}


@cache
def shipped_rules() -> tuple[DeviceRule, ...]:
    """Return the rules of the deid package's label library that have areas; the data file names source and licence."""
    text = files("workbench.pixels").joinpath("data/device_regions.json").read_text(encoding="utf-8")
    return tuple(from_json(rule) for rule in json.loads(text)["rules"])


def header_of(instance: Instance, tags: frozenset[int]) -> Header:
    """Return what rules look at: top-level elements and file meta information as text.

    The Sequence of Ultrasound Regions is told as the corners of its items: `left,top,right,bottom`, items parted by a
    backslash, empty where it has none.
    """
    found = instance.values(tags) | {tag: value for tag, value in instance.meta.items() if tag in tags}
    header = {tag: _text(tag, value) for tag, value in found.items()}
    if ULTRASOUND_REGIONS in tags and ULTRASOUND_REGIONS in instance.by_tag:
        header[ULTRASOUND_REGIONS] = "\\".join(",".join(map(str, corners)) for corners in corners_of(instance))
    return header


def device_regions(
    header: Header, layout: Layout, rules: Iterable[DeviceRule], *, outside: Iterable[Area] = ()
) -> Iterator[Region]:
    """Yield the regions of all rules that a header meets, cut at the edges of the image.

    A rule of which no area lies in the image was written for another geometry: then the whole image is proposed for
    review, because the text is somewhere.

    Parameters
    ----------
    outside
        What lies outside of the ultrasound regions, for rules that blacken it.
    """
    beyond = tuple(outside)
    for rule in rules:
        if not meets(header, rule.when):
            continue
        words = f"the rule “{rule.name}” ({rule.source}) for this device"
        inside = [cut for area in rule.areas if (cut := _cut(area, layout)) is not None]
        yield from (_region(area, layout, words) for area in inside)
        if rule.outside:
            yield from (_region(area, layout, words, source=RegionSource.ULTRASOUND) for area in beyond)
        if rule.areas and not inside:
            whole = Area(0, 0, layout.columns, layout.rows)
            words = f"the rule “{rule.name}” ({rule.source}) is for this device, but for images of another size"
            yield _region(whole, layout, words, decision=RegionDecision.REVIEW)


def _region(
    area: Area,
    layout: Layout,
    explanation: str,
    *,
    source: RegionSource = RegionSource.DEVICE,
    decision: RegionDecision = RegionDecision.REDACT,
) -> Region:
    return Region(
        frames=tuple(range(1, layout.frames + 1)),
        x=area.left,
        y=area.top,
        width=area.right - area.left,
        height=area.bottom - area.top,
        source=source,
        score=1.0,
        text="",
        decision=decision,
        explanation=explanation,
    )


def _cut(area: Area, layout: Layout) -> Area | None:
    cut = Area(max(0, area.left), max(0, area.top), min(area.right, layout.columns), min(area.bottom, layout.rows))
    return cut if cut.left < cut.right and cut.top < cut.bottom else None


def _text(tag: int, value: bytes) -> str:
    """Return a value as text; names of devices are within Latin-1 whatever the character set says of patients."""
    size = _BINARY.get((vr_of(tag) or "")[:2])
    if size is None:
        return value.decode("latin-1").strip(" \0")
    numbers = [int.from_bytes(value[at : at + size], "little") for at in range(0, len(value) - size + 1, size)]
    return "\\".join(map(str, numbers))
