"""Accounts, one-time codes for the first account, and sessions."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from workbench.access.accounts import Account, Credential
from workbench.access.sessions import EndCause, Session
from workbench.records.actor import Role
from workbench.records.errors import NotPermitted, UsageError
from workbench.store.repository import Repository, missing, new_id
from workbench.store.tables import account, session, setup_code

if TYPE_CHECKING:
    from sqlalchemy import Row


class Accounts(Repository):
    """Implements `access.accounts.Credentials`."""

    def add(
        self,
        *,
        name: str,
        printed_name: str,
        password_hash: str,
        roles: Collection[Role],
        created_by: str,
        at: datetime,
    ) -> Account:
        """Add an account. `created_by` is an account id, or empty for the first one.

        Raises
        ------
        UsageError
            `account-exists` when the sign-in name is taken, `account-name-invalid`.
        """
        folded = _folded(name)
        if self._exists(account, "folded_name", folded):
            raise UsageError("account-exists", "There is an account with this sign-in name.", "Choose another name.")
        row = new_id()
        self._write(
            insert(account).values(
                id=row,
                name=name.strip(),
                folded_name=folded,
                printed_name=printed_name.strip() or name.strip(),
                password_hash=password_hash,
                roles=_sorted(roles),
                enabled=1,
                created_at=at,
                created_by=created_by,
            )
        )
        return self.get(row)

    def get(self, account_id: str) -> Account:
        """Return an account.

        Raises
        ------
        UsageError
            `account-unknown`.
        """
        row = self._first(select(account).where(account.c.id == account_id))
        if row is None:
            raise missing("account")
        return account_of(row)

    def named(self, name: str) -> Account | None:
        """Find by sign-in name, upper and lower case being the same."""
        row = self._first(select(account).where(account.c.folded_name == name.strip().casefold()))
        return None if row is None else account_of(row)

    def all(self) -> tuple[Account, ...]:
        """Return every account by sign-in name, disabled ones included."""
        return tuple(account_of(row) for row in self._all(select(account).order_by(account.c.folded_name)))

    def names(self) -> dict[str, str]:
        """Return sign-in names by account id, to show who did something."""
        return {row.id: row.name for row in self._all(select(account.c.id, account.c.name))}

    def enabled_with(self, role: Role) -> tuple[Account, ...]:
        """Return the accounts that have a role and may sign in (the last administrator cannot be disabled)."""
        return tuple(found for found in self.all() if found.enabled and role in found.roles)

    def set_roles(self, account_id: str, roles: Collection[Role], *, at: datetime) -> None:
        """Change roles; the account's sessions end, so that no open page keeps what was taken away."""
        self._change(account_id, roles=_sorted(roles))
        self._end_sessions(account_id, EndCause.ROLES_CHANGED, at)

    def disable(self, account_id: str, *, at: datetime) -> None:
        """Disable an account and end its sessions."""
        self._change(account_id, enabled=0)
        self._end_sessions(account_id, EndCause.DISABLED, at)

    def enable(self, account_id: str) -> None:
        """Let an account sign in again; failed attempts are forgotten."""
        self._change(account_id, enabled=1, failures=0, failures_since=None, locked_until=None)

    def set_password(self, account_id: str, password_hash: str, *, at: datetime) -> None:
        """Replace a password hash and end the account's sessions."""
        self._change(account_id, password_hash=password_hash, failures=0, failures_since=None, locked_until=None)
        self._end_sessions(account_id, EndCause.PASSWORD_CHANGED, at)

    def rehash(self, account_id: str, password_hash: str) -> None:
        """Replace a hash by one of the same password with today's parameters."""
        changed = update(account).where(account.c.id == account_id).values(password_hash=password_hash)
        self._write(changed, audited=False)

    def credential(self, name: str) -> Credential | None:
        """Return what an attempt under this sign-in name is checked against."""
        row = self._first(select(account).where(account.c.folded_name == name.strip().casefold()))
        if row is None:
            return None
        return Credential(
            account=row.id,
            password_hash=row.password_hash,
            enabled=bool(row.enabled),
            failures=row.failures,
            failures_since=row.failures_since,
            locked_until=row.locked_until,
        )

    def count_failure(self, account_id: str, *, failures: int, since: datetime, locked_until: datetime | None) -> None:
        """Record a failed attempt."""
        self._change(account_id, failures=failures, failures_since=since, locked_until=locked_until)

    def record_sign_in(self, account_id: str, *, at: datetime) -> None:
        """Record a successful attempt, which clears the failures."""
        self._change(account_id, failures=0, failures_since=None, locked_until=None, signed_in_at=at)

    def add_setup_code(self, code_hash: str, *, at: datetime, expires_at: datetime) -> None:
        """Keep the digest of a one-time code that allows the first account."""
        self._write(insert(setup_code).values(code_hash=code_hash, created_at=at, expires_at=expires_at))

    def use_setup_code(self, code_hash: str, *, account_id: str, at: datetime) -> None:
        """Use a one-time code up for an account that was just added.

        Raises
        ------
        NotPermitted
            `setup-code-refused` when it is unknown, used or expired.
        """
        used = (
            update(setup_code)
            .where(setup_code.c.code_hash == code_hash, setup_code.c.used_at.is_(None), setup_code.c.expires_at > at)
            .values(used_at=at, used_by=account_id)
        )
        if self._write(used) != 1:
            raise NotPermitted(
                "setup-code-refused",
                "The one-time code is wrong, was used or has expired.",
                "Use the code that `workbench init` printed, within its time.",
            )

    def _change(self, account_id: str, **values: Any) -> None:
        if self._write(update(account).where(account.c.id == account_id).values(**values)) != 1:
            raise missing("account")

    def _end_sessions(self, account_id: str, cause: EndCause, at: datetime) -> None:
        self._write(
            update(session)
            .where(session.c.account == account_id, session.c.ended_at.is_(None))
            .values(ended_at=at, end_cause=cause.value)
        )


