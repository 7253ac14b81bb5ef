"""How single values are cleaned: ages, dates, and names of devices and sites (PS3.15 E.3.5 to E.3.9). Pure."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from workbench.deid import dates

_AGE: Final = re.compile(rb"(\d{3})([DWMY])")
_DAYS: Final = {b"D": 1.0, b"W": 7.0, b"M": 30.4375, b"Y": 365.25}


@lru_cache(maxsize=4096)
def date(mode: str, vr: bytes, value: bytes, days: int) -> bytes | None:
    """Return a DA, TM or DT by the date mode of the plan (`shift`, `year_only`, `full`); None when it may not stay."""
    if mode == "shift":
        return dates.shift(vr, value, days)
    if mode == "year_only":
        return dates.year_only(vr, value)
    return value if mode == "full" and dates.well_formed(vr, value) else None


def age(value: bytes, cap: int) -> bytes | None:
    """Return an AS in which nobody is older than `cap` years; None when it is no age (45 CFR 164.514(b)(2)(i)(C)).

    Who is older becomes one year older than the cap, as the rule asks: 90 or older are one group. A cap of 0 is none.
    """
    parts = []
    for part in value.rstrip(b" \0").split(b"\\"):
        match = _AGE.fullmatch(part.strip(b" "))
        if match is None and part.strip(b" "):
            return None
        years = int(match.group(1)) * _DAYS[match.group(2)] / _DAYS[b"Y"] if match else 0
        parts.append(b"%03dY" % (cap + 1) if cap and years >= cap + 1 else part.strip(b" "))
    return b"\\".join(parts)


def named(value: bytes, code: Callable[[str, bytes], bytes]) -> bytes:
    """Return the names of devices or sites replaced one by one by the pseudonyms that `code` makes."""
    parts = (part.strip(b" \0") for part in value.split(b"\\"))
    return b"\\".join(code("device", part) if part else b"" for part in parts)
