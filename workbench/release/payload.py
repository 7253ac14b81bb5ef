"""Where the pixel payload of an instance lies, and its digest. Memory does not grow with the payload.

The payload is the value field of Pixel Data, Float Pixel Data or Double Float Pixel Data (PS3.5 section 8.1 and A.4):
native, all its bytes; encapsulated, the items with their headers, up to the Sequence Delimitation Item. The same bytes
in an original and in its de-identified copy give the same digest.
"""

import hashlib
import struct
from typing import BinaryIO

from workbench.records.errors import IntegrityBroken

_ITEM = b"\xfe\xff\x00\xe0"
_DELIMITER = b"\xfe\xff\xdd\xe0"
_PIXEL_GROUP = 0x7FE0
_PAYLOADS = (0x0008, 0x0009, 0x0010)
_UNDEFINED = 0xFFFFFFFF
_CHUNK = 1 << 20


def payload_digest(file: BinaryIO, *, implicit: bool) -> str | None:
    """Return the SHA-256 of the pixel payload, or None when the instance has none.

    `file` stands at the first element of group 7FE0 or later (little endian). Raises `IntegrityBroken` when lengths
    lead out of the file: such an instance was never verified.
    """
    while True:
        head = file.read(8)
        if len(head) < 8:
            return None
        group, number = struct.unpack("<HH", head[:4])
        length = _length(file, head, implicit=implicit)
        if group != _PIXEL_GROUP:
            return None
        if number in _PAYLOADS:
            digest = hashlib.sha256()
            if length == _UNDEFINED:
                _add_items(file, digest)
            else:
                _add(file, digest, length)
            return digest.hexdigest()
        file.seek(length, 1)  # offset tables (7FE0,0001) and (7FE0,0002) have defined lengths


def _length(file: BinaryIO, head: bytes, *, implicit: bool) -> int:
    if implicit:
        return int.from_bytes(head[4:8], "little")
    if head[4:6] in (b"OB", b"OW", b"OF", b"OD", b"OV", b"OL", b"UN", b"SQ", b"UC", b"UR", b"UT", b"SV", b"UV"):
        return int.from_bytes(file.read(4), "little")
    return int.from_bytes(head[6:8], "little")


def _add_items(file: BinaryIO, digest: "hashlib._Hash") -> None:
    while (head := file.read(8))[:4] != _DELIMITER:
        if head[:4] != _ITEM:
            raise _broken()
        digest.update(head)
        _add(file, digest, int.from_bytes(head[4:8], "little"))


def _add(file: BinaryIO, digest: "hashlib._Hash", length: int) -> None:
    while length:
        part = file.read(min(length, _CHUNK))
        if not part:
            raise _broken()
        digest.update(part)
        length -= len(part)


def _broken() -> IntegrityBroken:
    return IntegrityBroken(
        "instance-malformed",
        "An instance to release is not well-formed DICOM.",
        "Prepare its study again; the verified output was damaged.",
    )
