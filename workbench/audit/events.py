"""Every kind of event the log can hold, one frozen class each; what is not declared here cannot be written.

All fields are checked when an event is made (`audit.shapes`). Optional fields that are None are left out of the entry.
`urgent` kinds ask for a checkpoint at once: whatever happens to the log after them, the outside copy covers them.
Fields that end in `_commitment` hold a keyed digest of a text that is sealed elsewhere and may be destroyed there.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, ClassVar, dataclass_transform, get_args, get_type_hints

from workbench.audit.canon import Plain
from workbench.audit.shapes import Counts, Digest, Id, TagPath, Version, Word, plain
from workbench.records.actor import Role

KINDS: dict[str, type["Event"]] = {}
"""Every event class by its kind."""


class Event:
    """Base of all events. Made by the `event` decorator only."""

    __slots__ = ()
    kind: ClassVar[str]
    urgent: ClassVar[bool]

    def __post_init__(self) -> None:
        self.data()

    def data(self) -> dict[str, Plain]:
        """Return the fields as they stand in the entry, checked.

        Raises
        ------
        UsageError
            `event-refused` when a value does not have the shape that its field declares.
        """
        return {
            name: plain(hint, value, f"{name} of {self.kind}")
            for name, hint in shape_of(type(self)).items()
            if (value := getattr(self, name)) is not None or NoneType not in get_args(hint)
        }


def shape_of(cls: Any) -> dict[str, Any]:
    """Return the declared type of each field of an event class."""
    return _shape_of(cls)


@cache
def _shape_of(cls: Any) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in fields(cls)}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(kind: str, *, urgent: bool = False) -> Any:
    """Make a class an event of that kind and register it."""

    def register(cls: type[Event]) -> type[Event]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.kind, made.urgent = kind, urgent
        if kind in KINDS:
            raise ValueError(f"two events of kind {kind}")
        KINDS[kind] = made
        return made

    return register


# The home, the keys and the log itself


@event("home.init", urgent=True)
class HomeInitialised(Event):
    """A home was made. `key` is the fingerprint of the log's verifier key."""

    key: Digest
    software: Version
    demo: bool = False
    solo: bool = False


@event("home.started")
class HomeStarted(Event):
    """A server or worker opened the home; `settings` is the digest of its settings."""

    software: Version
    settings: Digest


@event("home.settings", urgent=True)
class SettingsChanged(Event):
    """Settings took effect that the last entry of this kind did not have. `solo` allows single-person approval."""

    settings: Digest
    solo: bool
    folder_mode: bool = True


class KeyPurpose(StrEnum):
    """What a key is for."""

    LOG = "log"
    SEAL = "seal"
    INDEX = "index"
    OBJECTS = "objects"
    SCOPE = "scope"


@event("key.created", urgent=True)
class KeyCreated(Event):
    """A key was made. `key` is the fingerprint of its public half or of its identifier, never of the secret."""

    purpose: KeyPurpose
    key: Digest
    scope: Id | None = None


@event("key.rotated", urgent=True)
class KeyRotated(Event):
    """A key took the place of another."""

    purpose: KeyPurpose
    key: Digest
    previous: Digest


@event("log.verified")
class LogVerified(Event):
    """Somebody had the log verified. `problems` counts by code; `size` is the number of entries checked."""

    ok: bool
    size: int
    checkpoints: int
    problems: Counts
    witnessed: bool


@event("log.read")
class LogRead(Event):
    """Somebody read entries; `question` is a keyed digest of the filters."""

    entries: int
    question: Digest | None = None


@event("log.exported", urgent=True)
class LogExported(Event):
    """The log was written out; `export` is the digest of the file."""

    entries: int
    export: Digest


@event("log.checkpoint")
class CheckpointPublished(Event):
    """A checkpoint was handed to somebody outside (a printed report, another host)."""

    size: int
    root: Digest
    channel: Word


@event("log.restored", urgent=True)
class LogRestored(Event):
    """Two people vouch that the database was restored from a backup.

    The outside checkpoints knew `lost_size` entries with the root `lost_root`; the restored log had `size`.
    """

    size: int
    root: Digest
    lost_size: int
    lost_root: Digest
    second: Id
    reason_commitment: Digest | None = None


