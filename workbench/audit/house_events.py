"""Events of the house itself: home, keys, the log, accounts and sessions. Imported through `audit.events`."""

from enum import StrEnum

from workbench.audit.event import Event, event
from workbench.audit.shapes import Counts, Digest, Id, Version, Word
from workbench.records.actor import Role

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
