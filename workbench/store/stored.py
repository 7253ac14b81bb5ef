"""What the database knows of the object store.

References are counted by looking at the rows that refer, never by a number that could drift.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from workbench.records.states import StudyState
from workbench.store.objects import ObjectName, StoredObject
from workbench.store.repository import Repository
from workbench.store.tables import (
    QuarantineState,
    instance,
    preparation,
    prepared_instance,
    quarantine,
    series,
    stored_object,
    study,
)

_MANY = 500


class StoredObjects(Repository):
    """Rows of `object`. Other rows refer to them by foreign key, so that no row names an object nobody stored."""

    def record(self, objects: Iterable[StoredObject], *, at: datetime) -> None:
        """Record objects that are durable in the object store; known ones stay as they are."""
        rows = {found.name: {"name": found.name, "size": found.size, "stored_at": at} for found in objects}
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(stored_object).on_conflict_do_nothing(index_elements=["name"])
        self._write(statement, list(rows.values()), audited=False)

    def names(self) -> frozenset[ObjectName]:
        """Return every object that the database knows (to find orphans in the store)."""
        return frozenset(row.name for row in self._all(select(stored_object.c.name)))

    def unreferenced(self, *, stored_before: datetime) -> tuple[ObjectName, ...]:
        """Return objects that no instance, prepared instance or quarantined input refers to any more."""
        name = stored_object.c.name
        used = [
            exists().where(table.c.object == name).correlate(stored_object)
            for table in (instance, prepared_instance, quarantine)
        ]
        wanted = select(name).where(stored_object.c.stored_at < stored_before, *(~found for found in used))
        return tuple(row.name for row in self._all(wanted))

    def needed(self, names: Iterable[ObjectName]) -> frozenset[ObjectName]:
        """Return those of some objects that a row still needs: all rows but those of what was discarded.

        Several rows may share one object, since it is named by its content.
        """
        wanted = list(names)
        living = study.c.state != StudyState.DISCARDED.value
        questions = (
            select(instance.c.object)
            .join(series, series.c.id == instance.c.series)
            .join(study, study.c.id == series.c.study)
            .where(living),
            select(prepared_instance.c.object)
            .join(preparation, preparation.c.id == prepared_instance.c.preparation)
            .join(study, study.c.id == preparation.c.study)
            .where(living),
            select(quarantine.c.object).where(quarantine.c.state != QuarantineState.DISCARDED.value),
        )
        found: set[ObjectName] = set()
        for start in range(0, len(wanted), _MANY):
            part = wanted[start : start + _MANY]
            for question in questions:
                column = question.selected_columns[0]
                found.update(row[0] for row in self._all(question.where(column.in_(part))))
        return frozenset(found)

    def forget(self, names: Iterable[ObjectName]) -> None:
        """Delete rows of objects before their files are deleted; refused by the database while anything refers."""
        self._write(
            delete(stored_object).where(stored_object.c.name.in_(list(names))),
            audited=False,
        )
