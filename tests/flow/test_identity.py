"""One person over time: what is certain, what is asked, and what an answer brings about."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.flow import fakes
from tests.flow.conftest import PASSWORD
from workbench.audit.events import StudyQuarantined
from workbench.audit.ledger import Ledger
from workbench.deid.pseudonyms import draw
from workbench.flow import accounts, identity, importing, patients, preparing, queries, recipients, releasing, reviewing
from workbench.flow.home import open_home
from workbench.records.errors import (
    InstanceRefused,
    IntegrityBroken,
    NotPermitted,
    StorageFailed,
    UsageError,
    WrongState,
)
from workbench.records.states import StudyState

KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
OTHER_ID = {"patient_id": "P2"}
"""The same name and birth date under another Patient ID."""


@pytest.fixture(autouse=True)
def faked(monkeypatch):
    fakes.install(monkeypatch)


def tiny(folder, *, study="1.2.3", count=1, start=1, **given):
    for number in range(start, start + count):
        fakes.write_tiny(
            folder / f"{study}-{number}.dcm", study=study, series=f"{study}.1", instance=f"{study}.1.{number}", **given
        )
    return folder


def bring(house, folder, who="anna", **given):
    return importing.import_paths(house.workbench, house[who], paths=[folder], **given)


def prepare(house, study="WB-000001", scope="trial-7", **given):
    return preparing.prepare(house.workbench, house["anna"], study=study, scope=scope, pixels="off", **given)


def answer(house, question="ID-000001", *, same, who="olga", reason="asked the ward"):
    return identity.answer(house.workbench, house[who], question=question, same=same, reason=reason)


def approve(house, study="WB-000001", **given):
    reviewing.submit(house.workbench, house["anna"], study=study)
    return reviewing.approve(house.workbench, house["olga"], study=study, **given)


def release(house, *studies):
    return releasing.create_release(
        house.workbench,
        house["olga"],
        recipient="Trial 7",
        purpose="research",
        basis="de-identified",
        expires_days=30,
        studies=studies,
    )


def code_of(house, study):
    with house.workbench.database.reading() as reading:
        return reading.preparations.current(study).patient_code


def refused(call):
    with pytest.raises((NotPermitted, UsageError, WrongState)) as caught:
        call()
    assert caught.value.hint
    return caught.value.code


# -- what is recognised


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ({}, {"name": "Roe^Jane"}, "two-patients-one-id"),
        ({}, {"birth": "19620704"}, "two-patients-one-id"),
        ({"IssuerOfPatientID": "A"}, {"IssuerOfPatientID": "B"}, "one-id-two-sites"),
        ({"IssuerOfPatientID": "A"}, {}, "one-id-two-sites"),
        (
            {"birth": "", "InstitutionName": "Saint Nowhere"},
            {"birth": "", "InstitutionName": "Elsewhere General"},
            "one-id-two-sites",
        ),
        ({}, {"patient_id": "P2"}, "one-patient-two-ids"),
        ({}, {"patient_id": "P2", "name": "Jane Doe"}, "one-patient-two-ids"),
        ({}, {"patient_id": "P2", "name": "Doe^Jane^Quincy"}, "one-patient-two-ids"),
        ({}, {"patient_id": "", "name": "DOE^JANE"}, "one-patient-two-ids"),
    ],
)
def test_what_is_doubtful_is_asked_and_waits(house, tmp_path, first, second, code):
    bring(house, tiny(tmp_path / "a", study="1.2.3", **first))
    report = bring(house, tiny(tmp_path / "b", study="1.2.4", **second))
    assert [row.code for row in report.quarantined] == [code]
    assert report.studies[0].state is StudyState.QUARANTINED
    (row,) = identity.questions(house.workbench, house["olga"])
    assert (row.code, row.study, row.others) == (code, "WB-000002", ("WB-000001",))
    assert house.events("identity.asked", "study.quarantined") == ["identity.asked", "study.quarantined"]
    assert refused(lambda: prepare(house, "WB-000002")) == "wrong-state"
    notices = queries.study_view(house.workbench, house["olga"], study="WB-000002").notices
    assert any("ID-000001" in notice for notice in notices)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({}, {"name": "Doe^Jane^Quincy"}),
        ({}, {"name": ""}),
        ({"InstitutionName": "A"}, {"InstitutionName": "B"}),
        ({"IssuerOfPatientID": "A", "birth": ""}, {"IssuerOfPatientID": "A", "birth": "", "InstitutionName": "B"}),
        ({}, {"patient_id": "P2", "name": "Doe^John"}),
        ({}, {"patient_id": "P2", "birth": ""}),
        ({"PatientSex": "F"}, {"patient_id": "P2", "PatientSex": "M"}),
    ],
)
def test_what_is_certain_is_not_asked(house, tmp_path, first, second):
    bring(house, tiny(tmp_path / "a", study="1.2.3", **first))
    assert bring(house, tiny(tmp_path / "b", study="1.2.4", **second)).quarantined == ()
    assert identity.questions(house.workbench, house["olga"]) == ()


def test_what_was_answered_is_not_asked_again(house, tmp_path):
    bring(house, tiny(tmp_path / "a", study="1.2.3"))
    bring(house, tiny(tmp_path / "b", study="1.2.4", name="Roe^Rita"))
    answer(house, same=False)
    assert bring(house, tiny(tmp_path / "c", study="1.2.5", name="Roe^Rita")).quarantined == ()
    with house.workbench.database.reading() as reading:
        patients = [reading.studies.get(f"WB-00000{number}").patient for number in (1, 2, 3)]
    assert patients[1] == patients[2] != patients[0]


# -- the same person over time


def test_months_later_after_a_restart_the_same_patient_has_the_same_pseudonyms(house, tmp_path):
    bring(house, tiny(tmp_path / "a", study="1.2.3"))
    prepare(house)
    with house.workbench.database.reading() as reading:
        scope = reading.scopes.named("trial-7").id
        key = reading.persons.group(reading.studies.get("WB-000001").patient)[0].key.hex()
        before = reading.scopes.drawn(scope, kind="patient", source=key)
    house.workbench.close()
    house.clock.skip(days=200)
    house.workbench = open_home(house.made.home, clock=house.clock)
    house.actors |= {name: _signed_in_again(house, name) for name in ("anna", "olga")}
    bring(house, tiny(tmp_path / "b", study="1.2.4"))
    prepare(house, "WB-000002")
    assert code_of(house, "WB-000001") == code_of(house, "WB-000002")
    with house.workbench.database.reading() as reading:
        assert reading.scopes.drawn(scope, kind="patient", source=key) == before
        assert 1 <= before.offset_days <= 3650
    assert house.events("crosswalk.assigned") == ["crosswalk.assigned"]
    prepare(house, "WB-000002", scope="trial-8")
    assert code_of(house, "WB-000001") != code_of(house, "WB-000002")


def _signed_in_again(house, name):
    return accounts.sign_in(house.workbench, name=name, password=PASSWORD).actor


def test_random_pseudonyms_are_drawn_once_and_kept_sealed(house, tmp_path, monkeypatch):
    drawn = []

    def watched(random):
        drawn.append(draw(random))
        return drawn[-1]

    monkeypatch.setattr(patients, "draw", watched)
    bring(house, tiny(tmp_path / "a", study="1.2.3"))
    bring(house, tiny(tmp_path / "b", study="1.2.4"))
    for study in ("WB-000001", "WB-000002"):
        prepare(house, study, profile="safe-harbor")
        prepare(house, study, profile="safe-harbor")
    assert len(drawn) == 1
    assert code_of(house, "WB-000001") == code_of(house, "WB-000002")
    assert code_of(house, "WB-000001").endswith(drawn[0].code)
    prepare(house, "WB-000002", profile="safe-harbor", scope="trial-8")
    assert len({one.code for one in drawn}) == len({one.key for one in drawn}) == 2
    assert house.events("crosswalk.assigned") == ["crosswalk.assigned"] * 2
    house.workbench.close()
    stored = b"".join(path.read_bytes() for path in house.made.home.rglob("*") if path.is_file())
    assert not [one for one in drawn if one.key in stored or one.key.hex().encode() in stored]


def test_two_who_draw_at_the_same_time_get_the_same(house, tmp_path):
    bring(house, tiny(tmp_path / "a"))
    meet = threading.Barrier(6)
    with house.workbench.database.reading() as reading:
        group = reading.persons.group(reading.studies.get("WB-000001").patient)
    scope = preparing._scope(house.workbench, house["anna"], "trial-7")

    def assign(_number):
        meet.wait()
        return patients.one_person(
            house.workbench, house["anna"], scope, group, study="WB-000001", random=True
        ).assigned

    with ThreadPoolExecutor(6) as pool:
        drawn = set(pool.map(assign, range(6)))
    assert len(drawn) == 1
    assert house.events("crosswalk.assigned") == ["crosswalk.assigned"]


def test_a_crosswalk_that_was_altered_prepares_nothing(house, tmp_path):
    bring(house, tiny(tmp_path / "a"))
    prepare(house)
    with closing(sqlite3.connect(house.made.home / "workbench.sqlite")) as database, database:
        database.execute("UPDATE pseudonym SET value = 'AAAAAAAAAAAA'")
    before = house.events()
    with pytest.raises(IntegrityBroken) as caught:
        prepare(house)
    assert caught.value.code == "crosswalk-differs"
    assert house.events() == before


# -- answers


def test_the_same_person_shares_code_uids_and_known_values_from_then_on(house, tmp_path):
    bring(house, tiny(tmp_path / "a", study="1.2.3"))
    prepare(house)
    first = code_of(house, "WB-000001")
    bring(house, tiny(tmp_path / "b", study="1.2.4", patient_id="P2", name="DOE^JANE^MAIDENNAME"))
    done = answer(house, same=True)
    assert (done.state, done.same) == (StudyState.RECEIVED, True)
    assert done.touched.preparations == ("PR-000001",)
    prepare(house, "WB-000002")
    assert code_of(house, "WB-000002") == first
    given = seen_by_the_engine(house, "WB-000001")
    assert {value.text for value in given} >= {"Doe^Jane", "DOE^JANE^MAIDENNAME"}
    assert house.events("identity.answered", "patient.linked", "quarantine.accepted") == [
        "identity.answered",
        "patient.linked",
        "quarantine.accepted",
    ]


def seen_by_the_engine(house, study):
    with house.workbench.database.reading() as reading:
        group = reading.persons.group(reading.studies.get(study).patient)
        known = [reading.persons.known(one) or frozenset() for one in reading.persons.studies([m.id for m in group])]
    return frozenset().union(*known)


def test_different_persons_under_one_id_never_share_a_code(house, tmp_path):
    bring(house, tiny(tmp_path / "a", study="1.2.3"))
    bring(house, tiny(tmp_path / "b", study="1.2.4", name="Roe^Rita"))
    done = answer(house, same=False)
    assert (done.state, done.touched.preparations) == (StudyState.RECEIVED, ())
    for study in ("WB-000001", "WB-000002"):
        prepare(house, study)
    assert code_of(house, "WB-000001") != code_of(house, "WB-000002")
    assert house.events("patient.linked") == []


def test_a_study_waits_until_every_question_is_answered(house, tmp_path):
    bring(house, tiny(tmp_path / "a", study="1.2.3", patient_id="P1"))
    bring(house, tiny(tmp_path / "b", study="1.2.4", patient_id="P2"))
    answer(house, same=False)
    bring(house, tiny(tmp_path / "c", study="1.2.5", patient_id="P3"))
    assert [row.question for row in identity.questions(house.workbench, house["olga"])] == ["ID-000002", "ID-000003"]
    assert answer(house, "ID-000002", same=True).state is StudyState.QUARANTINED
    assert answer(house, "ID-000003", same=False).state is StudyState.RECEIVED
    with house.workbench.database.reading() as reading:
        roots = [reading.persons.root(reading.studies.get(f"WB-00000{number}").patient) for number in (1, 2, 3)]
    assert roots[0] == roots[2] != roots[1]


def test_name_and_birth_date_that_both_contradict_are_never_one_person(house, tmp_path):
    bring(house, tiny(tmp_path / "a", study="1.2.3"))
    bring(house, tiny(tmp_path / "b", study="1.2.4", name="Roe^Rita", birth="19700101"))
    assert refused(lambda: answer(house, same=True)) == "not-acceptable"
    with house.workbench.database.reading() as reading:
        assert reading.studies.get("WB-000002").state is StudyState.QUARANTINED
        assert len(reading.persons.questions()) == 1
    assert answer(house, same=False).state is StudyState.RECEIVED


@pytest.mark.parametrize(
    ("who", "question", "reason", "code"),
    [
        ("anna", "ID-000001", "because", "role-not-permitted"),
        ("vera", "ID-000001", "because", "role-not-permitted"),
        ("olga", "ID-000009", "because", "question-unknown"),
        ("olga", "Doe^Jane", "because", "question-unknown"),
        ("olga", "ID-000001", " ", "reason-missing"),
    ],
)
def test_an_answer_that_does_not_count_changes_nothing(house, tmp_path, who, question, reason, code):
    bring(house, tiny(tmp_path / "a", study="1.2.3"))
    bring(house, tiny(tmp_path / "b", study="1.2.4", **OTHER_ID))
    assert refused(lambda: answer(house, question, same=True, who=who, reason=reason)) == code
    assert house.events("identity.answered", "patient.linked") == []
    with house.workbench.database.reading() as reading:
        assert reading.studies.get("WB-000002").state is StudyState.QUARANTINED
    assert answer(house, same=True).same
    assert refused(lambda: answer(house, same=False)) == "question-answered"


def test_no_other_way_leads_past_a_question(house, tmp_path):
    bring(house, tiny(tmp_path / "a", study="1.2.3"))
    bring(house, tiny(tmp_path / "b", study="1.2.4", **OTHER_ID))
    accept = lambda: reviewing.accept(house.workbench, house["olga"], study="WB-000002", reason="it is fine")  # noqa: E731
    assert refused(accept) == "question-open"
    report = bring(house, tiny(tmp_path / "c", study="1.2.4", start=2, **OTHER_ID), who="both", again="complete now")
    assert [row.code for row in report.quarantined] == ["study-in-quarantine"]
    reviewing.discard(house.workbench, house["olga"], study="WB-000002", reason="wrong")
    assert identity.questions(house.workbench, house["olga"]) == ()
    assert refused(lambda: answer(house, same=True)) == "question-answered"


def test_a_person_who_quarantined_it_too_keeps_it_there(house, tmp_path):
    bring(house, tiny(tmp_path / "a", study="1.2.3"))
    bring(house, tiny(tmp_path / "b", study="1.2.4", **OTHER_ID))
    with house.workbench.database.transaction() as transaction:
        refusal = InstanceRefused("quarantined-by-a-person", "A person did.", "Ask them.")
        transaction.quarantine.add(
            refusal, by=house["olga"].user_id, at=house.clock(), study_id="WB-000002", note="consent"
        )
        transaction.ledger.append(StudyQuarantined(study="WB-000002", code=refusal.code), actor=house["olga"])
    assert answer(house, same=False).state is StudyState.QUARANTINED


def test_an_answer_of_which_the_entry_cannot_be_written_is_none(house, tmp_path, monkeypatch):
    bring(house, tiny(tmp_path / "a", study="1.2.3"))
    bring(house, tiny(tmp_path / "b", study="1.2.4", **OTHER_ID))
    honest = Ledger.append
    for kind in ("identity.answered", "patient.linked", "quarantine.accepted"):

        def fail(self, connection, event, kind=kind, **given):
            if event.kind == kind:
                raise StorageFailed("disk-full", "The disk is full.", "Free some space.")
            return honest(self, connection, event, **given)

        monkeypatch.setattr(Ledger, "append", fail)
        with pytest.raises(StorageFailed):
            answer(house, same=True)
        monkeypatch.setattr(Ledger, "append", honest)
        with house.workbench.database.reading() as reading:
            assert len(reading.persons.questions()) == 1
            assert reading.studies.get("WB-000002").state is StudyState.QUARANTINED
            assert len(reading.persons.group(reading.studies.get("WB-000001").patient)) == 1
    assert answer(house, same=True).state is StudyState.RECEIVED


# -- a split study


def test_a_later_part_under_another_id_waits_and_joins_when_it_is_the_same(house, tmp_path):
    bring(house, tiny(tmp_path / "a"))
    bring(house, tiny(tmp_path / "b", start=2, count=2, **OTHER_ID))
    assert bring(house, tmp_path / "b").already == 2  # it waits already
    (row,) = identity.questions(house.workbench, house["olga"])
    assert (row.code, row.study, row.files) == ("split-study", "WB-000001", 2)
    assert prepare(house).instances == 1  # what is here may go on; what waits is not part of it
    done = answer(house, same=True)
    assert (done.joined, done.touched.preparations) == (2, ("PR-000001",))
    assert queries.quarantine_list(house.workbench, house["olga"]) == ()
    made = prepare(house)
    assert made.instances == 3
    assert bring(house, tiny(tmp_path / "c", start=4, **OTHER_ID)).instances == 1  # known by now


def test_a_part_of_somebody_else_stays_out_for_good(house, tmp_path):
    bring(house, tiny(tmp_path / "a"))
    bring(house, tiny(tmp_path / "b", start=2, name="Roe^Rita"))
    done = answer(house, same=False)
    assert (done.joined, done.state) == (0, StudyState.RECEIVED)
    assert prepare(house).instances == 1
    report = bring(house, tiny(tmp_path / "c", start=3, name="Roe^Rita"))
    assert [row.code for row in report.quarantined] == ["patient-differs"]
    assert identity.questions(house.workbench, house["olga"]) == ()


def test_a_part_that_joined_by_a_wrong_answer_is_refused_once_it_is_corrected(house, tmp_path):
    bring(house, tiny(tmp_path / "a"))
    bring(house, tiny(tmp_path / "b", start=2, **OTHER_ID))
    answer(house, same=True)
    assert prepare(house).instances == 2
    touched = identity.part(house.workbench, house["olga"], study="WB-000001", reason="it was not")
    assert touched.preparations == ("PR-000001",)
    made = prepare(house)
    assert (made.instances, [row.code for row in made.refused]) == (1, ["patient-differs"])


# -- merges and splits


def test_a_merge_names_versions_and_packages_and_they_need_successors(house, tmp_path):
    recipients.add_recipient(house.workbench, house["olga"], name="Trial 7", key=KEY)
    for number, name in ((3, "Doe^Jane"), (4, "Roe^Rita")):
        bring(house, tiny(tmp_path / str(number), study=f"1.2.{number}", patient_id=f"P{number}", name=name))
    for study in ("WB-000001", "WB-000002"):
        prepare(house, study)
        approve(house, study)
    made = release(house, "WB-000002")
    touched = identity.link(house.workbench, house["olga"], study="WB-000001", other="WB-000002", reason="she married")
    assert touched.studies == ("WB-000001", "WB-000002")
    assert touched.preparations == ("PR-000001", "PR-000002")
    assert touched.releases == (made.release,)
    for study in touched.studies:
        assert refused(lambda study=study: release(house, study)) == "needs-successor"
        view = queries.study_view(house.workbench, house["olga"], study=study)
        assert view.preparation is not None
        assert view.preparation.touched
        prepare(house, study)
        approve(house, study)
    assert code_of(house, "WB-000001") == code_of(house, "WB-000002")
    assert release(house, "WB-000001", "WB-000002").instances == 2
    assert (
        refused(
            lambda: identity.link(
                house.workbench, house["olga"], study="WB-000002", other="WB-000001", reason="she married"
            )
        )
        == "one-person-already"
    )


@pytest.mark.parametrize("step", ["submit", "approve"])
def test_no_decision_is_taken_on_what_needs_a_successor(house, tmp_path, step):
    for number in (3, 4):
        bring(house, tiny(tmp_path / str(number), study=f"1.2.{number}", patient_id=f"P{number}", name=f"Doe{number}"))
    prepare(house)
    if step == "approve":
        reviewing.submit(house.workbench, house["anna"], study="WB-000001")
    identity.link(house.workbench, house["olga"], study="WB-000001", other="WB-000002", reason="merged")
    actor = house["anna" if step == "submit" else "olga"]
    assert refused(lambda: reviewing.STEPS[step](house.workbench, actor, study="WB-000001")) == "needs-successor"
    view = queries.study_view(house.workbench, actor, study="WB-000001")
    assert not view.decision(step).allowed


def test_the_log_alone_stops_a_version_that_needs_a_successor(house, tmp_path):
    """Whoever deletes the row does not delete the entry."""
    recipients.add_recipient(house.workbench, house["olga"], name="Trial 7", key=KEY)
    for number in (3, 4):
        bring(house, tiny(tmp_path / str(number), study=f"1.2.{number}", patient_id=f"P{number}", name=f"Doe{number}"))
    prepare(house)
    approve(house)
    identity.link(house.workbench, house["olga"], study="WB-000001", other="WB-000002", reason="merged")
    with closing(sqlite3.connect(house.made.home / "workbench.sqlite")) as database, database:
        database.execute("DELETE FROM touched")
    assert refused(lambda: release(house, "WB-000001")) == "needs-successor"


def test_a_split_gives_each_their_own_code_again(house, tmp_path):
    for number in (3, 4):
        bring(house, tiny(tmp_path / str(number), study=f"1.2.{number}", patient_id=f"P{number}", name=f"Doe{number}"))
    prepare(house)
    identity.link(house.workbench, house["olga"], study="WB-000001", other="WB-000002", reason="merged")
    for study in ("WB-000001", "WB-000002"):
        prepare(house, study)
    shared = code_of(house, "WB-000002")
    touched = identity.part(house.workbench, house["olga"], study="WB-000002", reason="merged in error")
    assert touched.preparations == ("PR-000002", "PR-000003")
    for study in ("WB-000001", "WB-000002"):
        prepare(house, study)
    assert code_of(house, "WB-000001") == shared != code_of(house, "WB-000002")
    assert (
        refused(lambda: identity.part(house.workbench, house["olga"], study="WB-000002", reason="again"))
        == "nothing-to-part"
    )


def test_a_study_that_shares_its_id_with_a_stranger_can_be_split_off(house, tmp_path):
    """Two strangers under one Patient ID whose values do not tell them apart: only a person can know."""
    for study in ("1.2.3", "1.2.4"):
        bring(house, tiny(tmp_path / study, study=study, birth="", name=""))
    prepare(house)
    prepare(house, "WB-000002")
    assert code_of(house, "WB-000001") == code_of(house, "WB-000002")
    identity.part(house.workbench, house["olga"], study="WB-000002", reason="two people, one number")
    prepare(house, "WB-000002")
    assert code_of(house, "WB-000001") != code_of(house, "WB-000002")


def test_a_merge_while_a_version_is_made_is_noticed(house, tmp_path, monkeypatch):
    for number in (3, 4):
        bring(house, tiny(tmp_path / str(number), study=f"1.2.{number}", patient_id=f"P{number}", name=f"Doe{number}"))
    honest = preparing._work

    def work(*given, **more):
        made = honest(*given, **more)
        identity.link(house.workbench, house["olga"], study="WB-000001", other="WB-000002", reason="merged")
        return made

    monkeypatch.setattr(preparing, "_work", work)
    assert refused(lambda: prepare(house, "WB-000002")) == "study-changed"
    assert house.events("study.prepared") == []


def test_comparing_shows_both_in_clear_and_is_on_record(house, tmp_path):
    bring(house, tiny(tmp_path / "a", study="1.2.3"))
    bring(house, tiny(tmp_path / "b", study="1.2.4", **OTHER_ID))
    assert refused(lambda: identity.compare(house.workbench, house["vera"], question="ID-000001")) == (
        "role-not-permitted"
    )
    rows = {
        row.attribute: (row.here, row.other)
        for row in identity.compare(house.workbench, house["olga"], question="ID-000001")
    }
    assert rows["Patient ID"] == ("P2", "P1")
    assert rows["Name"] == ("Doe^Jane", "Doe^Jane")
    assert house.events("value.revealed") == ["value.revealed"]
    assert "Doe" not in repr(identity.compare(house.workbench, house["olga"], question="ID-000001"))


def test_nothing_of_it_is_in_clear(house, tmp_path):
    canary = {"patient_id": "CANARY-77", "name": "Canary^Carla", "birth": "19330303", "InstitutionName": "CANARYHOUSE"}
    bring(house, tiny(tmp_path / "a", study="1.2.3", **canary))
    bring(house, tiny(tmp_path / "b", study="1.2.4", **{**canary, "patient_id": "CANARY-88"}))
    bring(house, tiny(tmp_path / "c", study="1.2.3", start=2, **{**canary, "patient_id": "CANARY-99"}))
    for question in ("ID-000001", "ID-000002", "ID-000003"):
        with house.workbench.database.reading() as reading:
            known = question in [one.id for one in reading.persons.questions()]
        if known:
            answer(house, question, same=True, reason="CANARYREASON told me")
    for study in ("WB-000001", "WB-000002"):
        prepare(house, study)
    identity.part(house.workbench, house["olga"], study="WB-000002", reason="CANARYREASON erred")
    with house.workbench.database.reading() as reading:
        bodies = b"".join(entry.body for entry in reading.ledger.entries())
    house.workbench.close()
    stored = bodies + b"".join(path.read_bytes() for path in house.made.home.rglob("*") if path.is_file())
    for needle in (b"CANARY", b"Canary", b"CARLA", b"19330303"):
        assert needle not in stored
