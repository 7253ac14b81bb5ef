"""Text of every character set of PS3.3 C.12.1.1.2: read, written back, and refused when it is none."""

import pydicom.charset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.dicom.characters import charset

EXAMPLES = [
    (b"", b"CT HEAD", "CT HEAD"),
    (b"ISO_IR 6", b"CT HEAD", "CT HEAD"),
    (b"ISO_IR 100", b"M\xfcller", "Müller"),
    (b"ISO_IR 101", b"W\xb1sik", "Wąsik"),
    (b"ISO_IR 144", "Люк".encode("iso8859_5"), "Люк"),
    (b"ISO_IR 126", "Διονυσιος".encode("iso8859_7"), "Διονυσιος"),
    (b"ISO_IR 127", "قباني".encode("iso8859_6"), "قباني"),
    (b"ISO_IR 138", "שרון".encode("iso8859_8"), "שרון"),
    (b"ISO_IR 166", "นาม".encode("iso8859_11"), "นาม"),
    (b"ISO_IR 13", b"\xd4\xcf\xc0\xde", "ﾔﾏﾀﾞ"),
    (b"ISO_IR 192", "王小东 Müller".encode(), "王小东 Müller"),
    (b"GB18030", "王小东".encode("gb18030"), "王小东"),
    (b"GBK", "王小东".encode("gbk"), "王小东"),
    (b"\\ISO 2022 IR 87", b"Yamada=\x1b$B;3ED\x1b(B", "Yamada=山田"),
    (b"ISO 2022 IR 13\\ISO 2022 IR 87", b"\xd4\xcf\xc0\xde=\x1b$B;3ED\x1b(J", "ﾔﾏﾀﾞ=山田"),
    (b"\\ISO 2022 IR 159", b"\x1b$(D\x30\x21\x1b(B", "丂"),
    (b"\\ISO 2022 IR 149", b"Hong=\x1b$)C\xfb\xf3", "Hong=洪"),
    (b"\\ISO 2022 IR 58", b"Zhang=\x1b$)A\xd5\xc5", "Zhang=张"),
    (b"ISO 2022 IR 100\\ISO 2022 IR 144", b"\xe9\x1b-L\xbb\xee\xda", "éЛюк"),
    (b"ISO_IR 100\\ISO 2022 IR 87", b"\xe9\x1b$B;3\x1b(B", "é山"),
]


@pytest.mark.parametrize(("declared", "raw", "text"), EXAMPLES)
def test_text_is_read_and_written_back(declared: bytes, raw: bytes, text: str) -> None:
    held = charset(declared)
    assert held.known
    assert held.decode(raw) == text
    assert held.encode(text) == raw


# pydicom leaves the escape sequence of GB 2312 in the text.
@pytest.mark.parametrize(("declared", "raw", "text"), [each for each in EXAMPLES if b"IR 58" not in each[0]])
def test_another_reader_reads_the_same_of_what_is_written(declared: bytes, raw: bytes, text: str) -> None:
    terms = [term.decode() for term in declared.split(b"\\")]
    encodings = pydicom.charset.convert_encodings(terms)
    written = charset(declared).encode(text)
    assert written is not None
    assert pydicom.charset.decode_bytes(written, encodings, {0x5C, 0x0A, 0x0C, 0x0D}) == text


@pytest.mark.parametrize(
    ("declared", "raw"),
    [
        (b"", b"M\xfcller"),
        (b"", b"\x1b$B;3ED\x1b(B"),
        (b"ISO_IR 192", b"M\xfcller"),
        (b"ISO_IR 100", b"M\x93ller"),
        (b"ISO_IR 166", b"\xff"),
        (b"\\ISO 2022 IR 87", b"\x1b$C;3"),
        (b"\\ISO 2022 IR 87", b"\x1b$B;"),
        (b"\\ISO 2022 IR 87", b"\xe9"),
        (b"GB18030", b"\x81\xff"),
        (b"ISO_IR 13", b"\x88\xc0"),
        (b"MY OWN SET", b"M\xfcller"),
        (b"ISO_IR 192\\ISO 2022 IR 87", "é".encode()),
    ],
)
def test_bytes_that_are_no_text_of_the_set_are_none(declared: bytes, raw: bytes) -> None:
    assert charset(declared).decode(raw) is None


def test_an_unknown_set_holds_ascii_only() -> None:
    held = charset(b"ISO IR 100")
    assert not held.known
    assert held.decode(b"CT HEAD") == "CT HEAD"
    assert held.encode("é") is None


def test_a_line_ends_what_was_called_in() -> None:
    held = charset(b"\\ISO 2022 IR 149")
    assert held.encode("洪\r\n洪") == b"\x1b$)C\xfb\xf3\r\n\x1b$)C\xfb\xf3"
    assert held.decode(b"\x1b$)C\xfb\xf3\r\n\xfb\xf3") is None


def test_a_backslash_inside_a_character_divides_nothing() -> None:
    assert b"\\" in "\u4fd3".encode("gb18030")
    assert charset(b"GB18030").decode("\u4fd3".encode("gb18030")) == "\u4fd3"


@given(st.sampled_from([example[0] for example in EXAMPLES]), st.binary(max_size=60))
def test_any_bytes_are_answered_and_what_was_read_can_be_written(declared: bytes, raw: bytes) -> None:
    held = charset(declared)
    text = held.decode(raw)
    if text is not None:
        written = held.encode(text)
        assert written is not None
        assert held.decode(written) == text


@given(st.sampled_from([example[0] for example in EXAMPLES]), st.text(max_size=30))
def test_any_text_is_answered_and_what_was_written_can_be_read(declared: bytes, text: str) -> None:
    held = charset(declared)
    written = held.encode(text)
    if written is not None:
        assert held.decode(written) == text
