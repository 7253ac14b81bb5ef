"""A websocket opens with a session only, and does not outlive it."""

import asyncio

import pytest

from tests.api.asgi import Socket, world
from workbench.records.actor import Role


def run(test):
    asyncio.run(asyncio.wait_for(test(), 10))


async def opened(here, name="petra"):
    browser = here.browser()
    await browser.sign_in(name)
    socket = Socket(browser)
    await asyncio.sleep(0.05)
    assert socket.kinds == ["websocket.accept"]
    return browser, socket


async def closes(socket):
    await asyncio.wait_for(socket.task, 1)
    assert socket.sent[-1] == {"type": "websocket.close", "code": 4401}


@pytest.mark.parametrize("token", ["", "nonsense", "token-0-adam"])
def test_no_upgrade_without_a_session(token):
    async def test():
        here = world()
        browser = here.browser()
        if token:
            browser.cookies["workbench"] = token
        socket = Socket(browser)
        await socket.task
        assert socket.kinds == ["websocket.close"]
        assert here.inner.scopes == []

    run(test)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "https://localhost:8501.evil.example", "file://"]
)
def test_no_upgrade_from_another_origin(origin):
    async def test():
        here = world()
        browser = here.browser()
        await browser.sign_in()
        socket = Socket(browser, origin=origin)
        await socket.task
        assert socket.kinds == ["websocket.close"]
        assert here.inner.scopes == []

    run(test)


def test_no_upgrade_elsewhere():
    async def test():
        here = world()
        browser = here.browser()
        await browser.sign_in()
        socket = Socket(browser, "/_stcore/other")
        await socket.task
        assert socket.kinds == ["websocket.close"]

    run(test)


def test_sign_out_closes_every_open_window():
    async def test():
        here = world()
        browser, first = await opened(here)
        second = Socket(browser)
        await asyncio.sleep(0.05)
        field = await browser.form("/sign-out")
        answer = await browser.post("/sign-out", {"form": field})
        assert answer.header("location") == "/sign-in"
        await closes(first)
        await closes(second)

    run(test)


@pytest.mark.parametrize("what", ["disable", "roles", "idle"])
def test_a_session_that_ends_under_it_closes_the_window(what):
    async def test():
        here = world()
        _, socket = await opened(here)
        if what == "disable":
            here.door.disabled.add("petra")
        elif what == "roles":
            here.door.roles["petra"] = frozenset({Role.AUDITOR})
        else:
            here.clock.forward(minutes=16)
        await closes(socket)

    run(test)


def test_when_the_database_cannot_be_asked_the_window_closes(monkeypatch):
    async def test():
        here = world()
        _, socket = await opened(here)

        def broken(**_):
            raise OSError

        monkeypatch.setattr(here.door, "resume", broken)
        await closes(socket)

    run(test)


def test_only_people_keep_a_session_alive():
    async def test():
        here = world()
        _, socket = await opened(here)
        before = len(here.door.signs_of_life)
        await socket.say(b"tick")
        assert len(here.door.signs_of_life) == before
        here.clock.forward(seconds=20)
        await socket.say(b"click")
        assert len(here.door.signs_of_life) == before + 1
        for _ in range(30):
            here.clock.forward(minutes=1)
            await socket.say(b"tick")
        await closes(socket)

    run(test)


def test_a_click_after_the_end_does_not_reach_the_app():
    async def test():
        here = world()
        _, socket = await opened(here)
        here.door.disabled.add("petra")
        await socket.say(b"click")
        await closes(socket)
        assert [message["type"] for message in here.inner.received] == ["websocket.disconnect"]

    run(test)


def test_messages_that_the_product_has_no_use_for_are_dropped():
    async def test():
        here = world()
        _, socket = await opened(here)
        await socket.say(b"install something")
        await socket.say(b"click")
        await socket.leave()
        assert [message.get("bytes") for message in here.inner.received] == [b"click", None]

    run(test)
