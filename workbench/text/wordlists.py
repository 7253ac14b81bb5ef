"""Lists of words that decide what stands beside them, from `data/context_words.txt`."""

from functools import cache
from hashlib import sha256
from pathlib import Path

_DATA = Path(__file__).parent / "data" / "context_words.txt"


@cache
def _sections() -> dict[str, frozenset[str]]:
    sections: dict[str, set[str]] = {}
    name = ""
    for line in _DATA.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            sections[name] = set()
        elif not line.startswith("#"):
            sections.setdefault(name, set()).update(line.split())
    return {name: frozenset(words) for name, words in sections.items()}


def listed(name: str) -> frozenset[str]:
    """Return the words of a section.

    Raises
    ------
    KeyError
        No such section.
    """
    return _sections()[name]


def digest() -> str:
    """Return SHA-256, in hex, of all lists."""
    return sha256(_DATA.read_bytes()).hexdigest()


def sections(prefix: str) -> dict[str, frozenset[str]]:
    """Return the sections whose names begin with a prefix, by the rest of the name."""
    return {name.removeprefix(prefix): words for name, words in _sections().items() if name.startswith(prefix)}
