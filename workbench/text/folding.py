"""Bringing spellings together: case, diacritics, compatibility forms, other scripts written in Latin letters."""

import re
import unicodedata
from collections.abc import Iterator

_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i", "ħ": "h", "ŧ": "t"}
)
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "é": "e"})
_CYRILLIC = dict(
    zip(
        "абвгдезийклмнопрстуфхцыэіїєґ",
        "a b v g d e z i i k l m n o p r s t u f kh ts y e i i ie g".split(),
        strict=True,
    )
) | {"ё": "e", "ж": "zh", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
_CYRILLIC_OTHER = {"й": "y", "х": "h", "ц": "c", "ж": "j", "ю": "iu", "я": "ia", "щ": "sch", "ё": "yo", "в": "w"}
_GREEK = dict(
    zip("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(), strict=True)
)
_KANA_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ",
    "m": "まみむめも", "r": "らりるれろ", "g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
}  # fmt: skip
_KANA = {kana: row + vowel for row, line in _KANA_ROWS.items() for kana, vowel in zip(line, "aiueo", strict=True)} | {
    "し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu",
    "や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa", "を": "o", "ん": "n", "ー": "",
}  # fmt: skip
_SMALL_Y = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo"}
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
        yield _spelt(lower, _CYRILLIC)
        yield _spelt(lower, _CYRILLIC | _CYRILLIC_OTHER)
        yield _spelt(lower, _CYRILLIC | {"й": "y"})
    if re.search("[\u0370-\u03ff]", lower):
        yield _greek(lower)
    if re.search("[\u3041-\u30ff]", lower):
        long, short = _kana(lower)
        yield long
        yield short


def _spelt(text: str, table: dict[str, str]) -> str:
    return fold("".join(table.get(character, character) for character in text))


def _greek(text: str) -> str:
    plain = fold(text)
    for pair, sound in (
        ("ου", "ou"),
        ("ει", "ei"),
        ("αι", "ai"),
        ("οι", "oi"),
        ("μπ", "b"),
        ("ντ", "nt"),
        ("γγ", "ng"),
    ):
        plain = plain.replace(pair, sound)
    return _spelt(plain, _GREEK)


def _kana(text: str) -> tuple[str, str]:
    """Return the Hepburn spelling with long vowels written out, and without."""
    hiragana = "".join(chr(ord(c) - 0x60) if "\u30a1" <= c <= "\u30f6" else c for c in text)
    out = ""
    double = False
    for character in hiragana:
        if character == "っ":
            double = True
            continue
        if character in _SMALL_Y and out:
            stem = out[:-1]
            out = stem + (_SMALL_Y[character][1:] if stem.endswith(("sh", "ch", "j")) else _SMALL_Y[character])
            continue
        sound = _KANA.get(character, character)
        out += (sound[:1] if double else "") + sound
        double = False
    return out, re.sub("o[uo]", "o", out.replace("uu", "u"))
