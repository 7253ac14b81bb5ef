"""`workbench profile import-deid` and `export-deid`: exit codes, files, one JSON document."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran

Run = Callable[[Sequence[object]], Ran]


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "deid.dicom"
    path.write_text("FORMAT dicom\n%header\nREMOVE EchoTime\nKEEP StudyDescription\n")
    return path


def document(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_recipe_becomes_a_profile_that_can_be_used(run: Run, recipe: Path, tmp_path: Path) -> None:
    done = run(["profile", "import-deid", recipe, "--out", tmp_path / "site.yaml", "--json"])
    assert done.code == 0
    assert document(done.out)["totals"]["mapped"] == 1
    assert document(done.out)["profile"] == "site"
    assert run(["profile", "lint", tmp_path / "site.yaml"]).code == 0
    explained = run(["profile", "explain", "EchoTime", "--profile", tmp_path / "site.yaml"])
    assert "recipe line 3" in explained.out
    again = run(["profile", "import-deid", recipe, "--out", tmp_path / "site.yaml"])
    assert (again.code, "[exists]" in again.err) == (2, True)


def test_what_cannot_be_said_ends_with_1_and_is_named(run: Run, recipe: Path) -> None:
    recipe.write_text("FORMAT dicom\n%header\nREMOVE values:names\n")
    done = run(["profile", "import-deid", recipe])
    assert done.code == 1
    assert "not mappable" in done.out
    assert "extends: basic" in done.out


def test_what_is_no_recipe_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\xfe\0")
    assert run(["profile", "import-deid", tmp_path / "a"]).code == 2
    assert run(["profile", "import-deid", tmp_path / "absent"]).code == 2


def test_a_profile_becomes_a_recipe_that_says_what_it_cannot_do(run: Run, tmp_path: Path) -> None:
    done = run(["profile", "export-deid", "basic", "--out", tmp_path / "deid.basic"])
    assert done.code == 0
    assert "without a key" in done.out
    text = (tmp_path / "deid.basic").read_text()
    assert text.startswith("FORMAT dicom\n")
    assert "REMOVE contains:^$" in text
    shown = document(run(["profile", "export-deid", "basic", "--json"]).out)
    assert shown["recipe"] == text
    assert any("PatientID" in each["attributes"] for each in shown["cannot_be_said"])
