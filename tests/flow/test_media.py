"""Media and converted syntaxes from end to end: in folder mode and in an import."""

import shutil
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.filewriter import dcmwrite

from tests.flow.conftest import House
from workbench.deid.engine import Engine
from workbench.deid.pseudonyms import Pseudonyms
from workbench.flow import importing, queries
from workbench.flow.folder import FolderJob, deidentify_folder
from workbench.flow.folder_report import FolderReport, State
from workbench.flow.step import Prepared, prepare_file, scan_file
from workbench.profiles import compile_plan, load
from workbench.records.action import Action
from workbench.verify import Sceptic, harvest, merge, merge_uids

PACKAGES = Path(pydicom.__file__).parents[1]
FILES = PACKAGES / "pydicom" / "data" / "test_files"
MEDIA = FILES / "dicomdirtests"
CONVERTED = {
    "image_dfl.dcm": "1.2.840.10008.1.2.1.99",
    "MR_small_bigendian.dcm": "1.2.840.10008.1.2.2",
    "SC_rgb_small_odd_big_endian.dcm": "1.2.840.10008.1.2.2",
    "liver_expb_1frame.dcm": "1.2.840.10008.1.2.2",
    "rtdose_expb_1frame.dcm": "1.2.840.10008.1.2.2",
}


