"""Clean Graphics (113103): annotations of presentation states keep what is drawn and lose what is written.

PS3.15 E.3.3, PS3.3 C.10.5. Vectors and compound graphics have no words; text objects are cleaned, and those of which
nothing remains go. Overlays and curves are bitmaps and traces in which names may be drawn and which nobody has looked
at: their whole groups go, as without the option, for an overlay plane without its data is invalid (C.9.2).
"""

from typing import Final

from workbench.deid.cleaning import Place
from workbench.dicom.elements import Element
from workbench.dicom.encode import element as encode
from workbench.dicom.encode import sequence
from workbench.records.action import Action

TEXT_OBJECT: Final = 0x00700008
GRAPHIC_OBJECT: Final = 0x00700009
COMPOUND_GRAPHIC: Final = 0x00700209
UNFORMATTED_TEXT: Final = 0x00700006

UNEXAMINED: Final = "not examined for text"
"""Why an overlay or a curve goes although graphics are cleaned."""

_DRAWN: Final = (GRAPHIC_OBJECT, COMPOUND_GRAPHIC)


def clean_annotations(place: Place, items: list[list[Element]]) -> list[bytes] | None:
    """Return the contents of the graphic annotations that stay, None when none does."""
    contents = []
    for index, elements in enumerate(items):
        sequences = {tag: found for tag, _vr, _start, _at, _length, found in elements if found}
        texts = _texts(place.within(index, TEXT_OBJECT), sequences.get(TEXT_OBJECT, []))
        if not texts and not any(tag in sequences for tag in _DRAWN):
            place.record((*place.path, index), Action.REMOVE, b"", None)
            continue
        given = {}
        if any(tag == TEXT_OBJECT for tag, *_ in elements):
            given[TEXT_OBJECT] = sequence(TEXT_OBJECT, texts, explicit=place.explicit) if texts else b""
        contents.append(place.item(elements, index, given=given))
    return contents or None


def clean_value(place: Place, vr: bytes, value: bytes | None) -> bytes | None:
    """Return the new value of an element of overlays or curves: None, for none of them stays unexamined."""
    del place, vr, value
    return None


def _texts(place: Place, items: list[list[Element]]) -> list[bytes]:
    """Return the contents of the text objects of which something remains."""
    contents = []
    for index, elements in enumerate(items):
        after = _text(place, index, elements)
        if after:
            given = {UNFORMATTED_TEXT: encode(UNFORMATTED_TEXT, b"ST", after, explicit=place.explicit)}
            contents.append(place.item(elements, index, given=given))
        else:
            place.record((*place.path, index), Action.REMOVE, b"", None)
    return contents


def _text(place: Place, index: int, elements: list[Element]) -> bytes | None:
    for tag, _vr, _start, at, length, items in elements:
        if tag == UNFORMATTED_TEXT and items is None and place.text is not None:
            path = (*place.path, index, tag)
            return place.text.clean(place.buffer[at : at + length], b"ST", path, place.origin)
    return None
