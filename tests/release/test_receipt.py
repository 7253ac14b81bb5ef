"""A receipt proves that somebody who could decrypt the package did, and nothing else passes for one."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.release.house import SECRET, House
from workbench.records.errors import IntegrityBroken
from workbench.release.receipt import check_receipt, read_release


@pytest.fixture
def receipt(house: House) -> tuple[str, str]:
    """A receipt and the digest of its manifest."""
    digest = house.build()
    return house.open().receipt.read_text(), digest.manifest_sha256


def test_a_receipt_names_its_release_and_nobody(receipt: tuple[str, str]) -> None:
    assert read_release(receipt[0]) == "RL-000042"
    assert set(json.loads(receipt[0])) == {"format", "instances", "mac", "manifest_sha256", "opened_at", "release"}
    assert SECRET.hex() not in receipt[0]


def test_a_receipt_for_another_release_is_refused(receipt: tuple[str, str]) -> None:
    with pytest.raises(IntegrityBroken) as error:
        check_receipt(receipt[0], SECRET, "00" * 32)
    assert error.value.code == "receipt-other-release"


def test_a_receipt_by_somebody_without_the_secret_is_refused(receipt: tuple[str, str]) -> None:
    with pytest.raises(IntegrityBroken) as error:
        check_receipt(receipt[0], bytes(32), receipt[1])
    assert error.value.code == "receipt-forged"


@pytest.mark.parametrize(
    "change", [{"instances": 3}, {"opened_at": "2026-03-05T00:00:00Z"}, {"release": "RL-1"}, {"mac": "00" * 32}]
)
def test_a_receipt_whose_words_were_changed_is_refused(receipt: tuple[str, str], change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityBroken) as error:
        check_receipt(json.dumps({**json.loads(receipt[0]), **change}), SECRET, receipt[1])
    assert error.value.code == "receipt-forged"


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_anything_else_is_no_receipt(text: str) -> None:
    for refused in (read_release, lambda text: check_receipt(text, SECRET, "00" * 32)):
        with pytest.raises(IntegrityBroken) as error:
            refused(text)
        assert error.value.code == "receipt-malformed"


@pytest.mark.parametrize(
    "change",
    [
        {"instances": True},
        {"instances": -1},
        {"instances": "1"},
        {"format": "x"},
        {"mac": 1},
        {"more": 1},
        {"mac": "é\n"},
    ],
)
def test_a_receipt_of_another_form_is_refused(receipt: tuple[str, str], change: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(IntegrityBroken) as error:
        check_receipt(json.dumps({**json.loads(receipt[0]), **change}), SECRET, receipt[1])
    assert error.value.code == "receipt-malformed"
