"""The two state machines of the product, each in one place."""

from enum import StrEnum


class StudyState(StrEnum):
    """Where a study stands."""

    RECEIVED = "received"
    PREPARED = "prepared"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    QUARANTINED = "quarantined"
    DISCARDED = "discarded"


class ReleaseState(StrEnum):
    """Where a release stands."""

    CREATED = "created"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    EXPIRED = "expired"
    REVOKED = "revoked"


STUDY_STEPS: dict[tuple[StudyState, str], StudyState] = {
    (StudyState.RECEIVED, "prepare"): StudyState.PREPARED,
    (StudyState.PREPARED, "prepare"): StudyState.PREPARED,
    (StudyState.RETURNED, "prepare"): StudyState.PREPARED,
    (StudyState.APPROVED, "prepare"): StudyState.PREPARED,
    (StudyState.PREPARED, "submit"): StudyState.SUBMITTED,
    (StudyState.SUBMITTED, "approve"): StudyState.APPROVED,
    (StudyState.SUBMITTED, "return"): StudyState.RETURNED,
    (StudyState.APPROVED, "withdraw"): StudyState.RETURNED,
    (StudyState.RECEIVED, "quarantine"): StudyState.QUARANTINED,
    (StudyState.PREPARED, "quarantine"): StudyState.QUARANTINED,
    (StudyState.SUBMITTED, "quarantine"): StudyState.QUARANTINED,
    (StudyState.RETURNED, "quarantine"): StudyState.QUARANTINED,
    (StudyState.APPROVED, "quarantine"): StudyState.QUARANTINED,
    (StudyState.QUARANTINED, "import"): StudyState.RECEIVED,
    (StudyState.QUARANTINED, "accept"): StudyState.RECEIVED,
    (StudyState.QUARANTINED, "discard"): StudyState.DISCARDED,
}
"""(state, step) → next state. What is not here is refused. `approve` and `return` exclude who prepared or submitted."""

RELEASE_STEPS: dict[tuple[ReleaseState, str], ReleaseState] = {
    (ReleaseState.CREATED, "deliver"): ReleaseState.DELIVERED,
    (ReleaseState.CREATED, "acknowledge"): ReleaseState.ACKNOWLEDGED,
    (ReleaseState.DELIVERED, "acknowledge"): ReleaseState.ACKNOWLEDGED,
    (ReleaseState.CREATED, "expire"): ReleaseState.EXPIRED,
    (ReleaseState.DELIVERED, "expire"): ReleaseState.EXPIRED,
    (ReleaseState.ACKNOWLEDGED, "expire"): ReleaseState.EXPIRED,
    (ReleaseState.CREATED, "revoke"): ReleaseState.REVOKED,
    (ReleaseState.DELIVERED, "revoke"): ReleaseState.REVOKED,
    (ReleaseState.ACKNOWLEDGED, "revoke"): ReleaseState.REVOKED,
}
"""(state, step) → next state. A receipt acknowledges from Created too: a disk reports no delivery."""
