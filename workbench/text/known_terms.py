"""Terms that are safe to keep wherever they stand: the allow-list behind CHECK.

A value is known when nothing in it could be a person, a place, a date or a number that somebody was given. The list
is made of names of attributes, meanings of codes, defined terms, makers and models, units and words of the field
(`workbench.text.build`). Clean Descriptors (PS3.15 E.3.5) offers this as the safe automatic way; words that are names
of people and nothing in medicine are not in it.
"""

import re
import zlib
from functools import cache, lru_cache
from pathlib import Path

from workbench.text.tokens import tokens

CODE_VALUES = frozenset({0x00080100, 0x00080119, 0x0008010F, 0x0040DB00})
"""Code Value, Long Code Value, Context Identifier and Template Identifier: codes, not words."""

CODING_SCHEMES = frozenset({0x00080102})
"""Coding Scheme Designator."""

DEFINED_TERMS = frozenset({0x00281054, 0x00283004})
"""Rescale Type and Modality LUT Type: defined terms (HU, MGML, Z_EFF, EDW) in an attribute of text."""

_LIMIT = 2048
_DIGITS_IN_A_ROW = 4
_DIGITS_IN_A_WORD = 5
_RUNS_IN_A_WORD = 6
_LONGEST_PHRASE = 12

_FOREIGN = re.compile(r"[^A-Za-z0-9\s_\-+./,:;()\[\]{}<>=%&*'\"#!?|\\]")
_CHAIN = re.compile(r"[0-9]+(?:[\s\-./:,]+[0-9]+)*")
_DATE = re.compile(r"[0-9]+([/-])[0-9]+\1[0-9]+|[0-9]{1,2}:[0-9]{2}")
_OLD = r"0*(?:9[0-9]|1[0-2][0-9])"
_OLD_AGE = re.compile(
    rf"(?<![0-9.])(?:{_OLD}\s*-?\s*y(?:o|rs?|ears?)?(?![a-z])|{_OLD}\W?(?:m|f|w|male|female)\b)"
    rf"|\b(?:age[ds]?|male|female|[mfw])\W{{0,2}}{_OLD}(?![0-9.])",
    re.IGNORECASE,
)
"""An age from 90 by its unit, or next to the word age or a sex (45 CFR 164.514(b)(2)(i)(C))."""

_ADDRESSED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Lady|Lord|Herr|Frau|Mme|Sr|Sra)\b")
"""Written like this a title stands before a name; MR, MRS and DR are modalities."""

_NUMBERED = re.compile(r"(?:\b(?:p?id|mrn|no|nr|case|acc|tel|fax)|#)\W{0,3}[0-9]{3}", re.IGNORECASE)
"""A number that is said to be one that somebody was given."""

_DECIMAL = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}")
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_WORD = re.compile(r"[A-Za-z]+")
_MIXED = re.compile(r"[A-Za-z0-9]+")
_SYMBOLS = str.maketrans({"\u00b5": "u", "\u03bc": "u", "\u00b0": " ", "\u00b2": " ", "\u00b3": " ", "\u00d7": "x"})
_SHAPED_CODE = re.compile(r"[A-Z]-[0-9A-F]{4,6}|RID[0-9]{1,6}|C[0-9]{5}")
_LOINC = re.compile(r"[0-9]{1,5}-[0-9]")


class _Terms:
    """The data file, cut into sections when first asked."""

    __slots__ = ("_lines", "_sections", "title")

    def __init__(self, text: str) -> None:
        self.title, *lines = text.splitlines()
        self._lines = dict(line.split("\t", 1) for line in lines)
        self._sections: dict[str, frozenset[str]] = {}

    def section(self, name: str) -> frozenset[str]:
        found = self._sections.get(name)
        if found is None:
            found = self._sections[name] = frozenset(self._lines[name].split("\t"))
        return found


@cache
def _terms() -> _Terms:
    data = (Path(__file__).parent / "data" / "known_terms.txt.gz").read_bytes()
    return _Terms(zlib.decompress(data, wbits=31).decode("utf-8"))


@lru_cache(maxsize=65536)
def known(value: str) -> bool:
    """Tell whether every word and number of a text is known to be safe. An empty text is.

    Numbers of more than four digits, numbers called one (`ID 123`), dates, times of day, ages from 90, titles before
    names and letters beyond ASCII are not; the signs
    of units are read as what they stand for. Several single letters and nothing else are not: they are initials.
    The parts of a multi-valued text, divided by a backslash, are judged one by one.
    """
    if len(value) > _LIMIT:
        return False
    return all(_known_part(part.translate(_SYMBOLS).strip()) for part in value.split("\\"))


