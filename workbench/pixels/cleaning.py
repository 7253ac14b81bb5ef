"""Clean the pixels of an instance: look, blacken in a copy, look again at the copy (PS3.15 E.3.1).

What is known to be harmless stays; what is not, goes. An image of which something could not be looked at, and one whose
stored values are measurements, is left as it is, and said to be so: who called holds it back.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, Protocol

from workbench.dicom.instance import Instance
from workbench.dicom.source import Source, open_source
from workbench.pixels.blackening import Blackened, area_of, blacken, box_of
from workbench.pixels.examining import Examined
from workbench.pixels.filling import AreasOf
from workbench.pixels.layout import PIXEL_DATA, TAGS, Area, Layout, layout_of
from workbench.pixels.models import CHARACTERS, DETECTOR_SMALL, DETECTOR_TINY, RECOGNISER
from workbench.pixels.planes import planes
from workbench.pixels.proposing import Proposer
from workbench.pixels.workers import FrameWorker
from workbench.records.errors import InstanceRefused
from workbench.records.redaction import KeptRegion, Redaction
from workbench.records.region import Region, RegionDecision, RegionSource

Mode = Literal["flag", "clean"]

MOST_ROUNDS: Final = 3
"""Times that pixels are blackened; what a look finds after the last is for a person."""

_FLOATS: Final = frozenset({0x7FE00008, 0x7FE00009})
_SOP_CLASS: Final = 0x00080016
_MEASURED: Final = frozenset(
    {
        b"1.2.840.10008.5.1.4.1.1.30",  # Parametric Map
        b"1.2.840.10008.5.1.4.1.1.66.4",  # Segmentation
        b"1.2.840.10008.5.1.4.1.1.66.7",  # Label Map Segmentation
        b"1.2.840.10008.5.1.4.1.1.66.8",  # Height Map Segmentation
        b"1.2.840.10008.5.1.4.1.1.481.2",  # RT Dose
    }
)
_TO_REVIEW: Final = frozenset({RegionSource.DEVICE, RegionSource.ULTRASOUND, RegionSource.LEAD_IN})
"""Sources that say of a whole area that a person should look: to blacken it would take scales and anatomy along."""

_DOCUMENT: Final = "document-not-looked-at"
"""A document goes whole, so that nothing in it has to be looked at."""
_IN_PIXELS: Final = "overlay-in-pixels"
"""The bits beside those that are stored are cleared in native frames; encoded ones keep them."""

_NOTHING: Final = Blackened((), ())


class Look(Protocol):
    """Looks at files (`looking.Looker`)."""

    def look(self, path: Path, *, black: AreasOf | None = None) -> Examined:
        """Return what a file shows beside what is black already; never raises for what it holds."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An instance whose pixels were examined.

    `path` is the source itself when nothing was to be changed, else a copy in the scratch folder. `regions` are all
    that were proposed; they bear identity.
    """

    path: Path
    redaction: Redaction
    regions: tuple[Region, ...]


class Cleaning:
    """Examines instances and, in mode `clean`, redacts them. One per worker; what it needs it loads when first needed.

    Parameters
    ----------
    mode
        With `flag` nothing is changed.
    looker
        Makes the detector.
    rules
        Propose regions by the header (`proposing.HeaderRules`).
    profile
        That of the detector.
    """

    def __init__(self, mode: Mode, looker: Callable[[], Look], rules: Proposer, *, profile: str = "careful") -> None:
        self._mode = mode
        self._make_looker = looker
        self._made: Look | None = None
        self._rules = rules
        self._detector = fingerprint(profile, rules)
        self._worker = FrameWorker()

    def close(self) -> None:
        """End the process that decodes and encodes."""
        self._worker.close()

    def clean(
        self, source: Path, scratch: Path, *, examined: Examined | None = None, extra: Sequence[Region] = ()
    ) -> Cleaned:
        """Examine an instance and write a redacted copy of it into `scratch`, when there is something to redact.

        Parameters
        ----------
        scratch
            A folder that is there for this instance alone.
        examined
            What was found before, when the instance was looked at together with others.
        extra
            Regions of other sources. What a person keeps (source PERSON, decision KEEP) stays, and all that lies in it.

        Raises
        ------
        InstanceRefused
            When the file is no instance, or can't be redacted: what `blacken` raises.
        UsageError
            `models-absent`, `models-other`.
        """
        with open_source(source, scratch=scratch) as opened:
            instance = opened.walk()
            if not _shows(instance, opened):
                return Cleaned(source, Redaction(self._mode, self._detector, 0, complete=True), ())
            seen = self._look(source) if examined is None else examined
            layout = _layout(instance)
            by_rule = self._rules.regions(instance, layout) if layout is not None else ()
            regions = tuple(_settled(dict.fromkeys([*seen.regions, *by_rule, *extra])))
            going = [region for region in regions if _goes(region)]
            missing = _missing(seen, instance)
            if self._mode == "flag" or missing or _is_measured(instance) or not going:
                return Cleaned(source, self._record(seen, regions, missing, layout), regions)
            return self._redacted(opened, instance, seen, regions, scratch)

    def _redacted(
        self, opened: Source, instance: Instance, seen: Examined, regions: tuple[Region, ...], scratch: Path
    ) -> Cleaned:
        """Blacken and look again, until a look finds nothing more. Every round begins with the source."""
        kept = [region for region in regions if not _goes(region)]
        found, new = regions, [region for region in regions if _goes(region)]
        rounds, path, done = 0, scratch, _NOTHING
        missing: tuple[tuple[str, str], ...] = ()
        while new and rounds < MOST_ROUNDS and not missing:
            if rounds:
                path.unlink()
            rounds += 1
            path = scratch / f"redacted-{rounds}.dcm"
            done = blacken(opened, instance, self._worker, [region for region in found if _goes(region)], path)
            again = self._look(path, black=done.areas)
            missing = _missing(again, instance)
            new = [region for region in _settled([*again.regions, *kept]) if _goes(region) and done.lets_show(region)]
            found = (*found, *new)
        record = self._record(seen, [*kept, *new], missing, _layout(instance))
        return Cleaned(path, replace(record, regions=done.regions, overlays=done.overlays, rounds=rounds), found)

    def _look(self, path: Path, black: AreasOf | None = None) -> Examined:
        if self._made is None:
            self._made = self._make_looker()
        return self._made.look(path, black=black)

    def _record(
        self,
        seen: Examined,
        left: Sequence[Region],
        missing: tuple[tuple[str, str], ...],
        layout: Layout | None,
    ) -> Redaction:
        """Return the record of an examination, without what was done about it."""
        review = [*seen.to_review, *(region.explanation for region in left if _is_for_review(region))]
        return Redaction(
            mode=self._mode,
            detector=self._detector,
            frames=seen.frames,
            complete=not missing and (layout is None or seen.frames == layout.frames),
            kept=tuple(_kept([region for region in left if not _is_for_review(region)], layout)),
            not_checked=missing,
            to_review=tuple(dict.fromkeys(review)),
        )


def fingerprint(profile: str, rules: Proposer) -> str:
    """Return what tells a detector and its rules from others: the profile, and a digest of nets and rules."""
    nets = (model.sha256 for model in (DETECTOR_SMALL, DETECTOR_TINY, RECOGNISER, CHARACTERS))
    return f"{profile} {sha256(' '.join([profile, *nets, rules.digest]).encode()).hexdigest()}"


def _shows(instance: Instance, opened: Source) -> bool:
    """Tell whether an instance has anything to look at."""
    if PIXEL_DATA in instance.payloads or _FLOATS & instance.by_tag.keys():
        return True
    return any(True for _ in planes(instance, opened.read))


def _layout(instance: Instance) -> Layout | None:
    """Return the layout of the pixels; None when there are none, or none that can be described."""
    if PIXEL_DATA not in instance.payloads:
        return None
    try:
        return layout_of({**{tag: b"" for tag in instance.by_tag if tag in TAGS}, **instance.values(TAGS)})
    except InstanceRefused:
        return None  # the look tells why


def _is_measured(instance: Instance) -> bool:
    """Tell whether stored values are measurements, of which none may change."""
    sop_class = instance.values(frozenset({_SOP_CLASS})).get(_SOP_CLASS, b"").strip(b" \0")
    return sop_class in _MEASURED


def _missing(seen: Examined, instance: Instance) -> tuple[tuple[str, str], ...]:
    """Return what could not be looked at and does not go anyway, each reason once."""
    goes = {_DOCUMENT} if instance.fragments else {_DOCUMENT, _IN_PIXELS}
    reasons = ((each.code, each.message) for each in seen.not_checked if each.code not in goes)
    return tuple(dict.fromkeys(reasons))


def _is_for_review(region: Region) -> bool:
    return region.decision is RegionDecision.REVIEW and region.source in _TO_REVIEW


def _goes(region: Region) -> bool:
    """Tell whether a region is to be blackened."""
    return region.decision is not RegionDecision.KEEP and not _is_for_review(region)


def _settled(regions: Iterable[Region]) -> list[Region]:
    """Return regions without those that lie in one that a person keeps."""
    found = list(regions)
    kept = [each for each in found if each.source is RegionSource.PERSON and each.decision is RegionDecision.KEEP]
    return [
        region
        for region in found
        if region.source is RegionSource.PERSON or not any(_holds(each, region) for each in kept)
    ]


def _holds(outer: Region, inner: Region) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
        and set(inner.frames) <= set(outer.frames)
    )


def _kept(regions: Iterable[Region], layout: Layout | None) -> Iterator[KeptRegion]:
    """Yield the record of regions that stay, as far as they lie in the image."""
    for region in regions:
        area = area_of(region)
        if layout is not None:
            area = Area(*map(max, area, (0, 0, 0, 0)))._replace(
                right=min(area.right, layout.columns), bottom=min(area.bottom, layout.rows)
            )
        if area.left < area.right and area.top < area.bottom:
            yield KeptRegion(
                region.frames, box_of(area), region.source, region.score, region.decision, region.explanation
            )
