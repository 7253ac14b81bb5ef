"""What is harmless for everybody else identifies the patient whose own it is."""

from pathlib import Path

import pytest

from tests.deid.house import dataset, deidentify
from tests.dicom import raw
from workbench.deid.checks import may_stay


def out_of(*elements: bytes, tmp_path: Path) -> bytes:
    data = raw.file(raw.instance(*elements, name=b"Hand^Iris", patient=b"778112"))
    return deidentify(data, tmp_path)[0]


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00181160, b"IS", b"778112"),
        (0x00180060, b"DS", b"778112"),
        (0x00180060, b"DS", b"+00778112"),
        (0x00181160, b"IS", b"551204"),
        (0x00181149, b"IS", b"19531204"),
        (0x00189004, b"CS", b"AB1234"),
        (0x00189004, b"CS", b"HAND IRIS"),
        (0x00080008, b"CS", b"ORIGINAL\\PRIMARY\\HAND\\IRIS"),
        (0x00189005, b"SH", b"CT HAND "),
        (0x00189005, b"SH", b"hand"),
    ],
)
def test_a_value_that_repeats_the_own_identity_goes(tag: int, vr: bytes, value: bytes, tmp_path: Path) -> None:
    more = [raw.element(0x00100030, b"DA", b"19531204"), raw.element(0x00200010, b"SH", b"AB1234")]
    more.append(raw.element(0x00080050, b"SH", b"QX-0055-1204"))
    assert value not in out_of(raw.element(tag, vr, value), *more, tmp_path=tmp_path)


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00180015, b"CS", b"HAND"),
        (0x00181160, b"IS", b"778113"),
        (0x00180060, b"DS", b"0.778112"),
        (0x00189004, b"CS", b"RESEARCH"),
        (0x00189005, b"SH", b"CT HEAD "),
    ],
)
def test_other_values_stay(tag: int, vr: bytes, value: bytes, tmp_path: Path) -> None:
    out = out_of(raw.element(tag, vr, value), tmp_path=tmp_path)
    assert value in out
    dataset(out)


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [(0x00200013, b"IS", b"491701234567"), (0x00280008, b"IS", b"1\\2147483648")],
)
def test_what_is_no_count_goes(tag: int, vr: bytes, value: bytes, tmp_path: Path) -> None:
    assert value not in out_of(raw.element(tag, vr, value), tmp_path=tmp_path)


@pytest.mark.parametrize("value", [b"2147483647", b" -12"])
def test_counts_stay(value: bytes, tmp_path: Path) -> None:
    assert value in out_of(raw.element(0x00200013, b"IS", value), tmp_path=tmp_path)


def test_ages_from_90_do_not_stay() -> None:
    assert [may_stay(0x00101010, b"AS", age) for age in (b"089Y", b"120D", b"090Y", b"093Y")] == [
        True,
        True,
        False,
        False,
    ]
