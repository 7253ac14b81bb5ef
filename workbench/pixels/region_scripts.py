"""Read rules for burned-in text that others wrote: pixel scripts of CTP, and filters of deid recipes."""

import re
from collections.abc import Iterator
from typing import Final, NoReturn

from workbench.pixels.layout import Area
from workbench.pixels.region_rules import Condition, DeviceRule, Group, Test
from workbench.records.errors import UsageError
from workbench.standard.dictionary import tag_of

_OVERLAY: Final = {"OverlayDescription": 0x60000022, "OverlayType": 0x60000040, "OverlayLabel": 0x60001500}
"""Keywords of a repeating group stand for its first one."""

_CTP_TESTS: Final = {
    "equals": ("equals", True),
    "equalsIgnoreCase": ("equals", False),
    "contains": ("contains", True),
    "containsIgnoreCase": ("contains", False),
    "startsWith": ("starts", True),
    "startsWithIgnoreCase": ("starts", False),
    "endsWith": ("ends", True),
    "endsWithIgnoreCase": ("ends", False),
    "matches": ("matches", True),
    "isLessThan": ("less", False),
    "isGreaterThan": ("greater", False),
}
_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<sign>[()*+!])
      | (?P<name>\[\s*[0-9A-Fa-f]{4}\s*,\s*[0-9A-Fa-f]{4}\s*\]|[A-Za-z][A-Za-z0-9]*)
        \s*\.\s*(?P<test>[A-Za-z]+)\s*\(\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*\)
    )""",
    re.VERBOSE,
)
_BLOCK: Final = re.compile(r"\{([^{}]*)\}([^{}]*)")
_CTP_AREA: Final = re.compile(r"\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)")
_ULTRASOUND: Final = "from:SequenceOfUltrasoundRegions"
_EDGE: Final = 1 << 16
"""Beyond every image: Rows and Columns are numbers of 16 bits."""
_DEEPEST: Final = 32
_LONGEST: Final = 1 << 20


def read_ctp_script(text: str, *, source: str = "CTP pixel script") -> tuple[DeviceRule, ...]:
    """Return the rules of a script of CTP's DicomPixelAnonymizer: signatures in braces, each with its areas behind it.

    Other text is a comment; the last line of it before a signature becomes the name of the rule.

    Raises
    ------
    UsageError
        `region-script-damaged`, with the number of the line where a signature can't be read or has no area.
    """
    if len(text) > _LONGEST or text.count("{") != text.count("}"):
        _refuse(1 + text[: text.rfind("{")].count("\n"))
    rules: list[DeviceRule] = []
    end = 0
    for block in _BLOCK.finditer(text):
        line = 1 + text[: block.start()].count("\n")
        before = text[end : block.start()].splitlines()
        names = [each.strip() for each in before if re.search(r"[A-Za-z]", each)]
        areas = [Area(x, y, x + w, y + h) for x, y, w, h in _numbers(_CTP_AREA.finditer(block[2]))]
        behind = list(_CTP_AREA.finditer(block[2]))
        if not behind:
            _refuse(line)
        end = block.start(2) + behind[-1].end()
        name = names[-1] if names else (rules[-1].name if rules else "unnamed")
        rules.append(DeviceRule(name[:120], source, _Signature(block[1], line).condition(), tuple(areas)))
    return tuple(rules)


def read_recipe(text: str, *, source: str = "deid recipe") -> tuple[DeviceRule, ...]:
    """Return the labels of the filters of a deid recipe, but not of a filter `whitelist`.

    Labels without coordinates are rules without areas. What a recipe keeps of ultrasound regions is left to
    `workbench.pixels.ultrasound_regions`. Lines are joined from the first to the last: one that begins with + must
    hold as well, any other one is an alternative.

    Raises
    ------
    UsageError
        `region-script-damaged`, with the number of the line that can't be read.
    """
    rules: list[DeviceRule] = []
    label = _Label("", source)
    wanted = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if line.startswith(("%", "LABEL")):
            rules += label.rules()
            label = _Label(line.removeprefix("LABEL").strip(), source)
            if line.startswith("%"):
                wanted = line.split()[0] == "%filter" and line.split()[-1] != "whitelist"
        elif line and wanted and label.name:
            label.read(line, number)
    return (*rules, *label.rules())


class _Label:
    """One label of a recipe, line by line."""

    def __init__(self, name: str, source: str) -> None:
        self.name = "" if name.startswith("%") else name
        self._source = source
        self._when: Condition | None = None
        self._areas: list[Area] = []

    def rules(self) -> Iterator[DeviceRule]:
        if self.name and self._when is not None:
            yield DeviceRule(self.name, self._source, self._when, tuple(self._areas))

    def read(self, line: str, number: int) -> None:
        word, _, rest = line.partition(" ")
        if word in ("coordinates", "ctpcoordinates"):
            self._areas.append(_area(word, rest, number))
        elif word == "keepcoordinates" and rest.strip() == _ULTRASOUND:
            return
        else:
            joined_by = line[0] if line[0] == "+" else "|"
            part = _alternatives(line.lstrip("+| "), number)
            if self._when is None:
                self._when = part
            else:
                self._when = Group("all" if joined_by == "+" else "any", (self._when, part))


def _area(word: str, text: str, line: int) -> Area:
    if text.strip() == "all":
        return Area(0, 0, _EDGE, _EDGE)
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4 or not all(part.isdigit() and len(part) < 7 for part in parts):
        _refuse(line)
    x, y, third, fourth = map(int, parts)
    return Area(x, y, third, fourth) if word == "coordinates" else Area(x, y, x + third, y + fourth)


def _alternatives(line: str, number: int) -> Condition:
    parts: list[Condition] = []
    for each in line.split("||"):
        words = each.split(maxsplit=2)
        negated = words[:1] and words[0] in ("notcontains", "notequals")
        name = words[0].removeprefix("not") if words else ""
        if name not in ("contains", "equals", "missing", "empty", "present") or len(words) < 2:
            _refuse(number)
        values = words[2].split("|") if len(words) == 3 else [""]
        tests = tuple(Test(name, _tag(words[1], number), value.strip()) for value in values)
        found: Condition = tests[0] if len(tests) == 1 else Group("any", tests)
        parts.append(Group("not", (found,)) if negated else found)
    return parts[0] if len(parts) == 1 else Group("any", tuple(parts))


class _Signature:
    """A signature of CTP: tests joined by * (and), + (or), ! (not) and parentheses."""

    def __init__(self, text: str, line: int) -> None:
        self._line = line
        self._tokens: list[re.Match[str]] = []
        at, text = 0, text.rstrip()
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                _refuse(line)
            self._tokens.append(token)
            at = token.end()
        self._at = 0

    def condition(self) -> Condition:
        found = self._any(0)
        if self._at != len(self._tokens):
            _refuse(self._line)
        return found

    def _sign(self, wanted: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at]["sign"] == wanted:
            self._at += 1
            return True
        return False

    def _any(self, depth: int) -> Condition:
        parts = [self._all(depth)]
        while self._sign("+"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Group("any", tuple(parts))

    def _all(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while self._sign("*"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else Group("all", tuple(parts))

    def _one(self, depth: int) -> Condition:
        if depth > _DEEPEST:
            _refuse(self._line)
        if self._sign("!"):
            return Group("not", (self._one(depth + 1),))
        if self._sign("("):
            found = self._any(depth + 1)
            if not self._sign(")"):
                _refuse(self._line)
            return found
        if self._at == len(self._tokens) or self._tokens[self._at]["sign"]:
            _refuse(self._line)
        token = self._tokens[self._at]
        self._at += 1
        if token["test"] not in _CTP_TESTS:
            _refuse(self._line)
        name, exact = _CTP_TESTS[token["test"]]
        value = re.sub(r"\\(.)", r"\1", token["value"]) if name != "matches" else token["value"]
        if name == "matches":
            self._check_pattern(value)
        return Test(name, _tag(token["name"], self._line), value, exact)

    def _check_pattern(self, value: str) -> None:
        try:
            re.compile(value)
        except re.error:
            _refuse(self._line)


def _tag(name: str, line: int) -> int:
    if name.startswith("["):
        return int(re.sub(r"[^0-9A-Fa-f]", "", name), 16)
    if re.fullmatch(r"0x[0-9A-Fa-f]{8}", name):
        return int(name, 16)
    tag = tag_of(name) or _OVERLAY.get(name)
    if tag is None:
        _refuse(line)
    return tag


def _numbers(found: Iterator[re.Match[str]]) -> Iterator[tuple[int, int, int, int]]:
    for match in found:
        x, y, width, height = (int(each) for each in match.groups())
        yield x, y, width, height


def _refuse(line: int) -> NoReturn:
    raise UsageError(
        "region-script-damaged",
        f"The rules for burned-in text can't be read at line {line}.",
        "Correct that line, or take the rule out.",
    )
