"""Write `data/sop_classes.txt`: the SOP classes of PS3.6 Table A-1, from the UID dictionary of pydicom.

Run: `python -m workbench.standard.build.sop_classes`.
"""

from pathlib import Path

import pydicom
from pydicom._uid_dict import UID_dictionary

TARGET = Path(__file__).resolve().parents[1] / "data" / "sop_classes.txt"

LATER = {
    "1.2.840.10008.5.1.4.1.1.66.7": "Label Map Segmentation Storage",
    "1.2.840.10008.5.1.4.1.1.66.8": "Height Map Segmentation Storage",
    "1.2.840.10008.5.1.4.1.1.9.100.1": "Waveform Presentation State Storage",
    "1.2.840.10008.5.1.4.1.1.9.100.2": "Waveform Acquisition Presentation State Storage",
}
"""Storage classes that have an IOD in the data of `standard.iod` and are younger than the dictionary of pydicom 3.0."""

_NO_STORAGE = ("Storage Commitment", "Media Storage Directory", "Hardcopy")


def main() -> None:
    """Write the file."""
    TARGET.write_text(render(), encoding="utf-8")


def render() -> str:
    """Return UID, S for storage or - for others, R for retired or -, and name, a line each."""
    source = f"PS3.6 Table A-1 as in pydicom {pydicom.__version__}, and later classes"
    lines = [
        f"# UID, S storage, R retired, name. {source}. Written by workbench.standard.build.sop_classes; do not edit."
    ]
    known = {uid: (name, kind, bool(retired)) for uid, (name, kind, _, retired, _) in UID_dictionary.items()}
    known = {uid: (name, "SOP Class", False) for uid, name in LATER.items()} | known
    for uid, (name, kind, retired) in sorted(known.items()):
        if kind in {"SOP Class", "Meta SOP Class"}:
            storage = "Storage" in name and not name.startswith(_NO_STORAGE)
            lines.append(f"{uid}\t{'S' if storage else '-'}\t{'R' if retired else '-'}\t{name}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
