"""On what terms something may leave: purpose and legal basis against what the profile is made for.

Agreements and expert determinations are recorded by a privacy officer; a release that needs one is refused without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from workbench.access.policy import Permission, demand
from workbench.audit.events import DeterminationRecorded
from workbench.audit.ledger import Filter
from workbench.flow.clearance import Approved
from workbench.flow.features import WITHOUT_FEATURES, may_show_features
from workbench.flow.home import Workbench
from workbench.flow.reasons import commitment
from workbench.flow.recording import changing, recording_denials
from workbench.flow.succession import plain_hold
from workbench.profiles import compile_plan, load
from workbench.records.actor import Actor
from workbench.records.errors import IntegrityBroken, UsageError, WrongState
from workbench.store.assurances import Determination
from workbench.store.releases import Recipient
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

_ONLY_PURPOSES: Final[Mapping[str, frozenset[str]]] = {
    "treatment": frozenset({"treatment"}),
    "limited-data-set": frozenset({"research", "public-health", "operations"}),
}
_ONLY_BASES: Final[Mapping[str, frozenset[str]]] = {
    "treatment": frozenset({"treatment", "authorization"}),
    "limited-data-set": frozenset({"limited-data-set"}),
}
"""What a profile that is made for one class of the law may be released for, and on what; other words are refused."""

_UNCHANGED_DATES: Final = "REMOVED"
LONGEST_REFERENCE: Final = 200


@dataclass(frozen=True, slots=True)
class Terms:
    """What a release rests on beside purpose and basis."""

    agreement: str = ""
    determination: Determination | None = None


@dataclass(frozen=True, slots=True)
class DeterminationRow:
    """One expert determination, as shown."""

    determination: str
    profile: str
    profile_digest: str
    expert: str
    reference: str
    expires_at: datetime
    valid: bool


def record_determination(
    workbench: Workbench, actor: Actor, *, profile: str, expert: str, reference: str, expires_days: int
) -> DeterminationRow:
    """Record that an expert determined the risk of a profile, exactly as it is now, to be very small for a time.

    Raises
    ------
    NotPermitted
        Without the permission.
    ProfileError
        The profile does not load.
    UsageError
        `reference-missing`, `reference-malformed`.
    """
    plan = compile_plan(load(profile))
    with recording_denials(workbench, actor):
        demand(actor, Permission.DETERMINATION_ADD)
        now = workbench.clock()
        with changing(workbench) as change:
            made = change.assurances.determine(
                profile=plan.profile,
                profile_digest=plan.digest,
                expert=checked_reference(expert),
                reference=checked_reference(reference),
                expires_at=now + timedelta(days=expires_days),
                by=actor.user_id,
                at=now,
            )
            event = DeterminationRecorded(
                determination=made.id,
                profile=made.profile,
                profile_digest=made.profile_digest,
                expires=made.expires_at,
                expert_commitment=commitment(workbench, made.expert),
                reference_commitment=commitment(workbench, made.reference),
            )
            change.record(event, actor=actor)
        return _row(workbench, made)


def list_determinations(workbench: Workbench, actor: Actor) -> tuple[DeterminationRow, ...]:
    """List expert determinations.

    Raises
    ------
    NotPermitted
        Without the permission.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.RELEASE_LIST)
        with workbench.database.reading() as reading:
            return tuple(_row(workbench, made) for made in reading.assurances.determinations())


def checked_reference(text: str) -> str:
    """Return the reference of an agreement, or a name, as one line of text.

    Raises
    ------
    UsageError
        `reference-missing`, `reference-malformed`.
    """
    told = text.strip()
    if not told:
        raise UsageError("reference-missing", "A reference is missing.", "Give its number or name in one line.")
    if len(told) > LONGEST_REFERENCE or not told.isprintable():
        raise UsageError(
            "reference-malformed",
            f"A reference is one line of at most {LONGEST_REFERENCE} characters.",
            "Write it shorter.",
        )
    return told


