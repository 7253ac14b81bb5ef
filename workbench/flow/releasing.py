"""Release: approved versions, packed and encrypted for one recipient, and what becomes of them.

Nothing is packed but what the approval in the log covers: state, second person, expiry and scope are checked, the
approved root is computed anew from every recorded output, and every output's bytes are digested again while packing.
Order on the disk: package aside, release and entry committed, package named.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from workbench.access.policy import Permission, allows, demand
from workbench.audit.events import (
    ReceiptRecorded,
    ReceiptRefused,
    RecipientAdded,
    ReleaseCreated,
    ReleaseExpired,
    ReleaseRevoked,
)
from workbench.audit.proof import prove
from workbench.flow.clearance import (
    Approved,
    approved_studies,
    check_recipient,
    check_scope,
    check_still_approved,
    recipient_name,
)
from workbench.flow.home import Workbench
from workbench.flow.machine import Advance
from workbench.flow.packages import package_path, packing, remove
from workbench.flow.reasons import commitment
from workbench.flow.recording import changing, check_actor, recording_denials
from workbench.flow.shown import RecipientRow, ReleaseRow
from workbench.flow.staging import staged, unpack
from workbench.flow.states import next_release_state
from workbench.records.actor import Actor
from workbench.records.errors import IntegrityBroken, UsageError, WrongState
from workbench.records.states import ReleaseState
from workbench.release.age import parse_recipient
from workbench.release.capsule import build_package
from workbench.release.facts import Approval, CapsuleInstance, CapsuleStudy, ManifestFacts, PackageDigest
from workbench.release.receipt import check_receipt, read_release
from workbench.store.releases import NewRelease, Recipient, Release
from workbench.store.transaction import Transaction

PURPOSES: Final = {
    "treatment": "Treatment of the patient",
    "research": "Research",
    "public-health": "Public health",
    "operations": "Health care operations",
    "education": "Teaching",
    "quality": "Quality assurance",
    "demonstration": "Demonstration with synthetic studies",
}
BASES: Final = {
    "de-identified": "De-identified under 45 CFR 164.514(a) to (c)",
    "limited-data-set": "Limited data set under a data use agreement, 45 CFR 164.514(e)",
    "authorization": "Authorization of the patient",
    "waiver": "Waiver of authorization by a review board",
    "treatment": "Treatment, 45 CFR 164.506",
}
"""Codes that stand in the log as they are. Other words are allowed; of those the log holds a keyed digest."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A release on its way: the facts of its manifest, what goes in, for whom, and the codes that were given."""

    facts: ManifestFacts
    approved: tuple[Approved, ...]
    to: Recipient
    purpose: str
    basis: str


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


def create_release(
    workbench: Workbench,
    actor: Actor,
    *,
    recipient: str,
    purpose: str,
    basis: str,
    expires_days: int,
    studies: Sequence[str],
    on_progress: Advance | None = None,
) -> ReleaseRow:
    """Pack approved studies of one scope for one recipient.

    Parameters
    ----------
    recipient
        Name or id.
    purpose, basis
        Codes of `PURPOSES` and `BASES`, or words of one's own.

    Raises
    ------
    NotPermitted
        Without the permission.
    WrongState
        `not-approved`, `approval-expired`, `scopes-differ`.
    IntegrityBroken
        `root-differs`, `approval-missing`, `instance-not-as-approved`, `object-damaged`, …: nothing is packed.
    UsageError
        `recipient-unknown`, `study-unknown`, `release-text-malformed`, …
    """
    advance = on_progress or (lambda _done, _of: None)
    chosen = tuple(dict.fromkeys(studies))
    with recording_denials(workbench, actor, study=chosen[0] if len(chosen) == 1 else None):
        demand(actor, Permission.RELEASE_CREATE)
        expire_releases(workbench)
        with workbench.database.reading() as reading:
            to = _recipient(reading, recipient)
            check_recipient(workbench, reading, to)
            approved = approved_studies(workbench, reading, chosen)
        check_scope(approved)
        release, proofs = _prove(workbench, approved)
        now = workbench.clock()
        facts = ManifestFacts(
            release=release,
            recipient=to.name,
            purpose=PURPOSES.get(purpose, purpose),
            basis=BASES.get(basis, basis),
            created=now,
            expires=now + timedelta(days=expires_days),
            contact=workbench.settings.contact,
            software=f"deid-workbench {workbench.software}",
            receipt_secret=secrets.token_bytes(32),
            studies=tuple(_capsule_study(one) for one in approved),
        )
        wanted = _Wanted(facts, approved, to, purpose, basis)
        with packing(workbench.packages, release, workbench.database) as part:
            digest = _pack(workbench, part, wanted, proofs, advance)
            _record(workbench, actor, wanted, digest)
        with workbench.database.reading() as reading:
            return release_row(workbench, reading, reading.releases.get(release))


