"""Sign-in attempts: the same answer to every failure, and a lock after five within fifteen minutes.

Checking a password is slow on purpose, so it happens between two short transactions: read the credential, verify,
then `settle`. Guesses that run side by side gain nothing, since `settle` looks at the lock again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from workbench.access.accounts import Account, Credentials
from workbench.records.errors import NotPermitted

MOST_FAILURES = 5
WINDOW = timedelta(minutes=15)


class AttemptResult(StrEnum):
    """What an attempt came to; for the log, not for the one who tried."""

    ACCEPTED = "accepted"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - a reason, not a password
    LOCKED = "locked"
    DISABLED = "disabled"
    UNKNOWN = "unknown-account"


@dataclass(frozen=True, slots=True)
class Attempt:
    """`user_id` is empty when there is no such account. `now_locked`: this very attempt locked the account."""

    result: AttemptResult
    user_id: str = ""
    account: Account | None = None
    now_locked: bool = False


def settle(credentials: Credentials, *, name: str, verified: bool, now: datetime) -> Attempt:
    """Record an attempt whose password was (or was not) right, and say what it comes to.

    A locked account stays locked for fifteen minutes after the failure that locked it, right password or not.
    """
    credential = credentials.credential(name)
    if credential is None:
        return Attempt(AttemptResult.UNKNOWN)
    user = credential.account
    if credential.locked_until is not None and now < credential.locked_until:
        return Attempt(AttemptResult.LOCKED, user)
    if not verified:
        since = credential.failures_since
        failures = credential.failures + 1
        if since is None or now - since >= WINDOW or credential.locked_until is not None:
            since, failures = now, 1
        locked_until = now + WINDOW if failures >= MOST_FAILURES else None
        credentials.count_failure(user, failures=failures, since=since, locked_until=locked_until)
        return Attempt(AttemptResult.WRONG_PASSWORD, user, now_locked=locked_until is not None)
    if not credential.enabled:
        return Attempt(AttemptResult.DISABLED, user)
    credentials.record_sign_in(user, at=now)
    return Attempt(AttemptResult.ACCEPTED, user, credentials.get(user))


def refusal() -> NotPermitted:
    """Return the one error for every failed attempt; it does not tell whether the account exists."""
    return NotPermitted(
        "sign-in-refused",
        "The name or the password is wrong, or the account is disabled or locked.",
        "After five failed attempts an account is locked for 15 minutes. An administrator can help.",
    )
