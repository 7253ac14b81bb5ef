"""The users' words for states, steps, actions and roles. One list; a test checks it."""

from datetime import UTC, datetime

from workbench.records.action import Action
from workbench.records.actor import Role
from workbench.records.states import ReleaseState, StudyState

STATES: dict[StudyState, str] = {
    StudyState.RECEIVED: "Arrived",
    StudyState.PREPARED: "Prepared",
    StudyState.SUBMITTED: "Submitted",
    StudyState.RETURNED: "Returned",
    StudyState.APPROVED: "Approved",
    StudyState.QUARANTINED: "Quarantined",
    StudyState.DISCARDED: "Discarded",
}

STATE_TONES: dict[StudyState, str] = {
    StudyState.RECEIVED: "gray",
    StudyState.PREPARED: "blue",
    StudyState.SUBMITTED: "orange",
    StudyState.RETURNED: "violet",
    StudyState.APPROVED: "green",
    StudyState.QUARANTINED: "red",
    StudyState.DISCARDED: "gray",
}

RELEASE_STATES: dict[ReleaseState, str] = {
    ReleaseState.CREATED: "made, not handed over yet",
    ReleaseState.DELIVERED: "handed over",
    ReleaseState.ACKNOWLEDGED: "opened, its receipt is here",
    ReleaseState.EXPIRED: "its time is over",
    ReleaseState.REVOKED: "revoked",
}

ROLES: dict[Role, str] = {
    Role.TECHNICIAN: "Technician",
    Role.PRIVACY_OFFICER: "Privacy officer",
    Role.AUDITOR: "Auditor",
    Role.REMOTE_READER: "Remote reader",
    Role.ADMIN: "Administrator",
}

ACTIONS: dict[str, str] = {
    Action.KEEP: "Kept",
    Action.REMOVE: "Removed",
    Action.EMPTY: "Emptied",
    Action.DUMMY: "Dummy value",
    Action.REMAP: "New UID",
    Action.CLEAN: "Cleaned",
    Action.CHECK: "Checked",
    Action.SET: "Set",
    Action.CODE: "Code",
}

UNSHOWN: dict[str, str] = {
    Action.EMPTY: "(empty)",
    Action.DUMMY: "(a meaningless value)",
    Action.SET: "(what was done)",
}
"""Stands for the value after where there is none to show."""

ACTION_TONES: dict[str, str] = {
    Action.KEEP: "orange",
    Action.REMOVE: "gray",
    Action.EMPTY: "gray",
    Action.DUMMY: "blue",
    Action.REMAP: "blue",
    Action.CLEAN: "blue",
    Action.CHECK: "orange",
    Action.SET: "green",
    Action.CODE: "blue",
}
"""Calm where something went, amber where something stayed: what stays is where the risk is."""

VERSION_STATES: dict[str, str] = {
    "prepared": "Prepared",
    "submitted": "Submitted",
    "returned": "Returned",
    "approved": "Approved",
    "withdrawn": "Withdrawn",
    "superseded": "Replaced by a later version",
}


def count(number: int, one: str, many: str = "") -> str:
    """Return for example `1 instance` or `1,204 instances`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def moment(at: datetime) -> str:
    """Return a time for the office: local, with its zone."""
    local = at.astimezone()
    return f"{local:%d %b %Y, %H:%M} {local.tzname() or ''}".strip()


def utc_moment(at: datetime) -> str:
    """Return a time for the record: UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def ago(at: datetime, now: datetime) -> str:
    """Return how long ago in the coarsest unit that still helps."""
    seconds = max(0, int((now - at).total_seconds()))
    for length, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= length:
            return f"{count(seconds // length, unit)} ago"
    return "just now"


def roles(held: frozenset[Role]) -> str:
    """Return the roles in words."""
    return ", ".join(ROLES[role] for role in Role if role in held)
