"""The few pieces of ASGI that the gate needs: reading a request head, a small form, and answering."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

FORM_LIMIT = 8_192
"""Bytes of a sign-in form. More is not a sign-in form."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the gate looks at in a request. `secure` is the scheme as the server saw it."""

    method: str
    path: str
    host: str
    origin: str
    fetch_site: str
    address: str
    secure: bool
    cookies: dict[str, str]


def read_head(scope: Scope) -> Head:
    """Read the request head of an HTTP or websocket scope."""
    headers: list[Header] = scope.get("headers", [])
    client = scope.get("client") or ("", 0)
    return Head(
        method=scope.get("method", "GET"),
        path=scope.get("path", ""),
        host=_single(headers, b"host"),
        origin=_single(headers, b"origin"),
        fetch_site=_single(headers, b"sec-fetch-site"),
        address=str(client[0]),
        secure=scope.get("scheme") in {"https", "wss"},
        cookies=_cookies(headers),
    )


def _single(headers: Iterable[Header], name: bytes) -> str:
    """Return the header's value; two of the same name are worth none, for nobody knows which one others will read."""
    values = [value for key, value in headers if key.lower() == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _cookies(headers: Iterable[Header]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in headers:
        if key.lower() != b"cookie":
            continue
        for pair in value.decode("latin-1").split(";"):
            name, _, content = pair.strip().partition("=")
            if name:
                found.setdefault(name, content)
    return found


def without_cookies(headers: Iterable[Header], hidden: frozenset[str]) -> list[Header]:
    """Return the headers with the cookies named in `hidden` taken out, so that the app behind never sees them."""
    kept: list[Header] = []
    for key, value in headers:
        if key.lower() != b"cookie":
            kept.append((key, value))
            continue
        pairs = [pair.strip() for pair in value.decode("latin-1").split(";")]
        rest = [pair for pair in pairs if pair and pair.partition("=")[0] not in hidden]
        if rest:
            kept.append((key, "; ".join(rest).encode("latin-1")))
    return kept


async def read_form(receive: Receive) -> dict[str, str] | None:
    """Read an urlencoded form of at most `FORM_LIMIT` bytes; None when it is larger, broken off or not text."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > FORM_LIMIT:
            return None
        if not message.get("more_body", False):
            break
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=12, errors="strict")
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items()}


async def answer(send: Send, status: int, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> None:
    """Send a whole response."""
    fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    fields.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


def cookie(name: str, value: str, *, secure: bool, max_age: int | None = None) -> tuple[str, str]:
    """Return a Set-Cookie header that scripts cannot read and other sites cannot make a browser send."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar[name] = value
    except CookieError:  # only our own names get here
        return ("set-cookie", "")
    jar[name]["path"] = "/"
    jar[name]["httponly"] = True
    jar[name]["samesite"] = "Strict"
    if secure:
        jar[name]["secure"] = True
    if max_age is not None:
        jar[name]["max-age"] = max_age
    return ("set-cookie", jar[name].OutputString())
