"""What cannot be printed, proven or found again is refused when it is described."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.release.house import NOW, House
from workbench.records.errors import UsageError
from workbench.release.facts import CapsuleInstance


@pytest.mark.parametrize(
    "change",
    [
        {"release": "../evil"},
        {"release": ""},
        {"recipient": "two\nlines"},
        {"purpose": "x" * 1025},
        {"contact": "\x1b[2J"},
        {"receipt_secret": b"short"},
        {"studies": ()},
        {"expires": NOW},
        {"created": datetime(2026, 1, 1)},  # noqa: DTZ001 - the point of the case
        {"expires": NOW.astimezone().replace(tzinfo=None)},
    ],
)
def test_a_release_that_cannot_be(house: House, change: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        house.facts(**change)


def test_a_study_is_in_a_release_once(house: House) -> None:
    with pytest.raises(UsageError):
        house.facts(studies=(house.studies[0], house.studies[0]))


@pytest.mark.parametrize(
    "change", [{"root": "x"}, {"profile_digest": "AB" * 32}, {"study": "a b"}, {"withheld": ("x",)}, {"profile": "\0"}]
)
def test_a_study_that_cannot_be(house: House, change: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        replace(house.studies[0], **change)


@pytest.mark.parametrize(
    ("uid", "sha256"), [("1.2.", "ab" * 32), ("1." * 40 + "1", "ab" * 32), ("1.2", "ab"), ("01.2", "")]
)
def test_an_instance_that_cannot_be(uid: str, sha256: str) -> None:
    with pytest.raises(UsageError):
        CapsuleInstance(Path("a"), "WB-000001", uid, sha256)


def test_times_are_in_utc(house: House) -> None:
    assert house.facts(expires=NOW + timedelta(days=1)).expires > NOW
