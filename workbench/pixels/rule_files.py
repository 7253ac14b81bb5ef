"""Rules of a site for burned-in text in a file (JSON), and how they are checked and said in words."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, NoReturn

from workbench.pixels.layout import Area
from workbench.pixels.region_rules import TESTS, Condition, DeviceRule, Group, Test, from_json, to_json
from workbench.pixels.region_scripts import EDGE
from workbench.records.errors import UsageError
from workbench.standard.dictionary import keyword_of, tag_of, vr_of

FORMAT: Final = "deid-workbench pixel rules 1"
_LONGEST: Final = 4 << 20
_MOST: Final = 2000
_DEEPEST: Final = 32
_MOST_AREAS: Final = 256
_VALUE: Final = 256
_NAME: Final = 120
_PATIENT: Final = 0x0010
_IDENTIFYING: Final = frozenset(
    {0x00020003, 0x00080018, 0x00080050, 0x0020000D, 0x0020000E, 0x00200010, 0x00081080, 0x00324000, 0x00102203}
)
_IDENTIFYING_VR: Final = frozenset({"PN", "DA", "DT", "TM"})
_WORDS: Final = {
    "contains": "contains",
    "equals": "has the value",
    "is": "is",
    "starts": "starts with",
    "ends": "ends with",
    "matches": "matches",
    "less": "is less than",
    "greater": "is greater than",
    "missing": "is missing",
    "empty": "is missing or empty",
    "present": "is there",
}


def read_rules(text: str) -> tuple[DeviceRule, ...]:
    """Return the rules of a file.

    Raises
    ------
    UsageError
        `rule-file-damaged`: it is no such file; `rule-unfit`: a rule in it can't be one, with its number.
    """
    try:
        plain = json.loads(text) if len(text) <= _LONGEST else None
    except (ValueError, RecursionError):
        plain = None
    if not isinstance(plain, dict) or plain.get("format") != FORMAT or not isinstance(plain.get("rules"), list):
        raise UsageError(
            "rule-file-damaged",
            "The file holds no rules for burned-in text.",
            "Make it with `workbench pixels rules add` or `import`, which write it.",
        )
    rules = tuple(rule_of(each, number) for number, each in enumerate(plain["rules"][: _MOST + 1], 1))
    if len(rules) > _MOST:
        _unfit(_MOST + 1, "there are more than 2,000 rules")
    for before, after in pairwise(sorted(rule.name for rule in rules)):
        if before == after:
            _unfit(1 + max(n for n, rule in enumerate(rules) if rule.name == before), "another rule has the same name")
    return rules


def write_rules(rules: Iterable[DeviceRule]) -> str:
    """Return the text of a file; the same rules give the same text."""
    lines = ",\n".join(f"  {json.dumps(to_json(rule), ensure_ascii=False)}" for rule in rules)
    return f'{{\n "format": {json.dumps(FORMAT)},\n "rules": [\n{lines}\n ]\n}}\n'


def rule_of(plain: object, number: int = 1) -> DeviceRule:
    """Return a rule that was plain data, once it is checked.

    Raises
    ------
    UsageError
        `rule-unfit`.
    """
    try:
        if not isinstance(plain, Mapping) or _depth(plain["when"]) > _DEEPEST:
            raise ValueError  # noqa: TRY301 (told with the others)
        rule = from_json(plain)
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        _unfit(number, "a rule has name, source, when and areas")
    check_rule(rule, number)
    return rule


def check_rule(rule: DeviceRule, number: int = 1) -> None:
    """Refuse what can't be a rule of a site: its text gets into reports, and it decides about other images for years.

    Raises
    ------
    UsageError
        `rule-unfit`; the message names the rule by its number.
    """
    if not all(_is_line(text, _NAME) and text.strip() for text in (rule.name, rule.source)):
        _unfit(number, "name and source are one line each, of 120 characters at most")
    if not (_is_flag(rule.outside) and (rule.areas or rule.outside)):
        _unfit(number, "a rule has an area at least")
    if len(rule.areas) > _MOST_AREAS or not all(_is_area(area) for area in rule.areas):
        _unfit(number, "an area is left, top, right and bottom in pixels, with a pixel in it")
    for test in each_test(rule.when):
        _check_test(test, number)
    if any(not group.parts or (group.kind == "not" and len(group.parts) != 1) for group in _groups(rule.when)):
        _unfit(number, "a group of conditions is empty")


def each_test(condition: Condition) -> Iterator[Test]:
    """Yield the tests of a condition."""
    if isinstance(condition, Test):
        yield condition
    else:
        for part in condition.parts:
            yield from each_test(part)


def condition_of(text: str) -> Test:
    """Return the test that one line says: attribute, test and value, as in `Manufacturer contains ACME`.

    Raises
    ------
    UsageError
        `rule-unfit`.
    """
    attribute, _, rest = text.strip().partition(" ")
    name, _, value = rest.strip().partition(" ")
    tag = tag_of(attribute)
    if re.fullmatch(r"\(?[0-9A-Fa-f]{4},?[0-9A-Fa-f]{4}\)?", attribute):
        tag = int(re.sub(r"[^0-9A-Fa-f]", "", attribute), 16)
    if tag is None or name not in TESTS:
        _unfit(1, f"a condition is attribute, test and value, and tests are {', '.join(sorted(TESTS))}")
    return Test(name, tag, value.strip())


def in_words(condition: Condition) -> str:
    """Return what a condition asks for, in words."""
    if isinstance(condition, Test):
        name = keyword_of(condition.tag) or f"({condition.tag >> 16:04X},{condition.tag & 0xFFFF:04X})"
        value = f" “{condition.value}”" if condition.name not in ("missing", "empty", "present") else ""
        return f"{name} {_WORDS[condition.name]}{value}"
    if condition.kind == "not":
        return f"not ({in_words(condition.parts[0])})"
    said = [in_words(part) if isinstance(part, Test) else f"({in_words(part)})" for part in condition.parts]
    return (" and " if condition.kind == "all" else " or ").join(said)


def _check_test(test: Test, number: int) -> None:
    if test.name not in TESTS or not _is_line(test.value, _VALUE):
        _unfit(number, "a test is not known, or its value is longer than 256 characters")
    if not _is_flag(test.exact) or not 0 <= test.tag < 1 << 32:
        _unfit(number, "a test can't be read")
    if test.tag >> 16 == _PATIENT or test.tag in _IDENTIFYING or (vr_of(test.tag) or "")[:2] in _IDENTIFYING_VR:
        _unfit(number, "a rule asks for devices and kinds of images, never for a person, a date or a study")
    if test.name == "matches":
        try:
            re.compile(test.value)
        except re.error:
            _unfit(number, "a pattern can't be read")


def _groups(condition: Condition) -> Iterator[Group]:
    if isinstance(condition, Group):
        yield condition
        for part in condition.parts:
            yield from _groups(part)


def _is_line(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and value.isprintable()


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_area(area: Area) -> bool:
    left, top, right, bottom = area
    return all(type(each) is int for each in area) and 0 <= left < right <= 2 * EDGE and 0 <= top < bottom <= 2 * EDGE


def _depth(plain: Any) -> int:
    """Return how deep groups lie in each other, not looking deeper than is allowed."""
    depth, level = 0, [plain]
    while level and depth <= _DEEPEST:
        depth += 1
        groups = [parts for each in level if isinstance(each, Mapping) for parts in each.values()]
        level = [part for parts in groups if isinstance(parts, list) for part in parts]
    return depth


def _unfit(number: int, reason: str) -> NoReturn:
    raise UsageError("rule-unfit", f"Rule {number} can't be used: {reason}.", "Correct it, or take it out.")
