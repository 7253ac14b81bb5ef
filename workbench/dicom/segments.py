"""Marker segments of encoded frames that carry no picture: comments and application data.

JPEG and JPEG-LS: ISO/IEC 10918-1 B.1, 14495-1 C. JPEG 2000 and HTJ2K: ISO/IEC 15444-1 A. The picture that a decoder
makes does not depend on the segments that are cut here.
"""

import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from workbench.dicom.elements import refuse
from workbench.dicom.instance import Payload, Read
from workbench.dicom.syntax import Frames
from workbench.records.errors import InstanceRefused

HEAD = 64 << 10
CHUNK = 1 << 20

_SOI = b"\xff\xd8"
_EOI = b"\xff\xd9"
_SOT = b"\xff\x90"
_MAGIC = {Frames.JPEG: _SOI, Frames.JPEG_2000: b"\xff\x4f\xff\x51", Frames.JPEG_XL: b"\xff\x0a"}
_RLE_HEADER = 64
_COM_OR_RESERVED = frozenset({*range(0x02, 0xC0), *range(0xF0, 0xF7), *range(0xF9, 0xFF)})
"""COM, and what is reserved or extends JPEG beyond what DICOM has. F7 and F8 belong to JPEG-LS."""
_LATE = re.compile(rb"\xff[\xe0-\xf6\xf9-\xfe]")
"""COM, APPn or a reserved marker behind the first scan. Entropy-coded data never holds these two bytes: an FF in it is
followed by a byte below 80 (JPEG-LS), by 00 or by a restart marker (JPEG)."""


class Cut(NamedTuple):
    """A range of a fragment that is left out, relative to the start of the fragment's content."""

    start: int
    end: int


class Planes(NamedTuple):
    """How a frame divides into the segments of RLE: one for each byte of each sample (PS3.5 G.2), of `size` bytes."""

    number: int
    size: int


def cuts(read: Read, fragment: Payload, frames: Frames, planes: Planes | None = None) -> list[Cut]:
    """Return what to leave out of one fragment, in order.

    `planes` describes a frame of RLE; without it, where its last segment ends can't be told.

    Raises
    ------
    InstanceRefused
        `frame-damaged` when the markers do not add up, `frame-comment-late` when a comment stands where it can't be
        cut, `frame-wrapped` for a JP2 file in place of a codestream, `frame-end-unknown` when nothing tells where the
        picture ends and what follows it begins.
    """
    if frames is Frames.JPEG:
        return _jpeg(read, fragment)
    if frames is Frames.JPEG_2000:
        return _jpeg_2000(read, fragment)
    if frames is Frames.RLE:
        if planes is None or fragment.length > _RLE_HEADER + 2 * planes.number * (planes.size + CHUNK):
            raise _endless()
        return _rle(read(fragment.offset, fragment.length), planes)
    if frames is Frames.JPEG_XL:
        # Its entropy-coded sections would have to be decoded to find their end, and with it that of the picture.
        raise _endless()
    return []


def all_cuts(
    read: Read,
    fragments: Sequence[Payload],
    frames: Frames,
    planes: Planes | None = None,
) -> dict[int, list[Cut]]:
    """Return what to leave out of each fragment, by its index, where there is anything.

    A frame may be in several fragments (PS3.5 A.4). It is looked at as a whole, so that nothing hides across a border;
    a fragment that belongs to no frame is damage.

    Raises
    ------
    InstanceRefused
        As `cuts` does.
    """
    filled = [index for index, fragment in enumerate(fragments) if fragment.length]
    magic = _MAGIC.get(frames)
    if magic is None:
        starts = filled
    else:
        size = len(magic)
        starts = [index for index in filled if read(fragments[index].offset, size) == magic]
        if filled and (not starts or starts[0] != filled[0]):
            raise _wrapped() if _is_wrapped(read(fragments[filled[0]].offset, 12)) else _damaged()
    found: dict[int, list[Cut]] = {}
    for start, end in zip(starts, [*starts[1:], len(fragments)], strict=True):
        frame = [index for index in range(start, end) if fragments[index].length] if end - start > 1 else [start]
        if len(frame) == 1:
            if cut := cuts(read, fragments[start], frames, planes):
                found[start] = cut
            continue
        joined = _Joined(read, [fragments[index] for index in frame])
        cut = cuts(joined.read, Payload(0, joined.size), frames)
        found |= {index: part for index, part in zip(frame, joined.split(cut), strict=True) if part}
    return found


