"""The real engine in workbench mode: texts cleaned with what is known of the person, and the evidence kept sealed."""

import base64
import hashlib
from typing import Any

import pydicom
import pytest

from tests.flow.conftest import write_ct
from workbench.flow import identity, importing, preparing, queries
from workbench.profiles import compile_plan, load

MAIDEN: dict[str, Any] = {"name": "Zywietz^Jane", "SeriesDescription": "CHEST"}


def bring(house, folder):
    return importing.import_paths(house.workbench, house["anna"], paths=[folder])


def prepare(house, study, profile="research", **given):
    return preparing.prepare(
        house.workbench, house["anna"], study=study, scope="trial-7", profile=profile, pixels="off", **given
    )


def outputs(house, study, tmp_path):
    with house.workbench.database.reading() as reading:
        made = reading.preparations.current(study)
        rows = reading.preparations.instances(made.id)
        kept = [reading.successors.evidence(made.id, one.id) for one in reading.studies.all_series(study)]
    found = {}
    for row in rows:
        path = tmp_path / row.instance
        house.workbench.objects.export(row.object, path)
        found[row.instance] = pydicom.dcmread(path)
        path.unlink()
    return found, {name: text for series in kept for name, text in series.items()}


@pytest.fixture
def texts(house, tmp_path):
    """A study whose description names the patient by a word that is harmless to everybody else."""
    bring(house, write_ct(tmp_path / "a", instances=2, SeriesDescription="CT CHEST DOE JANE 4711-08-15"))
    return house


def test_the_patients_words_go_and_the_others_stay_with_reasons(texts, tmp_path):
    prepare(texts, "WB-000001")
    found, _ = outputs(texts, "WB-000001", tmp_path)
    for dataset in found.values():
        words = str(dataset.SeriesDescription).upper()
        assert "CHEST" in words
        assert not [word for word in ("DOE", "JANE", "4711") if word in words]
    page = queries.changes(texts.workbench, texts["olga"], study="WB-000001", search="SeriesDescription")
    (row,) = page.rows
    assert row.why
    assert row.action == "C"
    assert ";" not in row.rule
    assert not [word for word in ("doe", "jane", "4711") if word in row.why.lower()]
    assert queries.explain_rule(row.rule)


def test_evidence_is_kept_sealed_and_has_the_digest_that_the_output_names(texts, tmp_path):
    prepare(texts, "WB-000001")
    found, evidence = outputs(texts, "WB-000001", tmp_path)
    assert set(evidence) == set(found)
    for instance, dataset in found.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(evidence[instance].encode()).digest()).decode().rstrip("=")
        methods = dataset.DeidentificationMethod
        told = [methods] if isinstance(methods, str) else list(methods)
        assert f"113105 sha256 {digest}" in told
    texts.workbench.close()
    stored = b"".join(path.read_bytes() for path in texts.made.home.rglob("*") if path.is_file())
    for text in evidence.values():
        assert text.encode()[:60] not in stored


def test_a_name_of_a_prior_under_another_id_is_known_once_it_is_linked(house, tmp_path):
    """A maiden name lives on in an old description."""
    bring(house, write_ct(tmp_path / "a", instances=1, **MAIDEN))
    text = "CHEST ZYWIETZ FOLLOW UP"
    folder = write_ct(
        tmp_path / "b", instances=1, patient_id="OTHER", name="Doe^Jane", birth="19610704", SeriesDescription=text
    )
    bring(house, folder)
    identity.link(house.workbench, house["olga"], study="WB-000001", other="WB-000002", reason="she married")
    prepare(house, "WB-000002")
    found, _ = outputs(house, "WB-000002", tmp_path)
    (dataset,) = found.values()
    assert "ZYWIETZ" not in str(dataset.SeriesDescription).upper()
    assert "CHEST" in str(dataset.SeriesDescription).upper()
    (row,) = queries.changes(house.workbench, house["olga"], study="WB-000002", search="SeriesDescription").rows
    assert "the patient" in row.why


