"""Who can receive packages, and what was agreed with them."""

import hashlib

from workbench.access.policy import Permission, demand
from workbench.audit.events import AgreementRecorded, RecipientAdded
from workbench.flow.clearance import recipient_name
from workbench.flow.home import Workbench
from workbench.flow.reasons import commitment
from workbench.flow.recording import changing, recording_denials
from workbench.flow.shown import RecipientRow
from workbench.flow.terms import checked_reference
from workbench.records.actor import Actor
from workbench.records.errors import WrongState
from workbench.release.age import parse_recipient
from workbench.store.releases import Recipient
from workbench.store.transaction import Transaction


def add_recipient(workbench: Workbench, actor: Actor, *, name: str, key: str) -> str:
    """Add a recipient with their age X25519 public key, and return the id.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `recipient-key`, `recipient-exists`, `recipient-name-invalid`.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.RECIPIENT_ADD)
        public = str(parse_recipient(key))
        with changing(workbench) as change:
            added = change.recipients.add(name=name, age_key=public, created_by=actor.user_id, at=workbench.clock())
            digest = hashlib.sha256(public.encode()).hexdigest()
            event = RecipientAdded(
                recipient=added.id, key=digest, name_commitment=recipient_name(workbench, added.name)
            )
            change.record(event, actor=actor)
        return added.id


def list_recipients(workbench: Workbench, actor: Actor) -> tuple[RecipientRow, ...]:
    """List recipients.

    Raises
    ------
    NotPermitted
        Without the permission.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.RECIPIENT_LIST)
        with workbench.database.reading() as reading:
            return tuple(
                RecipientRow(recipient=row.id, name=row.name, key=row.age_key, added_at=row.created_at)
                for row in reading.recipients.all()
                if row.enabled
            )


def record_agreement(workbench: Workbench, actor: Actor, *, recipient: str, agreement: str) -> str:
    """Record the reference of the data use agreement with a recipient, and return the recipient's id.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `recipient-unknown`, `reference-missing`, `reference-malformed`.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.RECIPIENT_ADD)
        reference = checked_reference(agreement)
        with changing(workbench) as change:
            to = find_recipient(change.transaction, recipient)
            change.assurances.agree(to.id, reference=reference, by=actor.user_id, at=workbench.clock())
            digest = commitment(workbench, reference) or ""
            change.record(AgreementRecorded(recipient=to.id, agreement_commitment=digest), actor=actor)
        return to.id


def find_recipient(reading: Transaction, given: str) -> Recipient:
    """Return a recipient by name or id.

    Raises
    ------
    UsageError
        `recipient-unknown`.
    WrongState
        `recipient-disabled`.
    """
    found = reading.recipients.named(given) or reading.recipients.get(given)
    if not found.enabled:
        raise WrongState("recipient-disabled", "Nothing more is released to this recipient.", "Choose another one.")
    return found