class _Joined:
    """The fragments of one frame, read as one."""

    def __init__(self, read: Read, fragments: Sequence[Payload]) -> None:
        self._read = read
        self._fragments = fragments
        self._begins = [0, *accumulate(fragment.length for fragment in fragments)]
        self.size = self._begins[-1]

    def read(self, offset: int, count: int) -> bytes:
        parts: list[bytes] = []
        index = bisect_right(self._begins, offset) - 1
        while count > 0 and index < len(self._fragments):
            fragment = self._fragments[index]
            within = offset - self._begins[index]
            piece = self._read(fragment.offset + within, min(count, fragment.length - within))
            if not piece:
                break
            parts.append(piece)
            offset, count, index = offset + len(piece), count - len(piece), index + 1
        return b"".join(parts)

    def split(self, found: list[Cut]) -> list[list[Cut]]:
        """Return the cuts of each fragment."""
        return [
            [
                Cut(max(cut.start, begin) - begin, min(cut.end, end) - begin)
                for cut in found
                if cut.start < end and cut.end > begin
            ]
            for begin, end in pairwise(self._begins)
        ]


def _rle(frame: bytes, planes: Planes) -> list[Cut]:
    """Cut what follows the last segment; refuse a header or a segment that carries more than the picture (PS3.5 G.3).

    Zeros between segments are padding. A run may be longer than what is left of a plane, as some encoders pad, when it
    adds nothing but zeros or one value again and again.
    """
    offsets = [int.from_bytes(frame[at : at + 4], "little") for at in range(4, _RLE_HEADER, 4)]
    count = int.from_bytes(frame[:4], "little")
    used, unused = offsets[:count], offsets[count:]
    if (
        len(frame) <= _RLE_HEADER
        or not 1 <= count <= len(offsets)
        or count != planes.number
        or used[0] != _RLE_HEADER
        or any(unused)
        or any(one >= two for one, two in pairwise([*used, len(frame)]))
    ):
        raise _damaged()
    after = 0
    for begin, end in pairwise([*used, len(frame)]):
        if _fills_exactly(frame[begin:end], planes.size):
            after = end
            continue
        after = _end_of_runs(frame, begin, end, planes.size)
        if end < len(frame) and frame[after:end].strip(b"\0"):
            raise _damaged()
    return [Cut(after, len(frame))] if len(frame) - after > 1 or frame[after:].strip(b"\0") else []


@cache
def _decoder() -> Callable[[bytes], bytes]:
    """Load the compiled decoder of RLE segments, which takes a hundredth of the time of the steps below.

    Its package would load numpy with it, which takes as long as a hundred objects; so it is loaded alone, under its
    own name, for a compiled module may be loaded only once.
    """
    name = "rle.rle"
    module: Any = sys.modules.get(name)
    if module is None:
        package = find_spec("rle")
        folders = package.submodule_search_locations if package is not None else None
        found = PathFinder.find_spec(name, folders)
        if found is None or found.loader is None:
            raise ModuleNotFoundError(name=name)
        module = sys.modules[name] = module_from_spec(found)
        found.loader.exec_module(module)
    decode: Callable[[bytes], bytes] = module.decode_segment
    return decode


def _fills_exactly(segment: bytes, size: int) -> bool:
    """Whether the runs of a segment make a plane of `size` bytes and nothing more, a pad byte aside."""
    try:
        return len(_decoder()(segment)) == size
    except ValueError:
        return False


def _end_of_runs(frame: bytes, position: int, end: int, size: int) -> int:
    """Return the position behind the run that completes a plane of `size` bytes."""
    left = size
    while left > 0:
        if position >= end:
            raise _damaged()
        run = frame[position]
        if run < 0x80:
            left -= run + 1
            position += run + 2
        else:
            left -= (257 - run) if run > 0x80 else 0
            position += 2 if run > 0x80 else 1
    if position > end or (left < 0 and run < 0x80 and frame[position + left : position].strip(b"\0")):
        raise _damaged()
    return position


def _is_wrapped(head: bytes) -> bool:
    return head[4:8] in (b"jP  ", b"JXL ")


def _wrapped() -> InstanceRefused:
    return refuse(
        "frame-wrapped",
        "A frame is a file of its own instead of a codestream.",
        "Have the source system send the object uncompressed.",
    )


def _damaged() -> InstanceRefused:
    return refuse(
        "frame-damaged",
        "The markers of an encoded frame do not add up.",
        "Ask the source system to send the object again.",
    )


def _endless() -> InstanceRefused:
    return refuse(
        "frame-end-unknown",
        "Nothing tells where the picture of an encoded frame ends, and behind it anything may be written.",
        "Have the source system send the object uncompressed.",
    )


def _late() -> InstanceRefused:
    return refuse(
        "frame-comment-late",
        "An encoded frame holds a comment where it can't be removed.",
        "Have the source system send the object uncompressed.",
    )


def _jpeg(read: Read, fragment: Payload) -> list[Cut]:
    size = fragment.length
    head = read(fragment.offset, min(HEAD, size))
    found: list[Cut] = []
    position = 0
    if head[:2] != _SOI:
        raise _damaged()
    position, found = _jpeg_header(read, fragment, head)
    # Behind the header of the first scan: no more segments to cut, and nothing behind the end of the image.
    while position < size:
        piece = (
            head[position:] if position < len(head) else read(fragment.offset + position, min(CHUNK, size - position))
        )
        if not piece:
            raise _damaged()
        end = piece.find(_EOI)
        late = _LATE.search(piece, 0, end if end >= 0 else len(piece))
        if late:
            raise _late()
        if end >= 0:
            behind = position + end + 2
            if size - behind > 1 or read(fragment.offset + behind, 1).strip(b"\0"):
                found.append(Cut(behind, size))
            return found
        # An FF at the very end of a piece may be the first half of a marker.
        step = len(piece) - (1 if piece.endswith(b"\xff") and position + len(piece) < size else 0)
        position += step
    raise _endless()


