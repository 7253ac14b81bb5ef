"""The demo: all kinds of studies through the whole chain, and nothing let out that nobody looked at."""

import io
import json
import stat

import numpy as np
import pydicom
import pytest

from tests.flow.conftest import Clock
from workbench.flow import demo
from workbench.flow.doctor import examine
from workbench.flow.home import open_home
from workbench.records.errors import UsageError
from workbench.synthetic import kidney, measured
from workbench.synthetic.studies import write_demo_studies


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    home = tmp_path_factory.mktemp("demo") / "home"
    seen = []
    report = demo.run_demo(home, pixels="off", on_progress=lambda done, of: seen.append((done, of)))
    return home, report, seen


def test_every_kind_is_taken_through_the_chain(shown):
    _home, report, seen = shown
    assert len(report.rows) >= 6
    assert report.log_ok
    for row in report.rows:
        assert row.issues == 0, row
        assert row.released + row.held == row.instances, row
        assert row.removed > 0
        assert row.planted > 0
    assert seen
    assert all(0 <= done <= of for done, of in seen)


def test_ultrasound_with_burned_in_text_is_held_back_and_says_why(shown):
    _home, report, _seen = shown
    row = next(row for row in report.rows if row.kind.startswith("us-"))
    assert (row.released, row.state) == (0, "submitted")
    assert "ultrasound" in row.why


def test_no_planted_identity_is_in_what_was_opened(shown):
    home, report, _seen = shown
    planted = write_demo_studies(home.parent / "again", seed=demo.SEED)
    opened = [path.read_bytes() for path in (home / "opened" / "DICOM").rglob("I*")]
    assert len(opened) == sum(row.released for row in report.rows)
    for study in planted:
        for place, text in study.planted.items():
            needle = text.encode("ascii", "ignore")
            if len(needle) >= 6:
                assert not any(needle in content for content in opened), place


def test_the_accounts_file_is_private_and_is_a_credentials_file(shown):
    home, _report, _seen = shown
    file = home / demo.ACCOUNTS_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    people = json.loads(file.read_text())
    assert {entry["role"] for entry in people.values()} == {
        "admin",
        "technician",
        "privacy_officer",
        "auditor",
        "remote_reader",
    }
    assert len(demo.accounts_of(home)) == len(people)


def test_running_it_again_changes_no_study(shown):
    home, report, _seen = shown
    assert demo.run_demo(home, pixels="off").rows == report.rows


def test_the_doctor_finds_nothing_wrong(shown):
    assert [check for check in examine(shown[0]) if not check.ok] == []


@pytest.mark.slow
def test_the_measured_loop_loses_its_name_in_all_frames_and_keeps_calipers_scale_and_measurement(tmp_path):
    home = tmp_path / "home"
    report = demo.run_demo(home)
    row = next(row for row in report.rows if row.kind == "us-kidney-measured")
    assert (row.issues, row.held, row.released) == (0, 1, 0)
    assert row.blackened >= 5
    planted = next(one for one in write_demo_studies(tmp_path / "again", seed=demo.SEED) if one.kind == row.kind)
    before = pydicom.dcmread(planted.folder / measured.FILE).pixel_array.astype(int)
    with open_home(home) as workbench, workbench.database.reading() as reading:
        version = reading.preparations.current(row.study)
        assert version is not None
        (made,) = reading.preparations.instances(version.id)
        assert made.object is not None
        with workbench.objects.open(made.object) as stored:
            output = pydicom.dcmread(io.BytesIO(stored.read()))
    after = output.pixel_array.astype(int)
    assert (output.BurnedInAnnotation, len(after)) == ("NO", measured.FRAMES)
    for text in planted.burned_in:
        assert after[:, text.y : text.y + text.height, text.x : text.x + text.width].max() < 40, "a name is left"
    (row_of, left), (_, right) = kidney.caliper_ends()
    stays = {
        "scan, with calipers": np.s_[:, 60:430, 90:550],
        "caliper": np.s_[:, row_of - 5 : row_of + 6, left - 5 : right + 6],
        "depth scale": np.s_[:, 60:440, kidney.SCALE_COLUMN : 600],
        "measurement": np.s_[:, 450:474, 30:150],
    }
    for what, area in stays.items():
        assert np.array_equal(after[area], before[area]), what
    assert after[:, row_of - 4 : row_of + 5, [left, right], 0].min() > 150


def test_a_real_home_is_never_demonstrated_on(house):
    with pytest.raises(UsageError) as refused:
        demo.run_demo(house.made.home, clock=Clock())
    assert refused.value.code == "not-a-demo"
