"""One sender and reader for all tests of releases."""

from pathlib import Path

import pytest

from tests.release.house import KINDS, House, pick, uid


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A release of one study: two MR instances. Not built yet."""
    made = House(tmp_path)
    made.add("WB-000001", [pick("mr", tmp_path / f"{n}.dcm", InstanceNumber=n) for n in (2, 1)])
    return made


@pytest.fixture
def mixed(tmp_path: Path) -> House:
    """A release with a study of each kind; the first has two series."""
    made = House(tmp_path)
    for number, kind in enumerate(KINDS, 1):
        made.add(f"WB-{number:06}", _series(kind, tmp_path))
    return made


def _series(kind: str, folder: Path) -> list[Path]:
    paths = [pick(kind, folder / f"{kind}-1.dcm")]
    if kind == "ct":
        paths += [
            pick(kind, folder / f"{kind}-2.dcm", SeriesInstanceUID=uid("series", "two"), SeriesNumber=9),
            pick(
                kind, folder / f"{kind}-3.dcm", SeriesInstanceUID=uid("series", "two"), SeriesNumber=9, InstanceNumber=7
            ),
        ]
    return paths
