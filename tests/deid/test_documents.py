"""Encapsulated documents: blank pages, refusals by name, and a search that no document can make endless."""

import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.deid.documents import LARGEST, check_document, search_document
from workbench.deid.dummies import blank_pdf
from workbench.records.errors import InstanceRefused

PDF = b"1.2.840.10008.5.1.4.1.1.104.1"


def pdf(content: bytes, *, deflated: bool = True, head: bytes = b"<</Filter/FlateDecode>>") -> bytes:
    stream = zlib.compress(content) if deflated else content
    return b"%PDF-1.4\n1 0 obj " + head + b" stream\n" + stream + b"\nendstream endobj\n%%EOF\n"


KINDS = [
    (b"1.2.840.10008.5.1.4.1.1.104.2", b"text/XML", "document-cda"),
    (b"1.2.840.10008.5.1.4.1.1.104.3", b"model/stl", "document-stl"),
    (b"1.2.840.10008.5.1.4.1.1.104.4", b"model/obj", "document-obj"),
    (b"1.2.840.10008.5.1.4.1.1.104.5", b"model/mtl", "document-mtl"),
    (PDF, b"text/xml; charset=utf-8", "document-cda"),
    (b"1.2.840.10008.5.1.4.1.1.104.3", b"application/pdf", "document-stl"),
    (PDF, b"application/msword", "document-not-supported"),
    (PDF, b"", "document-not-supported"),
]


@pytest.mark.parametrize(("sop_class", "mime", "code"), KINDS)
def test_what_has_no_dummy_is_refused_by_its_name(sop_class: bytes, mime: bytes, code: str) -> None:
    with pytest.raises(InstanceRefused) as refusal:
        check_document(sop_class + b"\0", mime + b" ")
    assert refusal.value.code == code
    assert refusal.value.hint


def test_a_document_becomes_a_blank_page() -> None:
    assert search_document(blank_pdf()) == (False, False, False, True)


HELD = [
    (pdf(b"BT (Erika) Tj ET"), "text"),
    (pdf(b"BT [(Eri) -20 (ka)] TJ ET"), "text"),
    (pdf(b"BT <45> Tj ET", deflated=False), "text"),
    (pdf(b"pixels", head=b"<</Subtype/Image/Filter/FlateDecode>>"), "images"),
    (pdf(b"{}", head=b"<</Type/EmbeddedFile>>"), "attachments"),
    (pdf(b"q Q"), "nothing found"),
    (pdf(b"q Q") + b"<</Encrypt 5 0 R>>", "parts that could not be searched"),
    (pdf(b"q Q", deflated=False, head=b"<</Filter/LZWDecode>>"), "parts that could not be searched"),
    (b"PK\3\4", "parts that could not be searched"),
]


@pytest.mark.parametrize(("document", "words"), HELD)
def test_what_a_document_holds_is_told_without_its_words(document: bytes, words: str) -> None:
    assert search_document(document).words() == words


def test_a_bomb_is_searched_to_the_limit_and_told() -> None:
    packed = zlib.compress(bytes(LARGEST + (1 << 20)), 9)
    assert len(packed) < 1 << 20
    before = time.process_time()
    assert not search_document(pdf(packed, deflated=False)).searched
    assert time.process_time() - before < 5


@given(
    st.lists(
        st.sampled_from([b"stream\n", b"endstream", b"BT", b"\x78\x9c", b"(a) Tj", b"%PDF-", b"\xff"]), max_size=30
    )
)
def test_any_bytes_are_searched(pieces: list[bytes]) -> None:
    search_document(b"".join(pieces)).words()
