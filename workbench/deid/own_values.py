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
        *(0x00200010, 0x00380010, 0x00400009, 0x00401001, 0x00402016, 0x00402017),
    },
)
"""Accession, institution, station, department, patient's IDs, device serial, study, admission and order numbers."""


def own_values(values: Mapping[int, bytes], persons: Iterable[bytes]) -> "re.Pattern[bytes] | None":
    """Return a pattern that finds what identifies this instance in an upper-case text, as whole words.

    `values` are top-level values by tag, of which `TAGS` count, `persons` all names of persons, whoever they are.
    """
    return _pattern(tuple(persons), tuple(values[tag] for tag in sorted(TAGS & values.keys())))


@lru_cache(maxsize=256)
def _pattern(persons: tuple[bytes, ...], identifiers: tuple[bytes, ...]) -> "re.Pattern[bytes] | None":
    words: set[bytes] = set()
    for person in persons:
        words.update(word for word in re.split(rb"[\\^= \0,.]+", person.upper()) if len(word) > 1)
    for value in identifiers:
        words.update(word for part in value.upper().split(b"\\") if len(word := part.strip(b" \0")) > 2)
    if not words:
        return None
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(rb"(?<![A-Z0-9])(?:" + b"|".join(map(re.escape, longest_first)) + rb")(?![A-Z0-9])")
