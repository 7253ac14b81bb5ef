"""What stands in pixels, from the command line."""

from contextlib import contextmanager

import pydicom
import pytest
from pydicom.data import get_testdata_file

from tests.pixels.drawing import write
from workbench.cli.output import Output
from workbench.pixels import models

NAME = "DOE, JANE"


@pytest.fixture
def incoming(tmp_path):
    """A folder with a frame that shows a name, a damaged image, an object without pixels and something else."""
    folder = tmp_path / "in"
    folder.mkdir()
    data_set = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
    data_set.PatientName = "DOE^JANE"
    samples = data_set.pixel_array.copy()
    write(samples, NAME, (2, 4), int(samples.max()), em=11)
    data_set.PixelData = samples.tobytes()
    data_set.save_as(folder / "a.dcm")
    data_set.PixelData = samples.tobytes()[:-100]
    data_set.save_as(folder / "b.dcm")
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(data_set, keyword)
    data_set.save_as(folder / "c.dcm")
    (folder / "notes.txt").write_text("no image")
    return folder


def test_regions_and_what_was_not_checked_are_one_document(run, incoming):
    ran = run(["detect", incoming, "--json", "--profile", "fast"])
    assert ran.code == 1
    document = ran.document()
    assert document["bears_identity"] is True
    (name,) = [region for region in document["regions"] if region["decision"] == "redact"]
    assert name["file"] == "a.dcm"
    assert name["frames"] == [1]
    assert name["source"] == "text"
    assert "the patient in the header" in name["explanation"]
    assert {"x", "y", "width", "height", "score", "text"} <= name.keys()
    assert {(each["file"], each["code"]) for each in document["not_checked"]} == {
        ("b.dcm", "frame-count-wrong"),
        ("notes.txt", "not-dicom"),
    }


def test_nothing_of_a_patient_or_of_a_file_is_told_on_stderr_and_a_bad_file_stops_nothing(run, incoming):
    secret = "ROE RICHARD"
    (incoming / f"{secret}.dcm").write_bytes((incoming / "b.dcm").read_bytes()[:700])
    ran = run(["detect", incoming, "--profile", "fast"])
    assert ran.code == 1
    assert NAME in ran.out
    for word in ("DOE", "JANE", "ROE", "RICHARD", "4MR1", "a.dcm"):
        assert word not in ran.err
    assert ran.out.count("Not checked:") == 3


def test_progress_tells_frames_and_frames_per_second(run, incoming, monkeypatch):
    told = []

    @contextmanager
    def progress(self, what):
        yield lambda *each: told.append((what, *each))

    monkeypatch.setattr(Output, "progress", progress)
    assert run(["detect", incoming, "--profile", "fast"]).code == 1
    assert told[-1][:3] == ("looking", 4, 4)
    assert all("frames per second" in each[3] for each in told)


def test_people_get_a_table_pictures_and_a_warning(run, incoming, tmp_path):
    pictures = tmp_path / "pictures"
    ran = run(["detect", incoming / "a.dcm", "--overlay", pictures, "--profile", "fast"])
    assert ran.code == 0, ran.err
    assert "bears identity" in ran.out
    assert "frames per second" in ran.out
    (picture,) = pictures.iterdir()
    assert picture.stat().st_mode & 0o777 == 0o600
    again = run(["detect", incoming / "a.dcm", "--overlay", pictures])
    assert again.code == 2
    assert "overlay-not-empty" in again.err


def test_without_nets_nothing_counts_as_checked(run, incoming, monkeypatch):
    monkeypatch.setattr(models, "DETECTOR_SMALL", models.ModelFile("no_such_package", "a.onnx", ""))
    ran = run(["detect", incoming])
    assert ran.code == 2
    assert "models-absent" in ran.err
    assert "not checked" in ran.err


def test_rules_for_the_device_are_told_beside_what_is_seen(run, tmp_path):
    data_set = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
    data_set.Modality, data_set.Manufacturer, data_set.ManufacturerModelName = "US", "Philips Medical Systems", "iU22"
    data_set.Rows, data_set.Columns = 480, 64
    data_set.PixelData = bytes(480 * 64 * 2)
    data_set.save_as(tmp_path / "us.dcm")
    (found,) = run(["detect", tmp_path / "us.dcm", "--json", "--profile", "fast"]).document()["regions"]
    assert (found["source"], found["decision"]) == ("device", "redact")
    assert (found["x"], found["y"], found["width"], found["height"]) == (0, 0, 64, 47)
    assert "IU22" in found["explanation"]
