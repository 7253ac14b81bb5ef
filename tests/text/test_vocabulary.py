"""The vocabulary has words of the field, and no names that nothing holds."""

import gzip
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.text.test_known_terms import NAMES
from workbench import text
from workbench.text.build import clinical
from workbench.text.cleaner import Cleaner
from workbench.text.folding import fold
from workbench.text.vocabulary import DOUBTFUL, Sort, default
from workbench.verify.generic import words as generic

DATA = Path(text.__file__).parent / "data"


def test_the_file_is_fresh():
    """After a change of a list: `python -m workbench.text.build.clinical`."""
    terms = gzip.decompress((DATA / "known_terms.txt.gz").read_bytes()).decode().splitlines()[0]
    if f"pydicom {version('pydicom')}," not in terms:
        pytest.skip("the lists were made with another version of pydicom")
    assert gzip.decompress((DATA / "vocabulary.txt.gz").read_bytes()).decode() == clinical.render()


def test_what_stays_of_a_patients_name_is_generic_for_the_verifier():
    common = {word for word, sort in default()._words.items() if sort & Sort.COMMON}
    assert 50 < len(common) < 120
    assert common <= generic()


@pytest.mark.parametrize(
    "template", ["{}", "{} CT HEAD", "CT CHEST {}", "AX T2 {} FS", "Seen by {} today", "LIVER_{}_5mm"]
)
def test_common_names_are_dropped_without_being_known(template):
    cleaner = Cleaner()
    for name in NAMES:
        for form in (name, name.upper()):
            cleaned = cleaner.clean(template.format(form))
            kept = [word.text for word in cleaned.words if word.kept and word.text == form]
            assert not kept or default().sort(form) & (Sort.SOFT | Sort.CAPITALS) == Sort.SOFT, (template, form)


def test_what_common_names_are_words_of_the_field_first_is_a_short_list():
    """Each of these may stay when nothing near it says name; keep the list short."""
    assert {fold(name) for name in NAMES if default().sort(name) & Sort.SOFT} <= {
        "fast", "foot", "hand", "head", "land", "lea", "art", "crystal", "mark", "violet", "gene", "vida",
    }  # fmt: skip


@pytest.mark.parametrize(
    "word",
    [
        "pneumomediastinum", "osteochondroplasty", "esophagogastroduodenoscopy", "hepaticojejunostomy",
        "cardiothoracic",
        "Kniegelenkserguss", "Schultergelenkssonographie", "Lungenarterienembolie", "Unterschenkelschwellung",
        "ThoraxRoutine", "AbdomenLiver", "d'épanchement", "l'épaule", "schaedel", "SCHÄDEL", "rodillas", "rénales",
    ],
)  # fmt: skip
def test_words_that_are_put_together_are_known(word):
    assert default().sort(word) & Sort.KNOWN


@pytest.mark.parametrize(
    "word",
    [
        "Headley",
        "Livermore",
        "Chesterfield",
        "Handke",
        "SmithJohn",
        "DeLong",
        "Kopfmann",
        "Neuromann",
        "O'Brien",
        "D'Angelo",
    ],
)
def test_names_that_begin_like_words_are_not(word):
    assert not default().sort(word) & Sort.KNOWN


def test_doubtful_words_have_one_sort():
    for word, sort in default()._words.items():
        assert (sort & DOUBTFUL) != DOUBTFUL, word
