"""Clean Structured Content in waveforms: annotations of traces (PS3.3 C.10.10).

An annotation is an unformatted text, or a concept with a code or a number. Where it points stays; text is cleaned, and
an annotation of which no text remains goes.
"""

from typing import Final

from workbench.deid.cleaning import Place
from workbench.deid.concepts import CONCEPT_NAME, clean_codes, concept_of, letter, rows_of
from workbench.dicom.elements import Element
from workbench.dicom.encode import element as encode
from workbench.records.action import Action

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
