"""Accounts: every attempt is on record, nobody learns from a refusal, and someone can always repair and decide."""

import pytest

from tests.flow.conftest import PASSWORD
from workbench.flow import accounts
from workbench.records.actor import Role
from workbench.records.errors import NotPermitted, UsageError, WrongState

DENIED = "role-not-permitted"


def last(house):
    with house.workbench.database.reading() as reading:
        return next(reading.ledger.entries(newest_first=True, limit=1))


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [
        ("anna", "not the password of anna", "wrong-password"),
        ("nobody-here", PASSWORD, "unknown-account"),
        ("anna", "x" * 10_000, "wrong-password"),
    ],
)
def test_every_refusal_reads_the_same_and_is_on_record(house, name, password, reason):
    with pytest.raises(NotPermitted) as refused:
        accounts.sign_in(house.workbench, name=name, password=password)
    assert refused.value.code == "sign-in-refused"
    entry = last(house)
    assert (entry.kind, entry.data["reason"], entry.actor) == ("session.refused", reason, "nobody")
    assert name.encode() not in entry.body
    assert password.encode() not in entry.body


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(house):
    for _ in range(5):
        with pytest.raises(NotPermitted):
            accounts.sign_in(house.workbench, name="anna", password="not the password of anna")
    with pytest.raises(NotPermitted):
        accounts.sign_in(house.workbench, name="anna", password=PASSWORD)
    assert last(house).data["reason"] == "locked"
    house.clock.skip(minutes=16)
    assert accounts.sign_in(house.workbench, name="anna", password=PASSWORD).actor.name == "anna"


def test_a_session_ends_by_idleness_with_one_entry(house):
    signed = accounts.sign_in(house.workbench, name="anna", password=PASSWORD)
    assert accounts.resume(house.workbench, token=signed.token) == signed.actor
    house.clock.skip(minutes=16)
    for _ in range(3):
        with pytest.raises(NotPermitted) as refused:
            accounts.resume(house.workbench, token=signed.token)
        assert refused.value.code == "session-ended"
    assert house.events("session.closed") == ["session.closed"]
    assert last(house).data["cause"] == "idle"


def test_activity_keeps_a_session_and_watching_does_not(house):
    signed = accounts.sign_in(house.workbench, name="anna", password=PASSWORD)
    for _ in range(3):
        house.clock.skip(minutes=10)
        accounts.resume(house.workbench, token=signed.token)
    house.clock.skip(minutes=10)
    accounts.resume(house.workbench, token=signed.token, active=False)
    house.clock.skip(minutes=6)
    with pytest.raises(NotPermitted):
        accounts.resume(house.workbench, token=signed.token)


def test_signing_out_ends_the_session_once(house):
    signed = accounts.sign_in(house.workbench, name="anna", password=PASSWORD)
    for _ in range(2):
        accounts.sign_out(house.workbench, signed.actor)
    with pytest.raises(NotPermitted):
        accounts.resume(house.workbench, token=signed.token)
    assert house.events("session.closed") == ["session.closed"]


@pytest.mark.parametrize("token", ["", "x", "0" * 43])
def test_an_invented_token_opens_nothing(house, token):
    with pytest.raises(NotPermitted):
        accounts.resume(house.workbench, token=token)


def test_disabled_accounts_and_changed_roles_end_sessions_at_once(house):
    signed = {name: accounts.sign_in(house.workbench, name=name, password=PASSWORD) for name in ("anna", "tom")}
    accounts.disable_user(house.workbench, house["root"], name="anna")
    accounts.set_roles(house.workbench, house["root"], name="tom", roles={Role.AUDITOR})
    for one in signed.values():
        with pytest.raises(NotPermitted):
            accounts.resume(house.workbench, token=one.token)
    with pytest.raises(NotPermitted):
        accounts.sign_in(house.workbench, name="anna", password=PASSWORD)
    assert house.events("account.disabled", "account.roles") == ["account.disabled", "account.roles"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda w, a: accounts.add_user(w, a["anna"], name="x", password=PASSWORD, roles={Role.ADMIN}), DENIED),
        (lambda w, a: accounts.set_roles(w, a["olga"], name="olga", roles={Role.ADMIN}), DENIED),
        (lambda w, a: accounts.set_roles(w, a["root"], name="root", roles={Role.TECHNICIAN}), "own-roles"),
        (lambda w, a: accounts.disable_user(w, a["root"], name="root"), "own-account"),
        (lambda w, a: accounts.add_user(w, a["root"], name="new", password=PASSWORD, roles=set()), "roles-missing"),
        (
            lambda w, a: accounts.add_user(
                w, a["root"], name="new", password=PASSWORD, roles={Role.ADMIN, Role.PRIVACY_OFFICER}
            ),
            "roles-exclusive",
        ),
        (lambda w, a: accounts.list_users(w, a["anna"]), DENIED),
    ],
)  # fmt: skip
def test_what_is_not_permitted_is_refused_with_one_entry(house, call, code):
    before = len(house.events())
    with pytest.raises(NotPermitted) as refused:
        call(house.workbench, house)
    assert refused.value.code == code
    assert house.events()[before:] == ["permission.denied"]
    assert last(house).data["rule"] == code


def test_the_last_officer_stays(house):
    accounts.disable_user(house.workbench, house["root"], name="paul")
    accounts.disable_user(house.workbench, house["root"], name="both")
    with pytest.raises(NotPermitted) as refused:
        accounts.disable_user(house.workbench, house["root"], name="olga")
    assert refused.value.code == "last-of-role"
    with pytest.raises(NotPermitted):
        accounts.set_roles(house.workbench, house["root"], name="olga", roles={Role.TECHNICIAN})


@pytest.mark.parametrize("password", ["short", "password password password", "anna anna anna anna", "a" * 20])
def test_weak_passwords_are_refused_without_being_repeated(house, password):
    with pytest.raises(UsageError) as refused:
        accounts.add_user(house.workbench, house["root"], name="anna2", password=password, roles={Role.AUDITOR})
    assert password not in refused.value.message + refused.value.hint


def test_an_account_is_disabled_once_and_unknown_names_are_named_so(house):
    accounts.disable_user(house.workbench, house["root"], name="tom")
    with pytest.raises(WrongState):
        accounts.disable_user(house.workbench, house["root"], name="tom")
    with pytest.raises(UsageError) as refused:
        accounts.disable_user(house.workbench, house["root"], name="nobody-here")
    assert refused.value.code == "account-unknown"


def test_sessions_that_ran_out_are_ended_in_one_go(house):
    house.clock.skip(hours=11)
    assert accounts.end_overdue(house.workbench) == len(house.actors)
    assert accounts.end_overdue(house.workbench) == 0
    assert len(house.events("session.closed")) == len(house.actors)
