"""Who is whom, what was rejected, what versions owe to each other: rows that identify nobody."""

import pytest

from tests.store.chain import (
    Person,
    decide,
    do,
    look,
    make_preparation,
    make_release,
    receive,
    recipient,
    scope,
    set_aside,
)
from tests.store.conftest import House
from workbench.records.errors import IntegrityBroken, UsageError, WrongState
from workbench.records.known import KnownKind, KnownValue
from workbench.records.pseudonym import Assigned
from workbench.store.activations import NewActivation
from workbench.store.person_tables import QuestionState
from workbench.store.redactions import SeriesRedactions

ONE = Person()
TWO = Person(name="CANARYNAME^JOAN", patient_id="CANARYID4712", study_uid="1.2.CANARY.7", sop_uid="1.2.CANARY.8")
KNOWN = frozenset({KnownValue(KnownKind.PATIENT, "CANARYNAME^JANE"), KnownValue(KnownKind.DATE, "CANARY19700101")})

TESTED = NewActivation("cohort", 2, "d" * 64, "ps315-2026d", "1.0", 1_000_000, 9000, 12, 0, "signed: CANARYSIGNER")


@pytest.fixture
def pair(house: House):
    return receive(house, ONE), receive(house, TWO)


def walk(house: House, one, two):
    """Use every table of the second revision once, and return the question."""
    at = house.clock()

    def all_of_it(tx):
        for study in (one, two):
            tx.persons.note_birth(study.patient, "b" * 64)
        entry = tx.quarantine.page(study_id=two.id)[0].id
        about = tx.studies.patient_identity(two.id)
        asked = tx.persons.ask(
            "one-patient-two-ids",
            study_id=two.id,
            about=about,
            other=one.patient,
            by=house.technician.id,
            at=at,
            items=[entry],
        )
        tx.persons.keep_known(one.id, KNOWN, at=at)
        where = tx.scopes.named("Dr Far")
        drawn = Assigned("CODE00000001", 77, b"CANARYKEY-32-bytes-long-in-here!")
        tx.scopes.draw(where.id, kind="patient-random", source="CANARYID4711", drawn=drawn, at=at)
        note = tx.studies.instances(two.id)[0].id
        tx.rejections.note(note, study_id=two.id, code="retention-expired", sop_uids=[f"{ONE.sop_uid}.0.1"], at=at)
        made = tx.preparations.current(one.id)
        series = tx.studies.all_series(one.id)[0].id
        tx.successors.touch([made.id], code="patient-linked", at=at)
        tx.successors.carry(made.id, {"pixels-not-checked": made.id})
        tx.successors.keep_evidence(made.id, series, {"i1": '{"after":"CANARYTEXT"}'})
        tx.redactions.keep(made.id, SeriesRedactions(series, 1, 2, "d" * 64, b"CANARYREAD"))
        tx.assurances.determine(
            profile="cohort",
            profile_digest="d" * 64,
            expert="CANARYEXPERT",
            reference="CANARYREF",
            expires_at=at,
            by=house.officer.id,
            at=at,
        )
        for reference in ("CANARYDUA-1", "CANARYDUA-2"):
            tx.assurances.agree(tx.recipients.named("Dr Far").id, reference=reference, by=house.officer.id, at=at)
        tx.assurances.keep_text(3, "CANARYREASON")
        tx.activations.add(TESTED, entry=3, by=house.officer.id, at=at)
        return asked

    make_preparation(house, one)
    set_aside(house, TWO, two.id)
    recipient(house)
    return do(house, all_of_it)


def check(house: House, one, asked):
    """Hold what `walk` wrote against what comes back."""
    with house.database.reading() as tx:
        where, made = tx.scopes.named("Dr Far"), tx.preparations.current(one.id)
        to = tx.recipients.named("Dr Far")
        assert where is not None and made is not None and to is not None  # noqa: PT018 - for the type checker
        series = tx.studies.all_series(one.id)[0].id
        assert [found.id for found in tx.persons.questions()] == [asked.id]
        assert len(tx.persons.items(asked.id)) == 1
        assert tx.persons.known(one.id) == KNOWN
        drawn = tx.scopes.drawn(where.id, kind="patient-random", source="CANARYID4711")
        assert drawn is not None
        assert (drawn.code, drawn.offset_days) == ("CODE00000001", 77)
        second = tx.studies.instances(one.id)[1].id
        assert tx.rejections.of_instances([second]) == {second: ("retention-expired",)}
        assert tx.rejections.preparations_with([second]) == (made.id,)
        assert tx.successors.touched(made.id) == "patient-linked"
        assert tx.successors.carried(made.id) == {"pixels-not-checked": made.id}
        assert tx.successors.evidence(made.id, series) == {"i1": '{"after":"CANARYTEXT"}'}
        assert tx.redactions.digests(made.id) == {series: "d" * 64}
        seen = tx.redactions.of_series(made.id, series)
        assert seen is not None
        assert (seen.content, seen.regions, seen.instances) == (b"CANARYREAD", 2, 1)
        assert tx.redactions.of_series(made.id, "SE-999999") is None
        assert [found.reference for found in tx.assurances.determinations(profile_digest="d" * 64)] == ["CANARYREF"]
        assert tx.assurances.determinations(profile_digest="e" * 64) == ()
        assert tx.assurances.agreement(to.id) == "CANARYDUA-2"
        assert (tx.assurances.text(3), tx.assurances.text(4)) == ("CANARYREASON", "")
        (activated,) = tx.activations.all()
        assert (activated.tested, activated.entry, activated.activated_by) == (TESTED, 3, house.officer.id)
        assert {member.id for member in tx.persons.born("b" * 64)} == {one.patient, asked.patient}


