"""Marker segments of encoded frames that carry no picture: comments and application data.

JPEG and JPEG-LS: ISO/IEC 10918-1 B.1, 14495-1 C. JPEG 2000 and HTJ2K: ISO/IEC 15444-1 A. The picture that a decoder
makes does not depend on the segments that are cut here.
"""

import re
from typing import NamedTuple

from workbench.dicom.elements import refuse
from workbench.dicom.instance import Payload, Read
from workbench.dicom.syntax import Frames
from workbench.records.errors import InstanceRefused

HEAD = 64 << 10
CHUNK = 1 << 20

_SOI = b"\xff\xd8"
_EOI = b"\xff\xd9"
_LATE = re.compile(rb"\xff[\xe0-\xef\xfe]")
"""COM or APPn behind the first scan. Entropy-coded data never holds these two bytes: an FF in it is followed by a byte
below 80 (JPEG-LS), by 00 or by a restart marker (JPEG)."""


class Cut(NamedTuple):
    """A range of a fragment that is left out, relative to the start of the fragment's content."""

    start: int
    end: int


def cuts(read: Read, fragment: Payload, frames: Frames) -> list[Cut]:
    """Return what to leave out of one fragment, in order.

    Raises
    ------
    InstanceRefused
        `frame-damaged` when the markers do not add up, `frame-comment-late` when a comment stands where it can't be
        cut, `frame-wrapped` for a JP2 file in place of a codestream.
    """
    if frames is Frames.JPEG:
        return _jpeg(read, fragment)
    if frames is Frames.JPEG_2000:
        return _jpeg_2000(read, fragment)
    return []


def _damaged() -> InstanceRefused:
    return refuse(
        "frame-damaged",
        "The markers of an encoded frame do not add up.",
        "Ask the source system to send the object again.",
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
    if head[:2] == _SOI:
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
            break
        # An FF at the very end of a piece may be the first half of a marker.
        step = len(piece) - (1 if piece.endswith(b"\xff") and position + len(piece) < size else 0)
        position += step
    return found


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
        if marker == 0xFE or (0xE0 <= marker <= 0xEF and not _needed(marker, head[position + 4 : end])):
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
    if head[4:8] == b"jP  ":
        raise refuse(
            "frame-wrapped",
            "A frame is a JP2 file instead of a codestream.",
            "Have the source system send the object uncompressed.",
        )
    if head[:2] != b"\xff\x4f":
        return []  # a further fragment of a frame: no header in it
    position = 2
    found: list[Cut] = []
    while True:
        if position + 4 > len(head):
            if len(head) >= fragment.length:
                raise _damaged()
            head = read(fragment.offset, min(2 * len(head), fragment.length))
            continue
        marker = head[position : position + 2]
        if marker == b"\xff\x90":
            _check_tile_parts(read, fragment, position)
            return found
        length = int.from_bytes(head[position + 2 : position + 4], "big")
        end = position + 2 + length
        if marker[0] != 0xFF or length < 2 or end > fragment.length:
            raise _damaged()
        if marker == b"\xff\x64":
            found.append(Cut(position, end))
        position = end


def _check_tile_parts(read: Read, fragment: Payload, position: int) -> None:
    """Refuse a comment in the header of a tile-part: cutting it would break the lengths that other segments state."""
    while position + 12 <= fragment.length:
        start = position
        header = read(fragment.offset + position, 12)
        if header[:2] != b"\xff\x90":
            return
        length = int.from_bytes(header[6:10], "big")
        position += 12
        while True:
            segment = read(fragment.offset + position, 4)
            if segment[:2] == b"\xff\x93":
                break
            if segment[:2] == b"\xff\x64":
                raise _late()
            size = int.from_bytes(segment[2:4], "big")
            if len(segment) < 4 or segment[0] != 0xFF or size < 2:
                raise _damaged()
            position += 2 + size
        if not length:
            return
        position = start + length
