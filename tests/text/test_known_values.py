"""No known value survives, however it is written: invented people of many countries in texts of all kinds."""

import re
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.labels import read
from workbench.records.known import KnownKind, KnownValue
from workbench.text.cleaner import Cleaner
from workbench.text.folding import fold, forms
from workbench.text.known_values import KnownValues
from workbench.text.vocabulary import DOUBTFUL, Sort, default
from workbench.text.wordlists import listed
from workbench.verify import generic
from workbench.verify.identity import Identity, Kind, Value
from workbench.verify.needles import Needles

PEOPLE = (Path(__file__).parent / "people.txt").read_text(encoding="utf-8").splitlines()[1:]
TEXTS = [each.text for each in read("tuning")]
KINDS = {
    KnownKind.PATIENT: Kind.NAME,
    KnownKind.PERSON: Kind.NAME,
    KnownKind.IDENTIFIER: Kind.IDENTIFIER,
    KnownKind.CONTACT: Kind.CONTACT,
    KnownKind.ADDRESS: Kind.ADDRESS,
    KnownKind.SITE: Kind.SITE,
    KnownKind.DEVICE: Kind.DEVICE,
    KnownKind.DATE: Kind.DATE,
}
PATIENT_ID = 0x00100020
IDENTIFIERS = ("{:07d}", "MRN-{:05d}", "{:04d}", "A{:06d}X", "{:03d}-{:04d}")
SITES = ("St. Mary General", "Greenfield Imaging", "Klinik am See", "NORTHSIDE")


def values_of(person, number):
    """Return invented values around a name."""
    day = date(1925 + number % 90, 1 + number % 12, 1 + number % 28)
    return (
        KnownValue(KnownKind.PATIENT, person),
        KnownValue(KnownKind.PERSON, PEOPLE[(number * 7 + 3) % len(PEOPLE)]),
        KnownValue(KnownKind.IDENTIFIER, IDENTIFIERS[number % 5].format(number * 37 + 1000, number)),
        KnownValue(KnownKind.DATE, day.strftime("%Y%m%d")),
        KnownValue(KnownKind.SITE, SITES[number % 4]),
        KnownValue(KnownKind.DEVICE, ("CTAW7", "MRC35182", "AE_ROOM2")[number % 3]),
        KnownValue(KnownKind.CONTACT, f"+49 30 555{number:04d}"),
        KnownValue(KnownKind.ADDRESS, f"{number} Elm Street, Springfield"),
    )


def written(value):
    """Yield ways in which a value may stand in a text."""
    text = value.text
    if value.kind in (KnownKind.PATIENT, KnownKind.PERSON):
        for group in text.split("="):
            parts = [part for part in group.split("^") if part]
            family, given_name = parts[0], parts[-1]
            yield from parts
            yield from (
                f"{family}, {given_name}",
                f"{given_name} {family}",
                f"{family}^{given_name}",
                f"{family}{given_name}",
            )
            yield from (
                f"{given_name[0]}. {family}",
                f"{family}_{given_name}",
                f"Dr. {family}",
                f"{family}'s",
                f"{given_name}-{family}",
            )
            yield from forms(family)
    elif value.kind is KnownKind.DATE:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        for form in (
            "%Y%m%d",
            "%d.%m.%Y",
            "%m/%d/%Y",
            "%d %B %Y",
            "%b %d, %Y",
            "%d-%b-%y",
            "%d %B",
            "%y%m%d",
            "%Y %m %d",
        ):
            yield day.strftime(form)
    else:
        yield text
        yield re.sub(r"[^\w]+", "", text)
        yield re.sub(r"[^\w]+", " ", text)
        yield f"ID {text}"


def needles(known):
    return Needles(
        Identity(
            frozenset(
                Value(KINDS[kind], text, b"", PATIENT_ID if kind is KnownKind.IDENTIFIER else 0) for kind, text in known
            ),
            frozenset(),
        ),
        (),
    )


def survivors(cleaned, known):
    """Return words of names that are left, by a search of its own: whole words, and long ones inside others."""
    left = re.findall(r"[^\W\d_]+", fold(cleaned))
    names = {
        word
        for kind, text in known
        if kind in (KnownKind.PATIENT, KnownKind.PERSON)
        for form in forms(text)
        for word in re.findall(r"[^\W\d_]{3,}", form)
    }
    vocabulary = default()
    return {
        name
        for name in names
        if not vocabulary.sort(name) & (Sort.COMMON | Sort.PARTICLE)
        for word in left
        if name == word or (len(name) >= 6 and name in word)
    }


