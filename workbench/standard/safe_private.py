"""Private attributes known not to identify, by PS3.15 Table E.3.10-1 or by the Private Tag Knowledge Base of TCIA.

Both are samples, which vendors do not guarantee.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

EDITION: Final = "2023b"
SOURCE: Final = "DICOM PS3.15 2023b, Table E.3.10-1"


class SafePrivate(NamedTuple):
    """One row. The block of a private creator moves (PS3.5 7.8.1): `element` is the byte within the block.

    `vr` is as in PS3.6 (`OW or OB`), and empty where the table does not tell.
    """

    group: int
    creator: str
    element: int
    vr: str
    vm: str
    meaning: str


NAMES: Final = {"e3.10-1": "E.3.10-1", "tcia": "TCIA"}
"""Table → how origins of rules name it."""

_FILES: Final = {"e3.10-1": "e3_10_1.csv", "tcia": "tcia_private.csv"}


@cache
def safe_private(table: str = "e3.10-1") -> tuple[SafePrivate, ...]:
    """Return the rows of a table in its order."""
    with (Path(__file__).parent / "data" / _FILES[table]).open(encoding="utf-8", newline="") as file:
        file.readline()
        reader = csv.reader(file)
        next(reader)
        return tuple(
            SafePrivate(int(tag[:4], 16), creator, int(tag[-2:], 16), vr.replace("/", " or "), vm, meaning)
            for tag, creator, vr, vm, meaning in reader
        )


@cache
def _by_place(table: str) -> dict[tuple[int, str, int], SafePrivate]:
    return {(row.group, row.creator, row.element): row for row in safe_private(table)}


def find(group: int, creator: str, element: int, table: str = "e3.10-1") -> SafePrivate | None:
    """Return the row for an attribute of a private block, None when the table does not list it."""
    return _by_place(table).get((group, creator.strip(" "), element & 0xFF))
