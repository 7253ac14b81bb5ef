"""Days in values of DA and DT: which day a value names, and how far it was moved (PS3.5 6.2)."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from workbench.verify.generic import is_dummy_date

_DA = re.compile(r"(\d{4})(?:(\d\d)(\d\d)|\.(\d\d)\.(\d\d))")
_TIME = r"(?:(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?)?"
_DT = re.compile(rf"(\d{{4}})(\d\d)?(\d\d)?({_TIME})([+-](?:0\d|1[0-4])[0-5]\d)?")


class Day(NamedTuple):
    """One value: the day as its ordinal number, the time after it as written (empty for DA)."""

    ordinal: int
    rest: str


class Move(NamedTuple):
    """A day of the input, and the one that stands at its place in the output. Bears identity."""

    before: int
    after: int

    @property
    def days(self) -> int:
        """How many days later the output is; negative when it is earlier."""
        return self.after - self.before


def parts(value: bytes | None) -> list[str]:
    """Return the single values, padding stripped."""
    return [part.strip(" \0") for part in (value or b"").decode("latin-1").split("\\")]


def day_of(vr: str, text: str) -> Day | None:
    """Return the day of one value of DA or DT; None for placeholders, for less than a day and for what is no day."""
    match = (_DA if vr == "DA" else _DT).fullmatch(text)
    if match is None:
        return None
    year, month, day = match[1], match[2] or "", match[3] or ""
    if vr == "DA" and not month:
        month, day = match[4] or "", match[5] or ""
    digits = year + month + day
    if len(digits) != 8 or is_dummy_date(digits):
        return None
    try:
        ordinal = date(int(year), int(month), int(day)).toordinal()
    except ValueError:
        return None
    return Day(ordinal, "" if vr == "DA" else match[4] + (match[5] or ""))


def days_beside(vr: str, before: bytes | None, after: bytes | None) -> Iterator[tuple[Day, Day]]:
    """Yield each day of the input with the one at its place in the output, where both name one."""
    had, has = parts(before), parts(after)
    if len(had) != len(has):
        return
    for one, two in zip(had, has, strict=True):
        first, second = day_of(vr, one), day_of(vr, two)
        if first is not None and second is not None:
            yield first, second


def years_between(birth: Day, event: Day) -> int:
    """Return the age in whole years."""
    one, two = date.fromordinal(birth.ordinal), date.fromordinal(event.ordinal)
    return two.year - one.year - ((two.month, two.day) < (one.month, one.day))
