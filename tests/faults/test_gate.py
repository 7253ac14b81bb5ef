"""Somebody with the database in hand, but without the keys, tries to get something out that nobody approved."""

import hashlib
import json
import sqlite3

import pyrage
import pytest

from tests.flow.test_releasing import STUDY, refuse, release
from workbench.audit.merkle import leaf_hash
from workbench.flow import accounts, preparing, recipients, releasing, reviewing
from workbench.records.actor import Role
from workbench.records.errors import IntegrityBroken, NotPermitted
from workbench.release import capsule

TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
BACK_TO_APPROVED = (
    "UPDATE study SET state = 'approved' WHERE id = 'WB-000001'",
    "UPDATE preparation SET state = 'approved' WHERE approved_by IS NOT NULL",
)


def attack(house, *statements, edit=None, rehash=False):
    """Go around everything that only the database enforces, and change rows and bodies at will.

    A statement is SQL, or SQL with its values.
    """
    with sqlite3.connect(house.made.home / "workbench.sqlite") as database:
        for (name,) in database.execute(TRIGGERS).fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            database.execute(*((statement,) if isinstance(statement, str) else statement))
        if edit is None:
            return
        for seq, body in database.execute("SELECT seq, body FROM audit_event").fetchall():
            document = json.loads(body)
            if edit(document):
                changed = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
                digest = leaf_hash(changed)
                database.execute("UPDATE audit_event SET body = ? WHERE seq = ?", (changed, seq))
                if rehash:
                    database.execute("UPDATE audit_event SET hash = ? WHERE seq = ?", (digest, seq))


@pytest.mark.parametrize("step", [reviewing.withdraw, reviewing.quarantine])
def test_an_approval_that_was_taken_back_stays_taken_back_whatever_the_rows_say(ready, step):
    step(ready.workbench, ready["olga"], study=STUDY, reason="stop")
    attack(ready, *BACK_TO_APPROVED)
    refuse(ready, "approval-ended", error=IntegrityBroken)


@pytest.mark.parametrize("rehash", [False, True])
def test_a_withdrawal_that_was_cut_out_or_changed_in_the_log_still_counts(ready, rehash):
    reviewing.withdraw(ready.workbench, ready["olga"], study=STUDY, reason="stop")

    def edit(document):
        if document["kind"] == "study.withdrawn":
            document["data"]["study"] = "WB-000009"
            return True
        return False

    attack(ready, *BACK_TO_APPROVED, edit=edit, rehash=rehash)
    refuse(ready, "log-broken", error=IntegrityBroken)


def test_a_withdrawal_that_was_deleted_from_the_log_still_counts(ready):
    reviewing.withdraw(ready.workbench, ready["olga"], study=STUDY, reason="stop")
    recipients.add_recipient(ready.workbench, ready["olga"], name="More", key=str(public()))
    attack(ready, *BACK_TO_APPROVED, "DELETE FROM audit_event WHERE etype = 'study.withdrawn'")
    refuse(ready, "log-broken", error=IntegrityBroken)


@pytest.mark.parametrize("rehash", [False, True])
def test_a_recipient_whose_key_was_changed_in_rows_and_log_gets_nothing(ready, rehash):
    key = str(public())

    def edit(document):
        if document["kind"] == "recipient.added":
            document["data"]["key"] = hashlib.sha256(key.encode()).hexdigest()
            return True
        return False

    attack(ready, ("UPDATE recipient SET age_key = ?", (key,)), edit=edit, rehash=rehash)
    refuse(ready, "log-broken", error=IntegrityBroken)


@pytest.mark.parametrize("rehash", [False, True])
def test_a_version_whose_scope_was_changed_in_rows_and_log_is_not_released(ready, rehash):
    with ready.workbench.database.reading() as reading:
        made = reading.preparations.current(STUDY)
        other = reading.scopes.named("trial-8")
    assert other.id != made.scope

    def edit(document):
        if document["kind"] == "study.prepared" and document["data"]["preparation"] == made.id:
            document["data"]["scope"] = other.id
            return True
        return False

    change = ("UPDATE preparation SET scope = ? WHERE id = ?", (other.id, made.id))
    attack(ready, change, edit=edit, rehash=rehash)
    refuse(ready, "log-broken", error=IntegrityBroken)


@pytest.mark.parametrize("rehash", [False, True])
def test_a_hold_that_was_accepted_in_the_log_by_hand_stays_a_hold(ready, rehash):
    def edit(document):
        if document["kind"] == "study.approved":
            document["data"]["accepted"] = {"series-2.ultrasound": 1}
            return True
        return False

    attack(ready, edit=edit, rehash=rehash)
    refuse(ready, "log-broken", error=IntegrityBroken)


def test_the_key_of_the_recipient_that_was_named_is_the_one_that_is_used(ready):
    """Two recipients whose rows exchange their ids or names: what counts is what was looked at."""
    other = str(public())
    recipients.add_recipient(ready.workbench, ready["olga"], name="Somebody else", key=other)
    attack(
        ready,
        "UPDATE recipient SET name = 'x' WHERE name = 'Trial 7'",
        "UPDATE recipient SET name = 'Trial 7' WHERE name = 'Somebody else'",
    )
    refuse(ready, "recipient-differs", error=IntegrityBroken)


def test_whose_work_it_is_stands_in_the_log_and_not_in_a_row(ready):
    """Whoever prepared it writes somebody else's name into the row and approves their own work."""
    preparing.prepare(ready.workbench, ready["both"], study=STUDY, scope="trial-7", pixels="off")
    reviewing.submit(ready.workbench, ready["anna"], study=STUDY)
    with pytest.raises(NotPermitted):
        reviewing.approve(ready.workbench, ready["both"], study=STUDY)
    attack(ready, "UPDATE preparation SET made_by = (SELECT id FROM account WHERE name = 'tom')")
    reviewing.approve(ready.workbench, ready["both"], study=STUDY)
    refuse(ready, "approval-missing", error=IntegrityBroken)


def test_a_home_does_not_become_solo_by_an_edit_of_the_log(ready):
    preparing.prepare(ready.workbench, ready["both"], study=STUDY, scope="trial-7", pixels="off")
    reviewing.submit(ready.workbench, ready["both"], study=STUDY)

    def edit(document):
        if document["kind"] == "home.init":
            document["data"]["solo"] = True
            return True
        return False

    attack(ready, edit=edit)
    with pytest.raises(IntegrityBroken) as refused:
        reviewing.approve(ready.workbench, ready["both"], study=STUDY)
    assert refused.value.code == "log-broken"
    assert ready.events("study.approved") == ["study.approved"]


@pytest.mark.parametrize("how", ["disabled", "other roles"])
def test_who_loses_the_right_while_a_package_is_written_does_not_release_it(ready, monkeypatch, how):
    honest = capsule.build_package

    def slow(*args, **given):
        if how == "disabled":
            accounts.disable_user(ready.workbench, ready["root"], name="anna")
        else:
            accounts.set_roles(ready.workbench, ready["root"], name="anna", roles={Role.AUDITOR})
        return honest(*args, **given)

    monkeypatch.setattr(releasing, "build_package", slow)
    refuse(ready, "session-ended", error=NotPermitted)
    assert ready.events("permission.denied") == ["permission.denied"]


def test_an_untouched_home_releases(ready):
    assert release(ready).instances == 2


def public():
    return pyrage.x25519.Identity.generate().to_public()
