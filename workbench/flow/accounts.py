"""Accounts and sessions: who may come in, and as whom."""

from collections.abc import Collection
from dataclasses import dataclass

from workbench.access import signin
from workbench.access.accounts import Account
from workbench.access.passwords import check_new_password
from workbench.access.policy import Permission, check_role_change, check_roles, demand
from workbench.access.sessions import EndCause, Session, due_touch, session_ended, start, token_digest
from workbench.access.sessions import resume as resume_session
from workbench.audit.events import (
    AccountCreated,
    AccountDisabled,
    Front,
    Refusal,
    RolesChanged,
    SessionClosed,
    SessionEnd,
    SessionOpened,
    SessionRefused,
)
from workbench.flow.home import Workbench, code_digest, is_solo
from workbench.flow.recording import Change, changing, recording_denials
from workbench.flow.shown import UserRow
from workbench.records.actor import Actor, Role
from workbench.records.errors import NotPermitted, UsageError, WrongState

_ENDS = {
    EndCause.SIGNED_OUT: SessionEnd.SIGN_OUT,
    EndCause.IDLE: SessionEnd.IDLE,
    EndCause.EXPIRED: SessionEnd.ABSOLUTE,
}
_NEEDED = (Role.ADMIN, Role.PRIVACY_OFFICER)
"""Roles of which the last holder cannot be taken away: without them nobody could repair or decide anything."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. `token` is shown once: it goes into the cookie, only its digest is kept."""

    actor: Actor
    token: str


def sign_in(workbench: Workbench, *, name: str, password: str, source: str = "app") -> SignedIn:
    """Start a session.

    Every attempt makes one entry. The answer to a failed one does not tell what was wrong.

    Raises
    ------
    NotPermitted
        `sign-in-refused`.
    """
    with workbench.database.reading() as reading:
        credential = reading.accounts.credential(name)
    verified = workbench.passwords.verify(credential.password_hash if credential else None, password)
    front = Front(source)
    now = workbench.clock()
    signed = None
    with changing(workbench) as change:
        attempt = signin.settle(change.accounts, name=name, verified=verified, now=now)
        if attempt.account is not None:
            token, session = start(change.sessions, attempt.account, now=now)
            signed = SignedIn(session.actor(), token)
            change.record(SessionOpened(account=attempt.user_id, front=front), actor=signed.actor)
            if credential is not None and workbench.passwords.needs_rehash(credential.password_hash):
                change.accounts.rehash(attempt.user_id, workbench.passwords.hash(password))
        else:
            refused = SessionRefused(
                reason=Refusal(attempt.result.value),
                front=front,
                account=attempt.user_id or None,
                name_commitment=None if attempt.user_id else workbench.keys.index("sign-in name", name.encode()),
            )
            change.record(refused, actor="nobody")
    if signed is None:
        raise signin.refusal()
    return signed


def resume(workbench: Workbench, *, token: str, active: bool = True) -> Actor:
    """Return who a token belongs to, with the roles that the account has now.

    A session that is over by time is ended on the way, with its entry. `active=False` does not prolong it.

    Raises
    ------
    NotPermitted
        `session-ended`.
    """
    now = workbench.clock()
    with workbench.database.reading() as reading:
        found = reading.sessions.find(token_digest(token)) if token else None
    if found is None:
        raise session_ended()
    cause = found.over(now)
    if cause is not None:
        if found.ended_at is None:
            _end(workbench, found, cause)
        raise session_ended()
    if active and due_touch(found, now=now):
        with workbench.database.transaction() as transaction:
            transaction.sessions.touch(resume_session(transaction.sessions, token, now=now).id, at=now)
    return found.actor()


def sign_out(workbench: Workbench, actor: Actor) -> None:
    """End the actor's session; a session that has ended already is left as it is."""
    if not actor.session:
        return
    with workbench.database.reading() as reading:
        found = reading.sessions.get(actor.session)
    if found.ended_at is None:
        _end(workbench, found, EndCause.SIGNED_OUT)


def end_overdue(workbench: Workbench) -> int:
    """End the sessions that are over by time, each with its entry; return how many."""
    with workbench.database.reading() as reading:
        overdue = reading.sessions.overdue(now=workbench.clock())
    for session in overdue:
        _end(workbench, session, session.over(workbench.clock()) or EndCause.EXPIRED)
    return len(overdue)


