"""Known identifying values in all their spellings, and finding them in a text.

A text is folded and read as pieces, runs of letters or of digits with a space between them. Spellings of one piece are
looked up; longer ones, and those that count inside other words, are searched together.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, permutations

from ahocorasick_rs import AhoCorasick, Implementation

from workbench.records.known import KnownKind, KnownValue
from workbench.text.folding import fold, forms, is_wordless
from workbench.text.vocabulary import Sort, Vocabulary
from workbench.text.wordlists import listed, sections

LONG = 6
"""From this length on a word of a name counts inside other words, and with one slip."""

PHRASE = 12
"""From this length on a place or an address does."""

LONGEST = 1024
"""What a value holds beyond is not looked for: no identifier is that long, and spellings grow with the square."""

WORDS = 32
"""Words of one name that are looked for in pairs."""

_PIECE = re.compile(r"[^\W\d_]+|\d+")
_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[,;\d]+")
_GROUPS = re.compile(r"[=\\]")
_AFFIXES = listed("affixes")
_PLACEHOLDERS = listed("placeholder names")
_SURNAMES = listed("placeholder surnames")
_MONTHS = sections("month ")


class KnownValues:
    """What a text is searched for.

    Parameters
    ----------
    values
        What is known to identify.
    vocabulary
        Words that identify nobody alone (`Sort.COMMON`) are set apart: a patient may be called Hand.
    """

    def __init__(self, values: Iterable[KnownValue], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.words: dict[str, KnownKind] = {}
        """Folded words that are known values, or that name somebody."""
        self.common: dict[str, KnownKind] = {}
        """Those of them that stay in clear company."""
        self.companions: dict[str, KnownKind] = {}
        """Short words of names: known next to another word of a name only."""
        self.initials: dict[str, KnownKind] = {}
        """First letters of words of names: known beside such a word."""
        self._anywhere: dict[str, KnownKind] = {}
        self._slips: dict[str, KnownKind] = {}
        for kind, text in sorted(set(values)):
            self._add(kind, text)
        patterns = list(self._anywhere)
        self._kinds = list(self._anywhere.values())
        self._automaton = AhoCorasick(patterns, implementation=Implementation.ContiguousNFA) if patterns else None

    def __bool__(self) -> bool:
        return bool(self._anywhere or self.words or self.common)

    def in_pieces(self, pieces: Sequence[str]) -> Iterator[tuple[int, int, KnownKind]]:
        """Yield what is found in folded pieces, as first and last piece and the kind of the value."""
        if self._automaton is None:
            return
        text = f" {' '.join(pieces)} "
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        if not found:
            return
        owner = [index for index, piece in enumerate(pieces) for _ in range(len(piece) + 1)]
        seen: set[tuple[int, int]] = set()
        for index, start, end in found:
            first, last = (start, end - 2) if text[start] == " " else (start - 1, end - 2)
            span = owner[first], owner[last]
            if span not in seen:
                seen.add(span)
                yield *span, self._kinds[index]

    def slip(self, word: str) -> KnownKind | None:
        """Return the kind of the long word of a name that a folded word differs from by one letter."""
        if not self._slips or not LONG <= len(word) <= LONGEST + 1:
            return None
        for shorter in _shortened(word):
            found = self._slips.get(shorter)
            if found is not None:
                return found
        return None

    def _add(self, kind: KnownKind, text: str) -> None:
        written = text.strip(" \0\t\r\n")[:LONGEST]
        if not written:
            return
        if kind in (KnownKind.PATIENT, KnownKind.PERSON):
            if not is_placeholder(written):
                self._add_name(kind, written)
        elif kind is KnownKind.DATE:
            self._add_date(written)
        elif kind in (KnownKind.SITE, KnownKind.ADDRESS):
            for line in re.split(r"[\\\r\n^=]+", written):
                self._add_phrase(kind, line)
                for part in _PARTS.split(line):
                    if " " in part.strip():  # a town is told without its street, and goes with all of its words
                        self._add_phrase(kind, part)
        else:
            for part in written.split("\\"):
                self._add_identifier(kind, part)

    def _bounded(self, spelling: str, kind: KnownKind) -> None:
        if spelling:
            self._anywhere.setdefault(f" {spelling} ", kind)

    def _free(self, spelling: str, kind: KnownKind) -> None:
        self._anywhere.setdefault(spelling, kind)

    def _is_common(self, word: str) -> bool:
        return bool(self._vocabulary.sort(word) & Sort.COMMON)

    def _add_name(self, kind: KnownKind, text: str) -> None:
        for group in _GROUPS.split(text):
            if "^" in group:
                parts = group.split("^")[:3]
            elif "," in group:
                parts = group.split(",")[:3]
            else:
                parts = group.split()
            spelt = [list(dict.fromkeys(forms(part.strip(" .,")))) for part in parts if part.strip(" .,")]
            for index in range(max(map(len, spelt), default=0)):
                self._add_components(kind, [each[min(index, len(each) - 1)] for each in spelt])

    def _add_components(self, kind: KnownKind, parts: list[str]) -> None:
        """Add the components of a name, folded: each alone, its words, pairs and initials."""
        words: list[str] = []
        for part in parts:
            every = _WORD.findall(part)
            found = [word for word in every if word not in _AFFIXES] or every  # `Don` may be all that a name is
            for word in found:
                self.initials.setdefault(word[0], kind)
                self._add_word(kind, word)
            if len(found) == 1 and len(found[0]) >= 3:
                self._add_exact(kind, found[0])  # `Mac` may be all that somebody is called
            words += found
            glued = "".join(found)
            if len(found) > 1:
                self._add_word(kind, glued, glued=True)
                self._bounded(" ".join(found), kind)
        for one, other in permutations(words[:WORDS], 2):
            self._add_pair(kind, one, other)

    def _add_pair(self, kind: KnownKind, one: str, other: str) -> None:
        """Add two words of a name in a row: apart, glued, and the first as an initial."""
        if is_wordless(one + other):
            self._free(one + other, kind)
            return
        if self._is_particle(one) and self._is_particle(other):
            return
        self._bounded(f"{one} {other}", kind)
        if len(one + other) >= 4:
            self._add_exact(kind, one + other)
        if len(one + other) >= 2 * LONG - 2:
            self._free(one + other, kind)
        if len(other) >= 3 and not self._is_particle(one):
            self._add_exact(kind, one[0] + other)
            self._add_exact(kind, other + one[0])

    def _is_particle(self, word: str) -> bool:
        sort = self._vocabulary.sort(word)
        return bool(sort & Sort.PARTICLE) or (len(word) < 4 and bool(sort & Sort.COMMON))

    def _add_word(self, kind: KnownKind, word: str, *, glued: bool = False) -> None:
        if is_wordless(word):
            if len(word) > 1:
                self._free(word, kind)
            else:
                self.companions.setdefault(word, kind)
        elif len(word) == 1 or self._is_particle(word):
            self.companions.setdefault(word, kind)
        elif self._is_common(word) and not glued:
            self.common.setdefault(word, kind)
        else:
            self._add_exact(kind, word)
            if len(word) >= LONG:
                self._free(word, kind)
                for shorter in (word, *_shortened(word)):
                    self._slips.setdefault(shorter, kind)

    def _add_exact(self, kind: KnownKind, word: str) -> None:
        if not self._is_common(word):
            self.words.setdefault(word, kind)

    def _add_identifier(self, kind: KnownKind, text: str) -> None:
        for plain in forms(text):
            pieces = _WORD.findall(plain)
            bare = "".join(pieces)
            if len(bare) < 2 or all(self._is_common(piece) for piece in pieces):
                continue
            digits = re.sub(r"\D", "", bare)
            exact = {bare, bare.lstrip("0")}
            if len(digits) >= 4:
                exact |= {digits, digits.lstrip("0")}
            for form in exact:
                # Numbers of up to three digits are everywhere; they are dropped where something calls them a number.
                if len(form) >= (4 if form.isdigit() else 2):
                    self.words.setdefault(form, kind)
                    self._bounded(" ".join(_PIECE.findall(form)), kind)
            if len(bare) >= 4 or not bare.isdigit():
                self._bounded(" ".join(_PIECE.findall(plain)), kind)
            if len(bare) >= LONG and not bare.isdigit():
                self._free(" ".join(_PIECE.findall(plain)), kind)
                self._free(" ".join(_PIECE.findall(bare)), kind)

    def _add_phrase(self, kind: KnownKind, text: str) -> None:
        for plain in forms(text):
            words = _WORD.findall(plain)
            if not words or all(self._is_common(word) for word in words):
                continue
            spelling = " ".join(_PIECE.findall(plain))
            self._bounded(spelling, kind)
            if len(plain) >= PHRASE:
                self._free(spelling, kind)
            if is_wordless(plain):
                for word in words:
                    if len(word) > 1:
                        self._free(word, kind)
            glued = "".join(words)
            if len(glued) >= 4:
                self._add_exact(kind, glued)
            self._add_distinctive(kind, words)

    def _add_distinctive(self, kind: KnownKind, words: list[str]) -> None:
        """Add the words of a place that name it alone, and the pairs that they stand in: `Blue Mesa`."""
        for word in words:
            sort = self._vocabulary.sort(word)
            if len(word) >= 4 and (word.isdigit() or not sort & Sort.KNOWN or sort & Sort.HARD):
                self._add_exact(kind, word)
        for one, other in pairwise(words):
            housed = kind is KnownKind.ADDRESS and one.isdigit() != other.isdigit()
            if not is_wordless(one + other) and (housed or one in self.words or other in self.words):
                self._bounded(" ".join(_PIECE.findall(f"{one} {other}")), kind)

    def _add_date(self, text: str) -> None:
        digits = re.sub(r"\D", "", text)[:8]
        if len(digits) < 8 or not (1 <= int(digits[4:6]) <= 12 and 1 <= int(digits[6:8]) <= 31):
            return
        year, month, day = digits[:4], digits[4:6], digits[6:8]
        kind = KnownKind.DATE
        short = {day, day.lstrip("0")}, {month, month.lstrip("0")}
        for one_day in short[0]:
            for one_month in short[1]:
                for one_year in (year, year[2:]):
                    self._bounded(f"{one_day} {one_month} {one_year}", kind)
                    self._bounded(f"{one_month} {one_day} {one_year}", kind)
                    self._bounded(f"{one_year} {one_month} {one_day}", kind)
            for name in sorted(_MONTHS[str(int(month))]):
                self._bounded(f"{one_day} {name}", kind)
                self._bounded(f"{name} {one_day}", kind)
        for form in (
            digits,
            day + month + year,
            month + day + year,
            digits[2:],
            day + month + year[2:],
            month + day + year[2:],
        ):
            self.words.setdefault(form, kind)


def is_placeholder(name: str) -> bool:
    """Tell whether a name is made of two or more words of imaging and nothing else, and so names nobody: `CHEST^XRAY`.

    One word alone may be all that somebody is called, and so may any other word beside these, or words that are all
    surnames (`HAND^HEAD`).
    """
    words = {word for word in _WORD.findall(fold(name)) if len(word) > 1 and not (word.isdigit() and len(word) < 3)}
    return len(words) > 1 and words <= _PLACEHOLDERS and not words <= _SURNAMES


def pieces_of(word: str) -> tuple[str, ...]:
    """Return the runs of letters and of digits of a word, folded."""
    return tuple(_PIECE.findall(fold(word)))


def _shortened(word: str) -> Iterator[str]:
    """Yield the word, and the word without each of its letters."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
