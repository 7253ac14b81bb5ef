"""Elements back to bytes, little endian, defined lengths, even values (PS3.5 section 7.1)."""

from struct import Struct

from workbench.dicom.elements import LONG
from workbench.dicom.syntax import EXPLICIT_LITTLE
from workbench.records.errors import InstanceRefused

_short = Struct("<HH2sH").pack
_long = Struct("<HH2sHI").pack
_implicit = Struct("<HHI").pack
_item = Struct("<HHI").pack

PAD = dict.fromkeys((b"UI", b"OB", b"UN"), b"\0")

PREAMBLE = bytes(128)

IMPLEMENTATION_CLASS_UID = "2.25.139408287150329420936722119307742370853"
IMPLEMENTATION_VERSION_NAME = "WORKBENCH_01"


def header(tag: int, vr: bytes, length: int, *, explicit: bool) -> bytes:
    """Return the header of an element; `length` may be 0xFFFFFFFF.

    Raises
    ------
    InstanceRefused
        When the value is too long for the VR.
    """
    if not explicit:
        return _implicit(tag >> 16, tag & 0xFFFF, length)
    if vr in LONG:
        return _long(tag >> 16, tag & 0xFFFF, vr, 0, length)
    if length > 0xFFFF:
        raise InstanceRefused(
            "value-too-long",
            "A value does not fit its value representation.",
            "Have an administrator look at the object.",
        )
    return _short(tag >> 16, tag & 0xFFFF, vr, length)


def element(tag: int, vr: bytes, value: bytes, *, explicit: bool) -> bytes:
    """Return a whole element, its value padded to even length."""
    if len(value) & 1:
        value += PAD.get(vr, b" ")
    return header(tag, vr, len(value), explicit=explicit) + value


def item(content: bytes) -> bytes:
    """Return an item of defined length."""
    return _item(0xFFFE, 0xE000, len(content)) + content


def sequence(tag: int, items: list[bytes], *, explicit: bool) -> bytes:
    """Return a sequence of defined length; `items` are the contents of its items."""
    value = b"".join([item(content) for content in items])
    return header(tag, b"SQ", len(value), explicit=explicit) + value


def file_meta(*, sop_class: bytes, sop_instance: bytes, syntax: str) -> bytes:
    """Return preamble, prefix and file meta information made from nothing (PS3.10 section 7.1).

    Nothing of the input's group 0002 survives but the transfer syntax.
    """
    body = b"".join(
        [
            element(0x00020001, b"OB", b"\0\1", explicit=True),
            element(0x00020002, b"UI", sop_class, explicit=True),
            element(0x00020003, b"UI", sop_instance, explicit=True),
            element(0x00020010, b"UI", (syntax or EXPLICIT_LITTLE).encode(), explicit=True),
            element(0x00020012, b"UI", IMPLEMENTATION_CLASS_UID.encode(), explicit=True),
            element(0x00020013, b"SH", IMPLEMENTATION_VERSION_NAME.encode(), explicit=True),
        ],
    )
    length = element(0x00020000, b"UL", len(body).to_bytes(4, "little"), explicit=True)
    return PREAMBLE + b"DICM" + length + body
