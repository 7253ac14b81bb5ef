"""Raw values as people read them: never an error, never too long, never a control character."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.flow.words import explain, shown_value

VRS = ["PN", "LO", "US", "SS", "FD", "FL", "UL", "AT", "OB", "OW", "UN", "SQ", "UI", "US or SS", None]


@pytest.mark.parametrize(
    ("value", "vr", "text"),
    [
        (None, "PN", ""),
        (b"", "PN", ""),
        (b"Doe^Jane ", "PN", "Doe^Jane"),
        ("Müller^Jörg".encode(), "PN", "Müller^Jörg"),
        ("Müller".encode("latin-1"), "PN", "Müller"),
        (b"1.2.3\0", "UI", "1.2.3"),
        (struct.pack("<2H", 512, 256), "US", "512, 256"),
        (struct.pack("<h", -5), "SS", "-5"),
        (struct.pack("<d", 0.5), "FD", "0.5"),
        (struct.pack("<HH", 0x0010, 0x0020), "AT", "(0010,0020)"),
        (b"\xff" * 9, "OB", "9 bytes"),
        (b"plain text", "UN", "plain text"),
        (b"a\r\nb", "LT", "a  b"),
    ],
)
def test_values_read_as_what_they_are(value, vr, text):
    assert shown_value(value, vr) == text


@given(st.binary(max_size=3000), st.sampled_from(VRS))
def test_any_bytes_can_be_shown(value, vr):
    text = shown_value(value, vr)
    assert len(text) <= 420
    assert text.isprintable()


def test_rules_read_as_a_sentence():
    assert explain("E.1-1 (0010,0010)").endswith(".")
