"""Quarantine: what could not be taken further, with the reason and what to do next."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from workbench.records.errors import WorkbenchError, WrongState
from workbench.store.repository import Repository, Scene, missing
from workbench.store.stored import StoredObjects
from workbench.store.tables import QuarantineState, quarantine, study

if TYPE_CHECKING:
    from sqlalchemy import Row

    from workbench.store.objects import StoredObject


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One input (or a whole study) set aside. `source`, `note` and `closing_reason` were sealed."""

    id: str
    state: QuarantineState
    code: str
    message: str
    hint: str
    study: str | None
    instance: str | None
    object: str | None
    import_id: str | None
    input_index: int | None
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str | None
    source: str = field(repr=False)
    note: str = field(repr=False)
    closing_reason: str = field(repr=False)


class Quarantine(Repository):
    """Rows of `quarantine`."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._objects = StoredObjects(scene)

    def add(
        self,
        refusal: WorkbenchError,
        *,
        by: str,
        at: datetime,
        study_id: str | None = None,
        instance_id: str | None = None,
        stored: "StoredObject | None" = None,
        import_id: str | None = None,
        input_index: int | None = None,
        source: str = "",
        note: str = "",
    ) -> Quarantined:
        """Set something aside for the reason of a refusal (its code, message and hint bear no identity)."""
        row = f"Q-{self._next('quarantine'):06d}"
        if stored is not None:
            self._objects.record([stored], at=at)
        told = {"source": source, "note": note}
        self._write(
            insert(quarantine).values(
                id=row,
                state=QuarantineState.OPEN.value,
                code=refusal.code,
                message=refusal.message,
                hint=refusal.hint,
                study=study_id,
                instance=instance_id,
                object=None if stored is None else stored.name,
                import_run=import_id,
                input_index=input_index,
                opened_at=at,
                opened_by=by,
                sealed=self._maybe_seal("quarantine.source", row, told if source or note else None),
            )
        )
        self._recount(study_id)
        return self.get(row)

    def get(self, quarantine_id: str) -> Quarantined:
        """Return an entry.

        Raises
        ------
        UsageError
            `quarantine-entry-unknown`.
        """
        row = self._first(select(quarantine).where(quarantine.c.id == quarantine_id))
        if row is None:
            raise missing("quarantine-entry")
        return self._record(row)

    def page(
        self,
        *,
        state: QuarantineState | None = QuarantineState.OPEN,
        study_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[Quarantined, ...]:
        """Return one page, newest first."""
        wanted = select(quarantine).order_by(quarantine.c.opened_at.desc(), quarantine.c.id.desc())
        if state is not None:
            wanted = wanted.where(quarantine.c.state == state.value)
        if study_id is not None:
            wanted = wanted.where(quarantine.c.study == study_id)
        return tuple(self._record(row) for row in self._all(wanted.limit(limit).offset(offset)))

    def counts(self) -> dict[str, int]:
        """Return how many open entries there are of each code, most frequent first."""
        many = func.count().label("many")
        wanted = select(quarantine.c.code, many).where(quarantine.c.state == QuarantineState.OPEN.value)
        grouped = wanted.group_by(quarantine.c.code).order_by(many.desc(), quarantine.c.code)
        return {row.code: row.many for row in self._all(grouped)}

    def close(self, quarantine_id: str, *, to: QuarantineState, by: str, at: datetime, reason: str = "") -> Quarantined:
        """Close an open entry; a discarded one lets go of its object.

        Raises
        ------
        WrongState
            `quarantine-entry-closed`.
        """
        values: dict[str, Any] = {"state": to.value, "closed_by": by, "closed_at": at}
        values["closing_reason"] = self._maybe_seal(
            "quarantine.closing", quarantine_id, {"text": reason} if reason else None
        )
        if to is QuarantineState.DISCARDED:
            values["object"] = None
        open_one = (quarantine.c.id == quarantine_id) & (quarantine.c.state == QuarantineState.OPEN.value)
        if self._write(update(quarantine).where(open_one).values(values)) != 1:
            raise WrongState("quarantine-entry-closed", "This entry was closed already.", "Look at the list again.")
        closed = self.get(quarantine_id)
        self._recount(closed.study)
        return closed

    def _recount(self, study_id: str | None) -> None:
        if study_id is None:
            return
        still = select(func.count()).select_from(quarantine)
        still = still.where(quarantine.c.study == study_id, quarantine.c.state == QuarantineState.OPEN.value)
        self._write(update(study).where(study.c.id == study_id).values(quarantined_count=still.scalar_subquery()))

    def _record(self, row: "Row[Any]") -> Quarantined:
        told = self._unseal("quarantine.source", row.id, row.sealed)
        return Quarantined(
            id=row.id,
            state=QuarantineState(row.state),
            code=row.code,
            message=row.message,
            hint=row.hint,
            study=row.study,
            instance=row.instance,
            object=row.object,
            import_id=row.import_run,
            input_index=row.input_index,
            opened_at=row.opened_at,
            opened_by=row.opened_by,
            closed_at=row.closed_at,
            closed_by=row.closed_by,
            source=str(told.get("source", "")),
            note=str(told.get("note", "")),
            closing_reason=str(self._unseal("quarantine.closing", row.id, row.closing_reason).get("text", "")),
        )
