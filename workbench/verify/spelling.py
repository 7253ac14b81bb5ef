"""How an identifying value may be written elsewhere: the verifier's own spellings.

Each spelling is a `Spelling`: a text, and how it must stand to count. Long ones (six characters) are searched in bytes,
in many encodings; all are searched in decoded text, folded (lower case, no diacritics, separators as single spaces).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

from workbench.verify.generic import identifies, is_dummy_date, is_generic, is_placeholder
from workbench.verify.identity import Kind, Value
from workbench.verify.ordinary import is_plain

LONG = 6
"""From this length on a spelling is searched in bytes; shorter ones only in decoded text on token boundaries."""

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "Ø": "O",
        "æ": "ae",
        "Æ": "Ae",
        "œ": "oe",
        "Œ": "Oe",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "þ": "th",
    }
)
_KANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_SEPARATORS = ("^", " ", ", ", ",", "", "_", "-", ".", "=", "/")
# fmt: off
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)
# fmt: on


class Spelling(NamedTuple):
    """`text` as it may be written; `bounded` when letters or digits next to it make it another word."""

    text: str
    bounded: bool


def spell(value: Value) -> Iterator[Spelling]:
    """Yield the spellings of a value. Generic words and placeholders yield none."""
    text = value.text.strip()
    if value.kind is Kind.NAME:
        yield from _names(text)
    elif value.kind is Kind.DATE:
        yield from _dates(text)
    elif value.kind is Kind.CONTACT:
        yield from _identifiers(text, digits=True)
    elif value.kind in (Kind.IDENTIFIER, Kind.DEVICE):
        yield from _identifiers(text, digits=False)
    elif value.kind is Kind.SITE:
        yield from _places(text)
    else:
        yield from _phrases(text)


def is_wordless(text: str) -> bool:
    """Tell whether the text is written in a script without spaces between words (CJK, kana, hangul, Thai)."""
    return any("\u0e00" <= c <= "\u0eff" or "\u2e80" <= c <= "\ud7ff" or "\uf900" <= c <= "\ufaff" for c in text)


def plain_forms(text: str) -> Iterator[str]:
    """Yield the text and what is left when its diacritics are written out or stripped."""
    yield text
    if text.isascii():
        return
    seen = {text}
    forms = (text.translate(_GERMAN), text.translate(_LETTERS), strip(text), strip(text.translate(_LETTERS)))
    for form in (*forms, *_other_scripts(text)):
        if form not in seen:
            seen.add(form)
            yield form


def _other_scripts(text: str) -> Iterator[str]:
    """Yield Cyrillic and Greek in Latin letters, as passports and as tongues have it, and kana in the other kana."""
    if any("\u3041" <= character <= "\u30f6" for character in text):
        yield text.translate(_KANA)
        yield text.translate({after: before for before, after in _KANA.items()})
    lowered = strip(text.lower()) if any("\u0370" <= c <= "\u03ff" for c in text) else text.lower()
    for letters in _romanised():
        written = unicodedata.normalize("NFC", lowered)
        for letter, latin in letters:
            written = written.replace(letter, latin)
        if written.isascii():
            yield written


@cache
def _romanised() -> tuple[tuple[tuple[str, str], ...], ...]:
    """Return the two ways of writing Cyrillic and Greek in Latin letters, pairs of letters before single ones."""
    lines = (Path(__file__).parent / "romanised.txt").read_text(encoding="utf-8").splitlines()[1:]
    rows = sorted((line.split("\t") for line in lines), key=lambda row: -len(row[0]))
    return tuple(tuple((row[0], row[column].replace("_", "")) for row in rows) for column in (1, 2))


def strip(text: str) -> str:
    """Return the text without diacritics, its case kept."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _names(text: str) -> Iterator[Spelling]:
    """Spell a PN (PS3.5 6.2.1): groups by `=`, components by `^`; prefix, suffix and initials name nobody."""
    if is_placeholder(text):
        return
    for group in re.split(r"[=\\]", text):
        parts = [part.strip(" .,") for part in group.split("^")[:3]]
        if "^" not in group and "," in group:
            parts = [part.strip(" .") for part in group.split(",")[:3]]
        elif "^" not in group:
            parts = [group.strip(), *group.split()] if len(group.split()) > 1 else [group.strip()]
        for form in _each_form(parts):
            yield from _name_parts(form)


def _each_form(parts: list[str]) -> Iterator[list[str]]:
    forms = [list(plain_forms(part)) for part in parts]
    for index in range(max((len(form) for form in forms), default=0)):
        yield [form[min(index, len(form) - 1)] for form in forms]


