"""Pitfalls that need more than one file or more than one run: media, names, archives, linkage, references."""

import csv
import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet
from pydicom.uid import UID

from tests.cases.build import image, item, mark, uid, written
from tests.cases.conftest import run_folder
from tests.cases.objects import presentation
from tests.cases.search import opened, remaining
from workbench.profiles import compile_plan, load, shipped_names

PROFILES = shipped_names()


def put(folder: Path, **files: Dataset) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, ds in files.items():
        (folder / name).write_bytes(written(ds))
    return folder


def numbered(case: int, number: int, **attributes: object) -> Dataset:
    ds = image(case)
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = UID(uid(case, 1, number))
    ds.InstanceNumber = number + 1
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


@pytest.mark.parametrize("profile", PROFILES)
def test_p52_a_dicomdir_is_read_as_an_index_and_never_copied(tmp_path: Path, profile: str) -> None:
    media = FileSet()
    for number in range(2):
        media.add(numbered(52, number, PatientComments=mark(52)))
    media.write(tmp_path / "media" / mark(52, "b"))
    run = run_folder(tmp_path / "media", tmp_path / "work", profile)
    assert len(run.report.instances) >= 2
    assert run.report.totals["written"] == 2
    files = [path for path in (tmp_path / "work" / "out").rglob("*") if path.is_file()]
    assert not [path for path in files if path.name.upper() == "DICOMDIR"]
    for path in files:
        assert remaining(path.read_bytes(), {mark(52), mark(52, "y"), mark(52, "b")}) == set()
    assert mark(52, "b").encode() not in run.everything


def test_p52_a_dicomdir_as_input_names_the_files_that_are_read(tmp_path: Path) -> None:
    media = FileSet()
    for number in range(2):
        media.add(numbered(52, number))
    media.write(tmp_path / "media")
    run = run_folder(tmp_path / "media" / "DICOMDIR", tmp_path / "work", "basic")
    assert run.report.totals["written"] == 2


@pytest.mark.parametrize("profile", PROFILES)
def test_p53_names_and_times_of_files_do_not_come_out(tmp_path: Path, profile: str) -> None:
    source = tmp_path / "in" / mark(53)
    path = put(source, **{f"{mark(53, 'b')}.dcm": numbered(53, 0)}) / f"{mark(53, 'b')}.dcm"
    os.utime(path, (86400, 86400))
    archive = tmp_path / "in" / f"{mark(53, 'c')}.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        info = zipfile.ZipInfo(f"{mark(53, 'd')}/{mark(53, 'e')}.dcm", date_time=(1981, 2, 3, 4, 5, 6))
        packed.writestr(info, written(numbered(53, 1)))
    target, report = tmp_path / "out", tmp_path / "report.json"
    from workbench.flow.folder import FolderJob, deidentify_folder  # noqa: PLC0415 (two sources need a job of their own)

    done = deidentify_folder(FolderJob((source, archive), target, profile=profile, pixels="off", report=report))
    assert done.totals["written"] == 2
    told = report.read_text() + "\n".join(str(path.relative_to(target)) for path in target.rglob("*"))
    assert not [letter for letter in "abcdey" if mark(53, letter).lower() in told.lower()]
    years = {int(path.stat().st_mtime) // (365 * 86400) + 1970 for path in target.rglob("*") if path.is_file()}
    assert min(years) > 2000


@pytest.mark.parametrize("profile", PROFILES)
def test_p61_the_same_instance_gives_the_same_output(tmp_path: Path, profile: str) -> None:
    source = put(tmp_path / "in", a=numbered(61, 0, StudyDescription=f"CT CHEST {mark(61)}"), b=numbered(61, 1))
    runs = [run_folder(source, tmp_path / name, profile, jobs=jobs) for name, jobs in (("one", 1), ("two", 2))]
    assert runs[0].outputs == runs[1].outputs
    assert len(runs[0].outputs) == 2


def test_p62_two_patients_with_one_id_at_two_sites_stay_two(tmp_path: Path) -> None:
    def of(number: int, site: str, name: str, birth: str) -> Dataset:
        ds = numbered(62, number, PatientID="4711", PatientName=name, PatientBirthDate=birth, IssuerOfPatientID=site)
        ds.StudyInstanceUID, ds.SeriesInstanceUID = uid(62, 2, number), uid(62, 3, number)
        return ds

    issuers = put(tmp_path / "a", a=of(0, "NORTH", "Quix^A", "19500101"), b=of(1, "SOUTH", "Vamm^B", "19600101"))
    silent = put(tmp_path / "b", a=of(0, "", "Quix^A", "19500101"), b=of(1, "", "Vamm^B", "19600101"))
    for source in (issuers, silent):
        run = run_folder(source, tmp_path / f"work-{source.name}", "basic")
        codes = [opened(data).PatientID for data in run.outputs.values()]
        refused = {entry.refusal.code for entry in run.report.instances if entry.refusal}
        assert len(set(codes)) == len(codes)
        assert len(codes) == 2 or refused == {"patient-ambiguous"}


@pytest.mark.parametrize("profile", [name for name in PROFILES if name != "safe-harbor"])
def test_p63_a_study_split_over_two_runs_keeps_uids_codes_and_offset(tmp_path: Path, profile: str) -> None:
    plan = compile_plan(load(profile))
    if plan.pseudonyms == "random":
        pytest.skip("pseudonyms of this profile are drawn per run, not derived from the key")
    first = put(tmp_path / "a", a=numbered(63, 0), b=numbered(63, 1))
    second = put(tmp_path / "b", b=numbered(63, 1), c=numbered(63, 2, AcquisitionDate="20240118"))
    one, two = (run_folder(source, tmp_path / f"work-{source.name}", profile) for source in (first, second))
    assert one.outputs["b"] == two.outputs["b"]
    a, c = opened(one.outputs["a"]), opened(two.outputs["c"])
    same = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "PatientID", "PatientName")
    assert [a[keyword].value for keyword in same] == [c[keyword].value for keyword in same]
    assert a.get("StudyDate") == c.get("StudyDate")


