"""Marker segments of JPEG, JPEG-LS and JPEG 2000 that may carry text.

ISO/IEC 10918-1 annex B, 14495-1, 15444-1 annex A. Only the header of a code stream is looked at, up to its first scan
or tile; what a comment behind it may say of the inputs is found by the search of all bytes.
"""

from collections.abc import Iterator

from workbench.verify.source import Bytes

_COM = 0xFE
_APP = range(0xE0, 0xF0)
_KNOWN = {0xE0: (b"JFIF\0", b"JFXX\0"), 0xEE: (b"Adobe",), 0xE8: (b"SPIFF\0", b"mrfx")}
_SOS = 0xDA
_SOD = 0x93
_SOT = 0x90
_J2K_COM = 0x64
_SIZ = 0x51
_FRAME_HEADERS = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}
_STANDALONE = {0x01, 0xD8, 0x4F, *range(0xD0, 0xD8)}
_EOI = b"\xff\xd9"
_JP2 = b"\0\0\0\x0cjP"


def carries_text(data: Bytes, offset: int, length: int) -> bool:
    """Whether a coded frame holds a comment or unknown application data, or is wrapped in a JP2 file, which may.

    JFIF, Adobe (colour transform) and SPIFF segments belong to decoding and may stay. Fragments that do not begin a
    code stream have no header.
    """
    return data.read(offset, 6) == _JP2 or any(True for _segment in text_segments(data, offset, length))


def text_segments(data: Bytes, offset: int, length: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the segments of a fragment that may carry text, relative to its begin."""
    start = data.read(offset, 2)
    if start not in (b"\xff\x4f", b"\xff\xd8"):
        return
    for marker, begin, end, head in _segments(
        data, offset, length, last=(_SOT, _SOD) if start == b"\xff\x4f" else (_SOS,)
    ):
        if start == b"\xff\x4f":
            text = marker == _J2K_COM
        else:
            text = marker == _COM or (marker in _APP and not head.startswith(_KNOWN.get(marker, ())))
        if text:
            yield begin, end


def precision(data: Bytes, offset: int, length: int) -> int | None:
    """Return the bits of a sample that a code stream holds, None when it does not say.

    The frame header of JPEG and JPEG-LS (ISO/IEC 10918-1 B.2.2), of JPEG 2000 the largest of all components (15444-1
    A.5.1).
    """
    start = data.read(offset, 2)
    if start not in (b"\xff\x4f", b"\xff\xd8"):
        return None
    last = (_SOT, _SOD) if start == b"\xff\x4f" else (_SOS,)
    for marker, begin, end, head in _segments(data, offset, length, last=last):
        if start == b"\xff\xd8" and marker in _FRAME_HEADERS:
            return head[0] if head else None
        if start == b"\xff\x4f" and marker == _SIZ:
            components = data.read(offset + begin + 40, max(0, end - begin - 40))
            return max(((each & 0x7F) + 1 for each in components[::3]), default=None)
    return None


def _segments(data: Bytes, offset: int, length: int, *, last: tuple[int, ...]) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield marker, begin, end and first bytes of each segment before one of the `last` markers."""
    position = 2
    base, window = 0, data.read(offset, min(length, 4096))
    while position + 4 <= length:
        if position + 24 > base + len(window) and base + len(window) < length:
            base, window = position, data.read(offset + position, min(length - position, 4096))
        head = window[position - base : position - base + 24]
        if len(head) < 4 or head[0] != 0xFF or head[1] in last:
            return
        if head[1] == 0xFF:
            position += 1
        elif head[1] in _STANDALONE:
            position += 2
        else:
            end = position + 2 + int.from_bytes(head[2:4], "big")
            yield head[1], position, end, head[4:]
            position = end


def same_picture(one: Bytes, first: tuple[int, int], two: Bytes, second: tuple[int, int]) -> bool:
    """Whether two fragments (offset, length) differ only in comments and in bytes behind the end."""
    return _bare(one, *first) == _bare(two, *second)


def _bare(data: Bytes, offset: int, length: int) -> bytes:
    content = data.read(offset, length)
    parts, position = [], 0
    for begin, end in text_segments(data, offset, length):
        parts.append(content[position:begin])
        position = end
    end = content.rfind(_EOI) + 2
    parts.append(content[position : end if end > position else len(content)])
    return b"".join(parts).rstrip(b"\0")
