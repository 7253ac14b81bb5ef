"""Marker segments of JPEG and JPEG-LS frames (ISO/IEC 10918-1 B, 14495-1 C)."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from workbench.records.errors import InstanceRefused

_APPLICATION: Final = frozenset({*range(0xE0, 0xF0), 0xFE})
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_START_OF_FRAME: Final = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN: Final = 0xDA
_START_OF_IMAGE: Final = b"\xff\xd8"


class Segment(NamedTuple):
    """A marker segment: from the FF of its marker to the end of its content."""

    marker: int
    start: int
    end: int


class Header(NamedTuple):
    """What a frame says of itself. `components` are their identifiers, `sampling` their factors as they are written."""

    marker: int
    precision: int
    rows: int
    columns: int
    components: bytes
    sampling: bytes


def segments(frame: bytes) -> Iterator[Segment]:
    """Yield the segments up to and including the header of the first scan.

    Raises
    ------
    InstanceRefused
        `frame-damaged`.
    """
    position = 2
    while frame[:2] == _START_OF_IMAGE and position + 4 <= len(frame):
        if frame[position] != 0xFF:
            break
        marker = frame[position + 1]
        if marker == 0xFF or marker in _STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        end = position + 2 + int.from_bytes(frame[position + 2 : position + 4], "big")
        if end > len(frame) or end < position + 4:
            break
        yield Segment(marker, position, end)
        if marker == _START_OF_SCAN:
            return
        position = end
    raise damaged()


def header(frame: bytes) -> Header:
    """Return what the frame header says.

    Raises
    ------
    InstanceRefused
        `frame-damaged`.
    """
    for marker, start, end in segments(frame):
        if marker in _START_OF_FRAME:
            content = frame[start + 4 : end]
            if len(content) < 6 or len(content) != 6 + 3 * content[5]:
                break
            return Header(
                marker,
                content[0],
                int.from_bytes(content[1:3], "big"),
                int.from_bytes(content[3:5], "big"),
                content[6::3],
                content[7::3],
            )
    raise damaged()


def scan_components(frame: bytes) -> int:
    """Return how many components the first scan holds.

    Raises
    ------
    InstanceRefused
        `frame-damaged`.
    """
    *_before, (_marker, start, _end) = segments(frame)
    return frame[start + 4]


def with_application_segments(of: bytes, written: bytes) -> bytes:
    """Return a newly written frame with the application segments, comments and component identifiers of another one.

    Decoders tell by them how samples become colours, so they stay what they were.
    """
    identifiers = dict(zip(header(written).components, header(of).components, strict=True))
    parts = [_START_OF_IMAGE, *(of[start:end] for marker, start, end in segments(of) if marker in _APPLICATION)]
    behind = 2
    for marker, start, end in segments(written):
        behind = end
        if marker in _APPLICATION:
            continue
        content = bytearray(written[start:end])
        if marker in _START_OF_FRAME:
            content[10::3] = bytes(identifiers[each] for each in content[10::3])
        elif marker == _START_OF_SCAN:
            for index in range(content[4]):
                content[5 + 2 * index] = identifiers[content[5 + 2 * index]]
        parts.append(bytes(content))
    return b"".join([*parts, written[behind:]])


def damaged() -> InstanceRefused:
    """Return the refusal of a frame that can't be decoded."""
    return InstanceRefused(
        "frame-damaged", "A frame is damaged and can't be decoded.", "Ask the source system to send the object again."
    )


def contradicted() -> InstanceRefused:
    """Return the refusal of a frame that contradicts the header of its object."""
    return InstanceRefused(
        "frame-description",
        "A frame is not what the header says of it.",
        "Have the source system repair the object.",
    )
