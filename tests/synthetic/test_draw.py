from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from workbench.synthetic.draw import Draw


@given(seed=st.integers(0, 2**31), label=st.text(max_size=8), name=st.text(max_size=8))
def test_a_uid_is_valid_and_does_not_depend_on_earlier_draws(seed, label, name):
    early = Draw(seed, label).uid(name)
    later = Draw(seed, label)
    later.whole(0, 9)
    assert later.uid(name) == early
    assert early.startswith("2.25.")
    assert len(early) <= 64
    assert int(early[5:]) < 2**128


def test_same_seed_and_label_draw_the_same():
    one, two = Draw(3, "a"), Draw(3, "a")
    assert [one.whole(0, 10**9) for _ in range(5)] == [two.whole(0, 10**9) for _ in range(5)]
    assert one.generator.normal() == two.generator.normal()


def test_labels_and_seeds_are_independent():
    numbers = {Draw(seed, label).whole(0, 10**12) for seed in (1, 2) for label in ("a", "b")}
    assert len(numbers) == 4


@given(count=st.integers(1, 12), seed=st.integers(0, 99))
def test_digits_have_the_length_asked_for(count, seed):
    digits = Draw(seed, "digits").digits(count)
    assert len(digits) == count
    assert digits.isdigit()


def test_days_stay_inside_their_bounds():
    draw = Draw(1, "days")
    first, last = date(2024, 2, 28), date(2024, 3, 1)
    assert {draw.day(first, last) for _ in range(60)} == {date(2024, 2, 28), date(2024, 2, 29), last}
