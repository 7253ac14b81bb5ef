"""Tables of the second revision: who is whom over time, what was rejected, and what a version owes to an earlier one.

The same rule holds as in `store.tables`: identity lies only in sealed columns or as a keyed digest.
"""

from enum import StrEnum

from sqlalchemy import Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint

from workbench.store.columns import WHOLE, count, key, maybe_moment, maybe_of, moment, of, sealed, text
from workbench.store.schema import one_of, table


class QuestionState(StrEnum):
    """What became of a question about identity."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"
    VOID = "void"
    """The study was discarded before anybody answered."""


person = table(
    "person",
    of("patient", "patient.id", primary_key=True),
    of("root", "patient.id"),
    text("birth_index"),
    Index(None, "root"),
    Index(None, "birth_index"),
)

identity_question = table(
    "identity_question",
    key(),
    text("kind"),
    text("state"),
    of("study", "study.id"),
    of("patient", "patient.id"),
    of("other", "patient.id"),
    moment("asked_at"),
    of("asked_by", "account.id"),
    maybe_moment("answered_at"),
    maybe_of("answered_by", "account.id"),
    one_of("state", QuestionState),
    Index(None, "study"),
    Index(None, "state", "asked_at"),
)

question_item = table(
    "question_item",
    of("question", "identity_question.id", primary_key=True),
    of("quarantine", "quarantine.id", primary_key=True),
)

known_values = table("known_values", of("study", "study.id", primary_key=True), sealed(), moment("changed_at"))

assigned = table(
    "assigned",
    Column("scope", text("scope").type, nullable=False),
    Column("kind", text("kind").type, nullable=False),
    Column("source_index", text("source_index").type, nullable=False),
    sealed(),
    moment("drawn_at"),
    PrimaryKeyConstraint("scope", "kind", "source_index"),
    ForeignKeyConstraint(
        ["scope", "kind", "source_index"], ["pseudonym.scope", "pseudonym.kind", "pseudonym.source_index"]
    ),
)

rejection = table(
    "rejection",
    of("note", "instance.id", primary_key=True),
    Column("sop_index", text("sop_index").type, primary_key=True),
    of("study", "study.id"),
    text("code"),
    moment("noted_at"),
    Index(None, "sop_index"),
    Index(None, "study"),
)

touched = table(
    "touched",
    of("preparation", "preparation.id", primary_key=True),
    text("code"),
    moment("touched_at"),
)

carried_hold = table(
    "carried_hold",
    of("preparation", "preparation.id", primary_key=True),
    Column("code", text("code").type, primary_key=True),
    of("origin", "preparation.id"),
)

evidence_blob = table(
    "evidence_blob",
    of("preparation", "preparation.id", primary_key=True),
    of("series", "series.id", primary_key=True),
    count("instance_count"),
    sealed(),
)

redaction_blob = table(
    "redaction_blob",
    of("preparation", "preparation.id", primary_key=True),
    of("series", "series.id", primary_key=True),
    count("instance_count"),
    count("region_count"),
    text("digest"),
    sealed(),
)

activation = table(
    "activation",
    key(),
    text("profile"),
    count("profile_version"),
    text("profile_digest"),
    text("edition"),
    text("software"),
    count("threshold"),
    count("planted"),
    count("retained"),
    count("leaked"),
    count("entry"),
    moment("activated_at"),
    of("activated_by", "account.id"),
    sealed(),
    Index(None, "profile_digest"),
)

determination = table(
    "determination",
    key(),
    text("profile"),
    text("profile_digest"),
    moment("expires_at"),
    moment("recorded_at"),
    of("recorded_by", "account.id"),
    sealed(),
    Index(None, "profile_digest"),
)

agreement = table(
    "agreement",
    of("recipient", "recipient.id", primary_key=True),
    moment("recorded_at"),
    of("recorded_by", "account.id"),
    sealed(),
)

entry_note = table("entry_note", Column("seq", WHOLE, primary_key=True, autoincrement=False), sealed())
