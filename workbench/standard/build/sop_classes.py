"""Write `data/sop_classes.txt`: the SOP classes of PS3.6 Table A-1, from the UID dictionary of pydicom.

Run: `python -m workbench.standard.build.sop_classes`.
"""

from pathlib import Path

import pydicom
from pydicom._uid_dict import UID_dictionary

TARGET = Path(__file__).resolve().parents[1] / "data" / "sop_classes.txt"

_NO_STORAGE = ("Storage Commitment", "Media Storage Directory", "Hardcopy")


def main() -> None:
    """Write UID, S for storage or - for others, R for retired or -, and name."""
    lines = [
        f"# UID, S storage, R retired, name. PS3.6 Table A-1 as in pydicom {pydicom.__version__}. "
        "Written by workbench.standard.build.sop_classes; do not edit."
    ]
    for uid, (name, kind, _, retired, _) in sorted(UID_dictionary.items()):
        if kind in {"SOP Class", "Meta SOP Class"}:
            storage = "Storage" in name and not name.startswith(_NO_STORAGE)
            lines.append(f"{uid}\t{'S' if storage else '-'}\t{'R' if retired else '-'}\t{name}")
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
