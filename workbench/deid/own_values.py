"""The instance's own identity, so that a harmless-looking text that repeats it does not stay.

The vocabulary says which words are harmless for everybody. For this patient they may not be: an ID of letters and
digits looks like a model name, and a surname may be a part of the body.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

TAGS: Final = frozenset(
    {
        *(0x00080050, 0x00080080, 0x00081010, 0x00081040, 0x00100020, 0x00100021, 0x00101000, 0x00181000),
        *(0x00100030, 0x00200010, 0x00380010, 0x00400009, 0x00401001, 0x00402016, 0x00402017),
    },
)
"""Accession, institution, station, department, patient's IDs and birth date, device serial, study, admission and order
numbers."""

NOTHING, TEXT, CODE_STRING, NUMBER = range(4)
"""How a value may repeat what identifies: by no means, in words, by a code string, as a decimal or integer string."""

_LONG_NUMBER: Final = 6


class OwnValues:
    """What identifies one instance, ready to be looked for in the values that would stay."""

    __slots__ = ("_numbered", "_numbers", "_words")

    def __init__(self, words: Iterable[bytes]) -> None:
        found = sorted(set(words), key=lambda word: (-len(word), word))
        self._words = _whole(found)
        self._numbered = _whole([word for word in found if any(byte in b"0123456789" for byte in word)])
        self._numbers = frozenset(word for word in found if word.isdigit() and len(word) >= _LONG_NUMBER)

    def repeats(self, how: int, value: bytes) -> bool:
        """Tell whether a value repeats an own word, or in a number an own identifier of some length.

        A code string may name the part of the body that a patient is called after, but not two names of that patient.
        """
        if how == TEXT:
            return self.names(value)
        if how == NUMBER:
            return not self._numbers.isdisjoint([part.strip(b" \0") for part in value.split(b"\\")])
        return self._numbered.search(value) is not None or len(set(self._words.findall(value))) > 1

    def names(self, value: bytes) -> bool:
        """Tell whether any own word stands in a value."""
        return self._words.search(value.upper()) is not None


def _whole(words: list[bytes]) -> "re.Pattern[bytes]":
    choice = b"|".join(map(re.escape, words)) if words else rb"(?!)"
    return re.compile(rb"(?<![A-Z0-9])(?:" + choice + rb")(?![A-Z0-9])")


def own_values(values: Mapping[int, bytes], persons: Iterable[bytes]) -> OwnValues | None:
    """Return what identifies this instance, None when nothing does.

    `values` are top-level values by tag, of which `TAGS` count, `persons` all names of persons, whoever they are.
    """
    return _found(tuple(persons), tuple(values[tag] for tag in sorted(TAGS & values.keys())))


@lru_cache(maxsize=256)
def _found(persons: tuple[bytes, ...], identifiers: tuple[bytes, ...]) -> OwnValues | None:
    words: set[bytes] = set()
    for person in persons:
        words.update(word for word in re.split(rb"[\\^= \0,.]+", person.upper()) if len(word) > 1)
    for value in identifiers:
        words.update(word for part in value.upper().split(b"\\") if len(word := part.strip(b" \0")) > 2)
    return OwnValues(words) if words else None
