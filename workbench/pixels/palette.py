"""The darkest colour of a palette (PS3.3 C.7.6.3.1.5, C.7.9.2)."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.records.errors import InstanceRefused

_DESCRIPTORS: Final = (0x00281101, 0x00281102, 0x00281103)
_TABLES: Final = (0x00281201, 0x00281202, 0x00281203)
_SEGMENTED: Final = (0x00281221, 0x00281222, 0x00281223)
_SIGNED: Final = 0x00280103
PALETTE_TAGS: Final = frozenset({*_DESCRIPTORS, *_TABLES, *_SEGMENTED, _SIGNED})
_LUMINANCE: Final = np.array([0.299, 0.587, 0.114])
_MOST_ENTRIES: Final = 1 << 16


def darkest_entry(values: Mapping[int, bytes], stored: int) -> int:
    """Return the pattern, within `stored` bits, of the stored value that is shown darkest, the lowest of several.

    Raises
    ------
    InstanceRefused
        `palette-missing` without the tables, `palette-damaged` when they do not add up.
    """
    first, tables = _palette(values)
    lowest = -(1 << stored - 1) if _is_signed(values) else 0
    # What lies before the first mapped value is shown like it, what lies behind the last like that one.
    from_, to = (min(max(value, lowest), lowest + (1 << stored) - 1) for value in (first, first + len(tables) - 1))
    reached = np.clip(np.arange(from_, to + 1) - first, 0, len(tables) - 1)
    shown = tables[reached].astype(np.float64) @ _LUMINANCE
    return (from_ + int(shown.argmin())) & ((1 << stored) - 1)


def shown_colours(values: Mapping[int, bytes]) -> tuple[int, NDArray[np.uint8]]:
    """Return the first stored value that the palette maps, and the RGB colours from there on (entries x 3, 8 bits).

    Raises
    ------
    InstanceRefused
        `palette-missing`, `palette-damaged`.
    """
    first, tables = _palette(values)
    return first, (tables >> 8).astype(np.uint8)


def _palette(values: Mapping[int, bytes]) -> tuple[int, NDArray[np.uint16]]:
    """Return the first value that is mapped, and red, green and blue from there on, 16 bits deep."""
    descriptors = [values.get(tag, b"") for tag in _DESCRIPTORS]
    if any(len(descriptor) != 6 for descriptor in descriptors):
        raise _missing()
    entries = int.from_bytes(descriptors[0][:2], "little") or _MOST_ENTRIES
    first = int.from_bytes(descriptors[0][2:4], "little", signed=_is_signed(values))
    tables = [
        _table(values.get(table), values.get(segmented), entries)
        for table, segmented in zip(_TABLES, _SEGMENTED, strict=True)
    ]
    colours = np.stack(tables, 1)
    # Some writers put entries of 8 bits into words of 16; as 16 bits they would all look black.
    return first, colours * np.uint16(257) if colours.max() < 1 << 8 else colours


def _is_signed(values: Mapping[int, bytes]) -> bool:
    return int.from_bytes(values.get(_SIGNED, b"")[:2], "little") == 1


def _table(plain: bytes | None, segmented: bytes | None, entries: int) -> NDArray[np.uint16]:
    if plain is not None:
        if len(plain) in (2 * entries, 2 * entries + 1):
            return np.frombuffer(plain, "<u2", entries).astype(np.uint16)
        if len(plain) in (entries, entries + 1):
            return np.frombuffer(plain, np.uint8, entries).astype(np.uint16) * 257
        raise _damaged()
    if segmented is None:
        raise _missing()
    words = [int(word) for word in np.frombuffer(segmented[: len(segmented) // 2 * 2], "<u2")]
    table = _expanded(words, entries)
    if len(table) != entries:
        raise _damaged()
    return np.array(table, np.uint16)


def _expanded(words: list[int], entries: int) -> list[int]:
    """Expand discrete and linear segments of 16-bit entries; an indirect one (PS3.3 C.7.9.2.2.3) is copied once."""
    out: list[int] = []
    pending = [(0, len(words), 0)]
    while pending:
        position, limit, segments = pending.pop()
        done = 0
        while position + 2 <= limit and not (segments and done == segments) and len(out) < entries:
            code, count = words[position], words[position + 1]
            done += 1
            if code == 0:
                out += words[position + 2 : position + 2 + count]
                position += 2 + count
            elif code == 1 and out and position + 2 < len(words):
                start, end = out[-1], words[position + 2]
                out += [round(start + (end - start) * step / count) for step in range(1, count + 1)] if count else []
                position += 3
            elif code == 2 and position + 3 < len(words) and not segments:
                target = (words[position + 3] << 16 | words[position + 2]) // 2
                pending += [(position + 4, limit, 0), (target, len(words), count)]
                break
            else:
                raise _damaged()
    return out


def _missing() -> InstanceRefused:
    return _refused("palette-missing", "The image has colours by a palette, but no palette.")


def _damaged() -> InstanceRefused:
    return _refused("palette-damaged", "The palette of the image does not add up.")


def _refused(code: str, message: str) -> InstanceRefused:
    return InstanceRefused(code, message, "Have the source system repair the object.")
