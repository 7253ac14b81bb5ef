"""What all rooms' tests share."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from workbench.synthetic.studies import PlantedStudy, write_demo_studies

ROOT = Path(__file__).resolve().parents[1]

DEMO_SEED = 20

# Other programs share the machine, so time says nothing; a failure must come back on the next run.
settings.register_profile("workbench", deadline=None, derandomize=True)
settings.load_profile("workbench")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to other machines: nothing in the product may need one unasked."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and str(address[0]) not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


@pytest.fixture(autouse=True)
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the home of whoever runs the tests out of them."""
    monkeypatch.delenv("WORKBENCH_HOME", raising=False)


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
