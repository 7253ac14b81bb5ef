"""Folder mode under each shipped profile: the same bytes again, on any number of workers, and intervals that stay."""

import csv
import json
from datetime import date
from pathlib import Path

import pydicom
import pytest

from tests.dicom import raw
from workbench.flow.folder import FolderJob, deidentify_folder
from workbench.flow.folder_report import FolderReport
from workbench.records.errors import UsageError

PROFILES = ("basic", "safe-harbor", "limited-data-set", "research", "teleradiology")
RANDOM = ("safe-harbor", "limited-data-set")
CLEANING = PROFILES[1:]

PIXELS = [
    raw.element(0x00280002, b"US", b"\1\0"),
    raw.element(0x00280004, b"CS", b"MONOCHROME2"),
    raw.element(0x00280010, b"US", b"\4\0"),
    raw.element(0x00280011, b"US", b"\4\0"),
    raw.element(0x00280100, b"US", b"\x10\0"),
    raw.element(0x00280101, b"US", b"\x10\0"),
    raw.element(0x00280102, b"US", b"\x0f\0"),
    raw.element(0x00280103, b"US", b"\0\0"),
    raw.element(0x7FE00010, b"OW", bytes(32)),
]


def ct(number: int, patient: int, day: str, description: str) -> bytes:
    study = b"1.2.3.%d.%s" % (patient, day.encode())
    return raw.file(
        raw.instance(
            *PIXELS,
            raw.element(0x00080020, b"DA", day.encode()),
            raw.element(0x0008002A, b"DT", day.encode() + b"101112.5"),
            raw.element(0x00080030, b"TM", b"101112"),
            raw.element(0x00080050, b"SH", b"ACC-%d" % number),
            raw.element(0x0008103E, b"LO", description.encode()),
            raw.element(0x00100030, b"DA", b"195%d0101" % patient),
            raw.element(0x00101010, b"AS", b"093Y"),
            raw.element(0x00180015, b"CS", b"CHEST "),
            sop=study + b".%d" % number,
            study=study,
            series=study + b".1",
            patient=b"MRN-471%d" % patient,
            name=(b"Mustermann^Erika", b"Quintero^Zelda", b"Okonkwo^Ada")[patient],
        )
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in"
    path.mkdir()
    number = 0
    for patient, name in ((0, "Mustermann"), (1, "Quintero"), (2, "Okonkwo")):
        for day in ("20240229", "20240310"):
            for _ in range(2):
                number += 1
                (path / f"IM{number}").write_bytes(ct(number, patient, day, f"CT CHEST {name}"))
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_bytes(b"k" * 40)
    return path


def run(source: Path, target: Path, profile: str, **more: object) -> FolderReport:
    return deidentify_folder(FolderJob((source,), target, profile=profile, pixels="off", **more))  # type: ignore[arg-type]  # options by name


def outputs(target: Path) -> dict[str, bytes]:
    return {str(path.relative_to(target)): path.read_bytes() for path in sorted(target.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_key_gives_the_same_bytes_again_on_any_number_of_workers(
    source: Path, tmp_path: Path, key: Path, profile: str
) -> None:
    first = run(source, tmp_path / "one", profile, key_file=key)
    run(source, tmp_path / "two", profile, key_file=key, jobs=2)
    run(source, tmp_path / "three", profile, key_file=key, verify=False)
    assert first.totals["written"] == 12, first.document()
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two") == outputs(tmp_path / "three")


@pytest.mark.parametrize("profile", ["research", "teleradiology"])
def test_intervals_between_studies_of_a_patient_stay(source: Path, tmp_path: Path, profile: str) -> None:
    run(source, tmp_path / "out", profile)
    days: dict[str, set[str]] = {}
    for path in (tmp_path / "out").rglob("*.dcm"):
        found = pydicom.dcmread(path)
        days.setdefault(found.PatientID, set()).add(found.StudyDate)
        assert found.AcquisitionDateTime == found.StudyDate + "101112.5"
    assert len(days) == 3
    assert {date.fromisoformat(max(each)) - date.fromisoformat(min(each)) for each in days.values()} == {
        date(2024, 3, 10) - date(2024, 2, 29)
    }
    assert len({min(each) for each in days.values()}) == 3
    assert not {"20240229", "20240310"} & set().union(*days.values())


@pytest.mark.parametrize("profile", CLEANING)
def test_descriptions_keep_what_is_known_and_name_the_evidence(source: Path, tmp_path: Path, profile: str) -> None:
    run(source, tmp_path / "out", profile, report=tmp_path / "report.json")
    documents = json.loads((tmp_path / "report.json").read_text())
    for path in (tmp_path / "out").rglob("*.dcm"):
        found = pydicom.dcmread(path)
        assert found.SeriesDescription == "CT CHEST"
        named = [value for value in found.DeidentificationMethod if value.startswith("113105 sha256 ")]
        assert [value.removeprefix("113105 sha256 ") for value in named] == list(documents["evidence"])
    assert {entry["evidence"] for entry in documents["instances"]} == set(documents["evidence"])


@pytest.mark.parametrize("verify", [True, False])
def test_what_another_study_of_the_patient_holds_is_known(tmp_path: Path, verify: bool) -> None:
    """A maiden name that lives on in an old description."""
    (tmp_path / "in").mkdir()
    birth_name = raw.element(0x00101005, b"PN", b"Head^Erika")
    described = raw.element(0x0008103E, b"LO", b"CT CHEST ERIKA HEAD")
    one = raw.file(raw.instance(*PIXELS, birth_name, study=b"1.2.8.1", sop=b"1.2.8.1.1"))
    other = raw.file(raw.instance(*PIXELS, described, study=b"1.2.8.2", sop=b"1.2.8.2.1"))
    (tmp_path / "in" / "a").write_bytes(one)
    (tmp_path / "in" / "b").write_bytes(other)
    report = run(tmp_path / "in", tmp_path / "out", "research", verify=verify)
    assert report.exit_code == 0, report.document()
    said = [pydicom.dcmread(path).get("SeriesDescription") for path in (tmp_path / "out").rglob("*.dcm")]
    assert "CT CHEST" in said


@pytest.mark.parametrize("profile", RANDOM)
def test_random_pseudonyms_stand_in_the_crosswalk_and_differ_in_each_run(
    source: Path, tmp_path: Path, profile: str
) -> None:
    run(source, tmp_path / "one", profile, crosswalk=tmp_path / "one.csv")
    run(source, tmp_path / "two", profile, crosswalk=tmp_path / "two.csv", jobs=2)
    assert not outputs(tmp_path / "one").keys() & outputs(tmp_path / "two").keys()
    for name in ("one", "two"):
        pairs = dict(row for row in csv.reader((tmp_path / f"{name}.csv").open()) if len(row) == 2)
        patients = {pydicom.dcmread(path).PatientID for path in (tmp_path / name).rglob("*.dcm")}
        assert {pairs[f"MRN-471{number}"] for number in range(3)} == patients
        studies = {pydicom.dcmread(path).StudyInstanceUID for path in (tmp_path / name).rglob("*.dcm")}
        assert {new for old, new in pairs.items() if old.startswith("1.2.3.") and old.count(".") == 4} == studies


def test_a_crosswalk_is_never_overwritten(source: Path, tmp_path: Path) -> None:
    (tmp_path / "crosswalk.csv").write_text("precious")
    with pytest.raises(UsageError) as caught:
        run(source, tmp_path / "out", "safe-harbor", crosswalk=tmp_path / "crosswalk.csv")
    assert caught.value.code == "crosswalk-exists"
    assert (tmp_path / "crosswalk.csv").read_text() == "precious"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("profile", "status"),
    [
        ("safe-harbor", "de-identified, not approved"),
        ("limited-data-set", "limited data set (protected health information), not approved"),
        ("teleradiology", "pseudonymised protected health information for treatment, not approved"),
    ],
)
def test_what_is_protected_health_information_is_not_called_de_identified(
    source: Path, tmp_path: Path, profile: str, status: str
) -> None:
    assert run(source, tmp_path / "out", profile).status == status


@pytest.mark.parametrize("station", [b"MUSTERMANN", b"MRN-4711", b"CT 3"])
def test_a_retained_attribute_that_names_the_patient_goes_and_nothing_is_held(tmp_path: Path, station: bytes) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(raw.file(raw.instance(*PIXELS, raw.element(0x00081010, b"SH", station))))
    report = run(tmp_path / "in", tmp_path / "out", "research")
    assert report.exit_code == 0, report.document()
    found = pydicom.dcmread(next((tmp_path / "out").rglob("*.dcm")))
    assert found.get("StationName") == ("CT 3" if station == b"CT 3" else None)
