"""Tables of the rules for burned-in text that a site has, and of where its devices were blackened.

Rules and devices are of no patient; both are sealed all the same, since a header may say anything.
"""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Index

from workbench.store.columns import WHOLE, count, flag, key, maybe_moment, maybe_of, moment, of, sealed, text
from workbench.store.schema import one_of, table


class RuleState(StrEnum):
    """Where a rule stands. It is used while it is approved."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


pixel_rule = table(
    "pixel_rule",
    key(),
    text("state"),
    text("origin"),
    text("digest"),
    count("study_count"),
    count("seen_count"),
    count("entry"),
    flag("solo"),
    moment("proposed_at"),
    of("proposed_by", "account.id"),
    maybe_moment("decided_at"),
    maybe_of("decided_by", "account.id"),
    maybe_moment("withdrawn_at"),
    maybe_of("withdrawn_by", "account.id"),
    sealed(),
    one_of("state", RuleState),
    CheckConstraint("origin IN ('site', 'learned')", name="origin"),
    CheckConstraint(
        "state NOT IN ('approved', 'withdrawn')"
        " OR (decided_by IS NOT NULL AND (solo = 1 OR decided_by <> proposed_by))",
        name="second_person",
    ),
    Index(None, "state"),
    Index(None, "digest"),
)

device_sighting = table(
    "device_sighting",
    of("preparation", "preparation.id", primary_key=True),
    Column("position", WHOLE, primary_key=True, autoincrement=False),
    count("image_count"),
    sealed(),
)