# Accounts and sessions


@event("account.created", urgent=True)
class AccountCreated(Event):
    """An account was made. `first` by the one-time code of `init`."""

    account: Id
    roles: tuple[Role, ...]
    first: bool = False


@event("account.disabled", urgent=True)
class AccountDisabled(Event):
    """An account can no longer sign in; its sessions ended."""

    account: Id
    sessions: int = 0


@event("account.enabled", urgent=True)
class AccountEnabled(Event):
    """An account may sign in again."""

    account: Id


@event("account.roles", urgent=True)
class RolesChanged(Event):
    """An account's roles changed."""

    account: Id
    before: tuple[Role, ...]
    after: tuple[Role, ...]


class PasswordCause(StrEnum):
    """Why a password changed."""

    OWNER = "owner"
    RESET = "reset"
    FIRST = "first"


@event("account.password")
class PasswordChanged(Event):
    """An account has a new password."""

    account: Id
    cause: PasswordCause


class Front(StrEnum):
    """Through which front end."""

    CLI = "cli"
    APP = "app"
    API = "api"


@event("session.opened")
class SessionOpened(Event):
    """Somebody signed in."""

    account: Id
    front: Front
    factors: int = 1


class Refusal(StrEnum):
    """Why a sign-in was refused."""

    UNKNOWN_ACCOUNT = "unknown-account"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - a reason, not a password
    WRONG_CODE = "wrong-code"
    DISABLED = "disabled"
    LOCKED = "locked"


@event("session.refused")
class SessionRefused(Event):
    """A sign-in failed. `account` only when the name was known; `name_commitment` digests what was typed."""

    reason: Refusal
    front: Front
    account: Id | None = None
    name_commitment: Digest | None = None


class SessionEnd(StrEnum):
    """Why a session ended."""

    SIGN_OUT = "sign-out"
    IDLE = "idle"
    ABSOLUTE = "absolute"
    REVOKED = "revoked"


@event("session.closed")
class SessionClosed(Event):
    """A session ended."""

    account: Id
    cause: SessionEnd


@event("permission.denied")
class PermissionDenied(Event):
    """Somebody tried what they may not do. `rule` names the permission or the second-person rule."""

    rule: Word
    study: Id | None = None
    release: Id | None = None


# Arrival and quarantine


@event("import.started")
class ImportStarted(Event):
    """Somebody brought files."""

    batch: Id


@event("import.completed")
class ImportCompleted(Event):
    """All files of a batch were read, quarantined or recognised as already here."""

    batch: Id
    instances: int
    studies: int
    quarantined: int
    duplicates: int = 0
    ignored: int = 0


@event("series.imported")
class SeriesImported(Event):
    """One series of a batch is in the store; `root` is the Merkle root over its instances' input digests."""

    batch: Id
    study: Id
    series: Id
    instances: int
    root: Digest


@event("study.received")
class StudyReceived(Event):
    """A study arrived for the first time, or grew."""

    study: Id
    series: int
    instances: int
    grew: bool = False


@event("instance.quarantined")
class InstanceQuarantined(Event):
    """One input was set aside; `code` says why."""

    quarantine: Id
    code: Word
    batch: Id | None = None
    study: Id | None = None


@event("study.quarantined", urgent=True)
class StudyQuarantined(Event):
    """A study was set aside by a person or a rule."""

    study: Id
    code: Word
    reason_commitment: Digest | None = None


@event("quarantine.accepted", urgent=True)
class QuarantineAccepted(Event):
    """Somebody took an input or a study out of quarantine by name."""

    quarantine: Id | None = None
    study: Id | None = None
    code: Word | None = None
    reason_commitment: Digest | None = None


@event("quarantine.discarded", urgent=True)
class QuarantineDiscarded(Event):
    """Somebody had an input or a study in quarantine deleted."""

    quarantine: Id | None = None
    study: Id | None = None
    code: Word | None = None
    reason_commitment: Digest | None = None


# Preparation and review


