"""A websocket lives no longer than the session that opened it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

from workbench.api.sessions import Sessions
from workbench.api.wire import App, Message, Receive, Scope, Send
from workbench.records.actor import Actor

SESSION_OVER = 4401
"""Close code when the session has ended or the account's roles have changed."""


class Passage(StrEnum):
    """What the gate does with a message from the browser."""

    HUMAN = "human"
    """Let it through; it shows that somebody is there."""
    QUIET = "quiet"
    """Let it through; a page sends it by itself."""
    REFUSED = "refused"
    """Drop it: the product has no use for it."""


Judge = Callable[[bytes], Passage]


async def refuse(receive: Receive, send: Send, code: int = SESSION_OVER) -> None:
    """Refuse a websocket before it opens (the server answers 403)."""
    await receive()
    await send({"type": "websocket.close", "code": code})


class GuardedSocket:
    """Runs the app on one websocket and ends it when its session ends.

    Parameters
    ----------
    sessions
        Asked every `every` seconds whether `token` still opens the session of `actor` with the same roles.
    judge
        Decides on each message of the browser.
    """

    def __init__(self, sessions: Sessions, judge: Judge, *, token: str, actor: Actor, every: float) -> None:
        self._sessions = sessions
        self._judge = judge
        self._token = token
        self._actor = actor
        self._every = every
        self._over = asyncio.Event()
        self._pending: asyncio.Task[Message] | None = None

    async def run(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until one side closes or the session is over."""
        watcher = asyncio.create_task(self._watch(), name="session-watch")
        opened = False

        async def guarded_send(message: Message) -> None:
            nonlocal opened
            opened = opened or message["type"] == "websocket.accept"
            if not self._over.is_set():
                await send(message)

        async def guarded_receive() -> Message:
            while True:
                message = await self._next(receive)
                if message is None:
                    if opened:
                        with suppress(Exception):  # the browser may have gone already
                            await send({"type": "websocket.close", "code": SESSION_OVER})
                    return {"type": "websocket.disconnect", "code": SESSION_OVER}
                if await self._passes(message):
                    return message

        try:
            await app(scope, guarded_receive, guarded_send)
        finally:
            watcher.cancel()
            if self._pending is not None:
                self._pending.cancel()

    async def _next(self, receive: Receive) -> Message | None:
        """Return the browser's next message, or None once the session is over."""
        if self._pending is None:
            self._pending = asyncio.ensure_future(receive())
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({self._pending, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
        if self._over.is_set():
            return None
        message, self._pending = self._pending.result(), None
        return message

    async def _passes(self, message: Message) -> bool:
        if message["type"] != "websocket.receive":
            return True
        passage = self._judge(message.get("bytes") or b"")
        if passage is Passage.HUMAN and await self._lives(active=True):
            return True
        return passage is Passage.QUIET

    async def _lives(self, *, active: bool) -> bool:
        actor = await asyncio.to_thread(self._sessions.by_token, self._token, active=active)
        alive = actor is not None and (actor.session, actor.roles) == (self._actor.session, self._actor.roles)
        if not alive:
            self._over.set()
        return alive

    async def _watch(self) -> None:
        while not self._over.is_set():
            await asyncio.sleep(self._every)
            try:
                await self._lives(active=False)
            except Exception:  # noqa: BLE001  # whatever failed: not to know is not to be allowed
                self._over.set()
