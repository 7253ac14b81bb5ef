"""What front ends show of the pixels of a version: what was blackened where and why, what stays, what nobody saw.

Nothing in here says what stood anywhere.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from workbench.flow.shown import PreparationView
from workbench.flow.shown_pixels import PixelArea, PixelMode, SeriesPixels
from workbench.flow.step import Prepared
from workbench.records.errors import UsageError
from workbench.records.redaction import Redaction
from workbench.records.region import RegionDecision

PIXELS: Final = "pixels"
_MOST: Final = 60
"""Areas that are listed for one series; that there are more is said."""

_Key = tuple[str, int, int, int, int, str, str]
"""First fields of a `PixelArea`."""

BLACKENED, CLEARED, KEPT, LEFT = "blackened", "cleared", "kept", "left"


def pixel_mode(asked: str) -> PixelMode:
    """Return what is asked of pixels.

    Raises
    ------
    UsageError
        `pixels-unknown`.
    """
    if asked in ("off", "flag", "clean"):
        return cast("PixelMode", asked)
    raise UsageError("pixels-unknown", "There is no such way with pixels.", "Say off, flag or clean.")


def check_models(asked: str) -> None:
    """Refuse to begin what cannot be done: without its nets nobody looks at pixels.

    Raises
    ------
    UsageError
        `models-absent`, `models-other`.
    """
    if pixel_mode(asked) != "off":
        from workbench.pixels.models import locate_all  # noqa: PLC0415 (else nothing loads what looks at pixels)

        locate_all()


def pixel_series(number: int, outcomes: Sequence[Prepared], *, unseen: int) -> SeriesPixels:
    """Return what is shown of one series.

    Parameters
    ----------
    number
        Position of the series, from 0.
    outcomes
        Its instances that were prepared, those with privacy issues as well.
    unseen
        How many of them have pixels that nobody looked at.
    """
    looked = [outcome.redaction for outcome in outcomes if outcome.redaction is not None]
    images = [redaction for redaction in looked if redaction.frames or redaction.not_checked]
    counts: Counter[_Key] = Counter(key for redaction in looked for key in _areas(redaction))
    frames: dict[_Key, int] = {}
    for redaction in looked:
        for key, many in _areas(redaction).items():
            frames[key] = max(frames.get(key, 0), many)
    order = sorted(counts, key=lambda key: (-counts[key], key))
    areas = [PixelArea(*key, frames[key], counts[key]) for key in order[:_MOST]]
    return SeriesPixels(
        series=number,
        images=len(images) + unseen,
        checked=sum(redaction.complete for redaction in images),
        frames=sum(redaction.frames for redaction in images),
        changed=sum(redaction.changed for redaction in images),
        areas=tuple(areas),
        more=len(order) - len(areas),
        not_checked=_counted(message for each in images for message in {text for _code, text in each.not_checked}),
        to_review=_counted(reason for each in images for reason in set(each.to_review)),
    )


def _areas(redaction: Redaction) -> dict[_Key, int]:
    """Return the distinct areas of one instance, and in how many frames each is."""
    found: dict[_Key, int] = {}
    for region in redaction.regions:
        key = (BLACKENED, *region.black, region.source.value, region.explanation)
        found[key] = found.get(key, 0) + len(region.frames)
    for kept in redaction.kept:
        became = KEPT if kept.decision is RegionDecision.KEEP else LEFT
        key = (became, *kept.asked, kept.source.value, kept.explanation)
        found[key] = found.get(key, 0) + len(kept.frames)
    for overlay in redaction.overlays:
        key = (CLEARED, *overlay.asked, "overlay", "shown in an overlay plane")
        found[key] = found.get(key, 0) + len(overlay.frames)
    return found


def blackened(redactions: Iterable[Redaction]) -> dict[str, int]:
    """Return how many regions were blackened, by source, over instances."""
    counts = Counter(region.source.value for redaction in redactions for region in redaction.regions)
    return dict(sorted(counts.items()))


def all_checked(mode: str, series: Iterable[SeriesPixels]) -> bool:
    """Tell whether every image of a version was looked at as a whole, and there is one."""
    rows = list(series)
    images = sum(one.images for one in rows)
    return mode != "off" and images > 0 and sum(one.checked for one in rows) == images


def _counted(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(words).items(), key=lambda pair: (-pair[1], pair[0])))


def told(mode: str, series: Iterable[SeriesPixels]) -> dict[str, Any]:
    """Return what a version keeps of it, as plain JSON."""
    return {PIXELS: {"mode": mode, "series": [_plain(one) for one in series]}}


def _plain(one: SeriesPixels) -> dict[str, Any]:
    return {name: getattr(one, name) for name in SeriesPixels.__slots__} | {
        "areas": [[getattr(area, name) for name in PixelArea.__slots__] for area in one.areas]
    }


def pixel_rows(facts: Mapping[str, Any]) -> tuple[str, tuple[SeriesPixels, ...]]:
    """Return what was asked (empty for a version of before) and what is shown of each series."""
    kept = facts.get(PIXELS)
    if not kept:
        return "", ()
    return str(kept["mode"]), tuple(_series(kept["series"]))


def _series(kept: Iterable[Mapping[str, Any]]) -> Iterator[SeriesPixels]:
    for one in kept:
        pairs = {
            name: tuple((str(text), int(many)) for text, many in one[name]) for name in ("not_checked", "to_review")
        }
        areas = tuple(PixelArea(*area) for area in one["areas"])
        yield SeriesPixels(**{**one, **pairs, "areas": areas})


def pixel_state(mode: str, series: Iterable[SeriesPixels]) -> str:
    """Return in words how far the pixels of a version were checked. Nothing is called checked that was not."""
    rows = list(series)
    images, checked = sum(one.images for one in rows), sum(one.checked for one in rows)
    if mode not in ("flag", "clean") or (images and not checked):
        return "not checked"
    if not images:
        return "none"
    if checked < images:
        return f"not checked in {images - checked} of {images} images"
    return "checked and cleaned" if mode == "clean" else "checked, not changed"


def pixel_notices(view: PreparationView) -> Iterator[str]:
    """Yield what has to be known of the pixels of a version before somebody decides on it."""
    rows = view.pixel_series
    images, checked = sum(one.images for one in rows), sum(one.checked for one in rows)
    if not view.pixels_asked:
        yield "Pixels were not checked for text: this version was prepared before the workbench looked at them."
    elif view.pixels_asked == "off" and images:
        yield "Pixels were not checked for text: this version was prepared without a look at them."
    elif checked < images:
        yield f"Pixels were not checked in {images - checked} of {images} images."
