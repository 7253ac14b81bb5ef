"""Bringing spellings together: case, diacritics, compatibility forms, other scripts written in Latin letters."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i", "ħ": "h", "ŧ": "t"}
)
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "é": "e"})
_DATA = Path(__file__).parent / "data" / "romanisation.txt"
_WORDLESS = re.compile("[\u0e00-\u0eff\u2e80-\ud7ff\uf900-\ufaff]")


def fold(text: str) -> str:
    """Return the text in lower case without diacritics, compatibility forms resolved."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def is_wordless(text: str) -> bool:
    """Tell whether the text is in a script without spaces between words (CJK, kana, hangul, Thai)."""
    return _WORDLESS.search(text) is not None


def forms(text: str) -> Iterator[str]:
    """Yield the folded text, and how it is written out or in Latin letters, each once."""
    seen: set[str] = set()
    for form in _forms(text):
        if form and form not in seen:
            seen.add(form)
            yield form


def _forms(text: str) -> Iterator[str]:
    yield fold(text)
    if text.isascii():
        # Written out already: the letters may stand elsewhere with their diacritics, which folding takes away.
        plain = fold(text)
        for written, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
            if written in plain:
                yield plain.replace(written, letter)
        return
    lower = unicodedata.normalize("NFKC", text).lower()
    yield fold(lower.translate(_WRITTEN_OUT))
    if re.search("[\u0400-\u04ff]", lower):
        table, other = _table("cyrillic"), _table("cyrillic-other")
        yield _spelt(lower, table)
        yield _spelt(lower, {**table, **other})
        yield _spelt(lower, {**table, "\u0439": "y"})
    if re.search("[\u0370-\u03ff]", lower):
        plain = fold(lower)
        for pair, sound in _table("greek-pairs").items():
            plain = plain.replace(pair, sound)
        yield _spelt(plain, _table("greek"))
    if re.search("[\u3041-\u30ff]", lower):
        yield from _kana(lower)


@cache
def _table(name: str) -> Mapping[str, str]:
    """Return a table of romanisation by letters."""
    lines = (line.split(" ") for line in _DATA.read_text(encoding="utf-8").splitlines() if line.startswith(f"{name} "))
    return {letters: sound.strip("-") for _, letters, sound in lines}


def _spelt(text: str, table: Mapping[str, str]) -> str:
    return fold("".join(table.get(character, character) for character in text))


def _kana(text: str) -> tuple[str, str]:
    """Return the Hepburn spelling with long vowels written out, and without."""
    sounds, small = _table("kana"), _table("kana-small")
    hiragana = "".join(chr(ord(c) - 0x60) if "\u30a1" <= c <= "\u30f6" else c for c in text)
    out = ""
    double = False
    for character in hiragana:
        if character == "\u3063":
            double = True
            continue
        if character in small and out:
            stem = out[:-1]
            out = stem + (small[character][1:] if stem.endswith(("sh", "ch", "j")) else small[character])
            continue
        sound = sounds.get(character, character)
        out += (sound[:1] if double else "") + sound
        double = False
    return out, re.sub("o[uo]", "o", out.replace("uu", "u"))
