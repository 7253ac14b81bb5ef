"""What may be released: rows and log must agree on every point, and what counts is the log.

State and second person, expiry, the approved root over every recorded output, and what each series of the log says of
inputs, outputs and holds. Every entry that counts is proven by the signed head of the log, and so is that none came
after it. An altered database releases nothing.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from workbench.audit.ledger import Filter, Logged
from workbench.flow.home import Workbench, is_solo
from workbench.flow.pixel_clearance import checked_instances
from workbench.flow.readiness import check_untouched
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
_DECISIONS: Final = frozenset(
    {
        "study.prepared",
        "study.submitted",
        _APPROVAL,
        "study.returned",
        "study.withdrawn",
        "study.quarantined",
        "quarantine.accepted",
        "quarantine.discarded",
    }
)
"""Entries that decide about a study; the newest of them must be the approval."""
_TOUCHING: Final = frozenset({"patient.linked", "patient.parted", "instances.rejected"})
"""Entries that make versions obsolete, which they name."""
_KEPT: Final = _DECISIONS | _TOUCHING | {"series.prepared"}


class Trail:
    """What a proven log says of studies, newest first. Read back once for all of them, and only as far as needed."""

    def __init__(self, reading: Transaction) -> None:
        self._back = reading.ledger.proven_backwards()
        self._read: list[Logged] = []

    def of_study(self, study: str) -> Iterator[Logged]:
        """Yield decisions on a study, the entries of its prepared series, and all that make versions obsolete.

        Newest first.

        Raises
        ------
        IntegrityBroken
            `log-broken`.
        """
        for entry in self._read:
            if entry.kind in _TOUCHING or entry.data.get("study") == study:
                yield entry
        for entry in self._back:
            if entry.kind in _KEPT:
                self._read.append(entry)
                if entry.kind in _TOUCHING or entry.data.get("study") == study:
                    yield entry


@dataclass(frozen=True, slots=True)
class Approved:
    """One study as it may be released: what the log and the rows agree on.

    `law` is what its profile is made for, `longitudinal` what it does with dates (0028,0303), `requires` what a
    release of it needs; `checked` are the instances whose pixels were looked at as a whole.
    """

    made: Preparation
    entry: Logged
    packed: tuple[PreparedRow, ...]
    withheld: tuple[str, ...]
    submitted_by: str
    approved_by: str
    law: str = ""
    longitudinal: str = ""
    requires: tuple[str, ...] = ()
    checked: frozenset[str] = frozenset()


def approved_studies(workbench: Workbench, reading: Transaction, studies: Sequence[str]) -> tuple[Approved, ...]:
    """Return what may be released of studies, when rows and proven log agree that it may.

    Raises
    ------
    WrongState
        `not-approved`, `approval-expired`, `needs-successor`.
    IntegrityBroken
        `approval-missing`, `approval-ended`, `version-differs`, `root-differs`, `holds-differ`, `redactions-differ`,
        `log-broken`: somebody went around the log.
    UsageError
        `study-unknown`.
    """
    trail = Trail(reading)
    return tuple(_approved_study(workbench, reading, trail, study) for study in studies)


def _approved_study(workbench: Workbench, reading: Transaction, trail: Trail, study: str) -> Approved:
    found = reading.studies.get(study)
    made = reading.preparations.current(study)
    if found.state is not StudyState.APPROVED or made is None or made.state is not PreparationState.APPROVED:
        raise WrongState(
            "not-approved",
            f"{study} is not approved.",
            "Only approved versions are released: submit it and have a second person approve it.",
        )
    entry, submitter, version, series = _story(trail, made)
    _check_second_person(reading, made, entry, people={version.actor, submitter})
    days = workbench.settings.approval_days
    if workbench.clock() >= datetime.fromisoformat(entry.at) + timedelta(days=days):
        raise WrongState(
            "approval-expired",
            f"The approval of {study} is older than {days} days.",
            "Withdraw it, prepare the study again and have it approved.",
        )
    check_untouched(reading, made)
    rows = reading.preparations.instances(made.id)
    facts = reading.preparations.facts(made.id)
    _check_version(made, version, law=str(facts.get("law", "")))
    _check_root(rows, made, entry)
    _check_series(workbench, reading, rows, made, {name: data["root"] for name, data in series.items()})
    digests = {name: data["redactions"] for name, data in series.items() if data.get("redactions")}
    checked = checked_instances(workbench, reading, made, digests)
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
        law=str(facts.get("law", "")),
        longitudinal=str(facts.get("longitudinal", "REMOVED")),
        requires=tuple(facts.get("requires", ())),
        checked=checked,
    )


def approval_entries(reading: Transaction, study: str) -> tuple[Logged, ...]:
    """Return the entries that approved versions of a study, newest first, each proven.

    Raises
    ------
    IntegrityBroken
        `log-broken`.
    """
    wanted = Filter(kinds=(_APPROVAL,), study=study)
    return tuple(reading.ledger.proven(entry.seq) for entry in reading.ledger.entries(wanted, newest_first=True))


def _story(trail: Trail, made: Preparation) -> tuple[Logged, str, Logged, Mapping[str, Mapping[str, Any]]]:
    """Return the entry that approved a version, who submitted it, the entry that made it, and what it says of series.

    What counts is the log, not the row: the approval must be the newest decision on the study.
    """
    entries = _current(trail.of_study(made.study), made)
    newest = next((entry for entry in entries if entry.kind in _DECISIONS), None)
    if newest is None or newest.kind != _APPROVAL or newest.data["preparation"] != made.id:
        ended = newest is not None and any(
            entry.kind == _APPROVAL and entry.data["preparation"] == made.id for entry in entries
        )
        raise _ended() if ended else _missing()
    submitted = next((e for e in entries if e.kind == "study.submitted" and e.data["preparation"] == made.id), None)
    version = next((e for e in entries if e.kind == "study.prepared" and e.data["preparation"] == made.id), None)
    if submitted is None or version is None:
        raise _differs()
    series: dict[str, Mapping[str, Any]] = {}
    for entry in entries:  # one transaction wrote them right before the entry of the version
        if entry.kind != "series.prepared" or entry.data["preparation"] != made.id:
            break
        series[entry.data["series"]] = entry.data
    return newest, submitted.actor, version, series


def _current(entries: Iterator[Logged], made: Preparation) -> Iterator[Logged]:
    """Yield decisions and series, and refuse at an entry by which this version needs a successor.

    Raises
    ------
    WrongState
        `needs-successor`: the log says so, whatever the database says.
    """
    for entry in entries:
        if entry.kind not in _TOUCHING:
            yield entry
        elif made.id in entry.data["preparations"]:
            raise WrongState(
                "needs-successor",
                f"The version of {made.study} was made before something that it should have known was on record.",
                "Withdraw its approval, prepare the study again and have it approved.",
            )


def _check_second_person(
    reading: Transaction, made: Preparation, entry: Logged, *, people: Collection[str | None]
) -> None:
    people = {*people, entry.data["prepared_by"], entry.data["submitted_by"], made.made_by, made.submitted_by}
    alone = entry.data["single_person"] is True and is_solo(reading)
    if (entry.actor in people and not alone) or entry.actor != made.approved_by:
        raise _missing()


def _check_version(made: Preparation, version: Logged, *, law: str) -> None:
    """Hold scope, profile, law and software of the row against the entry that was written when the version was made."""
    logged = [version.data[name] for name in ("scope", "root", "profile", "profile_digest", "software")]
    logged.append(version.data.get("law", ""))
    if logged != [made.scope, made.root, made.profile, made.profile_digest, made.software, law]:
        raise _differs()


def _missing() -> IntegrityBroken:
    return IntegrityBroken(
        "approval-missing",
        "The log has no approval of this version by a second person, though the database says so.",
        "Run `workbench audit verify`: the database may have been altered.",
    )


def _ended() -> IntegrityBroken:
    return IntegrityBroken(
        "approval-ended",
        "The log says that this approval was taken back or replaced, though the database does not.",
        "Nothing was packed. Run `workbench audit verify`: the database may have been altered.",
    )


def _differs() -> IntegrityBroken:
    return IntegrityBroken(
        "version-differs",
        "The version is not what the log recorded when it was made.",
        "Nothing was packed. Run `workbench audit verify`: the database may have been altered.",
    )


def check_recipient(workbench: Workbench, reading: Transaction, to: Recipient) -> None:
    """Hold a recipient's name and key against the proven entry that was written when they were given.

    Raises
    ------
    IntegrityBroken
        `recipient-differs`, `log-broken`: a package would be encrypted for somebody else.
    """
    digest = hashlib.sha256(to.age_key.encode()).hexdigest()
    for entry in reading.ledger.entries(Filter(kinds=("recipient.added",))):
        if entry.data["recipient"] == to.id and entry.data["key"] == digest:
            proven = reading.ledger.proven(entry.seq)
            if proven.data.get("name_commitment") == recipient_name(workbench, to.name):
                return
    raise IntegrityBroken(
        "recipient-differs",
        "Name and key of this recipient are not those that the log recorded.",
        "Nothing was packed. Run `workbench audit verify`: the database may have been altered.",
    )


def recipient_name(workbench: Workbench, name: str) -> str:
    """Return the keyed digest by which the log binds the name of a recipient to their key."""
    return workbench.keys.index("recipient name", name.strip().encode())


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


def _check_series(
    workbench: Workbench,
    reading: Transaction,
    rows: Sequence[PreparedRow],
    made: Preparation,
    logged: Mapping[str, str],
) -> None:
    """Hold inputs, outputs and holds against what the log says of each series: a hold must not vanish from a row."""
    digests = {instance.id: instance.digest for instance in reading.studies.instances(made.study)}
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


def check_still_approved(workbench: Workbench, change: Change, approved: Sequence[Approved]) -> None:
    """Refuse when somebody decided otherwise while the package was written.

    Raises
    ------
    WrongState
        `study-changed`, or what `approved_studies` raises.
    """
    again = approved_studies(workbench, change.transaction, [one.made.study for one in approved])
    if any(
        now.made.id != one.made.id or now.entry.seq != one.entry.seq for now, one in zip(again, approved, strict=True)
    ):
        raise WrongState("study-changed", "A study changed while it was packed.", "Look at it again, then decide.")