def first_account(workbench: Workbench, *, code: str, name: str, password: str) -> str:
    """Make the first account, an administrator, with the one-time code that `init` printed; return its id.

    Raises
    ------
    NotPermitted
        `setup-code-refused`.
    WrongState
        `accounts-exist`: further accounts are made by an administrator.
    UsageError
        `password-too-short`, …, `account-name-invalid`.
    """
    check_new_password(password, name=name)
    hashed = workbench.passwords.hash(password)
    now = workbench.clock()
    with recording_denials(workbench, "nobody"), changing(workbench) as change:
        if change.accounts.all():
            raise WrongState(
                "accounts-exist", "There are accounts already.", "Have an administrator add you: workbench user add."
            )
        made = change.accounts.add(
            name=name, printed_name="", password_hash=hashed, roles={Role.ADMIN}, created_by="", at=now
        )
        change.accounts.use_setup_code(code_digest(code), account_id=made.id, at=now)
        change.record(AccountCreated(account=made.id, roles=(Role.ADMIN,), first=True), actor="nobody")
    return made.id


def add_user(
    workbench: Workbench, actor: Actor, *, name: str, password: str, roles: Collection[Role], printed_name: str = ""
) -> str:
    """Add an account and return its id.

    Raises
    ------
    NotPermitted
        Without the permission, or `roles-missing`, `roles-exclusive`.
    UsageError
        `account-exists`, `account-name-invalid`, or a password that is too weak.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.ACCOUNT_ADD)
        check_new_password(password, name=name)
        hashed = workbench.passwords.hash(password)
        with changing(workbench) as change:
            check_roles(roles, solo=is_solo(change.transaction))
            made = change.accounts.add(
                name=name,
                printed_name=printed_name,
                password_hash=hashed,
                roles=roles,
                created_by=actor.user_id,
                at=workbench.clock(),
            )
            change.record(AccountCreated(account=made.id, roles=_ordered(roles)), actor=actor)
        return made.id


def disable_user(workbench: Workbench, actor: Actor, *, name: str) -> None:
    """Disable an account and end its sessions.

    Raises
    ------
    NotPermitted
        Without the permission, `own-account`, or `last-of-role`.
    UsageError
        `account-unknown`.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.ACCOUNT_DISABLE)
        with changing(workbench) as change:
            account = _named(change, name)
            if account.id == actor.user_id:
                raise NotPermitted("own-account", "Nobody disables their own account.", "Ask another administrator.")
            if not account.enabled:
                raise WrongState("account-disabled", "The account is disabled already.")
            _keep_one_of_each(change, account, frozenset())
            sessions = len(change.sessions.living(account.id))
            change.accounts.disable(account.id, at=workbench.clock())
            change.record(AccountDisabled(account=account.id, sessions=sessions), actor=actor)


def set_roles(workbench: Workbench, actor: Actor, *, name: str, roles: Collection[Role]) -> None:
    """Change the roles of an account; its sessions end.

    Raises
    ------
    NotPermitted
        Without the permission, `own-roles`, `roles-missing`, `roles-exclusive`, or `last-of-role`.
    UsageError
        `account-unknown`.
    """
    with recording_denials(workbench, actor), changing(workbench) as change:
        demand(actor, Permission.ACCOUNT_ROLES)
        account = _named(change, name)
        check_role_change(actor, account=account.id, roles=roles, solo=is_solo(change.transaction))
        _keep_one_of_each(change, account, frozenset(roles))
        change.accounts.set_roles(account.id, roles, at=workbench.clock())
        event = RolesChanged(account=account.id, before=_ordered(account.roles), after=_ordered(roles))
        change.record(event, actor=actor)


def list_users(workbench: Workbench, actor: Actor) -> tuple[UserRow, ...]:
    """List all accounts.

    Raises
    ------
    NotPermitted
        Without the permission.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.ACCOUNT_LIST)
        with workbench.database.reading() as reading:
            return tuple(
                UserRow(
                    user_id=account.id,
                    name=account.name,
                    roles=account.roles,
                    active=account.enabled,
                    created_at=account.created_at,
                )
                for account in reading.accounts.all()
            )


def _end(workbench: Workbench, session: Session, cause: EndCause) -> None:
    with changing(workbench) as change:
        if change.sessions.get(session.id).ended_at is not None:
            return
        change.sessions.end(session.id, cause=cause, at=workbench.clock())
        event = SessionClosed(account=session.account.id, cause=_ENDS.get(cause, SessionEnd.REVOKED))
        change.record(event, actor=session.actor())


def _named(change: Change, name: str) -> Account:
    account = change.accounts.named(name)
    if account is None:
        raise UsageError("account-unknown", "There is no such account.", "`workbench user list` shows them.")
    return account


def _keep_one_of_each(change: Change, account: Account, remaining: frozenset[Role]) -> None:
    for role in _NEEDED:
        holders = change.accounts.enabled_with(role)
        if role in account.roles and role not in remaining and [holder.id for holder in holders] == [account.id]:
            raise NotPermitted(
                "last-of-role",
                f"This is the last account with the role {role.value}.",
                "Give the role to somebody else first.",
            )


def _ordered(roles: Collection[Role]) -> tuple[Role, ...]:
    return tuple(sorted(roles))
