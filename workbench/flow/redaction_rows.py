"""What was seen in pixels and what became of it, as a version keeps it: one canonical text for each series.

It says what was read and therefore bears identity; only its sealed form is stored. A keyed digest of it stands in the
log, so that who looks at it later knows that it is what was recorded.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from workbench.deid.evidence import ranges
from workbench.flow.step import Prepared
from workbench.records.errors import IntegrityBroken
from workbench.records.redaction import Box4, KeptRegion, RedactedOverlay, RedactedRegion, Redaction
from workbench.records.region import Region, RegionDecision, RegionSource
from workbench.store.redactions import SeriesRedactions
from workbench.vault.keys import KeyRing

_KEYED = "redactions of a series"


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of the pixels of one instance, and what was read in them. Bears identity."""

    redaction: Redaction
    read: tuple[Region, ...] = field(default=(), repr=False)


def seen_of(outcome: Prepared) -> Seen | None:
    """Return what is to be kept of an outcome; None when nobody looked at its pixels."""
    return None if outcome.redaction is None else Seen(outcome.redaction, outcome.regions)


def pack(keys: KeyRing, series: str, seen: Mapping[str, Seen]) -> SeriesRedactions:
    """Return the examinations of one series, by instance."""
    told = {instance: _told(one) for instance, one in seen.items()}
    content = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return SeriesRedactions(
        series=series,
        instances=len(seen),
        regions=sum(len(one.redaction.regions) for one in seen.values()),
        digest=keys.index(_KEYED, content),
        content=content,
    )


def unpack(keys: KeyRing, kept: SeriesRedactions) -> dict[str, Seen]:
    """Read the examinations of one series, by instance.

    Raises
    ------
    IntegrityBroken
        `redactions-damaged`, when the content is not that of its digest or makes no sense.
    """
    try:
        if keys.index(_KEYED, kept.content) != kept.digest:
            raise ValueError("not the content of its digest")  # noqa: TRY301 - one way out for all damage
        return {str(instance): _seen(told) for instance, told in json.loads(kept.content).items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise IntegrityBroken(
            "redactions-damaged",
            "What became of the pixels of a prepared version cannot be read.",
            "Restore the database from its backup, or prepare the study again.",
        ) from None


def _told(seen: Seen) -> dict[str, Any]:
    redaction = seen.redaction
    return {
        "redaction": {
            **asdict(replace(redaction, regions=(), kept=(), overlays=())),
            "regions": [_short(region) for region in redaction.regions],
            "kept": [_short(region) for region in redaction.kept],
            "overlays": [_short(overlay) for overlay in redaction.overlays],
        },
        "read": [_short(region) for region in seen.read],
    }


def _short(record: RedactedRegion | KeptRegion | RedactedOverlay | Region) -> dict[str, Any]:
    return {**asdict(record), "frames": ranges(record.frames)}


def _seen(told: Mapping[str, Any]) -> Seen:
    given = dict(told["redaction"])
    given["regions"] = tuple(RedactedRegion(**_record(each)) for each in given["regions"])
    given["kept"] = tuple(KeptRegion(**_record(each)) for each in given["kept"])
    given["overlays"] = tuple(RedactedOverlay(**_record(each)) for each in given["overlays"])
    given["not_checked"] = tuple((str(code), str(message)) for code, message in given["not_checked"])
    given["to_review"] = tuple(map(str, given["to_review"]))
    return Seen(Redaction(**given), tuple(Region(**_record(each)) for each in told["read"]))


def _record(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record with their types."""
    made = dict(told)
    made["frames"] = tuple(_frames(told["frames"]))
    made |= {name: Box4(*told[name]) for name in ("asked", "black", "touched") if name in told}
    if "source" in told:
        made["source"], made["decision"] = RegionSource(told["source"]), RegionDecision(told["decision"])
    return made


def _frames(told: Iterable[Iterable[int]]) -> Iterable[int]:
    for first, last in told:
        yield from range(first, last + 1)
