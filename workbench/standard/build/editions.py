"""Write `data/editions.csv`: the basic codes of Table E.1-1 in editions before the one that holds.

Facts from the lists of dicom-anonymizer 2.1.0 (BSD-3-Clause), which carry no options.

Run: `python -m workbench.standard.build.editions FOLDER`, the folder that holds its `dicomfields_*.py`.
"""

import runpy
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "data" / "editions.csv"
FILES = {"2023e": "dicomfields_2023.py", "2024b": "dicomfields_2024b.py", "2026c": "dicomfields_2026c.py"}
TITLE = (
    "# PS3.15 Table E.1-1, basic codes of editions before 2026d. Source: the lists of dicom-anonymizer 2.1.0 "
    "(BSD-3-Clause), facts only. Written by workbench.standard.build.editions; do not edit.\n"
)
_CODES = {
    "D_TAGS": "D",
    "Z_TAGS": "Z",
    "X_TAGS": "X",
    "U_TAGS": "U",
    "Z_D_TAGS": "Z/D",
    "X_Z_TAGS": "X/Z",
    "X_D_TAGS": "X/D",
    "X_Z_D_TAGS": "X/Z/D",
    "X_Z_U_STAR_TAGS": "X/Z/U*",
}
_ONE_TAG = 2


def main() -> None:
    """Write the file."""
    TARGET.write_text(render(Path(sys.argv[1])), encoding="utf-8")


def render(folder: Path) -> str:
    """Return the text of the file: a line for each tag, the code of each edition, empty where it has no row.

    Rows of repeating groups (50xx, 60xx) are left out: they are the same in all of them.
    """
    columns = {edition: _codes(folder / name) for edition, name in FILES.items()}
    lines = [f"tag,{','.join(columns)}"]
    for tag in sorted(set().union(*columns.values())):
        codes = ",".join(column.get(tag, "") for column in columns.values())
        lines.append(f"{tag:08X},{codes}")
    return TITLE + "\n".join(lines) + "\n"


def _codes(path: Path) -> dict[int, str]:
    lists = runpy.run_path(str(path))
    return {tag[0] << 16 | tag[1]: code for name, code in _CODES.items() for tag in lists[name] if len(tag) == _ONE_TAG}


if __name__ == "__main__":
    main()
