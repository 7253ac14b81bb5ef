"""Whether a line that was read agrees with a value of the header, with the slips that reading makes."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from workbench.records.known import KnownKind, KnownValue
from workbench.text.folding import fold, forms

_ALIKE: Final = str.maketrans(
    {"o": "0", "q": "0", "i": "1", "l": "1", "|": "1", "s": "5", "b": "8", "z": "2", "g": "6"}
)
"""Characters that reading takes for one another; both sides are written with one of them."""

_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAMES: Final = frozenset({KnownKind.PATIENT, KnownKind.PERSON})
_WORDS: Final = re.compile(r"[^\W_]+")
_LIKE: Final = 85.0
"""Of 100: how alike a long value and what was read must be."""

_LONG: Final = 6
"""From this length on one slip is forgiven; shorter values must be read as they are."""

_SHORT: Final = 3
"""Up to this length a value must be a word of its own."""


class Match(NamedTuple):
    """A value of the header that a line agrees with: its kind, and how much of 100."""

    kind: KnownKind
    score: float


class _Needle(NamedTuple):
    kind: KnownKind
    text: str
    whole: bool
    """It must be a word of its own."""
    exact: bool


class KnownLines:
    """Values of the header, to compare lines with."""

    def __init__(self, values: Iterable[KnownValue]) -> None:
        self._needles = sorted({needle for value in values for needle in _needles(value)})

    def match(self, text: str) -> Match | None:
        """Return the value that a line agrees with best, if any."""
        from rapidfuzz.fuzz import partial_ratio  # noqa: PLC0415 (loaded where lines are read)

        words = {_plain(word) for word in _WORDS.findall(fold(text))}
        line = _plain(text)
        best: Match | None = None
        for needle in self._needles:
            if needle.whole:
                score = 100.0 if needle.text in words else 0.0
            elif needle.exact:
                score = 100.0 if needle.text in line else 0.0
            elif len(line) * 2 < len(needle.text) or len(line) < _LONG - 1:
                continue
            else:
                score = partial_ratio(needle.text, line, score_cutoff=_LIKE)
            if score and (best is None or score > best.score):
                best = Match(needle.kind, score)
        return best


def _needles(value: KnownValue) -> Iterator[_Needle]:
    kind = value.kind
    if kind is KnownKind.DATE:
        yield from (_Needle(kind, text, whole=False, exact=len(text) <= _LONG) for text in _days(value.text))
        return
    parts = list(_parts(value.text)) if kind in _NAMES else [value.text]
    for part in parts:
        plain = _plain(part)
        if len(plain) < 2:
            continue
        if kind in _NAMES or len(plain) <= _SHORT:
            yield _Needle(kind, plain, whole=len(plain) <= _SHORT, exact=len(plain) < _LONG)
        else:
            yield _Needle(kind, plain, whole=False, exact=len(plain) < _LONG)


def _parts(name: str) -> Iterator[str]:
    """Yield the words of a name, and all of them in a row: reading loses what stands between them."""
    for form in forms(name):
        words = _WORDS.findall(form)
        yield from words
        if len(words) > 1:
            yield "".join(words)
            yield "".join(reversed(words))


def _days(text: str) -> Iterator[str]:
    """Yield a day (YYYYMMDD) as it is written in images, without what divides its parts."""
    if len(text) != 8 or not text.isdigit() or not 1 <= int(text[4:6]) <= 12:
        return
    year, month, day = text[:4], text[4:6], text[6:]
    name = _MONTHS[int(month) - 1]
    for short in (year, year[2:]):
        parts = [(short, month, day), (month, day, short), (day, month, short)]
        for called in {name, name[:3]}:
            parts += [(day, called, short), (called, day, short), (short, called, day)]
            parts += [(day.lstrip("0"), called, short), (called, day.lstrip("0"), short)]
        for each in parts:
            yield _plain("".join(each))


def _plain(text: str) -> str:
    """Return letters and digits of a text, folded, with those alike that reading takes for one another."""
    return "".join(letter for letter in fold(text).lower() if letter.isalnum()).translate(_ALIKE)
