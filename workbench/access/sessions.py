"""Server-side sessions: an opaque token in the user's hands, only its SHA-256 in the database.

A session ends by sign-out, after a time without activity, after an absolute time, when its account is disabled, and
when its roles change.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from workbench.access.accounts import Account
from workbench.records.actor import Actor
from workbench.records.errors import NotPermitted

TOUCH_EVERY = timedelta(seconds=30)
"""Activity is written at most this often; a page of many requests is one write."""


class EndCause(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "signed-out"
    IDLE = "idle"
    EXPIRED = "expired"
    DISABLED = "disabled"
    ROLES_CHANGED = "roles-changed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a cause, not a password
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts without activity, and at most."""

    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=10)


@dataclass(frozen=True, slots=True)
class Session:
    """`id` is opaque and may stand in the log; it is not the token."""

    id: str
    account: Account
    created_at: datetime
    seen_at: datetime
    idle: timedelta
    expires_at: datetime
    ended_at: datetime | None = None
    end_cause: EndCause | None = None

    def actor(self) -> Actor:
        """Return who acts, with the roles that the account has now."""
        return self.account.actor(self.id)

    def over(self, now: datetime) -> EndCause | None:
        """Return why the session is over at `now`, or None while it lasts."""
        if self.ended_at is not None:
            return self.end_cause or EndCause.REVOKED
        if not self.account.enabled:
            return EndCause.DISABLED
        if now >= self.expires_at:
            return EndCause.EXPIRED
        if now >= self.seen_at + self.idle:
            return EndCause.IDLE
        return None


class SessionStore(Protocol):
    """Port: where sessions are kept."""

    def add(self, *, token_hash: str, account: str, at: datetime, idle: timedelta, expires_at: datetime) -> Session:
        """Keep a new session."""
        ...

    def find(self, token_hash: str) -> Session | None:
        """Find by the token's digest, ended ones included."""
        ...

    def touch(self, session: str, *, at: datetime) -> None:
        """Record activity."""
        ...

    def end(self, session: str, *, cause: EndCause, at: datetime) -> None:
        """End one session; ending it again changes nothing."""
        ...


def start(store: SessionStore, account: Account, *, now: datetime, limits: Limits | None = None) -> tuple[str, Session]:
    """Start a session and return its token (256 random bits, shown once) with it."""
    bounds = limits or Limits()
    token = secrets.token_urlsafe(32)
    session = store.add(
        token_hash=token_digest(token),
        account=account.id,
        at=now,
        idle=bounds.idle,
        expires_at=now + bounds.absolute,
    )
    return token, session


def resume(store: SessionStore, token: str, *, now: datetime) -> Session:
    """Return the living session of a token.

    Raises
    ------
    NotPermitted
        `session-ended`, whatever the cause, also when there never was such a session.
    """
    session = store.find(token_digest(token)) if token else None
    if session is None or session.over(now) is not None:
        raise session_ended()
    return session


def due_touch(session: Session, *, now: datetime) -> bool:
    """Tell whether activity at `now` should be written (the caller then opens a transaction for it)."""
    return now - session.seen_at >= min(TOUCH_EVERY, session.idle / 2)


def token_digest(token: str) -> str:
    """Return what is stored of a token. A plain digest suffices for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_ended() -> NotPermitted:
    """Return the error for a session that is over or never was."""
    return NotPermitted("session-ended", "You are signed out.", "Sign in again.")
