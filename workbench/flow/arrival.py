"""One study arrives: who its patient is, what is new in it, and what contradicts what is here already."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from pathlib import Path

from workbench.audit.events import IdentityAsked, InstanceQuarantined, SeriesImported, StudyQuarantined, StudyReceived
from workbench.flow.home import Workbench
from workbench.flow.machine import Reading
from workbench.flow.recognition import (
    QUESTIONS,
    SPLIT_STUDY,
    Claims,
    Recognised,
    add_patient,
    belongs,
    contradictions,
    recognise,
    text_of,
)
from workbench.flow.recording import Change, changing
from workbench.flow.rejecting import look_up, take_note
from workbench.flow.roots import input_root
from workbench.flow.states import next_study_state
from workbench.flow.step import Refusal
from workbench.records.actor import Actor
from workbench.records.errors import InstanceRefused
from workbench.records.known import KnownValue
from workbench.records.states import StudyState
from workbench.store.objects import StoredObject
from workbench.store.person_tables import QuestionState
from workbench.store.persons import own_key
from workbench.store.quarantine import Quarantined
from workbench.store.study_records import NewInstance, Patient, Study
from workbench.store.tables import QuarantineState

CONFLICT = Refusal(
    "instance-conflict",
    "This instance is here already with other content.",
    "Find out which of the two is right. Discard the wrong one; the first that came stays until then.",
)
IN_QUARANTINE = Refusal(
    "study-in-quarantine",
    "The study that this instance belongs to is in quarantine.",
    "Have a privacy officer accept or discard the study, then import again.",
)
OTHER_PATIENT = Refusal(
    "patient-differs",
    "This instance names another patient than the rest of its study.",
    "Have the Patient ID, name and birth date corrected at the source, then import again.",
)
SHARED_STUDY = "two-patients-one-study"
MIXED = (
    "The instances of the study name different patients.",
    "Discard it, have the source corrected, then import again.",
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One readable input: what it says of itself, where it lies, and its name as the user knows it (sealed)."""

    scan: Reading
    path: Path | None
    label: str = field(repr=False)


Pairs = list[tuple[Arrived, StoredObject]]
"""Inputs with what was stored of them."""


