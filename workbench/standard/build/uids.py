"""Write `data/uids.txt`: all UIDs of PS3.6 annex A, from the UID dictionary of pydicom.

Run: `python -m workbench.standard.build.uids`.
"""

from pathlib import Path

import pydicom
from pydicom._uid_dict import UID_dictionary

from workbench.standard.build.sop_classes import LATER

TARGET = Path(__file__).resolve().parents[1] / "data" / "uids.txt"


def main() -> None:
    """Write the file."""
    TARGET.write_text(render(), encoding="utf-8")


def render() -> str:
    """Return a line that names the source, then one UID a line, without the root of DICOM."""
    source = f"PS3.6 annex A as in pydicom {pydicom.__version__}, and later SOP classes"
    root = "1.2.840.10008."
    names = sorted(uid.removeprefix(root) for uid in UID_dictionary.keys() | LATER.keys())
    return "\n".join([f"# UIDs below {root} {source}. Written by workbench.standard.build.uids.", *names]) + "\n"


if __name__ == "__main__":
    main()
