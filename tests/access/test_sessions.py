from dataclasses import replace

import pytest

from tests.access.conftest import START, account, minutes
from workbench.access.sessions import EndCause, Limits, due_touch, resume, start, token_digest
from workbench.records.actor import Role
from workbench.records.errors import NotPermitted

LIMITS = Limits(idle=minutes(15), absolute=minutes(600))


def begin(sessions):
    return start(sessions, account(), now=START, limits=LIMITS)


def refused(sessions, token, at) -> bool:
    with pytest.raises(NotPermitted) as caught:
        resume(sessions, token, now=at)
    return caught.value.code == "session-ended"


def test_only_a_digest_of_the_token_is_kept(sessions):
    token, session = begin(sessions)
    assert len(token) >= 43
    assert token not in repr(sessions)
    assert list(sessions.kept) == [token_digest(token)]
    assert session.id != token  # a short id may occur in it by chance
    assert resume(sessions, token, now=START).actor().session == session.id


def test_tokens_never_repeat(sessions):
    assert len({begin(sessions)[0] for _ in range(50)}) == 50


def test_a_session_ends_after_a_time_without_activity(sessions):
    token, session = begin(sessions)
    resume(sessions, token, now=START + minutes(14.9))
    assert refused(sessions, token, START + minutes(15))
    sessions.touch(session.id, at=START + minutes(14))
    resume(sessions, token, now=START + minutes(28.9))


def test_a_session_ends_for_good_however_active(sessions):
    token, session = begin(sessions)
    for n in range(10, 600, 10):
        sessions.touch(session.id, at=START + minutes(n))
    resume(sessions, token, now=START + minutes(599.9))
    assert refused(sessions, token, START + minutes(600))


@pytest.mark.parametrize("token", ["", "x", "a" * 43])
def test_a_token_that_nobody_gave_out_is_refused(sessions, token):
    begin(sessions)
    assert refused(sessions, token, START)


def test_a_signed_out_session_is_over(sessions):
    token, session = begin(sessions)
    sessions.end(session.id, cause=EndCause.SIGNED_OUT, at=START)
    assert refused(sessions, token, START)


def test_disabling_the_account_ends_the_session_and_roles_are_those_of_now(sessions):
    token, _ = begin(sessions)
    sessions.change_account(replace(account(), roles=frozenset({Role.AUDITOR})))
    assert resume(sessions, token, now=START).actor().roles == {Role.AUDITOR}
    sessions.change_account(account(enabled=False))
    assert refused(sessions, token, START)


def test_activity_is_written_now_and_then_only(sessions):
    _, session = begin(sessions)
    assert not due_touch(session, now=START + minutes(0.4))
    assert due_touch(session, now=START + minutes(0.5))
    assert due_touch(replace(session, idle=minutes(0.5)), now=START + minutes(0.25))
