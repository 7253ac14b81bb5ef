"""The scripts that guard the tree."""

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
GUARD: dict[str, Any] = runpy.run_path(str(ROOT / ".ci" / "guard.py"))
LOCKS: dict[str, Any] = runpy.run_path(str(ROOT / ".ci" / "locks.py"))

DICOM = b"\0" * 128 + b"DICM" + b"\2\0\0\0"


def refusals(name: str, content: bytes) -> list[str]:
    return list(GUARD["examine"](name, content))


@pytest.mark.parametrize("name", ["scan", "data/IM0001", "tests/dicom/scan.bin", "fixtures/scan", "tests/fixtures"])
def test_dicom_content_is_refused_whatever_its_name(name):
    assert refusals(name, DICOM)


@pytest.mark.parametrize("name", ["scan.dcm", "SCAN.DCM", "a/b.ima", "DICOMDIR", "tests/flow/old.dicom"])
def test_dicom_names_are_refused_whatever_their_content(name):
    assert refusals(name, b"no prefix, as in files of before 1993")


@pytest.mark.parametrize(
    "name", ["tests/dicom/fixtures/a.dcm", "tests/fixtures/IM0001", "tests/verify/fixtures/x/DICOMDIR"]
)
def test_fixtures_of_the_tests_may_be_dicom(name):
    assert not refusals(name, DICOM)


def test_private_keys_are_refused_even_among_fixtures():
    dashes = b"-----"
    pem = dashes + b"BEGIN EC PRIVATE KEY" + dashes + b"\nMHcCAQEEIO"
    age = b"AGE-SECRET-KEY-" + b"1" + b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE"
    note = b"PRIVATE" + b"+KEY+log+0a1b2c3d+" + b"A" * 44
    for key in (pem, age, note):
        assert refusals("tests/fixtures/key.txt", key)
    assert not refusals("docs/guide.md", b"the file begins with BEGIN PRIVATE KEY and is never shown")


def test_large_files_are_refused():
    assert refusals("docs/film.mp4", b"x" * 2_000_001)
    assert not refusals("docs/page.md", b"x" * 2_000_000)


def test_compiled_files_are_refused():
    assert refusals("workbench/flow/__pycache__/home.cpython-311.pyc", b"")


def test_the_tree_itself_passes(monkeypatch, capsys):
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    monkeypatch.chdir(ROOT)
    assert GUARD["main"]([]) == 0, capsys.readouterr().err


def test_the_locks_satisfy_the_project(capsys):
    assert LOCKS["main"]() == 0, capsys.readouterr().err


def test_a_lock_that_lags_behind_is_named(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("rich==13.0.0 \\\n    --hash=sha256:aa\nnaked==1.0\n# from https://registry.example/simple\n")
    pins = LOCKS["read_pins"](lock)
    assert pins == {"rich": "13.0.0", "naked": "1.0"}
    wishes = list(LOCKS["examine_wishes"](["rich>=14", "absent>=1", "naked"], pins, "lock"))
    assert len(wishes) == 2
    assert "rich==13.0.0 is not >=14" in wishes[0]
    assert "absent is not pinned" in wishes[1]
    text = " ".join(LOCKS["examine_text"](lock))
    assert "naked has no hash" in text
    assert "names a registry" in text


def test_an_installed_version_that_differs_from_its_pin_is_named():
    said = list(LOCKS["examine_installed"]({"packaging": "0.0.1"}, "lock"))
    assert len(said) == 1
    assert "packaging==0.0.1" in said[0]


def test_dependencies_that_the_project_states_take_the_place_of_those_of_a_distribution():
    project = {"tool": {"uv": {"dependency-metadata": [{"name": "Rich", "version": "1", "requires-dist": []}]}}}
    stated = LOCKS["stated_dependencies"](project)
    pins = LOCKS["read_pins"](ROOT / "requirements-dev.lock")
    alone = {"rich": pins["rich"]}
    assert list(LOCKS["examine_installed"](alone, "lock"))
    assert not list(LOCKS["examine_installed"](alone, "lock", stated))


def test_nothing_is_installed_that_no_lock_names():
    makefile = (ROOT / "Makefile").read_text()
    installs = [line for line in makefile.splitlines() if "--requirement $(1)" in line]
    assert installs
    assert all("--no-deps --require-hashes" in line for line in installs)
