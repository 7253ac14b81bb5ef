"""Sign-in, sign-out and the first account: server-rendered forms, no script."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from workbench.api.backoff import Backoff
from workbench.api.forms import FormGuard
from workbench.api.pages import Pages, send_page
from workbench.api.sessions import Sessions
from workbench.api.wire import Head, Receive, Scope, Send, answer, cookie, read_form
from workbench.records.actor import Actor
from workbench.records.errors import NotPermitted, WorkbenchError

PATHS = frozenset({"/sign-in", "/sign-out", "/first-account"})
FREE_PER_ADDRESS = 20
"""A ward behind one address mistypes more often than one person."""

_BROKEN_FORM = ("That page had expired.", "Please try again.")


class SignIn:
    """Routes of `PATHS`.

    Parameters
    ----------
    sessions
        Opens and ends sessions.
    clock
        Gives the time, aware UTC.
    secure
        True when cookies must only travel over HTTPS.
    """

    def __init__(self, sessions: Sessions, clock: Callable[[], datetime], *, secure: bool) -> None:
        self._sessions = sessions
        self._guard = FormGuard()
        self._pages = Pages()
        self._names = Backoff(clock)
        self._addresses = Backoff(clock, free=FREE_PER_ADDRESS)
        self._secure = secure
        self._hashing = asyncio.Semaphore(2)
        prefix = "__Host-" if secure else ""
        self.cookie = f"{prefix}workbench"
        self.form_cookie = f"{prefix}workbench-form"

    @property
    def pages(self) -> Pages:
        """The pages, for the gate's own answers."""
        return self._pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send, head: Head) -> None:
        """Answer a request to one of `PATHS`."""
        if head.method not in {"GET", "HEAD", "POST"}:
            await answer(send, 405, headers=(("allow", "GET, HEAD, POST"),))
        elif self._secure and not head.secure:
            text = "Passwords are only taken over HTTPS. Open this address with https://, or put a TLS proxy in front."
            await send_page(send, 403, self._pages.plain("HTTPS is needed", text))
        elif head.path == "/sign-out":
            await self._sign_out(receive, send, head)
        elif head.path == "/first-account":
            await self._first_account(receive, send, head)
        elif head.method == "POST":
            await self._sign_in(receive, send, head)
        else:
            ended = b"ended=1" in scope.get("query_string", b"").split(b"&")
            if not ended and await self.actor(head):
                await self._to(send, "/")
                return
            notice = "Your session has ended. Sign in to go on." if ended else ""
            await self._show(send, 200, lambda field: self._pages.sign_in(field=field, notice=notice))

    async def actor(self, head: Head) -> Actor | None:
        """Return who is signed in, without counting it as a sign of life."""
        token = head.cookies.get(self.cookie, "")
        return await asyncio.to_thread(self._sessions.by_token, token) if token else None

    async def _sign_in(self, receive: Receive, send: Send, head: Head) -> None:
        form = await read_form(receive)
        if form is None or not self._genuine(head, form):
            await self._refuse_sign_in(send, 403, *_BROKEN_FORM, name=(form or {}).get("name", ""))
            return
        name, password = form.get("name", "").strip(), form.get("password", "")
        keys = (f"name {name.casefold()}", f"address {head.address}")
        wait = max(self._names.wait(keys[0]), self._addresses.wait(keys[1]))
        if wait:
            hint = f"Try again in {_duration(wait)}."
            headers = (("retry-after", str(wait)),)
            await self._refuse_sign_in(send, 429, "Too many attempts.", hint, name=name, headers=headers)
            return
        try:
            async with self._hashing:
                actor, token = await asyncio.to_thread(self._sessions.sign_in, name=name, password=password)
        except NotPermitted as error:
            self._names.failed(keys[0])
            self._addresses.failed(keys[1])
            locked = error.code == "locked"
            message = error.message if locked else "Name and password do not match."
            hint = error.hint if locked else "Check both and try again."
            await self._refuse_sign_in(send, 403, message, hint, name=name)
            return
        except WorkbenchError as error:
            await self._refuse_sign_in(send, 503, error.message, error.hint, name=name)
            return
        self._names.succeeded(keys[0])
        await self._end_other(head, actor)
        set_session = cookie(self.cookie, token, secure=self._secure)
        await self._to(send, "/", (set_session, self._clear(self.form_cookie)))

    async def _end_other(self, head: Head, actor: Actor) -> None:
        """End the session that the browser brought along: after sign-in only the new token is worth anything."""
        earlier = await self.actor(head)
        if earlier is not None and earlier.session != actor.session:
            await asyncio.to_thread(self._sessions.sign_out, earlier)

    async def _sign_out(self, receive: Receive, send: Send, head: Head) -> None:
        actor = await self.actor(head)
        if actor is None:
            await self._to(send, "/sign-in", (self._clear(self.cookie),))
            return
        if head.method == "POST":
            form = await read_form(receive)
            if form is not None and self._genuine(head, form):
                await asyncio.to_thread(self._sessions.sign_out, actor)
                await self._to(send, "/sign-in", (self._clear(self.cookie), self._clear(self.form_cookie)))
                return
        await self._show(send, 200, lambda field: self._pages.sign_out(field=field, name=actor.name))

    async def _first_account(self, receive: Receive, send: Send, head: Head) -> None:
        if head.method != "POST":
            await self._show(send, 200, lambda field: self._pages.first_account(field=field))
            return
        form = await read_form(receive)
        name = (form or {}).get("name", "").strip()
        key = f"first-account {head.address}"
        if form is None or not self._genuine(head, form):
            status, refused, hint = 403, *_BROKEN_FORM
        elif wait := self._names.wait(key):
            status, refused, hint = 429, "Too many attempts.", f"Try again in {_duration(wait)}."
        else:
            try:
                async with self._hashing:
                    await asyncio.to_thread(
                        self._sessions.first_account,
                        code=form.get("code", "").strip(),
                        name=name,
                        password=form.get("password", ""),
                    )
            except WorkbenchError as error:
                self._names.failed(key)
                status, refused, hint = 403, error.message, error.hint
            else:
                notice = "The account is made. Sign in with it."
                await self._show(send, 200, lambda field: self._pages.sign_in(field=field, notice=notice, name=name))
                return
        await self._show(
            send, status, lambda field: self._pages.first_account(field=field, refused=refused, hint=hint, name=name)
        )

    def _genuine(self, head: Head, form: dict[str, str]) -> bool:
        return self._guard.genuine(head, nonce=head.cookies.get(self.form_cookie, ""), field=form.get("form", ""))

    async def _refuse_sign_in(
        self, send: Send, status: int, refused: str, hint: str, *, name: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        def page(field: str) -> str:
            return self._pages.sign_in(field=field, refused=refused, hint=hint, name=name[:200])

        await self._show(send, status, page, headers)

    async def _show(
        self, send: Send, status: int, page: Callable[[str], str], headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        nonce = self._guard.nonce()
        set_form = cookie(self.form_cookie, nonce, secure=self._secure, max_age=3_600)
        await send_page(send, status, page(self._guard.field(nonce)), (set_form, *headers))

    def _clear(self, name: str) -> tuple[str, str]:
        return cookie(name, "", secure=self._secure, max_age=0)

    async def _to(self, send: Send, path: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        await send_page(send, 303, "", (("location", path), *headers))


def _duration(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{(seconds + 59) // 60} minutes"
