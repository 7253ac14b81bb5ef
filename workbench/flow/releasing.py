"""Release: approved versions, packed and encrypted for one recipient, and what becomes of them.

Nothing is packed but what the approval in the log covers: state, second person, expiry and scope are checked, the
approved root is computed anew from every recorded output, and every output's bytes are digested again while packing.
Order on the disk: package aside, release and entry committed, package named.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from workbench.access.policy import Permission, allows, demand
from workbench.audit.events import (
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
)
from workbench.flow.home import Workbench
from workbench.flow.machine import Advance
from workbench.flow.packages import package_path, packing, remove
from workbench.flow.reasons import commitment
from workbench.flow.recipients import find_recipient
from workbench.flow.recording import changing, check_actor, recording_denials
from workbench.flow.shown import ReleaseRow
from workbench.flow.staging import staged, unpack
from workbench.flow.states import next_release_state
from workbench.flow.terms import BASES, PURPOSES, Terms, check_terms
from workbench.records.actor import Actor
from workbench.records.errors import UsageError
from workbench.records.states import ReleaseState
from workbench.release.capsule import build_package
from workbench.release.facts import Approval, CapsuleInstance, CapsuleStudy, ManifestFacts, PackageDigest
from workbench.store.releases import NewRelease, Recipient, Release
from workbench.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A release on its way: the facts of its manifest, what goes in, for whom, and the codes that were given."""

    facts: ManifestFacts
    approved: tuple[Approved, ...]
    to: Recipient
    purpose: str
    basis: str
    terms: Terms


def create_release(
    workbench: Workbench,
    actor: Actor,
    *,
    recipient: str,
    purpose: str,
    basis: str,
    expires_days: int,
    studies: Sequence[str],
    agreement: str = "",
    on_progress: Advance | None = None,
) -> ReleaseRow:
    """Pack approved studies of one scope for one recipient.

    Parameters
    ----------
    recipient
        Name or id.
    purpose, basis
        Codes of `terms.PURPOSES` and `terms.BASES`, or words of one's own where the profile allows it.
    agreement
        Reference of the data use agreement, which a limited data set needs; else the recipient's own.

    Raises
    ------
    NotPermitted
        Without the permission.
    WrongState
        `not-approved`, `approval-expired`, `needs-successor`, `scopes-differ`, and what `terms.check_terms` refuses.
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
            to = find_recipient(reading, recipient)
            check_recipient(workbench, reading, to)
            approved = approved_studies(workbench, reading, chosen)
            check_scope(approved)
            terms = check_terms(workbench, reading, approved, to=to, purpose=purpose, basis=basis, agreement=agreement)
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
            agreement=terms.agreement,
        )
        wanted = _Wanted(facts, approved, to, purpose, basis, terms)
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
        law=one.law,
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
                        pixels_checked=row.instance in one.checked,
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
        to = change.recipients.get(wanted.to.id)
        check_recipient(workbench, change.transaction, to)
        check_terms(
            workbench,
            change.transaction,
            approved,
            to=to,
            purpose=purpose,
            basis=basis,
            agreement=wanted.terms.agreement,
        )
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
            agreement_commitment=commitment(workbench, wanted.terms.agreement),
            determination=wanted.terms.determination.id if wanted.terms.determination else None,
        )
        change.record(event, actor=actor)
