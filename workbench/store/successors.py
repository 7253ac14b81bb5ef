"""What a prepared version owes to another one: why it needs a successor, and decisions that it took over.

With that, the evidence for what was cleaned, which its outputs name by digest.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import insert, select

from workbench.records.errors import IntegrityBroken
from workbench.store.person_tables import carried_hold, evidence_blob, touched
from workbench.store.repository import Repository
from workbench.store.tables import PreparationState, preparation

_LARGEST = 1 << 30
_LIVING = tuple(
    state.value
    for state in (
        PreparationState.PREPARED,
        PreparationState.SUBMITTED,
        PreparationState.RETURNED,
        PreparationState.APPROVED,
    )
)


class Successors(Repository):
    """Rows of `touched`, `carried_hold` and `evidence_blob`."""

    # -- why a version cannot go on

    def touch(self, preparations: Iterable[str], *, code: str, at: datetime) -> None:
        """Say of versions that they need a successor; what was said first stays."""
        known = {row.preparation for row in self._all(select(touched.c.preparation))}
        rows = [
            {"preparation": row, "code": code, "touched_at": at}
            for row in dict.fromkeys(preparations)
            if row not in known
        ]
        self._write(insert(touched), rows)

    def touched(self, preparation_id: str) -> str:
        """Return the code of why a version needs a successor, empty when it does not."""
        row = self._first(select(touched.c.code).where(touched.c.preparation == preparation_id))
        return "" if row is None else str(row.code)

    def living(self, studies: Iterable[str]) -> tuple[str, ...]:
        """Return the versions of studies that may still go on, or went on and were approved."""
        wanted = select(preparation.c.id).where(
            preparation.c.study.in_(list(studies)), preparation.c.state.in_(_LIVING)
        )
        return tuple(row.id for row in self._all(wanted.order_by(preparation.c.id)))

    # -- decisions that were taken over

    def carry(self, preparation_id: str, origins: Mapping[str, str]) -> None:
        """Keep from which version the acceptance of each hold (by code) was taken over."""
        rows = [
            {"preparation": preparation_id, "code": code, "origin": origin} for code, origin in sorted(origins.items())
        ]
        self._write(insert(carried_hold), rows)

    def carried(self, preparation_id: str) -> dict[str, str]:
        """Return the version in which each taken-over hold was accepted, by code."""
        wanted = select(carried_hold).where(carried_hold.c.preparation == preparation_id)
        return {row.code: row.origin for row in self._all(wanted)}

    # -- evidence

    def keep_evidence(self, preparation_id: str, series_id: str, documents: Mapping[str, str]) -> None:
        """Keep the evidence documents of one series, by instance (sealed: they quote cleaned texts)."""
        told = json.dumps(dict(documents), ensure_ascii=False)
        place = f"{preparation_id}|{series_id}".encode()
        sealed = self._keys.seal("preparation.evidence", place, zlib.compress(told.encode(), 6))
        values = {"preparation": preparation_id, "series": series_id, "instance_count": len(documents)}
        self._write(insert(evidence_blob).values(sealed=sealed, **values))

    def evidence(self, preparation_id: str, series_id: str) -> dict[str, str]:
        """Open the evidence documents of one series, by instance; empty when there are none.

        Raises
        ------
        IntegrityBroken
            When the blob was altered or moved.
        """
        row = self._first(
            select(evidence_blob.c.sealed).where(
                evidence_blob.c.preparation == preparation_id, evidence_blob.c.series == series_id
            )
        )
        if row is None:
            return {}
        place = f"{preparation_id}|{series_id}".encode()
        unpacked = zlib.decompressobj()
        try:
            content = unpacked.decompress(self._keys.unseal("preparation.evidence", place, row.sealed), _LARGEST)
            return {str(name): str(document) for name, document in json.loads(content).items()}
        except (ValueError, zlib.error):
            raise IntegrityBroken(
                "evidence-damaged",
                "The evidence of a prepared version cannot be read.",
                "Restore the database from its backup, or prepare the study again.",
            ) from None
