"""PS3.15 Table E.3.4-1: content items of structured reports, and what the profile and its options do with them."""

import csv
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from workbench.standard.table import OPTION_COLUMNS

EDITION: Final = "2026d"
SOURCE: Final = "DICOM PS3.15 2026d, Table E.3.4-1"


class ContentItem(NamedTuple):
    """One row: a concept name, the value type that it is listed for, and its letters."""

    value: str
    scheme: str
    meaning: str
    value_type: str
    retired: bool
    basic: str
    options: dict[str, str]


@cache
def content_items() -> tuple[ContentItem, ...]:
    """Return the 214 rows in the order of the table."""
    with (Path(__file__).parent / "data" / "e3_4_1.csv").open(encoding="utf-8", newline="") as file:
        file.readline()
        reader = csv.reader(file)
        options = [OPTION_COLUMNS[column] for column in next(reader)[6:]]
        return tuple(
            ContentItem(value, scheme, meaning, kind, retired == "Y", basic, _letters(options, letters))
            for value, scheme, meaning, kind, retired, basic, *letters in reader
        )


@cache
def _by_concept() -> dict[tuple[str, str, str], ContentItem]:
    return {(item.value, item.scheme, item.value_type): item for item in content_items()}


def find(value: str, scheme: str, value_type: str) -> ContentItem | None:
    """Return the row for a concept name with this value type, None when the table does not list it."""
    return _by_concept().get((value, scheme, value_type))


def _letters(options: list[str], letters: list[str]) -> dict[str, str]:
    return {option: letter for option, letter in zip(options, letters, strict=True) if letter}
