"""Words that are a name and a word of medicine, and which of the two they are where they stand.

A patient may be called Corona, White or Miller; CORONAL, WHITE MATTER and MILLER PROJECTION name nobody. Two rules
decide, both by the terms of the standard itself (the meanings of its codes): a name inside a longer word that the
standard writes as an ordinary one, and a name next to the very neighbour that a term of the standard gives it.
"""

import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from workbench.verify.generic import fold, is_generic, words

_OTHER_FIELDS = re.compile(
    r"breed|organism|stain\b|cattle|hound|horse|sheep|\(substance\)|\b(?:19|20)\d\d\b", re.IGNORECASE
)
"""Animals, stains and authors with a year: terms made of names."""

_ORDINARY = re.compile(r"(?<![^\W_])[a-z]{4,}(?![^\W_]|['\u2019])")
_LEFT = re.compile(r"[^\W_]*$")
_RIGHT = re.compile(r"^[^\W_]*")
_WORD = re.compile(r"[^\W_]+")


def is_ordinary(before: str, name: str, after: str) -> bool:
    """Tell whether a name found between two pieces of text is part of an ordinary word or of a term of the standard.

    Only a single word can be; two names next to each other are a person.
    """
    if not name or not all(character.isalnum() for character in name):
        return False
    left, right = _LEFT.search(before), _RIGHT.search(after)
    begun, ended = left[0] if left else "", right[0] if right else ""
    whole = fold(begun + name + ended)
    if begun or ended:
        return whole in words() or whole in ordinary_words()
    neighbours = _neighbours()
    previous, following = _WORD.findall(before[-64:]), _WORD.findall(after[:64])
    return bool(
        (previous and (fold(previous[-1]), whole) in neighbours)
        or (following and (whole, fold(following[0])) in neighbours)
    )


def is_plain(text: str) -> bool:
    """Tell whether a text is made of ordinary words, single letters and short numbers, and so names nobody."""
    found = _WORD.findall(fold(text))
    return all(is_generic(word) or word in ordinary_words() for word in found)


@cache
def ordinary_words() -> frozenset[str]:
    """Words that the meanings of codes write as ordinary ones; a file, because each run may need them."""
    lines = (Path(__file__).parent / "ordinary.txt").read_text(encoding="utf-8").splitlines()[1:]
    return frozenset(" ".join(lines).split())


@cache
def _neighbours() -> frozenset[tuple[str, str]]:
    """Return the pairs of words that stand next to each other in the meanings of codes; needed for a rare find only."""
    pairs: Counter[tuple[str, str]] = Counter()
    for meaning in _meanings():
        pairs.update(pairwise(_WORD.findall(fold(meaning))))
    # Next to a single letter, which may be an initial, once is not enough.
    return frozenset(pair for pair, count in pairs.items() if count >= (1 if min(map(len, pair)) > 1 else 5))


def derive_words() -> frozenset[str]:
    """Derive the words of the file from pydicom's dictionaries of codes."""
    return frozenset(word for meaning in _meanings() for word in _ORDINARY.findall(meaning))


def _meanings() -> Iterator[str]:
    from pydicom.sr._concepts_dict import concepts  # noqa: PLC0415 - large

    schemes: dict[str, dict[str, dict[str, tuple[str, list[int]]]]] = cast("Any", concepts)
    meanings = {entry[0] for keywords in schemes.values() for codes in keywords.values() for entry in codes.values()}
    yield from (meaning for meaning in meanings if not _OTHER_FIELDS.search(meaning))


def main() -> None:
    """Write the file anew: `python -m workbench.verify.ordinary`."""
    text = textwrap.fill(" ".join(sorted(derive_words())), 120, break_long_words=False, break_on_hyphens=False)
    title = "Words in small letters in the meanings of the codes of PS3.16, as pydicom has them\n"
    (Path(__file__).parent / "ordinary.txt").write_text(title + text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
