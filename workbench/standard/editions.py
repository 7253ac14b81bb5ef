"""Table E.1-1 in the editions that are known: the one that holds, and older ones for comparison.

Of older editions only the basic codes are known row by row. The letters of options are those of the edition that holds,
less those that are known to be younger.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from workbench.standard import table
from workbench.standard.table import Row

EDITIONS: Final = ("2023e", "2024b", "2026c", table.EDITION)
"""The editions, oldest first; the last one holds."""

SOURCE: Final = "dicom-anonymizer 2.1.0, BSD-3-Clause, facts only"

_YOUNGER: Final = {("2023e", 0x00321033): {"clean_descriptors"}, ("2024b", 0x00321033): {"clean_descriptors"}}
"""Letters of options that an edition did not have yet: Requesting Service got C after 2025."""


def rows(edition: str) -> Mapping[int, Row]:
    """Return the rows of an edition that name one attribute, by tag.

    Raises
    ------
    KeyError
        When the edition is not one of `EDITIONS`.
    """
    return table.ROWS if edition == table.EDITION else _older(edition)


@cache
def _older(edition: str) -> Mapping[int, Row]:
    found: dict[int, Row] = {}
    with (Path(__file__).parent / "data" / "editions.csv").open(encoding="utf-8", newline="") as file:
        file.readline()
        for record in csv.DictReader(file):
            if record[edition]:
                tag = int(record["tag"], 16)
                found[tag] = _row(tag, record[edition], edition)
    return MappingProxyType(found)


def _row(tag: int, code: str, edition: str) -> Row:
    now = table.ROWS[tag]  # so far no row was ever taken out of the table
    missing = _YOUNGER.get((edition, tag), set())
    options = {option: letter for option, letter in now.options.items() if option not in missing}
    return now._replace(basic=code, options=options)