def list_releases(workbench: Workbench, actor: Actor) -> tuple[ReleaseRow, ...]:
    """List releases, newest first. A remote reader sees what was released to them.

    Raises
    ------
    NotPermitted
        Without the permission.
    """
    with recording_denials(workbench, actor):
        everything = allows(actor.roles, Permission.RELEASE_LIST)
        if not everything:
            demand(actor, Permission.RELEASE_OWN)
        expire_releases(workbench)
        with workbench.database.reading() as reading:
            own = None if everything else [r.id for r in reading.recipients.all() if r.account == actor.user_id]
            page = reading.releases.page(recipients=own, limit=1000)
            return tuple(release_row(workbench, reading, found) for found in page)


def revoke_release(workbench: Workbench, actor: Actor, *, release: str, reason: str) -> ReleaseRow:
    """Revoke a release and delete its package here. A copy that was handed over cannot be called back by software.

    Raises
    ------
    NotPermitted, WrongState
        Without the permission, or when the release is over already.
    UsageError
        `release-unknown`, `reason-missing`.
    """
    if not reason.strip():
        raise UsageError("reason-missing", "This step needs a reason.", "Say in a sentence why; it is kept sealed.")
    with recording_denials(workbench, actor, release=release):
        demand(actor, Permission.RELEASE_REVOKE)
        with changing(workbench) as change:
            found = change.releases.get(release)
            next_release_state(found.state, "revoke")
            change.releases.revoke(
                release, expected=found.state, by=actor.user_id, at=workbench.clock(), reason=reason.strip()
            )
            change.record(ReleaseRevoked(release=release, reason_commitment=commitment(workbench, reason)), actor=actor)
        remove(workbench.packages, release)
        with workbench.database.reading() as reading:
            return release_row(workbench, reading, reading.releases.get(release))


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


def expire_releases(workbench: Workbench) -> int:
    """Mark releases whose time is over, each with its entry, and delete their packages here; return how many."""
    now = workbench.clock()
    with workbench.database.reading() as reading:
        overdue = reading.releases.overdue(now=now)
    for release in overdue:
        with changing(workbench) as change:
            found = change.releases.get(release.id)
            if found.state in (ReleaseState.EXPIRED, ReleaseState.REVOKED):
                continue
            to = next_release_state(found.state, "expire")
            change.releases.move(release.id, expected=found.state, to=to, at=now)
            change.record(ReleaseExpired(release=release.id), actor="system")
        remove(workbench.packages, release.id)
    return len(overdue)


def release_row(workbench: Workbench, reading: Transaction, found: Release) -> ReleaseRow:
    """Return what front ends show of a release."""
    package = package_path(workbench.packages, found.id)
    return ReleaseRow(
        release=found.id,
        state=found.state,
        recipient=reading.recipients.get(found.recipient).name,
        purpose=found.purpose,
        basis=found.basis,
        studies=tuple(item.study for item in reading.releases.items(found.id)),
        instances=found.instance_count,
        created_at=found.created_at,
        expires_at=found.expires_at,
        created_by=reading.accounts.names().get(found.created_by, ""),
        digest=found.package_digest,
        package=str(package) if package.is_file() else "",
    )


