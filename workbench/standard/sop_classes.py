"""SOP classes of PS3.6 Table A-1: names, and which of them store instances."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

DICOM_ROOT = "1.2.840.10008."


class SopClass(NamedTuple):
    """One SOP class; `retired` as PS3.6 says."""

    uid: str
    name: str
    storage: bool
    retired: bool


@cache
def _classes() -> dict[str, SopClass]:
    lines = (Path(__file__).parent / "data" / "sop_classes.txt").read_text(encoding="utf-8").splitlines()[1:]
    split = (line.split("\t") for line in lines)
    return {uid: SopClass(uid, name, storage == "S", retired == "R") for uid, storage, retired, name in split}


def name_of(uid: str) -> str | None:
    """Return the name of a SOP class, None when PS3.6 does not have it."""
    found = _classes().get(uid)
    return found.name if found else None


def is_storage(uid: str) -> bool:
    """Tell whether PS3.6 has a SOP class of this UID that stores instances, retired ones included."""
    found = _classes().get(uid)
    return found is not None and found.storage


def is_private(uid: str) -> bool:
    """Tell whether the UID is not under the root of DICOM: the annex does not define what such objects hold (E.1)."""
    return not uid.startswith(DICOM_ROOT)
