"""Checks of pixels: stored values equal, geometry of the stored array equal, no text between the frames."""

from collections.abc import Iterator

from workbench.records.finding import Finding
from workbench.verify.checks.frames import carries_text
from workbench.verify.checks.instances import IdentityInBytes
from workbench.verify.checks.redaction import is_redacted
from workbench.verify.decoding import equal_when_decoded
from workbench.verify.elements import BULK, PIXEL_DATA
from workbench.verify.needles import Needles
from workbench.verify.pair import Pair, found
from workbench.verify.reading import BIG_ENDIAN, Reading
from workbench.verify.source import FileBytes
from workbench.verify.stored import NATIVE

WINDOW = 1 << 18

_DESCRIPTION = {
    0x00280002: "Samples per Pixel",
    0x00280008: "Number of Frames",
    0x00280010: "Rows",
    0x00280011: "Columns",
    0x00280100: "Bits Allocated",
    0x00280101: "Bits Stored",
    0x00280102: "High Bit",
    0x00280103: "Pixel Representation",
}


class PixelsEqual:
    """Decoded stored values within Bits Stored are those of the input.

    Equal bytes are equal values. Bytes that differ are compared within Bits Stored (native) or decoded (encapsulated);
    what cannot be decoded is a finding. Pixels that were blackened with evidence are for `redaction`. Frames of
    encapsulated syntaxes are searched for needles on the way, since they are streamed once.
    """

    name = "pixels-equal"
    rule = "PS3.15 E.3.1, PS3.3 C.7.6.3"

    def __init__(self) -> None:
        # Kept from file to file, and small enough for the cache of the processor: fresh memory costs more than reading.
        self._one = memoryview(bytearray(WINDOW))
        self._two = memoryview(bytearray(WINDOW))

    def examine(self, pair: Pair) -> Iterator[Finding]:
        """Yield a finding for each payload that is gone, added, or not equal."""
        before, after = pair.before, pair.after
        for tag in sorted(BULK):
            had, has = before.pixel_range(tag), after.pixel_range(tag)
            where = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
            if had is None and has is None:
                continue
            if has is None:
                yield found(self, where, "The pixel data of the input is gone.")
            elif had is None:
                yield found(self, where, "The output has pixel data that the input does not have.")
            else:
                yield from self._compare(pair, tag, where)
        alike = before.syntax == after.syntax or (before.syntax in NATIVE and after.syntax in NATIVE)
        if before.pixel_range() is not None and after.pixel_range() is not None and alike:
            for tag, name in _DESCRIPTION.items():
                if before.text(tag) != after.text(tag) and _well_formed(before, tag):
                    yield found(self, f"({tag >> 16:04X},{tag & 0xFFFF:04X})", f"{name} differs from the input.")

    def _compare(self, pair: Pair, tag: int, where: str) -> Iterator[Finding]:
        before, after = pair.before, pair.after
        had, has = before.pixel_range(tag), after.pixel_range(tag)
        if had is None or has is None:
            return
        encapsulated = after.by_tag[tag].length < 0
        kinds: set[str] = set()
        same_order = (before.syntax == BIG_ENDIAN) == (after.syntax == BIG_ENDIAN)
        equal = had[1] == has[1] and same_order and encapsulated == (before.by_tag[tag].length < 0)
        equal = self._stream(
            before, after, had, has, equal=equal, needles=pair.needles if encapsulated else None, kinds=kinds
        )
        for kind in sorted(kinds):
            message = f"{kind[0].upper()}{kind[1:]} of the input stands between or in the encoded frames."
            yield found(IdentityInBytes(), where, message)
        if equal or (tag == PIXEL_DATA and is_redacted(pair)):
            return  # `redaction` holds what was blackened against its evidence, frame by frame
        if not equal_when_decoded(before, after, tag):
            yield found(
                self, where, "The pixel values differ from those of the input, or cannot be decoded to compare them."
            )

    def _stream(
        self,
        before: Reading,
        after: Reading,
        had: tuple[int, int],
        has: tuple[int, int],
        *,
        equal: bool,
        needles: Needles | None,
        kinds: set[str],
    ) -> bool:
        """Compare and search in one pass over bounded buffers; return whether the bytes are equal."""
        if not equal and needles is None:
            return False
        length = has[1]
        overlap = min(needles.longest, WINDOW // 2) if needles is not None else 0
        position = 0
        while position < length:
            count = min(length - position, WINDOW)
            two = _fill(self._two, after, has[0] + position, count)
            if equal:
                equal = _same(_fill(self._one, before, had[0] + position, count), two)
                if not equal and needles is None:
                    return False
            if needles is not None:
                for hit in needles.in_bytes(two):
                    kinds.add(str(hit.needle.kind) if hit.needle.kind is not None else "a UID")
            position += count
            if position < length:
                position -= overlap
        return equal


def _well_formed(reading: Reading, tag: int) -> bool:
    """Whether the input says something of its pixels that an output could retain."""
    element = reading.by_tag.get(tag)
    return element is None or element.vr != "IS" or element.text().isdigit()


def _fill(buffer: memoryview, reading: Reading, offset: int, count: int) -> memoryview:
    """Read into a kept buffer."""
    if not isinstance(reading.data, FileBytes):
        return memoryview(reading.data.read(offset, count))
    filled = reading.data.read_into(buffer[:count], offset)
    return buffer[:filled]


def _same(one: memoryview, two: memoryview) -> bool:
    """Compare as the C library does; memoryviews compare item by item, their objects do not."""
    if len(one) == len(two) == WINDOW and isinstance(one.obj, bytearray) and isinstance(two.obj, bytearray):
        return one.obj == two.obj
    return bytes(one) == bytes(two)


class FrameText:
    """Encoded frames carry no comments, no EXIF and no application data (they are headers of their own)."""

    name = "frame-text"
    rule = "PS3.15 E.2, ISO/IEC 10918-1 B.2.4.5"

    def examine(self, pair: Pair) -> Iterator[Finding]:
        """Yield one finding for the first frame that carries such a segment."""
        after = pair.after
        fragments = after.fragments
        if after.syntax.startswith("1.2.840.10008.1.2.4."):
            for number in range(0, len(fragments), 2):
                if fragments[number + 1] and carries_text(after.data, fragments[number], fragments[number + 1]):
                    yield found(self, "(7FE0,0010)", "An encoded frame carries a comment or application data.")
                    return