@lru_cache(maxsize=16384)
def known_code_string(value: str) -> bool:
    """Tell whether a CS (multi-valued: all of its values) is a defined term or made of known words."""
    strings = _terms().section("strings")
    return all(part.strip() in strings or known(part) for part in value.split("\\"))


@lru_cache(maxsize=16384)
def known_code_value(value: str) -> bool:
    """Tell whether a code value is one of a known scheme, has the shape and check digit of one, or is a known term.

    Digits alone count only when a dictionary has them, or as a SNOMED CT identifier with a valid check digit.
    """
    code = value.strip()
    if not code or code in _terms().section("codes") or _SHAPED_CODE.fullmatch(code):
        return True
    return _is_sctid(code) or _is_loinc(code) or known(code)


@lru_cache(maxsize=1024)
def known_coding_scheme(value: str) -> bool:
    """Tell whether a coding scheme designator is of PS3.16, of a maker, or `99` with a known word."""
    scheme = value.strip()
    return scheme in _terms().section("schemes") or known(scheme.removeprefix("99"))


def known_value(tag: int, vr: str, value: str) -> bool:
    """Tell whether the value of an attribute is known, by what the attribute holds: codes, schemes, terms or text."""
    if tag in CODE_VALUES:
        return known_code_value(value)
    if tag in CODING_SCHEMES:
        return known_coding_scheme(value)
    return known_code_string(value) if vr == "CS" or tag in DEFINED_TERMS else known(value)


def _known_part(text: str) -> bool:
    if _FOREIGN.search(text) or _DATE.search(text) or not _short_numbers(text):
        return False
    if _OLD_AGE.search(text) or _ADDRESSED.search(text) or _NUMBERED.search(text):
        return False
    found = tokens(text)
    if len(found) > 1 and all(len(token) == 1 and token.isalpha() for token in found):
        return False
    if all(_known_word(word) for word in _WORD.findall(text)):
        return True
    return _covered(found)


def _known_word(word: str) -> bool:
    words = _terms().section("words")
    if word.lower() in words:
        return True
    parts = _CAMEL.findall(word)
    return len(parts) > 1 and all(len(part) > 1 and part.lower() in words for part in parts)


def _covered(found: tuple[str, ...]) -> bool:
    """Tell whether known phrases and known words together cover all tokens, the longest phrase first."""
    words, phrases = _terms().section("words"), _terms().section("phrases")
    at = 0
    while at < len(found):
        for end in range(min(len(found), at + _LONGEST_PHRASE), at, -1):
            if " ".join(found[at:end]) in phrases:
                at = end
                break
        else:
            if found[at].isalpha() and found[at] not in words:
                return False
            at += 1
    return True


def _short_numbers(text: str) -> bool:
    for match in _CHAIN.finditer(text):
        digits = sum(character.isdigit() for character in match.group())
        if digits > _DIGITS_IN_A_ROW and not _DECIMAL.fullmatch(match.group()):
            return False
    if any(len(tokens(word)) > _RUNS_IN_A_WORD for word in _MIXED.findall(text)):
        return False
    return all(sum(map(str.isdigit, word)) <= _DIGITS_IN_A_WORD for word in text.split())


def _is_loinc(code: str) -> bool:
    """Check the shape of a LOINC code and its check digit (modulo 10, Luhn)."""
    if not _LOINC.fullmatch(code):
        return False
    body, check = code.split("-")
    total = 0
    for position, digit in enumerate(reversed(body)):
        number = int(digit) * (2 if position % 2 == 0 else 1)
        total += number // 10 + number % 10
    return (10 - total % 10) % 10 == int(check)


_D5 = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_PERMUTED = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)


def _is_sctid(code: str) -> bool:
    """Check a SNOMED CT concept identifier: 6 to 18 digits, partition 00 or 10, Verhoeff check digit."""
    if not (code.isascii() and code.isdigit() and 6 <= len(code) <= 18) or code[-3:-1] not in {"00", "10"}:
        return False
    state = 0
    for position, digit in enumerate(reversed(code)):
        state = _D5[state][_PERMUTED[position % 8][int(digit)]]
    return state == 0