@dataclass(slots=True)
class StudyArrival:
    """Takes the instances of one study in. The counters say what became of them."""

    workbench: Workbench
    actor: Actor
    batch: str
    again: str = ""
    study: str = ""
    received: int = 0
    already: int = 0
    placeholder: int = 0
    refused: Counter[Refusal] = field(default_factory=Counter)

    def take(self, arrived: Sequence[Arrived]) -> "StudyArrival":
        """Encrypt the originals, then add what is new in one transaction; return itself with the counts."""
        with self.workbench.objects.batch() as batch:
            stored = [batch.put(one.path) for one in arrived if one.path is not None]
        with changing(self.workbench) as change:
            for one, kept in zip(arrived, stored, strict=True):
                keep(self.workbench, kept, one.path)
            self._add(change, list(zip(arrived, stored, strict=True)))
        return self

    def _add(self, change: Change, arrived: Pairs) -> None:
        readings = [one.scan for one, _stored in arrived]
        known = change.studies.find(text_of(readings[0].study))
        if known is None:
            self._add_new(change, arrived, readings)
            return
        self.study = known.id
        fresh = self._fresh(change, known, arrived)
        asked = known.state is StudyState.QUARANTINED and change.persons.questions(study_id=known.id)
        identity = change.studies.identity(known.id)
        group = change.persons.group(known.patient)
        if asked or (known.state is StudyState.QUARANTINED and not self.again):
            # what its source rejects counts whatever holds the study: it must not be forgotten until it is let go
            notes = [pair for pair in fresh if pair[0].scan.note and belongs(pair[0].scan, group, identity)]
            self._add_series(change, known.id, notes, grew=True)
            self._refuse(change, [pair for pair in fresh if pair not in notes], IN_QUARANTINE)
            return
        mine = [pair for pair in fresh if belongs(pair[0].scan, group, identity)]
        self._question_rest(change, known, [pair for pair in fresh if pair not in mine])
        if known.state is StudyState.QUARANTINED and mine:
            self._reopen(change, known)
        self._add_series(change, known.id, mine, grew=True)

    def _add_new(self, change: Change, arrived: Pairs, readings: list[Reading]) -> None:
        first, claims, keys = readings[0], Claims.among(readings), self.workbench.keys
        uid, now = text_of(first.study), self.workbench.clock()
        identity = {"patient": first.patient.hex(), **claims.hexadecimal(), "uid": uid}
        if mixed(readings):
            own = own_key(first.patient, uid)
            found = Recognised(add_patient(change, keys, own, patient_id="", identity=identity, at=now))
            codes = [SHARED_STUDY]
        else:
            found = recognise(change, keys, first, claims, uid=uid, at=now)
            codes = [code for code, _other in found.asks]
        study = change.studies.add(
            uid=uid,
            patient_id=found.patient.id,
            identity=identity,
            at=now,
            by=self.actor.user_id,
            state=StudyState.QUARANTINED if codes else StudyState.RECEIVED,
        )
        self.study = study.id
        self.placeholder = int(first.placeholder)
        self._add_series(change, study.id, self._fresh(change, study, arrived), grew=False)
        if codes:
            self._hold(change, study, found, codes)

    def _hold(self, change: Change, study: Study, found: Recognised, codes: list[str]) -> None:
        """Set a new study aside: one entry for each reason, and one question for each person that it may be of."""
        now, others = self.workbench.clock(), [other for _code, other in found.asks]
        for number, code in enumerate(codes):
            message, hint = QUESTIONS.get(code, MIXED)
            entry = change.quarantine.add(
                InstanceRefused(code, message, hint),
                by=self.actor.user_id,
                at=now,
                study_id=study.id,
                import_id=self.batch,
            )
            if others:
                self._ask(change, study.id, code, found.patient, others[number], items=[entry.id])
        message, hint = QUESTIONS.get(codes[0], MIXED)
        change.record(StudyQuarantined(study=study.id, code=codes[0]), actor="system")
        self.refused[Refusal(codes[0], message, hint)] += self.received
        self.received = 0

    def _ask(self, change: Change, study: str, code: str, about: Patient, other: str, *, items: list[str]) -> None:
        now = self.workbench.clock()
        asked = change.persons.ask(
            code, study_id=study, about=about, other=other, by=self.actor.user_id, at=now, items=items
        )
        change.record(IdentityAsked(question=asked.id, study=study, code=code), actor="system")

    def _question_rest(self, change: Change, study: Study, rest: Pairs) -> None:
        """Ask about a later part that names its patient in another way; refuse what cannot be the same person."""
        waiting = {entry.object for entry in change.quarantine.page(study_id=study.id, limit=100_000)}
        self.already += sum(stored.name in waiting for _one, stored in rest)
        parts: dict[tuple[bytes, tuple[bytes, bytes]], Pairs] = defaultdict(list)
        for pair in rest:
            if pair[1].name not in waiting:
                parts[pair[0].scan.patient, pair[0].scan.person].append(pair)
        recorded = Claims.of(change.studies.identity(study.id))
        for part in parts.values():
            claims = Claims.among([one.scan for one, _stored in part])
            if contradictions(claims, recorded) > 1:
                self._refuse(change, part, OTHER_PATIENT)
                continue
            about = self._patient_of_part(change, study, part[0][0].scan, claims)
            asked = [
                question
                for question in change.persons.questions(study_id=study.id, open_only=False)
                if question.patient == about.id and question.kind == SPLIT_STUDY
            ]
            if any(question.state is QuestionState.DIFFERENT for question in asked):
                self._refuse(change, part, OTHER_PATIENT)
                continue
            items = self._refuse(change, part, Refusal(SPLIT_STUDY, *QUESTIONS[SPLIT_STUDY]))
            still = next((question.id for question in asked if question.state is QuestionState.OPEN), "")
            if still:
                change.persons.attach(still, items)
            else:
                self._ask(change, study.id, SPLIT_STUDY, about, study.patient, items=items)

    def _patient_of_part(self, change: Change, study: Study, first: Reading, claims: Claims) -> Patient:
        """Return the patient that a later part is of, by its own words; never the one of the part that is here."""
        now, keys = self.workbench.clock(), self.workbench.keys
        identity = {"patient": first.patient.hex(), **claims.hexadecimal(), "uid": text_of(first.study)}
        patient_id = "" if first.placeholder else text_of(first.patient.rsplit(b"\0", 1)[-1])
        if first.patient.hex() != change.studies.identity(study.id)["patient"]:
            found = add_patient(change, keys, first.patient, patient_id=patient_id, identity=identity, at=now)
            if not contradictions(claims, Claims.of(found.identity)) and found.id != study.patient:
                return found
        own = b"\0".join((first.patient, b"part", *first.person))
        return add_patient(change, keys, own, patient_id=patient_id, identity=identity, at=now)

    def join(self, change: Change, study: Study, arrived: Pairs) -> None:
        """Add instances to a study once it is answered that they are of the same person."""
        self.study = study.id
        self._add_series(change, study.id, self._fresh(change, study, arrived), grew=True)

    def _fresh(self, change: Change, study: Study, arrived: Pairs) -> Pairs:
        """Leave out what is here already; set aside what is here with other content."""
        fresh: dict[bytes, tuple[Arrived, StoredObject]] = {}
        conflicts = []
        for pair in arrived:
            sop_instance = pair[0].scan.sop_instance
            recorded = change.studies.find_instance(study.id, text_of(sop_instance))
            name = recorded.object if recorded else fresh[sop_instance][1].name if sop_instance in fresh else ""
            if not name:
                fresh[sop_instance] = pair
            elif name == pair[1].name:
                self.already += 1
            else:
                conflicts.append(pair)
        self._refuse(change, conflicts, CONFLICT, study=study.id)
        return list(fresh.values())

    def _reopen(self, change: Change, study: Study) -> None:
        now = self.workbench.clock()
        change.studies.move(study.id, expected=study.state, to=next_study_state(study.state, "import"), at=now)
        change.preparations.record_decision(
            study_id=study.id, preparation_id=None, step="import", by=self.actor.user_id, at=now, reason=self.again
        )
        close_entries(change, study.id, to=QuarantineState.IMPORTED, by=self.actor.user_id, at=now, reason=self.again)

    def _refuse(self, change: Change, pairs: Pairs, refusal: Refusal, *, study: str | None = None) -> list[str]:
        items = []
        for one, stored in pairs:
            entry = change.quarantine.add(
                InstanceRefused(refusal.code, refusal.message, refusal.hint),
                by=self.actor.user_id,
                at=self.workbench.clock(),
                study_id=study or self.study or None,
                stored=stored,
                import_id=self.batch,
                input_index=one.scan.index,
                source=one.label,
            )
            event = InstanceQuarantined(
                quarantine=entry.id, code=refusal.code, batch=self.batch, study=study or self.study or None
            )
            change.record(event, actor=self.actor)
            items.append(entry.id)
        if pairs:
            self.refused[refusal] += len(pairs)
        return items

    def _add_series(self, change: Change, study: str, pairs: Pairs, *, grew: bool) -> None:
        series: dict[bytes, Pairs] = defaultdict(list)
        for pair in pairs:
            series[pair[0].scan.series].append(pair)
        came: dict[str, Reading] = {}
        for uid, members in series.items():
            first = members[0][0].scan
            row = change.studies.series(
                study, text_of(uid), modality=text_of(first.modality), identity={"uid": text_of(uid)}
            )
            new = [
                NewInstance(
                    stored=stored,
                    sop_uid=text_of(one.scan.sop_instance),
                    sop_class=text_of(one.scan.sop_class),
                    position=row.instance_count + position,
                    source=one.label,
                )
                for position, (one, stored) in enumerate(members)
            ]
            added = change.studies.add_instances(row.id, new, import_id=self.batch, at=self.workbench.clock())
            came.update(zip(added, (one.scan for one, _stored in members), strict=True))
            event = SeriesImported(
                batch=self.batch,
                study=study,
                series=row.id,
                instances=len(members),
                root=input_root(self.workbench.keys, (stored.digest for _one, stored in members)),
            )
            change.record(event, actor="system")
        if pairs:
            self.received += len(pairs)
            event_all = StudyReceived(study=study, series=len(series), instances=len(pairs), grew=grew)
            change.record(event_all, actor=self.actor)
            self._follow_up(change, study, came)

    def _follow_up(self, change: Change, study: str, came: Mapping[str, Reading]) -> None:
        """Keep what texts of this patient may repeat, and take notice of what is rejected."""
        known = frozenset[KnownValue]().union(*(reading.known for reading in came.values()))
        change.persons.keep_known(study, known, at=self.workbench.clock())
        look_up(self.workbench, change, self.actor, study=study, instances=list(came))
        for instance, reading in came.items():
            if reading.note is not None:
                take_note(self.workbench, change, self.actor, study=study, instance=instance, note=reading.note)


def keep(workbench: Workbench, stored: StoredObject, path: Path | None) -> None:
    """Store an input once more if somebody discarded the same content after it was stored and before it was recorded.

    Call it within the transaction that records it: deletions wait for that one.
    """
    if path is not None and not workbench.objects.exists(stored.name):
        workbench.objects.put(path)


def mixed(readings: Sequence[Reading]) -> bool:
    """Tell whether instances that came together under one Study Instance UID name more than one patient."""
    persons = [Claims(*person) for person in sorted({one.person for one in readings})]
    return len({one.patient for one in readings}) > 1 or any(
        contradictions(one, other) for one, other in combinations(persons, 2)
    )


def close_entries(
    change: Change, study: str, *, to: QuarantineState, by: str, at: datetime, reason: str
) -> list[Quarantined]:
    """Close the entries that hold a study as a whole; those of single inputs stay as they are."""
    return [
        change.quarantine.close(entry.id, to=to, by=by, at=at, reason=reason)
        for entry in change.quarantine.page(study_id=study, limit=1000)
        if entry.input_index is None
    ]
