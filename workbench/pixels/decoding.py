"""The frames of one instance, read and decoded one by one: memory is bounded by one frame, whatever the file takes."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.dicom.instance import Instance, Payload, Read
from workbench.dicom.syntax import ENCAPSULATED, Frames
from workbench.pixels import codecs
from workbench.pixels.layout import PIXEL_DATA, TAGS, Frame, Layout, layout_of, refused
from workbench.pixels.redaction import patterns
from workbench.pixels.workers import FrameWorker
from workbench.records.errors import InstanceRefused

Values = NDArray[np.integer]
"""Stored values of one frame: Rows x Columns, or Rows x Columns x 3; signed where Pixel Representation says so."""

_ITEM_HEADER: Final = 8
EXTENDED_OFFSETS: Final = 0x7FE00001
EXTENDED_LENGTHS: Final = 0x7FE00002
_MAGIC: Final = {Frames.JPEG: b"\xff\xd8", Frames.JPEG_2000: b"\xff\x4f\xff\x51"}


class StoredFrames:
    """Random access to the frames of an instance that `dicom.source` opened.

    Raises
    ------
    InstanceRefused
        What `layout_of` raises; `pixels-missing` without Pixel Data; `frame-count-wrong` when the frames that are there
        are not as many as the header says, or do not have its size; `syntax-not-redacted`.
    """

    def __init__(self, instance: Instance, read: Read, worker: FrameWorker) -> None:
        self.instance = instance
        self.syntax = instance.syntax
        self.layout: Layout = layout_of(_values(instance))
        self._read = read
        self._worker = worker
        if PIXEL_DATA not in instance.payloads:
            raise refused("pixels-missing", "The object has no Pixel Data.")
        self.payload = instance.payloads[PIXEL_DATA]
        self.encapsulated = instance.by_tag[PIXEL_DATA][4] == -1
        if self.encapsulated and self.syntax not in codecs.REDACTED:
            codecs.decode(b"", self.syntax, self.layout)
        if self.encapsulated:
            self.fragments = self._frames()
        else:
            # Some writers leave bytes behind the last frame, which do not go out; another frame is not among them, nor
            # the samples that are missing where three for each pixel are said to be two.
            surplus = 8 * self.payload.length - self.layout.frames * self.layout.frame_bits
            if not 0 <= surplus < max(16, self.layout.frame_bits // (2 if self.layout.subsampled else 1)):
                raise _wrong_count()

    def _frames(self) -> list[list[Payload]]:
        """Return the fragments of each encapsulated frame.

        A frame in several fragments ends where the next one begins with what every frame begins with. Nothing else
        would tell a frame from what another program takes for one: a frame that is not counted is not looked at.
        """
        found = [fragment for fragment in self.instance.fragments[1:] if fragment.length]
        frames = self.layout.frames
        if len(found) == frames:
            return [[fragment] for fragment in found]
        magic = _MAGIC.get(ENCAPSULATED[self.syntax])
        if magic is None:  # a frame is one fragment (PS3.5 A.4.2)
            raise _wrong_count()
        starts = [n for n, fragment in enumerate(found) if self._read(fragment.offset, len(magic)) == magic]
        if len(starts) != frames or starts[:1] != [0] or self._starts_by_offsets(found) not in ([], starts):
            raise _wrong_count()
        return [found[one:two] for one, two in zip(starts, [*starts[1:], len(found)], strict=True)]

    def _starts_by_offsets(self, fragments: Sequence[Payload]) -> list[int]:
        """Return the index of the first fragment of each frame by the offset tables, none where they do not fit."""
        table = self.instance.fragments[0]
        offsets = np.frombuffer(self._read(table.offset, table.length // 4 * 4), "<u4").tolist()
        if not offsets:
            extended = self.element(EXTENDED_OFFSETS)
            offsets = np.frombuffer(extended[: len(extended) // 8 * 8], "<u8").tolist()
        base = table.offset + table.length + _ITEM_HEADER
        at = {fragment.offset - base: index for index, fragment in enumerate(fragments)}
        starts = [at.get(offset, -1) for offset in offsets]
        return [] if -1 in starts else starts

    def element(self, tag: int) -> bytes:
        """Return the value of a top-level element, however long; nothing where it is not."""
        payload = self.instance.payloads.get(tag)
        if payload is not None:
            return self._read(*payload)
        return self.instance.values(frozenset({tag})).get(tag, b"")

    def stored_fragments(self, number: int) -> list[bytes]:
        """Return the fragments of an encapsulated frame, counted from 0, as they are stored."""
        return [self._read(fragment.offset, fragment.length) for fragment in self.fragments[number]]

    def encoded(self, number: int) -> bytes:
        """Return the bytes of frame `number`, counted from 0, as they are stored.

        Native frames of one bit come with the bits of their neighbours in the first and last byte.
        """
        if self.encapsulated:
            return b"".join(self.stored_fragments(number))
        bits = self.layout.frame_bits
        start, end = number * bits // 8, -(-(number + 1) * bits // 8)
        data = self._read(self.payload.offset + start, end - start)
        if len(data) != end - start:
            raise _wrong_count()
        return data

    def patterns(self, number: int) -> Frame:
        """Return the bit patterns of frame `number` as they are stored, in the shape that redaction works on.

        Raises
        ------
        InstanceRefused
            What `codecs.decode` and `FrameWorker.decode` raise.
        """
        data = self.encoded(number)
        if self.encapsulated:
            return self._worker.decode(data, self.syntax, self.layout)
        if self.layout.allocated > 1:
            return patterns(data, self.layout)
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        first = number * self.layout.frame_bits % 8
        return bits[first : first + self.layout.frame_bits].reshape(self.layout.rows, self.layout.columns)

    def values(self, number: int) -> Values:
        """Return the stored values of frame `number`: what is within Bits Stored, with its sign; colours as stored.

        Raises
        ------
        InstanceRefused
            What `patterns` raises.
        """
        samples = stored_bits(self.patterns(number), self.layout)
        if samples.ndim == 3 and samples.shape[2] == 4:
            samples = _each_with_its_colour(samples)
        if not self.layout.signed:
            return samples
        sign = 1 << (self.layout.stored - 1)
        wide = samples.astype(np.int64)
        return ((wide ^ sign) - sign).astype(f"<i{samples.dtype.itemsize}")


def stored_bits(samples: Frame, layout: Layout) -> Frame:
    """Return patterns without what is outside Bits Stored."""
    bits = samples.dtype.itemsize * 8
    if layout.allocated == 1 or (layout.stored >= bits and not layout.shift):
        return samples
    kind = samples.dtype.type
    return (samples >> kind(layout.shift)) & kind((1 << layout.stored) - 1)


def _each_with_its_colour(pairs: Frame) -> Frame:
    """Return Rows x Columns x 3 of Rows x Columns / 2 x (Y, Y, Cb, Cr)."""
    rows, half = pairs.shape[:2]
    out = np.empty((rows, half * 2, 3), pairs.dtype)
    out[:, 0::2, 0], out[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
    out[..., 1:] = np.repeat(pairs[..., 2:], 2, axis=1)
    return out


def _values(instance: Instance) -> dict[int, bytes]:
    """Return the elements that tell the layout; of one whose value is too long to be loaded that it is there."""
    return {**{tag: b"" for tag in instance.by_tag if tag in TAGS}, **instance.values(TAGS)}


def _wrong_count() -> InstanceRefused:
    return refused("frame-count-wrong", "The frames that are there are not those that the header describes.")
