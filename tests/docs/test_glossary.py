"""The users' words on screen, the standard's words in code."""

import re
from pathlib import Path

import pytest

from tests.docs.screen_texts import texts

GLOSSARY = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text()
FORMAT_WORDS = re.compile(r"`[^`]*`|\{[^}]*\}|https?://\S+|--[a-z-]+")


def table(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading."""
    section = GLOSSARY.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def hidden_words() -> list[str]:
    own = [row[0].lower() for row in table("Our own words")]
    plurals = [word + "s" for word in own]
    banned = [word.strip() for row in table("Words that are not used on screen") for word in row[0].split(",")]
    return sorted({*own, *plurals, *banned})


def test_each_own_word_has_a_users_word_and_a_meaning():
    rows = table("Our own words")
    assert len(rows) >= 9
    for row in rows:
        assert len(row) == 3
        assert all(row)
        assert row[0].lower() != row[1].lower()


def test_there_are_texts_to_look_at():
    found = list(texts())
    assert len(found) > 100
    assert any(place.startswith("workbench/cli") for place, _ in found)


@pytest.mark.parametrize("word", hidden_words())
def test_users_do_not_meet_the_words_of_the_code(word):
    pattern = re.compile(rf"(?<![\w/.-]){re.escape(word)}(?![\w/=.(-])", re.IGNORECASE)
    met = [f"{place}: {text[:100]}" for place, text in texts() if pattern.search(FORMAT_WORDS.sub(" ", text))]
    assert not met


def test_the_glossary_explains_no_word_twice():
    words = [
        row[0].lower()
        for name in ("Our own words", "Words of the standard", "Words of the workbench")
        for row in table(name)
    ]
    assert len(words) == len(set(words))
