"""Kinds of objects that often show identity, by their header: reasons for a person to look at the whole image.

These add to what is found in pixels, and take nothing away: an object without any of them is looked at all the same.
"""

from collections.abc import Iterator
from typing import Final

from workbench.dicom.instance import Instance

_SOP_CLASS: Final = 0x00080016
_IMAGE_TYPE: Final = 0x00080008
_CONVERSION: Final = 0x00080064
_MODALITY: Final = 0x00080060
_BURNED_IN: Final = 0x00280301
_TAGS: Final = frozenset({_SOP_CLASS, _IMAGE_TYPE, _CONVERSION, _MODALITY, _BURNED_IN})

_SECONDARY: Final = "1.2.840.10008.5.1.4.1.1.7"
"""Secondary Capture Image Storage; the multi-frame kinds lie below it."""

_CONVERSIONS: Final = {
    "DV": "digitized video",
    "DF": "digitized film",
    "SD": "a scanned document",
    "SI": "a scanned image",
    "SYN": "a synthetic image",
    "DRW": "a drawing",
    "WSD": "made at a workstation",
}
"""Conversion Type (PS3.3 C.8.6.1) and what it says, but for DI (digital interface)."""

_SCREENS: Final = frozenset({"SCREEN SAVE", "SCREENSHOT", "SCREEN CAPTURE", "SCREEN_SAVE", "CSA SCREEN SAVE"})
_REPORTS: Final = frozenset({"DOSE", "DOSE_INFO", "DOSE INFO", "PROTOCOL", "PATIENT PROTOCOL", "REPORT", "PASTED"})
_DOCUMENTS: Final = frozenset({"OT", "DOC", "SR", "DG"})


def lead_ins(instance: Instance) -> Iterator[str]:
    """Yield why the whole image should be looked at by a person, in words free of values of the patient."""
    values = {tag: value.decode("ascii", "replace").strip(" \0") for tag, value in instance.values(_TAGS).items()}
    if values.get(_BURNED_IN, "").upper() == "YES":
        yield "Burned In Annotation says YES"
    uid = values.get(_SOP_CLASS, "")
    if uid == _SECONDARY or uid.startswith(f"{_SECONDARY}."):
        yield "a Secondary Capture"
    said = _CONVERSIONS.get(values.get(_CONVERSION, "").upper())
    if said:
        yield f"Conversion Type says {said}"
    types = {part.strip().upper() for part in values.get(_IMAGE_TYPE, "").split("\\")}
    if types & _SCREENS:
        yield "Image Type says screen capture"
    if types & _REPORTS:
        yield "Image Type says dose sheet or report"
    if values.get(_MODALITY, "").upper() in _DOCUMENTS:
        yield "Modality says other or document"
