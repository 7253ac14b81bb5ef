"""The first tables, with the audit log's own."""

import sqlalchemy as sa
from alembic import op

from workbench.audit.tables import create_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table. SQLite tables are STRICT; moments are ISO 8601 text, lists are JSON text, flags are 0 or 1."""
    op.create_table(
        "account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("printed_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("enabled", WHOLE, nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("signed_in_at", sa.Text(), nullable=True),
        sa.Column("failures", WHOLE, nullable=False),
        sa.Column("failures_since", sa.Text(), nullable=True),
        sa.Column("locked_until", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("folded_name", name=op.f("uq_account_folded_name")),
        sqlite_strict=True,
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
        sqlite_strict=True,
    )
    op.create_table(
        "object",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("stored_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_object")),
        sqlite_strict=True,
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key_index", sa.Text(), nullable=False),
        sa.Column("id_index", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("key_index", name=op.f("uq_patient_key_index")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_patient_id_index"), "patient", ["id_index"])
    op.create_table(
        "setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
        sqlite_strict=True,
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("input_count", WHOLE, nullable=False),
        sa.Column("received_count", WHOLE, nullable=False),
        sa.Column("duplicate_count", WHOLE, nullable=False),
        sa.Column("quarantined_count", WHOLE, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_import_run_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sqlite_strict=True,
    )
    op.create_table(
        "recipient",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("age_key", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("enabled", WHOLE, nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_recipient_account")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_recipient_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        sa.UniqueConstraint("folded_name", name=op.f("uq_recipient_folded_name")),
        sqlite_strict=True,
    )
    op.create_table(
        "scope",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_scope_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope")),
        sa.UniqueConstraint("folded_name", name=op.f("uq_scope_folded_name")),
        sqlite_strict=True,
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.Column("idle_seconds", WHOLE, nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("end_cause", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_session_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_session_account"), "session", ["account"])
    op.create_table(
        "setup_code",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Text(), nullable=True),
        sa.Column("used_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["used_by"], ["account.id"], name=op.f("fk_setup_code_used_by")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_setup_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "study",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("uid_index", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("modalities", sa.Text(), nullable=False),
        sa.Column("series_count", WHOLE, nullable=False),
        sa.Column("instance_count", WHOLE, nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("quarantined_count", WHOLE, nullable=False),
        sa.Column("preparation", sa.Text(), nullable=True),
        sa.Column("patient_code", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("held_count", WHOLE, nullable=False),
        sa.Column("finding_count", WHOLE, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('received', 'prepared', 'submitted', 'returned', 'approved', 'quarantined', 'discarded')",
            name=op.f("ck_study_state"),
        ),
        sa.ForeignKeyConstraint(["patient"], ["patient.id"], name=op.f("fk_study_patient")),
        sa.ForeignKeyConstraint(["received_by"], ["account.id"], name=op.f("fk_study_received_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        sa.UniqueConstraint("uid_index", name=op.f("uq_study_uid_index")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_study_patient"), "study", ["patient"])
    op.create_index(op.f("ix_study_received_at"), "study", ["received_at"])
    op.create_index(op.f("ix_study_state_received_at"), "study", ["state", "received_at"])
    op.create_table(
        "preparation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("profile_version", WHOLE, nullable=False),
        sa.Column("profile_digest", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("software", sa.Text(), nullable=False),
        sa.Column("pixels", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("patient_code", sa.Text(), nullable=False),
        sa.Column("instance_count", WHOLE, nullable=False),
        sa.Column("output_count", WHOLE, nullable=False),
        sa.Column("held_count", WHOLE, nullable=False),
        sa.Column("refused_count", WHOLE, nullable=False),
        sa.Column("finding_count", WHOLE, nullable=False),
        sa.Column("change_count", WHOLE, nullable=False),
        sa.Column("output_size", WHOLE, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.Text(), nullable=True),
        sa.Column("solo", WHOLE, nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state <> 'approved' OR (approved_by IS NOT NULL AND submitted_by IS NOT NULL)",
            name=op.f("ck_preparation_approver"),
        ),
        sa.CheckConstraint(
            "state IN ('prepared', 'submitted', 'returned', 'approved', 'withdrawn', 'superseded')",
            name=op.f("ck_preparation_state"),
        ),
        sa.CheckConstraint(
            "solo = 1 OR approved_by IS NULL OR (approved_by <> made_by AND approved_by <> submitted_by)",
            name=op.f("ck_preparation_second_person"),
        ),
        sa.ForeignKeyConstraint(["approved_by"], ["account.id"], name=op.f("fk_preparation_approved_by")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_preparation_made_by")),
        sa.ForeignKeyConstraint(["scope"], ["scope.id"], name=op.f("fk_preparation_scope")),
        sa.ForeignKeyConstraint(["study"], ["study.id"], name=op.f("fk_preparation_study")),
        sa.ForeignKeyConstraint(["submitted_by"], ["account.id"], name=op.f("fk_preparation_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preparation")),
        sa.UniqueConstraint("study", "number", name=op.f("uq_preparation_study_number")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_preparation_patient_code"), "preparation", ["patient_code"])
    op.create_table(
        "pseudonym",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_index", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope"], ["scope.id"], name=op.f("fk_pseudonym_scope")),
        sa.PrimaryKeyConstraint("scope", "kind", "source_index", name=op.f("pk_pseudonym")),
        sa.UniqueConstraint("scope", "kind", "value", name=op.f("uq_pseudonym_scope_kind_value")),
        sqlite_strict=True,
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("package_digest", sa.Text(), nullable=False),
        sa.Column("package_size", WHOLE, nullable=False),
        sa.Column("manifest_digest", sa.Text(), nullable=False),
        sa.Column("study_count", WHOLE, nullable=False),
        sa.Column("instance_count", WHOLE, nullable=False),
        sa.Column("solo", WHOLE, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Text(), nullable=False),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoke_reason", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state IN ('created', 'delivered', 'acknowledged', 'expired', 'revoked')", name=op.f("ck_release_state")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_release_created_by")),
        sa.ForeignKeyConstraint(["recipient"], ["recipient.id"], name=op.f("fk_release_recipient")),
        sa.ForeignKeyConstraint(["revoked_by"], ["account.id"], name=op.f("fk_release_revoked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_release_recipient"), "release", ["recipient"])
    op.create_index(op.f("ix_release_state_created_at"), "release", ["state", "created_at"])
    op.create_table(
        "series",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("uid_index", sa.Text(), nullable=False),
        sa.Column("modality", sa.Text(), nullable=False),
        sa.Column("instance_count", WHOLE, nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["study"], ["study.id"], name=op.f("fk_series_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("study", "number", name=op.f("uq_series_study_number")),
        sa.UniqueConstraint("study", "uid_index", name=op.f("uq_series_study_uid_index")),
        sqlite_strict=True,
    )
    op.create_table(
        "change_blob",
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("change_count", WHOLE, nullable=False),
        sa.Column("instance_count", WHOLE, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["preparation"], ["preparation.id"], name=op.f("fk_change_blob_preparation")),
        sa.ForeignKeyConstraint(["series"], ["series.id"], name=op.f("fk_change_blob_series")),
        sa.PrimaryKeyConstraint("preparation", "series", name=op.f("pk_change_blob")),
        sqlite_strict=True,
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("preparation", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("accepted_holds", sa.Text(), nullable=False),
        sa.Column("solo", WHOLE, nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_decision_made_by")),
        sa.ForeignKeyConstraint(["preparation"], ["preparation.id"], name=op.f("fk_decision_preparation")),
        sa.ForeignKeyConstraint(["study"], ["study.id"], name=op.f("fk_decision_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_decision_study_made_at"), "decision", ["study", "made_at"])
    op.create_table(
        "hold",
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("instance_count", WHOLE, nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["accepted_by"], ["account.id"], name=op.f("fk_hold_accepted_by")),
        sa.ForeignKeyConstraint(["preparation"], ["preparation.id"], name=op.f("fk_hold_preparation")),
        sa.PrimaryKeyConstraint("preparation", "code", name=op.f("pk_hold")),
        sqlite_strict=True,
    )
    op.create_table(
        "instance",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("sop_index", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("sop_class", sa.Text(), nullable=False),
        sa.Column("frames", WHOLE, nullable=False),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("import_run", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["import_run"], ["import_run.id"], name=op.f("fk_instance_import_run")),
        sa.ForeignKeyConstraint(["object"], ["object.name"], name=op.f("fk_instance_object")),
        sa.ForeignKeyConstraint(["series"], ["series.id"], name=op.f("fk_instance_series")),
        sa.ForeignKeyConstraint(["study"], ["study.id"], name=op.f("fk_instance_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
        sa.UniqueConstraint("study", "sop_index", name=op.f("uq_instance_study_sop_index")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_instance_object"), "instance", ["object"])
    op.create_index(op.f("ix_instance_series_position"), "instance", ["series", "position"])
    op.create_index(op.f("ix_instance_sop_index"), "instance", ["sop_index"])
    op.create_table(
        "receipt",
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_receipt_recorded_by")),
        sa.ForeignKeyConstraint(["release"], ["release.id"], name=op.f("fk_receipt_release")),
        sa.PrimaryKeyConstraint("release", name=op.f("pk_receipt")),
        sqlite_strict=True,
    )
    op.create_table(
        "release_item",
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("instance_count", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["preparation"], ["preparation.id"], name=op.f("fk_release_item_preparation")),
        sa.ForeignKeyConstraint(["release"], ["release.id"], name=op.f("fk_release_item_release")),
        sa.ForeignKeyConstraint(["study"], ["study.id"], name=op.f("fk_release_item_study")),
        sa.PrimaryKeyConstraint("release", "preparation", name=op.f("pk_release_item")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_release_item_preparation"), "release_item", ["preparation"])
    op.create_index(op.f("ix_release_item_study"), "release_item", ["study"])
    op.create_table(
        "finding",
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("instance", sa.Text(), nullable=True),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["instance"], ["instance.id"], name=op.f("fk_finding_instance")),
        sa.ForeignKeyConstraint(["preparation"], ["preparation.id"], name=op.f("fk_finding_preparation")),
        sa.PrimaryKeyConstraint("preparation", "position", name=op.f("pk_finding")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_finding_preparation_instance"), "finding", ["preparation", "instance"])
    op.create_table(
        "prepared_instance",
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=True),
        sa.Column("output_digest", sa.Text(), nullable=True),
        sa.Column("sop_uid", sa.Text(), nullable=True),
        sa.Column("leaf", sa.Text(), nullable=True),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("change_count", WHOLE, nullable=False),
        sa.Column("finding_count", WHOLE, nullable=False),
        sa.CheckConstraint(
            "state <> 'ready' OR (object IS NOT NULL AND output_digest IS NOT NULL)",
            name=op.f("ck_prepared_instance_output"),
        ),
        sa.CheckConstraint("state IN ('ready', 'held', 'refused')", name=op.f("ck_prepared_instance_state")),
        sa.ForeignKeyConstraint(["instance"], ["instance.id"], name=op.f("fk_prepared_instance_instance")),
        sa.ForeignKeyConstraint(["object"], ["object.name"], name=op.f("fk_prepared_instance_object")),
        sa.ForeignKeyConstraint(["preparation"], ["preparation.id"], name=op.f("fk_prepared_instance_preparation")),
        sa.PrimaryKeyConstraint("preparation", "instance", name=op.f("pk_prepared_instance")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_prepared_instance_object"), "prepared_instance", ["object"])
    op.create_index(op.f("ix_prepared_instance_preparation_position"), "prepared_instance", ["preparation", "position"])
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=True),
        sa.Column("instance", sa.Text(), nullable=True),
        sa.Column("object", sa.Text(), nullable=True),
        sa.Column("import_run", sa.Text(), nullable=True),
        sa.Column("input_index", WHOLE, nullable=True),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("closing_reason", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'imported', 'accepted', 'discarded')", name=op.f("ck_quarantine_state")),
        sa.ForeignKeyConstraint(["closed_by"], ["account.id"], name=op.f("fk_quarantine_closed_by")),
        sa.ForeignKeyConstraint(["import_run"], ["import_run.id"], name=op.f("fk_quarantine_import_run")),
        sa.ForeignKeyConstraint(["instance"], ["instance.id"], name=op.f("fk_quarantine_instance")),
        sa.ForeignKeyConstraint(["object"], ["object.name"], name=op.f("fk_quarantine_object")),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_quarantine_opened_by")),
        sa.ForeignKeyConstraint(["study"], ["study.id"], name=op.f("fk_quarantine_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_quarantine_object"), "quarantine", ["object"])
    op.create_index(op.f("ix_quarantine_state_opened_at"), "quarantine", ["state", "opened_at"])
    op.create_index(op.f("ix_quarantine_study"), "quarantine", ["study"])
    connection = op.get_bind().execution_options(no_parameters=True)  # a percent sign is a percent sign
    for statement in create_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse: there is nothing before the first revision."""
    raise NotImplementedError
