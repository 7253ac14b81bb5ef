"""Cutting a text into words and what stands between them."""

import re
from typing import NamedTuple

from workbench.text.folding import is_wordless
from workbench.text.vocabulary import Vocabulary

_MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0591-\u05c7\u093a-\u094d\u0e31-\u0e4e"
_TOKEN = re.compile(
    rf"\d+(?:[.,]\d+)+(?:[^\W\d_]+\d?)?[*%]?"
    rf"|(?:[^\W_]|[{_MARKS}])+(?:['\u2019\u00b4`](?:[^\W\d_]|[{_MARKS}])+)*[*%+]?"
)
_RUN = re.compile("[\u0e00-\u0eff\u2e80-\ud7ff\uf900-\ufaff]+|[^\u0e00-\u0eff\u2e80-\ud7ff\uf900-\ufaff]+")


class Piece(NamedTuple):
    """A word, number or code of a text, and whether it is a word of a script without spaces that is known."""

    start: int
    end: int
    text: str
    known: bool | None = None


def cut(text: str, vocabulary: Vocabulary) -> list[Piece]:
    """Return the words of a text in their order. Scripts without spaces are cut where the vocabulary says."""
    if text.isascii():
        return [Piece(match.start(), match.end(), match.group()) for match in _TOKEN.finditer(text)]
    pieces: list[Piece] = []
    for match in _TOKEN.finditer(text):
        if not is_wordless(match.group()):
            pieces.append(Piece(match.start(), match.end(), match.group()))
            continue
        for run in _RUN.finditer(match.group()):
            start = match.start() + run.start()
            if is_wordless(run.group()):
                pieces += (
                    Piece(start + first, start + last, run.group()[first:last], known)
                    for first, last, known in vocabulary.segments(run.group())
                )
            else:
                pieces.append(Piece(start, start + len(run.group()), run.group()))
    return pieces
