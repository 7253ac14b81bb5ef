"""What a recipe does to each attribute in the end, as deid carries its actions out.

Actions run in the order of the file. What a KEEP names is touched by no other action but ADD; what a REPLACE or JITTER
names is not removed. Lists (`fields:`, `values:`) protect nothing, whatever the action.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbench.profiles.interchange.fields import Meant, meant
from workbench.profiles.interchange.recipe import Line, Recipe
from workbench.standard.dictionary import tag_of


class Want(StrEnum):
    """What is to become of an attribute."""

    KEEP = "keep"
    REMOVE = "remove"
    BLANK = "empty"
    REPLACE = "replace"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class Effect:
    """The end of one attribute, and the line that decides it. `added` when deid adds it where it is absent."""

    want: Want
    line: Line
    added: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A recipe with the meaning of each action, and the end of each attribute and path that one of them decides."""

    meanings: Mapping[int, Meant]
    """By number of line."""
    tags: Mapping[int, Effect]
    paths: Mapping[tuple[int, ...], Effect]
    everything: Line | None
    """The line that removes or blanks whatever no other line names, if there is one."""


SKIPPED = frozenset(
    tag_of(keyword) or 0
    for keyword in (
        "PixelData",
        "RedPaletteColorLookupTableData",
        "GreenPaletteColorLookupTableData",
        "BluePaletteColorLookupTableData",
        "VOILUTSequence",
    )
)
"""What deid touches by no action but ADD, unless a program asks it to."""

_WANTS = {"REMOVE": Want.REMOVE, "BLANK": Want.BLANK, "REPLACE": Want.REPLACE, "JITTER": Want.SHIFT}


def read(recipe: Recipe) -> Read:
    """Carry a recipe out on the dictionary."""
    actions = recipe.actions()
    meanings = {line.number: meant(line.field, recipe) for line in actions}
    kept = _named(actions, meanings, ("KEEP",))
    spared = _named(actions, meanings, ("REPLACE", "JITTER"))
    tags: dict[int, Effect] = {}
    paths: dict[tuple[int, ...], Effect] = {}
    everything: Line | None = None
    for line in actions:
        meaning = meanings[line.number]
        if line.verb == "KEEP":
            if not line.field.startswith(("fields", "values")):
                for tag in meaning.tags:
                    tags.setdefault(tag, Effect(Want.KEEP, line))
                if meaning.path:
                    paths.setdefault(meaning.path, Effect(Want.KEEP, line))
            continue
        if meaning.everything and line.verb in ("REMOVE", "BLANK") and not everything:
            everything = line
        for tag in meaning.tags:
            _decide(tags, tag, line, kept=tag in kept or tag in SKIPPED, spared=tag in spared)
        if meaning.path:
            _decide(paths, meaning.path, line, kept=False, spared=False)
    return Read(meanings, tags, paths, everything)


def _named(actions: tuple[Line, ...], meanings: Mapping[int, Meant], verbs: tuple[str, ...]) -> frozenset[int]:
    found: frozenset[int] = frozenset()
    for line in actions:
        if line.verb in verbs and not line.field.startswith(("fields", "values")):
            found |= meanings[line.number].tags
    return found


def _decide(ends: dict, place: object, line: Line, *, kept: bool, spared: bool) -> None:  # type: ignore[type-arg] # of tags, or of paths
    before = ends.get(place)
    if line.verb == "ADD":
        ends[place] = Effect(Want.REPLACE, line, added=True)
        return
    gone = before is not None and before.want is Want.REMOVE
    if kept or (line.verb == "REMOVE" and spared) or (gone and line.verb != "REMOVE"):
        return
    if gone and line.verb == "REMOVE":
        return
    ends[place] = Effect(_WANTS[line.verb], line)
