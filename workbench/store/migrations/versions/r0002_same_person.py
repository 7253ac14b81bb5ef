"""Who is whom over time, rejection notes, what a version owes to an earlier one, and pixels. Only new tables."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; nothing that was there before changes."""
    op.create_table(
        "activation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("profile_version", WHOLE, nullable=False),
        sa.Column("profile_digest", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("software", sa.Text(), nullable=False),
        sa.Column("threshold", WHOLE, nullable=False),
        sa.Column("planted", WHOLE, nullable=False),
        sa.Column("retained", WHOLE, nullable=False),
        sa.Column("leaked", WHOLE, nullable=False),
        sa.Column("entry", WHOLE, nullable=False),
        sa.Column("activated_at", sa.Text(), nullable=False),
        sa.Column("activated_by", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["activated_by"], ["account.id"], name=op.f("fk_activation_activated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_activation_profile_digest"), "activation", ["profile_digest"])
    op.create_table(
        "agreement",
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["recipient"], ["recipient.id"], name=op.f("fk_agreement_recipient")),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_agreement_recorded_by")),
        sa.PrimaryKeyConstraint("recipient", name=op.f("pk_agreement")),
        sqlite_strict=True,
    )
    op.create_table(
        "assigned",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_index", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("drawn_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope", "kind", "source_index"],
            ["pseudonym.scope", "pseudonym.kind", "pseudonym.source_index"],
            name=op.f("fk_assigned_scope_kind_source_index"),
        ),
        sa.PrimaryKeyConstraint("scope", "kind", "source_index", name=op.f("pk_assigned")),
        sqlite_strict=True,
    )
    op.create_table(
        "carried_hold",
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["origin"], ["preparation.id"], name=op.f("fk_carried_hold_origin")),
        sa.ForeignKeyConstraint(["preparation"], ["preparation.id"], name=op.f("fk_carried_hold_preparation")),
        sa.PrimaryKeyConstraint("preparation", "code", name=op.f("pk_carried_hold")),
        sqlite_strict=True,
    )
    op.create_table(
        "determination",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("profile_digest", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_determination_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_determination")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_determination_profile_digest"), "determination", ["profile_digest"])
    op.create_table(
        "entry_note",
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_entry_note")),
        sqlite_strict=True,
    )
    op.create_table(
        "evidence_blob",
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("instance_count", WHOLE, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["preparation"], ["preparation.id"], name=op.f("fk_evidence_blob_preparation")),
        sa.ForeignKeyConstraint(["series"], ["series.id"], name=op.f("fk_evidence_blob_series")),
        sa.PrimaryKeyConstraint("preparation", "series", name=op.f("pk_evidence_blob")),
        sqlite_strict=True,
    )
    op.create_table(
        "identity_question",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'same', 'different', 'void')", name=op.f("ck_identity_question_state")),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name=op.f("fk_identity_question_answered_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_identity_question_asked_by")),
        sa.ForeignKeyConstraint(["other"], ["patient.id"], name=op.f("fk_identity_question_other")),
        sa.ForeignKeyConstraint(["patient"], ["patient.id"], name=op.f("fk_identity_question_patient")),
        sa.ForeignKeyConstraint(["study"], ["study.id"], name=op.f("fk_identity_question_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_question")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_identity_question_state_asked_at"), "identity_question", ["state", "asked_at"])
    op.create_index(op.f("ix_identity_question_study"), "identity_question", ["study"])
    op.create_table(
        "known_values",
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study"], ["study.id"], name=op.f("fk_known_values_study")),
        sa.PrimaryKeyConstraint("study", name=op.f("pk_known_values")),
        sqlite_strict=True,
    )
    op.create_table(
        "person",
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("birth_index", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["patient"], ["patient.id"], name=op.f("fk_person_patient")),
        sa.ForeignKeyConstraint(["root"], ["patient.id"], name=op.f("fk_person_root")),
        sa.PrimaryKeyConstraint("patient", name=op.f("pk_person")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_person_birth_index"), "person", ["birth_index"])
    op.create_index(op.f("ix_person_root"), "person", ["root"])
    op.create_table(
        "redaction_blob",
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("instance_count", WHOLE, nullable=False),
        sa.Column("region_count", WHOLE, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["preparation"], ["preparation.id"], name=op.f("fk_redaction_blob_preparation")),
        sa.ForeignKeyConstraint(["series"], ["series.id"], name=op.f("fk_redaction_blob_series")),
        sa.PrimaryKeyConstraint("preparation", "series", name=op.f("pk_redaction_blob")),
        sqlite_strict=True,
    )
    op.create_table(
        "rejection",
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sop_index", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["note"], ["instance.id"], name=op.f("fk_rejection_note")),
        sa.ForeignKeyConstraint(["study"], ["study.id"], name=op.f("fk_rejection_study")),
        sa.PrimaryKeyConstraint("note", "sop_index", name=op.f("pk_rejection")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_rejection_sop_index"), "rejection", ["sop_index"])
    op.create_index(op.f("ix_rejection_study"), "rejection", ["study"])
    op.create_table(
        "touched",
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("touched_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["preparation"], ["preparation.id"], name=op.f("fk_touched_preparation")),
        sa.PrimaryKeyConstraint("preparation", name=op.f("pk_touched")),
        sqlite_strict=True,
    )
    op.create_table(
        "question_item",
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("quarantine", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["quarantine"], ["quarantine.id"], name=op.f("fk_question_item_quarantine")),
        sa.ForeignKeyConstraint(["question"], ["identity_question.id"], name=op.f("fk_question_item_question")),
        sa.PrimaryKeyConstraint("question", "quarantine", name=op.f("pk_question_item")),
        sqlite_strict=True,
    )
    op.create_table(
        "pixel_rule",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("study_count", WHOLE, nullable=False),
        sa.Column("seen_count", WHOLE, nullable=False),
        sa.Column("entry", WHOLE, nullable=False),
        sa.Column("solo", WHOLE, nullable=False),
        sa.Column("proposed_at", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.Text(), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'rejected', 'withdrawn')", name=op.f("ck_pixel_rule_state")
        ),
        sa.CheckConstraint("origin IN ('site', 'learned')", name=op.f("ck_pixel_rule_origin")),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'withdrawn')"
            " OR (decided_by IS NOT NULL AND (solo = 1 OR decided_by <> proposed_by))",
            name=op.f("ck_pixel_rule_second_person"),
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_pixel_rule_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_pixel_rule_decided_by")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["account.id"], name=op.f("fk_pixel_rule_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pixel_rule")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_pixel_rule_digest"), "pixel_rule", ["digest"])
    op.create_index(op.f("ix_pixel_rule_state"), "pixel_rule", ["state"])
    op.create_table(
        "device_sighting",
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("image_count", WHOLE, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["preparation"], ["preparation.id"], name=op.f("fk_device_sighting_preparation")),
        sa.PrimaryKeyConstraint("preparation", "position", name=op.f("pk_device_sighting")),
        sqlite_strict=True,
    )
