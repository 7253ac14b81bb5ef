"""A machine room that costs nothing: files are tiny but real DICOM, and the work on them is done in this process."""

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, UltrasoundImageStorage

from workbench.deid.pseudonyms import PseudonymSource, is_placeholder, patient_key
from workbench.dicom.parts import digest_file
from workbench.dicom.source import read_instance
from workbench.flow import identity, importing, preparing
from workbench.flow.machine import Reading
from workbench.flow.preparing import output_path
from workbench.flow.rejection import rejection_note
from workbench.flow.step import Prepared, Refusal
from workbench.flow.versions import Work
from workbench.records.action import Action
from workbench.records.change import Change
from workbench.records.errors import InstanceRefused
from workbench.records.finding import Finding
from workbench.records.known import KnownKind, KnownValue

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
    **more: object,
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
    for keyword, value in more.items():
        setattr(dataset, keyword, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def read_all(tasks, *, jobs, bounds=None):
    """Stand in for `machine.read_all`."""
    for task in tasks:
        yield task.index, _scan(task.index, task.source)


def work(workbench, given, folder, *, jobs, advance):
    """Stand in for `preparing._work`: each output is the instance with new UIDs and no patient."""
    made = Work(outcomes=dict(given.excluded))
    source_of = given.person.source()
    for position, instance in enumerate(given.instances):
        if position in given.excluded:
            continue
        source = folder / f"in-{position:08d}"
        workbench.objects.export(instance.object, source)
        outcome = _prepare(source_of, source, output_path(folder, position), position)
        if isinstance(outcome, Prepared):
            made.collectors[instance.series].add(outcome.changes)
            made.actions[instance.series].update(outcome.counts)
        made.outcomes[position] = outcome
    return made


def _scan(index: int, path: Path) -> Reading | Refusal:
    try:
        found = pydicom.dcmread(path)
    except (InvalidDicomError, AttributeError):
        return Refusal("not-dicom", "The file is not a DICOM instance.", "Leave it out.")
    patient_id = str(found.PatientID).encode()
    study = str(found.StudyInstanceUID).encode()
    return Reading(
        index=index,
        size=path.stat().st_size,
        sop_class=str(found.SOPClassUID).encode(),
        sop_instance=str(found.SOPInstanceUID).encode(),
        study=study,
        series=str(found.SeriesInstanceUID).encode(),
        modality=str(found.Modality).encode(),
        patient=patient_key(issuer=_issuer(found), patient_id=patient_id, study_uid=study),
        placeholder=is_placeholder(patient_id),
        person=(str(found.PatientName).encode(), str(found.PatientBirthDate).encode()),
        harvest=None,
        sex=str(found.get("PatientSex", "")).encode(),
        institution=str(found.get("InstitutionName", "")).encode(),
        note=rejection_note(read_instance(path)),
        known=frozenset({KnownValue(KnownKind.PATIENT, str(found.PatientName))}),
    )


def _prepare(pseudonyms_of: PseudonymSource, source: Path, target: Path, index: int) -> Prepared | Refusal:
    found = pydicom.dcmread(source)
    comment = str(found.ImageComments)
    if comment == "refuse":
        return REFUSAL
    patient = patient_key(
        issuer=_issuer(found), patient_id=str(found.PatientID).encode(), study_uid=str(found.StudyInstanceUID).encode()
    )
    try:
        pseudonyms = pseudonyms_of.of(patient)
    except InstanceRefused as error:
        return Refusal.of(error)
    study, series, instance = (
        pseudonyms.uid(str(uid).encode()).decode()
        for uid in (found.StudyInstanceUID, found.SeriesInstanceUID, found.SOPInstanceUID)
    )
    original = str(found.PatientName).encode()
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
        holds=("ultrasound",) * (found.Modality == "US")
        + ("recognisable-features",) * (found.get("BodyPartExamined") == "HEAD"),
        findings=findings,
        counts={"Z": 1},
        changes=(Change((0x00100010,), Action.EMPTY, "E.1-1 (0010,0010)", original, b""),),
        examination=None,
        digest=digest_file(target),
    )


def _issuer(dataset: Dataset) -> bytes:
    return str(dataset.get("IssuerOfPatientID", "")).encode()


def _clean(dataset: Dataset, code: str, *, study: str, series: str, instance: str) -> None:
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = study, series, instance
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(instance)
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate, dataset.ImageComments = "", code, "", ""


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the machine room."""
    monkeypatch.setattr(importing, "read_all", read_all)
    monkeypatch.setattr(identity, "read_all", read_all)
    monkeypatch.setattr(preparing, "_work", work)
