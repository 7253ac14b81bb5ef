"""Objects whose pixels may carry text. Until pixels are examined they wait for a person who accepts them by name."""

from collections.abc import Mapping
from typing import Final

SOP_CLASS: Final = 0x00080016
IMAGE_TYPE: Final = 0x00080008
MODALITY: Final = 0x00080060
CONVERSION_TYPE: Final = 0x00080064
BURNED_IN_ANNOTATION: Final = 0x00280301

TAGS: Final = frozenset({SOP_CLASS, IMAGE_TYPE, MODALITY, CONVERSION_TYPE, BURNED_IN_ANNOTATION})

_STORAGE = b"1.2.840.10008.5.1.4.1.1."
_ULTRASOUND = {_STORAGE + number for number in (b"3", b"3.1", b"6", b"6.1", b"6.2", b"6.3")}
_SECONDARY_CAPTURE = b"1.2.840.10008.5.1.4.1.1.7"
_VISIBLE_LIGHT = b"1.2.840.10008.5.1.4.1.1.77.1."


def holds(values: Mapping[int, bytes]) -> tuple[str, ...]:
    """Return the reasons why an instance with these values waits for acceptance by name; often none.

    Attributes looked at: SOP Class UID, Image Type, Modality, Conversion Type, Burned In Annotation (PS3.3 C.7.6.1,
    C.8.6.1).
    """

    def text(tag: int) -> bytes:
        return values.get(tag, b"").strip(b" \0").upper()

    sop_class, modality = text(SOP_CLASS), text(MODALITY)
    reasons = []
    if sop_class in _ULTRASOUND or modality in (b"US", b"IVUS"):
        reasons.append("ultrasound")
    if sop_class == _SECONDARY_CAPTURE or sop_class.startswith(_SECONDARY_CAPTURE + b".") or text(CONVERSION_TYPE):
        reasons.append("secondary-capture")
    if b"SCREEN" in text(IMAGE_TYPE) or modality in (b"DOC", b"OT", b"SC"):
        reasons.append("screen-shot")
    if sop_class.startswith(_VISIBLE_LIGHT) or modality in (b"ES", b"XC", b"GM", b"OP"):
        reasons.append("photograph")
    if text(BURNED_IN_ANNOTATION) not in (b"", b"NO"):
        reasons.append("burned-in-annotation")
    return tuple(reasons)
