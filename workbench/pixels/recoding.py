"""Write the Pixel Data of an instance again with areas black, frame by frame into a file."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Final

import numpy as np

from workbench.pixels.decoding import EXTENDED_LENGTHS, EXTENDED_OFFSETS, StoredFrames
from workbench.pixels.layout import Area, Blanked, clipped
from workbench.pixels.redaction import covered, redact_native
from workbench.pixels.workers import FrameWorker
from workbench.records.errors import InstanceRefused
from workbench.records.region import Region, RegionDecision

_ITEM: Final = b"\xfe\xff\x00\xe0"
_END: Final = b"\xfe\xff\xdd\xe0\0\0\0\0"
_LARGEST_OFFSET: Final = (1 << 32) - 1

AreasOf = Callable[[int], Sequence[Area]]
"""The areas of a frame, counted from 0."""


@dataclass(frozen=True, slots=True)
class Recoded:
    """What was written.

    Attributes
    ----------
    length
        Bytes written: the value of Pixel Data, with item headers and delimiter of an encapsulated one.
    frames
        For each frame with areas what became of them.
    elements
        New values of other top-level elements: the extended offset table and its lengths, where the instance has them.
    """

    length: int
    frames: dict[int, tuple[Blanked, ...]]
    elements: dict[int, bytes]


def areas_of(regions: Iterable[Region]) -> AreasOf:
    """Return the areas of each frame: those of all regions in it that are not known to be harmless.

    Where several regions share pixels, one that is to be redacted wins over one that is to be kept.
    """
    by_frame: dict[int, list[Area]] = {}
    for region in regions:
        if region.decision is not RegionDecision.KEEP:
            area = Area(region.x, region.y, region.x + region.width, region.y + region.height)
            for frame in region.frames:
                by_frame.setdefault(frame - 1, []).append(area)
    return lambda number: by_frame.get(number, ())


def recode(source: StoredFrames, areas: AreasOf, sink: IO[bytes], worker: FrameWorker) -> Recoded:
    """Write the value of Pixel Data with areas black to a file that can be read and sought.

    Transfer syntax and everything outside the areas stay; frames without areas keep their bytes and fragments. Offset
    tables are there if they were, and right.

    Raises
    ------
    InstanceRefused
        What `clipped`, `redact_native` and `FrameWorker.redact` raise; `pixels-too-long` when offsets no longer fit
        their table. What is in the file is then of no use.
    """
    if source.encapsulated:
        return _recode_encapsulated(source, areas, sink, worker)
    return _recode_native(source, areas, sink)


def _recode_native(source: StoredFrames, areas: AreasOf, sink: IO[bytes]) -> Recoded:
    layout = source.layout
    begin = sink.tell()
    done: dict[int, tuple[Blanked, ...]] = {}
    pending = b""
    for number in range(layout.frames):
        data = source.encoded(number)
        first = number * layout.frame_bits % 8
        if first:  # the first bits of this byte are the last of the frame before
            data = pending + data[1:]
        wanted = covered(clipped(areas(number), layout), layout)
        if wanted:
            data = redact_native(data, layout, wanted, first_bit=first)
            done[number] = tuple(Blanked(area, area) for area in wanted)
        whole = -(-(number + 1) * layout.frame_bits // 8) == (number + 1) * layout.frame_bits // 8
        last = number == layout.frames - 1
        sink.write(data if whole or last else data[:-1])
        pending = b"" if whole else data[-1:]
    if (sink.tell() - begin) % 2:
        sink.write(b"\0")
    return Recoded(sink.tell() - begin, done, {})


def _recode_encapsulated(source: StoredFrames, areas: AreasOf, sink: IO[bytes], worker: FrameWorker) -> Recoded:
    layout = source.layout
    begin = sink.tell()
    table = source.instance.fragments[0].length
    _write_item(sink, bytes(table and 4 * layout.frames))
    base = sink.tell()
    done: dict[int, tuple[Blanked, ...]] = {}
    offsets, lengths = [], []
    for number in range(layout.frames):
        offsets.append(sink.tell() - base)
        wanted = clipped(areas(number), layout)
        if wanted:
            redacted = worker.redact(source.encoded(number), source.syntax, layout, wanted)
            done[number] = redacted.blanked
            fragments = [redacted.frame]
        else:
            fragments = source.stored_fragments(number)
        for fragment in fragments:
            _write_item(sink, fragment)
        lengths.append(sum(map(len, fragments)))
    end = sink.tell()
    if table:
        _write_offsets(sink, offsets, begin)
        sink.seek(end)
    sink.write(_END)
    return Recoded(sink.tell() - begin, done, _extended(source, offsets, lengths, done))


def _write_item(sink: IO[bytes], content: bytes) -> None:
    even = content + b"\0" * (len(content) % 2)
    sink.write(_ITEM + len(even).to_bytes(4, "little") + even)


def _write_offsets(sink: IO[bytes], offsets: Sequence[int], begin: int) -> None:
    if offsets[-1] > _LARGEST_OFFSET:
        raise InstanceRefused(
            "pixels-too-long",
            "The frames no longer fit their offset table.",
            "Have the source system send the object with an extended offset table, or none.",
        )
    sink.seek(begin + len(_ITEM) + 4)
    sink.write(np.array(offsets, "<u4").tobytes())


def _extended(
    source: StoredFrames, offsets: Sequence[int], lengths: list[int], changed: Container[int]
) -> dict[int, bytes]:
    """Return the new extended offset table (PS3.3 C.7.6.3.1.8), where there was one."""
    if len(source.element(EXTENDED_OFFSETS)) != 8 * len(offsets):
        return {}  # there is none, or it tells of other frames; whoever writes the object on does not take it for one
    found = {EXTENDED_OFFSETS: np.array(offsets, "<u8").tobytes()}
    told = source.element(EXTENDED_LENGTHS)
    before = np.frombuffer(told[: len(told) // 8 * 8], "<u8")
    if len(before) == len(lengths):
        # What the lengths of untouched frames say (with the pad byte or without) is not ours to change.
        kept = [length if n in changed else int(before[n]) for n, length in enumerate(lengths)]
        found[EXTENDED_LENGTHS] = np.array(kept, "<u8").tobytes()
    return found
