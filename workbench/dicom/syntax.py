"""Transfer syntaxes that are read (PS3.5 annex A, PS3.6 annex A). What is not named here is refused by name."""

from enum import StrEnum

from workbench.dicom.elements import refuse

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"


class Frames(StrEnum):
    """How the frames of an encapsulated syntax are coded, as far as their marker segments matter."""

    JPEG = "jpeg"
    JPEG_2000 = "jpeg 2000"
    JPEG_XL = "jpeg xl"
    RLE = "rle"
    NATIVE = "native"


_JPEG = {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70, 80, 81)}
_JPEG_2000 = {f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 92, 93, 201, 202, 203)}
_JPEG_XL = {f"1.2.840.10008.1.2.4.{number}" for number in (110, 111, 112)}

ENCAPSULATED: dict[str, Frames] = {
    **dict.fromkeys(_JPEG, Frames.JPEG),
    **dict.fromkeys(_JPEG_2000, Frames.JPEG_2000),
    **dict.fromkeys(_JPEG_XL, Frames.JPEG_XL),
    "1.2.840.10008.1.2.5": Frames.RLE,
    "1.2.840.10008.1.2.1.98": Frames.NATIVE,
}
"""Encapsulated syntaxes in reach. JPEG-LS uses JPEG's markers. Video is not in reach: its streams carry user data."""

DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
"""Deflated Image Frame Compression (PS3.5 A.4.15): its frames would have to be inflated to say what else is in them."""

REFERENCED = frozenset({f"1.2.840.10008.1.2.4.{number}" for number in (94, 95, 204, 205)})
"""JPIP Referenced, deflated or not: the pixels are not in the file, and the address where they are names the sender."""

VIDEO = frozenset({f"1.2.840.10008.1.2.4.{number}{part}" for number in range(100, 109) for part in ("", ".1")})
"""MPEG-2, MPEG-4 and HEVC: user data and SEI may hold names, and sound may hold voices."""


def check_syntax(uid: str) -> bool:
    """Return whether the data set is in explicit VR.

    Deflated and big endian data sets do not come here: `dicom.source` converts them first.

    Raises
    ------
    InstanceRefused
        `transfer-syntax-frames-deflated`, `transfer-syntax-referenced`, `transfer-syntax-video` or
        `transfer-syntax-unknown`.
    """
    if uid == IMPLICIT_LITTLE:
        return False
    if uid == EXPLICIT_LITTLE or uid in ENCAPSULATED:
        return True
    hint = "Have the source system send the object in Explicit VR Little Endian."
    if uid == DEFLATED_FRAMES:
        raise refuse("transfer-syntax-frames-deflated", "Deflated frames are not read by this version.", hint)
    if uid in REFERENCED:
        raise refuse("transfer-syntax-referenced", "The pixels of the object lie on a server, not in the file.", hint)
    if uid in VIDEO:
        raise refuse(
            "transfer-syntax-video",
            "The object is a video: its stream carries user data and sound, which this version can't remove.",
            "Leave the object out, or have the source system send its frames as images.",
        )
    raise refuse("transfer-syntax-unknown", "The transfer syntax of the file is missing or not one that is read.", hint)
