"""Folder mode from end to end on small files: whole outputs or none, and a report without identity."""

import csv
import json
import os
import stat
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydicom
import pytest

from tests.dicom import raw
from workbench.deid import engine
from workbench.flow import folder, folder_work, step
from workbench.flow.folder import FolderJob, Progress, deidentify_folder
from workbench.flow.folder_report import FolderReport, State
from workbench.flow.pool import Bounds
from workbench.pixels import models
from workbench.records.errors import UsageError, WorkbenchError
from workbench.text import vocabulary

PIXELS = [
    raw.element(0x00280010, b"US", b"\x04\0"),
    raw.element(0x00280011, b"US", b"\x04\0"),
    raw.element(0x00280100, b"US", b"\x10\0"),
    raw.element(0x00280101, b"US", b"\x10\0"),
    raw.element(0x00280102, b"US", b"\x0f\0"),
    raw.element(0x00280103, b"US", b"\0\0"),
    raw.element(0x7FE00010, b"OW", bytes(32)),
]


def ct(
    number: int, patient: bytes = b"MRN-4711", name: bytes = b"Mustermann^Erika", study: bytes = b"1.2.3.1"
) -> bytes:
    sop = b"1.2.3.4.%d" % number
    return raw.file(raw.instance(*PIXELS, sop=sop, patient=patient, name=name, study=study))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in"
    path.mkdir()
    for number in range(5):
        (path / f"IM{number}").write_bytes(ct(number))
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_bytes(b"k" * 40)
    return path


def run(source: Path, target: Path, **more: object) -> FolderReport:
    return deidentify_folder(FolderJob((source,), target, **{"pixels": "off", **more}))  # type: ignore[arg-type]  # options by name


def outputs(target: Path) -> dict[str, bytes]:
    return {str(path.relative_to(target)): path.read_bytes() for path in sorted(target.rglob("*")) if path.is_file()}


def test_every_input_has_an_output_and_the_report_says_what_it_is(source: Path, tmp_path: Path) -> None:
    report = run(source, tmp_path / "out", report=tmp_path / "report.json")
    assert report.exit_code == 0
    assert report.totals == {"written": 5, "held back": 0, "refused": 0}
    written = json.loads((tmp_path / "report.json").read_text())
    assert written["status"] == "de-identified, not approved"
    assert {entry["pixels"] for entry in written["instances"]} == {"not checked"}
    assert [entry["index"] for entry in written["instances"]] == [0, 1, 2, 3, 4]
    assert sorted(entry["file"] for entry in written["instances"]) == sorted(outputs(tmp_path / "out"))


def test_neither_report_nor_names_carry_identity(source: Path, tmp_path: Path) -> None:
    (source / "MUSTERMANN_ERIKA.txt").write_text("Mustermann")
    run(source, tmp_path / "out", report=tmp_path / "report.json")
    told = (tmp_path / "report.json").read_text() + " ".join(outputs(tmp_path / "out"))
    for word in ("Mustermann", "MUSTERMANN", "MRN-4711", "1.2.3.4.", str(source)):
        assert word not in told


def test_the_same_key_gives_the_same_bytes_on_any_number_of_workers(source: Path, tmp_path: Path, key: Path) -> None:
    run(source, tmp_path / "one", key_file=key)
    run(source, tmp_path / "two", key_file=key, jobs=2)
    run(source, tmp_path / "three", key_file=key, verify=False)
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two") == outputs(tmp_path / "three")


def test_without_a_key_two_runs_cannot_be_linked(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "one")
    run(source, tmp_path / "two")
    assert not outputs(tmp_path / "one").keys() & outputs(tmp_path / "two").keys()


def test_sources_are_not_modified(source: Path, tmp_path: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in source.iterdir()}
    run(source, tmp_path / "out")
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in source.iterdir()}


def test_unverified_output_says_so(source: Path, tmp_path: Path) -> None:
    report = run(source, tmp_path / "out", verify=False)
    assert report.document()["status"] == "de-identified, not verified, not approved"


def test_the_crosswalk_is_private_and_complete(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "out", crosswalk=tmp_path / "crosswalk.csv")
    assert stat.S_IMODE((tmp_path / "crosswalk.csv").stat().st_mode) == 0o600
    rows = list(csv.reader((tmp_path / "crosswalk.csv").open()))
    pairs = dict(row for row in rows if len(row) == 2)
    found = pydicom.dcmread(next((tmp_path / "out").rglob("*.dcm")))
    assert pairs["MRN-4711"] == found.PatientID
    assert pairs["1.2.3.1"] == found.StudyInstanceUID
    assert pairs["0"] == "IM0"