def check_terms(
    workbench: Workbench,
    reading: Transaction,
    approved: Sequence[Approved],
    *,
    to: Recipient,
    purpose: str,
    basis: str,
    agreement: str,
) -> Terms:
    """Refuse a release whose purpose or basis is not what its profiles are made for, or that lacks what they need.

    Raises
    ------
    WrongState
        `purpose-not-allowed`, `basis-not-allowed`, `recognisable-features`, `agreement-missing`,
        `determination-missing`, `determination-expired`.
    IntegrityBroken
        `determination-differs`, `log-broken`.
    """
    reference = checked_reference(agreement) if agreement.strip() else reading.assurances.agreement(to.id)
    determination = None
    for one in approved:
        _check_purpose(one, purpose, basis)
        _check_features(one, basis)
        if _needs_agreement(one) and not reference:
            raise WrongState(
                "agreement-missing",
                f"{one.made.study} leaves only under a data use agreement, as its profile {one.made.profile} asks.",
                "Give --agreement REFERENCE, or record it once: workbench recipient agreement NAME REFERENCE.",
            )
        if _needs_expert(one, basis):
            determination = _determination(workbench, reading, one)
    return Terms(reference if _agreed(approved, agreement) else "", determination)


def _needs_agreement(one: Approved) -> bool:
    return one.law == "limited-data-set" or "agreement" in one.requires


def _agreed(approved: Sequence[Approved], agreement: str) -> bool:
    return bool(agreement.strip()) or any(_needs_agreement(one) for one in approved)


def _check_purpose(one: Approved, purpose: str, basis: str) -> None:
    purposes, bases = _ONLY_PURPOSES.get(one.law), _ONLY_BASES.get(one.law)
    if purposes is not None and purpose not in purposes:
        raise WrongState(
            "purpose-not-allowed",
            f"{one.made.study} was prepared with profile {one.made.profile}, which is not made for this purpose.",
            f"Possible purposes: {', '.join(sorted(purposes))}. For others prepare it with another profile.",
        )
    if bases is not None and basis not in bases:
        raise WrongState(
            "basis-not-allowed",
            f"{one.made.study} was prepared with profile {one.made.profile}, which this basis does not cover.",
            f"Possible bases: {', '.join(sorted(bases))}. For others prepare it with another profile.",
        )


def _check_features(one: Approved, basis: str) -> None:
    """Refuse what may show who the patient is where the law leaves no room for it, whoever accepted it by name."""
    if _shows_features(one) and WITHOUT_FEATURES.keys() & {one.law, basis}:
        raise WrongState(
            "recognisable-features",
            f"{one.made.study} has images in which recognisable features are possible: neither Safe Harbor nor a "
            "limited data set may have them.",
            "Prepare it with a profile for an expert determination or for treatment; or have it approved again "
            "without these images.",
        )


def _shows_features(one: Approved) -> bool:
    return may_show_features({plain_hold(name).rpartition(".")[2] for row in one.packed for name in row.holds})


def _needs_expert(one: Approved, basis: str) -> bool:
    """Tell whether only an expert can say that it is de-identified.

    That is so for a profile made for it, and for what fails the Safe Harbor: dates that are kept or shifted, and
    recognisable features.
    """
    fails = one.longitudinal != _UNCHANGED_DATES or _shows_features(one)
    claimed = not one.law and fails and basis == "de-identified"
    return one.law == "expert-determination" or "determination" in one.requires or claimed


def _determination(workbench: Workbench, reading: Transaction, one: Approved) -> Determination:
    found = reading.assurances.determinations(profile_digest=one.made.profile_digest)
    if not found:
        raise WrongState(
            "determination-missing",
            f"Nobody recorded an expert determination for profile {one.made.profile} as {one.made.study} was prepared "
            "with it.",
            "Record it: workbench release determination --profile NAME --expert NAME --reference REF --expires DAYS.",
        )
    newest = found[0]
    _check_recorded(reading, newest)
    if workbench.clock() >= newest.expires_at:
        raise WrongState(
            "determination-expired",
            f"The expert determination for profile {one.made.profile} has expired.",
            "Have the expert look again and record the new determination.",
        )
    return newest


def _check_recorded(reading: Transaction, made: Determination) -> None:
    """Hold a determination against the proven entry that was written when it was recorded."""
    for entry in reading.ledger.entries(Filter(kinds=("determination.recorded",))):
        if entry.data["determination"] == made.id:
            proven = reading.ledger.proven(entry.seq).data
            expires = datetime.fromisoformat(proven["expires"])
            if (proven["profile_digest"], expires) == (made.profile_digest, made.expires_at):
                return
    raise IntegrityBroken(
        "determination-differs",
        "The expert determination is not the one that the log recorded.",
        "Nothing was packed. Run `workbench audit verify`: the database may have been altered.",
    )


def _row(workbench: Workbench, made: Determination) -> DeterminationRow:
    return DeterminationRow(
        made.id,
        made.profile,
        made.profile_digest,
        made.expert,
        made.reference,
        made.expires_at,
        workbench.clock() < made.expires_at,
    )
