"""Prepared versions: immutable, verified, with everything that is held back and why."""

import pytest

from tests.flow import fakes
from workbench.flow import importing, preparing, queries, reviewing
from workbench.flow.changes import decode
from workbench.records.errors import IntegrityBroken, NotPermitted, ProfileError, UsageError, WrongState
from workbench.records.states import StudyState
from workbench.release.root import instance_leaf, preparation_root


@pytest.fixture
def mixed(house, tmp_path, monkeypatch):
    """A study with an ultrasound series, a refused instance and one with a privacy issue."""
    fakes.install(monkeypatch)
    plan = [(1, 1, False, ""), (1, 2, False, "issue"), (1, 3, False, "refuse"), (2, 1, True, ""), (2, 2, True, "")]
    for series, number, ultrasound, comment in plan:
        fakes.write_tiny(
            tmp_path / "in" / f"{series}-{number}.dcm",
            study="1.2.3",
            series=f"1.2.3.{series}",
            instance=f"1.2.3.{series}.{number}",
            ultrasound=ultrasound,
            comment=comment,
        )
    importing.import_paths(house.workbench, house["anna"], paths=[tmp_path / "in"])
    return house


def prepare(house, study="WB-000001", scope="trial-7", **given):
    return preparing.prepare(house.workbench, house["anna"], study=study, scope=scope, pixels="off", **given)


def test_what_is_held_refused_or_found_is_shown_and_counted_once(mixed):
    made = prepare(mixed)
    assert (made.instances, made.held) == (3, 2)
    assert [(hold.name, hold.instances, hold.series) for hold in made.holds] == [("series-2.ultrasound", 2, 1)]
    assert [(row.code, row.instances) for row in made.refused] == [("planted-refusal", 1)]
    assert made.refused[0].message == fakes.REFUSAL.message
    assert [(row.check, row.series, row.instance) for row in made.issues] == [("needle", 0, 1)]
    assert made.pixels == "not checked"


def test_an_instance_with_a_privacy_issue_has_no_output_anywhere(mixed):
    made = prepare(mixed)
    with mixed.workbench.database.reading() as reading:
        rows = reading.preparations.instances(made.preparation)
    assert [row.object is None for row in rows] == [False, True, True, False, False]
    assert [row.leaf is None for row in rows] == [False, True, True, False, False]


def test_the_root_is_over_the_outputs_and_stands_in_the_log(mixed):
    made = prepare(mixed)
    with mixed.workbench.database.reading() as reading:
        rows = reading.preparations.instances(made.preparation)
        leaves = [instance_leaf(sop_instance=r.sop_uid, sha256=r.output_digest) for r in rows if r.output_digest]
        entries = [entry for entry in reading.ledger.entries() if entry.kind in ("series.prepared", "study.prepared")]
    assert made.root == preparation_root(leaves) == entries[-1].data["root"]
    assert [entry.kind for entry in entries] == ["series.prepared", "series.prepared", "study.prepared"]
    assert entries[-1].data["pixels_checked"] is False
    assert entries[-1].data["findings"] == {"needle": 1}


def test_accepted_by_name_goes_out_and_the_rest_stays_behind(mixed):
    prepare(mixed)
    reviewing.submit(mixed.workbench, mixed["anna"], study="WB-000001")
    with pytest.raises(UsageError) as refused:
        reviewing.approve(mixed.workbench, mixed["olga"], study="WB-000001", accept=["series-2.photograph"])
    assert refused.value.code == "hold-unknown"
    reviewing.approve(mixed.workbench, mixed["olga"], study="WB-000001", accept=["series-2.ultrasound"])
    view = queries.study_view(mixed.workbench, mixed["vera"], study="WB-000001")
    assert view.preparation is not None
    assert [(hold.accepted, hold.accepted_by) for hold in view.preparation.holds] == [(True, "olga")]
    assert view.preparation.held == 0


def test_changes_are_kept_sealed_one_block_per_series(mixed):
    made = prepare(mixed)
    with mixed.workbench.database.reading() as reading:
        series = reading.studies.all_series("WB-000001")
        blocks = [decode(reading.preparations.changes(made.preparation, one.id)) for one in series]
    assert [block.instances for block in blocks] == [2, 2]
    assert blocks[0].rows[0].change.before == b"Doe^Jane"
    mixed.workbench.close()
    assert b"Doe^Jane" not in (mixed.made.home / "workbench.sqlite").read_bytes()


def test_another_scope_gives_other_identifiers_and_a_new_version(mixed):
    first, second = prepare(mixed), prepare(mixed, scope="trial-8")
    again = prepare(mixed)
    with mixed.workbench.database.reading() as reading:
        uids = [
            {row.sop_uid for row in reading.preparations.instances(made.preparation) if row.sop_uid}
            for made in (first, second, again)
        ]
        states = [made.state.value for made in reading.preparations.of_study("WB-000001")]
    assert not uids[0] & uids[1]
    assert uids[0] == uids[2]
    assert (first.number, second.number, again.number) == (1, 2, 3)
    assert first.root == again.root != second.root
    assert states == ["prepared", "superseded", "superseded"]
    assert mixed.events("key.created") == ["key.created", "key.created"]


