"""Import: what is wrong with one file or study has a name and a next step, and the rest goes on."""

import os
import zipfile

import pytest

from tests.flow import fakes
from tests.flow.conftest import write_ct
from workbench.flow import importing, queries, reviewing
from workbench.records.errors import NotPermitted, UsageError, WrongState
from workbench.records.states import StudyState


@pytest.fixture
def faked(monkeypatch):
    fakes.install(monkeypatch)


def tiny(folder, *, study="1.2.3", count=1, start=1, **given):
    for number in range(start, start + count):
        fakes.write_tiny(
            folder / f"{study}-{number}.dcm", study=study, series=f"{study}.1", instance=f"{study}.1.{number}", **given
        )
    return folder


def bring(house, *paths, who="anna", **given):
    return importing.import_paths(house.workbench, house[who], paths=list(paths), **given)


def snapshot(folder):
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def deep(levels):
    """Return explicit little endian sequences nested that deep."""
    item, end, close = b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"
    body = b""
    for _ in range(levels):
        body = b"\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff" + item + body + end + close
    return body


def test_bad_inputs_go_to_quarantine_by_name_and_the_rest_goes_on(house, tmp_path):
    folder = write_ct(tmp_path / "in", instances=1)
    good = (folder / "0-0.dcm").read_bytes()
    (folder / "readme.txt").write_text("no image")
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "truncated.dcm").write_bytes(good[: len(good) // 2])
    header = good[: good.index(b"\x08\x00\x05\x00CS") if b"\x08\x00\x05\x00CS" in good else 400]
    (folder / "nested.dcm").write_bytes(header + deep(250))
    (folder / "link.dcm").symlink_to(folder / "0-0.dcm")
    with zipfile.ZipFile(folder / "evil.zip", "w") as archive:
        archive.writestr("../../escape.dcm", good)
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 not an archive")
    before = snapshot(folder)
    report = bring(house, folder, folder / "evil.zip", folder / "broken.zip")
    assert report.instances == 1
    codes = {row.code: row.instances for row in report.quarantined}
    assert {"not-dicom", "symbolic-link", "archive-member-name", "archive-damaged"} <= set(codes)
    assert sum(codes.values()) == 9  # the archives lie in the folder too
    assert all(row.message and row.hint for row in report.quarantined)
    assert snapshot(folder) == before
    assert not (tmp_path / "escape.dcm").exists()
    listed = queries.quarantine_list(house.workbench, house["anna"])
    assert len(listed) == 9
    assert len(house.events("instance.quarantined")) == 9
    assert [path.name for path in house.workbench.staging.iterdir()] == ["gate"]


def test_a_zip_is_imported_like_a_folder(house, tmp_path):
    folder = write_ct(tmp_path / "in", instances=2)
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"DOE_JANE/{path.name}")
    report = bring(house, tmp_path / "in.zip")
    assert (report.instances, report.quarantined) == (2, ())
    assert bring(house, folder).already == 2


def test_a_file_without_permission_is_named(house, tmp_path, monkeypatch):
    folder = write_ct(tmp_path / "in", instances=2)
    (folder / "0-1.dcm").chmod(0)
    # The superuser may read everything; ask as anybody else would be answered.
    monkeypatch.setattr(os, "access", lambda path, _mode: bool(path.stat().st_mode & 0o444))
    report = bring(house, folder)
    assert [row.code for row in report.quarantined] == ["file-not-readable"]


@pytest.mark.usefixtures("faked")
class TestContradictions:
    """What only shows when more than one object is seen."""

    def test_the_same_content_twice_is_one_instance(self, house, tmp_path):
        folder = tiny(tmp_path / "a", count=2)
        (folder / "copy.dcm").write_bytes((folder / "1.2.3-1.dcm").read_bytes())
        report = bring(house, folder)
        assert (report.instances, report.already, report.quarantined) == (2, 1, ())

    @pytest.mark.parametrize("together", [True, False])
    def test_one_instance_with_other_content_goes_to_quarantine(self, house, tmp_path, together):
        tiny(tmp_path / "a")
        tiny(tmp_path / "b", comment="other")
        if together:
            report = bring(house, tmp_path / "a", tmp_path / "b")
        else:
            bring(house, tmp_path / "a")
            report = bring(house, tmp_path / "b")
        assert [(row.code, row.instances) for row in report.quarantined] == [("instance-conflict", 1)]
        entry = queries.quarantine_list(house.workbench, house["olga"])[0]
        assert entry.study == "WB-000001"
        reviewing.discard_item(house.workbench, house["olga"], item=entry.item, reason="the first is right")
        assert queries.quarantine_list(house.workbench, house["olga"]) == ()
        with pytest.raises(WrongState):
            reviewing.discard_item(house.workbench, house["olga"], item=entry.item, reason="again")

    @pytest.mark.parametrize(
        "other", [{"name": "Roe^Richard"}, {"birth": "19701231"}, {"name": "Roe^Richard", "birth": "19701231"}]
    )
    def test_two_patients_under_one_id_are_never_merged(self, house, tmp_path, other):
        bring(house, tiny(tmp_path / "a", study="1.2.3"))
        report = bring(house, tiny(tmp_path / "b", study="1.2.4", **other))
        assert [row.code for row in report.quarantined] == ["two-patients-one-id"]
        assert report.studies[0].state is StudyState.QUARANTINED
        assert report.studies[0].reason_code == "two-patients-one-id"
        with house.workbench.database.reading() as reading:
            one, two = reading.studies.get("WB-000001"), reading.studies.get("WB-000002")
            assert one.patient != two.patient
        with pytest.raises(WrongState) as refused:
            reviewing.accept(house.workbench, house["olga"], study="WB-000002", reason="same person, married")
        assert refused.value.code == "question-open"
        assert "ID-000001" in refused.value.hint

    @pytest.mark.parametrize("same", [{"name": "Doe^Jane^Quincy"}, {"name": ""}, {"birth": ""}])
    def test_a_name_that_only_says_more_is_the_same_patient(self, house, tmp_path, same):
        bring(house, tiny(tmp_path / "a", study="1.2.3"))
        report = bring(house, tiny(tmp_path / "b", study="1.2.4", **same))
        assert report.quarantined == ()
        with house.workbench.database.reading() as reading:
            assert reading.studies.get("WB-000001").patient == reading.studies.get("WB-000002").patient

    def test_a_study_whose_instances_name_two_patients_is_quarantined_whole(self, house, tmp_path):
        tiny(tmp_path / "a", start=1, patient_id="P1")
        tiny(tmp_path / "a", start=2, patient_id="P2")
        report = bring(house, tmp_path / "a")
        assert [(row.code, row.instances) for row in report.quarantined] == [("two-patients-one-study", 2)]
        with pytest.raises(WrongState) as refused:
            reviewing.accept(house.workbench, house["olga"], study="WB-000001", reason="same person")
        assert refused.value.code == "not-acceptable"
        assert not queries.study_view(house.workbench, house["olga"], study="WB-000001").decision("accept").allowed

    def test_a_late_instance_of_another_patient_stays_out(self, house, tmp_path):
        bring(house, tiny(tmp_path / "a", patient_id="P1"))
        report = bring(house, tiny(tmp_path / "b", start=2, patient_id="P2"))
        assert [row.code for row in report.quarantined] == ["split-study"]
        assert report.instances == 0
        report = bring(house, tiny(tmp_path / "c", start=3, patient_id="P2", name="Roe^Rita", birth="19500101"))
        assert [row.code for row in report.quarantined] == ["patient-differs"]

    @pytest.mark.parametrize("patient_id", ["", "0", "ANON", "UNKNOWN", "0000"])
    def test_a_placeholder_id_makes_one_patient_per_study_with_a_notice(self, house, tmp_path, patient_id):
        tiny(tmp_path / "a", study="1.2.3", patient_id=patient_id, name="One^A")
        tiny(tmp_path / "a", study="1.2.4", patient_id=patient_id, name="Two^B")
        report = bring(house, tmp_path / "a")
        assert report.quarantined == ()
        assert len(report.notices) == 1
        with house.workbench.database.reading() as reading:
            assert reading.studies.get("WB-000001").patient != reading.studies.get("WB-000002").patient

    def test_a_discarded_study_may_be_imported_anew_and_its_copies_are_gone(self, house, tmp_path):
        bring(house, tiny(tmp_path / "a"))
        reviewing.quarantine(house.workbench, house["olga"], study="WB-000001", reason="wrong patient")
        with house.workbench.database.reading() as reading:
            objects = [instance.object for instance in reading.studies.instances("WB-000001")]
        reviewing.discard(house.workbench, house["olga"], study="WB-000001", reason="wrong patient")
        assert not any(house.workbench.objects.exists(name) for name in objects)
        report = bring(house, tmp_path / "a")
        assert [(row.study, row.state) for row in report.studies] == [("WB-000002", StudyState.RECEIVED)]

    def test_a_quarantined_study_takes_nothing_in_without_a_reason_and_both_rights(self, house, tmp_path):
        bring(house, tiny(tmp_path / "a"))
        reviewing.quarantine(house.workbench, house["olga"], study="WB-000001", reason="incomplete")
        report = bring(house, tiny(tmp_path / "b", start=2))
        assert [row.code for row in report.quarantined] == ["study-in-quarantine"]
        with pytest.raises(NotPermitted):
            bring(house, tmp_path / "b", again="now complete")
        report = bring(house, tmp_path / "b", who="both", again="now complete")
        assert [(row.study, row.state, row.instances) for row in report.studies] == [
            ("WB-000001", StudyState.RECEIVED, 2)
        ]

    def test_there_is_one_entry_per_series(self, house, tmp_path):
        for series in (1, 2, 3):
            for number in (1, 2):
                fakes.write_tiny(
                    tmp_path / "a" / f"{series}-{number}.dcm",
                    study="1.2.3",
                    series=f"1.2.3.{series}",
                    instance=f"1.2.3.{series}.{number}",
                )
        bring(house, tmp_path / "a")
        assert house.events("series.imported", "study.received", "import.completed") == [
            *["series.imported"] * 3,
            "study.received",
            "import.completed",
        ]

    def test_originals_lie_encrypted_from_the_first_byte(self, house, tmp_path):
        bring(house, tiny(tmp_path / "a", name="Canary^Carla", patient_id="CANARY-77"))
        bring(house, tiny(tmp_path / "b", name="Canary^Carla", patient_id="CANARY-77", comment="other"))
        house.workbench.close()
        for path in house.made.home.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert b"CANARY-77" not in content, path.name
                assert b"Canary" not in content, path.name

    def test_the_log_names_no_file_and_no_identity(self, house, tmp_path):
        folder = tiny(tmp_path / "DOE_JANE", patient_id="CANARY-77")
        (folder / "CANARY.txt").write_text("no image")
        bring(house, folder)
        with house.workbench.database.reading() as reading:
            bodies = b"".join(entry.body for entry in reading.ledger.entries())
        assert not [needle for needle in (b"CANARY", b"DOE", b"Doe", b"1.2.3") if needle in bodies]


def test_a_missing_path_is_named_before_anything_is_done(house, tmp_path):
    before = len(house.events())
    with pytest.raises(UsageError) as refused:
        bring(house, tmp_path / "DOE_JANE")
    assert refused.value.code == "input-missing"
    assert "DOE" not in refused.value.message
    assert len(house.events()) == before


def test_who_may_not_import_leaves_one_entry_and_nothing_else(house, tmp_path):
    with pytest.raises(NotPermitted):
        bring(house, tmp_path, who="olga")
    assert house.events("import.started", "permission.denied") == ["permission.denied"]
