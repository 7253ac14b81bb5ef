"""The cleaner of free text (Clean Descriptors, PS3.15 E.3.5): keeps the words known to be safe, one by one.

In this order: known values of the patient, of persons, places and devices go, in all spellings; what a recogniser finds
goes; fixed phrases stay; a word of the vocabulary, a short code or a short number stays, a word that is a name as well
where the words around it speak for it; everything else goes. A known value always loses, but for words that identify
nobody (`Sort.COMMON`), in clear company.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from workbench.records.known import KnownKind, KnownValue
from workbench.text import context, names, places, recognisers, wordlists
from workbench.text.cutting import Piece, cut
from workbench.text.hints import Hint
from workbench.text.joining import gap_between, opening, tidy
from workbench.text.known_values import KnownValues, pieces_of
from workbench.text.reading import KNOWN, About, Decision, Form, Reading
from workbench.text.shapes import is_numbered, is_shape
from workbench.text.vocabulary import DOUBTFUL, Sort, Vocabulary, default
from workbench.text.wordlists import listed

RULES = 3
"""Version of the rules; the vocabulary has its own digest."""

_REMEMBERED = 1 << 16
_SIMPLE = frozenset((" ", "_", "-", "/", ", ", ". ", ": "))
_ODD = DOUBTFUL | Sort.CAPITALS | Sort.PARTICLE
_ANNOUNCING = frozenset({"t"}).union(
    *map(listed, ("titles", "cues", "place cues", "nickname cues", "signing", "staff", "dose targets"))
)
"""Words after which a word that is nothing but plain may be a name: `Mr Foot`, `from Turkey`."""
_UNKNOWN = Decision(kept=False, by="default", score=0.5, why="unknown")
_VOCABULARY = Decision(kept=True, by="vocabulary", score=0.9, why="vocabulary")
_SHAPE = Decision(kept=True, by="shape", score=0.8, why="a short code")


class Word(NamedTuple):
    """A word of the text, and what became of it. Bears identity where it was dropped."""

    start: int
    end: int
    text: str
    kept: bool
    by: str
    """Who decided: known values, a recogniser, phrase, vocabulary, shape, context or default."""
    score: float
    """How sure, 0 to 1."""
    why: str
    """The reason, free of values."""


class Cleaned(NamedTuple):
    """A cleaned text and its explanation."""

    text: str
    words: tuple[Word, ...]
    original: str

    @property
    def changed(self) -> bool:
        """Whether the text is another one than before."""
        return self.text != self.original

    @property
    def dropped(self) -> Mapping[str, int]:
        """How many words were dropped, by reason."""
        return _counted(word.why for word in self.words if not word.kept)

    def reasons(self) -> str:
        """Return what was kept and dropped, in words and without values: `kept vocabulary 4; dropped unknown 1`."""
        kept = _counted(word.by for word in self.words if word.kept)
        parts = [f"{verb} {_listed(counts)}" for verb, counts in (("kept", kept), ("dropped", self.dropped)) if counts]
        return "; ".join(parts) or "nothing to keep"


class Cleaner:
    """Cleans texts that may speak of the same people. Not thread-safe; the arguments can be pickled.

    Parameters
    ----------
    known
        Values known to identify: of the patient, staff, sites and devices.
    vocabulary
        What is safe; None: that of the product.
    hints
        Recognisers, each of which can only drop words; None: the patterns of `workbench.text.recognisers`.
    slips
        Whether a word that is a known name but for one letter counts as that name.

    Notes
    -----
    Guarantees of `clean`: it never raises; the words of its result are words of the text, in their order; cleaning its
    result again changes nothing; the result has no known value in it (but words that identify nobody), no run of five
    digits, no ``@`` and no ``://``.
    """

    def __init__(
        self,
        known: Iterable[KnownValue] = (),
        *,
        vocabulary: Vocabulary | None = None,
        hints: Sequence[Hint] | None = None,
        slips: bool = True,
    ) -> None:
        self._slips = slips
        self._vocabulary = vocabulary or default()
        self._hints = (recognisers.Patterns(),) if hints is None else tuple(hints)
        self._known = KnownValues(known, self._vocabulary)
        self._abouts: dict[tuple[str, bool | None], About] = {}
        self._cleaned: dict[str, Cleaned] = {}

    def clean(self, text: str) -> Cleaned:
        """Return the text without what identifies or is unknown. Each distinct text is cleaned once."""
        found = self._cleaned.get(text)
        if found is None:
            if len(self._cleaned) > _REMEMBERED:
                self._cleaned.clear()
            found = self._cleaned[text] = self._clean(text)
        return found

    def _clean(self, text: str) -> Cleaned:
        pieces = cut(text, self._vocabulary)
        gaps = _gaps(text, pieces)
        about = [self._about(piece) for piece in pieces]
        decisions = self._decisions(text, pieces, gaps, about)
        kept = [at for at, decision in enumerate(decisions) if decision.kept]
        result = _joined(pieces, gaps, kept)
        while result != text:
            again, kept, result = self._again(result, pieces, kept)
            for at, decision in again:
                decisions[at] = decision
            if not again:
                break
        words = tuple(
            Word(piece.start, piece.end, piece.text, *decision)
            for piece, decision in zip(pieces, decisions, strict=True)
        )
        return Cleaned(result, words, text)

    def _again(
        self, text: str, pieces: Sequence[Piece], kept: list[int]
    ) -> tuple[list[tuple[int, Decision]], list[int], str]:
        """Clean a result as a text of its own, since dropping brings words together; say what is dropped as well."""
        own = cut(text, self._vocabulary)
        if [piece.text for piece in own] != [pieces[at].text for at in kept]:
            # Characters without spaces came together, and read differently now: keep them apart.
            text = " ".join(pieces[at].text for at in kept)
            own = cut(text, self._vocabulary)
            if [piece.text for piece in own] != [pieces[at].text for at in kept]:
                return [(at, _UNKNOWN) for at in kept], [], ""
        own_gaps = _gaps(text, own)
        decisions = self._decisions(text, own, own_gaps, [self._about(piece) for piece in own])
        dropped = [(at, decision) for at, decision in zip(kept, decisions, strict=True) if not decision.kept]
        left = [index for index, decision in enumerate(decisions) if decision.kept]
        return dropped, [kept[index] for index in left], _joined(own, own_gaps, left) if dropped else text

    def _decisions(
        self, text: str, pieces: Sequence[Piece], gaps: Sequence[str], about: Sequence[About]
    ) -> list[Decision]:
        reading = Reading(pieces, gaps, about)
        self._drop_known(reading)
        self._drop_hinted(reading, text)
        odd = any(reading.decisions) or any(
            each.sort & _ODD or not each.sort or each.lower in _ANNOUNCING for each in about
        )
        if odd:
            names.drop_initials(reading)
            context.keep_phrases(reading, self._vocabulary)
            places.drop_sites(reading)
        for at, each in enumerate(about):
            if reading.decisions[at] is None and not each.common and (decision := _alone(each)):
                reading.decisions[at] = decision
        if odd:
            places.drop_announced_places(reading)
            places.drop_continued(reading)
            names.drop_titled(reading)
            names.drop_announced(reading)
            context.decide_doubtful(reading)
        context.decide_numbers(reading)
        context.decide_letters(reading)
        if odd:
            names.drop_particles(reading)
            context.drop_introducers(reading)
        return [decision or _UNKNOWN for decision in reading.decisions]

    def _drop_known(self, reading: Reading) -> None:
        if not self._known:
            return
        flat: list[str] = []
        owners: list[int] = []
        for at, about in enumerate(reading.about):
            flat += about.pieces
            owners += [at] * len(about.pieces)
            if about.known is not None:
                reading.overrule(at, Decision(kept=False, by=KNOWN, score=1.0, why=str(about.known)))
        for first, last, kind in self._known.in_pieces(flat):
            for at in range(owners[first], owners[last] + 1):
                reading.overrule(at, Decision(kept=False, by=KNOWN, score=1.0, why=str(kind)))
        for at, about in enumerate(reading.about):
            if about.companion is not None and any(
                other is not None
                and reading.is_dropped(other)
                and (reading.about[other].known or reading.about[other].companion)
                for other in (reading.near(at, -1), reading.near(at, 1))
            ):
                reading.overrule(at, Decision(kept=False, by=KNOWN, score=0.8, why=str(about.companion)))
        names.drop_known_initials(reading, self._known.initials)

    def _drop_hinted(self, reading: Reading, text: str) -> None:
        starts, ends = [piece.start for piece in reading.pieces], [piece.end for piece in reading.pieces]
        for hint in self._hints:
            for span in hint.spans(text):
                for at in range(bisect_right(ends, span.start), bisect_left(starts, span.end)):
                    reading.overrule(at, Decision(kept=False, by=span.by, score=span.score, why=span.reason))

    def _about(self, piece: Piece) -> About:
        key = piece.text, piece.known
        found = self._abouts.get(key)
        if found is None:
            if len(self._abouts) > _REMEMBERED:
                self._abouts.clear()
            found = self._abouts[key] = self._look_at(piece)
        return found

    def _look_at(self, piece: Piece) -> About:
        text = piece.text
        lower = text.lower()
        pieces = pieces_of(text)
        known, common, companion = self._known_as(pieces)
        if piece.known is not None:
            sort = Sort.KNOWN | Sort.CLINICAL if piece.known else Sort.UNKNOWN
            return About(
                Form.WORDLESS, lower, pieces, sort, shape=False, known=known, common=common, companion=companion
            )
        if any(map(str.isdigit, text)):
            form = Form.CODE if any(map(str.isalpha, text)) else Form.NUMBER
            shape = is_shape(text) or (form is Form.CODE and is_numbered(text, self._vocabulary))
            return About(form, lower, pieces, Sort.KNOWN if shape else Sort.UNKNOWN, shape, known, common, companion)
        bare = text.rstrip("*+%")
        form = Form.LETTER if len(bare) == 1 else Form.LETTERS
        sort = self._vocabulary.sort(bare)
        if self._slips and form is Form.LETTERS and known is None and (not sort & Sort.KNOWN or sort & Sort.HARD):
            known = self._known.slip("".join(pieces))
        return About(form, bare.lower(), pieces, sort, shape=False, known=known, common=common, companion=companion)

    def _known_as(self, pieces: tuple[str, ...]) -> tuple[KnownKind | None, KnownKind | None, KnownKind | None]:
        """Return as what a word is known: a value, one that identifies nobody alone, a short part of a name."""
        if not self._known:
            return None, None, None
        words = self._known.words
        whole = "".join(pieces)
        known = words.get(whole) or next((kind for piece in pieces if (kind := words.get(piece))), None)
        if known is None and len(pieces) > 1 and pieces[-1] == "s":
            known = words.get("".join(pieces[:-1]))
        if known is None and whole.endswith("s") and len(whole) > 3:
            known = words.get(whole[:-1])
        base = whole[:-1] if len(pieces) > 1 and pieces[-1] == "s" else whole
        return known, self._known.common.get(whole) or self._known.common.get(base), self._known.companions.get(whole)


def _alone(about: About) -> Decision | None:
    """Decide about a word that needs no context."""
    if about.form in (Form.NUMBER, Form.LETTER):
        return None
    if about.form is Form.CODE:
        return _SHAPE if about.shape else _UNKNOWN
    if not about.sort & Sort.KNOWN:
        return None if about.sort & DOUBTFUL else _UNKNOWN
    if about.sort & (DOUBTFUL | Sort.CAPITALS):
        return None
    return _VOCABULARY


def _gaps(text: str, pieces: Sequence[Piece]) -> list[str]:
    ends = [0, *(piece.end for piece in pieces)]
    starts = [*(piece.start for piece in pieces), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def _joined(pieces: Sequence[Piece], gaps: Sequence[str], kept: Sequence[int]) -> str:
    if not kept:
        return ""
    if len(kept) == len(pieces) and not gaps[0] and not gaps[-1] and _SIMPLE.issuperset(gaps[1:-1]):
        return "".join(part for gap, piece in zip(gaps, pieces, strict=False) for part in (gap, piece.text))
    parts = [opening(gaps[kept[0]]) if kept[0] == 0 or gaps[kept[0]] else "", pieces[kept[0]].text]
    for before, at in pairwise(kept):
        parts += (gap_between(list(gaps[before + 1 : at + 1])), pieces[at].text)
    if kept[-1] == len(pieces) - 1:
        parts.append(gap_between([gaps[-1]]).rstrip())
    return tidy("".join(parts))


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for reason in reasons:
        counts[reason] = counts.get(reason, 0) + 1
    return dict(sorted(counts.items()))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in counts.items())


@cache
def fingerprint() -> str:
    """Return SHA-256, in hex, of what the cleaner knows: vocabulary, patterns, deciding words, version of the rules."""
    patterns = "\n".join(f"{each.name}\t{each.expression.pattern}" for each in recognisers.PATTERNS)
    return sha256(f"{RULES}\n{default().digest}\n{wordlists.digest()}\n{patterns}".encode()).hexdigest()
