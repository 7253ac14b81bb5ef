"""What happens to Pixel Data: as good as nothing. Stored values within Bits Stored are never changed here.

Bits outside Bits Stored can hold an old overlay (PS3.5 8.1.2 as it was until 2004) and are cleared; comments and
application segments of encoded frames are cut. Everything else is copied.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from workbench.dicom.elements import PIXEL_DATA, Element, fragments_damaged, refuse
from workbench.dicom.instance import Instance, Payload, Read
from workbench.dicom.parts import MaskedRange, Part, Range
from workbench.dicom.segments import Cut, cuts
from workbench.dicom.syntax import ENCAPSULATED
from workbench.records.action import Action
from workbench.records.change import Change

PIECE: Final = 64 << 10

EXTENDED_OFFSET_TABLE: Final = 0x7FE00001
EXTENDED_OFFSET_LENGTHS: Final = 0x7FE00002

_ITEM = b"\xfe\xff\x00\xe0"
_DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"

BITS_ALLOCATED: Final = 0x00280100
BITS_STORED: Final = 0x00280101
HIGH_BIT: Final = 0x00280102
PIXEL_REPRESENTATION: Final = 0x00280103

TAGS: Final = frozenset({BITS_ALLOCATED, BITS_STORED, HIGH_BIT, PIXEL_REPRESENTATION})


class PixelPlan(NamedTuple):
    """The new value of Pixel Data as parts, values of other elements that change with it, and the changes."""

    parts: list[Part]
    length: int
    replaced: dict[int, bytes]
    changes: list[Change]


def plan_pixels(instance: Instance, read: Read, values: Mapping[int, bytes], element: Element) -> PixelPlan:
    """Return what becomes of the Pixel Data of an instance.

    Raises
    ------
    InstanceRefused
        When the form of Pixel Data contradicts the transfer syntax, or a frame can't be cleaned.
    """
    payload = instance.payloads[PIXEL_DATA]
    encapsulated = element[4] == -1
    frames = ENCAPSULATED.get(instance.syntax)
    if encapsulated != (frames is not None):
        raise refuse(
            "pixel-data-form",
            "Pixel Data is not in the form that the transfer syntax demands.",
            "Have the source system repair the object.",
        )
    if frames is None:
        return _native(read, values, payload)
    if not instance.fragments:
        raise fragments_damaged()
    cut = {
        index: found
        for index, fragment in enumerate(instance.fragments)
        if index and fragment.length and (found := cuts(read, fragment, frames))
    }
    if not cut:
        return PixelPlan([Range(*payload)], -1, {}, [])
    return _rebuilt(instance, read, cut)


def _native(read: Read, values: Mapping[int, bytes], payload: Payload) -> PixelPlan:
    whole = PixelPlan([Range(*payload)], payload.length, {}, [])
    allocated, stored, high, signed = (int.from_bytes(values.get(tag, b"")[:2], "little") for tag in sorted(TAGS))
    if allocated not in (8, 16, 32) or not 0 < stored < allocated or not stored - 1 <= high < allocated:
        return whole
    part = MaskedRange(payload.offset, payload.length, allocated // 8, stored, high + 1 - stored, bool(signed))
    if not _unused_bits_set(read, part):
        return whole
    change = Change((PIXEL_DATA,), Action.CLEAN, "structure unused bits of Pixel Data", b"", b"")
    return PixelPlan([part], payload.length, {}, [change])


def _unused_bits_set(read: Read, part: MaskedRange) -> bool:
    """Whether bits outside Bits Stored hold anything but zeros or, for signed samples, the sign."""
    # Only native objects with unused bits come here; loading it costs more than all else for a single file.
    import numpy as np  # noqa: PLC0415 (see above)

    kind = np.dtype(f"<i{part.width}" if part.signed else f"<u{part.width}")
    used = ((1 << part.bits) - 1) << part.shift
    unused = ~used & ((1 << 8 * part.width) - 1)
    per_word = 8 // part.width
    unused_in_word = sum(unused << 8 * part.width * position for position in range(per_word))
    above = part.width * 8 - part.bits - part.shift
    offset, end = part.offset, part.offset + part.length  # small pieces: they stay in the cache and in the heap
    while offset < end:
        piece = read(offset, min(PIECE, end - offset))
        if not piece:
            return False
        # Eight bytes at a time; what is left of the last word is padded with zeros.
        words = np.frombuffer(piece + bytes(-len(piece) % 8), "<u8")
        if int(np.bitwise_or.reduce(words)) & unused_in_word:
            samples = np.frombuffer(piece[: len(piece) - len(piece) % part.width], kind)
            restored = ((samples << above) >> (above + part.shift)) << part.shift
            if not part.signed or not np.array_equal(restored, samples):
                return True
        offset += len(piece)
    return False


def _rebuilt(instance: Instance, read: Read, cut: dict[int, list[Cut]]) -> PixelPlan:
    """Write the fragments anew without what is cut, and the offset tables with them (PS3.5 A.4, PS3.3 C.7.6.3.1.8)."""
    table, *fragments = instance.fragments
    start = fragments[0].offset - 8 if fragments else 0
    moved: dict[int, int] = {}
    lengths: dict[int, int] = {}
    parts: list[Part] = []
    changes: list[Change] = []
    position = 0
    for index, fragment in enumerate(fragments, 1):
        kept, removed = _without(fragment, cut.get(index, []))
        length = fragment.length - removed
        moved[fragment.offset - 8 - start] = position
        lengths[fragment.offset - 8 - start] = length
        odd = length & 1
        parts += [_ITEM + (length + odd).to_bytes(4, "little"), *kept, *([b"\0"] if odd else [])]
        position += 8 + length + odd
        if removed:
            change = Change((PIXEL_DATA,), Action.REMOVE, "structure comments in encoded frames", b"", None)
            changes.append(change)
    new_table = b"".join(
        moved.get(int.from_bytes(raw, "little"), 0).to_bytes(4, "little")
        for raw in _pieces(read(table.offset, table.length), 4)
    )
    head = _ITEM + len(new_table).to_bytes(4, "little") + new_table
    return PixelPlan([head, *parts, _DELIMITER], -1, _extended(instance, moved, lengths), changes)


def _without(fragment: Payload, removed: list[Cut]) -> tuple[list[Part], int]:
    kept: list[Part] = []
    position = total = 0
    for start, end in removed:
        if start > position:
            kept.append(Range(fragment.offset + position, start - position))
        total += end - start
        position = end
    if position < fragment.length:
        kept.append(Range(fragment.offset + position, fragment.length - position))
    return kept, total


def _extended(instance: Instance, moved: dict[int, int], lengths: dict[int, int]) -> dict[int, bytes]:
    """Return the new Extended Offset Table and its lengths, where there were any."""
    values = instance.values(frozenset({EXTENDED_OFFSET_TABLE}))
    old = [int.from_bytes(raw, "little") for raw in _pieces(values.get(EXTENDED_OFFSET_TABLE, b""), 8)]
    if not old:
        return {}
    return {
        EXTENDED_OFFSET_TABLE: b"".join(moved.get(offset, 0).to_bytes(8, "little") for offset in old),
        EXTENDED_OFFSET_LENGTHS: b"".join(lengths.get(offset, 0).to_bytes(8, "little") for offset in old),
    }


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data) - size + 1, size)]
