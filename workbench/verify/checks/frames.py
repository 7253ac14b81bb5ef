"""Marker segments of JPEG, JPEG-LS and JPEG 2000 that may carry text.

ISO/IEC 10918-1 annex B, 14495-1, 15444-1 annex A.
"""

from workbench.verify.source import Bytes

_COM = 0xFE
_APP = range(0xE0, 0xF0)
_KNOWN = {0xE0: (b"JFIF\0", b"JFXX\0"), 0xEE: (b"Adobe",), 0xE8: (b"SPIFF\0", b"mrfx")}
_SOS = 0xDA
_SOD = 0x93
_SOT = 0x90
_J2K_COM = 0x64
_STANDALONE = {0x01, 0xD8, 0x4F, *range(0xD0, 0xD8)}


def carries_text(data: Bytes, offset: int, length: int) -> bool:
    """Whether the main header of a coded frame holds a comment or unknown application data.

    JFIF, Adobe (colour transform) and SPIFF segments belong to decoding and may stay. Fragments that do not begin a
    code stream have no header.
    """
    start = data.read(offset, 2)
    if start == b"\xff\x4f":
        return _walk(data, offset, length, jpeg_2000=True)
    return start == b"\xff\xd8" and _walk(data, offset, length, jpeg_2000=False)


def _walk(data: Bytes, offset: int, length: int, *, jpeg_2000: bool) -> bool:
    end = offset + length
    position = offset + 2
    base, window = offset, data.read(offset, min(length, 4096))
    while position + 4 <= end:
        if position + 24 > base + len(window) and base + len(window) < end:
            base, window = position, data.read(position, min(end - position, 4096))
        at = position - base
        head = window[at : at + 24]
        if len(head) < 4 or head[0] != 0xFF:
            return False
        marker = head[1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _STANDALONE:
            position += 2
            continue
        if marker in ((_SOT, _SOD) if jpeg_2000 else (_SOS,)):
            return False
        if jpeg_2000 and marker == _J2K_COM:
            return True
        if not jpeg_2000 and (marker == _COM or (marker in _APP and not head[4:].startswith(_KNOWN.get(marker, ())))):
            return True
        position += 2 + int.from_bytes(head[2:4], "big")
    return False
