"""Words that identify nobody, although they may stand in an attribute that identifies.

A patient may be called Hand and a station CT: alone, such words are defined terms, body parts, makers and placeholders
of the standard and of every archive, and searching for them would only raise false alarms. In a longer spelling
(`HAND^PETER`) they are searched all the same.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from pydicom._uid_dict import UID_dictionary

_DUMMY_DATES = frozenset({"19000101", "00010101", "00000000", "99991231", "11111111"})


# Letters with a stroke, ligatures and the dotless i have no decomposition; their upper case may be plain.
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i", "ħ": "h", "ŧ": "t"}
)


@cache
def words() -> frozenset[str]:
    """All generic words, folded; the words of the names of SOP classes and transfer syntaxes among them."""
    lines = (Path(__file__).parent / "generic.txt").read_text(encoding="utf-8").splitlines()[1:]
    names = " ".join(entry[0] for entry in UID_dictionary.values() if entry[1] in ("SOP Class", "Transfer Syntax"))
    return frozenset(" ".join(lines).split()) | frozenset(re.findall(r"[a-z]{4,}", fold(names)))


def fold(text: str) -> str:
    """Return the text in lower case without diacritics, compatibility forms resolved."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def is_generic(text: str) -> bool:
    """Tell whether every word of the text is generic, a number of up to three digits, or a single letter."""
    found = re.findall(r"[^\W_]+", fold(text))
    known = words()
    return all(word in known or len(word) == 1 or (word.isdigit() and len(word) <= 3) for word in found)


def identifies(text: str) -> bool:
    """Tell whether a value of an attribute that is no name may identify: it is not generic, or a number of some length.

    `555 01 23` and `A.12.B.77` are made of short numbers and letters, and identify all the same.
    """
    characters = [character for character in text if character.isalnum()]
    return not is_generic(text) or (len(characters) >= 6 and any(character.isdigit() for character in characters))


@cache
def placeholders() -> tuple[frozenset[str], frozenset[str]]:
    """Return words of imaging, and those of them that people are called."""
    sections = (Path(__file__).parent / "placeholders.txt").read_text(encoding="utf-8").split("\n\n")
    every, surnames = (frozenset(section.split("\n", 1)[1].split()) for section in sections)
    return every, surnames


def is_placeholder(name: str) -> bool:
    """Tell whether a name is made of two or more words of imaging and nothing else: `CHEST^XRAY`, `PHANTOM^ACR`.

    One word alone may be all that somebody is called (`HAND`), and so may any other word beside these (`HAND^PETER`),
    or words that are all surnames (`HAND^HEAD`).
    """
    found = {word for word in re.findall(r"[^\W_]+", fold(name)) if len(word) > 1 and not re.fullmatch(r"\d\d?", word)}
    every, surnames = placeholders()
    return len(found) > 1 and found <= every and not found <= surnames


def is_dummy_date(digits: str) -> bool:
    """Tell whether eight digits are a placeholder, or no day at all."""
    if digits in _DUMMY_DATES or len(digits) != 8 or not digits.isdigit():
        return True
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    return not (1850 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31)
