"""Dummies for sequences: a structured report keeps its skeleton and its references, and states nothing any more.

PS3.15 E.1.1 asks for a dummy Content Sequence when structured content is not cleaned. Containers and references to
images stay, so that the object is valid and what it belongs to can still be found; every statement goes.
"""

from typing import Final

from workbench.deid.dummies import BY_VR
from workbench.dicom.elements import Element
from workbench.dicom.encode import element, sequence

VALUE_TYPE: Final = 0x0040A040
RELATIONSHIP_BY_REFERENCE: Final = 0x0040DB73
CONCEPT_NAME: Final = 0x0040A043
VERIFYING_OBSERVER: Final = 0x0040A073
VERIFIED: Final = 0x0040A030
"""Verification DateTime."""

SKELETON: Final = frozenset({b"CONTAINER", b"IMAGE", b"COMPOSITE", b"WAVEFORM"})
"""Value types of PS3.3 table C.17.3-7 that hold or refer and do not state."""


def states_something(buffer: bytes, content_item: list[Element]) -> bool:
    """Whether a content item is one that a dummy tree leaves out."""
    for tag, _vr, _start, value, length, items in content_item:
        if tag == VALUE_TYPE:
            return items is not None or buffer[value : value + length].strip(b" \0") not in SKELETON
    return True


def code_item(value: bytes, scheme: bytes, meaning: bytes, *, explicit: bool) -> bytes:
    """Return the content of an item of a code sequence."""
    return (
        element(0x00080100, b"SH", value, explicit=explicit)
        + element(0x00080102, b"SH", scheme, explicit=explicit)
        + element(0x00080104, b"LO", meaning, explicit=explicit)
    )


def removed_text_item(*, explicit: bool) -> bytes:
    """Return the content item that stands where an emptied tree would be invalid: a TEXT with the concept Comment."""
    concept = code_item(b"121106", b"DCM", b"Comment", explicit=explicit)
    return (
        element(0x0040A010, b"CS", b"CONTAINS", explicit=explicit)
        + element(VALUE_TYPE, b"CS", b"TEXT", explicit=explicit)
        + sequence(CONCEPT_NAME, [concept], explicit=explicit)
        + element(0x0040A160, b"UT", b"REMOVED", explicit=explicit)
    )


def dummy_items(tag: int, *, explicit: bool, verified: bytes = b"") -> list[bytes] | None:
    """Return the items of a dummy for a sequence of Table E.1-1 that needs one; None when there is no template.

    `verified` is the Verification DateTime where the plan lets one stay.
    """
    if tag == VERIFYING_OBSERVER:  # Verifying Observer Sequence, PS3.3 C.17.2
        return [
            element(0x0040A027, b"LO", b"REMOVED", explicit=explicit)
            + element(VERIFIED, b"DT", verified or BY_VR[b"DT"], explicit=explicit)
            + element(0x0040A075, b"PN", b"REMOVED", explicit=explicit)
            + sequence(0x0040A088, [], explicit=explicit)
        ]
    if tag == 0x00401101:  # Person Identification Code Sequence
        return [code_item(b"REMOVED", b"99REMOVED", b"REMOVED", explicit=explicit)]
    return None


def dummy_sequence(tag: int, *, explicit: bool, verified: bytes = b"") -> bytes | None:
    """Return a whole dummy sequence, or None when there is no template for it."""
    items = dummy_items(tag, explicit=explicit, verified=verified)
    return None if items is None else sequence(tag, items, explicit=explicit)
