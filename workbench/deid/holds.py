"""Objects that wait for a person who accepts them by name: pixels may carry text, or show who the patient is."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from workbench.deid import faces

SOP_CLASS: Final = 0x00080016
IMAGE_TYPE: Final = 0x00080008
MODALITY: Final = 0x00080060
CONVERSION_TYPE: Final = 0x00080064
SERIES_DESCRIPTION: Final = 0x0008103E
PHOTOMETRIC: Final = 0x00280004
BURNED_IN_ANNOTATION: Final = 0x00280301
SPECIMEN_LABEL: Final = 0x00480010

TAGS: Final = frozenset(
    {
        *(SOP_CLASS, IMAGE_TYPE, MODALITY, CONVERSION_TYPE),
        *(SERIES_DESCRIPTION, PHOTOMETRIC, BURNED_IN_ANNOTATION, SPECIMEN_LABEL),
        *faces.TAGS,
    }
)


class Hold(StrEnum):
    """Why an instance waits. The values are stable: decisions name them."""

    ULTRASOUND = "ultrasound"
    SECONDARY_CAPTURE = "secondary-capture"
    SCREEN_SHOT = "screen-shot"
    DOSE_SHEET = "dose-sheet"
    PHOTOGRAPH = "photograph"
    SLIDE_LABEL = "slide-label"
    BURNED_IN = "burned-in-annotation"
    DOCUMENT = "document-replaced"
    FEATURES = "recognisable-features"


_STORAGE = b"1.2.840.10008.5.1.4.1.1."
_ULTRASOUND = {_STORAGE + number for number in (b"3", b"3.1", b"6", b"6.1", b"6.2", b"6.3")}
_SECONDARY_CAPTURE = b"1.2.840.10008.5.1.4.1.1.7"
_VISIBLE_LIGHT = b"1.2.840.10008.5.1.4.1.1.77.1."
_DOCUMENT = b"1.2.840.10008.5.1.4.1.1.104.1"
_MEASURED = {_STORAGE + number for number in (b"1", b"1.1", b"1.1.1", b"1.2", b"1.2.1", b"2", b"4", b"20", b"128")}
"""CR, DX, MG, CT, MR, NM, PT: their samples are measured, and come without colours (PS3.3 A.2 to A.27)."""

_SCREEN: Final = re.compile(rb"SCREEN|CAPTURE|SNAPSHOT|\bPRINT")
_DOSE: Final = re.compile(rb"DOSE|\bPROT(?:OCOL)?\b|EXAM SUMMARY|\bSUMMARY\b")
"""How consoles name pages that list dose or protocol, with the patient in the heading, in Image Type."""
_DOSE_SERIES: Final = re.compile(rb"DOSE (?:REPORT|INFO|SUMMARY|SHEET|PAGE)|PATIENT PROTOCOL|EXAM(?:INATION)? SUMMARY")


def holds(
    values: Mapping[int, bytes], *, cleans_text: bool = False, anatomy: faces.Anatomy = faces.UNSAID
) -> tuple[str, ...]:
    """Return the reasons why an instance with these values waits for acceptance by name; often none.

    Attributes looked at: SOP Class UID, Image Type, Modality, Conversion Type, Series Description, Photometric
    Interpretation, Burned In Annotation, Specimen Label in Image (PS3.3 C.7.6.1, C.8.6.1, C.8.12.4). With `cleans_text`
    a document waits too: its page is blank though the profile promises text that is cleaned, not replaced. Whether
    recognisable features are possible is for `deid.faces`, which `anatomy` helps.
    """

    def text(tag: int) -> bytes:
        return values.get(tag, b"").strip(b" \0").upper()

    sop_class, modality, image_type = text(SOP_CLASS), text(MODALITY), text(IMAGE_TYPE)
    kinds = image_type.split(b"\\")
    captured = sop_class == _SECONDARY_CAPTURE or sop_class.startswith(_SECONDARY_CAPTURE + b".")
    coloured = sop_class in _MEASURED and text(PHOTOMETRIC)[:4] in (b"RGB", b"YBR_", b"PALE")
    dose = _DOSE.search(image_type) is not None or _DOSE_SERIES.search(text(SERIES_DESCRIPTION)) is not None
    found = {
        Hold.ULTRASOUND: sop_class in _ULTRASOUND or modality in (b"US", b"IVUS"),
        Hold.SECONDARY_CAPTURE: captured or bool(text(CONVERSION_TYPE)),
        Hold.SCREEN_SHOT: _SCREEN.search(image_type) is not None or modality in (b"DOC", b"OT", b"SC") or coloured,
        Hold.DOSE_SHEET: dose and not sop_class.startswith(_STORAGE + b"88.") and bool(image_type),
        Hold.PHOTOGRAPH: sop_class.startswith(_VISIBLE_LIGHT) or modality in (b"ES", b"XC", b"GM", b"OP"),
        Hold.SLIDE_LABEL: b"LABEL" in kinds or b"OVERVIEW" in kinds or text(SPECIMEN_LABEL) == b"YES",
        Hold.BURNED_IN: text(BURNED_IN_ANNOTATION) not in (b"", b"NO"),
        Hold.DOCUMENT: cleans_text and sop_class == _DOCUMENT,
        Hold.FEATURES: faces.shows_features(values, anatomy),
    }
    return tuple(reason.value for reason, holds_it in found.items() if holds_it)
