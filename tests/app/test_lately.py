"""One look is one entry, and nobody sees what is no longer so."""

import pytest

from tests.app.fakes import FakeClock
from workbench.app.lately import FOR, REMEMBERED, Lately


@pytest.fixture
def asked():
    return []


def asking(asked, answer):
    def ask():
        asked.append(answer)
        return answer

    return ask


def test_the_same_question_is_asked_once_in_a_while(asked):
    clock = FakeClock()
    lately = Lately(clock)
    for _ in range(3):
        assert lately.get("q", asking(asked, "a")) == "a"
    assert asked == ["a"]
    clock.forward(seconds=FOR.total_seconds())
    lately.get("q", asking(asked, "b"))
    assert asked == ["a", "b"]


def test_other_questions_have_other_answers(asked):
    lately = Lately(FakeClock())
    assert [lately.get(n, asking(asked, n)) for n in ("s1", "s2")] == ["s1", "s2"]


def test_a_change_makes_it_forget_even_when_it_fails(asked):
    lately = Lately(FakeClock())
    lately.get("q", asking(asked, "a"))
    with pytest.raises(OSError), lately.changing():  # noqa: PT011 - any
        raise OSError
    lately.get("q", asking(asked, "b"))
    assert asked == ["a", "b"]


def test_an_answer_from_before_a_change_is_not_kept(asked):
    lately = Lately(FakeClock())

    def ask():
        with lately.changing():
            return "old"

    assert lately.get("q", ask) == "old"
    assert lately.get("q", asking(asked, "new")) == "new"


def test_a_refusal_is_not_kept(asked):
    lately = Lately(FakeClock())
    with pytest.raises(ZeroDivisionError):
        lately.get("q", lambda: 1 // 0)
    assert lately.get("q", asking(asked, "a")) == "a"


def test_memory_is_bounded(asked):
    lately = Lately(FakeClock())
    for number in range(REMEMBERED + 1):
        lately.get(number, asking(asked, number))
    lately.get(0, asking(asked, "again"))
    assert asked[-1] == "again"