@pytest.mark.parametrize("number", range(0, len(PEOPLE) * 3, 3))
def test_no_known_value_survives_in_any_template(number):
    """Every person in a dozen texts, each value in one of its spellings, case and place changing."""
    person = PEOPLE[number // 3]
    known = values_of(person, number)
    cleaner, searched = Cleaner(known), needles(known)
    spellings = [spelling for value in known for spelling in written(value)]
    for index, spelling in enumerate(spellings):
        words = TEXTS[(number * 31 + index * 17) % len(TEXTS)].split(" ")
        place = (number + index) % (len(words) + 1)
        text = " ".join(
            [
                *words[:place],
                (spelling.upper(), spelling.lower(), spelling.title(), spelling)[index % 4],
                *words[place:],
            ]
        )
        cleaned = cleaner.clean(text).text
        assert not searched.in_text(cleaned), (text, cleaned)
        assert not survivors(cleaned, known), (text, cleaned)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Müller^Uwe", "MUELLER"),
        ("Müller^Uwe", "Muller"),
        ("MUELLER^UWE", "Müller"),
        ("Weiß^Uwe", "WEISS"),
        ("Иванов^Пётр", "Ivanov Petr"),
        ("Щербакова^Юлия", "Shcherbakova, Yuliya"),
        ("Παπαδόπουλος^Νίκος", "PAPADOPOULOS"),
        ("やまだ^たろう", "Yamada Taro"),
        ("サトウ^ジュンイチ", "sato junichi"),
        ("Smith^John", "SMITHJOHN"),
        ("Smith^Don", "Don"),
        ("Smith^Mac", "Mac"),
        ("Smith^John", "jsmith"),
        ("Andersen Holm^Liv", "Andersen-Holm"),
        ("O'Brien^Pat", "OBrien"),
        ("Hoffmann^Ute", "Hofmann"),
        ("Martin^Eve", "T2MARTIN"),
        ("Martin^Eve", "Martins"),
        ("SMITH, JOHN", "John"),
        ("John Smith", "Smith"),
        ("山田^太郎", "山田太郎"),
        ("김^민준", "김민준"),
    ],
)
def test_a_name_is_recognised_and_the_reason_is_the_patient(name, text):
    cleaned = Cleaner([KnownValue(KnownKind.PATIENT, name)]).clean(f"CT {text} abdomen")
    assert cleaned.text == "CT abdomen"
    assert cleaned.dropped.get("the patient", 0) >= 1


@pytest.mark.parametrize("word", ["liver", "kidney", "CONTRAST", "axial", "corner"])
def test_one_slip_does_not_make_a_clinical_word_a_name(word):
    known = [
        KnownValue(KnownKind.PATIENT, name) for name in ("Livers^A", "Kidnay^B", "Contrasd^C", "Axiall^D", "Conner^E")
    ]
    assert Cleaner(known).clean(f"CT {word} phase").text == f"CT {word} phase"


def test_short_numbers_count_as_identifiers_from_four_digits():
    cleaner = Cleaner([KnownValue(KnownKind.IDENTIFIER, "2000"), KnownValue(KnownKind.IDENTIFIER, "30")])
    assert cleaner.clean("TR 2000 TE 30").text == "TR TE 30"


def test_a_site_takes_its_phrase_and_its_rare_words_only():
    cleaner = Cleaner([KnownValue(KnownKind.SITE, "Greenfield General Radiology")])
    assert cleaner.clean("Greenfield General Radiology CT").text == "CT"
    assert cleaner.clean("Greenfield chest").text == "chest"
    assert cleaner.clean("general radiology report").text == "general radiology report"


def test_placeholders_and_empty_values_are_no_needles():
    assert not KnownValues(
        [KnownValue(KnownKind.PATIENT, "^^"), KnownValue(KnownKind.DATE, "0"), KnownValue(KnownKind.SITE, "")],
        default(),
    )


NAME = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzäöüßéøłñ"), min_size=3, max_size=12)


@given(NAME, NAME, st.lists(st.sampled_from(TEXTS), min_size=1, max_size=2), st.integers(0, 5))
def test_invented_names_never_survive(family, given_name, texts, form):
    known = [KnownValue(KnownKind.PATIENT, f"{family}^{given_name}".title())]
    spelling = next(islice(written(known[0]), form, None))
    words = " ".join(texts).split(" ")
    text = " ".join([*words[: len(words) // 2], spelling, *words[len(words) // 2 :]])
    cleaned = Cleaner(known).clean(text).text
    assert not survivors(cleaned, known)
    assert not needles(known).in_text(cleaned)


@given(st.text(max_size=40), st.sampled_from(list(KnownKind)), st.text(max_size=40))
def test_any_known_value_is_taken(value, kind, text):
    cleaner = Cleaner([KnownValue(kind, value)])
    cleaned = cleaner.clean(f"{text} {value} CT")
    assert cleaner.clean(cleaned.text).text == cleaned.text


@pytest.mark.parametrize("name", ["CHEST^XRAY", "ABDOMEN^CT", "HEAD^CT^1", "PHANTOM^ACR", "XRAY, CHEST"])
@pytest.mark.parametrize("kind", [KnownKind.PATIENT, KnownKind.PERSON])
def test_a_placeholder_takes_no_word_of_the_field_out_of_texts(name, kind):
    cleaner = Cleaner([KnownValue(kind, name)])
    for text in ("CT CHEST ABDOMEN", "XRAY CHEST 2V", "HEAD CT", "PHANTOM ACR weekly"):
        assert cleaner.clean(text).text == text


@pytest.mark.parametrize(
    ("name", "text"),
    [("CHEST^GRACE", "CHEST GRACE"), ("HAND", "HAND"), ("HAND^HEAD", "HEAD HAND"), ("HEAD^BONNIE", "BONNIE HEAD")],
)
def test_one_word_alone_and_any_other_word_are_a_name(name, text):
    assert Cleaner([KnownValue(KnownKind.PATIENT, name)]).clean(text).text == ""


def test_the_verifier_takes_the_same_names_for_placeholders():
    assert (listed("placeholder names"), listed("placeholder surnames")) == generic.placeholders()
    doubtful = {word for word in listed("placeholder names") if default().sort(word) & (DOUBTFUL | Sort.CAPITALS)}
    assert doubtful <= listed("placeholder surnames") <= listed("placeholder names")
