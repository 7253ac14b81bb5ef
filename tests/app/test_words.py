"""One list of words, complete, and the users' own."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import workbench.api
import workbench.app
from workbench.app import words
from workbench.app.views.decision import LABELS
from workbench.records.action import Action
from workbench.records.actor import Role
from workbench.records.states import STUDY_STEPS, ReleaseState, StudyState

NOT_ON_SCREEN = (
    r"\bcapsules?\b",
    r"\bneedles?\b",
    r"\btraps?\b",
    r"\bblast radius\b",
    r"\bfindings?\b",
    r"\banonymi[sz]",
    r"\bsubjects?\b",
    r"\bprocessing\b",
    r"\bAI\b",
    r"\bsafe\b",
    r"\binclusion proof\b",
)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def test_every_state_action_role_and_step_has_a_word():
    assert set(words.STATES) == set(words.STATE_TONES) == set(StudyState)
    assert set(words.ACTIONS) == set(words.ACTION_TONES) == set(Action)
    assert set(words.ROLES) == set(Role)
    assert set(words.RELEASE_STATES) == set(ReleaseState)
    assert {step for _, step in STUDY_STEPS} - {"import"} == set(LABELS)
    assert words.STATES[StudyState.RECEIVED] == "Arrived"


def _sentences():
    for package in (workbench.app, workbench.api):
        for path in Path(str(package.__file__)).parent.rglob("*"):
            if path.suffix in {".py", ".html", ".js"}:
                yield path.name, path.read_text("utf-8")


@pytest.mark.parametrize("pattern", NOT_ON_SCREEN)
def test_words_that_the_users_do_not_use_are_not_on_screen(pattern):
    for name, text in _sentences():
        for string in STRING.findall(text) if name.endswith(".py") else [text]:
            if " " in string and not string.lstrip().startswith("default-src"):
                assert not re.search(pattern, string.split('"""')[0], re.IGNORECASE), (name, string)


def test_no_emoji():
    for name, text in _sentences():
        assert not re.search("[\U0001f000-\U0001faff\u2600-\u27bf]", text), name


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(seconds=-5), "just now"),
    ],
)
def test_ages(past, said):
    now = datetime(2026, 3, 4, tzinfo=UTC)
    assert words.ago(now - past, now) == said


def test_counts():
    assert [words.count(n, "instance") for n in (0, 1, 1204)] == ["0 instances", "1 instance", "1,204 instances"]
    assert words.count(2, "entry", "entries") == "2 entries"
