"""One look is one entry of the log, however often the framework runs the page's script for it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

Answer = TypeVar("Answer")

FOR = timedelta(seconds=20)
REMEMBERED = 200


class Lately:
    """Keeps answers that were recorded as looks for a few seconds, for the same session and question only.

    The answers bear no identity. Whatever this server changes makes it forget all of them; what another program
    changes is seen after `FOR` at the latest, and `flow` checks every order anyway.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[datetime, Any]] = OrderedDict()
        self._changes = 0
        self._lock = threading.Lock()

    def get(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Return the answer to `question`, asked anew when there is none of late."""
        now = self._clock()
        with self._lock:
            kept, changes = self._kept.get(question), self._changes
        if kept is not None and now - kept[0] < FOR:
            answer: Answer = kept[1]
            return answer
        answer = ask()
        with self._lock:
            if changes != self._changes:
                return answer
            self._kept[question] = (now, answer)
            self._kept.move_to_end(question)
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return answer

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Forget all answers once what is done inside is done, those that are being asked for meanwhile too."""
        try:
            yield
        finally:
            with self._lock:
                self._kept.clear()
                self._changes += 1
