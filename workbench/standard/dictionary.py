"""The data dictionary of PS3.6: VR, keyword and name of each attribute.

Look-ups only, and light: the engine imports this before its first file. Keywords and names are loaded when first asked.
"""

from functools import cache
from pathlib import Path

__all__ = ["VR", "is_private", "keyword_of", "name_of", "register_with_pydicom", "tag_of", "vr_of"]

_DATA = Path(__file__).parent / "data"


def _lines(name: str) -> list[str]:
    """Return the lines of a data file without its title."""
    return (_DATA / name).read_text(encoding="utf-8").splitlines()[1:]


def _load_vrs() -> dict[int, str]:
    vrs: dict[int, str] = {}
    for line in _lines("vr.txt"):
        vr, _, tags = line.partition("\t")
        vrs.update(dict.fromkeys((int(tag, 16) for tag in tags.split()), vr))
    return vrs


VR: dict[int, str] = _load_vrs()
"""VR by tag, as PS3.6 writes it: an attribute with several reads `US or SS`. Repeating groups are not in it."""

_OVERLAY_VR = {
    0x0010: "US",
    0x0011: "US",
    0x0015: "IS",
    0x0022: "LO",
    0x0040: "CS",
    0x0045: "LO",
    0x0050: "SS",
    0x0051: "US",
    0x0100: "US",
    0x0102: "US",
    0x1001: "CS",
    0x1301: "IS",
    0x1302: "DS",
    0x1303: "DS",
    0x1500: "LO",
    0x3000: "OB or OW",
    0x4000: "LT",
}
"""Elements of the repeating groups 60xx that are in use; the retired ones read as UN and are removed all the same."""

_CURVE_VR = {0x0022: "LO", 0x200C: "OB or OW", 0x200E: "LT", 0x2500: "LO", 0x2600: "SQ", 0x3000: "OB or OW"}
"""Elements of the repeating groups 50xx whose VR matters for reading past them."""


def is_private(tag: int) -> bool:
    """Tell whether the group is odd (PS3.5 7.8)."""
    return bool(tag & 0x00010000)


def vr_of(tag: int) -> str | None:
    """Return the VR, `US or SS` and the like included; None when the dictionary does not have the tag.

    Group lengths (gggg,0000) of even groups are UL (PS3.5 7.2). Repeating groups 50xx and 60xx are looked up by their
    element.
    """
    vr = VR.get(tag)
    if vr is not None or tag & 0x00010000:
        return vr
    if tag & 0xFFFF == 0:
        return "UL"
    family = tag >> 24
    if family == 0x60:
        return _OVERLAY_VR.get(tag & 0xFFFF)
    if family == 0x50:
        return _CURVE_VR.get(tag & 0xFFFF)
    return None


def keyword_of(tag: int) -> str:
    """Return the keyword, or an empty string when the tag has none."""
    return _attributes().get(tag, ("", ""))[0]


def name_of(tag: int) -> str:
    """Return the name as PS3.6 writes it; "Private Attribute" or "Unknown Attribute" when it has none."""
    if is_private(tag):
        return "Private Attribute"
    return _attributes().get(tag, ("", "Unknown Attribute"))[1]


def tag_of(keyword: str) -> int | None:
    """Return the tag of a keyword of PS3.6, None when there is no such keyword."""
    return _tags().get(keyword)


@cache
def _attributes() -> dict[int, tuple[str, str]]:
    attributes = {}
    for line in _lines("attributes.txt"):
        tag, name, keyword = line.split("\t")
        attributes[int(tag, 16)] = (keyword, name)
    return attributes


@cache
def _tags() -> dict[str, int]:
    return {keyword: tag for tag, (keyword, _) in _attributes().items() if keyword}


def register_with_pydicom() -> None:
    """Teach pydicom the attributes of Table E.1-1 that its dictionary lacks, so that it does not read them as UN.

    Harmless when called twice. Imports pydicom.
    """
    from pydicom.datadict import add_dict_entries, dictionary_has_tag  # noqa: PLC0415 - only for who uses pydicom

    entries: dict[int, tuple[str, str, str, str, str]] = {}
    for line in _lines("later.txt"):
        tag, vr, vm, name, keyword = line.split("\t")
        if not dictionary_has_tag(int(tag, 16)):
            entries[int(tag, 16)] = (vr, vm, name, "", keyword)
    if entries:
        add_dict_entries(entries)
