"""Who is whom over time: which patients are one person, what was asked about it, and what is known of them.

A patient is one Patient ID under one issuer. Patients that somebody found to be one person share a root: the one that
came first, whose pseudonyms all of them have. A patient without a row is a person alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from workbench.records.errors import WrongState
from workbench.records.known import KnownKind, KnownValue
from workbench.records.states import StudyState
from workbench.store.person_tables import (
    QuestionState,
    identity_question,
    known_values,
    person,
    question_item,
)
from workbench.store.repository import Repository, missing
from workbench.store.study_records import Patient
from workbench.store.tables import patient, study


@dataclass(frozen=True, slots=True)
class Question:
    """Whether two patients are one person. `study` waits in quarantine, or parts of it do, until it is answered."""

    id: str
    kind: str
    state: QuestionState
    study: str
    patient: str
    other: str
    asked_at: datetime
    asked_by: str
    answered_at: datetime | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """One patient of a person, with the identity recorded first. `key` is the one under which the patient is found."""

    id: str
    key: bytes = field(repr=False)
    identity: Mapping[str, str] = field(repr=False)
    created_at: datetime


class Persons(Repository):
    """Rows of `person`, `identity_question`, `question_item` and `known_values`."""

    # -- who is one person

    def root(self, patient_id: str) -> str:
        """Return the patient whose pseudonyms this one has: itself while nobody linked it."""
        row = self._first(select(person.c.root).where(person.c.patient == patient_id))
        return patient_id if row is None else str(row.root)

    def group(self, patient_id: str) -> tuple[Member, ...]:
        """Return all patients that are one person with this one (itself among them), the root first."""
        root = self.root(patient_id)
        wanted = select(patient).join(person, person.c.patient == patient.c.id).where(person.c.root == root)
        found = {row.id: row for row in self._all(wanted)}
        if root not in found:
            found[root] = self._patient_row(root)
        ordered = sorted(found.values(), key=lambda row: (row.id != root, row.created_at, row.id))
        return tuple(self._member(row) for row in ordered)

    def member(self, patient_id: str) -> Member:
        """Return one patient.

        Raises
        ------
        UsageError
            `patient-unknown`.
        """
        return self._member(self._patient_row(patient_id))

    def note_birth(self, patient_id: str, birth_index: str) -> None:
        """Keep under what birth date (keyed digest, empty without one) a patient is found again."""
        if self._first(select(person.c.patient).where(person.c.patient == patient_id)) is None:
            self._write(insert(person).values(patient=patient_id, root=patient_id, birth_index=birth_index))

    def born(self, birth_index: str) -> tuple[Member, ...]:
        """Return patients with that birth date, oldest first."""
        if not birth_index:
            return ()
        wanted = select(patient).join(person, person.c.patient == patient.c.id)
        found = self._all(
            wanted.where(person.c.birth_index == birth_index).order_by(patient.c.created_at, patient.c.id)
        )
        return tuple(self._member(row) for row in found)

    def with_id(self, patient_id: str) -> tuple[Member, ...]:
        """Return patients with a Patient ID as the input spells it, whoever issued it, oldest first."""
        index = self._keys.index("patient id", patient_id.strip().casefold().encode())
        wanted = select(patient).where(patient.c.id_index == index).order_by(patient.c.created_at, patient.c.id)
        return tuple(self._member(row) for row in self._all(wanted))

    def link(self, one: str, other: str) -> str:
        """Make two patients one person and return the root: the one of both sides that came first."""
        sides = [self.group(one), self.group(other)]
        heads = sorted((side[0] for side in sides), key=lambda head: (head.created_at, head.id))
        root = heads[0].id
        for member in (*sides[0], *sides[1]):
            self.note_birth(member.id, "")
            self._write(update(person).where(person.c.patient == member.id).values(root=root))
        return root

    def part(self, patient_id: str) -> None:
        """Take a patient out of its person; those that stay keep the root, or get the oldest of them as a new one."""
        before = self.group(patient_id)
        rest = [member for member in before if member.id != patient_id]
        self._write(update(person).where(person.c.patient == patient_id).values(root=patient_id))
        if rest and before[0].id == patient_id:
            for member in rest:
                self._write(update(person).where(person.c.patient == member.id).values(root=rest[0].id))

    def move_study(self, study_id: str, patient_id: str) -> None:
        """Let a study belong to another patient.

        Raises
        ------
        UsageError
            `study-unknown`.
        """
        if self._write(update(study).where(study.c.id == study_id).values(patient=patient_id)) != 1:
            raise missing("study")

    def studies(self, patients: Iterable[str]) -> tuple[str, ...]:
        """Return the studies of patients that are not discarded, by number."""
        wanted = select(study.c.id).where(
            study.c.patient.in_(list(patients)), study.c.state != StudyState.DISCARDED.value
        )
        return tuple(row.id for row in self._all(wanted.order_by(study.c.id)))

    def unnoted(self) -> tuple[Member, ...]:
        """Return patients that have no row here yet (they came before this table)."""
        noted = select(person.c.patient)
        wanted = select(patient).where(patient.c.id.not_in(noted)).order_by(patient.c.created_at, patient.c.id)
        return tuple(self._member(row) for row in self._all(wanted))

    def _patient_row(self, patient_id: str) -> Any:
        row = self._first(select(patient).where(patient.c.id == patient_id))
        if row is None:
            raise missing("patient")
        return row

    def _member(self, row: Any) -> Member:
        identity = self._unseal("patient.identity", row.id, row.sealed)
        return Member(row.id, self._key_of(row.key_index, identity), identity, row.created_at)

    def _key_of(self, index: str, identity: Mapping[str, str]) -> bytes:
        """Return the key of a patient. Those that came before it was kept have the input's, or that and the study."""
        if "key" in identity:
            return bytes.fromhex(identity["key"])
        plain = bytes.fromhex(identity.get("patient", ""))
        return plain if self._keys.index("patient", plain) == index else own_key(plain, identity.get("uid", ""))

    # -- questions

    def ask(
        self,
        kind: str,
        *,
        study_id: str,
        about: Patient,
        other: str,
        by: str,
        at: datetime,
        items: Iterable[str] = (),
    ) -> Question:
        """Add an open question. `items` are the entries in quarantine that its answer decides about."""
        row = f"ID-{self._next('identity_question'):06d}"
        self._write(
            insert(identity_question).values(
                id=row,
                kind=kind,
                state=QuestionState.OPEN.value,
                study=study_id,
                patient=about.id,
                other=other,
                asked_at=at,
                asked_by=by,
            )
        )
        self.attach(row, items)
        return self.question(row)

    def attach(self, question_id: str, items: Iterable[str]) -> None:
        """Let the answer to a question decide about more entries in quarantine."""
        self._write(insert(question_item), [{"question": question_id, "quarantine": item} for item in items])

    def question(self, question_id: str) -> Question:
        """Return a question.

        Raises
        ------
        UsageError
            `question-unknown`.
        """
        row = self._first(select(identity_question).where(identity_question.c.id == question_id))
        if row is None:
            raise missing("question")
        return _question_of(row)

    def questions(self, *, study_id: str | None = None, open_only: bool = True) -> tuple[Question, ...]:
        """Return questions, oldest first."""
        wanted = select(identity_question).order_by(identity_question.c.asked_at, identity_question.c.id)
        if study_id is not None:
            wanted = wanted.where(identity_question.c.study == study_id)
        if open_only:
            wanted = wanted.where(identity_question.c.state == QuestionState.OPEN.value)
        return tuple(_question_of(row) for row in self._all(wanted))

    def items(self, question_id: str) -> tuple[str, ...]:
        """Return the entries in quarantine that the answer decides about."""
        wanted = select(question_item.c.quarantine).where(question_item.c.question == question_id)
        return tuple(row.quarantine for row in self._all(wanted.order_by(question_item.c.quarantine)))

    def answer(self, question_id: str, *, verdict: QuestionState, by: str, at: datetime) -> None:
        """Close an open question.

        Raises
        ------
        WrongState
            `question-answered`.
        """
        mine = (identity_question.c.id == question_id) & (identity_question.c.state == QuestionState.OPEN.value)
        values = {"state": verdict.value, "answered_at": at, "answered_by": by}
        if self._write(update(identity_question).where(mine).values(values)) != 1:
            raise WrongState("question-answered", "This question was answered already.", "Look at the list again.")

    def count_open(self) -> int:
        """Return how many questions wait."""
        is_open = identity_question.c.state == QuestionState.OPEN.value
        return self._count(select(func.count()).select_from(identity_question).where(is_open))

    # -- what is known of a study's patient, to be searched for in texts

    def keep_known(self, study_id: str, values: Iterable[KnownValue], *, at: datetime) -> None:
        """Add known values of a study to those that are kept (sealed)."""
        before = self.known(study_id)
        merged = (before or frozenset()) | frozenset(values)
        if before == merged:
            return
        told = {"values": sorted([value.kind.value, value.text] for value in merged)}
        sealed = self._seal("study.known", study_id, told)
        if before is None:
            self._write(insert(known_values).values(study=study_id, sealed=sealed, changed_at=at))
        else:
            changed = update(known_values).where(known_values.c.study == study_id)
            self._write(changed.values(sealed=sealed, changed_at=at))

    def known(self, study_id: str) -> frozenset[KnownValue] | None:
        """Open what is known of a study's patient; None when nobody gathered it."""
        row = self._first(select(known_values.c.sealed).where(known_values.c.study == study_id))
        if row is None:
            return None
        told = self._unseal("study.known", study_id, row.sealed)
        return frozenset(KnownValue(KnownKind(kind), text) for kind, text in told["values"])

    def forget_known(self, study_id: str) -> None:
        """Delete what is known, when the study is discarded."""
        self._write(delete(known_values).where(known_values.c.study == study_id))


def own_key(key: bytes, study_uid: str) -> bytes:
    """Return the key of a patient who shares a Patient ID with a stranger and is known by one study only."""
    return key + b"\0study\0" + study_uid.encode("latin-1", "replace")


def _question_of(row: Any) -> Question:
    return Question(
        id=row.id,
        kind=row.kind,
        state=QuestionState(row.state),
        study=row.study,
        patient=row.patient,
        other=row.other,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
    )
