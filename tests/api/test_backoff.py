"""Guessing gets slower and slower, and memory stays bounded."""

from hypothesis import given
from hypothesis import strategies as st

from tests.app.fakes import FakeClock
from workbench.api import backoff
from workbench.api.backoff import Backoff


@given(st.lists(st.sampled_from(["fail", "wait", "succeed"]), max_size=40))
def test_a_success_forgets_and_a_pause_never_exceeds_the_longest(steps):
    clock = FakeClock()
    slow = Backoff(clock)
    for step in steps:
        if step == "fail":
            slow.failed("a")
        elif step == "wait":
            clock.forward(seconds=slow.wait("a"))
            assert slow.wait("a") == 0
        else:
            slow.succeeded("a")
            assert slow.wait("a") == 0
        assert 0 <= slow.wait("a") <= backoff.LONGEST.total_seconds()
        assert slow.wait("b") == 0


def test_pauses_double():
    clock = FakeClock()
    slow = Backoff(clock, free=2)
    pauses = []
    for _ in range(5):
        slow.failed("a")
        pauses.append(slow.wait("a"))
    assert pauses == [0, 2, 4, 8, 16]


def test_hours_of_guessing_do_not_start_over():
    clock = FakeClock()
    slow = Backoff(clock, free=2)
    for _ in range(30):
        slow.failed("a")
        clock.forward(seconds=slow.wait("a"))
    assert slow.wait("a") == 0
    slow.failed("a")
    assert slow.wait("a") == backoff.LONGEST.total_seconds()


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(backoff, "REMEMBERED", 10)
    slow = Backoff(FakeClock(), free=1)
    for number in range(100):
        slow.failed(str(number))
    assert slow.wait("99") > 0
    assert slow.wait("0") == 0
