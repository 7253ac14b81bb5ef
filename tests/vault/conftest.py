from dataclasses import replace
from pathlib import Path

import pytest

from workbench.vault.keyfiles import KeyMaterial, generate
from workbench.vault.keys import KeyRing


@pytest.fixture(scope="session")
def material() -> tuple[KeyMaterial, ...]:
    return generate("test.example/log")


@pytest.fixture(scope="session")
def keys(material) -> KeyRing:
    return KeyRing(material)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def rotated(material: tuple[KeyMaterial, ...]) -> tuple[KeyMaterial, ...]:
    """The same ring with a second key of every kind."""
    return (*material, *(replace(key, number=2) for key in generate("test.example/log")))
