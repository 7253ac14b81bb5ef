"""Whether a value may stay that no row names: well-formed for its VR (PS3.5 6.2) and without free words.

The profile's answer to "not listed" is `check`: keep what is plainly technical, drop what could be anything.
"""

import re
from collections.abc import Callable
from typing import Final

from workbench.text.known_terms import known, known_code_string

_DECIMAL: Final = re.compile(rb" *[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})? *")
_INTEGER: Final = re.compile(rb" *[+-]?\d{1,12} *")
_AGE: Final = re.compile(rb"\d{3}[DWMY]")
_CODE_STRING: Final = re.compile(rb"[A-Z0-9_ ]{0,16}")


def _each(pattern: re.Pattern[bytes], limit: int) -> Callable[[bytes], bool]:
    def check(value: bytes) -> bool:
        return all(
            len(part) <= limit and (not part.strip(b" ") or pattern.fullmatch(part))
            for part in value.rstrip(b" \0").split(b"\\")
        )

    return check


_decimal = _each(_DECIMAL, 17)
_integer = _each(_INTEGER, 13)
_age = _each(_AGE, 4)
_code = _each(_CODE_STRING, 17)


def _code_string(value: bytes) -> bool:
    return _code(value) and known_code_string(value.decode("ascii").rstrip(" \0"))


def _text(value: bytes) -> bool:
    if not value.isascii():
        return False
    return known(value.decode("ascii").strip(" \0"))


CHECKS: Final[dict[bytes, Callable[[bytes], bool]]] = {
    b"AS": _age,
    b"CS": _code_string,
    b"DS": _decimal,
    b"IS": _integer,
    b"LO": _text,
    b"LT": _text,
    b"SH": _text,
    b"ST": _text,
    b"UC": _text,
    b"UT": _text,
}
"""By VR. A VR that is not here never passes."""

_PRINTABLE: Final = re.compile(rb"[ -~]{6,}\0*")


def looks_like_text(value: bytes) -> bool:
    """Whether a binary value is all printable characters: numbers of that kind do not occur, hidden text does."""
    return _PRINTABLE.fullmatch(value) is not None


SIZES: Final[dict[bytes, int]] = {
    b"AT": 4,
    b"FD": 8,
    b"FL": 4,
    b"OD": 8,
    b"OF": 4,
    b"OL": 4,
    b"OV": 8,
    b"SL": 4,
    b"SS": 2,
    b"SV": 8,
    b"UL": 4,
    b"US": 2,
    b"UV": 8,
}
"""Bytes of one value; a binary value of another length is damaged and does not stay."""
