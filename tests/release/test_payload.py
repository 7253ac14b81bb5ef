"""The digest of the pixel payload is over exactly the value field, and broken lengths are refused."""

import hashlib
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.records.errors import IntegrityBroken
from workbench.release.encoding import element, item
from workbench.release.payload import payload_digest

DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"
UNDEFINED = b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff"


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@given(value=st.binary(max_size=300).filter(lambda data: len(data) % 2 == 0), trailing=st.binary(max_size=20))
def test_native_payload(value: bytes, trailing: bytes) -> None:
    file = io.BytesIO(element(0x7FE00010, "OB", value) + trailing)
    assert payload_digest(file, implicit=False) == digest_of(value)
    implicit = b"\xe0\x7f\x10\x00" + len(value).to_bytes(4, "little") + value
    assert payload_digest(io.BytesIO(implicit), implicit=True) == digest_of(value)


@given(st.lists(st.binary(max_size=50), max_size=4))
def test_encapsulated_payload_is_its_items(fragments: list[bytes]) -> None:
    items = b"".join(item(fragment) for fragment in fragments)
    file = io.BytesIO(UNDEFINED + items + DELIMITER + b"trailing")
    assert payload_digest(file, implicit=False) == digest_of(items)


def test_offset_tables_before_the_payload_are_stepped_over() -> None:
    table = b"\xe0\x7f\x01\x00OV\0\0\x08\0\0\0" + bytes(8)
    assert payload_digest(io.BytesIO(table + element(0x7FE00010, "OB", b"ab")), implicit=False) == digest_of(b"ab")


def test_no_payload() -> None:
    assert payload_digest(io.BytesIO(b""), implicit=False) is None
    assert payload_digest(io.BytesIO(element(0xFFFCFFFC, "OB", b"  ")), implicit=False) is None


@pytest.mark.parametrize(
    "broken", [UNDEFINED, UNDEFINED + item(b"ab"), UNDEFINED + b"\xfe\xff\x00\xe0\xff\xff\0\0ab", UNDEFINED + b"x" * 16]
)
def test_lengths_that_lead_out_of_the_file_are_refused(broken: bytes) -> None:
    with pytest.raises(IntegrityBroken):
        payload_digest(io.BytesIO(broken), implicit=False)


@given(st.binary(max_size=200), st.booleans())
def test_noise_never_hangs_or_crashes(noise: bytes, implicit: bool) -> None:
    with suppress(IntegrityBroken):
        payload_digest(io.BytesIO(noise), implicit=implicit)
