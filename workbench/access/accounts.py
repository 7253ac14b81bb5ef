"""Accounts as the rest of the product sees them, and the port by which they are kept.

`store` implements the port; nothing here knows a database.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from workbench.records.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in. `id` is opaque and never reused, `name` is the sign-in name."""

    id: str
    name: str
    printed_name: str
    roles: frozenset[Role]
    enabled: bool
    created_at: datetime
    created_by: str
    signed_in_at: datetime | None = None

    def actor(self, session: str = "") -> Actor:
        """Return who this is for a use case."""
        return Actor(user_id=self.id, name=self.name, roles=self.roles, session=session)


@dataclass(frozen=True, slots=True)
class Credential:
    """What a sign-in attempt is checked against."""

    account: str
    password_hash: str
    enabled: bool
    failures: int = 0
    failures_since: datetime | None = None
    locked_until: datetime | None = None


class Credentials(Protocol):
    """Port: where failed attempts are counted."""

    def credential(self, name: str) -> Credential | None:
        """Find by sign-in name, upper and lower case being the same; None when there is no such account."""
        ...

    def get(self, account: str) -> Account:
        """Return an account."""
        ...

    def count_failure(self, account: str, *, failures: int, since: datetime, locked_until: datetime | None) -> None:
        """Record a failed attempt."""
        ...

    def record_sign_in(self, account: str, *, at: datetime) -> None:
        """Record a successful attempt, which clears the failures."""
        ...
