"""Data flows one way: import-linter's contracts hold, and they say what the architecture needs."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

FORBIDDEN = [
    # the verifier judges the engine, so it may share nothing with it
    ("verify", {"deid", "text", "profiles", "dicom"}),
    # what keeps and releases gets results, not the means to make other ones
    *[(room, {"deid", "verify"}) for room in ("release", "store", "access", "vault", "audit")],
    # the log, the keys and the accounts must be readable without trusting a parser of images
    *[(room, {"dicom", "pydicom"}) for room in ("audit", "vault", "access")],
]


def test_all_import_contracts_hold(capfd):
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capfd.readouterr().out


def test_every_room_has_its_place_in_the_layers():
    rooms = {path.parent.name for path in (ROOT / "workbench").glob("*/__init__.py")}
    placed = {
        name.strip().removeprefix("workbench.")
        for contract in SETTINGS["contracts"]
        if contract["type"] == "layers"
        for layer in contract["layers"]
        for name in layer.split("|")
    }
    assert rooms == placed


@pytest.mark.parametrize(("room", "others"), FORBIDDEN, ids=[room for room, _ in FORBIDDEN])
def test_the_prohibitions_of_the_architecture_are_contracts(room, others):
    banned = {
        name.removeprefix("workbench.")
        for contract in SETTINGS["contracts"]
        if contract["type"] == "forbidden" and f"workbench.{room}" in contract["source_modules"]
        for name in contract["forbidden_modules"]
    }
    assert others <= banned


def test_streamlit_and_the_database_stay_in_their_rooms():
    rooms = {path.parent.name for path in (ROOT / "workbench").glob("*/__init__.py")}
    allowed = {"streamlit": {"app", "cli"}, "sqlalchemy": {"store", "audit", "app", "cli"}, "pandas": {"app", "cli"}}
    for package, inside in allowed.items():
        sources = {
            name.removeprefix("workbench.")
            for contract in SETTINGS["contracts"]
            if contract["type"] == "forbidden" and contract["forbidden_modules"] == [package]
            for name in contract["source_modules"]
        }
        assert rooms - inside <= sources, package


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("verify/__init__.py", "from workbench.deid import engine", "The verifier does not know the engine"),
        ("records/code.py", "import workbench.standard", "Data flows one way"),
        ("flow/__init__.py", "import streamlit", "Streamlit only under app"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path, module, line, contract):
    shutil.copytree(ROOT / "workbench", tmp_path / "workbench", ignore=_not_python)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "workbench" / module).open("a") as target:
        target.write(f"\n{line}\n")
    lint = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))",
    ]
    done = subprocess.run(lint, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def _not_python(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".py") and not (Path(folder) / name).is_dir()]
