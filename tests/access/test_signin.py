from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.access.conftest import START, MemoryCredentials, minutes
from workbench.access.accounts import Credential
from workbench.access.signin import MOST_FAILURES, WINDOW, AttemptResult, refusal, settle


def attempt(credentials, verified, at, name="jane"):
    return settle(credentials, name=name, verified=verified, now=at)


def test_the_right_password_signs_in_and_clears_failures(credentials):
    attempt(credentials, False, START)
    done = attempt(credentials, True, START + minutes(1))
    assert done.result is AttemptResult.ACCEPTED
    assert done.account is not None
    assert credentials.kept["jane"].failures == 0


def test_five_failures_within_fifteen_minutes_lock_for_fifteen_minutes(credentials):
    results = [attempt(credentials, False, START + minutes(n)) for n in range(5)]
    assert [found.now_locked for found in results] == [False] * 4 + [True]
    last = START + minutes(4)
    assert attempt(credentials, True, last + minutes(14.99)).result is AttemptResult.LOCKED
    assert attempt(credentials, True, last + minutes(15)).result is AttemptResult.ACCEPTED


def test_failures_while_locked_do_not_prolong_the_lock(credentials):
    for n in range(5):
        attempt(credentials, False, START + minutes(n))
    before = credentials.kept["jane"]
    assert attempt(credentials, False, START + minutes(10)).result is AttemptResult.LOCKED
    assert credentials.kept["jane"] == before


def test_after_a_lock_the_count_starts_again(credentials):
    for n in range(5):
        attempt(credentials, False, START + minutes(n / 10))
    again = attempt(credentials, False, START + minutes(20))
    assert (again.result, again.now_locked) == (AttemptResult.WRONG_PASSWORD, False)
    assert credentials.kept["jane"].failures == 1


def test_slow_failures_never_lock(credentials):
    for n in range(20):
        assert not attempt(credentials, False, START + minutes(15 * n)).now_locked


def test_a_disabled_account_is_told_nothing_else_than_a_wrong_password(credentials):
    credentials.kept["jane"] = replace(credentials.kept["jane"], enabled=False)
    assert attempt(credentials, True, START).result is AttemptResult.DISABLED
    assert attempt(credentials, False, START).result is AttemptResult.WRONG_PASSWORD


def test_an_unknown_name_has_no_account_and_changes_nothing(credentials):
    before = dict(credentials.kept)
    done = attempt(credentials, False, START, name="nobody")
    assert (done.result, done.user_id, done.account) == (AttemptResult.UNKNOWN, "", None)
    assert credentials.kept == before


def test_every_failure_gets_one_answer():
    assert str(refusal()) == str(refusal())
    assert refusal().code == "sign-in-refused"


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 600)), max_size=60))
def test_however_attempts_are_timed_guesses_in_any_fifteen_minutes_stay_few(attempts):
    """At most the five that lock, and three that fell just before the count began anew."""
    credentials = MemoryCredentials({"jane": Credential("id-jane", "hash", enabled=True)})
    now = START
    judged = [now][:0]
    for verified, seconds in attempts:
        now += minutes(seconds / 60)
        result = attempt(credentials, verified, now).result
        if result is AttemptResult.ACCEPTED:
            judged.clear()
        elif result is AttemptResult.WRONG_PASSWORD:
            judged.append(now)
            assert len([at for at in judged if now - at < WINDOW]) <= MOST_FAILURES + 3