@event("series.prepared")
class SeriesPrepared(Event):
    """One series was de-identified and verified. `changes` counts by action, `findings` by check."""

    study: Id
    preparation: Id
    series: Id
    instances: int
    held: int
    changes: Counts
    findings: Counts
    root: Digest


@event("study.prepared", urgent=True)
class StudyPrepared(Event):
    """A preparation is complete and immutable; `root` is the Merkle root over its instances."""

    study: Id
    preparation: Id
    profile: Word
    profile_digest: Digest
    scope: Id
    root: Digest
    software: Version
    instances: int
    held: int
    pixels_checked: bool
    changes: Counts
    findings: Counts


@event("study.verified")
class StudyVerified(Event):
    """The verifier judged a preparation again."""

    study: Id
    preparation: Id
    instances: int
    held: int
    findings: Counts


@event("study.submitted", urgent=True)
class StudySubmitted(Event):
    """A preparation awaits a second person."""

    study: Id
    preparation: Id
    root: Digest


@event("study.approved", urgent=True)
class StudyApproved(Event):
    """A second person approved exactly this root. `accepted` counts the held instances taken by name, by check."""

    study: Id
    preparation: Id
    root: Digest
    profile_digest: Digest
    prepared_by: Id
    submitted_by: Id
    instances: int
    accepted: Counts
    single_person: bool = False


@event("study.returned", urgent=True)
class StudyReturned(Event):
    """A submitted preparation was sent back."""

    study: Id
    preparation: Id
    reason_commitment: Digest | None = None


@event("study.withdrawn", urgent=True)
class StudyWithdrawn(Event):
    """An approval was taken back."""

    study: Id
    preparation: Id
    reason_commitment: Digest | None = None


# Looking


@event("study.viewed")
class StudyViewed(Event):
    """Somebody opened a study, with concealed values."""

    study: Id
    preparation: Id | None = None


@event("value.revealed", urgent=True)
class ValueRevealed(Event):
    """Somebody had an original value shown."""

    study: Id
    attribute: TagPath | None = None
    preparation: Id | None = None
    values: int = 1


@event("crosswalk.read", urgent=True)
class CrosswalkRead(Event):
    """Somebody turned pseudonyms back, or had the crosswalk written out."""

    scope: Id
    study: Id | None = None
    values: int = 1
    reason_commitment: Digest | None = None


@event("report.made")
class ReportMade(Event):
    """An audit report was made; `report` names it, `digest` is the file's."""

    report: Word
    digest: Digest
    format: Word


# Release


@event("recipient.added", urgent=True)
class RecipientAdded(Event):
    """Somebody outside may receive packages; `key` is the digest of their public key."""

    recipient: Id
    key: Digest


@event("recipient.disabled", urgent=True)
class RecipientDisabled(Event):
    """A recipient receives nothing more."""

    recipient: Id


@event("release.created", urgent=True)
class ReleaseCreated(Event):
    """A package exists. `approvals` are the sequence numbers of the entries that approved what is in it."""

    release: Id
    recipient: Id
    studies: tuple[Id, ...]
    preparations: tuple[Id, ...]
    approvals: tuple[int, ...]
    instances: int
    manifest: Digest
    package: Digest
    bytes: int
    expires: datetime
    purpose: Word | None = None
    basis: Word | None = None
    purpose_commitment: Digest | None = None
    basis_commitment: Digest | None = None


@event("release.delivered", urgent=True)
class ReleaseDelivered(Event):
    """A package left the house; `channel` says how."""

    release: Id
    channel: Word


@event("release.expired", urgent=True)
class ReleaseExpired(Event):
    """A release is over by its date."""

    release: Id


@event("release.revoked", urgent=True)
class ReleaseRevoked(Event):
    """A release was withdrawn. What was already fetched cannot be called back by software."""

    release: Id
    reason_commitment: Digest | None = None


@event("receipt.recorded", urgent=True)
class ReceiptRecorded(Event):
    """A recipient proved that the package could be opened; `receipt` is the digest of the receipt."""

    release: Id
    receipt: Digest
    opened_at: datetime | None = None


@event("receipt.refused")
class ReceiptRefused(Event):
    """A receipt did not prove what it should."""

    code: Word
    release: Id | None = None
