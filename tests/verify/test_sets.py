"""What no single instance shows: references, one-to-one UIDs, duplicates."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.verify import making
from workbench.verify import Examination, Harvester, Sceptic, examine_set, merge, merge_uids


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
