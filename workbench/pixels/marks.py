"""Marks that identify nobody: sides, positions, parameters with their numbers, scales.

A text is such a mark when each of its words is: a word of the list, a number with its label or unit, or a clinical word
of the vocabulary that is no name as well. One bare number below 90 is one of a scale; several could be a date.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

from workbench.text.vocabulary import DOUBTFUL, Sort, Vocabulary, default

_DATA: Final = Path(__file__).parent / "data" / "marks.txt"
_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)?|%|/|\S")
_SPACED: Final = re.compile(r"\b[a-z]+(?:[-/][a-z]+)+\b|\b[a-z]\d\b|\b[234]d\b")
_CROSSES: Final = re.compile("[+\u00d7\u5341 ]*[+\u00d7\u5341]")
"""What calipers are read as: plus, times, and a Chinese number that looks like them."""

_BETWEEN: Final = frozenset(":=-.,/()+<>°~")
_LARGEST_BARE: Final = 90
"""Ages from here identify (45 CFR 164.514(b)(2)(i)(C)), and so may a larger number by itself."""

_LONGEST_NUMBER: Final = 4
_MOST_DIGITS: Final = 6
"""Of a number with its decimals: no device measures finer, and a patient number may be written like one."""
_DAY: Final = re.compile(r"(?<![\d.,])\d{1,2}[./-]\d{1,2}[./-](?:\d\d|\d{4})(?![\d.,])")
"""What a label in front makes no harmless number."""
_LONGEST: Final = 64
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
_SHORTEST_WORD: Final = 4


def is_harmless(text: str) -> bool:
    """Tell whether a text is made of marks that identify nobody."""
    return bool(_CROSSES.fullmatch(text)) or _is_made_of_marks(text)


def _is_made_of_marks(text: str) -> bool:
    tokens = _tokens(text.lower())
    if not tokens or len(text) > _LONGEST or _DAY.search(text):
        return False
    if len(tokens) == 1 and tokens[0] in _sections()["orientation"]:
        return True
    sides = ["", *tokens, ""]
    bare = 0
    for at, token in enumerate(tokens):
        before, after = sides[at], sides[at + 2]
        if not _NUMBER.fullmatch(token):
            if not _is_word(token, numbered=any(map(_NUMBER.fullmatch, (before, after)))):
                return False
        elif len(re.split("[.,]", token)[0]) > _LONGEST_NUMBER or sum(map(str.isdigit, token)) > _MOST_DIGITS:
            return False
        elif before not in _sections()["labels"] and after not in _sections()["units"]:
            bare += 1
            if bare > 1 or float(token.replace(",", ".")) >= _LARGEST_BARE:
                return False
    return True


def _is_word(token: str, *, numbered: bool) -> bool:
    """Tell whether a word belongs to marks; a label or a unit does beside a number."""
    sections = _sections()
    if token in sections["words"] or (numbered and (token in sections["labels"] or token in sections["units"])):
        return True
    return _is_clinical(token, default())


def _tokens(text: str) -> list[str]:
    """Cut a text into words and numbers; what only divides them is left out."""
    known = _sections()["words"] | _sections()["units"]
    found = []
    position = 0
    for match in _SPACED.finditer(text):
        if match[0] in known:
            found += _TOKEN.findall(text[position : match.start()])
            found.append(match[0])
            position = match.end()
    found += _TOKEN.findall(text[position:])
    return [token for token in found if token not in _BETWEEN]


def _is_clinical(word: str, vocabulary: Vocabulary) -> bool:
    sort = vocabulary.sort(word)
    clinical = bool(sort & Sort.CLINICAL) and not sort & DOUBTFUL
    return clinical and word.isalpha() and len(word) >= _SHORTEST_WORD and word not in _sections()["places"]


@cache
def _sections() -> dict[str, frozenset[str]]:
    lines = [line.split() for line in _DATA.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {name: frozenset(entries) for name, *entries in lines}
