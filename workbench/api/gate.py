"""The gate: everything that reaches the app has a session; nothing else gets past."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from workbench.api.forms import own_origin
from workbench.api.headers import ALWAYS, NO_STORE
from workbench.api.pages import HOUSE_ASSETS, OPEN_ASSETS, send_page, send_text
from workbench.api.sessions import Sessions
from workbench.api.shell import Shell
from workbench.api.signin import PATHS, SignIn
from workbench.api.sockets import GuardedSocket, Judge, refuse
from workbench.api.wire import App, Head, Header, Message, Receive, Scope, Send, answer, read_head, without_cookies
from workbench.records.actor import Actor
from workbench.records.errors import WorkbenchError

SESSION_HEADER = "x-workbench-session"
"""Tells the app behind the gate the session id. Whatever a client sends under our prefix is stripped first."""

HTTPS_ONLY: Header = (b"strict-transport-security", b"max-age=31536000")
"""Tells browsers never to come back over plain HTTP; sent where cookies need HTTPS."""

_OUR_PREFIXES = ("x-workbench-", "x-wb-", "x-deid-")
_IDENTITY_HEADERS = frozenset(
    {
        "authorization",
        "remote-user",
        "x-auth-request-email",
        "x-auth-request-user",
        "x-authenticated-user",
        "x-forwarded-email",
        "x-forwarded-groups",
        "x-forwarded-preferred-username",
        "x-forwarded-user",
        "x-remote-user",
        "x-user",
        "x-webauth-user",
    }
)
_CLOSED = ("/_stcore/agent", "/_stcore/metrics", "/_stcore/upload_file", "/_stcore/script-health-check", "/auth/")
_CLOSED_PAGES = frozenset({"/oauth2callback", "/component", "/app"})
_IMMUTABLE = "/static/"


@dataclass(frozen=True, slots=True)
class GateSettings:
    """How the gate is set up.

    `secure`: cookies travel over HTTPS only, and passwords are refused without it. `hosts`: the Host names that are
    answered, all when empty. `check_every`: seconds between looks at an open websocket's session; below one, so that
    a sign-out, a changed role or a disabled account takes effect within a second.
    """

    secure: bool = False
    hosts: frozenset[str] = frozenset()
    check_every: float = 0.4


class Gate:
    """Pure ASGI middleware around the app.

    Open are `/health`, the sign-in pages and the files they are made of, and `/session`, which tells a page whether its
    own session is over. All else, websocket, media, uploads and
    every internal route of the app included, is refused without a session that the database confirms for this very
    request. Inbound identity headers and our cookies are stripped; the app gets the session id and nothing else.

    Parameters
    ----------
    app
        The app behind.
    sessions
        Opens sessions.
    shell
        The app's index page, replaced by ours.
    judge
        Decides on websocket messages.
    clock
        Gives the time, aware UTC.
    """

    def __init__(
        self,
        app: App,
        *,
        sessions: Sessions,
        shell: Shell,
        judge: Judge,
        clock: Callable[[], datetime],
        settings: GateSettings | None = None,
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._shell = shell
        self._judge = judge
        self._settings = settings or GateSettings()
        self._sign_in = SignIn(sessions, clock, secure=self._settings.secure)
        self._hidden = frozenset({self._sign_in.cookie, self._sign_in.form_cookie})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request, one websocket or the server's lifespan."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve an HTTP request; when the accounts cannot be asked, nothing is let through and the answer says so."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            if self._settings.secure and message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], HTTPS_ONLY]}
            await send(message)

        try:
            await self._http(scope, receive, watched)
        except WorkbenchError as error:
            if started:
                raise
            await send_page(watched, 503, self._sign_in.pages.plain(error.message, error.hint), (("retry-after", "2"),))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = read_head(scope)
        if not self._answers_to(head):
            await send_text(send, 421, "This workbench does not answer to that host name.")
        elif head.path == "/health":
            await send_text(send, 200, "ok")
        elif head.path.startswith("/assets/"):
            await self._asset(send, head)
        elif head.path in PATHS:
            await self._sign_in(scope, receive, send, head)
        elif head.path == "/session":
            await self._tell(send, head)
        else:
            await self._behind(scope, receive, send, head)

    async def _tell(self, send: Send, head: Head) -> None:
        """Tell a page whether its own session is still open: a mark when it is, an empty answer when not."""
        actor = await self._sign_in.actor(head)
        if actor is None:
            await send_text(send, 204, "")
        else:
            await send_text(send, 200, _mark(actor))

    async def _asset(self, send: Send, head: Head) -> None:
        name = head.path.removeprefix("/assets/")
        known = self._sign_in.pages.asset(name)
        if known is None or head.method not in {"GET", "HEAD"}:
            await send_text(send, 404, "Not found")
            return
        if name not in OPEN_ASSETS and await self._sign_in.actor(head) is None:
            await send_text(send, 401, "Sign in first")
            return
        body, kind = known
        stored = "private, max-age=3600" if name in HOUSE_ASSETS or name.endswith(".woff2") else "no-cache"
        await answer(send, 200, body, (("content-type", kind), ("cache-control", stored), *ALWAYS))

    async def _behind(self, scope: Scope, receive: Receive, send: Send, head: Head) -> None:
        token = head.cookies.get(self._sign_in.cookie, "")
        opens = _opens_page(scope, head)
        actor = await asyncio.to_thread(self._sessions.by_token, token, active=opens) if token else None
        if actor is None:
            await self._without_session(send, opens=opens)
        elif head.method not in {"GET", "HEAD"}:
            await send_text(send, 405, "Method not allowed", (("allow", "GET, HEAD"),))
        elif _closed(head.path):
            await send_text(send, 404, "Not found")
        else:
            await self._app(self._inward(scope, actor), receive, self._outward(send, head))

    async def _without_session(self, send: Send, *, opens: bool) -> None:
        if opens:
            await send_page(send, 303, "", (("location", "/sign-in"),))
        else:
            await send_text(send, 401, "Sign in first")

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = read_head(scope)
        token = head.cookies.get(self._sign_in.cookie, "")
        try:
            actor = await asyncio.to_thread(self._sessions.by_token, token) if token else None
        except WorkbenchError:
            actor = None
        right_place = head.path == "/_stcore/stream" and self._answers_to(head) and own_origin(head)
        if actor is None or not right_place:
            await refuse(receive, send)
            return
        socket = GuardedSocket(self._sessions, self._judge, token=token, actor=actor, every=self._settings.check_every)
        await socket.run(self._app, self._inward(scope, actor), receive, send)

    def _answers_to(self, head: Head) -> bool:
        if not self._settings.hosts:
            return True
        try:
            name = urlsplit(f"//{head.host}").hostname or ""
        except ValueError:
            return False
        return name in self._settings.hosts

    def _inward(self, scope: Scope, actor: Actor) -> Scope:
        headers = without_cookies(_without_identity(scope.get("headers", [])), self._hidden)
        headers.append((SESSION_HEADER.encode("ascii"), actor.session.encode("latin-1")))
        return {**scope, "headers": headers}

    def _outward(self, send: Send, head: Head) -> Send:
        """Return a send that replaces index pages by ours and sets the headers that the app may not weaken."""
        replaced = False

        async def guarded(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                replaced = message["status"] == 200 and _is_html(message.get("headers", []))
                if replaced:
                    await self._send_shell(send, head)
                    return
                message = {**message, "headers": self._armoured(message.get("headers", []), head, message["status"])}
            if not replaced:
                await send(message)

        return guarded

    async def _send_shell(self, send: Send, head: Head) -> None:
        kind = (("content-type", "text/html; charset=utf-8"), ("content-security-policy", self._shell.policy), NO_STORE)
        body = b"" if head.method == "HEAD" else self._shell.page
        await answer(send, 200, body, (*kind, *ALWAYS))

    def _armoured(self, headers: Iterable[Header], head: Head, status: int) -> list[Header]:
        lasting = status == 200 and head.path.startswith(_IMMUTABLE)
        ours = [*ALWAYS, ("content-security-policy", self._shell.policy)]
        ours.append(("cache-control", "private, max-age=31536000, immutable") if lasting else NO_STORE)
        names = {name.encode("ascii") for name, _ in ours} | {b"server", b"access-control-allow-origin"}
        kept = [(name, value) for name, value in headers if name.lower() not in names]
        return kept + [(name.encode("ascii"), value.encode("ascii")) for name, value in ours]


def _without_identity(headers: Iterable[Header]) -> list[Header]:
    kept = []
    for name, value in headers:
        plain = name.decode("latin-1").lower().replace("_", "-")
        if not plain.startswith(_OUR_PREFIXES) and plain not in _IDENTITY_HEADERS:
            kept.append((name, value))
    return kept


def _is_html(headers: Iterable[Header]) -> bool:
    return any(name.lower() == b"content-type" and value.lower().startswith(b"text/html") for name, value in headers)


def _closed(path: str) -> bool:
    return path.startswith(_CLOSED) or path in _CLOSED_PAGES or path.startswith(("/component/", "/app/"))


def _opens_page(scope: Scope, head: Head) -> bool:
    """Tell whether a person opens a page, as opposed to a page fetching its parts."""
    if head.method not in {"GET", "HEAD"} or head.path.startswith(("/_stcore", "/media", "/static", "/session")):
        return False
    accepts = [value for name, value in scope.get("headers", []) if name.lower() == b"accept"]
    return any(b"text/html" in value for value in accepts)


def _mark(actor: Actor) -> str:
    """Return what a page compares to notice that it belongs to another session or other roles by now."""
    roles = ",".join(sorted(actor.roles))
    return hashlib.sha256(f"{actor.session} {roles}".encode()).hexdigest()[:16]
