"""Reading the labelled texts: which parts identify, which are clinical, what is known of the people in them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from workbench.records.known import KnownKind, KnownValue
from workbench.text.cleaner import Cleaner, Word
from workbench.text.context import INTRODUCED

_KINDS = {
    "P": KnownKind.PATIENT,
    "N": KnownKind.PERSON,
    "I": KnownKind.IDENTIFIER,
    "T": KnownKind.CONTACT,
    "A": KnownKind.ADDRESS,
    "H": KnownKind.SITE,
    "D": KnownKind.DEVICE,
    "B": KnownKind.DATE,
}
_MARK = re.compile(r"\{(!?)([^}]*)\}|\|([^|]*)\|")


class Labelled(NamedTuple):
    """A text, its parts that identify (`!`: by known values only) or that count for nothing, and the known values."""

    language: str
    place: str
    known: tuple[KnownValue, ...]
    text: str
    parts: tuple[tuple[int, int, str], ...]

    def label(self, word: Word) -> str:
        """Return `identity`, `known`, `neither` or `clinical`."""
        return next((label for start, end, label in self.parts if word.start < end and word.end > start), "clinical")


class Measured(NamedTuple):
    """How many words there were, and how many were treated right."""

    identity: int
    identity_dropped: int
    clinical: int
    clinical_kept: int
    wrong: tuple[str, ...]

    @property
    def recall(self) -> float:
        return self.identity_dropped / self.identity

    @property
    def retention(self) -> float:
        return self.clinical_kept / self.clinical


def read(name: str) -> Iterator[Labelled]:
    for line in (Path(__file__).parent / "labelled" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        language, place, known, marked = line.split("\t")
        values = tuple(
            KnownValue(_KINDS[value.split(":")[0].strip()], value.split(":", 1)[1].strip())
            for value in known.split(" ; ")
            if value
        )
        text, parts = _parts(marked)
        yield Labelled(language, place, values, text, tuple(parts))


def measure(labelled: list[Labelled], *, with_known: bool) -> Measured:
    identity = dropped = clinical = kept = 0
    wrong = []
    everyday = Cleaner()
    for each in labelled:
        cleaner = Cleaner(each.known) if with_known and each.known else everyday
        cleaned = cleaner.clean(each.text)
        for word in cleaned.words:
            label = each.label(word)
            if label == "neither" or (label == "known" and not with_known):
                continue
            if label == "clinical" and word.why != INTRODUCED:  # such a word says nothing without its object
                clinical += 1
                kept += word.kept
            elif label != "clinical":
                identity += 1
                dropped += not word.kept
            if word.kept != (label == "clinical") and word.why != INTRODUCED:
                wrong.append(f"{word.text!r} of {each.text!r}: {word.by}, {word.why}")
    return Measured(identity, dropped, clinical, kept, tuple(wrong))


def _parts(marked: str) -> tuple[str, list[tuple[int, int, str]]]:
    text, at = "", 0
    parts = []
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        at = match.end()
        inner = match[3] if match[3] is not None else match[2]
        label = "neither" if match[3] is not None else "known" if match[1] else "identity"
        parts.append((len(text), len(text) + len(inner), label))
        text += inner
    return text + marked[at:], parts
