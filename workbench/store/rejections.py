"""Rejection notes (IHE IOCM): which instances a Key Object Selection said not to use, and why."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import insert, select

from workbench.store.person_tables import rejection
from workbench.store.repository import Repository
from workbench.store.tables import instance, prepared_instance, release, release_item

_MANY = 500


class Rejections(Repository):
    """Rows of `rejection`. A keyed digest of its UID finds an instance, whichever of the two came first."""

    def note(self, note_instance: str, *, study_id: str, code: str, sop_uids: Iterable[str], at: datetime) -> int:
        """Keep what a note rejects and return how many instances it names."""
        indexes = {self._keys.index("sop uid", uid.encode()) for uid in sop_uids}
        rows = [
            {"note": note_instance, "sop_index": index, "study": study_id, "code": code, "noted_at": at}
            for index in sorted(indexes)
        ]
        self._write(insert(rejection), rows)
        return len(rows)

    def of_instances(self, instances: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the codes (sorted, distinct) by instance, of those that a note rejects."""
        found: dict[str, set[str]] = {}
        joined = select(instance.c.id, rejection.c.code).join(rejection, rejection.c.sop_index == instance.c.sop_index)
        for part in _parts(instances):
            for row in self._all(joined.where(instance.c.id.in_(part))):
                found.setdefault(row.id, set()).add(row.code)
        return {row: tuple(sorted(codes)) for row, codes in found.items()}

    def notes_in(self, study_id: str) -> frozenset[str]:
        """Return the instances of a study that are rejection notes themselves."""
        wanted = select(rejection.c.note).join(instance, instance.c.id == rejection.c.note)
        return frozenset(row.note for row in self._all(wanted.where(instance.c.study == study_id).distinct()))

    def rejected_by(self, note_instance: str) -> tuple[str, ...]:
        """Return the instances here that a note rejects."""
        joined = select(instance.c.id).join(rejection, rejection.c.sop_index == instance.c.sop_index)
        return tuple(row.id for row in self._all(joined.where(rejection.c.note == note_instance)))

    def preparations_with(self, instances: Sequence[str]) -> tuple[str, ...]:
        """Return the preparations that have an output of one of these instances."""
        found: set[str] = set()
        for part in _parts(instances):
            wanted = select(prepared_instance.c.preparation).where(
                prepared_instance.c.instance.in_(part), prepared_instance.c.object.is_not(None)
            )
            found.update(row.preparation for row in self._all(wanted.distinct()))
        return tuple(sorted(found))

    def releases_with(self, preparations: Sequence[str]) -> tuple[str, ...]:
        """Return the releases that a preparation went into."""
        found: set[str] = set()
        for part in _parts(preparations):
            wanted = select(release.c.id).join(release_item, release_item.c.release == release.c.id)
            found.update(row.id for row in self._all(wanted.where(release_item.c.preparation.in_(part)).distinct()))
        return tuple(sorted(found))


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _MANY] for start in range(0, len(ids), _MANY))
