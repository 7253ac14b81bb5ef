"""One study arrives: who its patient is, what is new in it, and what contradicts what is here already."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from workbench.audit.events import InstanceQuarantined, SeriesImported, StudyQuarantined, StudyReceived
from workbench.flow.home import Workbench
from workbench.flow.recording import Change, changing
from workbench.flow.roots import input_root
from workbench.flow.states import next_study_state
from workbench.flow.step import Refusal, Scan
from workbench.records.actor import Actor
from workbench.records.errors import InstanceRefused
from workbench.records.states import StudyState
from workbench.store.objects import StoredObject
from workbench.store.quarantine import Quarantined
from workbench.store.study_records import NewInstance, Study
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
SHARED_ID = "two-patients-one-id"
SHARED_STUDY = "two-patients-one-study"
REASONS = {
    SHARED_ID: (
        "The Patient ID belongs to a patient with another name or birth date.",
        "Accept it if it is the same person (a corrected or changed name); else correct the Patient ID at the source.",
    ),
    SHARED_STUDY: (
        "The instances of the study name different patients.",
        "Discard it, have the source corrected, then import again.",
    ),
}
"""Why an arriving study goes into quarantine: message and next step by code."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One readable input: what it says of itself, where it lies, and its name as the user knows it (sealed)."""

    scan: Scan
    path: Path | None
    label: str = field(repr=False)


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

    def _add(self, change: Change, arrived: list[tuple[Arrived, StoredObject]]) -> None:
        scans = [one.scan for one, _stored in arrived]
        known = change.studies.find(_text(scans[0].study))
        if known is None:
            self._add_new(change, arrived, scans)
            return
        self.study = known.id
        fresh = self._fresh(change, known, arrived)
        if known.state is StudyState.QUARANTINED and not self.again:
            self._refuse(change, fresh, IN_QUARANTINE)
            return
        identity = change.studies.identity(known.id)
        mine = [pair for pair in fresh if self._same_patient(pair[0].scan, identity)]
        self._refuse(change, [pair for pair in fresh if pair not in mine], OTHER_PATIENT)
        if known.state is StudyState.QUARANTINED and mine:
            self._reopen(change, known)
        self._add_series(change, known.id, mine, grew=True)

    def _add_new(self, change: Change, arrived: list[tuple[Arrived, StoredObject]], scans: list[Scan]) -> None:
        first = scans[0]
        code = ""
        if len({scan.patient for scan in scans}) > 1 or contradictory([scan.person for scan in scans]):
            code = SHARED_STUDY
        name, birth = _person(scans)
        identity = {"patient": first.patient.hex(), "name": name.hex(), "birth": birth.hex(), "uid": _text(first.study)}
        now = self.workbench.clock()
        patient_id = "" if first.placeholder else _text(first.patient.rsplit(b"\0", 1)[-1])
        patient = change.studies.patient(first.patient, patient_id=patient_id, identity=identity, at=now)
        recorded = (bytes.fromhex(patient.identity["name"]), bytes.fromhex(patient.identity["birth"]))
        if not code and contradictory([recorded, (name, birth)]):
            code = SHARED_ID
            own_key = first.patient + b"\0study\0" + first.study
            patient = change.studies.patient(own_key, patient_id=patient_id, identity=identity, at=now)
        study = change.studies.add(
            uid=_text(first.study),
            patient_id=patient.id,
            identity=identity,
            at=now,
            by=self.actor.user_id,
            state=StudyState.QUARANTINED if code else StudyState.RECEIVED,
        )
        self.study = study.id
        self.placeholder = int(first.placeholder)
        self._add_series(change, study.id, self._fresh(change, study, arrived), grew=False)
        if code:
            message, hint = REASONS[code]
            refusal = InstanceRefused(code, message, hint)
            change.quarantine.add(refusal, by=self.actor.user_id, at=now, study_id=study.id, import_id=self.batch)
            change.record(StudyQuarantined(study=study.id, code=code), actor="system")
            self.refused[Refusal(code, message, hint)] += self.received
            self.received = 0

    def _same_patient(self, scan: Scan, recorded: Mapping[str, str]) -> bool:
        person = (bytes.fromhex(recorded["name"]), bytes.fromhex(recorded["birth"]))
        return scan.patient.hex() == recorded["patient"] and not contradictory([person, scan.person])

    def _fresh(
        self, change: Change, study: Study, arrived: list[tuple[Arrived, StoredObject]]
    ) -> list[tuple[Arrived, StoredObject]]:
        """Leave out what is here already; set aside what is here with other content."""
        fresh: dict[bytes, tuple[Arrived, StoredObject]] = {}
        conflicts = []
        for pair in arrived:
            sop_instance = pair[0].scan.sop_instance
            recorded = change.studies.find_instance(study.id, _text(sop_instance))
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

    def _refuse(
        self, change: Change, pairs: list[tuple[Arrived, StoredObject]], refusal: Refusal, *, study: str | None = None
    ) -> None:
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
        if pairs:
            self.refused[refusal] += len(pairs)

    def _add_series(self, change: Change, study: str, pairs: list[tuple[Arrived, StoredObject]], *, grew: bool) -> None:
        series: dict[bytes, list[tuple[Arrived, StoredObject]]] = defaultdict(list)
        for pair in pairs:
            series[pair[0].scan.series].append(pair)
        for uid, members in series.items():
            first = members[0][0].scan
            row = change.studies.series(study, _text(uid), modality=_text(first.modality), identity={"uid": _text(uid)})
            new = [
                NewInstance(
                    stored=stored,
                    sop_uid=_text(one.scan.sop_instance),
                    sop_class=_text(one.scan.sop_class),
                    position=row.instance_count + position,
                    source=one.label,
                )
                for position, (one, stored) in enumerate(members)
            ]
            change.studies.add_instances(row.id, new, import_id=self.batch, at=self.workbench.clock())
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


