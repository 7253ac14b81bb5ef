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
    set_aside,
)
from tests.store.conftest import House
from workbench.records.errors import StorageFailed, UsageError, WrongState
from workbench.records.states import ReleaseState
from workbench.store.tables import QuarantineState


@pytest.fixture
def approved(house: House):
    return decide(house, make_preparation(house, receive(house)))


def page(house: House, **wanted) -> list[str]:
    return [found.id for found in look(house, lambda tx: tx.releases.page(**wanted))]


def test_a_release_comes_back_with_its_terms_and_items(house: House, approved):
    made = make_release(house, approved)
    assert (made.id, made.state, made.purpose, made.basis) == (
        "RL-000001",
        ReleaseState.CREATED,
        "second opinion",
        "treatment",
    )
    assert (made.study_count, made.instance_count, made.solo) == (1, 3, False)
    (item,) = look(house, lambda tx: tx.releases.items(made.id))
    assert (item.study, item.preparation, item.root) == (approved.study, approved.id, approved.root)
    assert look(house, lambda tx: tx.releases.receipt_secret(made.id)) == b"CANARYSECRET-32-bytes-long-here!"


def test_a_release_counts_what_is_in_the_package_when_some_stay_behind(house: House, approved):
    made = make_release(house, approved, instances={approved.id: 2})
    (item,) = look(house, lambda tx: tx.releases.items(made.id))
    assert (made.instance_count, item.instances) == (2, 2)


def test_nothing_unapproved_is_released(house: House, approved):
    other = make_preparation(house, receive(house, Person(study_uid="2.25.1", sop_uid="2.25.2")))
    with pytest.raises(WrongState) as caught:
        make_release(house, approved, other)
    assert caught.value.code == "release-not-approved"
    assert page(house) == []
    do(house, lambda tx: tx.preparations.withdraw(approved.id))
    with pytest.raises(WrongState):
        make_release(house, approved)


def test_an_empty_or_unknown_release_is_refused(house: House):
    with pytest.raises(UsageError) as caught:
        make_release(house)
    assert caught.value.code == "release-empty"


def test_one_study_may_be_in_several_releases_and_the_pages_tell_them_apart(house: House, approved):
    one = make_release(house, approved)
    house.clock.pass_(minutes=1)
    two = make_release(house, approved)
    far = recipient(house)
    assert page(house) == [two.id, one.id]
    assert page(house, limit=1, offset=1) == [one.id]
    assert page(house, study_id=approved.study) == [two.id, one.id]
    assert page(house, recipients=[far.id]) == [two.id, one.id]
    assert page(house, recipients=[]) == []
    assert page(house, state=ReleaseState.REVOKED) == []


def test_single_person_approval_follows_into_the_release(house: House):
    prepared = make_preparation(house, receive(house))
    assert make_release(house, decide(house, prepared, by=house.technician.id, solo=True)).solo


def test_a_release_moves_only_from_the_state_that_was_seen(house: House, approved):
    made = make_release(house, approved)

    def move(tx):
        tx.releases.move(made.id, expected=ReleaseState.CREATED, to=ReleaseState.DELIVERED, at=house.clock())

    do(house, move)
    with pytest.raises(WrongState) as caught:
        do(house, move)
    assert caught.value.code == "release-changed"


def test_a_revocation_keeps_who_and_why(house: House, approved):
    made = make_release(house, approved)
    do(
        house,
        lambda tx: tx.releases.revoke(
            made.id, expected=ReleaseState.CREATED, by=house.officer.id, at=house.clock(), reason="wrong address"
        ),
    )
    found = look(house, lambda tx: tx.releases.get(made.id))
    assert (found.state, found.revoked_by, found.revoke_reason) == (
        ReleaseState.REVOKED,
        house.officer.id,
        "wrong address",
    )
    assert page(house, state=ReleaseState.REVOKED) == [made.id]


def test_a_receipt_is_kept_once(house: House, approved):
    made = make_release(house, approved)

    def add(tx):
        return tx.releases.add_receipt(
            made.id, digest="c" * 64, opened_at=house.clock(), by=house.technician.id, at=house.clock(), text="receipt"
        )

    assert look(house, lambda tx: tx.releases.receipt(made.id)) is None
    kept = do(house, add)
    assert look(house, lambda tx: tx.releases.receipt(made.id)) == kept
    with pytest.raises(WrongState) as caught:
        do(house, add)
    assert caught.value.code == "receipt-exists"


def test_releases_whose_time_is_over_are_found(house: House, approved):
    made = make_release(house, approved)
    assert look(house, lambda tx: tx.releases.overdue(now=house.clock())) == ()
    house.clock.pass_(days=400)
    assert look(house, lambda tx: tx.releases.overdue(now=house.clock())) == (made,)


def test_a_recipient_is_added_once_and_can_be_disabled(house: House):
    far = recipient(house)
    assert look(house, lambda tx: tx.recipients.named("DR FAR")) == far
    assert look(house, lambda tx: tx.recipients.named("nobody")) is None
    with pytest.raises(UsageError) as caught:
        do(
            house,
            lambda tx: tx.recipients.add(name="dr far", age_key="k", created_by=house.officer.id, at=house.clock()),
        )
    assert caught.value.code == "recipient-exists"
    do(house, lambda tx: tx.recipients.disable(far.id))
    assert [found.enabled for found in look(house, lambda tx: tx.recipients.all())] == [False]


def test_the_number_of_a_failed_package_is_never_given_again(house: House, approved):
    with house.database.transaction() as tx:
        assert tx.releases.next_id() == "RL-000001"
    assert make_release(house, approved).id == "RL-000002"


def test_quarantine_names_code_reason_and_next_step(house: House):
    study = receive(house)
    entry = set_aside(house, Person(), study.id)
    assert (entry.id, entry.state, entry.code) == ("Q-000001", QuarantineState.OPEN, "truncated")
    assert (entry.source, entry.note, entry.input_index) == (Person().path, Person().note, 4)
    assert entry.hint
    assert look(house, lambda tx: tx.quarantine.counts()) == {"truncated": 1}
    assert look(house, lambda tx: tx.quarantine.page()) == (entry,)
    assert look(house, lambda tx: tx.studies.get(study.id)).quarantined_count == 1


def test_a_closed_entry_says_who_and_why_and_lets_go_of_its_object(house: House):
    study = receive(house)
    entry = set_aside(house, Person(), study.id)
    house.clock.pass_(minutes=1)

    def close(tx):
        return tx.quarantine.close(
            entry.id, to=QuarantineState.DISCARDED, by=house.officer.id, at=house.clock(), reason="a test image"
        )

    closed = do(house, close)
    assert (closed.state, closed.closed_by, closed.closing_reason) == (
        QuarantineState.DISCARDED,
        house.officer.id,
        "a test image",
    )
    assert look(house, lambda tx: tx.quarantine.page()) == ()
    assert look(house, lambda tx: tx.quarantine.page(state=None, study_id=study.id)) == (closed,)
    assert look(house, lambda tx: tx.studies.get(study.id)).quarantined_count == 0
    assert look(house, lambda tx: tx.objects.unreferenced(stored_before=house.clock())) == (entry.object,)
    with pytest.raises(WrongState) as caught:
        do(house, close)
    assert caught.value.code == "quarantine-entry-closed"


def test_quarantine_of_something_unknown_is_refused(house: House):
    with pytest.raises(StorageFailed):
        set_aside(house, Person(), "WB-404404")
