"""Clean Structured Content in waveforms: annotations of traces (PS3.3 C.10.10).

An annotation is an unformatted text, or a concept with a code or a number. Where it points stays; text is cleaned, and
an annotation of which no text remains goes.
"""

from typing import Final

from workbench.deid.cleaning import Place
from workbench.deid.concepts import CONCEPT_NAME, clean_codes, concept_of, letter, rows_of
from workbench.dicom.elements import Element
from workbench.dicom.encode import element as encode
from workbench.dicom.parts import Part
from workbench.records.action import Action
from workbench.records.change import Change

WAVEFORM: Final = 0x54000100
WAVEFORM_DATA: Final = 0x54001010
_CHANNELS: Final = 0x003A0005
_SAMPLES: Final = 0x003A0010
_BITS_ALLOCATED: Final = 0x54001004

WAVEFORM_ANNOTATION: Final = 0x0040B020
UNFORMATTED_TEXT: Final = 0x00700006


def clean_waveform_annotations(place: Place, items: list[list[Element]]) -> list[bytes] | None:
    """Return the contents of the annotations that stay, None when none does."""
    contents = []
    for index, elements in enumerate(items):
        given = _annotation(place, index, elements)
        if given is None:
            place.record((*place.path, index), Action.REMOVE, b"", None)
        else:
            contents.append(place.item(elements, index, given=given))
    return contents or None


def trimmed(
    buffer: bytes, item: list[Element], path: tuple[int, ...], changes: list[Change], *, explicit: bool
) -> dict[int, list[Part]]:
    """Return the samples of an item of the Waveform Sequence without what follows them (PS3.3 C.10.9).

    Empty when nothing follows them, or the item does not say how many there are.
    """
    found = {tag: buffer[at : at + length] for tag, _vr, _start, at, length, items in item if items is None}
    vr = next((each[1] for each in item if each[0] == WAVEFORM_DATA), b"")
    counts = [int.from_bytes(found.get(tag, b"")[:4], "little") for tag in (_CHANNELS, _SAMPLES, _BITS_ALLOCATED)]
    size = counts[0] * counts[1] * counts[2] // 8
    data = found.get(WAVEFORM_DATA, b"")
    if vr not in (b"OB", b"OW") or not size or len(data) <= size + (size & 1):
        return {}
    changes.append(Change((*path, WAVEFORM_DATA), Action.REMOVE, "structure bytes behind the last sample", b"", None))
    return {WAVEFORM_DATA: [encode(WAVEFORM_DATA, vr, data[:size], explicit=explicit)]}


def _annotation(place: Place, index: int, elements: list[Element]) -> dict[int, bytes] | None:
    """Return the new elements of one annotation, None when it goes."""
    for tag, _vr, _start, _at, _length, items in elements:
        if tag == CONCEPT_NAME and items:
            concept = concept_of(place.buffer, items[0])
            # The rows of a concept that identifies are the same for each value type that an annotation can have.
            if any(letter(row, place.options) == "X" for row in rows_of(concept).values()):
                return None
    given = clean_codes(place, index, elements)
    for tag, _vr, _start, at, length, items in elements:
        if tag == UNFORMATTED_TEXT:
            path = (*place.path, index, tag)
            before = place.buffer[at : at + length] if items is None else b""
            after = place.text.clean(before, b"ST", path, place.origin) if place.text is not None else None
            if not after:
                return None
            given[tag] = encode(tag, b"ST", after, explicit=place.explicit)
    return given