def keep(workbench: Workbench, stored: StoredObject, path: Path | None) -> None:
    """Store an input once more if somebody discarded the same content after it was stored and before it was recorded.

    Call it within the transaction that records it: deletions wait for that one.
    """
    if path is not None and not workbench.objects.exists(stored.name):
        workbench.objects.put(path)


def contradictory(persons: Sequence[tuple[bytes, bytes]]) -> bool:
    """Tell whether names and birth dates that came under one Patient ID cannot belong to one person.

    Another birth date is another person. Another name is another person too, unless one name only says more than the
    other (a middle name, a title); an absent value says nothing.
    """
    births = {birth for _name, birth in persons if birth}
    names = sorted({name.strip(b"^ ") for name, _birth in persons} - {b""}, key=len)
    return len(births) > 1 or any(not _extends(longer, names[0]) for longer in names[1:])


def _extends(longer: bytes, shorter: bytes) -> bool:
    words = {word for part in longer.split(b"^") for word in part.split()}
    return all(word in words for part in shorter.split(b"^") for word in part.split())


def close_entries(
    change: Change, study: str, *, to: QuarantineState, by: str, at: datetime, reason: str
) -> list[Quarantined]:
    """Close the entries that hold a study as a whole; those of single inputs stay as they are."""
    return [
        change.quarantine.close(entry.id, to=to, by=by, at=at, reason=reason)
        for entry in change.quarantine.page(study_id=study, limit=1000)
        if entry.input_index is None
    ]


def _person(scans: Sequence[Scan]) -> tuple[bytes, bytes]:
    """Return the longest name and the birth date that the instances give."""
    names = sorted({scan.person[0] for scan in scans}, key=len)
    births = sorted({scan.person[1] for scan in scans}, key=len)
    return names[-1], births[-1]


def _text(value: bytes) -> str:
    return value.decode("latin-1").strip(" \0")