@pytest.fixture(scope="module")
def medium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small real medium with a file of its viewer beside the images."""
    folder = tmp_path_factory.mktemp("medium")
    for name in ("DICOMDIR", "77654033", "98892001", "98892003"):
        if (MEDIA / name).is_dir():
            shutil.copytree(MEDIA / name, folder / name)
        else:
            shutil.copy(MEDIA / name, folder / name)
    return folder


def run(source: Path, target: Path, *, verify: bool = False) -> FolderReport:
    return deidentify_folder(FolderJob((source,), target, pixels="off", verify=verify))


def test_a_medium_comes_out_whole_and_without_its_index(medium: Path, tmp_path: Path) -> None:
    report = run(medium / "DICOMDIR", tmp_path / "out")
    assert report.exit_code == 0
    assert report.totals == {"written": 31, "held back": 0, "refused": 0, "skipped": 1}
    assert report.instances[0].state is State.SKIPPED
    assert not list((tmp_path / "out").rglob("*DICOMDIR*"))
    assert run(medium, tmp_path / "folder").totals == report.totals


def test_a_medium_with_a_viewer_ends_well_when_its_index_is_given(medium: Path, tmp_path: Path) -> None:
    shutil.copytree(medium, tmp_path / "cd")
    (tmp_path / "cd" / "AUTORUN.INF").write_text("[autorun]")
    assert run(tmp_path / "cd" / "DICOMDIR", tmp_path / "out").exit_code == 0


def test_what_is_missing_is_reported_by_index_and_without_its_name(medium: Path, tmp_path: Path) -> None:
    shutil.copytree(medium, tmp_path / "cd")
    gone = next((tmp_path / "cd" / "98892003").rglob("*0*"))
    while gone.is_dir():
        gone = next(gone.iterdir())
    gone.unlink()
    for number, source in enumerate((tmp_path / "cd" / "DICOMDIR", tmp_path / "cd")):
        report = run(source, tmp_path / f"out{number}")
        assert report.exit_code == 1
        assert report.totals == {"written": 30, "held back": 0, "refused": 1, "skipped": 1}
        entry = next(entry for entry in report.instances if entry.state is State.REFUSED)
        assert entry.refusal is not None
        assert entry.refusal.code == "media-file-missing"
        assert "98892003" not in str(report.document())


def test_a_zip_of_a_medium_is_read_too(medium: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "cd.zip", "w") as archive:
        for path in sorted(medium.rglob("*")):
            archive.write(path, path.relative_to(medium))
    report = run(tmp_path / "cd.zip", tmp_path / "out")
    assert (report.exit_code, report.totals["written"], report.totals["skipped"]) == (0, 31, 1)


def test_an_index_under_another_name_is_noted_as_one(medium: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(medium / "DICOMDIR", tmp_path / "in" / "index.dcm")
    for verify in (True, False):
        report = run(tmp_path / "in", tmp_path / f"out{verify}", verify=verify)
        assert (report.exit_code, report.totals["skipped"]) == (0, 1)


def test_an_import_takes_what_a_dicomdir_names_and_keeps_nothing_of_it(
    house: House, medium: Path, tmp_path: Path
) -> None:
    shutil.copytree(medium, tmp_path / "cd")
    shutil.rmtree(tmp_path / "cd" / "98892003")
    report = importing.import_paths(house.workbench, house["anna"], paths=[tmp_path / "cd" / "DICOMDIR"])
    held = {row.code: row.instances for row in report.quarantined}
    missing = held.pop("media-file-missing")
    assert report.instances + missing + sum(held.values()) == 31
    assert missing > 0
    assert "dicomdir-not-read" not in held
    assert any("DICOMDIR" in notice for notice in report.notices)
    assert {row.code for row in queries.quarantine_list(house.workbench, house["olga"])} >= {"media-file-missing"}


def prepared(source: Path, target: Path, sceptic: Sceptic | None = None) -> Prepared:
    engine = Engine(compile_plan(load("basic")), Pseudonyms(b"k" * 32, scope="test"))
    made = prepare_file(engine, source, target, 0, sceptic=sceptic, keep_changes=True)
    assert isinstance(made, Prepared), made
    return made


def sceptic_of(source: Path) -> Sceptic:
    found = harvest(source, 0)
    return Sceptic(merge([found]), merge_uids([found]), compile_plan(load("basic")).promises())


@pytest.mark.parametrize("name", CONVERTED)
def test_converted_objects_pass_the_sceptic_with_equal_pixels(name: str, tmp_path: Path) -> None:
    scan = scan_file(FILES / name, 0, verify=True, scratch=tmp_path)
    assert getattr(scan, "harvest", None), scan
    made = prepared(FILES / name, tmp_path / "out.dcm", sceptic_of(FILES / name))
    assert made.findings == ()
    assert made.examination is not None
    assert made.examination.pixels_equal
    assert [
        (change.action, change.before, change.after) for change in made.changes if change.path == (0x00020010,)
    ] == [(Action.SET, CONVERTED[name].encode(), b"1.2.840.10008.1.2.1")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, after = pydicom.dcmread(FILES / name), pydicom.dcmread(tmp_path / "out.dcm")
        assert np.array_equal(before.pixel_array, after.pixel_array)
    assert after.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.dcm"]


@pytest.mark.parametrize("name", CONVERTED)
def test_the_sceptic_sees_samples_that_a_conversion_would_have_spoilt(name: str, tmp_path: Path) -> None:
    target = tmp_path / "out.dcm"
    prepared(FILES / name, target)
    sceptic = sceptic_of(FILES / name)
    assert sceptic.examine(FILES / name, target, 0).findings == ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(target)
        pixels = bytearray(dataset.PixelData)
        pixels[0], pixels[-2] = pixels[0] ^ 1, pixels[-2] ^ 1
        dataset.PixelData = bytes(pixels)
        dcmwrite(target, dataset)
    assert {finding.check for finding in sceptic.examine(FILES / name, target, 0).findings} == {"pixels-equal"}


def test_a_change_of_size_is_seen_across_syntaxes(tmp_path: Path) -> None:
    source = FILES / "MR_small_bigendian.dcm"
    prepared(source, tmp_path / "out.dcm")
    dataset = pydicom.dcmread(tmp_path / "out.dcm")
    dataset.Rows, dataset.Columns = dataset.Rows // 2, dataset.Columns * 2
    dcmwrite(tmp_path / "out.dcm", dataset)
    places = {finding.where for finding in sceptic_of(source).examine(source, tmp_path / "out.dcm", 0).findings}
    assert {"(0028,0010)", "(0028,0011)"} <= places
