"""Read rules for burned-in text that others wrote: pixel scripts of CTP, and filters of deid recipes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, NoReturn

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
EDGE: Final = 1 << 16
"""Beyond every image: Rows and Columns are numbers of 16 bits."""
_JOINED: Final = re.compile(r"\s*(\|\||\+)\s*(?=(?:not)?(?:contains|equals|missing|empty|present)\b)")
_PATTERN: Final = re.compile(r"[\^$*\[\]{}\\]")
MAPPED: Final = "mapped"
NOT_MAPPED: Final = "not mapped"
LEFT_OUT: Final = "left out"
_DEEPEST: Final = 32
_LONGEST: Final = 1 << 20


class Line(NamedTuple):
    """What became of a line of a script: `mapped`, `not mapped` or `left out`, with the reason in words."""

    line: int
    text: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Script:
    """The rules that a script holds, and what became of each line that is no comment."""

    rules: tuple[DeviceRule, ...]
    lines: tuple[Line, ...]

    @property
    def complete(self) -> bool:
        """Whether every line was mapped, or has nothing to do with pixels."""
        return all(line.status != NOT_MAPPED for line in self.lines)


def read_ctp_script(text: str, *, source: str = "CTP pixel script") -> Script:
    """Return the rules of a script of CTP's DicomPixelAnonymizer: signatures in braces, each with its areas behind it.

    Other text is a comment; the last line of it before a signature becomes the name of the rule. A signature that can't
    be said as a rule is told with its reason, and the others go on.

    Raises
    ------
    UsageError
        `region-script-damaged`, when braces are not closed or the text is absurdly long.
    """
    if len(text) > _LONGEST or text.count("{") != text.count("}"):
        _refuse(1 + text[: text.rfind("{")].count("\n"), "a brace is not closed")
    rules: list[DeviceRule] = []
    lines: list[Line] = []
    end, name = 0, "unnamed"
    for block in _BLOCK.finditer(text):
        first = 1 + text[: block.start()].count("\n")
        names = [each.strip() for each in text[end : block.start()].splitlines() if re.search(r"[A-Za-z]", each)]
        name = names[-1][:120] if names else name
        behind = list(_CTP_AREA.finditer(block[2]))
        end = block.start(2) + (behind[-1].end() if behind else 0)
        status, reason = MAPPED, name
        try:
            condition = _Signature(block[1], first).condition()
            if not behind:
                _refuse(first, "there is no area behind it")
            areas = tuple(Area(x, y, x + w, y + h) for x, y, w, h in _numbers(iter(behind)))
            rules.append(DeviceRule(name, source, condition, areas))
        except UsageError as refused:
            status, reason = NOT_MAPPED, refused.hint
        lines += _told(text[block.start() : end].splitlines(), first, status, reason)
    return Script(tuple(rules), tuple(lines))


def read_recipe(text: str, *, source: str = "deid recipe") -> Script:
    """Return the labels of the filters of a deid recipe as rules.

    Lines of a label are joined from the first to the last: one that begins with + must hold as well, any other one is
    an alternative. What keeps the ultrasound regions becomes a rule that blackens what lies outside of them. A label
    with a line that can't be said as a rule is left out whole, with the reason: half of it would mean something else.

    Raises
    ------
    UsageError
        `region-script-damaged`, when the text is absurdly long.
    """
    if len(text) > _LONGEST:
        _refuse(1, "the text is too long")
    rules: list[DeviceRule] = []
    lines: list[Line] = []
    label: _Label | None = None
    apart = ""

    def close() -> None:
        if label is not None:
            rules.extend(label.rules(source))
            lines.extend(label.told())

    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if line.startswith("%"):
            close()
            label, apart = None, _apart(line)
        elif line.startswith("LABEL"):
            close()
            label = None if apart else _Label(line.removeprefix("LABEL").strip()[:120], number, line)
            if apart:
                lines.append(Line(number, line, LEFT_OUT, apart))
        elif label is not None and line:
            label.read(line, number)
        elif line and not line.startswith("FORMAT"):
            lines.append(Line(number, line, LEFT_OUT, apart or "stands before the first label"))
    close()
    return Script(tuple(rules), tuple(sorted(lines)))


def _apart(section: str) -> str:
    """Return why the lines of a section make no rules, empty when they do."""
    words = section.split()
    if words[0] != "%filter":
        return "is about headers, which a profile says: workbench profile import-deid"
    return "calls images clean, and nothing is declared clean unlooked" if words[-1] == "whitelist" else ""


def _told(texts: Sequence[str], first: int, status: str, reason: str) -> Iterator[Line]:
    for number, text in enumerate(texts, first):
        if text.strip():
            yield Line(number, text.strip(), status, reason)


class _Label:
    """One label of a recipe, line by line."""

    def __init__(self, name: str, line: int, text: str) -> None:
        self._name = name
        self._when: Condition | None = None
        self._areas: list[Area] = []
        self._outside = False
        self._lines = [(line, text, "")]

    def rules(self, source: str) -> Iterator[DeviceRule]:
        if self._when is not None and (self._areas or self._outside) and not self._reason():
            yield DeviceRule(self._name, source, self._when, tuple(self._areas), self._outside)

    def told(self) -> Iterator[Line]:
        reason = self._reason()
        flags = not (reason or self._areas or self._outside)
        for number, text, own in self._lines:
            if flags:
                yield Line(number, text, LEFT_OUT, "flags images and names no place")
            else:
                yield Line(number, text, NOT_MAPPED if reason else MAPPED, own or reason or self._name)

    def _reason(self) -> str:
        own = next((own for _number, _text, own in self._lines if own), "")
        if own:
            return "another line of this label can't be mapped"
        if self._when is None and (self._areas or self._outside):
            return "the label has no condition, and would be for every image"
        return ""

    def read(self, line: str, number: int) -> None:
        try:
            self._read(line, number)
            own = ""
        except UsageError as refused:
            own = refused.hint
        self._lines.append((number, line, own))

    def _read(self, line: str, number: int) -> None:
        word, _, rest = line.partition(" ")
        if word in ("coordinates", "ctpcoordinates"):
            self._areas.append(_area(word, rest, number))
        elif word == "keepcoordinates" and rest.strip() == _ULTRASOUND:
            self._outside = True
        elif word in ("keepcoordinates", "ctpkeepcoordinates"):
            _refuse(number, "a rule takes nothing back that another one blackens")
        else:
            joined_by = line[0] if line[0] == "+" else "|"
            part = _alternatives(line.lstrip("+| "), number)
            self._when = part if self._when is None else Group("all" if joined_by == "+" else "any", (self._when, part))


def _area(word: str, text: str, line: int) -> Area:
    if text.strip() == "all":
        return Area(0, 0, EDGE, EDGE)
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4 or not all(part.isdecimal() and len(part) < 7 for part in parts):
        _refuse(line, "an area is four numbers")
    x, y, third, fourth = map(int, parts)
    return Area(x, y, third, fourth) if word == "coordinates" else Area(x, y, x + third, y + fourth)


def _alternatives(line: str, number: int) -> Condition:
    """Return what a line says: tests, joined from the first to the last."""
    first, *rest = _JOINED.split(line)
    found = _one_test(first, number)
    for sign, text in zip(rest[::2], rest[1::2], strict=True):
        kind: Literal["all", "any"] = "all" if sign == "+" else "any"
        part = _one_test(text, number)
        same = isinstance(found, Group) and found.kind == kind and len(rest) > 2
        found = Group(kind, (*found.parts, part)) if same and isinstance(found, Group) else Group(kind, (found, part))
    return found


def _one_test(text: str, number: int) -> Condition:
    words = text.split(maxsplit=2)
    negated = words[:1] and words[0] in ("notcontains", "notequals")
    name = words[0].removeprefix("not") if words else ""
    if name not in ("contains", "equals", "missing", "empty", "present") or len(words) < 2:
        _refuse(number, "this test is not known")
    values = [value.strip() for value in words[2].split("|")] if len(words) == 3 else [""]
    if any(_PATTERN.search(value) for value in values):
        _refuse(number, "the value is a pattern")
    tests = tuple(Test(name, _tag(words[1], number), value) for value in values)
    found: Condition = tests[0] if len(tests) == 1 else Group("any", tests)
    return Group("not", (found,)) if negated else found


class _Signature:
    """A signature of CTP: tests joined by * (and), + (or), ! (not) and parentheses."""

    def __init__(self, text: str, line: int) -> None:
        self._line = line
        self._tokens: list[re.Match[str]] = []
        at, text = 0, text.rstrip()
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                _refuse(line, "the signature can't be read")
            self._tokens.append(token)
            at = token.end()
        self._at = 0

    def condition(self) -> Condition:
        found = self._any(0)
        if self._at != len(self._tokens):
            _refuse(self._line, "the signature can't be read")
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
            _refuse(self._line, "the signature can't be read")
        if self._sign("!"):
            return Group("not", (self._one(depth + 1),))
        if self._sign("("):
            found = self._any(depth + 1)
            if not self._sign(")"):
                _refuse(self._line, "the signature can't be read")
            return found
        if self._at == len(self._tokens) or self._tokens[self._at]["sign"]:
            _refuse(self._line, "the signature can't be read")
        token = self._tokens[self._at]
        self._at += 1
        if token["test"] not in _CTP_TESTS:
            _refuse(self._line, "this test is not known")
        name, exact = _CTP_TESTS[token["test"]]
        value = re.sub(r"\\(.)", r"\1", token["value"]) if name != "matches" else token["value"]
        if name == "matches":
            self._check_pattern(value)
        tag = _tag(token["name"], self._line)
        if name == "equals" and not value:
            return Test("empty", tag)  # what is missing is empty for CTP
        return Test(name, tag, value, exact)

    def _check_pattern(self, value: str) -> None:
        try:
            re.compile(value)
        except re.error:
            _refuse(self._line, "the pattern can't be read")


def _tag(name: str, line: int) -> int:
    if name.startswith("["):
        return int(re.sub(r"[^0-9A-Fa-f]", "", name), 16)
    if re.fullmatch(r"0x[0-9A-Fa-f]{8}", name):
        return int(name, 16)
    tag = tag_of(name) or _OVERLAY.get(name)
    if tag is None:
        _refuse(line, "the attribute is not known")
    return tag


def _numbers(found: Iterator[re.Match[str]]) -> Iterator[tuple[int, int, int, int]]:
    for match in found:
        x, y, width, height = (int(each) for each in match.groups())
        yield x, y, width, height


def _refuse(line: int, reason: str) -> NoReturn:
    raise UsageError("region-script-damaged", f"The rules for burned-in text can't be read at line {line}.", reason)