def test_a_new_version_needs_a_new_approval(mixed):
    prepare(mixed)
    reviewing.submit(mixed.workbench, mixed["anna"], study="WB-000001")
    reviewing.approve(mixed.workbench, mixed["olga"], study="WB-000001")
    made = prepare(mixed)
    assert made.approved_by == ""
    view = queries.study_view(mixed.workbench, mixed["olga"], study="WB-000001")
    assert view.row.state is StudyState.PREPARED
    assert [earlier.state for earlier in view.earlier] == ["approved"]


def test_late_instances_ask_for_a_new_version(mixed, tmp_path):
    prepare(mixed)
    fakes.write_tiny(tmp_path / "late" / "x.dcm", study="1.2.3", series="1.2.3.9", instance="1.2.3.9.1")
    importing.import_paths(mixed.workbench, mixed["anna"], paths=[tmp_path / "late"])
    view = queries.study_view(mixed.workbench, mixed["anna"], study="WB-000001")
    assert any("arrived after" in notice for notice in view.notices)
    assert not view.decision("submit").allowed
    with pytest.raises(WrongState) as refused:
        reviewing.submit(mixed.workbench, mixed["anna"], study="WB-000001")
    assert refused.value.code == "prepare-again"
    prepare(mixed)
    assert reviewing.submit(mixed.workbench, mixed["anna"], study="WB-000001") is StudyState.SUBMITTED


def test_an_original_that_was_tampered_with_stops_the_preparation(mixed):
    with mixed.workbench.database.reading() as reading:
        name = reading.studies.instances("WB-000001")[0].object
    path = mixed.workbench.objects.path_of(name)
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityBroken):
        prepare(mixed)
    assert mixed.events("study.prepared") == []
    assert [path.name for path in mixed.workbench.staging.iterdir()] == ["gate"]


def test_a_study_that_changes_while_it_is_prepared_is_not_recorded(mixed, tmp_path, monkeypatch):
    honest = preparing._work

    def late(*args, **given):
        made = honest(*args, **given)
        fakes.write_tiny(tmp_path / "late" / "x.dcm", study="1.2.3", series="1.2.3.9", instance="1.2.3.9.1")
        importing.import_paths(mixed.workbench, mixed["tom"], paths=[tmp_path / "late"])
        return made

    monkeypatch.setattr(preparing, "_work", late)
    with pytest.raises(WrongState) as refused:
        prepare(mixed)
    assert refused.value.code == "study-changed"
    assert mixed.events("study.prepared") == []


def test_nothing_to_release_cannot_be_submitted(house, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    fakes.write_tiny(tmp_path / "in" / "x.dcm", study="1.2", series="1.2.1", instance="1.2.1.1", comment="issue")
    importing.import_paths(house.workbench, house["anna"], paths=[tmp_path / "in"])
    assert prepare(house).instances == 0
    with pytest.raises(WrongState) as refused:
        reviewing.submit(house.workbench, house["anna"], study="WB-000001")
    assert refused.value.code == "nothing-to-approve"


@pytest.mark.parametrize("profile", ["no-such-profile", "/nowhere/profile.yaml"])
def test_an_unknown_profile_is_a_named_refusal(mixed, profile):
    with pytest.raises(ProfileError) as refused:
        prepare(mixed, profile=profile)
    assert refused.value.hint


def test_a_profile_that_lets_more_through_without_a_reason_is_refused(mixed, tmp_path):
    file = tmp_path / "weak.yaml"
    file.write_text(
        "profile: weak\nversion: 1\ntitle: Weak\nstandard: ps315-2026d\nextends: basic\n"
        "rules:\n  - {tag: PatientBirthDate, do: keep}\n"
    )
    with pytest.raises(ProfileError) as refused:
        prepare(mixed, profile=str(file))
    assert refused.value.code == "profile-invalid"
    reasoned = file.read_text().replace("do: keep", "do: keep, why: the trial compares ages, signed: Olga")
    file.write_text(reasoned)
    with pytest.raises(WrongState) as untested:
        prepare(mixed, profile=str(file))
    assert untested.value.code == "profile-not-activated"
    assert mixed.events("study.prepared") == []


def test_who_may_not_prepare_is_refused_before_anything_is_decrypted(mixed, monkeypatch):
    monkeypatch.setattr(preparing, "_work", None)
    for who in ("olga", "vera", "rita", "root"):
        with pytest.raises(NotPermitted):
            preparing.prepare(mixed.workbench, mixed[who], study="WB-000001", scope="trial-7", pixels="off")
    assert len(mixed.events("permission.denied")) == 4
    assert mixed.events("key.created") == []


def test_an_unknown_study_is_no_denial(mixed):
    before = len(mixed.events())
    with pytest.raises(UsageError):
        prepare(mixed, study="WB-999999")
    with pytest.raises(UsageError):
        prepare(mixed, study="Doe^Jane")
    assert len(mixed.events()) == before


def test_two_workers_give_the_same_version(prepared):
    """Same input, profile and scope: the same root, on any number of workers."""
    with prepared.workbench.database.reading() as reading:
        first = reading.preparations.current("WB-000001").root
    again = preparing.prepare(
        prepared.workbench, prepared["anna"], study="WB-000001", scope="trial-7", jobs=2, pixels="off"
    )
    assert again.root == first
