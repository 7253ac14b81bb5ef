"""The text of a deid recipe (pydicom/deid, format `dicom`), read line by line and with the meaning that deid gives it.

A recipe is lines in sections: `%header` (actions on attributes), `%fields NAME` and `%values NAME` (lists that actions
refer to), `%filter NAME` (labels with criteria and pixel coordinates), `%labels`. This parser is our own, runs nothing
that the recipe says, and keeps every line, so that each can be answered for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from workbench.records.errors import ProfileError

LIMIT = 1 << 20
ACTIONS = ("ADD", "BLANK", "JITTER", "KEEP", "REPLACE", "REMOVE", "LABEL")
_WITH_VALUE = ("ADD", "JITTER", "REPLACE")
_SECTIONS = ("header", "labels", "filter", "values", "fields")
_NAMED = ("filter", "values", "fields")
_LISTED = {"fields": ("FIELD",), "values": ("FIELD", "SPLIT")}
_FILTERS = ("contains", "notcontains", "equals", "notequals", "missing", "present", "empty")
_COORDINATES = ("coordinates", "keepcoordinates", "ctpcoordinates", "ctpkeepcoordinates")
_TOKEN = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")


class Part(StrEnum):
    """What a line is."""

    ACTION = "action"
    """An action on attributes, in `%header`."""
    LIST = "list"
    """A member of a list of fields or values."""
    FILTER = "filter"
    """A label, a criterion or coordinates, in `%filter`."""
    OTHER = "other"
    """Nothing that deid carries out; `problem` says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that says something.

    `number` counts from 1. `verb` is the action or the word of a list or filter, `field` what it speaks of, `value`
    the rest without a comment, None when there is none. `name` is that of its section. `problem` is why deid does not
    carry it out, empty when it does; `commented` says that a comment stood in place of a value.
    """

    number: int
    text: str
    part: Part
    section: str = ""
    name: str = ""
    verb: str = ""
    field: str = ""
    value: str | None = None
    commented: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe, line by line."""

    lines: tuple[Line, ...]

    def actions(self) -> tuple[Line, ...]:
        """Return the actions that deid carries out, in its order."""
        return tuple(line for line in self.lines if line.part is Part.ACTION and not line.problem)

    def listed(self, section: str, name: str) -> tuple[Line, ...]:
        """Return the members of a list."""
        return tuple(
            line for line in self.lines if line.part is Part.LIST and (line.section, line.name) == (section, name)
        )


def parse(text: str) -> Recipe:
    """Read a recipe.

    Raises
    ------
    ProfileError
        `recipe-too-long`, `recipe-not-text`, or `recipe-other-format` when it is none for DICOM.
    """
    if len(text) > LIMIT:
        raise ProfileError("recipe-too-long", "The recipe is longer than 1 MiB.", "Check that it is a recipe.")
    if "\0" in text:
        raise ProfileError("recipe-not-text", "The file is no text.", "Give a recipe of the deid package.")
    return Recipe(tuple(_lines(text)))


def _lines(text: str) -> Iterator[Line]:
    section = name = ""
    found = False
    for number, whole in enumerate(text.splitlines(), 1):
        line = whole.strip()
        if not line or line.startswith("#"):
            continue
        if line.lower().startswith("format"):
            _check_format(line)
            found = True
        elif line.startswith("%"):
            section, name, problem = _section(line)
            found = found or not problem
            if problem:
                yield Line(number, line, Part.OTHER, problem=problem)
        else:
            yield _content(number, line, section, name)
    if not found:
        raise ProfileError(
            "recipe-other-format",
            "The file is no recipe of the deid package: it has neither a format nor a section.",
            "A recipe begins with `FORMAT dicom` and has a section such as `%header`.",
        )


def _check_format(line: str) -> None:
    if line[len("format") :].strip().lower() != "dicom":
        raise ProfileError(
            "recipe-other-format", "The recipe is for another format than DICOM.", "Give a recipe with `FORMAT dicom`."
        )


def _section(line: str) -> tuple[str, str, str]:
    """Return section, its name, and what is wrong with it."""
    word, _space, name = line.split("#", 1)[0].strip().removeprefix("%").strip().partition(" ")
    section = word.lower()
    if section not in _SECTIONS:
        return "", "", "deid knows no such section"
    if section in _NAMED and not name.strip():
        return "", "", "the section has no name"
    return section, name.strip(), ""


def _content(number: int, line: str, section: str, name: str) -> Line:
    if not section:
        return Line(number, line, Part.OTHER, problem="it stands in no section that deid knows")
    if section == "filter":
        return _filter(number, line, name)
    if section in _LISTED:
        return _member(number, line, section, name)
    if section == "labels":
        return Line(number, line, Part.OTHER, section, name, problem="deid makes nothing of the section %labels")
    return _action(number, line, section)


def _filter(number: int, line: str, name: str) -> Line:
    bare = line.lstrip("+| ")
    word = bare.split(None, 1)[0].lower() if bare else ""
    known = word in _FILTERS or any(bare.lower().startswith(each) for each in _COORDINATES) or word == "label"
    problem = "" if known else "deid knows no such filter"
    return Line(number, line, Part.FILTER, "filter", name, verb=word, field=bare[len(word) :].strip(), problem=problem)


def _member(number: int, line: str, section: str, name: str) -> Line:
    tokens = _TOKEN.findall(line)
    verb, rest = tokens[0] if tokens else "", tokens[1:]
    if verb not in _LISTED[section] or not rest:
        words = " or ".join(_LISTED[section])
        return Line(number, line, Part.OTHER, section, name, problem=f"a list of {section} is made of {words} lines")
    value, commented = _value(rest[1:])
    return Line(number, line, Part.LIST, section, name, verb, rest[0], value, commented)


def _action(number: int, line: str, section: str) -> Line:
    tokens = _TOKEN.findall(line)
    verb, rest = tokens[0] if tokens else "", tokens[1:]
    problem = ""
    if verb not in ACTIONS:
        upper = verb.upper()
        problem = "deid wants actions in upper case" if upper in ACTIONS else "deid knows no such action"
    elif verb == "LABEL":
        problem = "deid makes nothing of LABEL outside a filter"
    elif not rest:
        problem = "it names no field"
    elif verb in _WITH_VALUE and len(rest) < 2:
        problem = f"{verb} needs a value"
    if problem:
        return Line(number, line, Part.OTHER, section, problem=problem)
    value, commented = _value(rest[1:])
    return Line(number, line, Part.ACTION, section, "", verb, rest[0], value, commented)


def _value(tokens: list[str]) -> tuple[str | None, bool]:
    """Return the value without its comment, None when there is none; and whether a comment is all that stands there."""
    if not tokens:
        return None, False
    value = " ".join(tokens).split("#", 1)[0].strip()
    return (value, False) if value else (None, True)
