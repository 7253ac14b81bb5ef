"""What may be released: rows and log must agree on every point, and what counts is the log.

State and second person, expiry, the approved root over every recorded output, and what each series of the log says of
inputs, outputs and holds. An altered database releases nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from workbench.audit.ledger import Filter, Logged
from workbench.flow.home import Workbench, is_solo
from workbench.flow.recording import Change
from workbench.flow.roots import series_root
from workbench.records.errors import IntegrityBroken, UsageError, WrongState
from workbench.records.states import StudyState
from workbench.release.root import instance_leaf, preparation_root
from workbench.store.preparation_records import Outcome, Preparation, PreparedRow
from workbench.store.releases import Recipient
from workbench.store.tables import PreparationState
from workbench.store.transaction import Transaction

_APPROVAL: Final = "study.approved"


@dataclass(frozen=True, slots=True)
class Approved:
    """One study as it may be released: what the log and the rows agree on."""

    made: Preparation
    entry: Logged
    packed: tuple[PreparedRow, ...]
    withheld: tuple[str, ...]
    submitted_by: str
    approved_by: str


def approved_study(workbench: Workbench, reading: Transaction, study: str) -> Approved:
    """Return what may be released of a study, when rows and log agree that it may.

    Raises
    ------
    WrongState
        `not-approved`, `approval-expired`.
    IntegrityBroken
        `approval-missing`, `version-differs`, `root-differs`, `holds-differ`: somebody went around the log.
    UsageError
        `study-unknown`.
    """
    found = reading.studies.get(study)
    made = reading.preparations.current(study)
    if found.state is not StudyState.APPROVED or made is None or made.state is not PreparationState.APPROVED:
        raise WrongState(
            "not-approved",
            f"{study} is not approved.",
            "Only approved versions are released: submit it and have a second person approve it.",
        )
    entry = _approval_entry(reading, made)
    days = workbench.settings.approval_days
    if workbench.clock() >= datetime.fromisoformat(entry.at) + timedelta(days=days):
        raise WrongState(
            "approval-expired",
            f"The approval of {study} is older than {days} days.",
            "Withdraw it, prepare the study again and have it approved.",
        )
    rows = reading.preparations.instances(made.id)
    _check_version(reading, made)
    _check_root(rows, made, entry)
    _check_series(workbench, reading, rows, made)
    accepted = frozenset(entry.data["accepted"])
    packed = tuple(row for row in rows if row.outcome is not Outcome.REFUSED and accepted.issuperset(row.holds))
    chosen = {row.instance for row in packed}
    names = {account.id: account.printed_name for account in reading.accounts.all()}
    return Approved(
        made=made,
        entry=entry,
        packed=packed,
        withheld=tuple(row.leaf for row in rows if row.leaf and row.instance not in chosen),
        submitted_by=names[str(entry.data["submitted_by"])],
        approved_by=names[entry.actor],
    )


def _approval_entry(reading: Transaction, made: Preparation) -> Logged:
    """Return the entry of the log that approved the version: what counts is the log, not the row."""
    entries = reading.ledger.entries(Filter(kinds=(_APPROVAL,), study=made.study), newest_first=True)
    for entry in entries:
        if entry.data["preparation"] == made.id:
            people = {entry.data["prepared_by"], entry.data["submitted_by"], made.made_by, made.submitted_by}
            alone = entry.data["single_person"] is True and is_solo(reading)
            if (entry.actor in people and not alone) or entry.actor != made.approved_by:
                break
            return entry
    raise IntegrityBroken(
        "approval-missing",
        "The log has no approval of this version by a second person, though the database says so.",
        "Run `workbench audit verify`: the database may have been altered.",
    )


def _check_version(reading: Transaction, made: Preparation) -> None:
    """Hold scope, profile and software of the row against the entry that was written when the version was made."""
    for entry in reading.ledger.entries(Filter(kinds=("study.prepared",), study=made.study), newest_first=True):
        if entry.data["preparation"] == made.id:
            logged = [entry.data[name] for name in ("scope", "root", "profile", "profile_digest", "software")]
            if logged == [made.scope, made.root, made.profile, made.profile_digest, made.software]:
                return
            break
    raise IntegrityBroken(
        "version-differs",
        "The version is not what the log recorded when it was made.",
        "Nothing was packed. Run `workbench audit verify`: the database may have been altered.",
    )


def check_recipient(reading: Transaction, to: Recipient) -> None:
    """Hold a recipient's key against the entry that was written when it was given.

    Raises
    ------
    IntegrityBroken
        `recipient-differs`: a package would be encrypted for somebody else.
    """
    digest = hashlib.sha256(to.age_key.encode()).hexdigest()
    for entry in reading.ledger.entries(Filter(kinds=("recipient.added",))):
        if entry.data["recipient"] == to.id and entry.data["key"] == digest:
            return
    raise IntegrityBroken(
        "recipient-differs",
        "The key of this recipient is not the one that the log recorded.",
        "Nothing was packed. Run `workbench audit verify`: the database may have been altered.",
    )


def _check_root(rows: Sequence[PreparedRow], made: Preparation, entry: Logged) -> None:
    leaves = [
        instance_leaf(sop_instance=row.sop_uid, sha256=row.output_digest)
        for row in rows
        if row.outcome is not Outcome.REFUSED and row.sop_uid and row.output_digest
    ]
    recorded = [bytes.fromhex(row.leaf) for row in rows if row.leaf]
    root = preparation_root(leaves)
    if sorted(leaves) != sorted(recorded) or not root == made.root == entry.data["root"]:
        raise IntegrityBroken(
            "root-differs",
            "The recorded outputs are not those that were approved.",
            "Nothing was packed. Run `workbench audit verify`: the database may have been altered.",
        )


def _check_series(workbench: Workbench, reading: Transaction, rows: Sequence[PreparedRow], made: Preparation) -> None:
    """Hold inputs, outputs and holds against what the log says of each series: a hold must not vanish from a row."""
    digests = {instance.id: instance.digest for instance in reading.studies.instances(made.study)}
    entries = reading.ledger.entries(Filter(kinds=("series.prepared",), study=made.study))
    logged = {e.data["series"]: e.data["root"] for e in entries if e.data["preparation"] == made.id}
    found: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {series: [] for series in logged}
    for row in rows:
        if row.outcome is not Outcome.REFUSED and row.output_digest:
            found.setdefault(row.series, []).append((digests[row.instance], row.output_digest, row.holds))
    if {series: series_root(workbench.keys, outputs) for series, outputs in found.items()} != logged:
        raise IntegrityBroken(
            "holds-differ",
            "What had to be accepted by name, or what was made from what, is not as the log recorded it.",
            "Nothing was packed. Run `workbench audit verify`: the database may have been altered.",
        )


def check_scope(approved: Sequence[Approved]) -> None:
    """Refuse a release that is empty, or would link what two scopes keep apart.

    Raises
    ------
    UsageError
        `release-empty`.
    WrongState
        `scopes-differ`.
    """
    if not approved:
        raise UsageError("release-empty", "A release needs at least one study.", "Name approved studies.")
    if len({one.made.scope for one in approved}) > 1:
        raise WrongState(
            "scopes-differ",
            "The studies were prepared for different scopes; together they would link what must stay apart.",
            "Make one release for each scope, or prepare them again in one.",
        )


def check_still_approved(workbench: Workbench, change: Change, one: Approved) -> None:
    """Refuse when somebody decided otherwise while the package was written.

    Raises
    ------
    WrongState
        `study-changed`, or what `approved_study` raises.
    """
    again = approved_study(workbench, change.transaction, one.made.study)
    if again.made.id != one.made.id or again.entry.seq != one.entry.seq:
        raise WrongState("study-changed", "A study changed while it was packed.", "Look at it again, then decide.")
