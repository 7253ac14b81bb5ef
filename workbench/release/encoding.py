"""Explicit VR Little Endian, written: just enough for a DICOMDIR (PS3.5 section 7.1.2)."""

import struct

LONG_VRS = frozenset({"OB", "SQ", "UN", "UT", "UC", "UR"})
_PAD = {"UI": b"\0", "OB": b"\0"}


def element(tag: int, vr: str, value: bytes) -> bytes:
    """Return one data element, its value padded to even length as its VR demands."""
    if len(value) % 2:
        value += _PAD.get(vr, b" ")
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode("ascii")
    if vr in LONG_VRS:
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def item(content: bytes) -> bytes:
    """Return one sequence item of defined length (PS3.5 section 7.5)."""
    return b"\xfe\xff\x00\xe0" + struct.pack("<I", len(content)) + content


def ulong(tag: int, value: int) -> bytes:
    """Return an element of VR UL."""
    return element(tag, "UL", struct.pack("<I", value))


def ushort(tag: int, value: int) -> bytes:
    """Return an element of VR US."""
    return element(tag, "US", struct.pack("<H", value))
