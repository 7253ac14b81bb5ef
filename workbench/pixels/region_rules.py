"""Rules that say by the header of an image where its device burns in text. Pure."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from workbench.pixels.layout import Area

Header = Mapping[int, str]
"""Values of top-level elements as text, by tag; several values are parted by a backslash. Absent ones are missing."""

Kind = Literal["all", "any", "not"]
_KINDS: Final[tuple[Kind, ...]] = ("all", "any", "not")
_LONGEST: Final = 256
"""Characters of a value that are looked at: attributes that name a device are shorter."""

_TESTS: Final[dict[str, Callable[[str, str], bool]]] = {
    "contains": lambda value, wanted: wanted in value,
    "equals": lambda value, wanted: wanted in (value, *(part.strip() for part in value.split("\\"))),
    "is": lambda value, wanted: value == wanted,
    "starts": lambda value, wanted: value.startswith(wanted),
    "ends": lambda value, wanted: value.endswith(wanted),
    "matches": lambda value, wanted: re.fullmatch(wanted, value) is not None,
    "less": lambda value, wanted: _number(value) < _number(wanted),
    "greater": lambda value, wanted: _number(value) > _number(wanted),
}
_PRESENCE: Final = ("missing", "empty", "present")
TESTS: Final = frozenset({*_TESTS, *_PRESENCE})


@dataclass(frozen=True, slots=True)
class Test:
    """A test of one attribute; what is missing passes only the tests `missing` and `empty`.

    `equals` is met by one of several values as well, `is` only by all of them, parted by backslashes.
    """

    __test__ = False  # no test of the test runner

    name: str
    tag: int
    value: str = ""
    exact: bool = False
    """Whether upper and lower case differ."""


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined: all of them, any of them, or not the only one."""

    kind: Kind
    parts: tuple["Condition", ...]


Condition = Test | Group


@dataclass(frozen=True, slots=True)
class DeviceRule:
    """Areas that are redacted in every image whose header meets a condition.

    Attributes
    ----------
    name, source
        What the source calls the rule, and where it comes from, with its version. Both get into reports.
    when, areas
        The condition, and the areas.
    outside
        Whether also all is redacted that lies outside of the ultrasound regions of the image, if it has some.
    """

    name: str
    source: str
    when: Condition
    areas: tuple[Area, ...]
    outside: bool = False


def meets(header: Header, condition: Condition) -> bool:
    """Tell whether a header meets a condition."""
    if isinstance(condition, Group):
        if condition.kind == "not":
            return not any(meets(header, part) for part in condition.parts)
        return (all if condition.kind == "all" else any)(meets(header, part) for part in condition.parts)
    value = header.get(condition.tag)
    if condition.name in _PRESENCE:
        return {"missing": value is None, "empty": not value, "present": value is not None}[condition.name]
    if value is None:
        return False
    value, wanted = value[:_LONGEST].strip(), condition.value
    if not condition.exact and condition.name != "matches":
        value, wanted = value.casefold(), wanted.casefold()
    return _TESTS[condition.name](value, wanted)


def tags_of(condition: Condition) -> frozenset[int]:
    """Return the tags that a condition looks at."""
    if isinstance(condition, Test):
        return frozenset({condition.tag})
    return frozenset().union(*(tags_of(part) for part in condition.parts))


def to_json(rule: DeviceRule) -> dict[str, Any]:
    """Return a rule as plain data."""
    plain = {"name": rule.name, "source": rule.source, "when": _plain(rule.when), "areas": [[*a] for a in rule.areas]}
    return plain | ({"outside": True} if rule.outside else {})


def from_json(plain: Mapping[str, Any]) -> DeviceRule:
    """Return the rule that `to_json` was given."""
    areas = tuple(Area(*area) for area in plain["areas"])
    outside = plain.get("outside", False)
    return DeviceRule(plain["name"], plain["source"], _condition(plain["when"]), areas, outside)


def digest_of(rules: Iterable[DeviceRule]) -> str:
    """Return the SHA-256 of rules, whatever their order."""
    lines = sorted(json.dumps(to_json(rule), sort_keys=True, ensure_ascii=True) for rule in rules)
    return sha256("\n".join(lines).encode("ascii")).hexdigest()


def _plain(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, Group):
        return {condition.kind: [_plain(part) for part in condition.parts]}
    found: dict[str, Any] = {"test": condition.name, "tag": f"{condition.tag:08x}"}
    if condition.name not in _PRESENCE:
        found["value"] = condition.value
    return found | ({"exact": True} if condition.exact else {})


def _condition(plain: Mapping[str, Any]) -> Condition:
    if "test" in plain:
        return Test(plain["test"], int(plain["tag"], 16), plain.get("value", ""), plain.get("exact", False))
    for kind in _KINDS:
        if kind in plain:
            return Group(kind, tuple(_condition(part) for part in plain[kind]))
    raise ValueError(sorted(plain))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")  # neither less nor greater
