"""Who does something. Every use case takes one explicitly."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles of the workbench; what each may do is one table in `access.policy`."""

    TECHNICIAN = "technician"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"
    REMOTE_READER = "remote_reader"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated person. `user_id` is opaque and never reused; `name` is the sign-in name."""

    user_id: str
    name: str
    roles: frozenset[Role]
    session: str = ""
