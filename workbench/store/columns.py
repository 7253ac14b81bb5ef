"""Column types that mean the same in SQLite (STRICT) and PostgreSQL."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


class UtcTime(TypeDecorator[datetime]):
    """A moment as ISO 8601 text in UTC with microseconds, so that text order is time order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: "Dialect") -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse moments without a zone: they would be read as another moment elsewhere."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: "Dialect") -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return an aware moment in UTC."""
        return None if value is None else datetime.fromisoformat(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """A short list of codes as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: "Dialect") -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Write a JSON array."""
        return None if value is None else json.dumps(list(value))

    def process_result_value(self, value: str | None, dialect: "Dialect") -> tuple[str, ...] | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read a JSON array."""
        return None if value is None else tuple(json.loads(value))


WHOLE = BigInteger().with_variant(Integer(), "sqlite")
"""A count or size: 64 bits in both (STRICT knows no BIGINT, its INTEGER has 64)."""


def key(name: str = "id") -> Column[str]:
    """Return a primary key of opaque text."""
    return Column(name, Text, primary_key=True)


def text(name: str, *, unique: bool = False, default: str | None = None) -> Column[str]:
    """Return a column of text that identifies nobody."""
    return Column(name, Text, nullable=False, unique=unique, default=default)


def maybe_text(name: str) -> Column[str | None]:
    """Return a column of text that may be absent."""
    return Column(name, Text)


def words(name: str) -> Column[tuple[str, ...]]:
    """Return a column that lists codes."""
    return Column(name, Words, nullable=False)


def count(name: str) -> Column[int]:
    """Return a column that counts or measures."""
    return Column(name, WHOLE, nullable=False, default=0)


def flag(name: str) -> Column[int]:
    """Return a column that is 0 or 1 (STRICT knows no BOOLEAN)."""
    return Column(name, WHOLE, nullable=False, default=0)


def sealed(name: str = "sealed") -> Column[bytes]:
    """Return a column of bytes under the sealing key."""
    return Column(name, LargeBinary, nullable=False)


def maybe_sealed(name: str = "sealed") -> Column[bytes | None]:
    """Return a sealed column that may be absent."""
    return Column(name, LargeBinary)


def moment(name: str) -> Column[datetime]:
    """Return a column that holds a moment."""
    return Column(name, UtcTime, nullable=False)


def maybe_moment(name: str) -> Column[datetime | None]:
    """Return a column that may hold a moment."""
    return Column(name, UtcTime)


def of(name: str, target: str, *, primary_key: bool = False) -> Column[str]:
    """Return a reference to a row that must exist."""
    return Column(name, Text, ForeignKey(target), nullable=False, primary_key=primary_key)


def maybe_of(name: str, target: str) -> Column[str | None]:
    """Return a reference that may be absent."""
    return Column(name, Text, ForeignKey(target))
