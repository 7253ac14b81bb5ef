"""The large planted corpora and the hostile files, end to end through the command. Need the folder with test data."""

import csv
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from workbench.profiles import shipped_names

pytestmark = pytest.mark.slow

WORKBENCH = Path(sys.executable).parent / "workbench"
EXPECTED = Path(__file__).parent / "hostile.json"


PROFILES = shipped_names()
DEFLATED = b"1.2.840.10008.1.2.1.99"

RETAINED = {
    "research": {"station", "device"},
    "limited-data-set": {"study_date", "series_date", "study_date_dt"},
}
"""What of the planted corpus a profile retains on purpose."""

TOLD = {
    "limited-data-set": {"p22_age_over_89", "p48_dates_not_in_table"},
}
"""Pitfalls that are none for a profile: it tells ages, or dates."""


def deidentify(source: Path, target: Path, *more: str, profile: str = "basic") -> tuple[int, dict[str, Any], Path]:
    """Run the command; return its exit code, its report and the crosswalk."""
    crosswalk = target.with_suffix(".csv")
    command = [
        str(WORKBENCH),
        "deidentify",
        str(source),
        str(target),
        "--profile",
        profile,
        "--pixels",
        "off",
        "--json",
    ]
    done = subprocess.run([*command, "--crosswalk", str(crosswalk), *more], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr + done.stdout
    return done.returncode, json.loads(done.stdout), crosswalk


def script(shared: Path, name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", str(shared / "bench" / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_planted_corpus_leaves_clean_and_connected(shared: Path, tmp_path: Path, profile: str) -> None:
    assert script(shared, "gen_corpus.py", tmp_path / "corpus").returncode == 0
    code, report, _crosswalk = deidentify(
        tmp_path / "corpus" / "dicom", tmp_path / "out", "--jobs", "2", profile=profile
    )
    assert code == 0
    assert report["totals"] == {"written": 586, "held back": 0, "refused": 0}
    found = json.loads(script(shared, "check_deid.py", tmp_path / "corpus", tmp_path / "out", "--json").stdout)
    assert found["files"] == 586
    assert found["unreadable"] == found["private_left"] == found["original_uids_left"] == 0
    assert found["refs_resolved"] == 1398
    assert set(found["leaks"]) == RETAINED.get(profile, set())


@pytest.mark.parametrize("profile", PROFILES)
def test_all_51_pitfalls_come_out_clean(shared: Path, tmp_path: Path, profile: str) -> None:
    script(shared, "phi_canaries.py", tmp_path / "in")
    _code, report, crosswalk = deidentify(tmp_path / "in", tmp_path / "out", profile=profile)
    scored = script(shared, "score_canaries.py", tmp_path / "in", tmp_path / "out", "--crosswalk", crosswalk)
    score = json.loads(scored.stdout)
    told = TOLD.get(profile, set())
    assert set(score["leaks"]) <= told
    assert score["unreadable"] == []
    assert score["refused"] == []
    assert score["clean"] == 51 - len(score["leaks"])
    assert [entry["code"] for entry in report["instances"] if "code" in entry] == ["not-dicom"]  # the manifest


@pytest.mark.parametrize("profile", PROFILES)
def test_no_sample_becomes_less_valid_or_gets_lost(shared: Path, tmp_path: Path, profile: str) -> None:
    """dciodvfy finds no error that the input did not have, and every object has an output."""
    _code, report, crosswalk = deidentify(shared / "samples", tmp_path / "out", profile=profile)
    done = script(shared, "iod_diff.py", shared / "samples", tmp_path / "out", "--crosswalk", crosswalk)
    lines = done.stdout.splitlines()
    assert not [line for line in lines if line.endswith(" no output")]
    new = [line for line in lines[:-1] if not line.endswith("(validator aborted)")]
    assert [line for line in new if not is_deflated(shared / "samples" / line.split(" ")[0])] == []
    assert not [entry for entry in report["instances"] if entry["state"] == "held back"]


def is_deflated(path: Path) -> bool:
    """Tell whether a file is one that the validator can't read, so that there is nothing to compare its output with."""
    return DEFLATED in path.read_bytes()[:1024]


def hostile_outcomes(shared: Path, folder: Path, profile: str) -> dict[str, str]:
    """Every hostile file with what became of it: `written`, the check that held it back, or the code of its refusal."""
    with tarfile.open(shared / "samples" / "hostile.tar.xz") as archive:
        archive.extractall(folder / "in", filter="data")
    _code, report, crosswalk = deidentify(folder / "in", folder / "out", "--jobs", "2", profile=profile)
    labels = {int(row[0]): row[1] for row in csv.reader(crosswalk.open()) if len(row) == 2 and row[0].isdigit()}
    outcomes = {}
    for entry in report["instances"]:
        issues = sorted({issue["check"] for issue in entry.get("privacy_issues", ())})
        outcomes[labels[entry["index"]]] = entry.get("code") or " ".join(issues) or entry["state"]
    return outcomes


def test_every_hostile_file_ends_as_expected(shared: Path, tmp_path: Path) -> None:
    """Verified or refused by a typed code; no traceback, no hang, no lost file."""
    expected = json.loads(EXPECTED.read_text())
    found = hostile_outcomes(shared, tmp_path, "basic")
    assert {name: code for name, code in found.items() if expected.get(name) != code} == {}
    assert found.keys() == expected.keys()


@pytest.mark.parametrize("profile", sorted(set(PROFILES) - {"basic"}))
def test_every_hostile_file_comes_to_an_end_under_every_profile(shared: Path, tmp_path: Path, profile: str) -> None:
    """What is refused for its form is so under each; the rest is written, held back or refused by name, in time."""
    expected = json.loads(EXPECTED.read_text())
    found = hostile_outcomes(shared, tmp_path, profile)
    assert found.keys() == expected.keys()
    assert not {name for name, code in found.items() if code in ("unexpected", "worker-killed", "worker-time-limit")}
    written = {name for name, code in expected.items() if code == "written"}
    assert {name for name, code in found.items() if code == "written"} <= written
