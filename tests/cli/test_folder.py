"""Folder mode and the sceptic from the command line."""

import json
import subprocess
import sys

import pydicom
import pytest

from tests.flow.conftest import write_ct
from tests.pixels.drawing import tissue, write
from tests.pixels.images import described, layout, save

PLANTED = ("4711-08-15", "Doe", "Nowhere", "Grau")


@pytest.fixture
def incoming(tmp_path):
    return write_ct(tmp_path / "in", instances=2)


def test_a_folder_is_deidentified_verified_and_summed_up(run, incoming, tmp_path):
    ran = run(["deidentify", incoming, tmp_path / "out", "--pixels", "off", "--report", tmp_path / "report.json"])
    assert ran.code == 0, ran.err
    assert "not approved" in ran.out
    assert "2 written" in ran.out
    outputs = list((tmp_path / "out").rglob("*.dcm"))
    assert len(outputs) == 2
    assert pydicom.dcmread(outputs[0]).PatientIdentityRemoved == "YES"
    told = ran.out + ran.err + (tmp_path / "report.json").read_text() + " ".join(map(str, outputs))
    assert [needle for needle in PLANTED if needle in told] == []


def test_json_is_one_document_and_refusals_end_with_1(run, incoming, tmp_path):
    (incoming / "DOE.txt").write_text("no image")
    ran = run(["deidentify", incoming, tmp_path / "out", "--pixels", "off", "--json"])
    assert ran.code == 1
    document = ran.document()
    assert document["totals"] == {"written": 2, "held back": 0, "refused": 1}
    people = run(["deidentify", incoming, tmp_path / "out2", "--pixels", "off"])
    assert "1 refused [not-dicom]" in people.out
    assert "next:" in people.out
    assert "DOE" not in people.out


def test_folder_mode_without_verification_loads_neither_database_nor_app_nor_another_parser(incoming, tmp_path):
    heavy = ["sqlalchemy", "alembic", "streamlit", "pydicom", "numpy", "pandas", "cryptography", "argon2", "rich"]
    script = (
        "import sys; from workbench.cli.main import main\n"
        f"code = main(['deidentify', {str(incoming)!r}, {str(tmp_path / 'out')!r}, '--no-verify', '--pixels', 'off'])\n"
        f"print(code, [name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["--profile", "no-such"], "unknown-profile"),
        (["--key-file", "/nowhere/key"], "key-file-not-readable"),
    ],
)
def test_wrong_configuration_ends_with_2_and_writes_nothing(run, incoming, tmp_path, given, code):
    ran = run(["deidentify", incoming, tmp_path / "out", "--pixels", "off", *given])
    assert ran.code == 2
    assert ran.error == code
    assert not list((tmp_path / "out").rglob("*.dcm")) if (tmp_path / "out").exists() else True


def test_the_sceptic_alone_judges_the_output_of_any_tool(run, incoming, tmp_path):
    assert run(["deidentify", incoming, tmp_path / "out", "--pixels", "off"]).code == 0
    good = run(["verify", tmp_path / "out", "--against", incoming, "--json"])
    assert good.code == 0, good.out
    target = next((tmp_path / "out").rglob("*.dcm"))
    dataset = pydicom.dcmread(target)
    dataset.ImageComments = "seen by Grau^Otto for Doe^Jane"
    dataset.save_as(target)
    bad = run(["verify", tmp_path / "out", "--against", incoming])
    assert bad.code == 1
    assert not [needle for needle in PLANTED if needle in bad.out]


def test_profiles_are_listed_shown_explained_and_linted(run, tmp_path):
    assert "basic" in run(["profile", "list"]).out
    assert run(["profile", "show", "basic", "--json"]).document()["profile"] == "basic"
    explained = run(["profile", "explain", "0010,0010"])
    assert "Patient's Name" in explained.out
    assert "Result:" in explained.out
    assert run(["profile", "lint", "basic"]).code == 0
    assert run(["profile", "explain", "NoSuchKeyword"]).error == "unknown-keyword"
    unknown = run(["profile", "show", "no-such-profile", "--json"])
    assert unknown.code == 2
    assert json.loads(unknown.out)["error"]["hint"]


def test_asked_for_pixels_are_cleaned_and_the_summary_says_so(run, tmp_path):
    data_set = described(layout(96, 240), PatientName="WEATHERSTONE^ABIGAIL", StudyInstanceUID="2.25.2", Modality="OT")
    data_set.SeriesInstanceUID, data_set.SOPClassUID = "2.25.3", "1.2.840.10008.5.1.4.1.1.7"
    data_set.file_meta.MediaStorageSOPClassUID = data_set.SOPClassUID
    samples = tissue(96, 240, level=70, spread=15)
    write(samples, "WEATHERSTONE ABIGAIL", (8, 10), 250)
    data_set.PixelData = samples.astype("u1").tobytes()
    (tmp_path / "in").mkdir()
    save(data_set, tmp_path / "in" / "a.dcm")
    ran = run(["deidentify", tmp_path / "in", tmp_path / "out", "--pixels", "clean"])
    assert ran.code == 0, ran.out + ran.err
    assert "pixels checked and cleaned" in ran.out
    assert "1 instance with regions blackened" in ran.out
    assert "look at the whole image" in ran.out
    assert "not checked" not in ran.out
    held = run(["deidentify", tmp_path / "in", tmp_path / "held", "--pixels", "flag"])
    assert held.code == 1
    assert "privacy issues [pixels-flagged]" in held.out
    assert "WEATHERSTONE" not in ran.out + held.out
