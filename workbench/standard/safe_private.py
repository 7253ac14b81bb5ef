"""PS3.15 Table E.3.10-1: private attributes known not to identify. A sample, which vendors do not guarantee."""

import csv
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

EDITION: Final = "2023b"
SOURCE: Final = "DICOM PS3.15 2023b, Table E.3.10-1"


class SafePrivate(NamedTuple):
    """One row. The block of a private creator moves (PS3.5 7.8.1): `element` is the byte within the block."""

    group: int
    creator: str
    element: int
    vr: str
    vm: str
    meaning: str


@cache
def safe_private() -> tuple[SafePrivate, ...]:
    """Return the 479 rows in the order of the table."""
    with (Path(__file__).parent / "data" / "e3_10_1.csv").open(encoding="utf-8", newline="") as file:
        file.readline()
        reader = csv.reader(file)
        next(reader)
        return tuple(
            SafePrivate(int(tag[:4], 16), creator, int(tag[-2:], 16), vr, vm, meaning)
            for tag, creator, vr, vm, meaning in reader
        )


@cache
def _by_place() -> dict[tuple[int, str, int], SafePrivate]:
    return {(row.group, row.creator, row.element): row for row in safe_private()}


def find(group: int, creator: str, element: int) -> SafePrivate | None:
    """Return the row for an attribute of a private block, None when the table does not list it."""
    return _by_place().get((group, creator.strip(" "), element & 0xFF))
