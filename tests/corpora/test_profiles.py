"""The planted corpus and the pitfalls of the larger test data under every shipped profile. Needs that folder."""

import json
from pathlib import Path

import pytest

from tests.corpora.test_shared import script
from workbench.flow.folder import FolderJob, deidentify_folder
from workbench.profiles import compile_plan, load, shipped_names

pytestmark = pytest.mark.slow

PROFILES = shipped_names()
SCALE = "0.1"


@pytest.fixture(scope="module")
def corpus(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "c"
    assert script(shared, "gen_corpus.py", folder, "--scale", SCALE).returncode == 0
    return folder


@pytest.fixture(scope="module")
def pitfalls(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pitfalls") / "c"
    assert script(shared, "phi_canaries.py", folder).returncode == 0
    return folder


def may_stay(profile: str) -> set[str]:
    """Return the planted values that a profile retains by an option of the standard."""
    promises = compile_plan(load(profile)).promises()
    devices = {"device", "station"} if promises.retain_device else set()
    dates = {"study_date", "series_date", "study_date_dt", "content_time"} if promises.retain_dates else set()
    return devices | dates


@pytest.mark.parametrize("profile", PROFILES)
def test_the_planted_corpus_leaves_clean(corpus: Path, shared: Path, tmp_path: Path, profile: str) -> None:
    report = deidentify_folder(FolderJob((corpus / "dicom",), tmp_path / "out", profile=profile, pixels="off", jobs=2))
    assert report.totals["held back"] == report.totals["refused"] == 0
    found = json.loads(script(shared, "check_deid.py", corpus, tmp_path / "out", "--json").stdout)
    assert found["unreadable"] == found["private_left"] == found["original_uids_left"] == 0
    assert set(found["leaks"]) - may_stay(profile) == set()
    assert found["studies"] == 1


@pytest.mark.parametrize("profile", PROFILES)
def test_no_pitfall_leaks_more_than_the_profile_retains(
    pitfalls: Path, shared: Path, tmp_path: Path, profile: str
) -> None:
    """In `basic` all 51 are clean; elsewhere what stays is an age, a date or a device that the profile retains."""
    crosswalk = tmp_path / "c.csv"
    job = FolderJob((pitfalls,), tmp_path / "out", profile=profile, pixels="off", crosswalk=crosswalk)
    deidentify_folder(job)
    score = json.loads(script(shared, "score_canaries.py", pitfalls, tmp_path / "out", "--crosswalk", crosswalk).stdout)
    plan = compile_plan(load(profile))
    retained = {"p22_age_over_89"} if not plan.age_cap else set()
    if plan.promises().retain_dates:
        retained.add("p48_dates_not_in_table")
    assert set(score["leaks"]) <= retained
    assert score["unreadable"] == []
    if profile == "basic":
        assert score["clean"] == score["cases"] == 51
