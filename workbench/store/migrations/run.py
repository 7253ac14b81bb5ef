"""Runs the revisions on a database."""

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import SQLAlchemyError

from workbench.records.errors import StorageFailed

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from workbench.store.database import Database


def configuration(connection: "Connection | None" = None) -> Config:
    """Return Alembic's configuration; there is no ini file, and nothing of it depends on the working directory."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate_within(connection: "Connection") -> None:
    """Bring a database to the newest revision in the caller's transaction.

    Raises
    ------
    StorageFailed
        `migration-failed`.
    """
    try:
        command.upgrade(configuration(connection), "head")
    except SQLAlchemyError as error:
        raise _failed() from error


def migrate(database: "Database", *, revision: str = "head") -> None:
    """Bring a database to a revision, in one transaction: it has the new schema or the old one.

    Raises
    ------
    StorageFailed
        `migration-failed`; the database is as it was.
    """
    try:
        with database.engine.connect() as connection, connection.begin():
            command.upgrade(configuration(connection), revision)
    except SQLAlchemyError as error:
        raise _failed() from error


def _failed() -> StorageFailed:
    return StorageFailed(
        "migration-failed",
        "The database could not be brought to this version; it is as it was.",
        "Check free space and permissions, then repeat.",
    )