@pytest.mark.parametrize("verify", [True, False])
def test_bad_inputs_are_refused_by_name_and_the_rest_goes_on(source: Path, tmp_path: Path, verify: bool) -> None:
    (source / "a-text").write_text("hello")
    (source / "b-cut").write_bytes(ct(9)[:-10])
    (source / "c-twice").write_bytes(raw.file(raw.instance(raw.element(0x00280010, b"US", b"\2\0"), sop=b"1.2.3.4.0")))
    (source / "d-stranger").write_bytes(ct(20, patient=b"P1", name=b"One^Anna", study=b"1.5"))
    (source / "e-person").write_bytes(ct(21, patient=b"P2", name=b"Two^Berta", study=b"1.6"))
    report = run(source, tmp_path / "out", verify=verify)
    assert {entry.refusal.code for entry in report.instances if entry.refusal} == {
        "dicom-truncated",
        "not-dicom",
        "instance-repeated",
    }
    assert report.totals["written"] == 7
    assert report.exit_code == 1
    assert all(entry.refusal.hint for entry in report.instances if entry.refusal)


def birth(date: bytes) -> bytes:
    return raw.element(0x00100030, b"DA", date)


def person(sop: int, name: bytes, date: bytes) -> bytes:
    return raw.file(raw.instance(*PIXELS, birth(date), sop=b"1.2.9.%d" % sop, name=name))


@pytest.mark.parametrize("verify", [True, False])
def test_two_patients_under_one_id_are_never_merged(tmp_path: Path, verify: bool) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(person(1, b"Mustermann^Erika", b"19500101"))
    (tmp_path / "in" / "b").write_bytes(person(2, b"Schmidt^Otto", b"19700707"))
    report = run(tmp_path / "in", tmp_path / "out", verify=verify)
    assert {entry.refusal.code for entry in report.instances if entry.refusal} == {"patient-ambiguous"}


