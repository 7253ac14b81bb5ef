"""Write `data/known_terms.txt.gz` from names of attributes, meanings of codes and the lists next to this script.

Run: `python -m workbench.text.build.vocabulary`. The lists are words.txt (words of the field), code_strings.txt
(defined terms), schemes.txt (coding schemes), phrases.txt (makers and terms with a name in them) and name_like.txt
(words of the sources that are names of people and no words of the field: they are left out, and the terms that hold
them are known only as a whole).
"""

import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

import pydicom
from pydicom._uid_dict import UID_dictionary
from pydicom.sr._concepts_dict import concepts as _concepts

from workbench.text.tokens import MONTHS, tokens

HERE = Path(__file__).parent
TARGET = HERE.parent / "data" / "known_terms.txt.gz"
ATTRIBUTES = HERE.parents[1] / "standard" / "data" / "attributes.txt"

CONCEPTS = cast("dict[str, dict[str, dict[str, tuple[str, list[int]]]]]", _concepts)
"""Scheme → keyword → code → (meaning, context groups)."""

BREED_GROUPS = frozenset({7480, 7486})
"""Context groups of animal breeds: full of places and people, so known only as whole terms."""

_LETTERS = re.compile(r"[A-Za-z]+")


def main() -> None:
    """Write the file."""
    with TARGET.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9, mtime=0, filename="") as out:
        out.write(render().encode())


def render() -> str:
    """Return the text of the file: a title, then a section a line."""
    names = frozenset(_listed("name_like.txt"))
    own = {word.lower() for word in _listed("words.txt")}
    strings = {term.replace("~", " ") for term in _listed("code_strings.txt")}
    words = own | {word for text in _sources() for word in _words(text) if word not in names}
    words = {word for word in words if word not in MONTHS and (len(word) > 1 or word in own)}
    phrases = {tokens(text) for text in _meanings(breeds=True)}
    phrases = {phrase for phrase in phrases if not words.isdisjoint(phrase)}  # two names and no more are a person
    phrases |= {tokens(text) for text in _listed("phrases.txt")}
    phrases = {phrase for phrase in phrases if len(phrase) > 1 and not words.issuperset(phrase)}
    sections = {
        "words": words,
        "phrases": {" ".join(phrase) for phrase in phrases if _has_letters(phrase)},
        "strings": strings,
        "codes": {code for scheme in CONCEPTS.values() for codes in scheme.values() for code in codes},
        "schemes": set(CONCEPTS) | set(_listed("schemes.txt")),
    }
    source = f"Names of PS3.6, codes and UIDs as in pydicom {pydicom.__version__}, lists of workbench.text.build"
    lines = [f"# Known terms. {source}. Written by workbench.text.build.vocabulary; do not edit."]
    lines += [f"{name}\t" + "\t".join(sorted(values)) for name, values in sections.items()]
    return "\n".join(lines) + "\n"


def _listed(name: str) -> list[str]:
    """Return the words (lines, for phrases) of a list, without its comments."""
    lines = [line for line in (HERE / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return lines if name == "phrases.txt" else [word for line in lines for word in line.split()]


def _sources() -> Iterator[str]:
    """Yield texts whose single words are known."""
    for line in ATTRIBUTES.read_text(encoding="utf-8").splitlines()[1:]:
        yield line.split("\t")[1]
    yield from (name for name, *_ in UID_dictionary.values())
    yield from _meanings(breeds=False)


def _meanings(*, breeds: bool) -> Iterator[str]:
    """Yield the meanings of all codes: whole ones are known, breeds of animals included; see BREED_GROUPS."""
    for scheme in CONCEPTS.values():
        for codes in scheme.values():
            for meaning, groups in codes.values():
                if breeds or not BREED_GROUPS.issuperset(groups):
                    yield meaning


def _words(text: str) -> Iterator[str]:
    """Yield the words of a term, in lower case, without those in the possessive: they name a person."""
    for match in _LETTERS.finditer(text):
        if text[match.end() : match.end() + 2] not in {"'s", "s'", "\u2019s"}:
            yield match.group().lower()


def _has_letters(phrase: Iterable[str]) -> bool:
    return any(token.isalpha() for token in phrase)


if __name__ == "__main__":
    main()
