"""Patients, studies, series and instances as received.

Identifying values go in and come out of records; in the table they lie sealed, and a keyed digest finds them.
Every study keeps its own counts, so that a list of studies never looks at instances.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, func, insert, literal, or_, select, type_coerce, update

from workbench.records.errors import WrongState
from workbench.records.states import StudyState
from workbench.store.repository import Repository, missing, new_id
from workbench.store.stored import StoredObjects
from workbench.store.study_records import (
    Instance,
    NewInstance,
    Patient,
    Series,
    Study,
    StudyPage,
    modality_term,
    public_sop_class,
    series_of,
    study_of,
)
from workbench.store.tables import instance, patient, preparation, series, study

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row

    from workbench.store.repository import Scene


class Studies(Repository):
    """Rows of `patient`, `study`, `series` and `instance`."""

    def __init__(self, scene: "Scene") -> None:
        super().__init__(scene)
        self._objects = StoredObjects(scene)

    # -- patients

    def patient(self, patient_key: bytes, *, patient_id: str, identity: Mapping[str, str], at: datetime) -> Patient:
        """Return the patient of a key (issuer and Patient ID as `flow` spells them), added when unknown.

        A known patient keeps the identity recorded first: what a second study says of them stays with that study.
        """
        index = self._keys.index("patient", patient_key)
        row = self._first(select(patient).where(patient.c.key_index == index))
        if row is None:
            added = new_id()
            self._write(
                insert(patient).values(
                    id=added,
                    key_index=index,
                    id_index=self._patient_id_index(patient_id),
                    sealed=self._seal("patient.identity", added, identity),
                    created_at=at,
                )
            )
            return Patient(added, dict(identity))
        return Patient(row.id, self._unseal("patient.identity", row.id, row.sealed))

    def _patient_id_index(self, patient_id: str) -> str:
        return self._keys.index("patient id", patient_id.strip().casefold().encode())

    # -- studies

    def add(
        self,
        *,
        uid: str,
        patient_id: str,
        identity: Mapping[str, str],
        at: datetime,
        by: str,
        state: StudyState = StudyState.RECEIVED,
    ) -> Study:
        """Add a study and return it with its number (`WB-000001`). `patient_id` is `Patient.id`.

        `identity` is whatever `flow` wants to know of the study later (names, dates, UIDs, descriptions); it is sealed.
        """
        row = f"WB-{self._next('study'):06d}"
        self._write(
            insert(study).values(
                id=row,
                patient=patient_id,
                uid_index=self._keys.index("study uid", uid.encode()),
                state=state.value,
                modalities=(),
                sealed=self._seal("study.identity", row, identity),
                received_at=at,
                received_by=by,
                changed_at=at,
            )
        )
        return self.get(row)

    def get(self, study_id: str) -> Study:
        """Return a study without its identity.

        Raises
        ------
        UsageError
            `study-unknown`.
        """
        row = self._first(select(study).where(study.c.id == study_id))
        if row is None:
            raise missing("study")
        return study_of(row)

    def find(self, uid: str) -> Study | None:
        """Find by the Study Instance UID of the input."""
        row = self._first(select(study).where(study.c.uid_index == self._keys.index("study uid", uid.encode())))
        return None if row is None else study_of(row)

    def identity(self, study_id: str) -> Mapping[str, str]:
        """Open the identity of a study (the caller records that somebody saw it)."""
        row = self._first(select(study.c.sealed).where(study.c.id == study_id))
        if row is None:
            raise missing("study")
        return self._unseal("study.identity", study_id, row.sealed)

    def patient_identity(self, study_id: str) -> Patient:
        """Open the identity of a study's patient (the caller records that somebody saw it)."""
        joined = select(patient).join(study, study.c.patient == patient.c.id)
        row = self._first(joined.where(study.c.id == study_id))
        if row is None:
            raise missing("study")
        return Patient(row.id, self._unseal("patient.identity", row.id, row.sealed))

    def move(self, study_id: str, *, expected: StudyState, to: StudyState, at: datetime) -> None:
        """Change the state of a study if it still is the expected one.

        Raises
        ------
        WrongState
            `study-changed` when somebody else was faster.
        """
        moved = update(study).where(study.c.id == study_id, study.c.state == expected.value)
        if self._write(moved.values(state=to.value, changed_at=at)) != 1:
            raise WrongState(
                "study-changed", "The study is not in the state that you saw.", "Look at it again, then decide."
            )

    def retire(self, study_id: str) -> None:
        """Let go of the Study Instance UID of a discarded study, so that the study may be imported anew.

        Raises
        ------
        UsageError
            `study-unknown`.
        """
        retired = update(study).where(study.c.id == study_id).values(uid_index=f"retired {study_id}")
        if self._write(retired) != 1:
            raise missing("study")

    def search(
        self,
        *,
        state: StudyState | None = None,
        text: str = "",
        modality: str = "",
        newest_first: bool = True,
        limit: int = 50,
        offset: int = 0,
    ) -> StudyPage:
        """Return one page of studies with the total and the counts per state (of the same search, any state).

        `text` matches the beginning of a study number, patient code or profile, a modality, or a whole Patient ID
        (by its keyed digest). It never matches a name: names cannot be searched.
        """
        conditions: list[ColumnElement[bool]] = []
        if text.strip():
            conditions.append(self._matches(text.strip()))
        if modality:
            conditions.append(_has_modality(modality))
        counts = {
            StudyState(row.state): int(row.n)
            for row in self._all(
                select(study.c.state, func.count().label("n")).where(*conditions).group_by(study.c.state)
            )
        }
        if state is not None:
            conditions.append(study.c.state == state.value)
        order = (study.c.received_at, study.c.id)
        ordered = tuple(column.desc() for column in order) if newest_first else order
        wanted = select(study).where(*conditions).order_by(*ordered).limit(limit).offset(offset)
        total = counts.get(state, 0) if state is not None else sum(counts.values())
        return StudyPage(tuple(study_of(row) for row in self._all(wanted)), total, counts)

    def _matches(self, text: str) -> "ColumnElement[bool]":
        coded = select(literal(1)).where(
            preparation.c.study == study.c.id, preparation.c.patient_code.istartswith(text, autoescape=True)
        )
        owned = select(patient.c.id).where(patient.c.id_index == self._patient_id_index(text))
        return or_(
            study.c.id.istartswith(text, autoescape=True),
            study.c.id.iendswith(text.rjust(6, "0"), autoescape=True) if text.isdecimal() else literal(False),  # noqa: FBT003 - SQL
            study.c.profile.istartswith(text, autoescape=True),
            _has_modality(text),
            coded.exists(),
            study.c.patient.in_(owned),
        )

    # -- series and instances

    def series(self, study_id: str, uid: str, *, modality: str, identity: Mapping[str, str]) -> Series:
        """Return the series of a Series Instance UID in a study, added with the next number when unknown."""
        index = self._keys.index("series uid", uid.encode())
        row = self._first(select(series).where(series.c.study == study_id, series.c.uid_index == index))
        if row is not None:
            return series_of(row)
        added = new_id()
        number = self._count(select(func.count()).select_from(series).where(series.c.study == study_id)) + 1
        self._write(
            insert(series).values(
                id=added,
                study=study_id,
                number=number,
                uid_index=index,
                modality=modality_term(modality),
                sealed=self._seal("series.identity", added, identity),
            )
        )
        return self.get_series(added)

    def get_series(self, series_id: str) -> Series:
        """Return a series.

        Raises
        ------
        UsageError
            `series-unknown`.
        """
        row = self._first(select(series).where(series.c.id == series_id))
        if row is None:
            raise missing("series")
        return series_of(row)

    def series_identity(self, series_id: str) -> Mapping[str, str]:
        """Open the identity of a series."""
        row = self._first(select(series.c.sealed).where(series.c.id == series_id))
        if row is None:
            raise missing("series")
        return self._unseal("series.identity", series_id, row.sealed)

    def all_series(self, study_id: str) -> tuple[Series, ...]:
        """Return the series of a study by number."""
        wanted = select(series).where(series.c.study == study_id).order_by(series.c.number)
        return tuple(series_of(row) for row in self._all(wanted))

    def add_instances(
        self, series_id: str, instances: Iterable[NewInstance], *, import_id: str, at: datetime
    ) -> tuple[str, ...]:
        """Add instances of one series, whose objects are durable already, and return their ids in order.

        Raises
        ------
        StorageFailed
            `database-refused` when the study has an instance with the same SOP Instance UID: see `find_instance`.
        """
        owner = self.get_series(series_id)
        fresh = tuple(instances)
        self._objects.record((new.stored for new in fresh), at=at)
        ids = tuple(new_id() for _ in fresh)
        rows = [
            {
                "id": row,
                "study": owner.study,
                "series": series_id,
                "sop_index": self._keys.index("sop uid", new.sop_uid.encode()),
                "position": new.position,
                "object": new.stored.name,
                "sop_class": public_sop_class(new.sop_class),
                "frames": new.frames,
                "holds": new.holds,
                "sealed": self._seal(
                    "instance.identity",
                    row,
                    {
                        "sop_uid": new.sop_uid,
                        "sop_class": new.sop_class,
                        "digest": new.stored.digest,
                        "source": new.source,
                    },
                ),
                "received_at": at,
                "import_run": import_id,
            }
            for row, new in zip(ids, fresh, strict=True)
        ]
        self._write(insert(instance), rows)
        self._grow(owner, len(fresh), sum(new.stored.size for new in fresh), at)
        return ids

    def _grow(self, owner: Series, instances: int, size: int, at: datetime) -> None:
        self._write(
            update(series)
            .where(series.c.id == owner.id)
            .values(instance_count=series.c.instance_count + instances, size=series.c.size + size)
        )
        modalities = self._all(select(series.c.modality).where(series.c.study == owner.study).distinct())
        self._write(
            update(study)
            .where(study.c.id == owner.study)
            .values(
                instance_count=study.c.instance_count + instances,
                size=study.c.size + size,
                series_count=select(func.count()).where(series.c.study == owner.study).scalar_subquery(),
                modalities=tuple(sorted(row.modality for row in modalities)),
                changed_at=at,
            )
        )

    def find_instance(self, study_id: str, sop_uid: str) -> Instance | None:
        """Find by SOP Instance UID within a study: the same object name is a duplicate, another one a conflict."""
        index = self._keys.index("sop uid", sop_uid.encode())
        row = self._first(select(instance).where(instance.c.study == study_id, instance.c.sop_index == index))
        return None if row is None else self._instance(row)

    def get_instance(self, instance_id: str) -> Instance:
        """Return an instance.

        Raises
        ------
        UsageError
            `instance-unknown`.
        """
        row = self._first(select(instance).where(instance.c.id == instance_id))
        if row is None:
            raise missing("instance")
        return self._instance(row)

    def instances(self, study_id: str, *, series_id: str | None = None) -> tuple[Instance, ...]:
        """Return the instances of a study, or of one of its series, in the order of series number and position."""
        wanted = select(instance).join(series, series.c.id == instance.c.series)
        wanted = wanted.where(instance.c.study == study_id)
        if series_id is not None:
            wanted = wanted.where(instance.c.series == series_id)
        ordered = wanted.order_by(series.c.number, instance.c.position, instance.c.id)
        return tuple(self._instance(row) for row in self._all(ordered))

    def _instance(self, row: "Row[Any]") -> Instance:
        identity = self._unseal("instance.identity", row.id, row.sealed)
        return Instance(
            id=row.id,
            study=row.study,
            series=row.series,
            position=row.position,
            object=row.object,
            frames=row.frames,
            holds=tuple(row.holds),
            sop_class=identity["sop_class"],
            sop_uid=identity["sop_uid"],
            digest=identity["digest"],
            source=identity["source"],
        )


def _has_modality(value: str) -> "ColumnElement[bool]":
    return type_coerce(study.c.modalities, Text).contains(f'"{value.upper()}"', autoescape=True)
