"""Whether an approval proves what the manifest says: this root, a second person, an entry of the trusted log."""

from collections.abc import Mapping
from typing import Any

from workbench.audit.events import StudyApproved
from workbench.audit.note import VerifierKey
from workbench.audit.proof import open_proof
from workbench.records.errors import IntegrityBroken
from workbench.release.archive import AGAIN
from workbench.release.manifest import ApprovalRecord, StudyRecord
from workbench.release.root import instance_leaf, preparation_root


def check_root(study: StudyRecord) -> None:
    """Raise unless the instances in the package, with those held back, have the root that was approved."""
    leaves = [
        instance_leaf(sop_instance=instance.sop_instance, sha256=instance.file.sha256) for instance in study.instances
    ]
    leaves += [bytes.fromhex(leaf) for leaf in study.withheld]
    if preparation_root(leaves) != study.root:
        raise _unproven(study, "its files are not those that were approved")


def check_approval(study: StudyRecord, approval: ApprovalRecord, *, proof: str, trust: VerifierKey) -> None:
    """Raise `IntegrityBroken` (`approval-not-proven`) unless the proof shows what the manifest states.

    The entry must be in the log of the trusted key and be an approval of exactly this preparation, root and profile,
    by another account than those that prepared and submitted it, or say itself that a single person approved.
    """
    entry = approval_entry(study.study, proof, trust)
    data = entry["data"]
    proven = (entry.get("seq"), entry.get("at"), data.get("preparation"), data.get("root"), data.get("profile_digest"))
    stated = (approval.seq, approval.approved_at, study.preparation, study.root, study.profile_digest)
    if entry.get("kind") != StudyApproved.kind or proven != stated:
        raise _unproven(study, "the log entry given for it is about something else")
    if is_single_person(entry) != approval.single_person:
        raise _unproven(study, "the log entry says otherwise about how many people approved")
    alone = entry["actor"].get("id") in (None, data.get("prepared_by"), data.get("submitted_by"))
    if not approval.single_person and (alone or approval.approved_by == approval.submitted_by):
        raise _unproven(study, "no second person approved it")


def approval_entry(study: str, proof: str, trust: VerifierKey) -> Mapping[str, Any]:
    """Return the ledger entry that a proof carries, once the proof holds."""
    try:
        entry = open_proof(proof, trust).entry
    except IntegrityBroken as error:
        raise _not_proven(study, f"its proof does not hold ({error.code})") from None
    if not all(isinstance(entry.get(part), dict) for part in ("data", "actor")):
        raise _not_proven(study, "the log entry given for it is malformed")
    return entry


def is_single_person(entry: Mapping[str, Any]) -> bool:
    """Tell whether an approval's entry says that one person approved alone."""
    return entry["data"].get("single_person") is True


def _unproven(study: StudyRecord, why: str) -> IntegrityBroken:
    return _not_proven(study.study, why)


def _not_proven(study: str, why: str) -> IntegrityBroken:
    return IntegrityBroken("approval-not-proven", f"The approval of {study} is not proven: {why}.", AGAIN)
