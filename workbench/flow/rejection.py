"""Rejection notes: Key Object Selection documents that say which instances are not to be used, and why.

PS3.3 C.17.6 with the titles of IHE Radiology, Imaging Object Change Management (CID 7011).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from workbench.dicom.elements import Element
from workbench.dicom.instance import Instance
from workbench.flow.step import Refusal

KEY_OBJECT_SELECTION: Final = b"1.2.840.10008.5.1.4.1.1.88.59"

QUALITY: Final = "rejected-for-quality"
SAFETY: Final = "rejected-for-patient-safety"
WORKLIST: Final = "wrong-worklist-entry"
RETENTION: Final = "retention-expired"
TITLES: Final[Mapping[bytes, str]] = {b"113001": QUALITY, b"113037": SAFETY, b"113038": WORKLIST, b"113039": RETENTION}
"""Code value of the document's title (scheme DCM) → our code of the reason."""

EXCLUDED: Final[Mapping[str, tuple[str, str]]] = {
    SAFETY: (
        "A rejection note of its source says that it must not be used, for patient safety.",
        "Leave it out. If the note is wrong, have the source withdraw it.",
    ),
    WORKLIST: (
        "A rejection note of its source says that it was made under a wrong worklist entry: it may be somebody else's.",
        "Have the source send the corrected objects.",
    ),
    RETENTION: (
        "A rejection note of its source says that its retention period is over.",
        "Nothing to do: it is never released.",
    ),
}
"""Reasons that leave no choice: message and next step. Too low a quality waits for acceptance by name instead."""

NOTE: Final = (
    "rejection-note",
    "It is a note of its source about instances that are not to be used, and is not released.",
    "Nothing to do: what it says was taken notice of.",
)

_TITLE: Final = 0x0040A043
_VALUE: Final = 0x00080100
_SCHEME: Final = 0x00080102
_EVIDENCE: Final = 0x0040A375
_SOP_REFERENCE: Final = 0x00081199
_SOP_INSTANCE: Final = 0x00081155


@dataclass(frozen=True, slots=True)
class RejectionNote:
    """What a note says: the code of its reason, and the SOP Instance UIDs that it names (identity)."""

    code: str
    instances: tuple[str, ...] = field(repr=False)


def exclusion(codes: Sequence[str], *, is_note: bool) -> Refusal | None:
    """Return why an instance stays out of every version, None when it may be prepared."""
    if is_note:
        return Refusal(*NOTE)
    return next((Refusal(code, *EXCLUDED[code]) for code in EXCLUDED if code in codes), None)


def rejection_note(instance: Instance) -> RejectionNote | None:
    """Return what an instance rejects, None when it is no rejection note.

    The instances that count are those of Current Requested Procedure Evidence (0040,A375) and those that the content
    tree refers to: a note that lists less in one of the two must not let anything through.
    """
    buffer = instance.buffer
    sop_class = instance.meta.get(0x00020002, b"") or _leaf(buffer, instance.elements, 0x00080016)
    if sop_class.strip(b" \0") != KEY_OBJECT_SELECTION:
        return None
    codes = {
        TITLES.get(_leaf(buffer, item, _VALUE))
        for tag, _vr, _start, _at, _length, items in instance.elements
        if tag == _TITLE and items
        for item in items
        if _leaf(buffer, item, _SCHEME) == b"DCM"
    } - {None}
    code = next((code for code in codes if code is not None), None)
    if code is None:
        return None
    named = {uid.decode("latin-1") for uid in _named(buffer, instance.elements)}
    return RejectionNote(code, tuple(sorted(named - {""})))


def _named(buffer: bytes, elements: list[Element]) -> Iterator[bytes]:
    """Yield every Referenced SOP Instance UID at any depth of the evidence and the content tree."""
    for tag, _vr, _start, _at, _length, items in elements:
        for item in items or ():
            if tag == _SOP_REFERENCE:
                yield _leaf(buffer, item, _SOP_INSTANCE)
            yield from _named(buffer, item)


def _leaf(buffer: bytes, elements: list[Element], tag: int) -> bytes:
    for found, _vr, _start, at, length, items in elements:
        if found == tag and items is None and length > 0:
            return buffer[at : at + length].strip(b" \0")
    return b""
