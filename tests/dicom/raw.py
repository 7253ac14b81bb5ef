"""Raw bytes of DICOM files, written without the product: what is under test must not help to build its own input."""

import struct

EXPLICIT = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"
JPEG = "1.2.840.10008.1.2.4.50"
LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
UNDEFINED = 0xFFFFFFFF
CT = b"1.2.840.10008.5.1.4.1.1.2"


def head(tag: int, vr: bytes, length: int, *, explicit: bool = True) -> bytes:
    group, number = tag >> 16, tag & 0xFFFF
    if not explicit:
        return struct.pack("<HHI", group, number, length)
    if vr in LONG:
        return struct.pack("<HH2sHI", group, number, vr, 0, length)
    return struct.pack("<HH2sH", group, number, vr, length)


def element(tag: int, vr: bytes, value: bytes, *, explicit: bool = True) -> bytes:
    if len(value) % 2:
        value += b"\0" if vr in (b"UI", b"OB", b"UN") else b" "
    return head(tag, vr, len(value), explicit=explicit) + value


def item(content: bytes, *, defined: bool = True) -> bytes:
    if defined:
        return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content
    return struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED) + content + struct.pack("<HHI", 0xFFFE, 0xE00D, 0)


def sequence(tag: int, *items: bytes, defined: bool = True, vr: bytes = b"SQ", explicit: bool = True) -> bytes:
    content = b"".join(items)
    if defined:
        return head(tag, vr, len(content), explicit=explicit) + content
    return head(tag, vr, UNDEFINED, explicit=explicit) + content + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def fragments(*contents: bytes, vr: bytes = b"OB", table: bytes = b"") -> bytes:
    body = b"".join(item(content) for content in (table, *contents))
    return head(0x7FE00010, vr, UNDEFINED) + body + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def file(data_set: bytes, *, syntax: str = EXPLICIT, preamble: bytes = bytes(128), more_meta: bytes = b"") -> bytes:
    body = (
        element(0x00020001, b"OB", b"\0\1")
        + element(0x00020002, b"UI", CT)
        + element(0x00020003, b"UI", b"1.2.3.4")
        + element(0x00020010, b"UI", syntax.encode())
        + more_meta
    )
    return preamble + b"DICM" + element(0x00020000, b"UL", struct.pack("<I", len(body))) + body + data_set


def instance(
    *extra: bytes,
    sop_class: bytes = CT,
    sop: bytes = b"1.2.3.4",
    study: bytes = b"1.2.3.1",
    series: bytes = b"1.2.3.2",
    patient: bytes = b"MRN-4711",
    name: bytes = b"Mustermann^Erika",
    explicit: bool = True,
) -> bytes:
    """A data set with identity, `extra` elements sorted in by tag."""
    own = [
        element(0x00080016, b"UI", sop_class, explicit=explicit),
        element(0x00080018, b"UI", sop, explicit=explicit),
        element(0x00080060, b"CS", b"CT", explicit=explicit),
        element(0x00100010, b"PN", name, explicit=explicit),
        element(0x00100020, b"LO", patient, explicit=explicit),
        element(0x0020000D, b"UI", study, explicit=explicit),
        element(0x0020000E, b"UI", series, explicit=explicit),
    ]
    given = {tag_of(piece): piece for piece in own} | {tag_of(piece): piece for piece in extra}
    return b"".join(given[tag] for tag in sorted(given))


def in_order(pieces: list[bytes]) -> bytes:
    by_tag = {tag_of(piece): piece for piece in pieces}
    return b"".join(by_tag[tag] for tag in sorted(by_tag))


def tag_of(piece: bytes) -> int:
    group, number = struct.unpack_from("<HH", piece)
    return int(group << 16 | number)
