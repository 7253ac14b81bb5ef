"""Every form of DA, TM and DT that PS3.5 6.2 has: moved, cut to the year, or refused."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.deid.dates import shift, well_formed, year_only

MOVED = {
    (b"DA", b"20240229"): b"20240219",
    (b"DA", b"20240105 "): b"20231226",
    (b"DA", b"2024.01.05"): b"20231226",
    (b"DA", b"19000101"): b"18991222",
    (b"DA", b"20240105\\20240106"): b"20231226\\20231227",
    (b"DA", b"20240105\\\\20240106"): b"20231226\\\\20231227",
    (b"DA", b""): b"",
    (b"TM", b"101112.123456"): b"101112.123456",
    (b"TM", b"10"): b"10",
    (b"TM", b"10:11:12"): b"10:11:12",
    (b"TM", b"235960\\0001"): b"235960\\0001",
    (b"DT", b"20240105101112.123456+0100"): b"20231226101112.123456+0100",
    (b"DT", b"20240105"): b"20231226",
    (b"DT", b"2024010510-0500"): b"2023122610-0500",
    (b"SH", b"+0100"): b"+0100",
}


@pytest.mark.parametrize(("vr", "value"), MOVED)
def test_whole_days_back_in_the_same_precision(vr: bytes, value: bytes) -> None:
    assert shift(vr, value, 10) == MOVED[vr, value]
    assert well_formed(vr, value)


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        (b"DA", b"20240230"),
        (b"DA", b"2024"),
        (b"DA", b"20240101-20240201"),
        (b"DA", b"MUSTERMANN"),
        (b"DA", b"20240101\\Erika"),
        (b"DA", b"20240101\n"),
        (b"DA", "\uff12\uff10\uff12\uff140101".encode()),
        (b"DA", b"18000105"),
        (b"TM", b"2561"),
        (b"TM", b"1011-1213"),
        (b"TM", b"101112.Erika"),
        (b"DT", b"2024"),
        (b"DT", b"202401"),
        (b"DT", b"2024+0100"),
        (b"DT", b"2024010510.5"),
        (b"DT", b"20240105101112+9900"),
        (b"DT", b"20240105-20240106"),
        (b"SH", b"CEST"),
        (b"LO", b"20240105"),
        (b"OB", b"20240105"),
    ],
)
def test_what_is_no_whole_date_is_not_shifted(vr: bytes, value: bytes) -> None:
    assert shift(vr, value, 10) is None


@pytest.mark.parametrize(
    ("vr", "value", "year"),
    [
        (b"DA", b"20240229", b"20240101"),
        (b"DA", b"2024.02.29", b"20240101"),
        (b"DA", b"20240229\\20230101", b"20240101\\20230101"),
        (b"DT", b"20240229101112.5+0100", b"20240101"),
        (b"DT", b"2024", b"2024"),
        (b"DT", b"202402", b"2024"),
        (b"TM", b"1011", None),
        (b"SH", b"+0100", None),
        (b"DA", b"17991231", None),
        (b"DA", b"20241301", None),
        (b"TM", b"", b""),
    ],
)
def test_of_a_date_only_the_year_stays(vr: bytes, value: bytes, year: bytes | None) -> None:
    assert year_only(vr, value) == year


def days(text: bytes) -> date:
    return datetime.strptime(text[:8].decode(), "%Y%m%d").date()  # noqa: DTZ007 (dates have no zone)


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(1, 3650))
def test_intervals_stay_and_no_date_stays(one: date, other: date, offset: int) -> None:
    moved = [shift(b"DA", f"{day:%Y%m%d}".encode(), offset) for day in (one, other)]
    assert moved[0]
    assert moved[1]
    assert days(moved[0]) - days(moved[1]) == one - other
    assert days(moved[0]) == one - timedelta(days=offset)
    moment = shift(b"DT", f"{one:%Y%m%d}235959.999+1200".encode(), offset)
    assert moment == moved[0] + b"235959.999+1200"


@given(st.sampled_from([b"DA", b"TM", b"DT", b"SH", b"UN"]), st.binary(max_size=40), st.integers(1, 3650))
def test_any_bytes_are_answered(vr: bytes, value: bytes, offset: int) -> None:
    moved = shift(vr, value, offset)
    year = year_only(vr, value)
    for answer in (moved, year):
        if answer is not None:
            assert well_formed(vr, answer)
