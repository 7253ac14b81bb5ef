"""What recipients send back: receipts, checked before they count."""

import hashlib
from datetime import UTC, datetime

from workbench.access.policy import Permission, demand
from workbench.audit.events import ReceiptRecorded, ReceiptRefused
from workbench.flow.home import Workbench
from workbench.flow.recording import changing, recording_denials
from workbench.flow.releasing import expire_releases, release_row
from workbench.flow.shown import ReleaseRow
from workbench.flow.states import next_release_state
from workbench.records.actor import Actor
from workbench.records.errors import IntegrityBroken
from workbench.release.receipt import check_receipt, read_release


def record_receipt(workbench: Workbench, actor: Actor, *, receipt: str) -> ReleaseRow:
    """Record what the recipient sent back.

    Raises
    ------
    NotPermitted, WrongState
        Without the permission; when the release is over, or has its receipt.
    IntegrityBroken
        `receipt-malformed`, `receipt-other-release`, `receipt-forged`; one entry says so.
    UsageError
        `release-unknown`.
    """
    release = read_release(receipt)
    with recording_denials(workbench, actor, release=release):
        demand(actor, Permission.RELEASE_RECEIPT)
        expire_releases(workbench)
        with workbench.database.reading() as reading:
            found = reading.releases.get(release)
            secret = reading.releases.receipt_secret(release)
        try:
            checked = check_receipt(receipt, secret, found.manifest_digest)
        except IntegrityBroken as refused:
            with changing(workbench) as change:
                change.record(ReceiptRefused(release=release, code=refused.code), actor=actor)
            raise
        opened = _moment(checked.opened_at)
        digest = hashlib.sha256(receipt.encode()).hexdigest()
        now = workbench.clock()
        with changing(workbench) as change:
            found = change.releases.get(release)
            to = next_release_state(found.state, "acknowledge")
            change.releases.move(release, expected=found.state, to=to, at=now)
            change.releases.add_receipt(
                release, digest=digest, opened_at=opened, by=actor.user_id, at=now, text=receipt
            )
            change.record(ReceiptRecorded(release=release, receipt=digest, opened_at=opened), actor=actor)
        with workbench.database.reading() as reading:
            return release_row(workbench, reading, reading.releases.get(release))


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise IntegrityBroken("receipt-malformed", "This is not a receipt.", "Ask for the file receipt.json.") from None
