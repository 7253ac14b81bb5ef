"""The tables of the workbench.

What identifies a patient lies only in sealed columns (AES-256-GCM, bound to their row) or as a keyed digest
(`*_index`); every other column holds opaque ids, codes, counts, digests and moments.

The audit log's own tables are `workbench.audit.tables`; the first migration creates both.
"""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, UniqueConstraint

from workbench.records.states import ReleaseState, StudyState
from workbench.store import person_tables, rule_tables  # noqa: F401 - registers their tables in the same metadata
from workbench.store.columns import (
    WHOLE,
    count,
    flag,
    key,
    maybe_moment,
    maybe_of,
    maybe_sealed,
    maybe_text,
    moment,
    of,
    sealed,
    text,
    words,
)
from workbench.store.schema import one_of, table


class PreparationState(StrEnum):
    """Where a preparation stands. Its content never changes; only decisions on it do."""

    PREPARED = "prepared"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class QuarantineState(StrEnum):
    """Where a quarantined input stands."""

    OPEN = "open"
    IMPORTED = "imported"
    ACCEPTED = "accepted"
    DISCARDED = "discarded"


setting = table("setting", key("name"), text("value"), moment("changed_at"))

counter = table("counter", key("name"), count("value"))

account = table(
    "account",
    key(),
    text("name"),
    text("folded_name", unique=True),
    text("printed_name"),
    text("password_hash"),
    words("roles"),
    flag("enabled"),
    moment("created_at"),
    text("created_by"),
    maybe_moment("signed_in_at"),
    count("failures"),
    maybe_moment("failures_since"),
    maybe_moment("locked_until"),
)

setup_code = table(
    "setup_code",
    key("code_hash"),
    moment("created_at"),
    moment("expires_at"),
    maybe_moment("used_at"),
    maybe_of("used_by", "account.id"),
)

session = table(
    "session",
    key(),
    text("token_hash", unique=True),
    of("account", "account.id"),
    moment("created_at"),
    moment("seen_at"),
    count("idle_seconds"),
    moment("expires_at"),
    maybe_moment("ended_at"),
    maybe_text("end_cause"),
    Index(None, "account"),
)

stored_object = table("object", key("name"), count("size"), moment("stored_at"))

patient = table(
    "patient",
    key(),
    text("key_index", unique=True),
    text("id_index"),
    sealed(),
    moment("created_at"),
    Index(None, "id_index"),
)

scope = table(
    "scope",
    key(),
    text("name"),
    text("folded_name", unique=True),
    sealed(),
    moment("created_at"),
    of("created_by", "account.id"),
)

pseudonym = table(
    "pseudonym",
    of("scope", "scope.id", primary_key=True),
    Column("kind", text("kind").type, primary_key=True),
    Column("source_index", text("kind").type, primary_key=True),
    text("value"),
    sealed(),
    moment("created_at"),
    UniqueConstraint("scope", "kind", "value"),
)

import_run = table(
    "import_run",
    key(),
    of("made_by", "account.id"),
    moment("started_at"),
    maybe_moment("ended_at"),
    count("input_count"),
    count("received_count"),
    count("duplicate_count"),
    count("quarantined_count"),
    maybe_sealed(),
)

study = table(
    "study",
    key(),
    of("patient", "patient.id"),
    text("uid_index", unique=True),
    text("state"),
    words("modalities"),
    count("series_count"),
    count("instance_count"),
    count("size"),
    count("quarantined_count"),
    maybe_text("preparation"),
    text("patient_code", default=""),
    text("profile", default=""),
    count("held_count"),
    count("finding_count"),
    sealed(),
    moment("received_at"),
    of("received_by", "account.id"),
    moment("changed_at"),
    one_of("state", StudyState),
    Index(None, "state", "received_at"),
    Index(None, "received_at"),
    Index(None, "patient"),
)

series = table(
    "series",
    key(),
    of("study", "study.id"),
    count("number"),
    text("uid_index"),
    text("modality"),
    count("instance_count"),
    count("size"),
    sealed(),
    UniqueConstraint("study", "uid_index"),
    UniqueConstraint("study", "number"),
)

instance = table(
    "instance",
    key(),
    of("study", "study.id"),
    of("series", "series.id"),
    text("sop_index"),
    count("position"),
    of("object", "object.name"),
    text("sop_class"),
    count("frames"),
    words("holds"),
    sealed(),
    moment("received_at"),
    of("import_run", "import_run.id"),
    UniqueConstraint("study", "sop_index"),
    Index(None, "series", "position"),
    Index(None, "sop_index"),
    Index(None, "object"),
)

