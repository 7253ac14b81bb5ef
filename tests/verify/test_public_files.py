"""Real files: pydicom's test files de-identified by the honest twin raise no alarm; hostile ones end in a refusal."""

import tarfile
import warnings
from contextlib import suppress
from pathlib import Path

import pydicom
import pytest
from pydicom import config, dcmread
from pydicom.errors import InvalidDicomError
from pydicom.uid import UncompressedTransferSyntaxes

from tests.verify import making
from workbench.records.errors import InstanceRefused
from workbench.verify import Sceptic, harvest, merge, merge_uids

SHARED = Path(__file__).resolve().parents[2].parent / "shared"

EXPECTED = {
    # The honest twin does not strip comments of encoded frames, and drops an ICC profile that a module requires.
    "frame-text",
    "required-attributes",
    # One file has a malformed number.
    "values-fit",
}


def files() -> list[Path]:
    return sorted((Path(pydicom.__file__).parent / "data" / "test_files").glob("*.dcm"))


def test_real_files_raise_no_false_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config.settings, "writing_validation_mode", config.IGNORE)
    examined, alarms = 0, []
    for path in files()[::2]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = harvest(path, 0)
                dataset = making.deidentify(dcmread(path))
                syntax = str(dataset.file_meta.TransferSyntaxUID)
                if syntax in UncompressedTransferSyntaxes[2:]:
                    continue
                output = making.save(dataset, tmp_path / "out.dcm", syntax)
            except (InstanceRefused, InvalidDicomError, AttributeError, ValueError, NotImplementedError, TypeError):
                continue  # the reader refuses, or the honest twin cannot write it
        examined += 1
        findings = Sceptic(merge([found]), merge_uids([found])).examine(path, output, 0).findings
        alarms += [(path.name, f.check, f.where) for f in findings if f.check not in EXPECTED]
    assert alarms == []
    assert examined > 20


@pytest.mark.slow
def test_hostile_files_are_read_or_refused(tmp_path: Path) -> None:
    archive = SHARED / "samples" / "hostile.tar.xz"
    if not archive.exists():
        pytest.skip("the collection of hostile files is not beside the repository")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    refused = 0
    for path in sorted(tmp_path.rglob("*.dcm")):
        with suppress(InstanceRefused):
            harvest(path, 0)
            continue
        refused += 1
    assert refused > 10


@pytest.mark.slow
def test_both_readers_see_the_same(tmp_path: Path) -> None:
    """The walker of the engine and the reading of the verifier agree on every public file that both take."""
    from workbench.dicom.source import read_instance  # noqa: PLC0415 - the tests may know both

    compared = 0
    folders = [SHARED / "samples"] if SHARED.exists() else []
    for path in [*files(), *(p for folder in folders for p in sorted(folder.rglob("*.dcm")))]:
        try:
            own = read_instance(path).inventory()
        except InstanceRefused:
            continue
        assert harvest(path, 0).inventory == own
        compared += 1
    assert compared > 50