class Sessions(Repository):
    """Implements `access.sessions.SessionStore`."""

    def add(self, *, token_hash: str, account: str, at: datetime, idle: timedelta, expires_at: datetime) -> Session:
        """Keep a new session."""
        row = new_id()
        self._write(
            insert(session).values(
                id=row,
                token_hash=token_hash,
                account=account,
                created_at=at,
                seen_at=at,
                idle_seconds=int(idle.total_seconds()),
                expires_at=expires_at,
            )
        )
        return self.get(row)

    def get(self, session_id: str) -> Session:
        """Return a session, ended or not.

        Raises
        ------
        UsageError
            `session-unknown`.
        """
        found = self._sessions(session.c.id == session_id)
        if not found:
            raise missing("session")
        return found[0]

    def find(self, token_hash: str) -> Session | None:
        """Find by the token's digest, ended ones included."""
        found = self._sessions(session.c.token_hash == token_hash)
        return found[0] if found else None

    def touch(self, session_id: str, *, at: datetime) -> None:
        """Record activity; needs no audit entry, and never goes back in time."""
        living = session.c.ended_at.is_(None) & (session.c.seen_at < at)
        self._write(update(session).where(session.c.id == session_id, living).values(seen_at=at), audited=False)

    def end(self, session_id: str, *, cause: EndCause, at: datetime) -> None:
        """End one session; ending it again changes nothing."""
        living = session.c.ended_at.is_(None)
        ended = update(session).where(session.c.id == session_id, living)
        self._write(ended.values(ended_at=at, end_cause=cause.value))

    def living(self, account_id: str) -> tuple[Session, ...]:
        """Return an account's sessions that nobody ended (some may be over by time)."""
        return self._sessions((session.c.account == account_id) & session.c.ended_at.is_(None))

    def overdue(self, *, now: datetime) -> tuple[Session, ...]:
        """Return the sessions that are over by time but not yet ended, so that their end can be recorded."""
        open_ones = self._sessions(session.c.ended_at.is_(None))
        return tuple(found for found in open_ones if found.over(now) is not None)

    def _sessions(self, condition: Any) -> tuple[Session, ...]:
        found = self._all(select(session).where(condition).order_by(session.c.created_at))
        owners = self._accounts({row.account for row in found})
        return tuple(
            Session(
                id=row.id,
                account=owners[row.account],
                created_at=row.created_at,
                seen_at=row.seen_at,
                idle=timedelta(seconds=row.idle_seconds),
                expires_at=row.expires_at,
                ended_at=row.ended_at,
                end_cause=None if row.end_cause is None else EndCause(row.end_cause),
            )
            for row in found
        )

    def _accounts(self, ids: Iterable[str]) -> dict[str, Account]:
        return {row.id: account_of(row) for row in self._all(select(account).where(account.c.id.in_(list(ids))))}


def account_of(row: "Row[Any]") -> Account:
    """Return the record of a row."""
    return Account(
        id=row.id,
        name=row.name,
        printed_name=row.printed_name,
        roles=frozenset(Role(role) for role in row.roles),
        enabled=bool(row.enabled),
        created_at=row.created_at,
        created_by=row.created_by,
        signed_in_at=row.signed_in_at,
    )


def _sorted(roles: Collection[Role]) -> tuple[str, ...]:
    return tuple(sorted(Role(role).value for role in roles))


def _folded(name: str) -> str:
    folded = name.strip().casefold()
    if not 1 <= len(folded) <= 64 or not all(sign.isalnum() or sign in "._-@" for sign in folded):
        raise UsageError(
            "account-name-invalid",
            "A sign-in name has 1 to 64 letters, digits, dots, dashes, underscores or at signs.",
            "Choose another name.",
        )
    return folded