def _jpeg_header(read: Read, fragment: Payload, head: bytes) -> tuple[int, list[Cut]]:
    """Step over the segments up to the first scan; return the position behind its header."""
    found: list[Cut] = []
    position = 2
    while True:
        if position + 4 > len(head):
            if len(head) >= fragment.length:
                raise _damaged()
            head = read(fragment.offset, min(2 * len(head), fragment.length))
            continue
        if head[position] != 0xFF:
            raise _damaged()
        marker = head[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        length = int.from_bytes(head[position + 2 : position + 4], "big")
        end = position + 2 + length
        if length < 2 or end > fragment.length:
            raise _damaged()
        if marker in _COM_OR_RESERVED or (0xE0 <= marker <= 0xEF and not _needed(marker, head[position + 4 : end])):
            found.append(Cut(position, end))
        position = end
        if marker == 0xDA:
            return position, found


def _needed(marker: int, content: bytes) -> bool:
    """Whether a decoder needs the application segment to get the colours right."""
    if marker == 0xE0:  # JFIF without a thumbnail
        return content[:5] == b"JFIF\0" and len(content) == 14
    if marker == 0xEE:
        return content[:5] == b"Adobe" and len(content) == 12
    if marker == 0xE8:  # SPIFF header, colour transform of JPEG-LS
        return (content[:6] == b"SPIFF\0" and len(content) == 30) or (content[:4] == b"mrfx" and len(content) == 5)
    return False


def _jpeg_2000(read: Read, fragment: Payload) -> list[Cut]:
    head = read(fragment.offset, min(HEAD, fragment.length))
    if _is_wrapped(head):
        raise _wrapped()
    if head[:2] != b"\xff\x4f":
        raise _damaged()
    position = 2
    found: list[Cut] = []
    while True:
        if position + 4 > len(head):
            if len(head) >= fragment.length:
                raise _damaged()
            head = read(fragment.offset, min(2 * len(head), fragment.length))
            continue
        marker = head[position : position + 2]
        if marker == _SOT:
            end = _end_of_tile_parts(read, fragment, position)
            if end < fragment.length - 1 or read(fragment.offset + end, 1).strip(b"\0"):
                found.append(Cut(end, fragment.length))
            return found
        length = int.from_bytes(head[position + 2 : position + 4], "big")
        end = position + 2 + length
        if marker[0] != 0xFF or length < 2 or end > fragment.length:
            raise _damaged()
        if marker == b"\xff\x64":
            found.append(Cut(position, end))
        position = end


def _end_of_tile_parts(read: Read, fragment: Payload, position: int) -> int:
    """Return the position behind the end of the codestream.

    A comment in the header of a tile-part is refused: cutting it would break the lengths that other segments state.
    """
    while position + 12 <= fragment.length:
        start = position
        header = read(fragment.offset + position, 12)
        if header[:2] != _SOT:
            break
        length = int.from_bytes(header[6:10], "big")
        position = _start_of_data(read, fragment, position + 12)
        if not length:
            return _after_end_marker(read, fragment, position)
        if start + length < position:
            raise _damaged()
        position = start + length
    if position > fragment.length:
        raise _endless()  # cut short
    if position == fragment.length:
        return position  # the end marker is missing, but the tile-parts say how long they are
    if read(fragment.offset + position, 2) == _EOI:
        return position + 2
    rest = read(fragment.offset + position, 12)
    if rest.strip(b"\0") or fragment.length - position > len(rest):
        raise _damaged()
    return fragment.length


def _start_of_data(read: Read, fragment: Payload, position: int) -> int:
    """Step over the segments of a tile-part header; return the position of SOD."""
    while True:
        segment = read(fragment.offset + position, 4)
        if segment[:2] == b"\xff\x93":
            return position
        if segment[:2] == b"\xff\x64":
            raise _late()
        size = int.from_bytes(segment[2:4], "big")
        if len(segment) < 4 or segment[0] != 0xFF or size < 2:
            raise _damaged()
        position += 2 + size


def _after_end_marker(read: Read, fragment: Payload, position: int) -> int:
    """Return the position behind the first EOC: a tile-part without a length ends there (ISO/IEC 15444-1 A.4.2)."""
    while position < fragment.length:
        piece = read(fragment.offset + position, min(CHUNK, fragment.length - position))
        at = piece.find(_EOI)
        if at >= 0:
            return position + at + 2
        if len(piece) <= 1:
            break
        position += len(piece) - 1
    raise _endless()
