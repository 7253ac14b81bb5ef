"""A machine room that costs nothing: files are tiny but real DICOM, and the work on them is done in this process."""

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, UltrasoundImageStorage

from workbench.deid.pseudonyms import Pseudonyms, is_placeholder, patient_key
from workbench.dicom.parts import digest_file
from workbench.flow import importing, preparing
from workbench.flow.preparing import output_path
from workbench.flow.step import Prepared, Refusal, Scan
from workbench.records.action import Action
from workbench.records.change import Change
from workbench.records.finding import Finding

FINDING = Finding("needle", "PS3.15 E.1-1", "(0010,0010)", "A value of the patient is still there.")
REFUSAL = Refusal("planted-refusal", "The object was refused.", "Ask for it again.")


def write_tiny(
    path: Path,
    *,
    study: str,
    series: str,
    instance: str,
    patient_id: str = "P1",
    name: str = "Doe^Jane",
    birth: str = "19610704",
    ultrasound: bool = False,
    comment: str = "",
) -> Path:
    """Write an instance without pixels. `comment` makes other content of the same instance, or plants an outcome."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID = UltrasoundImageStorage if ultrasound else CTImageStorage
    dataset.SOPInstanceUID, dataset.SeriesInstanceUID, dataset.StudyInstanceUID = instance, series, study
    dataset.Modality = "US" if ultrasound else "CT"
    dataset.PatientID, dataset.PatientName, dataset.PatientBirthDate = patient_id, name, birth
    dataset.ImageComments = comment
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def read_all(tasks, *, jobs, bounds=None):
    """Stand in for `machine.read_all`."""
    for task in tasks:
        yield task.index, _scan(task.index, task.source)


def work(workbench, given, folder, *, jobs, advance):
    """Stand in for `preparing._work`: each output is the instance with new UIDs and no patient."""
    made = preparing._Work()
    pseudonyms = Pseudonyms(given.scope.key, scope=given.scope.id)
    for position, instance in enumerate(given.instances):
        source = folder / f"in-{position:08d}"
        workbench.objects.export(instance.object, source)
        outcome = _prepare(pseudonyms, source, output_path(folder, position), position)
        if isinstance(outcome, Prepared):
            made.collectors[instance.series].add(outcome.changes)
            made.actions[instance.series].update(outcome.counts)
        made.outcomes[position] = outcome
    return made


def _scan(index: int, path: Path) -> Scan | Refusal:
    try:
        found = pydicom.dcmread(path)
    except (InvalidDicomError, AttributeError):
        return Refusal("not-dicom", "The file is not a DICOM instance.", "Leave it out.")
    patient_id = str(found.PatientID).encode()
    study = str(found.StudyInstanceUID).encode()
    return Scan(
        index=index,
        size=path.stat().st_size,
        sop_class=str(found.SOPClassUID).encode(),
        sop_instance=str(found.SOPInstanceUID).encode(),
        study=study,
        series=str(found.SeriesInstanceUID).encode(),
        modality=str(found.Modality).encode(),
        patient=patient_key(issuer=b"", patient_id=patient_id, study_uid=study),
        placeholder=is_placeholder(patient_id),
        person=(str(found.PatientName).encode(), str(found.PatientBirthDate).encode()),
        harvest=None,
    )


def _prepare(pseudonyms: Pseudonyms, source: Path, target: Path, index: int) -> Prepared | Refusal:
    found = pydicom.dcmread(source)
    comment = str(found.ImageComments)
    if comment == "refuse":
        return REFUSAL
    study, series, instance = (
        pseudonyms.uid(str(uid).encode()).decode()
        for uid in (found.StudyInstanceUID, found.SeriesInstanceUID, found.SOPInstanceUID)
    )
    original = str(found.PatientName).encode()
    patient = patient_key(
        issuer=b"", patient_id=str(found.PatientID).encode(), study_uid=str(found.StudyInstanceUID).encode()
    )
    code = pseudonyms.code("patient", patient).decode()
    _clean(found, code, study=study, series=series, instance=instance)
    found.save_as(target, enforce_file_format=True)
    findings = (FINDING,) if comment == "issue" else ()
    return Prepared(
        index=index,
        size=target.stat().st_size,
        sop_class=str(found.SOPClassUID),
        sop_instance=instance,
        study=study,
        series=series,
        patient_code=code,
        holds=("ultrasound",) if found.Modality == "US" else (),
        findings=findings,
        counts={"Z": 1},
        changes=(Change((0x00100010,), Action.EMPTY, "E.1-1 (0010,0010)", original, b""),),
        examination=None,
        digest=digest_file(target),
    )


def _clean(dataset: Dataset, code: str, *, study: str, series: str, instance: str) -> None:
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = study, series, instance
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(instance)
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate, dataset.ImageComments = "", code, "", ""


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the machine room."""
    monkeypatch.setattr(importing, "read_all", read_all)
    monkeypatch.setattr(preparing, "_work", work)
