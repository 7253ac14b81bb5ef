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
        *(0x00100010, 0x00101001, 0x00101005, 0x00101060),
        *(0x00100030, 0x00200010, 0x00380010, 0x00400009, 0x00401001, 0x00402016, 0x00402017),
    },
)
"""Accession, institution, station, department, patient's names, IDs and birth date, device serial, study, admission and
order numbers."""

PATIENT_NAMES: Final = frozenset({0x00100010, 0x00101001, 0x00101005, 0x00101060})
"""Patient's Name, other names, birth name, mother's birth name: in TAGS too, but names and not identifiers."""

_PATIENT_IDS: Final = frozenset({0x00100020, 0x00100030, 0x00101000})

NOTHING, TEXT, CODE_STRING, NUMBER = range(4)
"""How a value may repeat what identifies: by no means, in words, by a code string, as a decimal or integer string."""

_LONG_NUMBER: Final = 6
_NO_DIGITS: Final = bytes(byte for byte in range(256) if byte not in b"0123456789")
_LONGEST: Final = 256
"""Bytes of an own word. A longer one is in no text that would stay: no vocabulary has it."""
_WORDS: Final = 1000
"""Own words of one instance; hundreds of names are damage."""


class OwnValues:
    """What identifies one instance, ready to be looked for in the values that would stay."""

    __slots__ = ("_numbered", "_numbers", "_patient", "_words")

    def __init__(self, words: Iterable[bytes], patient: Iterable[bytes] = ()) -> None:
        found = sorted(set(words), key=lambda word: (-len(word), word))
        self._patient = _whole(sorted(set(patient), key=lambda word: (-len(word), word)))
        self._words = _whole(found)
        self._numbered = _whole([word for word in found if any(byte in b"0123456789" for byte in word)])
        numbers = {_digits(word) for word in found}
        self._numbers = frozenset(number for number in numbers if len(number) >= _LONG_NUMBER)

    def repeats(self, how: int, value: bytes) -> bool:
        """Tell whether a value repeats an own word, or in a number an own identifier of some length.

        A code string may name the part of the body that a patient is called after, but not two names of that patient.
        """
        if how == TEXT:
            return self.names(value)
        if how == NUMBER:
            return not self._numbers.isdisjoint([_digits(part) for part in value.split(b"\\") if b"." not in part])
        return self._numbered.search(value) is not None or len(set(self._words.findall(value))) > 1

    def names(self, value: bytes) -> bool:
        """Tell whether any own word stands in a value."""
        return self._words.search(value.upper()) is not None

    def names_patient(self, value: bytes) -> bool:
        """Tell whether a value names the patient: what an option retains does not stay then."""
        return self._patient.search(value.upper()) is not None


def _digits(value: bytes) -> bytes:
    """Return what a number keeps of an identifier: its digits, without zeros in front."""
    return value.translate(None, _NO_DIGITS).lstrip(b"0")


def _whole(words: list[bytes]) -> "re.Pattern[bytes]":
    choice = b"|".join(map(re.escape, words)) if words else rb"(?!)"
    return re.compile(rb"(?<![A-Z0-9])(?:" + choice + rb")(?![A-Z0-9])")


def own_values(values: Mapping[int, bytes], persons: Iterable[bytes]) -> OwnValues | None:
    """Return what identifies this instance, None when nothing does.

    `values` are top-level values by tag, of which `TAGS` count, `persons` all names of persons, whoever they are.
    """
    present = TAGS & values.keys()
    return _found(
        tuple(persons),
        tuple(values[tag] for tag in sorted(present - PATIENT_NAMES)),
        tuple(values[tag] for tag in sorted(present & PATIENT_NAMES)),
        tuple(values[tag] for tag in sorted(present & _PATIENT_IDS)),
    )


@lru_cache(maxsize=256)
def _found(
    persons: tuple[bytes, ...], identifiers: tuple[bytes, ...], names: tuple[bytes, ...], ids: tuple[bytes, ...]
) -> OwnValues | None:
    words = {word for person in persons for word in _parts(person) if len(word) > 1}
    words.update(word for value in identifiers for word in _each(value))
    patient = {word for name in names for word in _parts(name) if len(word) > 2}
    patient.update(word for value in ids for word in _each(value))
    short = _short(words)
    return OwnValues(short, _short(patient)) if short else None


def _parts(person: bytes) -> list[bytes]:
    return re.split(rb"[\\^= \0,.]+", person.upper())


def _each(value: bytes) -> list[bytes]:
    return [word for part in value.upper().split(b"\\") if len(word := part.strip(b" \0")) > 2]


def _short(words: Iterable[bytes]) -> list[bytes]:
    return sorted(word for word in words if len(word) <= _LONGEST)[:_WORDS]
