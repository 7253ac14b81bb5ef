"""UIDs that belong to everybody: those that PS3.6 annex A registers, and those of published code systems.

The root of DICOM alone proves nothing. Devices make up instance UIDs below it, and anything may be written behind it.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

_ROOT: Final = "1.2.840.10008."
_CONTEXT_GROUP: Final = re.compile(r"1\.2\.840\.10008\.6\.1\.[1-9]\d{0,3}")
_CLASS: Final = re.compile(r"1\.2\.840\.10008\.5\.1\.4(?:\.[1-9]\d{0,2}){2,6}")
_CODE_SYSTEM: Final = re.compile(
    r"2\.16\.840\.1\.113883\.(?:(?:5|6|12)\.[1-9]\d{0,3}(?:\.[1-9]\d{0,2})?|3\.26\.1\.1|3\.7\.1)"
)


@cache
def _registered() -> frozenset[str]:
    lines = (Path(__file__).parent / "data" / "uids.txt").read_text(encoding="utf-8").splitlines()[1:]
    return frozenset(_ROOT + line for line in lines)


def is_registered(uid: str) -> bool:
    """Tell whether PS3.6 annex A has this UID, or it is that of a context group of PS3.16 (1.2.840.10008.6.1.n)."""
    return uid.startswith(_ROOT) and (uid in _registered() or _CONTEXT_GROUP.fullmatch(uid) is not None)


def is_common(uid: str) -> bool:
    """Tell whether a UID of a class, a syntax or a coding scheme is a registered one.

    True besides `is_registered` for classes that are younger than this edition (by their place below
    1.2.840.10008.5.1.4) and for the code systems that HL7 registers (2.16.840.1.113883.5, .6, .12; PS3.16 8-1).
    """
    return is_registered(uid) or _CLASS.fullmatch(uid) is not None or _CODE_SYSTEM.fullmatch(uid) is not None
