"""Recognisers of our own: patterns of dates, times, ages, numbers, contacts, places and names written as such.

Each pattern has a name, a reason and a score; `PATTERNS` is also what `workbench.text.presidio_hint` registers.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from workbench.text.folding import is_wordless
from workbench.text.hints import Span
from workbench.text.wordlists import sections

A_PLACE = "an institution or place"
A_NUMBER = "a number that somebody was given"
A_NAME = "a name"


class Pattern(NamedTuple):
    """A regular expression; group `it` (else all of it) identifies."""

    name: str
    reason: str
    score: float
    expression: re.Pattern[str]
    needs: str
    """What a text must have to be searched, see `_conditions`."""


_DATA = Path(__file__).parent / "data" / "patterns.txt"


def _read(text: str) -> tuple[Pattern, ...]:
    """Read the file of patterns; its head says how it is written."""
    fragments: dict[str, str] = {}
    patterns = []
    for block in re.split(r"\n(?=\S)", "\n".join(line for line in text.splitlines() if not line.startswith("#"))):
        title, *alternatives = block.strip("\n").split("\n")
        expression = "|".join(line.strip() for line in alternatives if line.strip())
        for name, fragment in fragments.items():
            expression = expression.replace(f"\u00ab{name}\u00bb", f"(?:{fragment})")
        if title.startswith("\u00ab"):
            fragments[title.strip("\u00ab\u00bb")] = expression
        elif title:
            name, reason, score, needs, *case = title.split(" | ")
            flags = re.NOFLAG if case else re.IGNORECASE
            patterns.append(Pattern(name, reason, float(score), re.compile(expression, flags), needs))
    return tuple(patterns)


PATTERNS = _read(_DATA.read_text(encoding="utf-8"))
_BY_NEED = {need: tuple(each for each in PATTERNS if each.needs == need) for need in {each.needs for each in PATTERNS}}
_WORDS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_PROBES = (
    ("joined", re.compile(r"\d[\s\-/:_.(),]{1,2}\d|\d{6}|\w-\w|\+\d|00\d|:[0-9a-fA-F:]*:")),
    ("time", re.compile(r"\d:\d\d|\d\s?[hH]|\d\s?[aApP]\.?[mM]|\d\s?[uU]hr|\u6642")),
    ("old", re.compile(r"(?<![1-9])(?:9\d|1[0-4]\d)(?!\d)")),
    ("long", re.compile(r"\d{5}")),
    ("code", re.compile(r"[A-Z]\d[A-Z\d]?\s?\d[A-Z]|(?i:zip|plz|post|c\.?p)")),
    ("number", re.compile(r"[#\u2116\u00b0]")),
)
"""What a text with digits may have."""

_CONDITIONS = {word: name for name, words in sections("announces ").items() for word in words}
_ALSO = {"unit": "room", "st": "street"}
_STREET_ENDINGS = ("strasse", "straße", "str", "weg", "platz", "allee", "gasse", "damm", "ufer", "chaussee")
_MONTH_INSIDE = re.compile(
    r"\d(?:jan|feb|fev|mar|mrz|apr|avr|abr|may|mai|jun|jul|aug|ago|sep|set|oct|okt|nov|dec|dez|dic)"
    r"|(?:jan|feb|fev|mar|mrz|apr|avr|abr|may|mai|jun|jul|aug|ago|sep|set|oct|okt|nov|dec|dez|dic)[a-z]*\d",
    re.IGNORECASE,
)
_MARKS = (("at", "@"), ("caret", "^"), ("sign", "#"))
_LINK = re.compile(r"//|www", re.IGNORECASE)
_DOTTED = re.compile(r"\w\.[a-z]{2}", re.IGNORECASE)


def _conditions(text: str) -> set[str]:
    """Return which kinds of patterns a text has to be searched for: nearly all texts need none."""
    found = _announced(text)
    if _DIGIT.search(text) is not None:
        found.update(name for name, probe in _PROBES if probe.search(text) is not None)
        if _MONTH_INSIDE.search(text) is not None:
            found.add("month")
    else:
        found -= {"phone", "number", "box", "room", "plate"}
    found.update(name for name, mark in _MARKS if mark in text)
    if "." in text and _DOTTED.search(text):
        found.add("dotted")
    if _LINK.search(text):
        found.add("link")
    if not text.isascii() and is_wordless(text):
        found.add("wordless")
    return found


_WINDOW = 1000
_OVERLAP = 200
"""Long texts are searched in overlapping parts: some expressions take time that grows with the square of the length."""


def _announced(text: str) -> set[str]:
    found: set[str] = set()
    for word in _WORDS.findall(text.lower()):
        name = _CONDITIONS.get(word)
        if name is not None:
            found.add(name)
            if word in _ALSO:
                found.add(_ALSO[word])
        elif word.endswith(_STREET_ENDINGS):
            found.add("street")
    return found


class Patterns:
    """The recognisers of this module as a hint."""

    name = "patterns"

    def spans(self, text: str) -> Iterator[Span]:
        """Yield what the patterns find."""
        text = text.replace("_", " ")  # it divides words here, but not for regular expressions
        for condition in sorted(_conditions(text)):
            for name, reason, score, expression, _ in _BY_NEED.get(condition, ()):
                group = "it" if "it" in expression.groupindex else 0
                for start in range(0, max(len(text) - _OVERLAP, 1), _WINDOW - _OVERLAP):
                    for match in expression.finditer(text, start, start + _WINDOW):
                        if match[group]:
                            yield Span(match.start(group), match.end(group), reason, score, name)
