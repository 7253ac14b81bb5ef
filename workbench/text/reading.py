"""A text as the cleaner reads it: its words, what is known of each, and what was decided so far."""

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from workbench.records.known import KnownKind
from workbench.text.cutting import Piece
from workbench.text.folding import fold
from workbench.text.vocabulary import DOUBTFUL, Sort
from workbench.text.wordlists import listed

KNOWN = "known values"
"""Who says so, when a word is a known value."""


class Form(Enum):
    """What a word is made of."""

    LETTERS = "letters"
    LETTER = "a single letter"
    NUMBER = "a number"
    CODE = "letters and digits"
    WORDLESS = "characters of a script without spaces"


class About(NamedTuple):
    """What is known of a word wherever it stands."""

    form: Form
    lower: str
    pieces: tuple[str, ...]
    sort: int
    """Bits of `Sort`."""
    shape: bool
    """A parameter or short code."""
    known: KnownKind | None
    """It is a known value."""
    common: KnownKind | None
    """It is one that identifies nobody in clear company."""
    companion: KnownKind | None
    """It is part of a known name, too short to count alone."""


class Decision(NamedTuple):
    """Whether a word stays, who says so, how sure it is, and why."""

    kept: bool
    by: str
    score: float
    why: str


_SHORTENED = listed("shortened")
_STOP = re.compile(r"[.;!?\n]\s|[\n\r]|[()\[\]]")


class Reading:
    """The words of one text in order, with decisions that are made one after the other; the first one stands."""

    __slots__ = ("about", "decisions", "gaps", "pieces", "sentence")

    def __init__(self, pieces: Sequence[Piece], gaps: Sequence[str], about: Sequence[About]) -> None:
        self.pieces = pieces
        self.gaps = gaps
        """What stands before each word, and after the last one."""
        self.about = about
        self.decisions: list[Decision | None] = [None] * len(pieces)
        self.sentence = _is_sentence(pieces, about)
        """Written like prose: names begin with a capital, and a word in small letters is no name."""

    def __len__(self) -> int:
        return len(self.pieces)

    def decide(self, at: int, decision: Decision) -> None:
        """Decide about a word that nothing was decided about."""
        if self.decisions[at] is None:
            self.decisions[at] = decision

    def overrule(self, at: int, decision: Decision) -> None:
        """Drop a word whatever was decided, unless it is dropped already."""
        before = self.decisions[at]
        if before is None or before.kept:
            self.decisions[at] = decision

    def is_dropped(self, at: int) -> bool:
        """Tell whether it is decided that a word goes."""
        decision = self.decisions[at]
        return decision is not None and not decision.kept

    def is_kept(self, at: int) -> bool:
        """Tell whether it is decided that a word stays."""
        decision = self.decisions[at]
        return decision is not None and decision.kept

    def lower(self, at: int) -> str:
        """Return a word in small letters."""
        return self.about[at].lower

    def folded(self, at: int) -> str:
        """Return a word in small letters without diacritics."""
        return fold(self.about[at].lower)

    def near(self, at: int, step: int) -> int | None:
        """Return the word next to one in the same sentence, or None."""
        other = at + step
        if not 0 <= other < len(self.pieces):
            return None
        gap = self.gaps[max(at, other)]
        if _STOP.search(gap) and not (gap.strip() == "." and self._is_shortened(min(at, other))):
            return None
        return other

    def _is_shortened(self, at: int) -> bool:
        """Tell whether a full stop after a word ends no sentence: an initial, a title, `St.`."""
        return self.about[at].form is Form.LETTER or self.about[at].lower in _SHORTENED

    def is_clinical(self, at: int | None) -> bool:
        """Tell whether a word is plainly of the field: it speaks for a doubtful one beside it."""
        if at is None or self.is_dropped(at):
            return False
        about = self.about[at]
        return about.shape or (
            bool(about.sort & Sort.CLINICAL) and not about.sort & (DOUBTFUL | Sort.CAPITALS) and about.known is None
        )

    def is_named(self, at: int | None) -> bool:
        """Tell whether a word looks like part of a name: unknown or dropped letters with a capital, or an initial."""
        if at is None:
            return False
        about, text = self.about[at], self.pieces[at].text
        if about.form is Form.LETTER:
            return text.isupper() and self.gaps[at + 1].startswith(".")
        if about.form is not Form.LETTERS or not text[:1].isupper():
            return False
        decision = self.decisions[at]
        if decision is not None and not decision.kept:
            # A known value beside a word says nothing about it: what belongs to that value is known as well.
            return decision.by != KNOWN
        return not about.sort & Sort.KNOWN

    def is_small(self, at: int) -> bool:
        """Tell whether a word is written in small letters in a text that has capitals where prose has them."""
        return self.sentence and self.pieces[at].text.islower()


def _is_sentence(pieces: Sequence[Piece], about: Sequence[About]) -> bool:
    small = capital = 0
    for piece, each in zip(pieces, about, strict=True):
        if each.form is Form.LETTERS and len(piece.text) > 1:
            small += piece.text.islower()
            capital += piece.text.istitle()
    return small >= 2 and capital >= 1
