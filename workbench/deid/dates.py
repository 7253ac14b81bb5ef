"""Dates and times: shifted by whole days or cut to the year (PS3.15 E.3.6, PS3.5 6.2). Pure.

A whole number of days keeps every time of day as it is, across midnight too, and every interval: of injection and
scan, of the phases of a dynamic series, of the studies of one patient. What is not plainly a date is not kept: the
functions answer None, and the caller does what the type of the attribute demands.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

_DATE: Final = re.compile(rb"(\d{4})(\d\d)(\d\d)|(\d{4})\.(\d\d)\.(\d\d)")
"""DA, and the form of ACR-NEMA that PS3.5 still allows to read."""

_TIME: Final = re.compile(rb"([01]\d|2[0-3])(?:([0-5]\d)(?:([0-5]\d|60)(?:\.\d{1,6})?)?)?")
_OLD_TIME: Final = re.compile(rb"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(?:\.\d{1,6})?)?")
_DATE_TIME: Final = re.compile(rb"(\d{8})((?:\d\d){0,3})(\.\d{1,6})?([+-]\d{4})?")
_PARTIAL: Final = re.compile(rb"(\d{4})(?:0[1-9]|1[0-2])?([+-]\d{4})?")
"""DT of a year or a month: it has a year, and no day that could be shifted."""

_ZONE: Final = re.compile(rb"[+-](?:0\d|1[0-4])[0-5]\d")

FIRST_YEAR: Final = 1800
"""What a shift would bring before this year does not stay. Placeholders such as 1900-01-01 can be shifted like a date,
and intervals stay."""

_LONGEST: Final = 2048


def shift(vr: bytes, value: bytes, days: int) -> bytes | None:
    """Return DA, TM or DT moved `days` whole days back, in its own precision; None when it can't be.

    A multi-valued DA, TM or DT is moved value by value, and empty values stay. SH is a time zone (0008,0201), which
    does not move. Ranges are none of a stored object (PS3.5 6.2).
    """
    return _each(vr, value, lambda part: _shifted(vr, part, days))


def year_only(vr: bytes, value: bytes) -> bytes | None:
    """Return the first of January of the year of a DA or DT; None for TM, and when the value is no date."""
    return _each(vr, value, lambda part: _year(vr, part))


def well_formed(vr: bytes, value: bytes) -> bool:
    """Tell whether a value is a DA, TM or DT (or a time zone in SH): nothing else can hide in one that stays."""
    return _each(vr, value, lambda part: part if _is(vr, part) else None) is not None


def _each(vr: bytes, value: bytes, change: Callable[[bytes], bytes | None]) -> bytes | None:
    if vr not in (b"DA", b"TM", b"DT", b"SH") or len(value) > _LONGEST:
        return None
    parts = []
    for part in value.rstrip(b" \0").split(b"\\"):
        new = change(bare) if (bare := part.strip(b" ")) else b""
        if new is None:
            return None
        parts.append(new)
    return b"\\".join(parts)


def _is(vr: bytes, part: bytes) -> bool:
    if vr == b"DT" and _PARTIAL.fullmatch(part):
        return _zone(part[-5:]) if part[-5:-4] in (b"+", b"-") else True
    return _shifted(vr, part, 0) is not None


def _shifted(vr: bytes, part: bytes, days: int) -> bytes | None:
    if vr == b"TM":
        return part if _TIME.fullmatch(part) or _OLD_TIME.fullmatch(part) else None
    if vr == b"SH":
        return part if _zone(part) else None
    if vr == b"DA":
        return _moved(part, days)
    match = _DATE_TIME.fullmatch(part)
    if match is None:
        return None
    moment, time, fraction, zone = match.groups(default=b"")
    moved = _moved(moment, days)
    return moved + time + fraction + zone if moved and _rest(time, fraction, zone) else None


def _rest(time: bytes, fraction: bytes, zone: bytes) -> bool:
    """Whether what follows the date in a DT is a time; a fraction is one of seconds."""
    if fraction and len(time) != 6:
        return False
    return (not time or _TIME.fullmatch(time) is not None) and (not zone or _zone(zone))


def _zone(part: bytes) -> bool:
    return _ZONE.fullmatch(part) is not None


def _year(vr: bytes, part: bytes) -> bytes | None:
    if vr == b"DT" and (partial := _PARTIAL.fullmatch(part)):
        return partial.group(1) if int(partial.group(1)) >= FIRST_YEAR else None
    if vr not in (b"DA", b"DT") or _shifted(vr, part, 0) is None or int(part[:4]) < FIRST_YEAR:
        return None
    return part[:4] + b"0101"


def _moved(part: bytes, days: int) -> bytes | None:
    """Return a date that many days before, in the form of today."""
    match = _DATE.fullmatch(part)
    if match is None:
        return None
    year, month, day = (int(group) for group in match.groups() if group is not None)
    try:
        moved = date(year, month, day) - timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    if not days:
        return part
    return f"{moved.year:04d}{moved.month:02d}{moved.day:02d}".encode() if moved.year >= FIRST_YEAR else None
