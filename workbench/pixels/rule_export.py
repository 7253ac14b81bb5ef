"""Write rules for burned-in text in the languages of others: a pixel script of CTP, or a filter of a deid recipe."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from workbench.pixels.region_rules import Condition, DeviceRule, Test
from workbench.pixels.rule_files import each_test
from workbench.pixels.ultrasound_regions import ULTRASOUND_REGIONS
from workbench.standard.dictionary import keyword_of

_CTP: Final = {
    ("equals", True): "equals",
    ("equals", False): "equalsIgnoreCase",
    ("is", True): "equals",
    ("is", False): "equalsIgnoreCase",
    ("contains", True): "contains",
    ("contains", False): "containsIgnoreCase",
    ("starts", True): "startsWith",
    ("starts", False): "startsWithIgnoreCase",
    ("ends", True): "endsWith",
    ("ends", False): "endsWithIgnoreCase",
    ("matches", True): "matches",
    ("matches", False): "matches",
    ("less", False): "isLessThan",
    ("greater", False): "isGreaterThan",
}
_SPECIAL: Final = re.compile(r"[\^$*+?\[\]{}()\\|#]")
_DEID_TESTS: Final = frozenset({"contains", "equals"})
_DEID_PRESENCE: Final = frozenset({"missing", "empty", "present"})


@dataclass(frozen=True, slots=True)
class Exported:
    """A script, and the rules that its language can't say, with the reason."""

    text: str
    left_out: tuple[tuple[str, str], ...]


class _Unsayable(Exception):  # noqa: N818 (never leaves this module)
    """The language has no word for it; the argument says for what."""


def to_ctp_script(rules: Iterable[DeviceRule]) -> Exported:
    """Return a script of CTP's DicomPixelAnonymizer.

    CTP blackens by the first signature that fits an image, where rules are added up: those that ask for most stand
    first.
    """
    narrow_first = sorted(rules, key=lambda rule: -sum(1 for _ in each_test(rule.when)))
    return _exported(narrow_first, _ctp_rule, "Rules for burned-in text\n\n")


def to_recipe(rules: Iterable[DeviceRule]) -> Exported:
    """Return a recipe of the deid package with one filter.

    Its tests take values for patterns and small letters for capitals; a rule that depends on the difference is left
    out. `is` becomes `equals`, which one of several values meets as well: it is for more images, not for fewer.
    """
    return _exported(rules, _deid_rule, "FORMAT dicom\n\n%filter graylist\n\n")


def _exported(rules: Iterable[DeviceRule], say: Callable[[DeviceRule], str], head: str) -> Exported:
    said: list[str] = []
    left_out: list[tuple[str, str]] = []
    for rule in rules:
        try:
            said.append(say(rule))
        except _Unsayable as reason:
            left_out.append((rule.name, str(reason)))
    return Exported(head + "\n".join(said), tuple(left_out))


def _ctp_rule(rule: DeviceRule) -> str:
    if rule.outside:
        raise _Unsayable("there is no word for what lies outside of ultrasound regions")
    areas = " ".join(f"({x},{y},{right - x},{bottom - y})" for x, y, right, bottom in rule.areas)
    return f"{_name(rule)}\n  {{ {_signature(rule.when)} }}\n  {areas}\n"


def _signature(condition: Condition) -> str:
    if isinstance(condition, Test):
        return _ctp_test(condition)
    parts = [_signature(part) for part in condition.parts]
    if condition.kind == "not":
        return f"!({parts[0]})"
    return "(" + (" * " if condition.kind == "all" else " + ").join(parts) + ")"


def _ctp_test(test: Test) -> str:
    name = f"[{test.tag >> 16:04X},{test.tag & 0xFFFF:04X}]"
    if test.name == "empty":
        return f'{name}.equals("")'
    if test.tag == ULTRASOUND_REGIONS:
        raise _Unsayable("there is no word for the layout of ultrasound regions")
    method = _CTP.get((test.name, test.exact))
    if method is None:
        raise _Unsayable("CTP does not tell a missing attribute from an empty one")
    value = test.value if test.name == "matches" else re.sub(r'(["\\])', r"\\\1", test.value)
    if "{" in value or "}" in value or (test.name == "matches" and '"' in value):
        raise _Unsayable("braces and quotes can't stand in a value")
    return f'{name}.{method}("{value}")'


def _deid_rule(rule: DeviceRule) -> str:
    lines = [f"LABEL {_name(rule)}", *(f"  {line}" for line in _lines(rule.when))]
    lines += [f"  coordinates {','.join(map(str, area))}" for area in rule.areas]
    if rule.outside:
        lines.append("  keepcoordinates from:SequenceOfUltrasoundRegions")
    if rule.outside and rule.areas:
        raise _Unsayable("areas and what lies outside of ultrasound regions do not go together in one label")
    return "\n".join(lines) + "\n"


def _lines(condition: Condition) -> Iterator[str]:
    if isinstance(condition, Test) or condition.kind == "not":
        yield _line(condition)
        return
    first, *rest = condition.parts
    yield from _lines(first)
    sign = "+" if condition.kind == "all" else "||"
    for part in rest:
        yield f"{sign} {_line(part)}"


def _line(condition: Condition, *, nested: bool = False) -> str:
    if isinstance(condition, Test):
        return _deid_test(condition)
    if condition.kind == "not":
        (part,) = condition.parts
        if not isinstance(part, Test) or part.name not in _DEID_TESTS:
            raise _Unsayable("only `contains` and `equals` can be turned round")
        return f"not{_deid_test(part)}"
    if nested:
        raise _Unsayable("conditions lie too deep in each other")
    sign = " + " if condition.kind == "all" else " || "
    return sign.join(_line(part, nested=True) for part in condition.parts)


def _deid_test(test: Test) -> str:
    name = keyword_of(test.tag)
    if not name or test.tag >> 16 == 2:
        raise _Unsayable("an attribute has no name there")
    if test.name in _DEID_PRESENCE:
        return f"{test.name} {name}"
    if test.name not in (*_DEID_TESTS, "is") or test.exact:
        raise _Unsayable("only `contains` and `equals` can be said, and only whatever the case of letters")
    if test.tag == ULTRASOUND_REGIONS or _SPECIAL.search(test.value) or not test.value:
        raise _Unsayable("a value would be taken for a pattern")
    return f"{'equals' if test.name == 'is' else test.name} {name} {test.value}"


def _name(rule: DeviceRule) -> str:
    return re.sub(r"[{}#()]", " ", rule.name).strip() or "unnamed"
