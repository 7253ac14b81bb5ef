"""What happens to Pixel Data: as good as nothing. Stored values within Bits Stored are never changed here.

Bits outside Bits Stored can hold an old overlay (PS3.5 8.1.2 as it was until 2004) and are cleared; comments and
application segments of encoded frames are cut. Everything else is copied.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from workbench.dicom.elements import PIXEL_DATA, Element, fragments_damaged, refuse
from workbench.dicom.encode import header
from workbench.dicom.instance import Instance, Payload, Read
from workbench.dicom.parts import MaskedRange, Part, Range
from workbench.dicom.segments import Cut, Planes, all_cuts
from workbench.dicom.syntax import ENCAPSULATED, Frames
from workbench.records.action import Action
from workbench.records.change import Change

PIECE: Final = 64 << 10
_DIGITS_OF_FRAMES: Final = 9
_ALLOCATED: Final = frozenset(bits.to_bytes(2, "little") for bits in (1, 8, 16, 32, 64))
"""Bits Allocated that the standard has (PS3.5 8.1.1); of others nobody can say what takes how much."""

FLOATING: Final = frozenset({0x7FE00008, 0x7FE00009})
"""Float Pixel Data and Double Float Pixel Data."""

EXTENDED_OFFSET_TABLE: Final = 0x7FE00001
EXTENDED_OFFSET_LENGTHS: Final = 0x7FE00002
_EXTENDED: Final = (EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_LENGTHS)

_ITEM = b"\xfe\xff\x00\xe0"
_DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"

BITS_ALLOCATED: Final = 0x00280100
BITS_STORED: Final = 0x00280101
HIGH_BIT: Final = 0x00280102
PIXEL_REPRESENTATION: Final = 0x00280103

SAMPLES: Final = 0x00280002
PHOTOMETRIC: Final = 0x00280004
FRAMES: Final = 0x00280008
ROWS: Final = 0x00280010
COLUMNS: Final = 0x00280011

_BITS: Final = (BITS_ALLOCATED, BITS_STORED, HIGH_BIT, PIXEL_REPRESENTATION)
TAGS: Final = frozenset({*_BITS, SAMPLES, PHOTOMETRIC, FRAMES, ROWS, COLUMNS})


class PixelPlan(NamedTuple):
    """The new value of Pixel Data as parts, values of elements that change with it (empty: gone), and the changes."""

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
    fragments = instance.fragments[1:]
    if frames is Frames.NATIVE:
        _check_uncompressed(read, values, fragments)
    cut = all_cuts(read, fragments, frames, _planes(values) if frames is Frames.RLE else None)
    if cut or not _is_offset_table(read, instance.fragments):
        return _rebuilt(instance, read, {index + 1: found for index, found in cut.items()})
    kept: list[Part] = [Range(payload.offset, payload.length - len(_DELIMITER)), _DELIMITER]
    if EXTENDED_OFFSET_TABLE not in instance.by_tag or _is_extended_table(instance, read):
        return PixelPlan(kept, -1, {}, [])
    replaced: dict[int, bytes] = {tag: b"" for tag in _EXTENDED if tag in instance.by_tag}
    changes = [Change((tag,), Action.REMOVE, "structure offset table without offsets", b"", None) for tag in replaced]
    return PixelPlan(kept, -1, replaced, changes)


def trimmed(instance: Instance, values: Mapping[int, bytes], element: Element) -> PixelPlan | None:
    """Return an element of floating-point samples without what follows them, None when nothing does."""
    tag, vr, _start, at, length, _items = element
    size = _image_size(values)
    if vr not in (b"OF", b"OD") or size is None or length <= size + (size & 1):
        return None
    payload = instance.payloads.get(tag)
    samples = Range(payload.offset, size) if payload else instance.buffer[at : at + size]
    change = Change((tag,), Action.REMOVE, "structure bytes behind the last frame", b"", None)
    return PixelPlan([header(tag, vr, size, explicit=instance.explicit), samples], size, {}, [change])


def _is_offset_table(read: Read, fragments: Sequence[Payload]) -> bool:
    """Whether the Basic Offset Table is empty or made of positions of fragments, in their order (PS3.5 A.4)."""
    table = fragments[0]
    if not table.length:
        return True
    if table.length % 4 or table.length > 4 * len(fragments):
        return False
    offsets = [int.from_bytes(raw, "little") for raw in _pieces(read(table.offset, table.length), 4)]
    start = fragments[1].offset - 8 if len(fragments) > 1 else 0
    begins = {fragment.offset - 8 - start for fragment in fragments[1:]}
    return offsets == sorted(set(offsets)) and begins.issuperset(offsets)


def _is_extended_table(instance: Instance, read: Read) -> bool:
    """Whether the Extended Offset Table holds positions of fragments and their lengths (PS3.3 C.7.6.3.1.8)."""
    offsets, lengths = (_eights(instance, read, tag) for tag in _EXTENDED)
    if offsets is None or lengths is None or len(offsets) != len(lengths) or not instance.fragments[1:]:
        return False
    start = instance.fragments[1].offset - 8
    begins = {fragment.offset - 8 - start: fragment.length for fragment in instance.fragments[1:]}
    # Lengths are those before padding to an even number.
    return offsets == sorted(set(offsets)) and all(
        offset in begins and 0 <= begins[offset] - length <= 1 for offset, length in zip(offsets, lengths, strict=True)
    )


def _eights(instance: Instance, read: Read, tag: int) -> list[int] | None:
    """Return the 64-bit numbers of an element, wherever its value lies; None when it is not made of them."""
    element, payload = instance.by_tag.get(tag), instance.payloads.get(tag)
    if element is None or element[5] is not None:
        return None
    raw = read(*payload) if payload else instance.buffer[element[3] : element[3] + element[4]]
    if len(raw) % 8 or len(raw) > 8 * len(instance.fragments):
        return None
    return [int.from_bytes(piece, "little") for piece in _pieces(raw, 8)]


def _planes(values: Mapping[int, bytes]) -> Planes | None:
    """Return how a frame of RLE divides into segments, None when the image is not described."""
    rows, columns, allocated = (
        int.from_bytes(values.get(tag, b"")[:2], "little") for tag in (ROWS, COLUMNS, *_BITS[:1])
    )
    samples = int.from_bytes(values.get(SAMPLES, b"\1\0")[:2], "little") or 1
    if not rows or not columns or allocated.to_bytes(2, "little") not in _ALLOCATED:
        return None
    if allocated == 1:
        return Planes(samples, (rows * columns + 7) // 8)
    return Planes(samples * (allocated // 8), rows * columns)


def _check_uncompressed(read: Read, values: Mapping[int, bytes], fragments: Sequence[Payload]) -> None:
    """Refuse frames that are not just the samples (PS3.5 A.4.11): what is too much has no place to be cut."""
    size = _image_size(values, frames=1)
    samples = _samples(values)
    for fragment in fragments:
        masked = samples and MaskedRange(fragment.offset, fragment.length, *samples)
        if size is None or fragment.length != size + (size & 1) or (masked and _unused_bits_set(read, masked)):
            raise refuse(
                "frame-damaged",
                "An uncompressed frame does not hold its samples and nothing else.",
                "Have the source system send the object in Explicit VR Little Endian.",
            )


def _image_size(values: Mapping[int, bytes], *, frames: int | None = None) -> int | None:
    """Return how many bytes the image takes by its own description, None when that is incomplete."""
    rows, columns, allocated = (values.get(tag, b"")[:2] for tag in (ROWS, COLUMNS, BITS_ALLOCATED))
    if not (len(rows) == len(columns) == 2) or allocated not in _ALLOCATED:
        return None
    if frames is None:
        stated = values.get(FRAMES, b"").strip(b" \0")
        if stated and not (stated.isdigit() and 0 < len(stated) < _DIGITS_OF_FRAMES):
            return None
        frames = int(stated or b"1") or 1
    samples = int.from_bytes(values.get(SAMPLES, b"\1\0")[:2], "little") or 1
    if values.get(PHOTOMETRIC, b"").startswith((b"YBR_FULL_422", b"YBR_PARTIAL_422")):
        samples = 2
    pixels = int.from_bytes(rows, "little") * int.from_bytes(columns, "little") * frames
    return (pixels * samples * int.from_bytes(allocated, "little") + 7) // 8 or None


def _samples(values: Mapping[int, bytes]) -> tuple[int, int, int, bool] | None:
    """Return width, bits, shift and sign of samples that have unused bits."""
    allocated, stored, high, signed = (int.from_bytes(values.get(tag, b"")[:2], "little") for tag in _BITS)
    if allocated not in (8, 16, 32) or not 0 < stored < allocated or not stored - 1 <= high < allocated:
        return None
    return allocated // 8, stored, high + 1 - stored, bool(signed)


def _native(read: Read, values: Mapping[int, bytes], payload: Payload) -> PixelPlan:
    """Keep the samples that the image has; what follows them is none of it."""
    changes = []
    size = _image_size(values)
    length, padding = payload.length, b""
    if size is not None and length > size + (size & 1):
        length, padding = size, b"\0" * (size & 1)
        changes.append(Change((PIXEL_DATA,), Action.REMOVE, "structure bytes behind the last frame", b"", None))
    part: Range | MaskedRange = Range(payload.offset, length)
    samples = _samples(values)
    if samples is not None:
        masked = MaskedRange(payload.offset, length, *samples)
        if _unused_bits_set(read, masked):
            part = masked
            changes.append(Change((PIXEL_DATA,), Action.CLEAN, "structure unused bits of Pixel Data", b"", b""))
    return PixelPlan([part, padding] if padding else [part], length + len(padding), {}, changes)


def _unused_bits_set(read: Read, part: MaskedRange) -> bool:
    """Whether bits outside Bits Stored hold anything but zeros or, for signed samples, the sign."""
    unused = ~(((1 << part.bits) - 1) << part.shift) & ((1 << 8 * part.width) - 1)
    in_piece = int.from_bytes(unused.to_bytes(part.width, "little") * (PIECE // part.width), "little")
    offset, end = part.offset, part.offset + part.length
    while offset < end:
        piece = read(offset, min(PIECE, end - offset))  # small pieces stay in the cache and in the heap
        if not piece:
            return False
        # A piece as one number: loading numpy would cost more than the look at all samples of a study.
        if int.from_bytes(piece, "little") & in_piece and not (part.signed and _only_signs(piece, part)):
            return True
        offset += len(piece)
    return False


def _only_signs(piece: bytes, part: MaskedRange) -> bool:
    """Whether the bits above Bits Stored repeat the sign of each sample, and those below are zero."""
    import numpy as np  # noqa: PLC0415 (few objects come here, and loading it takes as long as a hundred of them)

    samples = np.frombuffer(piece[: len(piece) - len(piece) % part.width], np.dtype(f"<i{part.width}"))
    above = part.width * 8 - part.bits - part.shift
    return np.array_equal(((samples << above) >> (above + part.shift)) << part.shift, samples)


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
        if removed and not length:  # it belonged to no frame
            changes.append(Change((PIXEL_DATA,), Action.REMOVE, "structure bytes behind a frame", b"", None))
            continue
        moved[fragment.offset - 8 - start] = position
        lengths[fragment.offset - 8 - start] = length
        odd = length & 1
        parts += [_ITEM + (length + odd).to_bytes(4, "little"), *kept, *([b"\0"] if odd else [])]
        position += 8 + length + odd
        if removed:
            change = Change((PIXEL_DATA,), Action.REMOVE, "structure comments in encoded frames", b"", None)
            changes.append(change)
    old_table = read(table.offset, table.length) if _is_offset_table(read, instance.fragments) else b""
    if table.length and not old_table:
        changes.append(Change((PIXEL_DATA,), Action.EMPTY, "structure offset table without offsets", b"", b""))
    new_table = b"".join(
        moved.get(int.from_bytes(raw, "little"), 0).to_bytes(4, "little") for raw in _pieces(old_table, 4)
    )
    head = _ITEM + len(new_table).to_bytes(4, "little") + new_table
    return PixelPlan([head, *parts, _DELIMITER], -1, _extended(instance, read, moved, lengths), changes)


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


def _extended(instance: Instance, read: Read, moved: dict[int, int], lengths: dict[int, int]) -> dict[int, bytes]:
    """Return the new Extended Offset Table and its lengths, where there were any."""
    if EXTENDED_OFFSET_TABLE not in instance.by_tag:
        return {}
    old = _eights(instance, read, EXTENDED_OFFSET_TABLE)
    if not old or not _is_extended_table(instance, read):
        return {tag: b"" for tag in _EXTENDED if tag in instance.by_tag}
    return {
        EXTENDED_OFFSET_TABLE: b"".join(moved.get(offset, 0).to_bytes(8, "little") for offset in old),
        EXTENDED_OFFSET_LENGTHS: b"".join(lengths.get(offset, 0).to_bytes(8, "little") for offset in old),
    }


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data) - size + 1, size)]
