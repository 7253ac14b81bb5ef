"""What all rooms' tests share."""

import os
from pathlib import Path

import pytest

from workbench.synthetic.studies import PlantedStudy, write_demo_studies

ROOT = Path(__file__).resolve().parents[1]

DEMO_SEED = 20


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def demo_studies(tmp_path_factory: pytest.TempPathFactory) -> list[PlantedStudy]:
    """One synthetic study of each kind. Read only: copy what a test wants to change."""
    return write_demo_studies(tmp_path_factory.mktemp("demo-studies"), seed=DEMO_SEED)


@pytest.fixture(scope="session")
def shared() -> Path:
    """A folder with larger public test data, where there is one: `WORKBENCH_SHARED`, or `../shared` of the tree."""
    named = os.environ.get("WORKBENCH_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder with larger test data: set WORKBENCH_SHARED")
    return folder