def _name_parts(parts: list[str]) -> Iterator[Spelling]:
    parts = [part for part in parts if len(part) > 1 or is_wordless(part)]
    alone: set[str] = set()
    for part in parts:
        if is_generic(part):
            continue
        for spelling in _component(part):
            if not spelling.bounded:
                alone.add(part)
            yield spelling
    for one, other in permutations(parts, 2):
        # A pair is needed only where neither is found by itself.
        if not {one, other} & alone:
            for separator in _SEPARATORS:
                yield Spelling(f"{one}{separator}{other}", bounded=True)


def _component(part: str) -> Iterator[Spelling]:
    """Spell one component: written together and apart, and the long words of it."""
    words = part.split()
    spellings = {part, "".join(words), "-".join(words), "_".join(words)}
    spellings |= {part.replace(mark, filling) for mark in "-'\u2019" for filling in ("", " ")}
    for spelling in spellings:
        if len(spelling) >= LONG:
            yield Spelling(spelling, bounded=False)
        elif len(spelling) >= 3 or (is_wordless(spelling) and len(spelling) >= 2):
            yield Spelling(spelling, bounded=True)
    pieces = re.split(r"[\s'\u2019-]+", part)
    for word in pieces if len(pieces) > 1 else ():
        if len(word) >= LONG and not is_generic(word):
            yield Spelling(word, bounded=False)


def _identifiers(text: str, *, digits: bool) -> Iterator[Spelling]:
    """Spell an identifier: as it stands, without separators, without leading zeros."""
    for part in text.split("\\"):
        written = part.strip()
        bare = re.sub(r"[\W_]+", "", written)
        if not identifies(written) or len(bare) < 3:
            continue
        forms = {written, bare, re.sub(r"[\W_]+", " ", written).strip(), re.sub(r"[\W_]+", "-", written).strip("-")}
        if digits:
            forms |= {re.sub(r"\D+", "", written), re.sub(r"\D+", "", written).lstrip("0")}
        if bare.isdigit():
            forms.add(bare.lstrip("0"))
        for form in forms:
            if len(form) >= (4 if form.isdigit() else 3):
                yield Spelling(form, bounded=form.isdigit() or len(form) < LONG)


def _places(text: str) -> Iterator[Spelling]:
    """Spell the name of a place: whole, and the words of it that only a name has."""
    yield from _phrases(text)
    for word in re.findall(r"[^\W\d_]+", text):
        if len(word) >= LONG and not is_plain(word):
            for form in plain_forms(word):
                yield Spelling(form, bounded=True)


def _phrases(text: str) -> Iterator[Spelling]:
    """Spell an address, a place or a comment: whole, and line by line."""
    for part in re.split(r"[\\\r\n]+", text):
        written = part.strip()
        if not identifies(written):
            continue
        for form in plain_forms(written):
            words = form.split()
            for separator in (" ", "", "_", "-"):
                spelling = separator.join(words)
                if len(spelling) >= LONG or (len(spelling) >= 4 and not spelling.isdigit()):
                    yield Spelling(spelling, bounded=len(spelling) < 2 * LONG)


def _dates(text: str) -> Iterator[Spelling]:
    """Spell a day: digits only, with separators, in the orders of the world, with the month in words."""
    digits = re.sub(r"\D", "", text)
    day8 = digits[:8]
    if is_dummy_date(day8):
        return
    if len(digits) >= 12 and any(c != "0" for c in digits[8:]):
        yield Spelling(digits[:12], bounded=False)
    year, month, day = day8[:4], day8[4:6], day8[6:]
    yield Spelling(day8, bounded=True)
    yield Spelling(day + month + year, bounded=True)
    yield Spelling(month + day + year, bounded=True)
    for separator in ("-", ".", "/", " ", "_"):
        for order in ((year, month, day), (day, month, year), (month, day, year)):
            yield Spelling(separator.join(order), bounded=True)
        for order in ((day.lstrip("0"), month.lstrip("0"), year), (month.lstrip("0"), day.lstrip("0"), year)):
            yield Spelling(separator.join(order), bounded=True)
    name = _MONTHS[int(month) - 1]
    for month_name in (name, name[:3]):
        # A month of a year tells more than the year (45 CFR 164.514(b)(2)(i)(C)).
        for spelling in (f"{month_name} {year}", f"{month_name}-{year}", f"{month_name}{year}", f"{year} {month_name}"):
            yield Spelling(spelling, bounded=True)
        for written_day in {day, day.lstrip("0")}:
            for spelling in (
                f"{written_day} {month_name} {year}",
                f"{written_day}-{month_name}-{year}",
                f"{written_day}{month_name}{year}",
                f"{written_day}. {month_name} {year}",
                f"{month_name} {written_day}, {year}",
                f"{month_name} {written_day} {year}",
                f"{year}-{month_name}-{written_day}",
                f"{year} {month_name} {written_day}",
            ):
                yield Spelling(spelling, bounded=True)


def cases(text: str) -> Iterator[str]:
    """Yield the text as it stands and in upper, lower and title case."""
    yield from {text, text.upper(), text.lower(), text.title()}
