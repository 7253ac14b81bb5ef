"""What every table is made with: the naming of constraints, STRICT tables, closed sets of words."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, MetaData, Table

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Return the constraint that a column holds a word of an enumeration."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


def table(name: str, *parts: Column[str] | Column[int] | object) -> Table:
    """Return a table of the workbench."""
    return Table(name, metadata, *parts, sqlite_strict=True)  # type: ignore[arg-type] # columns and constraints alike