def _recipient(reading: Transaction, given: str) -> Recipient:
    found = reading.recipients.named(given) or reading.recipients.get(given)
    if not found.enabled:
        raise WrongState("recipient-disabled", "Nothing more is released to this recipient.", "Choose another one.")
    return found


def _prove(workbench: Workbench, approved: Sequence[Approved]) -> tuple[str, dict[int, str]]:
    """Take the number of the release, sign the log as it is, and prove every approval under that checkpoint."""
    with workbench.database.transaction() as transaction:
        release = transaction.releases.next_id()
        note = workbench.checkpointer.sign(transaction.connection)
        proofs = {
            one.entry.seq: prove(workbench.ledger, transaction.connection, seq=one.entry.seq, note=note)
            for one in approved
        }
    workbench.checkpointer.publish(note)
    return release, proofs


def _capsule_study(one: Approved) -> CapsuleStudy:
    made = one.made
    return CapsuleStudy(
        study=made.study,
        patient_code=made.patient_code,
        preparation=made.id,
        number=made.number,
        root=made.root,
        profile=made.profile,
        profile_version=made.profile_version,
        profile_digest=made.profile_digest,
        software=f"deid-workbench {made.software}",
        approvals=(
            Approval(
                submitted_by=one.submitted_by,
                approved_by=one.approved_by,
                seq=one.entry.seq,
            ),
        ),
        withheld=one.withheld,
    )


def _pack(
    workbench: Workbench,
    part: Path,
    wanted: _Wanted,
    proofs: Mapping[int, str],
    advance: Advance,
) -> PackageDigest:
    total = sum(len(one.packed) for one in wanted.approved)
    instances: list[CapsuleInstance] = []
    with staged(workbench.staging) as folder:
        for one in wanted.approved:
            for row in one.packed:
                path = folder / f"{len(instances):08d}"
                unpack(workbench.objects, row.object or "", path)
                instances.append(
                    CapsuleInstance(
                        path=path,
                        study=one.made.study,
                        sop_instance=row.sop_uid or "",
                        sha256=row.output_digest or "",
                    )
                )
                advance(len(instances), total + 1)
        digest = build_package(
            part,
            instances=instances,
            manifest=wanted.facts,
            recipient_key=wanted.to.age_key,
            signer=workbench.keys.signer,
            proofs=proofs,
        )
    advance(total + 1, total + 1)
    return digest


def _record(
    workbench: Workbench,
    actor: Actor,
    wanted: _Wanted,
    digest: PackageDigest,
) -> None:
    facts, approved, purpose, basis = wanted.facts, wanted.approved, wanted.purpose, wanted.basis
    new = NewRelease(
        id=facts.release,
        recipient=wanted.to.id,
        preparations=tuple(one.made.id for one in approved),
        purpose=purpose,
        basis=basis,
        expires_at=facts.expires,
        package_digest=digest.sha256,
        package_size=digest.size,
        manifest_digest=digest.manifest_sha256,
        receipt_secret=facts.receipt_secret,
        instances={one.made.id: len(one.packed) for one in approved},
    )
    with changing(workbench) as change:
        check_actor(change, actor)
        check_still_approved(workbench, change, approved)
        check_recipient(workbench, change.transaction, change.recipients.get(wanted.to.id))
        change.releases.add(new, by=actor.user_id, at=facts.created)
        event = ReleaseCreated(
            release=facts.release,
            recipient=wanted.to.id,
            studies=tuple(one.made.study for one in approved),
            preparations=new.preparations,
            approvals=tuple(one.entry.seq for one in approved),
            instances=digest.instances,
            manifest=digest.manifest_sha256,
            package=digest.sha256,
            bytes=digest.size,
            expires=facts.expires,
            purpose=purpose if purpose in PURPOSES else None,
            basis=basis if basis in BASES else None,
            purpose_commitment=None if purpose in PURPOSES else commitment(workbench, purpose),
            basis_commitment=None if basis in BASES else commitment(workbench, basis),
        )
        change.record(event, actor=actor)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise IntegrityBroken("receipt-malformed", "This is not a receipt.", "Ask for the file receipt.json.") from None
