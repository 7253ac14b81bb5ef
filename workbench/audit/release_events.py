"""Events of recipients, releases and receipts. Imported through `audit.events`."""

from datetime import datetime

from workbench.audit.event import Event, event
from workbench.audit.shapes import Digest, Id, Word


@event("recipient.added", urgent=True)
class RecipientAdded(Event):
    """Somebody outside may receive packages; `key` is the digest of their public key.

    `name_commitment` binds their name to it, so that nobody exchanges two recipients.
    """

    recipient: Id
    key: Digest
    name_commitment: Digest | None = None


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
    agreement_commitment: Digest | None = None
    determination: Id | None = None


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
