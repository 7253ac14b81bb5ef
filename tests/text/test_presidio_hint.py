"""Presidio with our recognisers, without a language model: the same parts of a text, and it can only drop."""

import subprocess
import sys

import pytest

from tests.text.labels import read
from workbench.records.errors import UsageError
from workbench.text.cleaner import Cleaner
from workbench.text.presidio_hint import PresidioHint
from workbench.text.recognisers import Patterns

pytest.importorskip("presidio_analyzer", reason="the extra `text` is not installed")

TEXTS = [each.text for each in read("tuning")][::12]


@pytest.fixture(scope="module")
def hint():
    return PresidioHint()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CT HEAD 12 Mar 1950", "presidio date with a month"),
        ("MRN 0045127", "presidio announced number"),
        ("SMITH^JOHN^^Dr", "presidio caret name"),
        ("call 555-867-5309", "presidio telephone"),
        ("www.clinic.org", "presidio url"),
        ("92 yo chest", "presidio age over 89"),
        ("42 Elm Street", "presidio street"),
    ],
)
def test_our_recognisers_run_in_presidio(hint, text, found):
    assert found in {span.by for span in hint.spans(text)}


def test_it_finds_what_our_patterns_find(hint):
    for text in TEXTS:
        ours = {(span.start, span.end) for span in Patterns().spans(text)}
        theirs = {place for span in hint.spans(text) for place in range(span.start, span.end)}
        for start, end in ours:
            assert set(range(start, end)) <= theirs, text


def test_it_can_only_drop(hint):
    both, alone = Cleaner(hints=[Patterns(), hint]), Cleaner()
    for text in TEXTS:
        kept = {word.start for word in both.clean(text).words if word.kept}
        assert kept <= {word.start for word in alone.clean(text).words if word.kept}


def test_it_is_made_anew_from_its_model(hint):
    kind, arguments = hint.__reduce__()
    assert kind is PresidioHint
    assert arguments == (None,)


def test_a_model_that_is_missing_is_not_downloaded():
    with pytest.raises(UsageError) as raised:
        PresidioHint("no_such_model")
    assert raised.value.code == "language-model-not-installed"
    assert raised.value.hint


def test_the_cleaner_needs_none_of_it():
    code = (
        "import sys; from workbench.text.cleaner import Cleaner; Cleaner().clean('CT HEAD SMITH');"
        "sys.exit(bool({'presidio_analyzer', 'spacy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
