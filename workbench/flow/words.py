"""Raw values and rules as people read them."""

import struct
from typing import Final

from workbench.profiles import words

_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
_BYTES: Final = frozenset({"OB", "OW", "OF", "OD", "OL", "OV", "UN"})
_LONGEST = 400
_MOST_NUMBERS = 16


def shown_value(value: bytes | None, vr: str | None) -> str:
    """Return a raw value as text: numbers as numbers, bytes as their count, everything else decoded and shortened."""
    if not value:
        return ""
    kind = (vr or "UN").split(" ")[0]
    if kind in _NUMBERS:
        return _numbers(value, _NUMBERS[kind])
    if kind == "AT":
        pairs = struct.iter_unpack("<HH", value[: len(value) // 4 * 4])
        return ", ".join(f"({group:04X},{element:04X})" for group, element in list(pairs)[:_MOST_NUMBERS])
    if kind == "SQ":
        return "a sequence"
    if kind in _BYTES and not value.rstrip(b"\0 ").isascii():
        return f"{len(value)} bytes"
    text = _decoded(value).rstrip("\0 ")
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return printable if len(printable) <= _LONGEST else f"{printable[:_LONGEST]}…"


STRUCTURES: Final = {
    "preamble": "Preamble of the file",
    "file meta rebuilt": "File Meta Information of the original",
    "trailing bytes": "Bytes after the data set",
}
"""What changes outside the data set are called on screen."""
_OWN: Final = {
    "claim of this de-identification": "It says what this de-identification did, as PS3.15 E.1.1 asks.",
    "structure file meta rebuilt": "The file's own header is written anew; nothing of the original stays in it.",
    "structure preamble": "The 128 bytes before the header may hold anything; they are written as zeros.",
    "structure trailing bytes": "What comes after the data set may hold anything; it is left out.",
}


def explain(rule: str) -> str:
    """Return the rule of a change in one sentence."""
    return _OWN.get(rule) or words(rule)


def _numbers(value: bytes, form: str) -> str:
    size = struct.calcsize(f"<{form}")
    whole = value[: len(value) // size * size]
    found = [f"{number:g}" if form in "fd" else str(number) for (number,) in struct.iter_unpack(f"<{form}", whole)]
    more = f", … ({len(found)} values)" if len(found) > _MOST_NUMBERS else ""
    return ", ".join(found[:_MOST_NUMBERS]) + more


def _decoded(value: bytes) -> str:
    """Decode without the character set, which the change does not carry: UTF-8 if it is that, else byte by byte."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
