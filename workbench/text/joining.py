"""Writing a text from the words that stay: single-spaced, with the punctuation that still belongs to something."""

import re

_DROPPED_MARKS = re.compile(r"[^\s\-_/+,.;:()\[\]<>=&~\u00b1%?|\u2265\u2264\u2013\u2014\u3001\u3002\u30fb]")
_SENTENCE = re.compile(r"[.;,](?=\s|$)")
_ALLOWED_BEFORE = re.compile(r"[(\[<>+~\u00b1\u2265\u2264^]*$")
_TIDY = (
    (re.compile(r"\s+"), " "),
    (re.compile(r"\(\s*\)|\[\s*\]"), " "),
    (re.compile(r":\s*//+"), " "),
    (re.compile(r"//+"), "/"),
    (re.compile(r"\s+([,;:.?)\]])(?=[\s,;:.?)\]]|$)"), r"\1"),
    (re.compile(r"([(\[])\s+"), r"\1"),
    (re.compile(r"([,;:])[,;:.]+"), r"\1"),
    (re.compile(r"\.[.,;:]+"), "."),
    (re.compile(r"_{2,}"), "_"),
    (re.compile(r"^[<>+~\u00b1\u2265\u2264]+\s+"), ""),
)
_ENDS = " \t,;:-_/|&=~\u2013\u2014\u3001\u30fb"


def gap_between(gaps: list[str]) -> str:
    """Return what is to stand between two kept words, given all that stood between them around dropped words."""
    if len(gaps) == 1:
        if gaps[0] == "^":  # region^protocol: nothing between them went
            return gaps[0]
        gap = _DROPPED_MARKS.sub(" ", gaps[0]) if gaps[0] else ""
        return gap or ("" if not gaps[0] else " ")
    for gap in (gaps[-1], gaps[0]):
        mark = _SENTENCE.search(gap)
        if mark:
            return f"{mark.group()} "
    marks = {gap for gap in gaps if gap}
    brackets = "".join(re.findall(r"[()\[\]]", "".join((gaps[0], gaps[-1]))))
    if brackets:
        return _around(brackets)
    return marks.pop() if len(marks) == 1 and marks <= {"_", "-", "/"} else " "


def opening(gap: str) -> str:
    """Return what may stand before the first word of a text."""
    found = _ALLOWED_BEFORE.search(gap)
    return found.group() if found else ""


def tidy(text: str) -> str:
    """Return the text without brackets that lost their partner or their content, spaces and marks in their places."""
    while True:
        before = text
        text = _balanced(text)
        for pattern, replacement in _TIDY:
            text = pattern.sub(replacement, text)
        text = text.strip(_ENDS)
        if text == before:
            return text


def _around(brackets: str) -> str:
    closing = "".join(mark for mark in brackets if mark in ")]")
    opened = "".join(mark for mark in brackets if mark in "([")
    return f"{closing} {opened}"


def _balanced(text: str) -> str:
    open_at: list[int] = []
    lost: list[int] = []
    partner = {")": "(", "]": "["}
    for at, mark in enumerate(text):
        if mark in "([":
            open_at.append(at)
        elif mark in ")]":
            if open_at and text[open_at[-1]] == partner[mark]:
                open_at.pop()
            else:
                lost.append(at)
    lost += open_at
    if not lost:
        return text
    gone = set(lost)
    return "".join(" " if at in gone else mark for at, mark in enumerate(text))
