"""Preparations: what was made of a study, what changed, what was found, and who decided what."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import func, insert, select, update

from workbench.records.finding import Finding
from workbench.store.decisions import Decisions
from workbench.store.preparation_records import (
    FindingGroup,
    FindingRow,
    NewPreparation,
    Outcome,
    Preparation,
    PreparedRow,
    SeriesChanges,
    preparation_of,
)
from workbench.store.repository import Scene, missing
from workbench.store.stored import StoredObjects
from workbench.store.tables import (
    PreparationState,
    change_blob,
    finding,
    hold,
    instance,
    preparation,
    prepared_instance,
    series,
    study,
)


class Preparations(Decisions):
    """Rows of `preparation` and what hangs on it."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._objects = StoredObjects(scene)

    def add(self, new: NewPreparation, *, by: str, at: datetime) -> Preparation:
        """Add a preparation whose outputs are durable already; earlier undecided ones of the study are superseded.

        An approved one stays approved: what was released under it was released rightly.
        """
        row = f"PR-{self._next('preparation'):06d}"
        holds = _count_holds(new)
        findings = [*_instance_findings(new), *((None, found) for found in new.findings)]
        values = {
            **_fixed(new),
            "id": row,
            "number": self._count(select(func.count()).select_from(preparation).where(preparation.c.study == new.study))
            + 1,
            "state": PreparationState.PREPARED.value,
            "finding_count": len(findings),
            "made_by": by,
            "made_at": at,
            "facts": self._maybe_seal("preparation.facts", row, new.facts),
        }
        self._supersede(new.study)
        self._objects.record((done.stored for done in new.instances if done.stored is not None), at=at)
        self._write(insert(preparation).values(values))
        self._write(insert(prepared_instance), _prepared_rows(row, new))
        self._write(
            insert(hold), [{"preparation": row, "code": code, "instance_count": n} for code, n in holds.items()]
        )
        self._write(insert(change_blob), [self._change_row(row, changes) for changes in new.changes])
        self._write(insert(finding), [_finding_row(row, n, *found) for n, found in enumerate(findings)])
        self._write(
            update(study)
            .where(study.c.id == new.study)
            .values(
                preparation=row,
                patient_code=new.patient_code,
                profile=new.profile,
                held_count=values["held_count"],
                finding_count=len(findings),
                changed_at=at,
            )
        )
        return self.get(row)

    def _supersede(self, study_id: str) -> None:
        undecided = [state.value for state in (PreparationState.PREPARED, PreparationState.RETURNED)]
        self._write(
            update(preparation)
            .where(preparation.c.study == study_id, preparation.c.state.in_(undecided))
            .values(state=PreparationState.SUPERSEDED.value)
        )

    def _change_row(self, row: str, changes: SeriesChanges) -> Mapping[str, Any]:
        return {
            "preparation": row,
            "series": changes.series,
            "change_count": changes.changes,
            "instance_count": changes.instances,
            "sealed": self._keys.seal("preparation.changes", f"{row}|{changes.series}".encode(), changes.blob),
        }

    def of_study(self, study_id: str) -> tuple[Preparation, ...]:
        """Return a study's preparations, newest first."""
        wanted = select(preparation).where(preparation.c.study == study_id).order_by(preparation.c.number.desc())
        return tuple(preparation_of(row) for row in self._all(wanted))

    def current(self, study_id: str) -> Preparation | None:
        """Return the newest preparation of a study, None while there is none."""
        found = self.of_study(study_id)
        return found[0] if found else None

    def facts(self, preparation_id: str) -> Mapping[str, Any]:
        """Open the facts that `flow` stored with it."""
        row = self._first(select(preparation.c.facts).where(preparation.c.id == preparation_id))
        if row is None:
            raise missing("preparation")
        return self._unseal("preparation.facts", preparation_id, row.facts)

    # -- content

    def instances(self, preparation_id: str) -> tuple[PreparedRow, ...]:
        """Return the prepared instances in order."""
        wanted = (
            select(prepared_instance, instance.c.series)
            .join(instance, instance.c.id == prepared_instance.c.instance)
            .where(prepared_instance.c.preparation == preparation_id)
            .order_by(prepared_instance.c.position)
        )
        return tuple(
            PreparedRow(
                instance=row.instance,
                series=row.series,
                position=row.position,
                outcome=Outcome(row.state),
                object=row.object,
                output_digest=row.output_digest,
                sop_uid=row.sop_uid,
                leaf=row.leaf,
                holds=tuple(row.holds),
                refusal=row.refusal or "",
                change_count=row.change_count,
                finding_count=row.finding_count,
            )
            for row in self._all(wanted)
        )

    def change_counts(self, preparation_id: str) -> Mapping[str, int]:
        """Return the number of changes per series, in the order of the series, without opening any."""
        wanted = (
            select(change_blob.c.series, change_blob.c.change_count)
            .join(series, series.c.id == change_blob.c.series)
            .where(change_blob.c.preparation == preparation_id)
            .order_by(series.c.number)
        )
        return {row.series: row.change_count for row in self._all(wanted)}

    def changes(self, preparation_id: str, series_id: str) -> bytes:
        """Open the changes of one series, as `flow` packed them.

        Raises
        ------
        UsageError
            `changes-unknown`.
        IntegrityBroken
            When the blob was altered or moved.
        """
        row = self._first(
            select(change_blob.c.sealed).where(
                change_blob.c.preparation == preparation_id, change_blob.c.series == series_id
            )
        )
        if row is None:
            raise missing("changes")
        return self._keys.unseal("preparation.changes", f"{preparation_id}|{series_id}".encode(), row.sealed)

    def findings(self, preparation_id: str, *, limit: int = 200, offset: int = 0) -> tuple[FindingRow, ...]:
        """Return one page of findings in the order in which they were added."""
        wanted = select(finding).where(finding.c.preparation == preparation_id).order_by(finding.c.position)
        return tuple(
            FindingRow(row.instance, Finding(row.check_name, row.rule, row.place, row.message))
            for row in self._all(wanted.limit(limit).offset(offset))
        )

    def finding_groups(self, preparation_id: str) -> tuple[FindingGroup, ...]:
        """Return what was found, alike ones counted, most frequent first."""
        alike = (finding.c.check_name, finding.c.rule, finding.c.message)
        many = func.count().label("many")
        wanted = select(*alike, many).where(finding.c.preparation == preparation_id).group_by(*alike)
        return tuple(
            FindingGroup(row.check_name, row.rule, row.message, row.many)
            for row in self._all(wanted.order_by(many.desc(), *alike))
        )


