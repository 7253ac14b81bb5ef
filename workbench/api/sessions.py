"""Who is signed in, asked anew each time. The truth is in the database; here is only which token belongs to whom."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from workbench.records.actor import Actor
from workbench.records.errors import NotPermitted

TOUCH_EVERY = timedelta(seconds=15)
"""An active session is prolonged at most this often, for each time is a write."""

REMEMBERED = 5_000


class Door(Protocol):
    """What the gate needs of accounts. Each call looks at the database, so that a disabled account is out at once."""

    def sign_in(self, *, name: str, password: str) -> tuple[Actor, str]:
        """Return the actor and a fresh token; raise NotPermitted when name and password do not match."""
        ...

    def resume(self, *, token: str, active: bool) -> Actor:
        """Return whose token it is; raise NotPermitted when the session is over. `active` prolongs it."""
        ...

    def sign_out(self, actor: Actor) -> None:
        """End the actor's session."""
        ...

    def first_account(self, *, code: str, name: str, password: str) -> None:
        """Make the first account of a new home with its one-time code."""
        ...


class Sessions:
    """Opens sessions by token and by session id.

    The app behind the gate knows session ids only: the token, which opens everything, stays in the gate.

    Parameters
    ----------
    door
        The accounts.
    clock
        Gives the time, aware UTC.
    """

    def __init__(self, door: Door, clock: Callable[[], datetime]) -> None:
        self._door = door
        self._clock = clock
        self._tokens: OrderedDict[str, str] = OrderedDict()
        self._touched: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def sign_in(self, *, name: str, password: str) -> tuple[Actor, str]:
        """Return the actor and the token for the cookie; raise NotPermitted."""
        return self._door.sign_in(name=name, password=password)

    def first_account(self, *, code: str, name: str, password: str) -> None:
        """Make the first account of a new home; raise a WorkbenchError that says what is wrong."""
        self._door.first_account(code=code, name=name, password=password)

    def by_token(self, token: str, *, active: bool = False) -> Actor | None:
        """Return whose session `token` opens now, None when it is over. `active` counts as a sign of life.

        Raises
        ------
        WorkbenchError
            When the database does not answer: then nobody can tell, and the caller lets nothing through.
        """
        if not token:
            return None
        try:
            actor = self._door.resume(token=token, active=active and self._due(token))
        except NotPermitted:
            self._forget(token)
            return None
        with self._lock:
            self._tokens[actor.session] = token
            self._tokens.move_to_end(actor.session)
            while len(self._tokens) > REMEMBERED:
                self._touched.pop(self._tokens.popitem(last=False)[1], None)
        return actor

    def by_session(self, session: str) -> Actor | None:
        """Return the actor of an open session that came through this gate, None when it is over."""
        with self._lock:
            token = self._tokens.get(session, "")
        return self.by_token(token)

    def sign_out(self, actor: Actor) -> None:
        """End the session. What is open in other windows under it closes within a second."""
        try:
            self._door.sign_out(actor)
        finally:
            with self._lock:
                token = self._tokens.pop(actor.session, "")
                self._touched.pop(token, None)

    def _due(self, token: str) -> bool:
        now = self._clock()
        with self._lock:
            last = self._touched.get(token)
            if last is not None and now - last < TOUCH_EVERY:
                return False
            self._touched[token] = now
        return True

    def _forget(self, token: str) -> None:
        with self._lock:
            self._touched.pop(token, None)
            for session in [key for key, value in self._tokens.items() if value == token]:
                del self._tokens[session]
