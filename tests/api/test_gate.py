"""The gate lets nothing past without a session, and nothing forged past with one."""

import asyncio
import json
import subprocess
import sys

import pytest

from tests.api.asgi import SESSION_HEADER, Socket, world
from workbench.api.gate import GateSettings
from workbench.records.errors import WorkbenchError

PROTECTED = (
    "/",
    "/studies",
    "/study",
    "/audit-trail",
    "/media/0123456789abcdef.jpg",
    "/static/js/index.js",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/agent/interact",
    "/_stcore/agent/mcp",
    "/_stcore/upload_file/a/b",
    "/_stcore/bidi-components/x/y.js",
    "/_stcore/script-health-check",
    "/component/x/index.html",
    "/app/static/x",
    "/auth/login",
    "/oauth2callback",
    "/favicon.png",
    "/assets/session.js",
    "/assets/jetbrains-mono-latin.woff2",
    "/health/",
    "/sign-in/",
    "//sign-in",
    "/sign-in/../media/x",
    "/HEALTH",
)


@pytest.mark.parametrize("path", PROTECTED)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_is_served_without_a_session(path, method):
    here = world()
    answer = asyncio.run(here.browser().ask(path, method))
    assert answer.status in {303, 401, 404}
    assert here.inner.scopes == []


def test_every_route_of_the_installed_framework_is_refused_without_a_session():
    code = (
        "import json, streamlit as st; from workbench.app import serve, settings; settings.pin();"
        "app = st.App(serve.MAIN)._build_starlette_app();"
        "print(json.dumps([route.path for route in app.routes]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    paths = [path.replace("{path:path}", "x") for path in json.loads(done.stdout.splitlines()[-1])]
    assert len(paths) > 10
    here = world()

    async def ask_all():
        for path in paths:
            answer = await here.browser().ask(path or "/")
            assert answer.status in {303, 401, 404}, path
            socket = Socket(here.browser(), path or "/")
            await asyncio.wait_for(socket.task, 2)
            assert socket.kinds == ["websocket.close"], path

    asyncio.run(ask_all())
    assert here.inner.scopes == []


def test_what_is_open_says_nothing():
    here = world()

    async def ask():
        health = await here.browser().ask("/health")
        assert (health.status, health.body) == (200, b"ok")
        for name in ("page.css", "mark.svg", "inter-latin.woff2"):
            assert (await here.browser().ask(f"/assets/{name}")).status == 200
        assert (await here.browser().ask("/assets/../gate.py")).status == 404
        assert (await here.browser().open("/sign-in")).status == 200

    asyncio.run(ask())


def test_a_page_without_a_session_leads_to_the_sign_in():
    answer = asyncio.run(world().browser().open("/study"))
    assert (answer.status, answer.header("location")) == (303, "/sign-in")


def test_forged_identity_headers_are_stripped():
    here = world()

    async def ask():
        browser = here.browser()
        await browser.sign_in("rita")
        await browser.open("/", **{SESSION_HEADER: "s999", "x_workbench_user": "adam", "x_forwarded_user": "adam"})

    asyncio.run(ask())
    assert here.inner.header(SESSION_HEADER) == ["s0"]
    assert here.inner.header("x-workbench-user") == []
    assert here.inner.header("x-forwarded-user") == []


@pytest.mark.parametrize(
    "name", [b"X-Workbench-Session", b"x_workbench_session", b"X-WORKBENCH_Session", b"Remote-User"]
)
def test_no_spelling_of_an_identity_header_gets_through(name):
    here = world()

    async def ask():
        browser = here.browser()
        await browser.sign_in("rita")
        scope = browser.scope("http", "/")
        scope["headers"].append((name, b"s999"))

        async def nothing(message=None):
            return {"type": "http.request"}

        await here.gate(scope, nothing, nothing)

    asyncio.run(ask())
    inward = [(key.lower().replace(b"_", b"-"), value) for key, value in here.inner.scopes[-1]["headers"]]
    assert (SESSION_HEADER.encode(), b"s0") in inward
    assert all(value != b"s999" for _, value in inward)


def test_the_app_behind_never_sees_the_token():
    here = world()

    async def ask():
        browser = here.browser()
        await browser.sign_in()
        browser.cookies["_streamlit_xsrf"] = "abc"
        await browser.open("/")

    asyncio.run(ask())
    everything = repr(here.inner.scopes[-1])
    assert "token-0" not in everything
    assert here.inner.header("cookie") == ["_streamlit_xsrf=abc"]


def test_a_forged_header_without_a_session_is_refused():
    here = world()

    async def ask():
        answer = await here.browser().ask("/media/x", x_workbench_session="s0")
        socket = Socket(here.browser(), **{SESSION_HEADER: "s0"})
        await asyncio.wait_for(socket.task, 2)
        return answer.status, socket.kinds

    assert asyncio.run(ask()) == (401, ["websocket.close"])
    assert here.inner.scopes == []


def test_pages_come_as_our_shell_with_headers_that_the_app_cannot_weaken():
    here = world()

    async def ask():
        browser = here.browser()
        await browser.sign_in()
        page = await browser.open("/study")
        here.inner.kind = "image/png"
        return page, await browser.ask("/media/x"), await browser.ask("/static/js/index.js")

    page, media, script = asyncio.run(ask())
    assert b"/assets/session.js" in page.body
    assert b"inner page" not in page.body
    assert b"agents" not in page.body
    for answer in (page, media, script):
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("referrer-policy") == "no-referrer"
        assert "frame-ancestors 'none'" in answer.header("content-security-policy")
        assert answer.all("server") == []
        assert answer.all("access-control-allow-origin") == []
    assert page.all("cache-control") == media.all("cache-control") == ["no-store"]
    assert script.all("cache-control") == ["private, max-age=31536000, immutable"]


@pytest.mark.parametrize(
    "path", ["/_stcore/agent/mcp", "/_stcore/metrics", "/_stcore/upload_file/a/b", "/auth/login", "/component/a/b"]
)
def test_what_the_product_has_no_use_for_stays_closed_even_with_a_session(path):
    here = world()

    async def ask():
        browser = here.browser()
        await browser.sign_in()
        return await browser.ask(path), await browser.ask(path, "POST"), await browser.ask("/study", "POST")

    assert [answer.status for answer in asyncio.run(ask())] == [404, 405, 405]
    assert here.inner.scopes == []


def test_when_the_accounts_cannot_be_asked_nothing_is_served(monkeypatch):
    here = world()

    async def ask():
        browser = here.browser()
        await browser.sign_in()

        def busy(**_):
            raise WorkbenchError("database-busy", "The database is busy.", "Try again in a moment.")

        monkeypatch.setattr(here.door, "resume", busy)
        socket = Socket(browser)
        await asyncio.wait_for(socket.task, 2)
        return await browser.open("/"), await browser.ask("/media/x"), socket.kinds

    page, media, kinds = asyncio.run(ask())
    assert (page.status, media.status, kinds) == (503, 503, ["websocket.close"])
    assert b"The database is busy." in page.body
    assert here.inner.scopes == []


def test_an_account_that_cannot_be_checked_is_not_a_wrong_password(monkeypatch):
    here = world()

    def busy(**_):
        raise WorkbenchError("log-not-written", "The entry could not be written.", "Free some space.")

    monkeypatch.setattr(here.door, "sign_in", busy)
    answer = asyncio.run(here.browser().sign_in())
    assert answer.status == 503
    assert b"The entry could not be written." in answer.body


def test_other_host_names_are_not_answered():
    here = world(GateSettings(hosts=frozenset({"localhost"})))

    async def ask():
        for host in ("evil.example", "localhost.evil.example", "localhost@evil.example", ""):
            assert (await here.browser(host=host).open("/sign-in")).status == 421
        return await here.browser(host="localhost:8501").open("/sign-in")

    assert asyncio.run(ask()).status == 200
