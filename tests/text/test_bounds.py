"""Values of absurd length do not make spellings without end."""

import string
from itertools import cycle, islice
from time import process_time

import pytest

from workbench.deid.own_values import TEXT, own_values
from workbench.records.known import KnownKind, KnownValue
from workbench.text.cleaner import Cleaner
from workbench.text.known_values import LONGEST, WORDS, KnownValues
from workbench.text.vocabulary import default

LETTERS = "".join(islice(cycle(string.ascii_lowercase), 1 << 16))


def test_a_word_of_64_kib_is_looked_for_by_its_begin() -> None:
    known = KnownValues([KnownValue(KnownKind.PATIENT, LETTERS)], default())
    assert max(map(len, known.words)) <= LONGEST
    assert len(known._slips) <= LONGEST + 1


def test_a_word_of_a_mebibyte_is_no_slip_of_a_name() -> None:
    known = KnownValues([KnownValue(KnownKind.PATIENT, "Mustermann")], default())
    assert known.slip("mustermannn") is not None
    assert known.slip(LETTERS * 16) is None


def test_a_name_of_thousands_of_words_makes_a_bounded_number_of_pairs() -> None:
    words = " ".join(LETTERS[at : at + 7] for at in range(0, 20_000, 8))
    known = KnownValues([KnownValue(KnownKind.PATIENT, words)], default())
    assert len(known._anywhere) < 4 * WORDS * WORDS


def test_what_is_found_many_times_is_told_once() -> None:
    known = KnownValues([KnownValue(KnownKind.PATIENT, "aaaaaaa")], default())
    assert len(list(known.in_pieces(["a" * 50_000]))) == 1
    assert Cleaner([KnownValue(KnownKind.PATIENT, "a" * 20_000)]).clean("a" * 20_000 + " liver").text == "liver"


def test_own_words_of_absurd_length_or_number_are_left_to_the_vocabulary() -> None:
    own = own_values({0x00100020: b"A" * 65_536}, [b"ZANZIBAR^" + b"B" * 65_536])
    assert own is not None
    assert own.repeats(TEXT, b"ZANZIBAR")
    assert own_values({0x00100020: b"A" * 65_536}, []) is None


@pytest.mark.parametrize("text", ["A^" * 10_000, "1." * 10_000, "a-" * 10_000, "a" * 20_000])
def test_long_texts_are_searched_in_parts(text: str) -> None:
    """Minutes for one value, before they were: some expressions take time that grows with the square."""
    assert not any(word.kept for word in Cleaner().clean(text).words if len(word.text) > 1)


def test_what_stands_across_two_parts_of_a_long_text_is_found() -> None:
    for at in range(780, 1020, 7):
        text = "liver " * (at // 6) + "seen 12 March 2019 mail erika@clinic.example " + "liver " * 300
        cleaned = Cleaner().clean(text).text
        assert not any(word in cleaned for word in ("2019", "12", "erika", "clinic", "@"))


@pytest.mark.parametrize(
    "text",
    [
        "CT chest on 12/03/2019 for Smith, call 555-0134 seen Dr Jones at 10:20 AM, Mercy Hospital. ",
        "(" * 90 + " liver ",
        "b 1000, 1000, 1000, 1000, 1000, ",
        "by at from per " * 6,
    ],
)
def test_the_time_for_a_text_grows_with_its_length(text: str) -> None:
    def seconds(times: int) -> float:
        started = process_time()
        Cleaner().clean(text * times)
        return process_time() - started

    seconds(10)
    assert min(seconds(1600) for _ in range(2)) < 3 * 4 * max(seconds(400), 0.02)
