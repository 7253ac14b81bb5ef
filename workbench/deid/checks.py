"""Whether a value may stay that no row names: well-formed for its VR (PS3.5 6.2) and without free words.

The profile's answer to "not listed" is `check`: keep what is plainly technical, drop what could be anything.
"""

import re
from collections.abc import Callable
from typing import Final

from workbench.text.known_terms import known_value

_DECIMAL: Final = re.compile(rb" *[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})? *")
_INTEGER: Final = re.compile(rb" *[+-]?\d{1,12} *")
_AGE: Final = re.compile(rb"\d{3}[DWM]|0[0-8]\dY")
"""No age from 90 on (45 CFR 164.514(b)(2)(i)(C))."""

_LARGEST: Final = 2**31 - 1
"""PS3.5 table 6.2-1. What is larger is no count of anything; telephone numbers are."""
_CODE_STRING: Final = re.compile(rb"[A-Z0-9_ ]{0,16}")


def _each(pattern: re.Pattern[bytes], limit: int) -> Callable[[bytes], bool]:
    def check(value: bytes) -> bool:
        return all(
            len(part) <= limit and (not part.strip(b" ") or pattern.fullmatch(part))
            for part in value.rstrip(b" \0").split(b"\\")
        )

    return check


_decimal = _each(_DECIMAL, 17)
_integer_form = _each(_INTEGER, 13)
_age = _each(_AGE, 4)
_code = _each(_CODE_STRING, 17)


def _integer(value: bytes) -> bool:
    return _integer_form(value) and all(
        abs(int(part)) <= _LARGEST for part in value.rstrip(b" \0").split(b"\\") if part.strip(b" ")
    )


TEXT_VRS: Final = frozenset({b"LO", b"LT", b"SH", b"ST", b"UC", b"UT"})

_FORMS: Final[dict[bytes, Callable[[bytes], bool]]] = {
    b"AS": _age,
    b"CS": _code,
    b"DS": _decimal,
    b"IS": _integer,
    **dict.fromkeys(TEXT_VRS, bytes.isascii),
}
_OF_WORDS: Final = TEXT_VRS | {b"CS"}

SIZES: Final[dict[bytes, int]] = {
    b"AT": 4,
    b"FD": 8,
    b"FL": 4,
    b"OB": 1,
    b"OD": 8,
    b"OF": 4,
    b"OL": 4,
    b"OV": 8,
    b"OW": 2,
    b"SL": 4,
    b"SS": 2,
    b"SV": 8,
    b"UL": 4,
    b"US": 2,
    b"UV": 8,
}
"""Bytes of one value; a binary value of another length is damaged and does not stay."""

_CHARACTER_SETS: Final = frozenset(
    {
        *(b"", b"ISO_IR 192", b"GB18030", b"GBK", b"ISO 2022 GBK", b"ISO 2022 B5", b"ISO_IR 6", b"ISO 2022 IR 6"),
        *(b"ISO 2022 IR " + number for number in (b"58", b"87", b"149", b"159")),
        *(
            form + number
            for form in (b"ISO_IR ", b"ISO 2022 IR ")
            for number in (
                b"13",
                b"100",
                b"101",
                b"109",
                b"110",
                b"126",
                b"127",
                b"138",
                b"144",
                b"148",
                b"166",
                b"203",
            )
        ),
    }
)
"""Defined terms of Specific Character Set (PS3.3 C.12.1.1.2), and names that older objects carry."""


def is_character_set(value: bytes) -> bool:
    """Whether a value of Specific Character Set is made of defined terms only."""
    return all(part.strip(b" \0") in _CHARACTER_SETS for part in value.split(b"\\"))


_ENUMERATED: Final[dict[int, frozenset[bytes]]] = {
    0x0040A010: frozenset(
        {
            *(b"CONTAINS", b"HAS PROPERTIES", b"HAS OBS CONTEXT", b"HAS ACQ CONTEXT"),
            *(b"INFERRED FROM", b"SELECTED FROM", b"HAS CONCEPT MOD"),
        }
    ),
    0x00700294: frozenset(
        {
            *(b"MULTILINE", b"INFINITELINE", b"CUTLINE", b"RANGELINE", b"RULER", b"AXIS", b"CROSSHAIR"),
            *(b"ARROW", b"RECTANGLE", b"ELLIPSE"),
        }
    ),
}
"""Relationship Type and Compound Graphic Type (PS3.3 C.17.3.2.4, C.10.5): structure that has to stay as it is."""

_FEW: Final = 3
_SHORTEST_TEXT: Final = 6
_LONGEST_TEXT: Final = 4096
"""Characters, and bytes, of a value that is read as text in other scripts than that of ASCII."""
_PRINTABLE: Final = re.compile(rb"[ -~]{6,}\0*")


def may_stay(tag: int, vr: bytes, value: bytes) -> bool:
    """Whether a value is well-formed for its VR and, where it is made of words, made of known ones only.

    A VR that has no form here never passes.
    """
    if vr in SIZES:
        return not len(value) % SIZES[vr] and not looks_like_text(value)
    if tag in _ENUMERATED and vr == b"CS" and value.strip(b" \0") in _ENUMERATED[tag]:
        return True
    form = _FORMS.get(vr)
    if form is None or not form(value):
        return False
    return vr not in _OF_WORDS or known_value(tag, vr.decode("ascii"), value.decode("ascii").strip(" \0"))


def looks_like_text(value: bytes) -> bool:
    """Whether a binary value is all printable characters: numbers of that kind do not occur, hidden text does.

    A few numbers again and again are no text: a flat line of eight-bit samples is not. Other scripts count as well, in
    UTF-8.
    """
    if len(set(value)) <= _FEW:
        return False
    return _PRINTABLE.fullmatch(value) is not None or _is_utf8(value)


def _is_utf8(value: bytes) -> bool:
    if len(value) > _LONGEST_TEXT or value.isascii():
        return False
    try:
        text = value.decode("utf-8").rstrip("\0 ")
    except UnicodeError:
        return False
    letters = sum(character.isalpha() or character == " " for character in text)
    return len(text) >= _SHORTEST_TEXT and text.isprintable() and 2 * letters > len(text)
