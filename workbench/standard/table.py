"""PS3.15 Table E.1-1, the attributes and their actions, one `Row` each.

The table is the CSV next to this module, never edited by hand; its edition is `EDITION`.
"""

import csv
from pathlib import Path
from typing import Final, NamedTuple

EDITION: Final = "2026d"
SOURCE: Final = "DICOM PS3.15 2026d, Table E.1-1"

OPTION_COLUMNS: Final[dict[str, str]] = {
    "rtn_safe_priv": "retain_safe_private",
    "rtn_uids": "retain_uids",
    "rtn_dev_id": "retain_device_identity",
    "rtn_inst_id": "retain_institution_identity",
    "rtn_pat_chars": "retain_patient_characteristics",
    "rtn_long_full_dates": "retain_longitudinal_full_dates",
    "rtn_long_modif_dates": "retain_longitudinal_modified_dates",
    "clean_desc": "clean_descriptors",
    "clean_struct_cont": "clean_structured_content",
    "clean_graph": "clean_graphics",
}
"""Column of the CSV → name of the option (CID 7050). The two options on pixels have no column."""


class Row(NamedTuple):
    """One row of the table. `basic` and the values of `options` are the standard's letters (`X/Z/D`, `K`, `C`)."""

    tag: int
    keyword: str
    name: str
    retired: bool
    basic: str
    options: dict[str, str]


class Pattern(NamedTuple):
    """A row that stands for many tags: `tag` as the standard writes it, `mask` and `value` to match it."""

    text: str
    mask: int
    value: int
    keyword: str
    name: str
    basic: str
    options: dict[str, str]

    def matches(self, tag: int) -> bool:
        """Tell whether the row speaks of this tag."""
        return tag & self.mask == self.value


_PATTERNS: Final = {
    "(50xx,xxxx)": (0xFF010000, 0x50000000),
    "(60xx,3000)": (0xFF01FFFF, 0x60003000),
    "(60xx,4000)": (0xFF01FFFF, 0x60004000),
    "(gggg,eeee) gggg odd": (0x00010000, 0x00010000),
}


def _load() -> tuple[dict[int, Row], tuple[Pattern, ...]]:
    rows: dict[int, Row] = {}
    patterns = []
    with (Path(__file__).parent / "data" / "e1_1.csv").open(encoding="utf-8", newline="") as file:
        file.readline()
        reader = csv.reader(file)
        columns = [OPTION_COLUMNS[column] for column in next(reader)[5:]]
        for tag, name, keyword, retired, basic, *letters in reader:
            options = {option: letter for option, letter in zip(columns, letters, strict=True) if letter}
            if tag in _PATTERNS:
                patterns.append(Pattern(tag, *_PATTERNS[tag], keyword, name, basic, options))
            else:
                number = int(tag[1:5] + tag[6:10], 16)
                rows[number] = Row(number, keyword, name, retired == "Y", basic, options)
    return rows, tuple(patterns)


ROWS: dict[int, Row]
"""The 653 rows that name one attribute, by tag."""

PATTERNS: tuple[Pattern, ...]
"""The four rows that name many: curves, overlay data, overlay comments, private attributes."""

ROWS, PATTERNS = _load()
