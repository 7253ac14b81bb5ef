"""Encapsulated documents (PS3.3 A.45): a document that can't be cleaned is replaced by an empty one, or refused."""

from collections.abc import Callable

from workbench.deid.cleaning import TextCleaning
from workbench.deid.dummies import blank_pdf
from workbench.dicom.elements import refuse


def clean_document(
    sop_class: bytes, mime: bytes, document: Callable[[], bytes], cleaning: TextCleaning | None
) -> bytes:
    """Return what stands for an encapsulated document, of even length.

    `document` loads the original, which may be large. `cleaning` is None when the plan cleans no text.

    Raises
    ------
    InstanceRefused
        When there is no dummy for this kind of document.
    """
    del sop_class, document, cleaning
    if mime.strip(b" \0").lower() != b"application/pdf":
        raise refuse(
            "document-not-supported",
            "The object holds a document that is not a PDF.",
            "Leave the object out: this version can't make a dummy for it.",
        )
    return blank_pdf()
