"""Every kind of event the log can hold, one frozen class each; what is not declared here cannot be written.

All fields are checked when an event is made (`audit.shapes`). Optional fields that are None are left out of the entry.
`urgent` kinds ask for a checkpoint at once: whatever happens to the log after them, the outside copy covers them.
Fields that end in `_commitment` hold a keyed digest of a text that is sealed elsewhere and may be destroyed there.
"""

from workbench.audit.event import KINDS, Event, event, shape_of
from workbench.audit.house_events import (
    AccountCreated,
    AccountDisabled,
    AccountEnabled,
    CheckpointPublished,
    Front,
    HomeInitialised,
    HomeStarted,
    KeyCreated,
    KeyPurpose,
    KeyRotated,
    LogExported,
    LogRead,
    LogRestored,
    LogVerified,
    PasswordCause,
    PasswordChanged,
    PermissionDenied,
    Refusal,
    RolesChanged,
    SessionClosed,
    SessionEnd,
    SessionOpened,
    SessionRefused,
    SettingsChanged,
)
from workbench.audit.identity_events import (
    AgreementRecorded,
    CrosswalkAssigned,
    DeterminationRecorded,
    HomeUpgraded,
    IdentityAnswered,
    IdentityAsked,
    InstancesRejected,
    PatientLinked,
    PatientParted,
    ProfileActivated,
    ProfileTested,
)
from workbench.audit.pixel_events import (
    PixelRuleApproved,
    PixelRuleProposed,
    PixelRuleRejected,
    PixelRuleWithdrawn,
)
from workbench.audit.release_events import (
    ReceiptRecorded,
    ReceiptRefused,
    RecipientAdded,
    RecipientDisabled,
    ReleaseCreated,
    ReleaseDelivered,
    ReleaseExpired,
    ReleaseRevoked,
)
from workbench.audit.shapes import Counts, Digest, Id, TagPath, Version, Word

__all__ = [
    "KINDS",
    "AccountCreated",
    "AccountDisabled",
    "AccountEnabled",
    "AgreementRecorded",
    "CheckpointPublished",
    "CrosswalkAssigned",
    "CrosswalkRead",
    "DeterminationRecorded",
    "Event",
    "Front",
    "HomeInitialised",
    "HomeStarted",
    "HomeUpgraded",
    "IdentityAnswered",
    "IdentityAsked",
    "ImportCompleted",
    "ImportStarted",
    "InstanceQuarantined",
    "InstancesRejected",
    "KeyCreated",
    "KeyPurpose",
    "KeyRotated",
    "LogExported",
    "LogRead",
    "LogRestored",
    "LogVerified",
    "PasswordCause",
    "PasswordChanged",
    "PatientLinked",
    "PatientParted",
    "PermissionDenied",
    "PixelRuleApproved",
    "PixelRuleProposed",
    "PixelRuleRejected",
    "PixelRuleWithdrawn",
    "ProfileActivated",
    "ProfileTested",
    "QuarantineAccepted",
    "QuarantineDiscarded",
    "ReceiptRecorded",
    "ReceiptRefused",
    "RecipientAdded",
    "RecipientDisabled",
    "Refusal",
    "ReleaseCreated",
    "ReleaseDelivered",
    "ReleaseExpired",
    "ReleaseRevoked",
    "ReportMade",
    "RolesChanged",
    "SeriesImported",
    "SeriesPrepared",
    "SessionClosed",
    "SessionEnd",
    "SessionOpened",
    "SessionRefused",
    "SettingsChanged",
    "StudyApproved",
    "StudyPrepared",
    "StudyQuarantined",
    "StudyReceived",
    "StudyReturned",
    "StudySubmitted",
    "StudyVerified",
    "StudyViewed",
    "StudyWithdrawn",
    "ValueRevealed",
    "event",
    "shape_of",
]


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
    """One series was de-identified and verified. `changes` counts by action, `findings` by check.

    `regions` counts what was blackened in its pixels, by source, when somebody looked at them; `redactions` is a keyed
    digest of the record of all that was seen and done.
    """

    study: Id
    preparation: Id
    series: Id
    instances: int
    held: int
    changes: Counts
    findings: Counts
    root: Digest
    regions: Counts | None = None
    redactions: Digest | None = None


@event("study.prepared", urgent=True)
class StudyPrepared(Event):
    """A preparation is complete and immutable; `root` is the Merkle root over its instances.

    `law` is what its profile is made for, if anything. Of a successor, `unchanged` counts the instances that are byte
    for byte those of the predecessor. `unknowns` counts by kind, over instances, what was not understood. `pixels` is
    what was asked of pixels, `pixels_checked` whether every image was then looked at as a whole.
    """

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
    law: Word | None = None
    predecessor: Id | None = None
    unchanged: int = 0
    unknowns: Counts | None = None
    references_left_out: int = 0
    pixels: Word | None = None


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
