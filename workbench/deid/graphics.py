"""Clean Graphics (PS3.15 E.3.3): annotations, overlays and curves."""

from workbench.deid.cleaning import Place
from workbench.dicom.elements import Element


def clean_annotations(place: Place, items: list[list[Element]]) -> list[bytes] | None:
    """Return the contents of the items of a sequence of graphics, cleaned; None when it can't be done."""
    del place, items
    return None


def clean_value(place: Place, vr: bytes, value: bytes | None) -> bytes | None:
    """Return the new value of an element of overlays or curves, None when it goes."""
    del place, vr, value
    return None