@pytest.mark.parametrize(
    ("name", "date"),
    [(b"Mustermann^Erika", b"19500202"), (b"Schmidt^Otto", b"19500101"), (b"Schmidt^Otto", b"")],
)
def test_a_doubtful_person_under_one_id_gets_a_code_of_its_own(
    tmp_path: Path, key: Path, name: bytes, date: bytes
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(person(1, b"Mustermann^Erika", b"19500101"))
    (tmp_path / "in" / "b").write_bytes(person(2, name, date))
    run(tmp_path / "in", tmp_path / "out", key_file=key)
    run(tmp_path / "in", tmp_path / "quick", key_file=key, verify=False)
    assert len({name.split("/")[0] for name in outputs(tmp_path / "out")}) == 2
    assert outputs(tmp_path / "out") == outputs(tmp_path / "quick")


@pytest.mark.parametrize("name", [b"Mustermann^Erika^Maria", b"MUSTERMANN^ERIKA", b""])
def test_a_fuller_name_is_the_same_person(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(person(1, b"Mustermann^Erika", b"19500101"))
    (tmp_path / "in" / "b").write_bytes(person(2, name, b"19500101"))
    run(tmp_path / "in", tmp_path / "out")
    assert len({name.split("/")[0] for name in outputs(tmp_path / "out")}) == 1


def test_a_zip_is_read_and_its_members_do_not_stay(source: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in source.iterdir():
            archive.write(path, f"MUSTERMANN/{path.name}")
    report = run(tmp_path / "in.zip", tmp_path / "out")
    assert report.totals["written"] == 5
    assert all(name.endswith(".dcm") for name in outputs(tmp_path / "out"))


@pytest.mark.parametrize(
    ("target", "code"),
    [("in/out", "output-inside-input"), ("in", "output-inside-input"), (".", "output-inside-input")],
)
def test_input_and_output_may_not_lie_within_each_other(source: Path, tmp_path: Path, target: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        run(source, tmp_path / target)
    assert caught.value.code == code


def test_nothing_is_overwritten(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x")
    with pytest.raises(UsageError) as caught:
        run(source, tmp_path / "out")
    assert caught.value.code == "output-not-empty"


@pytest.mark.parametrize("place", ["missing/report.json", "folder", "file/report.json"])
def test_a_place_where_no_report_can_be_written_is_refused_at_once(source: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError) as caught:
        run(source, tmp_path / "out", report=tmp_path / place)
    assert caught.value.code == "report-not-writable"
    assert not (tmp_path / "out").exists()


def test_a_report_covers_no_input(source: Path, tmp_path: Path) -> None:
    before = (source / "IM0").read_bytes()
    with pytest.raises(UsageError) as caught:
        run(source, tmp_path / "out", report=source / "IM0")
    assert caught.value.code == "report-covers-input"
    assert (source / "IM0").read_bytes() == before


def test_a_report_may_lie_in_the_folder_that_the_run_makes(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "out", report=tmp_path / "out" / "report.json")
    assert json.loads((tmp_path / "out" / "report.json").read_text())["instances"]


@pytest.mark.parametrize("damage", [b"", b"no gzip", None])
def test_a_damaged_data_file_ends_the_run_before_it_begins(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    file = tmp_path / "vocabulary"
    file.write_bytes(vocabulary._DATA.read_bytes()[:1000] if damage is None else damage)
    vocabulary.default.cache_clear()
    monkeypatch.setattr(vocabulary, "_DATA", file)
    with pytest.raises(UsageError) as caught:
        run(source, tmp_path / "out", profile="research")
    vocabulary.default.cache_clear()
    assert (caught.value.code, caught.value.exit_code) == ("installation-damaged", 2)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("pixels", ["flag", "clean"])
def test_without_the_nets_nothing_is_written_and_nothing_is_called_clean(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pixels: str
) -> None:
    monkeypatch.setattr(models, "RECOGNISER", replace(models.RECOGNISER, package="no_such_package"))
    with pytest.raises(UsageError) as caught:
        run(source, tmp_path / "out", pixels=pixels)
    assert caught.value.code == "models-absent"
    assert "--pixels off" in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_a_way_to_treat_pixels_that_does_not_exist_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        run(source, tmp_path / "out", pixels="wash")
    assert caught.value.code == "pixels-wrong"


def test_a_failing_disk_leaves_no_half_written_output(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(folder, "_sync", fail)
    with pytest.raises(WorkbenchError) as caught:
        run(source, tmp_path / "out")
    assert caught.value.code == "disk-full"
    assert outputs(tmp_path / "out") == {}


def test_an_object_that_kills_its_worker_is_refused_and_the_rest_goes_on(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = step.scan_file

    def deadly(path: Path, index: int, **given: Any) -> object:
        if path.name == "IM2":
            os._exit(9)
        return real(path, index, **given)

    monkeypatch.setattr(folder_work, "scan_file", deadly)
    report = run(source, tmp_path / "out")
    assert [entry.refusal.code for entry in report.instances if entry.refusal] == ["worker-killed"]
    assert report.totals["written"] == 4


def test_an_object_that_never_ends_is_refused(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = step.prepare_file

    def endless(by: engine.Engine, path: Path, target: Path, index: int, **given: Any) -> object:
        while path.name == "IM2":
            pass
        return real(by, path, target, index, **given)

    monkeypatch.setattr(folder_work, "prepare_file", endless)
    report = run(source, tmp_path / "out", verify=False, bounds=Bounds(seconds=2))
    assert [entry.refusal.code for entry in report.instances if entry.refusal] == ["worker-time-limit"]
    assert report.totals["written"] == 4


@pytest.mark.parametrize("verify", [True, False])
def test_what_a_dead_worker_had_written_is_written_anew(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verify: bool
) -> None:
    real, died = step.prepare_file, tmp_path / "died"

    def fragile(by: engine.Engine, path: Path, target: Path, index: int, **given: Any) -> object:
        made = real(by, path, target, index, **given)
        if path.name == "IM3" and not died.exists():
            died.touch()
            os._exit(9)
        return made

    monkeypatch.setattr(folder_work, "prepare_file", fragile)
    report = run(source, tmp_path / "out", verify=verify)
    assert report.totals == {"written": 5, "held back": 0, "refused": 0}


def test_progress_is_told_for_both_stages(source: Path, tmp_path: Path) -> None:
    told: list[Progress] = []
    deidentify_folder(FolderJob((source,), tmp_path / "out", pixels="off"), told.append)
    assert told[-1] == Progress("de-identifying", 5, 5)
    assert Progress("reading", 5, 5) in told


def test_a_finding_holds_an_instance_back(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that forgets the name is caught by the sceptic, and the output does not appear."""
    real = engine.Engine.deidentify

    def leaky(self: engine.Engine, instance: object, read: object, **given: Any) -> object:
        made = real(self, instance, read, **given)  # type: ignore[arg-type]  # handed through
        made.parts.append(raw.element(0x7FE10010, b"LO", b"Mustermann Erika"))
        return made

    monkeypatch.setattr(engine.Engine, "deidentify", leaky)
    report = run(source, tmp_path / "out")
    assert {entry.state for entry in report.instances} == {State.HELD}
    assert outputs(tmp_path / "out") == {}
