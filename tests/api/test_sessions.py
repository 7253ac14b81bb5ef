"""The gate keeps no truth of its own about who is signed in."""

import pytest

from tests.app.fakes import PASSWORD, FakeClock, FakeDoor
from workbench.api import sessions
from workbench.api.sessions import Sessions
from workbench.records.errors import NotPermitted, WorkbenchError


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def door(clock):
    return FakeDoor(clock)


@pytest.fixture
def opened(door, clock):
    return Sessions(door, clock)


def test_a_session_is_known_by_its_id_once_its_token_was_seen(opened):
    actor, token = opened.sign_in(name="petra", password=PASSWORD)
    assert opened.by_session(actor.session) is None
    assert opened.by_token(token) == actor
    assert opened.by_session(actor.session) == actor


@pytest.mark.parametrize("how", ["sign-out", "disabled", "elsewhere", "idle"])
def test_what_is_over_in_the_database_is_over_here(opened, door, clock, how):
    actor, token = opened.sign_in(name="petra", password=PASSWORD)
    opened.by_token(token)
    if how == "sign-out":
        opened.sign_out(actor)
    elif how == "disabled":
        door.disabled.add("petra")
    elif how == "elsewhere":
        door.sign_out(actor)
    else:
        clock.forward(minutes=16)
    assert opened.by_token(token) is None
    assert opened.by_session(actor.session) is None


def test_a_sign_out_that_fails_forgets_the_token_all_the_same(opened, door, monkeypatch):
    actor, token = opened.sign_in(name="petra", password=PASSWORD)
    opened.by_token(token)

    def broken(_actor):
        raise WorkbenchError("database-busy", "The database is busy.")

    monkeypatch.setattr(door, "sign_out", broken)
    with pytest.raises(WorkbenchError):
        opened.sign_out(actor)
    assert opened.by_session(actor.session) is None


def test_not_to_know_is_neither_yes_nor_no(opened, door, monkeypatch):
    _, token = opened.sign_in(name="petra", password=PASSWORD)

    def broken(**_):
        raise WorkbenchError("database-busy", "The database is busy.")

    monkeypatch.setattr(door, "resume", broken)
    with pytest.raises(WorkbenchError):
        opened.by_token(token)


def test_signs_of_life_are_written_once_in_a_while(opened, door, clock):
    _, token = opened.sign_in(name="petra", password=PASSWORD)
    for _ in range(5):
        opened.by_token(token, active=True)
    assert len(door.signs_of_life) == 1
    clock.forward(seconds=sessions.TOUCH_EVERY.total_seconds())
    opened.by_token(token, active=True)
    assert len(door.signs_of_life) == 2


def test_no_token_opens_nothing(opened):
    assert opened.by_token("") is None
    assert opened.by_session("") is None
    with pytest.raises(NotPermitted):
        opened.sign_in(name="petra", password="")


def test_memory_is_bounded(opened, monkeypatch):
    monkeypatch.setattr(sessions, "REMEMBERED", 2)
    actors = []
    for name in ("petra", "tess", "arno"):
        actor, token = opened.sign_in(name=name, password=PASSWORD)
        opened.by_token(token)
        actors.append(actor)
    assert opened.by_session(actors[0].session) is None
    assert opened.by_session(actors[2].session) == actors[2]
