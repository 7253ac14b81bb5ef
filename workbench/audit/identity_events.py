"""Events about who is whom, what was rejected at its source, and who vouches for what: people outside, a test.

Imported through `audit.events`.
"""

from datetime import datetime

from workbench.audit.event import Event, event
from workbench.audit.shapes import Digest, Id, Version, Word


@event("home.upgraded", urgent=True)
class HomeUpgraded(Event):
    """The database was brought to a newer revision; `backup` is the digest of the copy that was made before."""

    before: int
    after: int
    software: Version
    backup: Digest


@event("identity.asked")
class IdentityAsked(Event):
    """Something arrived of which nobody can tell by itself whose it is; it waits for an answer."""

    question: Id
    study: Id
    code: Word


@event("identity.answered", urgent=True)
class IdentityAnswered(Event):
    """Somebody said whether two patients are one person."""

    question: Id
    study: Id
    same: bool
    reason_commitment: Digest | None = None


@event("patient.linked", urgent=True)
class PatientLinked(Event):
    """Two patients are one person from now on. What is named was made before anybody knew; it needs a successor."""

    studies: tuple[Id, ...]
    preparations: tuple[Id, ...]
    releases: tuple[Id, ...]
    reason_commitment: Digest | None = None


@event("patient.parted", urgent=True)
class PatientParted(Event):
    """What counted as one person is two from now on. What is named was made in the error; it needs a successor."""

    studies: tuple[Id, ...]
    preparations: tuple[Id, ...]
    releases: tuple[Id, ...]
    reason_commitment: Digest | None = None


@event("crosswalk.assigned")
class CrosswalkAssigned(Event):
    """A patient has a code and a date offset in a scope from now on; `random` when they were drawn, not derived."""

    scope: Id
    study: Id
    random: bool


@event("instances.rejected", urgent=True)
class InstancesRejected(Event):
    """A rejection note arrived. `named` counts what it names, `here` what of it is here already."""

    study: Id
    code: Word
    named: int
    here: int
    preparations: tuple[Id, ...]
    releases: tuple[Id, ...]


@event("determination.recorded", urgent=True)
class DeterminationRecorded(Event):
    """An expert determined that the risk of one profile, as of this digest, is very small, for a time."""

    determination: Id
    profile: Word
    profile_digest: Digest
    expires: datetime
    expert_commitment: Digest | None = None
    reference_commitment: Digest | None = None


@event("profile.tested")
class ProfileTested(Event):
    """A profile was run on a planted twin. `threshold` is the share that must be gone, in millionths."""

    profile: Word
    profile_digest: Digest
    edition: Word
    software: Version
    threshold: int
    planted: int
    retained: int
    leaked: int
    passed: bool


@event("profile.activated", urgent=True)
class ProfileActivated(Event):
    """A profile that is not shipped may be used from now on, exactly as of this digest, with this software."""

    profile: Word
    profile_digest: Digest
    software: Version


@event("recipient.agreement", urgent=True)
class AgreementRecorded(Event):
    """There is a data use agreement with a recipient."""

    recipient: Id
    agreement_commitment: Digest
