"""What is not searched for, because a profile retains it on purpose."""

from dataclasses import dataclass

from workbench.records.promise import Promises
from workbench.standard.table import ROWS


@dataclass(frozen=True, slots=True)
class Waivers:
    """Kinds of identity that may stand in an output, and attributes whose values may."""

    uids: bool = False
    dates: bool = False
    device: bool = False
    institution: bool = False
    attributes: frozenset[int] = frozenset()
    cleaned: frozenset[int] = frozenset()
    """Attributes whose text is cleaned word by word: what is left of a comment may be all of it."""

    @classmethod
    def promised(cls, promises: Promises) -> "Waivers":
        """Return what a profile gave up on purpose."""
        return cls(
            uids=promises.retain_uids,
            dates=promises.retain_dates or promises.dates == "full",
            device=promises.retain_device,
            institution=promises.retain_institution,
            attributes=frozenset(path[-1] for path in promises.retained if path),
            cleaned=frozenset(path[-1] for path in promises.cleaned if path),
        )

    @classmethod
    def claimed(cls, options: frozenset[str]) -> "Waivers":
        """Return what the method codes of outputs claim to retain (names of `standard.cid7050`)."""
        return cls(
            uids="retain_uids" in options,
            dates="retain_longitudinal_full_dates" in options,
            device="retain_device_identity" in options,
            institution="retain_institution_identity" in options,
            cleaned=frozenset(
                tag
                for tag, row in ROWS.items()
                if "clean_descriptors" in options and row.options.get("clean_descriptors") == "C"
            ),
        )
