from datetime import timedelta

import pytest

from tests.store.conftest import ENTRY, House
from workbench.access.passwords import Passwords
from workbench.access.sessions import EndCause, Limits, resume, start
from workbench.access.signin import AttemptResult, settle
from workbench.records.actor import Role
from workbench.records.errors import NotPermitted, UsageError


def do(house: House, step):
    """Take one recorded step and return what it returns."""
    with house.database.transaction() as tx:
        result = step(tx)
        tx.ledger.append(ENTRY, actor="system")
    return result


def look(house: House, step):
    with house.database.reading() as tx:
        return step(tx)


def begin(house: House, limits: Limits | None = None):
    return do(house, lambda tx: start(tx.sessions, house.technician, now=house.clock(), limits=limits))


def is_living(house: House, token: str) -> bool:
    try:
        look(house, lambda tx: resume(tx.sessions, token, now=house.clock()))
    except NotPermitted:
        return False
    return True


def test_an_account_comes_back_as_it_was_added(house: House):
    found = look(house, lambda tx: tx.accounts.get(house.technician.id))
    assert found == house.technician
    assert (found.name, found.roles, found.enabled) == ("tina", {Role.TECHNICIAN}, True)
    assert found.actor("s").session == "s"
    assert look(house, lambda tx: [a.name for a in tx.accounts.all()]) == ["otto", "tina"]
    assert look(house, lambda tx: tx.accounts.names())[found.id] == "tina"


def test_sign_in_names_are_one_whatever_their_case(house: House):
    assert look(house, lambda tx: tx.accounts.named(" TINA ")) == house.technician
    with pytest.raises(UsageError) as caught:
        do(
            house,
            lambda tx: tx.accounts.add(
                name="Tina", printed_name="", password_hash="", roles=[Role.ADMIN], created_by="", at=house.clock()
            ),
        )
    assert caught.value.code == "account-exists"


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a\nb", "<script>"])
def test_odd_sign_in_names_are_refused(house: House, name: str):
    with pytest.raises(UsageError) as caught:
        do(
            house,
            lambda tx: tx.accounts.add(
                name=name, printed_name="", password_hash="", roles=[Role.ADMIN], created_by="", at=house.clock()
            ),
        )
    assert caught.value.code == "account-name-invalid"


def test_the_lock_after_five_failures_holds_across_transactions(house: House):
    def attempt(*, verified: bool):
        return do(house, lambda tx: settle(tx.accounts, name="tina", verified=verified, now=house.clock())).result

    assert [attempt(verified=False) for _ in range(5)] == [AttemptResult.WRONG_PASSWORD] * 5
    assert attempt(verified=True) is AttemptResult.LOCKED
    house.clock.pass_(minutes=15)
    assert attempt(verified=True) is AttemptResult.ACCEPTED
    assert look(house, lambda tx: tx.accounts.get(house.technician.id)).signed_in_at == house.clock()


def test_the_digest_that_is_stored_verifies(house: House):
    passwords = Passwords()
    do(
        house,
        lambda tx: tx.accounts.set_password(
            house.technician.id, passwords.hash("four unrelated words here"), at=house.clock()
        ),
    )
    kept = look(house, lambda tx: tx.accounts.credential("tina"))
    assert passwords.verify(kept.password_hash, "four unrelated words here")


def test_only_digests_of_tokens_and_codes_are_in_the_database(house: House):
    token, _ = begin(house)
    assert token.encode() not in b"".join(path.read_bytes() for path in house.root.iterdir() if path.is_file())


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda tx, who, at: tx.accounts.disable(who, at=at), EndCause.DISABLED),
        (lambda tx, who, at: tx.accounts.set_roles(who, [Role.AUDITOR], at=at), EndCause.ROLES_CHANGED),
        (lambda tx, who, at: tx.accounts.set_password(who, "new", at=at), EndCause.PASSWORD_CHANGED),
    ],
)
def test_changing_an_account_ends_its_sessions_and_only_its(house: House, change, cause: EndCause):
    token, session = begin(house)
    other, _ = do(house, lambda tx: start(tx.sessions, house.officer, now=house.clock()))
    assert is_living(house, token)
    do(house, lambda tx: change(tx, house.technician.id, house.clock()))
    assert not is_living(house, token)
    assert look(house, lambda tx: tx.sessions.get(session.id)).end_cause is cause
    assert is_living(house, other)


def test_a_session_knows_the_roles_of_now(house: House):
    do(house, lambda tx: tx.accounts.set_roles(house.technician.id, [Role.ADMIN, Role.TECHNICIAN], at=house.clock()))
    token, _ = begin(house)
    actor = look(house, lambda tx: resume(tx.sessions, token, now=house.clock())).actor()
    assert actor.roles == {Role.ADMIN, Role.TECHNICIAN}


def test_activity_needs_no_entry_and_never_goes_back(house: House):
    token, session = begin(house, Limits(idle=timedelta(minutes=15), absolute=timedelta(hours=1)))
    later = house.clock.pass_(minutes=14)
    with house.database.transaction() as tx:
        tx.sessions.touch(session.id, at=later)
    with house.database.transaction() as tx:
        tx.sessions.touch(session.id, at=session.created_at)
    house.clock.pass_(minutes=14)
    assert is_living(house, token)
    house.clock.pass_(minutes=1)
    assert not is_living(house, token)
    assert [found.id for found in look(house, lambda tx: tx.sessions.overdue(now=house.clock()))] == [session.id]


def test_an_ended_session_keeps_its_first_cause(house: House):
    _, session = begin(house)
    for cause in (EndCause.SIGNED_OUT, EndCause.REVOKED):
        do(house, lambda tx, cause=cause: tx.sessions.end(session.id, cause=cause, at=house.clock()))
    assert look(house, lambda tx: tx.sessions.get(session.id)).end_cause is EndCause.SIGNED_OUT
    assert look(house, lambda tx: tx.sessions.living(house.technician.id)) == ()


def test_a_one_time_code_works_once_and_in_time(house: House):
    at = house.clock()
    do(house, lambda tx: tx.accounts.add_setup_code("digest", at=at, expires_at=at + timedelta(hours=1)))

    def use(code: str):
        do(house, lambda tx: tx.accounts.use_setup_code(code, account_id=house.technician.id, at=house.clock()))

    with pytest.raises(NotPermitted) as caught:
        use("other")
    assert caught.value.code == "setup-code-refused"
    use("digest")
    with pytest.raises(NotPermitted):
        use("digest")
    do(house, lambda tx: tx.accounts.add_setup_code("late", at=at, expires_at=at + timedelta(hours=1)))
    house.clock.pass_(hours=1)
    with pytest.raises(NotPermitted):
        use("late")


def test_who_may_still_sign_in_with_a_role(house: House):
    assert [a.name for a in look(house, lambda tx: tx.accounts.enabled_with(Role.PRIVACY_OFFICER))] == ["otto"]
    do(house, lambda tx: tx.accounts.disable(house.officer.id, at=house.clock()))
    assert look(house, lambda tx: tx.accounts.enabled_with(Role.PRIVACY_OFFICER)) == ()
    do(house, lambda tx: tx.accounts.enable(house.officer.id))
    assert len(look(house, lambda tx: tx.accounts.enabled_with(Role.PRIVACY_OFFICER))) == 1


def test_an_unknown_account_is_named_as_such(house: House):
    with pytest.raises(UsageError) as caught:
        do(house, lambda tx: tx.accounts.disable("nobody", at=house.clock()))
    assert caught.value.code == "account-unknown"
