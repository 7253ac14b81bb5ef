"""Decisions on preparations: submit, approve, return, withdraw, and the record of who decided what and why."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from workbench.records.errors import UsageError, WrongState
from workbench.store.preparation_records import Decision, Hold, Preparation, preparation_of
from workbench.store.repository import Repository, missing, new_id
from workbench.store.tables import PreparationState, decision, hold, preparation


class Decisions(Repository):
    """What may change of a preparation: its state, and who accepted which hold."""

    def get(self, preparation_id: str) -> Preparation:
        """Return a preparation.

        Raises
        ------
        UsageError
            `preparation-unknown`.
        """
        row = self._first(select(preparation).where(preparation.c.id == preparation_id))
        if row is None:
            raise missing("preparation")
        return preparation_of(row)

    def holds(self, preparation_id: str) -> tuple[Hold, ...]:
        """Return what must be accepted by name, by code."""
        wanted = select(hold).where(hold.c.preparation == preparation_id).order_by(hold.c.code)
        return tuple(Hold(row.code, row.instance_count, row.accepted_by, row.accepted_at) for row in self._all(wanted))

    def submit(self, preparation_id: str, *, by: str, at: datetime) -> Preparation:
        """Mark as submitted.

        Raises
        ------
        WrongState
            `preparation-changed` when it is not in the state `prepared`.
        """
        self._decide(
            preparation_id, PreparationState.PREPARED, PreparationState.SUBMITTED, submitted_by=by, submitted_at=at
        )
        return self.get(preparation_id)

    def approve(
        self, preparation_id: str, *, by: str, at: datetime, accepted_holds: tuple[str, ...] = (), solo: bool = False
    ) -> Preparation:
        """Mark as approved and the named holds as accepted; instances under the others stay behind in releases.

        The database itself refuses an approver who made or submitted it, unless `solo` is given.

        Raises
        ------
        WrongState
            `preparation-changed` when it is not submitted.
        UsageError
            `hold-unknown` when a hold is accepted that it does not have.
        """
        codes = {found.code for found in self.holds(preparation_id)}
        if set(accepted_holds) - codes:
            known = f"Accept by one of these names: {', '.join(sorted(codes))}." if codes else "Nothing waits in it."
            raise UsageError("hold-unknown", "There is no such hold on this preparation.", known)
        self._decide(
            preparation_id,
            PreparationState.SUBMITTED,
            PreparationState.APPROVED,
            approved_by=by,
            approved_at=at,
            solo=int(solo),
        )
        self.accept(preparation_id, accepted_holds, by=by, at=at)
        return self.get(preparation_id)

    def accept(self, preparation_id: str, holds: tuple[str, ...], *, by: str, at: datetime) -> None:
        """Mark holds as accepted; who accepted one first stays."""
        named = (hold.c.preparation == preparation_id) & hold.c.code.in_(holds) & hold.c.accepted_by.is_(None)
        self._write(update(hold).where(named).values(accepted_by=by, accepted_at=at))

    def send_back(self, preparation_id: str) -> Preparation:
        """Mark a submitted one as returned.

        Raises
        ------
        WrongState
            `preparation-changed`.
        """
        self._decide(preparation_id, PreparationState.SUBMITTED, PreparationState.RETURNED)
        return self.get(preparation_id)

    def withdraw(self, preparation_id: str) -> Preparation:
        """Mark an approved one as withdrawn: nothing more may be released under it.

        Raises
        ------
        WrongState
            `preparation-changed`.
        """
        self._decide(preparation_id, PreparationState.APPROVED, PreparationState.WITHDRAWN)
        return self.get(preparation_id)

    def _decide(self, preparation_id: str, expected: PreparationState, to: PreparationState, **values: Any) -> None:
        decided = update(preparation).where(preparation.c.id == preparation_id, preparation.c.state == expected.value)
        if self._write(decided.values(state=to.value, **values)) != 1:
            raise WrongState(
                "preparation-changed",
                "The prepared version is not in the state that you saw.",
                "Look at the study again, then decide.",
            )

    def record_decision(
        self,
        *,
        study_id: str,
        preparation_id: str | None,
        step: str,
        by: str,
        at: datetime,
        reason: str = "",
        accepted_holds: tuple[str, ...] = (),
        solo: bool = False,
    ) -> Decision:
        """Keep a step that a person took; decisions are never changed."""
        row = new_id()
        self._write(
            insert(decision).values(
                id=row,
                study=study_id,
                preparation=preparation_id,
                step=step,
                made_by=by,
                made_at=at,
                accepted_holds=accepted_holds,
                solo=int(solo),
                reason=self._maybe_seal("decision.reason", row, {"text": reason} if reason else None),
            )
        )
        return Decision(row, study_id, preparation_id, step, by, at, accepted_holds, solo, reason)

    def decisions(self, study_id: str) -> tuple[Decision, ...]:
        """Return the steps taken on a study, oldest first, with their reasons opened."""
        wanted = select(decision).where(decision.c.study == study_id).order_by(decision.c.made_at, decision.c.id)
        return tuple(
            Decision(
                id=row.id,
                study=row.study,
                preparation=row.preparation,
                step=row.step,
                by=row.made_by,
                at=row.made_at,
                accepted_holds=tuple(row.accepted_holds),
                solo=bool(row.solo),
                reason=str(self._unseal("decision.reason", row.id, row.reason).get("text", "")),
            )
            for row in self._all(wanted)
        )
