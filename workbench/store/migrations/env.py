"""Run by Alembic: uses the connection and the transaction of `migrations.run.migrate`."""

from alembic import context

from workbench.store import tables  # noqa: F401 - registers every table
from workbench.store.schema import metadata


def include(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:  # noqa: FBT001 - Alembic's signature
    """Leave the audit log's own tables to `workbench.audit.tables`."""
    return not (kind == "table" and name is not None and name.startswith("audit_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=include,
    transactional_ddl=False,  # the caller's transaction spans all revisions
)
context.run_migrations()
