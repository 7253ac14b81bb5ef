"""Rejection notes of the source: what they name is left out, held or set aside, and what went out already is named."""

import pydicom
import pytest
from hypothesis import given as drawn_from
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian, KeyObjectSelectionDocumentStorage

from tests.flow import fakes
from workbench.dicom.source import read_instance
from workbench.flow import importing, preparing, queries, recipients, releasing, reviewing
from workbench.flow.rejection import rejection_note
from workbench.records.errors import WrongState
from workbench.records.states import StudyState

KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
CODES = {
    "113001": "rejected-for-quality",
    "113037": "rejected-for-patient-safety",
    "113038": "wrong-worklist-entry",
    "113039": "retention-expired",
}


@pytest.fixture
def faked(monkeypatch):
    fakes.install(monkeypatch)


def tiny(folder, *, study="1.2.3", count=1, start=1, **given):
    for number in range(start, start + count):
        fakes.write_tiny(
            folder / f"{study}-{number}.dcm", study=study, series=f"{study}.1", instance=f"{study}.1.{number}", **given
        )
    return folder


def write_note(folder, code, instances, *, study="1.2.3", scheme="DCM", syntax=ExplicitVRLittleEndian, evidence=True):
    """Write a Key Object Selection document with that title, which names these SOP Instance UIDs."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "note.dcm"
    note = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    note.SOPClassUID, note.SOPInstanceUID = KeyObjectSelectionDocumentStorage, f"{study}.9.1"
    note.StudyInstanceUID, note.SeriesInstanceUID, note.Modality = study, f"{study}.9", "KO"
    note.PatientID, note.PatientName, note.PatientBirthDate, note.ImageComments = "P1", "Doe^Jane", "19610704", ""
    title = Dataset()
    title.CodeValue, title.CodingSchemeDesignator, title.CodeMeaning = code, scheme, "Rejected"
    note.ConceptNameCodeSequence = Sequence([title])
    references = [_reference(uid) for uid in instances]
    if evidence:
        series, top = Dataset(), Dataset()
        series.SeriesInstanceUID, series.ReferencedSOPSequence = f"{study}.1", Sequence(references)
        top.StudyInstanceUID, top.ReferencedSeriesSequence = study, Sequence([series])
        note.CurrentRequestedProcedureEvidenceSequence = Sequence([top])
    else:
        items = []
        for reference in references:
            item = Dataset()
            item.RelationshipType, item.ValueType = "CONTAINS", "IMAGE"
            item.ReferencedSOPSequence = Sequence([reference])
            items.append(item)
        note.ContentSequence = Sequence(items)
    note.save_as(path, enforce_file_format=True)
    return folder


def _reference(uid):
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = UID("1.2.840.10008.5.1.4.1.1.2"), uid
    return reference


def bring(house, *folders):
    return importing.import_paths(house.workbench, house["anna"], paths=list(folders))


def prepare(house):
    return preparing.prepare(house.workbench, house["anna"], study="WB-000001", scope="trial-7", pixels="off")


def decide(house, **given):
    reviewing.submit(house.workbench, house["anna"], study="WB-000001")
    return reviewing.approve(house.workbench, house["olga"], study="WB-000001", **given)


def release(house):
    return releasing.create_release(
        house.workbench,
        house["olga"],
        recipient="Trial 7",
        purpose="research",
        basis="de-identified",
        expires_days=30,
        studies=["WB-000001"],
    )


class TestReading:
    """What counts as a note."""

    @pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
    @pytest.mark.parametrize("evidence", [True, False])
    @pytest.mark.parametrize("code", CODES)
    def test_code_and_instances_are_understood(self, tmp_path, code, syntax, evidence):
        write_note(tmp_path, code, ["1.2.3.1.1", "1.2.3.1.2"], syntax=syntax, evidence=evidence)
        found = rejection_note(read_instance(tmp_path / "note.dcm"))
        assert found is not None
        assert (found.code, found.instances) == (CODES[code], ("1.2.3.1.1", "1.2.3.1.2"))
        assert "1.2.3" not in repr(found)

    @pytest.mark.parametrize(("code", "scheme"), [("113000", "DCM"), ("113001", "99LOCAL"), ("", "DCM")])
    def test_other_key_objects_are_none(self, tmp_path, code, scheme):
        write_note(tmp_path, code, ["1.2.3.1.1"], scheme=scheme)
        assert rejection_note(read_instance(tmp_path / "note.dcm")) is None

    def test_an_image_with_such_a_title_is_none(self, tmp_path):
        write_note(tmp_path, "113001", ["1.2.3.1.1"])
        image = pydicom.dcmread(tmp_path / "note.dcm")
        image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = UID("1.2.840.10008.5.1.4.1.1.2")
        image.save_as(tmp_path / "image.dcm", enforce_file_format=True)
        assert rejection_note(read_instance(tmp_path / "image.dcm")) is None

    @drawn_from(uids=st.lists(st.from_regex(r"[0-2](\.(0|[1-9][0-9]{0,8})){1,6}", fullmatch=True), max_size=6))
    def test_every_instance_that_it_names_is_found_once(self, tmp_path_factory, uids):
        folder = write_note(tmp_path_factory.mktemp("note"), "113037", uids)
        found = rejection_note(read_instance(folder / "note.dcm"))
        assert found is not None
        assert found.instances == tuple(sorted(set(uids)))


@pytest.mark.usefixtures("faked")
class TestFollowing:
    """What follows when one arrives."""

    @pytest.mark.parametrize("first", ["note", "image"])
    @pytest.mark.parametrize("code", ["113037", "113039"])
    def test_what_must_not_be_used_is_in_no_version(self, house, tmp_path, code, first):
        images, note = tiny(tmp_path / "a", count=2), write_note(tmp_path / "n", code, ["1.2.3.1.1"])
        for folder in (note, images) if first == "note" else (images, note):
            bring(house, folder)
        made = prepare(house)
        assert made.instances == 1
        assert {row.code: row.instances for row in made.refused} == {CODES[code]: 1, "rejection-note": 1}
        assert all(row.message and row.hint for row in made.refused)
        assert house.events("instances.rejected") == ["instances.rejected"]

    def test_what_has_low_quality_goes_out_only_when_it_is_accepted_by_name(self, house, tmp_path):
        recipients.add_recipient(house.workbench, house["olga"], name="Trial 7", key=KEY)
        bring(house, tiny(tmp_path / "a", count=3), write_note(tmp_path / "n", "113001", ["1.2.3.1.2"]))
        made = prepare(house)
        assert (made.instances, [hold.name for hold in made.holds]) == (3, ["series-1.rejected-for-quality"])
        decide(house)
        assert release(house).instances == 2
        reviewing.withdraw(house.workbench, house["olga"], study="WB-000001", reason="it is needed")
        prepare(house)
        decide(house, accept=["series-1.rejected-for-quality"])
        assert release(house).instances == 3

    @pytest.mark.parametrize(
        ("first", "state"),
        [
            ("note", StudyState.RECEIVED),
            ("image", StudyState.RECEIVED),
            ("image", StudyState.SUBMITTED),
            ("image", StudyState.APPROVED),
        ],
    )
    def test_a_wrong_worklist_entry_sets_the_study_aside(self, house, tmp_path, first, state):
        images, note = tiny(tmp_path / "a", count=2), write_note(tmp_path / "n", "113038", ["1.2.3.1.1"])
        if first == "note":
            bring(house, note)
            bring(house, images)
        else:
            bring(house, images)
            if state is not StudyState.RECEIVED:
                prepare(house)
                reviewing.submit(house.workbench, house["anna"], study="WB-000001")
            if state is StudyState.APPROVED:
                reviewing.approve(house.workbench, house["olga"], study="WB-000001")
            bring(house, note)
        row = queries.study_view(house.workbench, house["olga"], study="WB-000001").row
        assert (row.state, row.reason_code) == (StudyState.QUARANTINED, "wrong-worklist-entry")
        reviewing.accept(house.workbench, house["olga"], study="WB-000001", reason="the rest is right")
        made = prepare(house)
        assert made.instances == 1
        assert "wrong-worklist-entry" in [row.code for row in made.refused]

    @pytest.mark.parametrize("code", ["113001", "113037", "113039"])
    def test_what_was_released_already_is_named_and_nothing_more_is_released(self, house, tmp_path, code):
        recipients.add_recipient(house.workbench, house["olga"], name="Trial 7", key=KEY)
        bring(house, tiny(tmp_path / "a", count=2))
        prepare(house)
        decide(house)
        made = release(house)
        bring(house, write_note(tmp_path / "n", code, ["1.2.3.1.1"]))
        with house.workbench.database.reading() as reading:
            (entry,) = [entry for entry in reading.ledger.entries() if entry.kind == "instances.rejected"]
        assert entry.data["preparations"] == ["PR-000001"]
        assert entry.data["releases"] == [made.release]
        assert (entry.data["named"], entry.data["here"]) == (1, 1)
        with pytest.raises(WrongState) as refused:
            release(house)
        assert refused.value.code == "needs-successor"
        prepare(house)
        decide(house)
        assert release(house).instances == 1

    def test_a_note_that_comes_while_a_version_is_made_is_noticed(self, house, tmp_path, monkeypatch):
        bring(house, tiny(tmp_path / "a", count=2))
        bring(house, tiny(tmp_path / "b", study="1.2.4"))
        note = write_note(tmp_path / "n", "113037", ["1.2.3.1.1"], study="1.2.4")
        honest = preparing._work

        def work(*given, **more):
            made = honest(*given, **more)
            bring(house, note)
            return made

        monkeypatch.setattr(preparing, "_work", work)
        with pytest.raises(WrongState) as refused:
            prepare(house)
        assert refused.value.code == "study-changed"

    def test_a_note_about_a_study_in_quarantine_is_taken_notice_of(self, house, tmp_path):
        bring(house, tiny(tmp_path / "a", count=2))
        reviewing.quarantine(house.workbench, house["olga"], study="WB-000001", reason="wait")
        report = bring(house, write_note(tmp_path / "n", "113037", ["1.2.3.1.1"]), tiny(tmp_path / "b", start=3))
        assert [(row.code, row.instances) for row in report.quarantined] == [("study-in-quarantine", 1)]
        assert queries.study_view(house.workbench, house["olga"], study="WB-000001").row.state == "quarantined"
        reviewing.accept(house.workbench, house["olga"], study="WB-000001", reason="now")
        assert prepare(house).instances == 1

    def test_a_note_about_another_study_counts_too(self, house, tmp_path):
        bring(house, tiny(tmp_path / "a", count=2))
        bring(house, write_note(tmp_path / "n", "113037", ["1.2.3.1.1"], study="1.2.4"))
        assert prepare(house).instances == 1

    def test_no_uid_of_a_note_is_in_the_log_or_in_clear(self, house, tmp_path):
        bring(house, tiny(tmp_path / "a", count=2), write_note(tmp_path / "n", "113037", ["1.2.77777777.1"]))
        with house.workbench.database.reading() as reading:
            bodies = b"".join(entry.body for entry in reading.ledger.entries())
        house.workbench.close()
        stored = bodies + (house.made.home / "workbench.sqlite").read_bytes()
        assert b"77777777" not in stored
