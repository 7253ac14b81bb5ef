import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.audit.house import Clock, House, Owner


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Built once; each test gets a copy, since syncing to disk is what takes time."""
    return House(tmp_path_factory.mktemp("built")).build()


@pytest.fixture
def house(built: House, tmp_path: Path) -> House:
    shutil.copyfile(built.database, tmp_path / built.database.name)
    (tmp_path / built.witness.parent.name).mkdir()
    shutil.copyfile(built.witness, tmp_path / built.witness.parent.name / built.witness.name)
    return House(tmp_path, clock=Clock(Clock().now + timedelta(seconds=24)))


@pytest.fixture
def owner(house: House) -> Owner:
    return Owner(house.database)
