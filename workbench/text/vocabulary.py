"""What the cleaner of free text knows of words: safe ones, those that are names as well, fixed phrases, word formation.

A word is known when a list has it, or when it is put together of listed parts the way that medicine does it
(`cholangio` + `carcinoma`, `Schulter` + `gelenk`). Nothing else is: what no list has may be a name.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from workbench.text.folding import fold

_DATA = Path(__file__).parent / "data" / "vocabulary.txt.gz"
_REMEMBERED = 1 << 17
_COMPOUND = 8
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ELISION = re.compile(r"^(?:d|l|n|s|qu|j|c|m|t)['\u2019]")
_PREFIXES = frozenset("cdemnpstvwxz")
_POSSESSIVE = re.compile(r"['\u2019\u00b4`]s?$")


class Sort:
    """What is known of a word: bits of an integer, since they are asked for millions of times."""

    UNKNOWN = 0
    KNOWN = 1
    """In the vocabulary."""
    CLINICAL = 2
    """Of the field: speaks for a doubtful word next to it."""
    SOFT = 4
    """A word of the field that is a name as well: kept unless something near it says name."""
    HARD = 8
    """A name that is a word as well: kept only in a fixed phrase or as a plain lower-case word of a sentence."""
    ATTRIBUTE = 16
    """HARD, but kept before a word of the field as well (`small nodule`)."""
    CAPITALS = 32
    """An abbreviation; written like a name (`Rao`), it is one."""
    PARTICLE = 64
    """Stands before names (`van`, `de la`), and goes with what it stands before."""
    COMMON = 128
    """Identifies nobody: stays in clear company even when the patient is called so."""


DOUBTFUL = Sort.SOFT | Sort.HARD


class Vocabulary:
    """Words, phrases and parts of words, read from the text that `workbench.text.build.clinical` writes.

    Parameters
    ----------
    data
        Sections, one a line: name, then entries, divided by tabs.
    """

    def __init__(self, data: str) -> None:
        sections = {name: entries for name, *entries in (line.split("\t") for line in data.splitlines())}
        self._words = _sorts(sections)
        self._phrases = _by_first(sections["phrases"])
        self._cjk = frozenset(sections["cjk"])
        self._longest = max(map(len, self._cjk), default=1)
        self._forms = frozenset(sections["forms"])
        self._endings = frozenset(sections["endings"]) | frozenset(sections["adjectives"])
        self._first = frozenset(sections["first"])
        self._last = frozenset(sections["last"])
        self._known: dict[str, int] = {}
        self.digest = sha256(data.encode()).hexdigest()

    def sort(self, word: str) -> int:
        """Return what is known of a word of letters; its case matters for compounds like `ThoraxRoutine` only."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            found = self._known[word] = self._look_up(word)
        return found

    def phrases(self, first: str) -> tuple[tuple[str, ...], ...]:
        """Return the fixed phrases that begin with a folded word, the longest first."""
        return self._phrases.get(first, ())

    def segments(self, run: str) -> Iterator[tuple[int, int, bool]]:
        """Cut a run of characters without spaces into known words and unknown rests, as (start, end, known).

        Single characters are known only where the whole run is.
        """
        cuts = list(self._greedy(run))
        whole = all(known for _, _, known in cuts) and any(end - start > 1 for start, end, _ in cuts)
        for start, end, known in cuts:
            yield start, end, known and (whole or end - start > 1 or len(run) == 1)

    def _greedy(self, run: str) -> Iterator[tuple[int, int, bool]]:
        at = unknown = 0
        while at < len(run):
            size = next(
                (n for n in range(min(self._longest, len(run) - at), 0, -1) if run[at : at + n] in self._cjk), 0
            )
            if not size:
                at += 1
                continue
            if unknown < at:
                yield unknown, at, False
            yield at, at + size, True
            at = unknown = at + size
        if unknown < len(run):
            yield unknown, len(run), False

    def _look_up(self, word: str) -> int:
        lower = word.lower()
        bare = _POSSESSIVE.sub("", lower)
        if (elided := _ELISION.sub("", bare)) != bare:
            return self.sort(elided) if len(elided) > 2 else Sort.UNKNOWN
        for form in (lower, fold(lower), bare, fold(bare), bare.replace("'", ""), bare.replace("\u2019", "")):
            found = self._words.get(form)
            if found is not None:
                return found
        parts = _CAMEL.findall(word) if word.isascii() else []
        if len(parts) > 1 and "".join(parts) == word and not word.istitle():
            return self._camel(parts)
        if word[1:2].isupper() and word[0] in _PREFIXES:
            # `sTSE`, `zRing`: one small letter that a maker or a planner puts before words of the field.
            rest = self.sort(word[1:])
            if rest & Sort.CLINICAL and not rest & (DOUBTFUL | Sort.CAPITALS):
                return Sort.KNOWN | Sort.CLINICAL
        return self._derived(bare) or self._derived(fold(bare))

    def _camel(self, parts: list[str]) -> int:
        """`ThoraxRoutine`: known when every part is, without doubt; a short part in small letters is none."""
        if tuple(part.lower() for part in parts) in self.phrases(parts[0].lower()):
            return Sort.KNOWN | Sort.CLINICAL
        sorts = [self._words.get(part.lower()) or self._derived(part.lower()) for part in parts]
        if any(len(part) < 2 for part in parts) or not all(sorts) or any(sort & DOUBTFUL for sort in sorts):
            safe = all(sort & Sort.KNOWN and not sort & Sort.HARD for sort in sorts)
            if not safe or sum(bool(sort & Sort.CLINICAL) and not sort & DOUBTFUL for sort in sorts) == 0:
                return Sort.UNKNOWN
        return Sort.KNOWN | Sort.CLINICAL

    def _derived(self, word: str) -> int:
        """Look for neoclassical and German compound words."""
        if len(word) >= _COMPOUND and (self._neoclassical(word) or self._german(word)):
            return Sort.KNOWN | Sort.CLINICAL
        return Sort.UNKNOWN

    def _neoclassical(self, word: str) -> bool:
        """Tell whether the word is made of combining forms and an ending, or of one before a word of the field."""
        reached = {0}
        for at in range(len(word)):
            if at not in reached:
                continue
            rest = word[at:]
            if at and (rest in self._endings or self._is_clinical(rest)):
                return True
            for size in range(2, min(14, len(rest)) + 1):
                part = rest[:size]
                if part in self._forms or (size > 3 and part + "o" in self._forms):
                    reached.add(at + size)
        return False

    def _is_clinical(self, word: str) -> bool:
        found = self._words.get(word, Sort.UNKNOWN)
        return len(word) >= 4 and bool(found & Sort.CLINICAL) and not found & DOUBTFUL

    def _german(self, word: str) -> bool:
        """Tell whether the word is made of listed first parts and a last one, with the letters that join them."""
        reached = {0}
        for at in range(len(word)):
            if at not in reached:
                continue
            rest = word[at:]
            if at and rest in self._last:
                return True
            for size in range(3, min(20, len(rest)) + 1):
                if rest[:size] in self._first:
                    reached.add(at + size)
                    reached |= {
                        at + size + len(joint) for joint in ("s", "n", "en", "es") if rest[size:].startswith(joint)
                    }
        return False