def test_a_prior_that_came_with_an_older_version_is_read_again(house, tmp_path):
    bring(house, write_ct(tmp_path / "a", instances=2, **MAIDEN))
    bring(house, write_ct(tmp_path / "b", instances=1, patient_id="OTHER", SeriesDescription="CHEST ZYWIETZ"))
    identity.link(house.workbench, house["olga"], study="WB-000001", other="WB-000002", reason="she married")
    with house.workbench.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM known_values")
    prepare(house, "WB-000002")
    (row,) = queries.changes(house.workbench, house["olga"], study="WB-000002", search="SeriesDescription").rows
    assert "the patient" in row.why
    with house.workbench.database.reading() as reading:
        known = reading.persons.known("WB-000001")
    assert any("Zywietz" in value.text for value in known)
    assert [path.name for path in house.workbench.staging.iterdir()] == ["gate"]


@pytest.mark.parametrize("profile", ["safe-harbor", "limited-data-set", "research", "teleradiology"])
def test_two_workers_and_two_runs_give_the_same_version(house, tmp_path, profile):
    bring(house, write_ct(tmp_path / "a", instances=3))
    first = prepare(house, "WB-000001", profile)
    again = prepare(house, "WB-000001", profile, jobs=2)
    assert first.instances == 3
    assert (again.root, again.unchanged) == (first.root, 3)


def test_intervals_between_studies_of_one_person_stay(house, tmp_path):
    """Two Patient IDs, linked: one date offset, so that follow-ups keep their distance."""
    bring(house, write_ct(tmp_path / "a", instances=1, StudyDate="20200110", name="Doe^Jane"))
    bring(house, write_ct(tmp_path / "b", instances=1, StudyDate="20200220", name="Roe^Jane", patient_id="OTHER"))
    identity.link(house.workbench, house["olga"], study="WB-000001", other="WB-000002", reason="she married")
    dates = []
    for study in ("WB-000001", "WB-000002"):
        prepare(house, study)
        (dataset,) = outputs(house, study, tmp_path)[0].values()
        dates.append(pydicom.valuerep.DA(dataset.StudyDate))
    assert (dates[1] - dates[0]).days == 41
    assert str(dates[0]) != "20200110"


@pytest.mark.parametrize("linked", [False, True])
def test_what_the_cleaner_missed_of_a_linked_identity_is_a_privacy_issue(house, tmp_path, monkeypatch, linked):
    """The second program searches outputs for the maiden name itself, whatever the first did with texts."""
    kept = tmp_path / "kept.yaml"
    kept.write_text(
        "profile: kept\nversion: 1\ntitle: Nothing is cleaned\nextends: basic\n"
        "rules: [{tag: SeriesDescription, do: keep, why: a test, signed: Olga}]\n"
    )
    plan = compile_plan(load(str(kept)))
    monkeypatch.setattr(preparing, "usable_plan", lambda *_given: plan)
    bring(house, write_ct(tmp_path / "a", instances=1, **MAIDEN))
    bring(house, write_ct(tmp_path / "b", instances=2, patient_id="77-88-99", SeriesDescription="CHEST ZYWIETZ-J."))
    if linked:
        identity.link(
            house.workbench, house["olga"], study="WB-000001", other="WB-000002", reason="she married, see order 17"
        )
    made = prepare(house, "WB-000002")
    assert {(issue.check, issue.where) for issue in made.issues} == (
        {("identity-in-text", "(0008,103E)"), ("identity-in-bytes", "(0008,103E)")} if linked else set()
    )
    assert made.instances == (0 if linked else 2)
    with house.workbench.database.reading() as reading:
        prepared = [entry for entry in reading.ledger.entries() if entry.kind == "study.prepared"][-1]
    assert bool(prepared.data["findings"]) is linked


@pytest.mark.parametrize("profile", ["basic", "research", "teleradiology", "limited-data-set"])
def test_priors_of_the_same_person_hold_nothing_back(house, tmp_path, profile):
    """What both studies say, and what a profile retains, is no issue because an earlier study says it too."""
    more: dict[str, Any] = {"StationName": "ROOM-7-CT", "StudyDate": "20200102", "DeviceSerialNumber": "SN-99812"}
    bring(house, write_ct(tmp_path / "a", instances=1, **more))
    bring(house, write_ct(tmp_path / "b", instances=1, **{**more, "StudyDate": "20210304"}))
    made = prepare(house, "WB-000002", profile=profile)
    assert (made.issues, made.instances) == ((), 1)