@pytest.mark.parametrize("profile", PROFILES)
def test_p70_references_follow_and_those_to_what_was_left_out_lead_nowhere(tmp_path: Path, profile: str) -> None:
    """A reference to an instance that is not released keeps no original UID, and is no crash."""
    shown = numbered(70, 0)
    state = presentation(70, uid(70, 1, 0), "nodule")
    state.SOPInstanceUID = state.file_meta.MediaStorageSOPInstanceUID = UID(uid(70, 1, 5))
    missing = item(ReferencedSOPClassUID=shown.SOPClassUID, ReferencedSOPInstanceUID=uid(70, 1, 99))
    state.ReferencedSeriesSequence[0].ReferencedImageSequence.append(missing)
    source = put(tmp_path / "in", image=shown, state=state)
    run = run_folder(source, tmp_path / "work", profile)
    assert run.report.totals["written"] == 2
    assert run.report.references_left_out == {run.entries["state"].index: 1}
    out = opened(run.outputs["state"])
    references = [entry.ReferencedSOPInstanceUID for entry in out.ReferencedSeriesSequence[0].ReferencedImageSequence]
    assert references[0] == opened(run.outputs["image"]).SOPInstanceUID
    if not run.plan.promises().retain_uids:
        assert remaining(run.outputs["state"], {uid(70, 1, 99), uid(70, 1, 0)}) == set()


def test_p79_links_and_other_files_are_refused_by_name(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(written(numbered(79, 1)))
    source = put(tmp_path / "in", a=numbered(79, 0))
    (source / "link").symlink_to(outside)
    (source / "letter.docx").write_bytes(b"PK\x03\x04 " + mark(79).encode())
    (source / "notes.txt").write_text(mark(79))
    run = run_folder(source, tmp_path / "work", "basic")
    assert run.report.totals["written"] == 1
    codes = {entry.refusal.code for entry in run.report.instances if entry.refusal}
    assert codes
    assert "unexpected" not in codes
    whole = run.everything + b"".join(run.outputs.values())
    assert mark(79).encode() not in whole


def test_p53_the_crosswalk_is_the_only_file_with_identity(tmp_path: Path) -> None:
    source = put(tmp_path / "in", a=numbered(53, 2))
    crosswalk = tmp_path / "crosswalk.csv"
    run = run_folder(source, tmp_path / "work", "basic", crosswalk=crosswalk)
    assert mark(53, "z").encode() not in run.everything
    rows = list(csv.reader(io.StringIO(crosswalk.read_text())))
    assert [f"{mark(53, 'z')}7731"] == [row[0] for row in rows if row and row[0].startswith("Zwolf")]
    assert json.loads((tmp_path / "work" / "report.json").read_text())["instances"]
