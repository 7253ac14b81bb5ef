"""Propose regions by the device that made an image: shipped rules, and those of the site."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from workbench.dicom.instance import Instance
from workbench.pixels.layout import Area, Layout
from workbench.pixels.region_rules import DeviceRule, Header, from_json, meets, tags_of
from workbench.records.region import Region, RegionDecision, RegionSource
from workbench.standard.dictionary import vr_of

_BINARY: Final = {"US": 2, "UL": 4}


@cache
def shipped_rules() -> tuple[DeviceRule, ...]:
    """Return the rules of the deid package's label library that have areas; the data file names source and licence."""
    text = files("workbench.pixels").joinpath("data/device_regions.json").read_text(encoding="utf-8")
    return tuple(from_json(rule) for rule in json.loads(text)["rules"])


def header_of(instance: Instance, rules: Iterable[DeviceRule]) -> Header:
    """Return what rules look at: top-level elements and file meta information as text."""
    wanted = frozenset().union(*(tags_of(rule.when) for rule in rules))
    found = instance.values(wanted) | {tag: value for tag, value in instance.meta.items() if tag in wanted}
    return {tag: _text(tag, value) for tag, value in found.items()}


def device_regions(header: Header, layout: Layout, rules: Iterable[DeviceRule] | None = None) -> Iterator[Region]:
    """Yield the regions of all rules that a header meets, cut at the edges of the image.

    A rule of which no area lies in the image was written for another geometry: then the whole image is proposed for
    review, because the text is somewhere.
    """
    for rule in shipped_rules() if rules is None else rules:
        if not meets(header, rule.when):
            continue
        inside = [cut for area in rule.areas if (cut := _cut(area, layout)) is not None]
        for area in inside:
            yield _region(
                area, layout, RegionDecision.REDACT, f"the rule “{rule.name}” ({rule.source}) for this device"
            )
        if not inside:
            whole = Area(0, 0, layout.columns, layout.rows)
            words = f"the rule “{rule.name}” ({rule.source}) is for this device, but for images of another size"
            yield _region(whole, layout, RegionDecision.REVIEW, words)


def _region(area: Area, layout: Layout, decision: RegionDecision, explanation: str) -> Region:
    return Region(
        frames=tuple(range(1, layout.frames + 1)),
        x=area.left,
        y=area.top,
        width=area.right - area.left,
        height=area.bottom - area.top,
        source=RegionSource.DEVICE,
        score=1.0,
        text="",
        decision=decision,
        explanation=explanation,
    )


def _cut(area: Area, layout: Layout) -> Area | None:
    cut = Area(area.left, area.top, min(area.right, layout.columns), min(area.bottom, layout.rows))
    return cut if cut.left < cut.right and cut.top < cut.bottom else None


def _text(tag: int, value: bytes) -> str:
    """Return a value as text; names of devices are within Latin-1 whatever the character set says of patients."""
    size = _BINARY.get((vr_of(tag) or "")[:2])
    if size is None:
        return value.decode("latin-1").strip(" \0")
    numbers = [int.from_bytes(value[at : at + size], "little") for at in range(0, len(value) - size + 1, size)]
    return "\\".join(map(str, numbers))
