from pathlib import Path

import pytest

from tests.audit.house import House, Owner


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path).build()


@pytest.fixture
def owner(house: House) -> Owner:
    return Owner(house.database)
