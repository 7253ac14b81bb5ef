"""Imports: one row for each call, with its counts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from workbench.store.repository import Repository, missing
from workbench.store.tables import import_run


@dataclass(frozen=True, slots=True)
class Import:
    """One import. `source` says in words where it came from (sealed: a path may hold a name)."""

    id: str
    made_by: str
    started_at: datetime
    ended_at: datetime | None
    inputs: int
    received: int
    duplicates: int
    quarantined: int
    source: str


class Imports(Repository):
    """Rows of `import_run`."""

    def start(self, *, made_by: str, at: datetime, source: str = "") -> str:
        """Begin an import and return its id (`IM-000001`)."""
        row = f"IM-{self._next('import'):06d}"
        self._write(
            insert(import_run).values(
                id=row, made_by=made_by, started_at=at, sealed=self._seal("import.source", row, {"source": source})
            )
        )
        return row

    def end(
        self, import_id: str, *, at: datetime, inputs: int, received: int, duplicates: int, quarantined: int
    ) -> None:
        """Record how an import came out."""
        ended = update(import_run).where(import_run.c.id == import_id)
        self._write(
            ended.values(
                ended_at=at,
                input_count=inputs,
                received_count=received,
                duplicate_count=duplicates,
                quarantined_count=quarantined,
            )
        )

    def get(self, import_id: str) -> Import:
        """Return an import.

        Raises
        ------
        UsageError
            `import-unknown`.
        """
        row = self._first(select(import_run).where(import_run.c.id == import_id))
        if row is None:
            raise missing("import")
        return Import(
            id=row.id,
            made_by=row.made_by,
            started_at=row.started_at,
            ended_at=row.ended_at,
            inputs=row.input_count,
            received=row.received_count,
            duplicates=row.duplicate_count,
            quarantined=row.quarantined_count,
            source=str(self._unseal("import.source", row.id, row.sealed).get("source", "")),
        )
