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


def check_syntax(uid: str) -> bool:
    """Return whether the data set is in explicit VR.

    Raises
    ------
    InstanceRefused
        `transfer-syntax-deflated`, `transfer-syntax-big-endian` or `transfer-syntax-unknown`.
    """
    if uid == IMPLICIT_LITTLE:
        return False
    if uid == EXPLICIT_LITTLE or uid in ENCAPSULATED:
        return True
    if uid == DEFLATED:
        raise refuse(
            "transfer-syntax-deflated",
            "Deflated data sets are not read by this version.",
            "Have the source system send the object in Explicit VR Little Endian.",
        )
    if uid == EXPLICIT_BIG:
        raise refuse(
            "transfer-syntax-big-endian",
            "Big endian data sets are not read by this version.",
            "Have the source system send the object in Explicit VR Little Endian.",
        )
    raise refuse(
        "transfer-syntax-unknown",
        "The transfer syntax of the file is missing or not one that is read.",
        "Have the source system send the object in Explicit VR Little Endian.",
    )