preparation = table(
    "preparation",
    key(),
    of("study", "study.id"),
    count("number"),
    text("state"),
    of("scope", "scope.id"),
    text("profile"),
    count("profile_version"),
    text("profile_digest"),
    text("edition"),
    text("software"),
    text("pixels"),
    text("root"),
    text("patient_code"),
    count("instance_count"),
    count("output_count"),
    count("held_count"),
    count("refused_count"),
    count("finding_count"),
    count("change_count"),
    count("output_size"),
    of("made_by", "account.id"),
    moment("made_at"),
    maybe_of("submitted_by", "account.id"),
    maybe_moment("submitted_at"),
    maybe_of("approved_by", "account.id"),
    maybe_moment("approved_at"),
    flag("solo"),
    maybe_sealed("facts"),
    one_of("state", PreparationState),
    CheckConstraint(
        "solo = 1 OR approved_by IS NULL OR (approved_by <> made_by AND approved_by <> submitted_by)",
        name="second_person",
    ),
    CheckConstraint("state <> 'approved' OR (approved_by IS NOT NULL AND submitted_by IS NOT NULL)", name="approver"),
    UniqueConstraint("study", "number"),
    Index(None, "patient_code"),
)

prepared_instance = table(
    "prepared_instance",
    of("preparation", "preparation.id", primary_key=True),
    of("instance", "instance.id", primary_key=True),
    count("position"),
    text("state"),
    maybe_of("object", "object.name"),
    maybe_text("output_digest"),
    maybe_text("sop_uid"),
    maybe_text("leaf"),
    words("holds"),
    maybe_text("refusal"),
    count("change_count"),
    count("finding_count"),
    CheckConstraint("state IN ('ready', 'held', 'refused')", name="state"),
    CheckConstraint("state <> 'ready' OR (object IS NOT NULL AND output_digest IS NOT NULL)", name="output"),
    Index(None, "preparation", "position"),
    Index(None, "object"),
)

hold = table(
    "hold",
    of("preparation", "preparation.id", primary_key=True),
    Column("code", text("code").type, primary_key=True),
    count("instance_count"),
    maybe_of("accepted_by", "account.id"),
    maybe_moment("accepted_at"),
)

change_blob = table(
    "change_blob",
    of("preparation", "preparation.id", primary_key=True),
    of("series", "series.id", primary_key=True),
    count("change_count"),
    count("instance_count"),
    sealed(),
)

finding = table(
    "finding",
    of("preparation", "preparation.id"),
    count("position"),
    maybe_of("instance", "instance.id"),
    text("check_name"),
    text("rule"),
    text("place"),
    text("message"),
    PrimaryKeyConstraint("preparation", "position"),
    Index(None, "preparation", "instance"),
)

decision = table(
    "decision",
    key(),
    of("study", "study.id"),
    maybe_of("preparation", "preparation.id"),
    text("step"),
    of("made_by", "account.id"),
    moment("made_at"),
    words("accepted_holds"),
    flag("solo"),
    maybe_sealed("reason"),
    Index(None, "study", "made_at"),
)

quarantine = table(
    "quarantine",
    key(),
    text("state"),
    text("code"),
    text("message"),
    text("hint"),
    maybe_of("study", "study.id"),
    maybe_of("instance", "instance.id"),
    maybe_of("object", "object.name"),
    maybe_of("import_run", "import_run.id"),
    Column("input_index", WHOLE),
    moment("opened_at"),
    of("opened_by", "account.id"),
    maybe_moment("closed_at"),
    maybe_of("closed_by", "account.id"),
    maybe_sealed(),
    maybe_sealed("closing_reason"),
    one_of("state", QuarantineState),
    Index(None, "state", "opened_at"),
    Index(None, "study"),
    Index(None, "object"),
)

recipient = table(
    "recipient",
    key(),
    text("name"),
    text("folded_name", unique=True),
    text("age_key"),
    maybe_of("account", "account.id"),
    flag("enabled"),
    moment("created_at"),
    of("created_by", "account.id"),
)

release = table(
    "release",
    key(),
    text("state"),
    of("recipient", "recipient.id"),
    moment("expires_at"),
    text("package_digest"),
    count("package_size"),
    text("manifest_digest"),
    count("study_count"),
    count("instance_count"),
    flag("solo"),
    sealed(),
    of("created_by", "account.id"),
    moment("created_at"),
    moment("changed_at"),
    maybe_of("revoked_by", "account.id"),
    maybe_sealed("revoke_reason"),
    one_of("state", ReleaseState),
    Index(None, "state", "created_at"),
    Index(None, "recipient"),
)

release_item = table(
    "release_item",
    of("release", "release.id", primary_key=True),
    of("preparation", "preparation.id", primary_key=True),
    of("study", "study.id"),
    text("root"),
    count("instance_count"),
    Index(None, "study"),
    Index(None, "preparation"),
)

receipt = table(
    "receipt",
    of("release", "release.id", primary_key=True),
    text("digest"),
    moment("opened_at"),
    moment("recorded_at"),
    of("recorded_by", "account.id"),
    sealed(),
)