def _sorts(sections: Mapping[str, list[str]]) -> dict[str, int]:
    words: dict[str, int] = {}
    for name, sort in (
        ("plain", Sort.KNOWN),
        ("clinical", Sort.KNOWN | Sort.CLINICAL),
        ("soft", Sort.SOFT),
        ("hard", Sort.HARD),
        ("attribute", Sort.ATTRIBUTE),
        ("capitals", Sort.CAPITALS),
        ("particles", Sort.PARTICLE),
        ("common", Sort.COMMON),
    ):
        for word in sections[name]:
            words[word] = words.get(word, Sort.UNKNOWN) | sort
    for word, sort in words.items():
        if sort & Sort.ATTRIBUTE:
            words[word] = (sort | Sort.HARD) & ~Sort.SOFT
        elif sort & Sort.HARD:
            words[word] = sort & ~Sort.SOFT
    return words


def _by_first(phrases: list[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        words = tuple(phrase.split(" "))
        found.setdefault(words[0], []).append(words)
    return {first: tuple(sorted(each, key=len, reverse=True)) for first, each in found.items()}


@cache
def default() -> Vocabulary:
    """Return the vocabulary of the product, read when first asked."""
    return Vocabulary(zlib.decompress(_DATA.read_bytes(), wbits=31).decode("utf-8"))