def _fixed(new: NewPreparation) -> dict[str, Any]:
    outputs = [done.stored for done in new.instances if done.stored is not None]
    outcomes = [done.outcome for done in new.instances]
    return {
        "study": new.study,
        "scope": new.scope,
        "profile": new.profile,
        "profile_version": new.profile_version,
        "profile_digest": new.profile_digest,
        "edition": new.edition,
        "software": new.software,
        "pixels": new.pixels,
        "root": new.root,
        "patient_code": new.patient_code,
        "instance_count": len(new.instances),
        "output_count": len(outputs),
        "held_count": outcomes.count(Outcome.HELD),
        "refused_count": outcomes.count(Outcome.REFUSED),
        "change_count": sum(changes.changes for changes in new.changes),
        "output_size": sum(stored.size for stored in outputs),
    }


def _count_holds(new: NewPreparation) -> dict[str, int]:
    counts: dict[str, int] = {}
    for code in chain.from_iterable(done.holds for done in new.instances):
        counts[code] = counts.get(code, 0) + 1
    return counts


def _instance_findings(new: NewPreparation) -> Iterator[tuple[str | None, Finding]]:
    for done in new.instances:
        for found in done.findings:
            yield done.instance, found


def _prepared_rows(row: str, new: NewPreparation) -> list[Mapping[str, Any]]:
    return [
        {
            "preparation": row,
            "instance": done.instance,
            "position": position,
            "state": done.outcome.value,
            "object": None if done.stored is None else done.stored.name,
            "output_digest": None if done.stored is None else done.stored.digest,
            "sop_uid": done.sop_uid or None,
            "leaf": done.leaf or None,
            "holds": done.holds,
            "refusal": done.refusal or None,
            "change_count": done.changes,
            "finding_count": len(done.findings),
        }
        for position, done in enumerate(new.instances)
    ]


def _finding_row(row: str, position: int, about: str | None, found: Finding) -> Mapping[str, Any]:
    return {
        "preparation": row,
        "position": position,
        "instance": about,
        "check_name": found.check,
        "rule": found.rule,
        "place": found.where,
        "message": found.message,
    }
