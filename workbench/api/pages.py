"""The gate's own pages: plain HTML that needs no script."""

from html import escape
from importlib.resources import files
from string import Template

from workbench.access.passwords import SHORTEST
from workbench.api.headers import ALWAYS, NO_STORE, PLAIN_POLICY
from workbench.api.wire import Send, answer

FOOTER = "Every sign-in and every value that is revealed is recorded."


def _asset(name: str) -> bytes:
    return files("workbench.api").joinpath("assets", name).read_bytes()


OPEN_ASSETS: dict[str, str] = {
    "page.css": "text/css; charset=utf-8",
    "mark.svg": "image/svg+xml",
    "inter-latin.woff2": "font/woff2",
}
"""What the sign-in page is made of; served to anybody."""

HOUSE_ASSETS: dict[str, str] = {
    "inter-latin-ext.woff2": "font/woff2",
    "jetbrains-mono-latin.woff2": "font/woff2",
    "session.js": "text/javascript; charset=utf-8",
}
"""What only pages behind the gate need."""


class Pages:
    """Renders and sends the gate's pages. All text that comes from outside is escaped here."""

    def __init__(self) -> None:
        self._page = Template(_asset("page.html").decode("utf-8"))
        self._assets = {name: _asset(name) for name in (*OPEN_ASSETS, *HOUSE_ASSETS)}

    def asset(self, name: str) -> tuple[bytes, str] | None:
        """Return the bytes and media type of one of our own files."""
        kind = OPEN_ASSETS.get(name) or HOUSE_ASSETS.get(name)
        return (self._assets[name], kind) if kind else None

    def sign_in(self, *, field: str, refused: str = "", hint: str = "", notice: str = "", name: str = "") -> str:
        """Return the sign-in page."""
        focus_name, focus_password = (" autofocus", "") if not name else ("", " autofocus")
        return self._whole(
            "Sign in",
            f"""{_box(notice, refused, hint)}<form method="post" action="/sign-in">
<input type="hidden" name="form" value="{escape(field)}">
<label>Name
<input type="text" name="name" value="{escape(name)}" autocomplete="username" autocapitalize="none" spellcheck="false"
 maxlength="200" required{focus_name}></label>
<label>Password
<input type="password" name="password" autocomplete="current-password" maxlength="1000"
 required{focus_password}></label>
<button type="submit">Sign in</button>
</form>
<p class="below">New installation? <a href="/first-account">Make the first account</a></p>""",
        )

    def first_account(self, *, field: str, refused: str = "", hint: str = "", name: str = "") -> str:
        """Return the page on which the one-time code of a new home becomes the first account."""
        return self._whole(
            "Make the first account",
            f"""{_box("", refused, hint)}<p>The one-time code was shown when this workbench was installed. The account
becomes its administrator.</p>
<form method="post" action="/first-account">
<input type="hidden" name="form" value="{escape(field)}">
<label>One-time code
<input type="text" name="code" autocomplete="off" spellcheck="false" maxlength="200" required autofocus></label>
<label>Name
<input type="text" name="name" value="{escape(name)}" autocomplete="username" autocapitalize="none" spellcheck="false"
 maxlength="200" required></label>
<label>Password
<input type="password" name="password" autocomplete="new-password" maxlength="1000" required>
<span class="hint">At least {SHORTEST} characters. Several words with spaces are easy to remember.</span></label>
<button type="submit">Make the account</button>
</form>
<p class="below"><a href="/sign-in">Back to sign-in</a></p>""",
        )

    def sign_out(self, *, field: str, name: str) -> str:
        """Return the page that asks before it ends the session."""
        return self._whole(
            "Sign out",
            f"""<p>You are signed in as {escape(name)}. Signing out closes every window of this session.</p>
<form method="post" action="/sign-out">
<input type="hidden" name="form" value="{escape(field)}">
<button type="submit">Sign out</button>
</form>
<p class="below"><a href="/">Back to the workbench</a></p>""",
        )

    def plain(self, title: str, sentence: str) -> str:
        """Return a page with one sentence."""
        return self._whole(title, f"<p>{escape(sentence)}</p>")

    def _whole(self, title: str, content: str) -> str:
        return self._page.substitute(title=escape(title), content=content, footer=escape(FOOTER))


def _box(notice: str, refused: str, hint: str) -> str:
    if refused:
        return f'<div class="refused" role="alert"><strong>{escape(refused)}</strong> {escape(hint)}</div>\n'
    if notice:
        return f'<div class="notice" role="status">{escape(notice)}</div>\n'
    return ""


async def send_page(send: Send, status: int, html: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
    """Send one of the gate's pages, never to be stored."""
    fixed = (("content-type", "text/html; charset=utf-8"), ("content-security-policy", PLAIN_POLICY), NO_STORE)
    await answer(send, status, html.encode("utf-8"), (*fixed, *ALWAYS, *headers))


async def send_text(send: Send, status: int, text: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
    """Send a short plain answer, never to be stored."""
    fixed = (("content-type", "text/plain; charset=utf-8"), ("content-security-policy", PLAIN_POLICY), NO_STORE)
    await answer(send, status, text.encode("utf-8"), (*fixed, *ALWAYS, *headers))