def test_everything_comes_back_to_who_has_the_keys(house: House, pair):
    check(house, pair[0], walk(house, *pair))


def test_nothing_of_it_is_on_the_disk_in_clear(house: House, pair):
    walk(house, *pair)
    stored = b"".join(path.read_bytes() for path in house.root.rglob("*") if path.is_file())
    assert b"CANARY" not in stored
    with house.database.reading() as tx:
        shown = repr([tx.persons.group(pair[0].patient), tx.assurances.determinations()])
    assert "CANARY" not in shown


def test_linked_patients_have_the_older_as_root_and_part_again(house: House, pair):
    one, two = pair
    three = receive(house, Person(patient_id="CANARYID4713", study_uid="1.2.CANARY.17", sop_uid="1.2.CANARY.18"))
    assert look(house, lambda tx: [member.id for member in tx.persons.group(one.patient)]) == [one.patient]
    house.clock.pass_(hours=1)
    do(house, lambda tx: tx.persons.link(three.patient, two.patient))
    do(house, lambda tx: tx.persons.link(two.patient, one.patient))

    def roots():
        return look(house, lambda tx: [tx.persons.root(study.patient) for study in (one, two, three)])

    assert len(set(roots())) == 1
    assert look(house, lambda tx: len(tx.persons.group(three.patient))) == 3
    assert look(house, lambda tx: tx.persons.studies([one.patient, two.patient])) == (one.id, two.id)
    root = roots()[0]
    do(house, lambda tx: tx.persons.part(root))
    others = [study.patient for study in (one, two, three) if study.patient != root]
    assert look(house, lambda tx: tx.persons.root(root)) == root
    assert look(house, lambda tx: tx.persons.root(others[0]) == tx.persons.root(others[1]) != root)


def test_a_question_is_answered_once(house: House, pair):
    asked = walk(house, *pair)
    give = lambda tx: tx.persons.answer(  # noqa: E731
        asked.id, verdict=QuestionState.SAME, by=house.officer.id, at=house.clock()
    )
    do(house, give)
    with pytest.raises(WrongState) as refused:
        do(house, give)
    assert refused.value.code == "question-answered"
    assert look(house, lambda tx: tx.persons.questions()) == ()
    with pytest.raises(UsageError) as unknown:
        look(house, lambda tx: tx.persons.question("ID-000099"))
    assert "workbench identity questions" in unknown.value.hint


def test_a_code_is_drawn_for_one_only(house: House, pair):
    walk(house, *pair)
    where = scope(house)
    again = Assigned("CODE00000001", 3, b"k" * 32)
    with pytest.raises(UsageError) as refused:
        do(
            house,
            lambda tx: tx.scopes.draw(
                where.id, kind="patient-random", source="somebody else", drawn=again, at=house.clock()
            ),
        )
    assert refused.value.code == "pseudonym-taken"


def test_sealed_rows_that_are_exchanged_do_not_open(house: House, pair):
    one, two = pair
    walk(house, one, two)
    do(house, lambda tx: tx.persons.keep_known(two.id, KNOWN, at=house.clock()))
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE known_values SET sealed = (SELECT sealed FROM known_values WHERE study = ?) WHERE study = ?",
            (two.id, one.id),
        )
    with pytest.raises(IntegrityBroken):
        look(house, lambda tx: tx.persons.known(one.id))


def test_what_is_known_goes_when_the_study_is_discarded(house: House, pair):
    walk(house, *pair)
    do(house, lambda tx: tx.persons.forget_known(pair[0].id))
    assert look(house, lambda tx: tx.persons.known(pair[0].id)) is None


def test_releases_with_a_preparation_are_named(house: House, pair):
    approved = decide(house, make_preparation(house, pair[0]))
    released = make_release(house, approved)
    assert look(house, lambda tx: tx.rejections.releases_with([approved.id])) == (released.id,)
    assert look(house, lambda tx: tx.successors.living([pair[0].id, pair[1].id])) == (approved.id,)
