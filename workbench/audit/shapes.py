"""What a value in an audit event may look like: nothing that could carry identity or free text passes.

An entry is kept for years and can never be taken back, so the door is narrow: opaque identifiers, digests, codes,
enumerations, counts and points in time. Free text lives sealed elsewhere; an event holds at most a keyed digest of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from workbench.audit.canon import Plain
from workbench.records.errors import UsageError

_MOST_MEMBERS = 1000


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern that a whole text must match."""

    name: str
    pattern: re.Pattern[str]


def _shape(name: str, *alternatives: str) -> Shape:
    return Shape(name, re.compile("|".join(f"(?:{alternative})" for alternative in alternatives)))


Id = Annotated[
    str,
    _shape(
        "id",
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        r"(?:[a-z]{1,16}[-_])?[0-9a-f]{16,64}",
        r"[A-Z]{1,3}-[0-9]{4,12}",
    ),
]
"""An opaque identifier: a UUID, at least 16 hexadecimal digits (with a prefix or without), or a running number such as
`WB-000001`. Never a patient's, a study's or an instance's identifier from an input."""

Digest = Annotated[str, _shape("digest", r"[0-9a-f]{64}")]
"""A SHA-256 in hexadecimal. Of things that can be guessed (names, numbers, dates) only a keyed one (HMAC) may be given:
a plain digest of a seven-digit number is turned back in a second."""

Word = Annotated[str, _shape("code", r"[a-z][a-z0-9]{0,31}(?:[-._][a-z0-9]{1,32}){0,7}")]
"""A code from a list that the product owns: error code, check, profile name, purpose."""

Version = Annotated[str, _shape("version", r"[0-9]{1,4}(?:\.[0-9]{1,6}){0,3}(?:[a-z+.-]{1,3}[0-9a-z]{1,12}){0,2}")]
"""A software version."""

TagPath = Annotated[str, _shape("tag path", r"\([0-9A-F]{4},[0-9A-F]{4}\)(?:/\([0-9A-F]{4},[0-9A-F]{4}\)){0,15}")]
"""Which attribute, without item numbers: `(0040,0275)/(0040,0007)`."""

Counts = Mapping[Word, int]
"""How many of each code."""

Actor = Annotated[str, _shape("actor", *(shape.pattern.pattern for shape in get_args(Id)[1:]), "system", "nobody")]
"""The account's opaque id; `system` for the machine's own steps, `nobody` before anybody has signed in."""


def moment(value: datetime) -> str:
    """Return the one spelling of a point in time: UTC, microseconds, `2026-01-31T23:59:59.000000Z`.

    Raises
    ------
    UsageError
        When the value has no time zone.
    """
    if value.tzinfo is None:
        raise UsageError("event-refused", "A point in time in an audit event needs a time zone.")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(hint: Any, value: object, where: str) -> Plain:
    """Return what a value of that type becomes in the entry.

    Guarantees that the result matches the declared shape whatever the caller put there.

    Raises
    ------
    UsageError
        `event-refused`, naming the place and never the value.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _matched(arguments[1], value, where)
    if origin in {Union, UnionType}:
        (inner,) = (argument for argument in arguments if argument is not NoneType)
        return plain(inner, value, where)
    if origin is tuple:
        return _members(arguments[0], value, where)
    if origin is Mapping:
        return _counts(arguments[0], value, where)
    return _atom(hint, value, where)


def _atom(hint: Any, value: object, where: str) -> Plain:
    if hint is bool and isinstance(value, bool):
        return value
    if hint is int and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
        return value
    if hint is datetime and isinstance(value, datetime):
        return moment(value)
    if isinstance(hint, type) and issubclass(hint, StrEnum) and isinstance(value, hint):
        return _matched(get_args(Word)[1], value.value, where)
    raise _refused(where, "value of its type")


def _matched(shape: Shape, value: object, where: str) -> str:
    if not isinstance(value, str) or not shape.pattern.fullmatch(value):
        raise _refused(where, shape.name)
    return str(value)


def _members(hint: Any, value: object, where: str) -> Plain:
    if not isinstance(value, tuple) or len(value) > _MOST_MEMBERS:
        raise _refused(where, "short tuple")
    return [plain(hint, member, where) for member in value]


def _counts(hint: Any, value: object, where: str) -> Plain:
    if not isinstance(value, Mapping) or len(value) > _MOST_MEMBERS:
        raise _refused(where, "short mapping")
    return {str(plain(hint, key, where)): plain(int, member, where) for key, member in value.items()}


def _refused(where: str, expected: str) -> UsageError:
    return UsageError(
        "event-refused",
        f"The audit log takes no free text and no identity: {where} does not have the shape '{expected}'.",
        "This is a defect of the program; nothing was changed.",
    )
