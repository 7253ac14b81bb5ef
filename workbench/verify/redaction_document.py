"""The evidence of cleaned pixels (113101), read strictly: what is not exactly of this form proves nothing.

The document is JSON: `code`, `format`, `detector`, `frames` (how many were seen), `rounds`, and the lists `regions`
(blackened), `kept` (seen, and left as they are) and `overlays` (bits cleared). Frames are ranges of numbers from 1,
both ends inside; rectangles are column, row, width and height in stored pixels.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

FORMAT = "deid-workbench evidence 1"
LARGEST = 16 << 20
_MOST_FRAMES = 1 << 24
_MOST_PIXELS = 1 << 16
"""Rows and Columns are US: no rectangle is larger."""

_SEEN = {"asked", "decision", "explanation", "frames", "score", "source"}
_REDACTED = _SEEN | {"black", "touched"}
_OVERLAY = {"asked", "frames", "group"}
_REQUIRED = {"code", "detector", "format", "frames", "kept", "overlays", "regions", "rounds"}
_ALLOWED = _REQUIRED | {"complete", "mode"}
_SOURCES = {"text", "code", "device", "ultrasound", "overlay", "lead-in", "series", "person"}


class Box(NamedTuple):
    """A rectangle in stored pixels: left and top inside, right and bottom outside."""

    left: int
    top: int
    right: int
    bottom: int

    def holds(self, other: "Box") -> bool:
        """Tell whether another rectangle lies inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def grown(self, across: int, down: int, within: "Box") -> "Box":
        """Return the rectangle with so many more pixels on each side, as far as they lie inside another one."""
        return Box(
            max(within.left, self.left - across),
            max(within.top, self.top - down),
            min(within.right, self.right + across),
            min(within.bottom, self.bottom + down),
        )


Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Blackened:
    """A region that the document says was blackened: in which frames, what was asked, is black, and may differ."""

    frames: Ranges
    asked: Box
    black: Box
    touched: Box


@dataclass(frozen=True, slots=True)
class Cleared:
    """An area over which the bits of an overlay plane were cleared, in all its frames."""

    group: int
    asked: Box


@dataclass(frozen=True, slots=True)
class RedactionDocument:
    """What the document says that has to be true of input and output."""

    frames: int
    regions: tuple[Blackened, ...] = ()
    overlays: tuple[Cleared, ...] = ()


@lru_cache(maxsize=4)
def read_document(content: bytes) -> RedactionDocument | str:
    """Return what a document says, or in a sentence without any of its values why it proves nothing."""
    try:
        if len(content) > LARGEST:
            return "It is larger than any such document."
        loaded = json.loads(content.decode("ascii"), object_pairs_hook=_object, parse_constant=_no_number)
        return _document(loaded)
    except _Damaged as damaged:
        return damaged.sentence
    except (ValueError, RecursionError):
        return "It cannot be read."


class _Damaged(Exception):  # noqa: N818 - no error: it carries a sentence to `read_document` and no further
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    _hold(len(found) == len(pairs), "A key stands twice in it.")
    return found


def _no_number(_text: str) -> Any:
    raise _Damaged("It holds what is no number.")


def _hold(condition: object, sentence: str) -> None:
    if not condition:
        raise _Damaged(sentence)


def _document(loaded: Any) -> RedactionDocument:
    _hold(isinstance(loaded, dict), "It is not of the form of such a document.")
    _hold(_REQUIRED <= loaded.keys() <= _ALLOWED, "It is not of the form of such a document.")
    _hold(loaded["code"] == "113101" and loaded["format"] == FORMAT, "It is no evidence of cleaned pixels.")
    _hold(loaded.get("complete", True) is True, "It says that not all was examined.")
    _hold(loaded.get("mode", "clean") == "clean", "It says that pixels were looked at, and not cleaned.")
    _hold(_is_text(loaded["detector"]), "It does not say what examined the pixels.")
    _hold(_is_count(loaded["frames"]) and 1 <= loaded["frames"] <= _MOST_FRAMES, "Its number of frames is no number.")
    _hold(_is_count(loaded["rounds"]), "Its number of rounds is no number.")
    frames = loaded["frames"]
    lists = [loaded[name] for name in ("regions", "kept", "overlays")]
    _hold(all(isinstance(each, list) for each in lists), "It is not of the form of such a document.")
    regions, kept, overlays = lists
    _hold(bool(loaded["rounds"]) or not (regions or overlays), "It tells of redaction, but of no round of it.")
    for each in kept:
        _seen(each, _SEEN, frames)
        _hold(each["decision"] == "keep", "It says that something was left that is not known to be harmless.")
    return RedactionDocument(
        frames, tuple(_region(each, frames) for each in regions), tuple(_overlay(each, frames) for each in overlays)
    )


def _seen(entry: Any, keys: set[str], frames: int) -> None:
    """Check what a region that was blackened and one that was kept have in common."""
    _hold(isinstance(entry, dict) and entry.keys() == keys, "A region is not of the form of one.")
    named = _is_text(entry["explanation"]) and _is_text(entry["source"]) and entry["source"] in _SOURCES
    _hold(named, "A region has no source or no reason.")
    score = entry["score"]
    _hold(isinstance(score, int | float) and not isinstance(score, bool), "A score is no number.")
    _hold(0 <= score <= 1, "A score is not between 0 and 1.")
    _ranges(entry["frames"], frames)
    _box(entry["asked"])


def _region(entry: Any, frames: int) -> Blackened:
    _seen(entry, _REDACTED, frames)
    _hold(entry["decision"] in ("redact", "review"), "A region is said to be blackened and to be kept.")
    return Blackened(
        _ranges(entry["frames"], frames), _box(entry["asked"]), _box(entry["black"]), _box(entry["touched"])
    )


def _overlay(entry: Any, frames: int) -> Cleared:
    _hold(isinstance(entry, dict) and entry.keys() == _OVERLAY, "An overlay is not of the form of one.")
    group = entry["group"]
    _hold(_is_count(group) and 0x6000 <= group <= 0x60FF and group % 2 == 0, "An overlay has no group of overlays.")
    _ranges(entry["frames"], frames)
    return Cleared(group, _box(entry["asked"], beyond=True))


def _ranges(value: Any, frames: int) -> Ranges:
    _hold(isinstance(value, list) and value, "A region names no frames.")
    found: list[tuple[int, int]] = []
    last = 0
    for each in value:
        _hold(isinstance(each, list) and len(each) == 2 and all(map(_is_count, each)), "Frames are no ranges.")
        first, end = each
        _hold(last < first <= end <= frames, "Frames are not in order, or not among those of the image.")
        found.append((first, end))
        last = end
    return tuple(found)


def _box(value: Any, *, beyond: bool = False) -> Box:
    """Return a rectangle; one of an overlay may begin left of the image or above it."""
    _hold(isinstance(value, list) and len(value) == 4 and all(map(_is_number, value)), "A rectangle is none.")
    x, y, width, height = value
    _hold(beyond or min(x, y) >= 0, "A rectangle begins outside of the image.")
    _hold(width > 0 and height > 0, "A rectangle has no pixel.")
    _hold(max(map(abs, value)) <= _MOST_PIXELS, "A rectangle is larger than any image.")
    return Box(x, y, x + width, y + height)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
