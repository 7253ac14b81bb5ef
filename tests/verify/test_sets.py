"""What no single instance shows: references, one-to-one UIDs, duplicates."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.verify import making
from workbench.records.code import Code
from workbench.records.promise import Promises
from workbench.standard.cid7050 import CODES
from workbench.verify import Examination, Harvester, Sceptic, examine_set, merge, merge_uids, notes_of_set


class Study:
    """Two images that refer to each other, and their outputs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sources = [making.save(making.image(number), folder / f"in{number}.dcm") for number in (1, 2)]
        self.outputs = [making.deidentify(dcmread(source)) for source in self.sources]

    def examinations(self) -> list[Examination]:
        harvester = Harvester()
        harvests = [harvester.harvest(source, index) for index, source in enumerate(self.sources)]
        sceptic = Sceptic(merge(harvests), merge_uids(harvests))
        paths = [making.save(output, self.folder / f"out{index}.dcm") for index, output in enumerate(self.outputs)]
        return [sceptic.examine(*pair, index) for index, pair in enumerate(zip(self.sources, paths, strict=True))]

    def checks(self) -> list[tuple[str, int]]:
        return [(finding.check, finding.instance) for finding in examine_set(self.examinations())]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


def test_a_consistent_set_passes(study: Study) -> None:
    assert study.checks() == []
    assert all(not each.findings and each.pixels_equal for each in study.examinations())


def reference(dataset: Dataset, uid: str) -> None:
    dataset.ReferencedImageSequence[0].ReferencedSOPInstanceUID = uid


def test_a_dangling_reference_is_found(study: Study) -> None:
    reference(study.outputs[0], "2.25.999")
    assert ("references", 0) in study.checks()


def test_a_dangling_reference_among_dropped_items_is_found(study: Study) -> None:
    one = study.outputs[0]
    one.ReferencedImageSequence = [*one.ReferencedImageSequence, making.item(ReferencedSOPInstanceUID="2.25.999")]
    assert ("references", 0) in study.checks()


def test_a_reference_that_never_resolved_may_dangle(tmp_path: Path) -> None:
    study = Study(tmp_path)
    study.sources, study.outputs = study.sources[:1], study.outputs[:1]
    assert study.checks() == []


def test_a_uid_with_two_successors_is_found(study: Study) -> None:
    study.outputs[1].StudyInstanceUID = "2.25.999"
    assert ("uid-mapping", 1) in study.checks()


def test_two_uids_with_one_successor_are_found(tmp_path: Path) -> None:
    study = Study(tmp_path)
    study.outputs[1].SeriesInstanceUID = study.outputs[1].StudyInstanceUID
    study.outputs[0].SeriesInstanceUID = study.outputs[0].StudyInstanceUID
    assert {check for check, _instance in study.checks()} == {"uid-mapping"}


def test_two_outputs_that_are_one_instance_are_found(study: Study) -> None:
    study.outputs[1].SOPInstanceUID = study.outputs[0].SOPInstanceUID
    assert ("duplicates", 1) in study.checks()


def test_importing_the_room_loads_neither_pydicom_nor_numpy() -> None:
    script = "import sys, workbench.verify; assert not {'pydicom', 'numpy', 'ahocorasick_rs'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", script], check=True)


SHIFT = Promises(
    "research 1",
    "0" * 64,
    codes=(Code(*making.BASIC), CODES["retain_longitudinal_modified_dates"]),
    dates="shift",
    shift_dates=True,
    longitudinal="MODIFIED",
)


class Moved:
    """Images of some patients and studies, de-identified with days moved."""

    def __init__(self, folder: Path, *images: Dataset) -> None:
        self.folder = folder
        self.images = images
        self.sources = [making.save(image, folder / f"in{number}.dcm") for number, image in enumerate(images)]

    def checks(self, *days: int, codes: tuple[str, ...] = ()) -> set[tuple[str, int]]:
        harvester = Harvester()
        harvests = [harvester.harvest(source, index) for index, source in enumerate(self.sources)]
        sceptic = Sceptic(merge(harvests), merge_uids(harvests), SHIFT)
        examinations = []
        for index, source in enumerate(self.sources):
            dataset = making.with_dates(making.deidentify(dcmread(source)), dcmread(source), "shift", days[index])
            dataset.PatientID = codes[index] if codes else "P-1"
            output = making.save(dataset, self.folder / f"out{index}.dcm")
            examinations.append(sceptic.examine(source, output, index))
        assert [each.findings for each in examinations] == [()] * len(examinations)
        self.notes = [(note.check, note.instance) for note in notes_of_set(examinations)]
        return {(finding.check, finding.instance) for finding in examine_set(examinations)}


def study_of(number: int, day: str, **values: Any) -> Dataset:
    """One image of the study `number`, taken on a day."""
    image = making.image(number, **values)
    image.StudyInstanceUID, image.SeriesInstanceUID = f"{making.ROOT}1.{number}", f"{making.ROOT}2.{number}"
    image.StudyDate = image.SeriesDate = image.ContentDate = day
    image.AcquisitionDateTime = f"{day}101112.000000"
    del image.ReferencedImageSequence
    return image


def test_the_days_of_a_patient_move_together(tmp_path: Path) -> None:
    moved = Moved(tmp_path, study_of(1, "20230817"), study_of(2, "20230901"), study_of(3, "20240110"))
    assert moved.checks(-100, -100, -100) == set()
    assert moved.checks(-100, -101, -100) == {("date-offsets", 1), ("fitness-intervals", 1)}


