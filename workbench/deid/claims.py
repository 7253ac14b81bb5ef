"""What an output says of its own de-identification (PS3.15 E.1.1 steps 5 to 7, PS3.3 C.12.1.4.1.1, CID 7050)."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from workbench import __version__
from workbench.dicom.encode import element, sequence
from workbench.records.code import Code

PATIENT_IDENTITY_REMOVED: Final = 0x00120062
METHOD: Final = 0x00120063
METHOD_CODES: Final = 0x00120064
LONGITUDINAL: Final = 0x00280303

ORIGIN: Final = "claim of this de-identification"


class Claim(NamedTuple):
    """An element as it is written, and its value as a Change tells it (of the code sequence: codes and meanings)."""

    element: bytes
    value: bytes


def claims(
    *,
    profile: str,
    version: int,
    digest: str,
    codes: Sequence[Code],
    longitudinal: str,
    explicit: bool,
) -> dict[int, Claim]:
    """Return what says, by tag, what was done. They replace what a former de-identifier claimed.

    A former claim is not repeated: whether it is still true of this output is not known.
    """
    # The digest fills a whole value of LO; the pad byte must fall on another one.
    method = f"deid-workbench {__version__}\\{digest}\\{profile} version {version}".encode()
    items = [
        element(0x00080100, b"SH", code.value.encode(), explicit=explicit)
        + element(0x00080102, b"SH", code.scheme.encode(), explicit=explicit)
        + element(0x00080104, b"LO", code.meaning.encode(), explicit=explicit)
        for code in codes
    ]
    values = {
        PATIENT_IDENTITY_REMOVED: (b"CS", b"YES"),
        METHOD: (b"LO", method),
        LONGITUDINAL: (b"CS", longitudinal.encode()),
    }
    said = {tag: Claim(element(tag, vr, value, explicit=explicit), value) for tag, (vr, value) in values.items()}
    names = b", ".join(f"{code.value} {code.meaning}".encode() for code in codes)
    return said | {METHOD_CODES: Claim(sequence(METHOD_CODES, items, explicit=explicit), names)}
