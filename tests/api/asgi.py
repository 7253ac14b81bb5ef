"""A client that speaks ASGI to the gate, without a server."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.app.fakes import PASSWORD, FakeClock, FakeDoor
from workbench.api.gate import SESSION_HEADER, Gate, GateSettings
from workbench.api.sessions import Sessions
from workbench.api.shell import Shell
from workbench.api.sockets import Passage
from workbench.api.wire import Message

INDEX = """<!DOCTYPE html><html lang="en"><head><link rel="shortcut icon" href="./favicon.png" />
<title>Streamlit</title>
<script>window.prerenderReady = false</script><script type="module" src="./static/js/index.js"></script></head>
<body><noscript>agents</noscript><div id="root"></div></body></html>"""


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


@dataclass
class Inner:
    """The app behind the gate: remembers what reached it, answers HTML, keeps websockets open."""

    scopes: list[Message] = field(default_factory=list)
    received: list[Message] = field(default_factory=list)
    kind: str = "text/html"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while True:
                message = await receive()
                self.received.append(message)
                if message["type"] == "websocket.disconnect":
                    return
                await send({"type": "websocket.send", "bytes": b"echo " + message.get("bytes", b"")})
        headers = [
            (b"content-type", self.kind.encode()),
            (b"cache-control", b"public, max-age=99"),
            (b"server", b"inner"),
            (b"access-control-allow-origin", b"*"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"inner page"})

    def header(self, name: str) -> list[str]:
        return [value.decode() for key, value in self.scopes[-1]["headers"] if key.decode().lower() == name]


class Browser:
    """Keeps cookies and talks to one gate."""

    def __init__(self, gate: Gate, *, host: str = "localhost:8501", scheme: str = "http") -> None:
        self.gate = gate
        self.host = host
        self.scheme = scheme
        self.cookies: dict[str, str] = {}

    def _headers(self, extra: dict[str, str]) -> list[tuple[bytes, bytes]]:
        headers = {"host": self.host, **extra}
        if self.cookies:
            headers.setdefault("cookie", "; ".join(f"{key}={value}" for key, value in self.cookies.items()))
        return [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]

    def scope(self, kind: str, path: str, method: str = "GET", query: str = "", **headers: Any) -> dict[str, Any]:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return {
            "type": kind,
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "scheme": self.scheme if kind == "http" else self.scheme.replace("http", "ws"),
            "headers": self._headers(named),
            "client": ("10.0.0.7", 4711),
        }

    async def ask(
        self, path: str, method: str = "GET", *, body: bytes = b"", query: str = "", **headers: Any
    ) -> Answer:
        sent: list[Message] = []
        asked = iter([dict[str, Any]({"type": "http.request", "body": body, "more_body": False})])

        async def receive() -> Message:
            return next(asked, {"type": "http.disconnect"})

        async def send(message: Message) -> None:
            sent.append(message)

        await self.gate(self.scope("http", path, method, query, **headers), receive, send)
        assert sent, "the gate answered nothing"
        answer = Answer(
            status=sent[0]["status"],
            headers=[(key.decode(), value.decode()) for key, value in sent[0]["headers"]],
            body=b"".join(message.get("body", b"") for message in sent[1:]),
        )
        for line in answer.all("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    async def open(self, path: str = "/", **headers: Any) -> Answer:
        return await self.ask(path, accept="text/html", **headers)

    async def post(self, path: str, fields: dict[str, str], **headers: Any) -> Answer:
        headers.setdefault("origin", f"{self.scheme}://{self.host}")
        headers.setdefault("sec_fetch_site", "same-origin")
        return await self.ask(path, "POST", body=urlencode(fields).encode(), **headers)

    async def form(self, path: str = "/sign-in") -> str:
        page = await self.open(path)
        found = re.search(rb'name="form" value="([0-9a-f]+)"', page.body)
        return found[1].decode() if found else ""

    async def sign_in(self, name: str = "petra", password: str = PASSWORD, **headers: Any) -> Answer:
        field_value = await self.form()
        return await self.post("/sign-in", {"form": field_value, "name": name, "password": password}, **headers)


class Socket:
    """One websocket through the gate."""

    def __init__(self, browser: Browser, path: str = "/_stcore/stream", **headers: Any) -> None:
        headers.setdefault("origin", f"{browser.scheme}://{browser.host}")
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[Message] = []
        self.inbox.put_nowait({"type": "websocket.connect"})
        scope = browser.scope("websocket", path, **headers)
        self.task = asyncio.ensure_future(browser.gate(scope, self.inbox.get, self._send))

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    async def say(self, payload: bytes) -> None:
        await self.inbox.put({"type": "websocket.receive", "bytes": payload})
        await asyncio.sleep(0.02)

    async def leave(self) -> None:
        await self.inbox.put({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self.task, 2)

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.sent]


def judge(payload: bytes) -> Passage:
    return {b"click": Passage.HUMAN, b"tick": Passage.QUIET}.get(payload, Passage.REFUSED)


@dataclass
class World:
    clock: FakeClock
    door: FakeDoor
    inner: Inner
    gate: Gate

    def browser(self, **more: str) -> Browser:
        return Browser(self.gate, **more)


def world(settings: GateSettings | None = None) -> World:
    clock = FakeClock()
    door = FakeDoor(clock)
    inner = Inner()
    gate = Gate(
        inner,
        sessions=Sessions(door, clock),
        shell=Shell(INDEX),
        judge=judge,
        clock=clock,
        settings=settings or GateSettings(check_every=0.02),
    )
    return World(clock, door, inner, gate)


__all__ = ["INDEX", "SESSION_HEADER", "Answer", "Browser", "Socket", "World", "world"]
