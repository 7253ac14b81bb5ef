"""What became of each line of a recipe, in a form that people and scripts read."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """What became of a line, from the most to the least that somebody has to look at."""

    NOT_MAPPED = "not mappable"
    """A profile cannot say it, and nothing here stands for it."""
    DIFFERS = "differs"
    """Something else is done than the recipe asks for."""
    STRICTER = "stricter"
    """Less of the original stays than the recipe would let stay."""
    MAPPED = "mapped"
    """The profile says it."""
    SAME = "already so"
    """The basic profile says it without being told."""
    NO_EFFECT = "no effect"
    """deid makes nothing of it either."""


ORDER = tuple(Status)


class Answer(NamedTuple):
    """One reason, and the attributes that it holds for (keywords; none when it holds for the whole line)."""

    status: Status
    reason: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """A line and what became of it. `status` is the one among its answers that somebody has to look at first."""

    number: int
    text: str
    answers: tuple[Answer, ...]

    @property
    def status(self) -> Status:
        """The first in order of what has to be looked at."""
        return min((answer.status for answer in self.answers), key=ORDER.index)

    def document(self) -> dict[str, object]:
        """Return the line as it is written."""
        return {
            "line": self.number,
            "text": self.text,
            "status": self.status.value,
            "answers": [
                {"status": each.status.value, "reason": each.reason, "attributes": list(each.attributes)}
                for each in self.answers
            ],
        }


def totals(lines: Iterable[Answered]) -> dict[str, int]:
    """Return the number of lines by status."""
    found = Counter(line.status for line in lines)
    return {status.value: found[status] for status in ORDER}
