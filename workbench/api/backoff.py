"""Slow down whoever guesses passwords: longer and longer pauses per sign-in name and per address."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
LONGEST = timedelta(minutes=15)
REMEMBERED = 10_000
"""Names and addresses remembered at most; the oldest are forgotten first, so that guessing cannot fill memory."""


@dataclass(slots=True)
class _Failures:
    count: int
    last: datetime
    until: datetime


class Backoff:
    """Counts failed attempts under any key and says how long to wait.

    Parameters
    ----------
    clock
        Gives the time, aware UTC.
    free
        Failures within 15 minutes that cost nothing; each further one doubles the pause, from 2 s up to 15 minutes.
    """

    def __init__(self, clock: Callable[[], datetime], *, free: int = 5) -> None:
        self._clock = clock
        self._free = free
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait(self, key: str) -> int:
        """Return the seconds to wait before another attempt under `key`, 0 when it may be made now."""
        known = self._failures.get(key)
        if known is None:
            return 0
        left = (known.until - self._clock()).total_seconds()
        return max(0, int(left + 0.999))

    def failed(self, key: str) -> None:
        """Record a failed attempt."""
        now = self._clock()
        known = self._failures.pop(key, None)
        if known is None or now - max(known.last, known.until) > WINDOW:
            known = _Failures(0, now, now)
        known.count += 1
        known.last = now
        over = known.count - self._free
        if over >= 0:
            known.until = now + min(LONGEST, timedelta(seconds=2 ** min(over + 1, 10)))
        self._failures[key] = known
        while len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget the failures under `key`."""
        self._failures.pop(key, None)