def test_two_patients_move_each_by_their_own_number(tmp_path: Path) -> None:
    other = {"PatientID": "MRN900", "PatientName": "Brandeis^Ludmilla", "PatientBirthDate": "19660101"}
    moved = Moved(tmp_path, study_of(1, "20230817"), study_of(2, "20230901", **other))
    assert moved.checks(-100, -222, codes=("P-1", "P-2")) == set()
    assert {check for check, _instance in moved.checks(-100, -100, codes=("P-1", "P-1"))} == {"one-person-one-code"}


def test_one_person_has_one_code(tmp_path: Path) -> None:
    moved = Moved(tmp_path, study_of(1, "20230817"), study_of(2, "20230901"))
    assert moved.checks(-100, -100, codes=("P-1", "P-2")) == {("one-person-one-code", 1)}


def test_one_person_under_two_ids_is_noted(tmp_path: Path) -> None:
    moved = Moved(tmp_path, study_of(1, "20230817"), study_of(2, "20230901", PatientID="OTHER-5"))
    assert moved.checks(-100, -100, codes=("P-1", "P-2")) == set()
    assert moved.notes == [("same-person-twice", 1)]
    assert moved.checks(-100, -100) == set(), "linked on purpose"


def key_object(*targets: int) -> Dataset:
    """A key object selection that refers to images by number, in its evidence and in its content."""
    reference = [
        making.item(ReferencedSOPClassUID=making.CT, ReferencedSOPInstanceUID=f"{making.ROOT}4.1.{number}")
        for number in targets
    ]
    series = making.item(SeriesInstanceUID=f"{making.ROOT}2.1", ReferencedSOPSequence=reference)
    study = making.item(StudyInstanceUID=f"{making.ROOT}1.1", ReferencedSeriesSequence=[series])
    return making.item(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.88.59", SOPInstanceUID=making.ROOT + "9.1", Modality="KO",
        StudyInstanceUID=f"{making.ROOT}1.1", SeriesInstanceUID=making.ROOT + "2.9", SeriesNumber="9",
        InstanceNumber="1", PatientName="Zanzibarova^Ottoline", PatientID="MRN77310001", PatientBirthDate="",
        PatientSex="", StudyDate="", StudyTime="", AccessionNumber="", ReferringPhysicianName="", StudyID="",
        Manufacturer="", ContentDate="20230817", ContentTime="101010", ReferencedPerformedProcedureStepSequence=[],
        ValueType="CONTAINER", ContinuityOfContent="SEPARATE",
        ConceptNameCodeSequence=[making.code("113000", "DCM", "Of Interest")],
        CurrentRequestedProcedureEvidenceSequence=[study],
    )  # fmt: skip


class WithKeys:
    """Two images and a key object, of which some have an output."""

    def __init__(self, folder: Path, keys: Dataset) -> None:
        self.folder = folder
        self.sources = [making.save(making.image(number), folder / f"in{number}.dcm") for number in (1, 2)]
        self.sources.append(making.save(keys, folder / "in3.dcm"))

    def look(self, *present: int, change: Callable[[Dataset], None] | None = None) -> tuple[set[str], list[str]]:
        harvester = Harvester()
        harvests = [harvester.harvest(source, index) for index, source in enumerate(self.sources)]
        sceptic = Sceptic(merge(harvests), merge_uids(harvests))
        examinations = []
        for index in present:
            dataset = making.deidentify(dcmread(self.sources[index]))
            if change is not None and index == 2:
                change(dataset)
            output = making.save(dataset, self.folder / f"out{index}.dcm")
            examinations.append(sceptic.examine(self.sources[index], output, index))
        inputs = {each.sop_instance: each.instance for each in harvests}
        notes = [f"{note.check}: {note.message}" for note in notes_of_set(examinations, inputs)]
        return {finding.check for finding in examine_set(examinations)}, notes


def test_references_of_key_objects_resolve_as_in_the_inputs(tmp_path: Path) -> None:
    assert WithKeys(tmp_path, key_object(1, 2)).look(0, 1, 2) == (set(), [])


def test_what_was_left_out_is_named_by_its_number(tmp_path: Path) -> None:
    checks, notes = WithKeys(tmp_path, key_object(1, 2)).look(0, 2)
    assert checks == set()
    assert notes == ["references-left-out: The object refers to inputs that have no output: 1."]


def test_a_reference_that_points_to_another_instance_is_found(tmp_path: Path) -> None:
    def swap(dataset: Dataset) -> None:
        items = dataset.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence
        items[0].ReferencedSOPInstanceUID = items[1].ReferencedSOPInstanceUID

    checks, _notes = WithKeys(tmp_path, key_object(1, 2)).look(0, 1, 2, change=swap)
    assert {"uid-mapping", "references"} <= checks


def test_lost_references_are_noted_and_are_a_fault_of_objects_that_live_by_them(tmp_path: Path) -> None:
    def lose(dataset: Dataset) -> None:
        del dataset.CurrentRequestedProcedureEvidenceSequence

    checks, notes = WithKeys(tmp_path, key_object(1, 2)).look(0, 1, 2, change=lose)
    assert checks == set(), "a content tree may be replaced"
    assert [note.split(":")[0] for note in notes] == ["references-lost"]
    state = key_object(1, 2)
    state.SOPClassUID = "1.2.840.10008.5.1.4.1.1.11.1"
    state.ReferencedSeriesSequence = state.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    del state.CurrentRequestedProcedureEvidenceSequence

    def lose_all(dataset: Dataset) -> None:
        del dataset.ReferencedSeriesSequence

    assert WithKeys(tmp_path, state).look(0, 1, 2, change=lose_all)[0] == {"references"}
