import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.records.errors import IntegrityBroken
from workbench.vault.keyfiles import generate
from workbench.vault.keys import KeyRing

RING = KeyRing(generate("test.example/log"))
SEALED = RING.seal("study.identity", b"WB-000001", b"DOE^JANE")


@given(st.binary(max_size=2000), st.text(max_size=20), st.binary(max_size=50))
def test_what_is_sealed_opens_in_its_place_and_does_not_show(plaintext: bytes, purpose: str, context: bytes):
    sealed = RING.seal(purpose, context, plaintext)
    assert RING.unseal(purpose, context, sealed) == plaintext
    assert len(plaintext) < 8 or plaintext not in sealed


def test_sealing_twice_never_shows_that_two_values_are_equal():
    assert RING.seal("p", b"", b"x") != RING.seal("p", b"", b"x")


@pytest.mark.parametrize(
    ("purpose", "context"),
    [("study.identity", b"WB-000002"), ("series.identity", b"WB-000001"), ("study.identityW", b"B-000001")],
)
def test_a_value_moved_to_another_row_or_column_does_not_open(purpose: str, context: bytes):
    with pytest.raises(IntegrityBroken) as caught:
        RING.unseal(purpose, context, SEALED)
    assert caught.value.code == "sealed-value-broken"


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_a_changed_byte_anywhere_is_noticed(position: int, flip: int):
    changed = bytearray(SEALED)
    changed[position] ^= flip
    with pytest.raises(IntegrityBroken) as caught:
        RING.unseal("study.identity", b"WB-000001", bytes(changed))
    assert "DOE" not in str(caught.value) + caught.value.hint


@given(st.binary(max_size=60))
def test_bytes_that_are_no_sealed_value_are_refused_by_name(junk: bytes):
    with pytest.raises(IntegrityBroken):
        RING.unseal("p", b"", junk)


@given(st.integers(0, len(SEALED) - 1))
def test_a_truncated_value_is_refused(length: int):
    with pytest.raises(IntegrityBroken):
        RING.unseal("study.identity", b"WB-000001", SEALED[:length])
