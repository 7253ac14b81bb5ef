"""What the header of an image says about where text stands: rules for its device, and ultrasound regions."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from hashlib import sha256
from typing import Final, Protocol

from workbench.dicom.instance import Instance
from workbench.pixels.device_regions import device_regions, header_of, shipped_rules
from workbench.pixels.layout import TAGS, Layout, layout_of
from workbench.pixels.region_rules import DeviceRule, digest_of, meets, tags_of
from workbench.pixels.ultrasound_regions import outside_of, regions_of, ultrasound_regions
from workbench.records.region import Region

_LOGIC: Final = "header rules 1"
"""Goes up when the same rules come to propose other regions."""


class Proposer(Protocol):
    """Proposes regions by the header."""

    @property
    def digest(self) -> str:
        """What tells these rules from others, as hexadecimal text."""

    def regions(self, instance: Instance, layout: Layout) -> Iterable[Region]:
        """Return the regions of an image."""


class HeaderRules:
    """Rules for devices, those of the deid package's label library and of the site, and the ultrasound regions.

    Rules are added up: none takes away what another one, or a look at the pixels, proposes. Pure; one per worker.

    Parameters
    ----------
    rules
        Rules of the site.
    shipped
        Whether those of the library count as well.
    """

    def __init__(self, rules: Iterable[DeviceRule] = (), *, shipped: bool = True) -> None:
        self._rules = (*(shipped_rules() if shipped else ()), *rules)
        self._tags = frozenset().union(*(tags_of(rule.when) for rule in self._rules))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides what is proposed, whatever the order of the rules."""
        return sha256(f"{_LOGIC} {digest_of(self._rules)}".encode("ascii")).hexdigest()

    def regions(self, instance: Instance, layout: Layout) -> list[Region]:
        """Return what is proposed for an image: regions that lie in it, have a pixel at least, and name all frames.

        With decision REDACT they are blackened whatever a look finds. With decision REVIEW they are a hint to who looks
        at the image: what lies outside of the ultrasound regions holds calipers and scales as well as names, and of a
        rule for images of another size nobody knows where it belongs.
        """
        kept = regions_of(instance, layout)
        outside = outside_of(kept, layout) if kept else []
        by_device = device_regions(header_of(instance, self._tags), layout, self._rules, outside=outside)
        return [*dict.fromkeys(by_device), *ultrasound_regions(instance, layout)]

    def regions_for(self, instance: Instance) -> list[Region]:
        """Return what `regions` does, for who has not read the layout.

        Raises
        ------
        InstanceRefused
            When the header does not say how the pixels lie.
        """
        return self.regions(instance, layout_of(instance.values(TAGS)))

    def hits(self, instance: Instance) -> Iterator[DeviceRule]:
        """Yield the rules that are for the device of an instance."""
        header = header_of(instance, self._tags)
        yield from (rule for rule in self._rules if meets(header, rule.when))
