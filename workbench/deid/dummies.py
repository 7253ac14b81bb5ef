"""Dummy values: not empty, valid for their VR, the same for everybody (PS3.15 E.1.1, action D)."""

from pathlib import Path
from typing import Final

TEXT: Final = b"REMOVED"

BY_VR: Final[dict[bytes, bytes]] = {
    b"AE": TEXT,
    b"AS": b"000D",
    b"AT": bytes(4),
    b"CS": TEXT,
    b"DA": b"19000101",
    b"DS": b"0",
    b"DT": b"19000101000000",
    b"FD": bytes(8),
    b"FL": bytes(4),
    b"IS": b"0",
    b"LO": TEXT,
    b"LT": TEXT,
    b"OB": bytes(2),
    b"OD": bytes(8),
    b"OF": bytes(4),
    b"OL": bytes(4),
    b"OV": bytes(8),
    b"OW": bytes(2),
    b"PN": TEXT,
    b"SH": TEXT,
    b"SL": bytes(4),
    b"SS": bytes(2),
    b"ST": TEXT,
    b"SV": bytes(8),
    b"TM": b"000000",
    b"UC": TEXT,
    b"UL": bytes(4),
    b"UN": b"",
    b"UR": b"urn:removed",
    b"US": bytes(2),
    b"UT": TEXT,
    b"UV": bytes(8),
}
"""By VR. 1900 and not 0001: a year before 1900 is an error to validators. UIDs have no dummy: they are remapped."""


def srgb_profile() -> bytes:
    """Return a plain sRGB profile (PS3.3 C.11.15), for the objects that must have one."""
    return (Path(__file__).parent / "data" / "srgb.icc").read_bytes()


def blank_pdf() -> bytes:
    """Return a PDF of one empty page (PS3.3 A.45.1), padded to even length."""
    bodies = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    return out + b"\n" * (len(out) & 1)
