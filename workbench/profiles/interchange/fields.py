"""Which attributes of the dictionary a field of a recipe means.

deid matches a field against the attributes that a file holds: its keyword, its name, its tag and, for nested ones, its
path joined by `__`. Here it is matched against the dictionary instead, so that a profile can name what is meant. An
expression of `contains:` and its like is a regular expression to deid; those that could take for ever are refused.
"""

import re
from dataclasses import dataclass
from functools import cache

from workbench.profiles.interchange.recipe import Recipe
from workbench.standard.dictionary import VR, keyword_of, name_of, tag_of

_EXPANDER = re.compile(r'^([^:"]*(?:"[^"]*")?[^:"]*):(.*)$', re.DOTALL)
_TAG = re.compile(r"\(?([0-9A-Fa-f]{4}),? ?([0-9A-Fa-f]{4})\)?")
_PRIVATE = re.compile(r'\(?([0-9A-Fa-f]{3}[13579BbDdFf]),"([^"]+)",([0-9A-Fa-f]{2})\)?')
_QUANTIFIER = re.compile(r"(?<!\\)[*+{]")
_QUANTIFIED_GROUP = re.compile(r"\)[*+{]")
_SHIFTS = {"contains": "{}", "startswith": "^({})", "endswith": "({})$", "except": "{}"}
_LONGEST = 512

Private = tuple[int, str, int]
"""Group, private creator, and the last two digits of a private attribute."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a field means: attributes at any depth, private ones, a path; or why it cannot be said.

    `everything` is true for `all` and `except:`, which mean what no dictionary knows as well, `nameless` for what means
    only that: private and unknown attributes have no keyword. `values` names the list
    whose values are searched in all attributes instead.
    """

    tags: frozenset[int] = frozenset()
    private: tuple[Private, ...] = ()
    path: tuple[int, ...] = ()
    everything: bool = False
    nameless: bool = False
    values: str = ""
    problem: str = ""
    nothing: str = ""
    """Why deid finds no attribute for it, where that is certain."""


def meant(field: str, recipe: Recipe) -> Meant:
    """Return what a field of an action means."""
    if field.startswith("values"):
        return Meant(values=field.removeprefix("values").removeprefix(":"))
    if field.startswith("fields"):
        return _list(field.removeprefix("fields").removeprefix(":"), recipe)
    return expression(field)


def expression(field: str) -> Meant:
    """Return what a field means that refers to no list."""
    if field.lower() == "all":
        return Meant(tags=public(), everything=True)
    split = _EXPANDER.match(field)
    if split is None:
        return _exact(field)
    expander, wanted = split.group(1).lower(), split.group(2)
    if expander == "select":
        return _select(wanted)
    if expander in _SHIFTS:
        return _searched(expander, wanted)
    return Meant(nothing="deid knows no such field expander")


def _searched(expander: str, wanted: str) -> Meant:
    try:
        pattern = _compiled(_SHIFTS[expander].format(wanted.lower()))
    except (re.error, OverflowError):
        return Meant(problem="its expression is not a regular expression, or one that could take for ever")
    found = frozenset(tag for tag in public() if _matches(tag, pattern))
    if expander == "except":
        return Meant(tags=public() - found, everything=True)
    private = _PRIVATE.fullmatch(wanted)
    nameless = pattern.search("") is not None
    if not (found or private or nameless):
        return Meant(nothing="no attribute of the standard matches, and private ones are removed")
    return Meant(tags=found, private=(_private(private),) if private else (), nameless=nameless)


def _list(name: str, recipe: Recipe) -> Meant:
    members = recipe.listed("fields", name)
    if not members:
        return Meant(nothing="the recipe has no such list of fields")
    found = [expression(member.field) for member in members]
    problem = next((each.problem for each in found if each.problem), "")
    return Meant(
        tags=frozenset().union(*(each.tags for each in found)),
        private=tuple(place for each in found for place in each.private),
        everything=any(each.everything for each in found),
        problem=problem,
    )


def _exact(field: str) -> Meant:
    private = _PRIVATE.fullmatch(field)
    if private is not None:
        return Meant(private=(_private(private),))
    if "__" in field:
        return _path(field.split("__"))
    tag = _tag(field)
    if tag is None:
        return Meant(nothing="the dictionary has no such attribute, and what it does not know is removed")
    if tag & 0x00010000:
        return Meant(problem="a private attribute needs its creator: the number of a block says nothing by itself")
    return Meant(tags=frozenset({tag}))


def _path(steps: list[str]) -> Meant:
    """Return the path of a nested attribute; the numbers of items in it cannot be said."""
    tags = [_tag(step) for step in steps if not step.isdigit()]
    path = tuple(tag for tag in tags if tag is not None and not tag & 0x00010000)
    if len(path) != len(tags) or not path:
        return Meant(nothing="the dictionary has no such attribute, and what it does not know is removed")
    return Meant(path=path)


def _tag(word: str) -> int | None:
    digits = _TAG.fullmatch(word)
    if digits is not None:
        return int(digits.group(1) + digits.group(2), 16)
    return tag_of(word) or _by_word().get(word.lower())


def _select(wanted: str) -> Meant:
    attribute, colon, value = wanted.partition(":")
    if attribute.lower() == "vr" and colon:
        return Meant(tags=frozenset(tag for tag in public() if value[:2].upper() in VR[tag].split(" or ")))
    if attribute.lower() == "group" and re.fullmatch(r"(0x)?[0-9A-Fa-f]{1,4}", value):
        return Meant(tags=frozenset(tag for tag in public() if tag >> 16 == int(value, 16)))
    return Meant(nothing="deid selects by vr and by group only")


def _private(match: re.Match[str]) -> Private:
    return int(match.group(1), 16), match.group(2), int(match.group(3), 16)


@cache
def public() -> frozenset[int]:
    """Return the attributes of data sets in the dictionary."""
    return frozenset(tag for tag in VR if tag >> 16 >= 0x0008 and keyword_of(tag))


@cache
def _by_word() -> dict[str, int]:
    return {word.lower(): tag for tag in sorted(public(), reverse=True) for word in (name_of(tag), keyword_of(tag))}


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    if (
        len(expression) > _LONGEST
        or len(_QUANTIFIER.findall(expression)) > 3
        or _QUANTIFIED_GROUP.search(expression)
        or re.search(r"\\[1-9]|\(\?P=", expression)
    ):
        raise re.error("too complex")
    return re.compile(expression, re.IGNORECASE)


def _matches(tag: int, pattern: re.Pattern[str]) -> bool:
    return any(
        pattern.search(text)
        for text in (
            keyword_of(tag),
            name_of(tag),
            f"({tag >> 16:04x},{tag & 0xFFFF:04x})",
            f"{tag >> 16:04X}{tag & 0xFFFF:04X}",
        )
    )
