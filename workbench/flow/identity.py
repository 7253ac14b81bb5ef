"""Who is whom: the questions that imports ask, their answers, and merges and parts that a person decides.

Two patients that are one person share code, UIDs and date offset from then on, and texts are searched for the values of
both. What was prepared before anybody knew needs a successor, whichever way a decision went.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.access.policy import Permission, demand
from workbench.audit.events import (
    IdentityAnswered,
    PatientLinked,
    PatientParted,
    QuarantineAccepted,
    ValueRevealed,
)
from workbench.dicom.parts import digest_file
from workbench.flow.arrival import Arrived, StudyArrival
from workbench.flow.home import Workbench
from workbench.flow.machine import Reading, ReadTask, read_all
from workbench.flow.readiness import LINKED, PARTED
from workbench.flow.reasons import commitment, given_reason
from workbench.flow.recognition import QUESTIONS, SPLIT_STUDY, Claims, add_patient, contradictions
from workbench.flow.recording import Change, changing, recording_denials
from workbench.flow.shown import Compared, QuestionRow
from workbench.flow.staging import staged, unpack
from workbench.flow.states import next_study_state
from workbench.records.actor import Actor
from workbench.records.errors import IntegrityBroken, WrongState
from workbench.records.states import StudyState
from workbench.store.objects import StoredObject
from workbench.store.person_tables import QuestionState
from workbench.store.persons import Member, Question, own_key
from workbench.store.quarantine import Quarantined
from workbench.store.tables import QuarantineState
from workbench.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Touched:
    """What a decision about identity touches. Versions need a successor, releases somebody's eyes."""

    studies: tuple[str, ...] = ()
    preparations: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer came to. `joined` counts the instances that were waiting and belong to the study now."""

    question: str
    study: str
    same: bool
    state: StudyState
    joined: int
    touched: Touched


def questions(workbench: Workbench, actor: Actor, *, study: str = "") -> tuple[QuestionRow, ...]:
    """Return the questions that wait for an answer, oldest first.

    Raises
    ------
    NotPermitted
        Without the permission.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.STUDY_LIST)
        with workbench.database.reading() as reading:
            return tuple(question_row(reading, one) for one in reading.persons.questions(study_id=study or None))


def question_row(reading: Transaction, one: Question) -> QuestionRow:
    """Return what front ends show of a question."""
    message, hint = QUESTIONS[one.kind]
    group = [member.id for member in reading.persons.group(one.other)]
    others = tuple(found for found in reading.persons.studies(group) if found != one.study)
    files = len(reading.persons.items(one.id)) if one.kind == SPLIT_STUDY else 0
    return QuestionRow(one.id, one.kind, message, hint, one.study, others, files, one.asked_at)


def compare(workbench: Workbench, actor: Actor, *, question: str) -> tuple[Compared, ...]:
    """Return in clear what both patients of a question are called; one entry says that somebody saw it.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `question-unknown`.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.STUDY_REVEAL)
        with changing(workbench) as change:
            one = change.persons.question(question)
            sides = [_told(change.persons.member(patient)) for patient in (one.patient, one.other)]
            rows = tuple(Compared(name, sides[0][name], sides[1][name]) for name in sides[0])
            change.record(ValueRevealed(study=one.study, values=2 * len(rows)), actor=actor)
        return rows


def answer(workbench: Workbench, actor: Actor, *, question: str, same: bool, reason: str) -> Answered:
    """Say whether two patients are one person. The study goes on when nothing else holds it.

    With "same", parts of a study that waited are added to it. With "different", they stay out for good.

    Raises
    ------
    NotPermitted
        Without the permission.
    WrongState
        `question-answered`; `not-acceptable`, when name and birth date both contradict: no reason makes two persons
        one.
    UsageError
        `question-unknown`, `reason-missing`.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.IDENTITY_DECIDE)
        given_reason(reason)
        with workbench.database.reading() as reading:
            one = reading.persons.question(question)
            entries = [reading.quarantine.get(item) for item in reading.persons.items(question)]
        waiting = [entry for entry in entries if entry.input_index is not None and entry.state is QuarantineState.OPEN]
        with staged(workbench.staging) as folder:
            parts = _read(workbench, waiting, folder) if same else []
            with changing(workbench) as change:
                return _answer(workbench, change, actor, one, parts, same=same, reason=reason)


def link(workbench: Workbench, actor: Actor, *, study: str, other: str, reason: str) -> Touched:
    """Say that the patients of two studies are one person (a merge at the source).

    Raises
    ------
    NotPermitted
        Without the permission.
    WrongState
        `one-person-already`, `not-acceptable`.
    UsageError
        `study-unknown`, `reason-missing`.
    """
    with recording_denials(workbench, actor, study=study):
        demand(actor, Permission.IDENTITY_DECIDE)
        given_reason(reason)
        with changing(workbench) as change:
            patients = [change.studies.get(name).patient for name in (study, other)]
            if change.persons.root(patients[0]) == change.persons.root(patients[1]):
                raise WrongState(
                    "one-person-already", "Both studies are of one person already.", "Nothing needs to be done."
                )
            return _link(workbench, change, actor, patients[0], patients[1], reason=reason)


def part(workbench: Workbench, actor: Actor, *, study: str, reason: str) -> Touched:
    """Say that a study is not of the person that it was counted to (a merge that was wrong, or a shared Patient ID).

    A linked patient is taken out of its person, with all studies under its Patient ID. A study that shares its Patient
    ID with others becomes one of a patient of its own.

    Raises
    ------
    NotPermitted
        Without the permission.
    WrongState
        `nothing-to-part`.
    UsageError
        `study-unknown`, `reason-missing`.
    """
    with recording_denials(workbench, actor, study=study):
        demand(actor, Permission.IDENTITY_DECIDE)
        given_reason(reason)
        with changing(workbench) as change:
            found = change.studies.get(study)
            group = [member.id for member in change.persons.group(found.patient)]
            together = change.persons.studies(group)
            if len(group) > 1:
                change.persons.part(found.patient)
            elif len(together) > 1:
                _own_patient(workbench, change, study)
            else:
                raise WrongState(
                    "nothing-to-part", "The study is the only one of its patient.", "Nothing needs to be done."
                )
            touched = _touch(workbench, change, together, PARTED)
            event = PatientParted(
                studies=touched.studies,
                preparations=touched.preparations,
                releases=touched.releases,
                reason_commitment=commitment(workbench, reason),
            )
            entry = change.record(event, actor=actor)
            change.assurances.keep_text(entry.seq, reason.strip())
            return touched


def _answer(
    workbench: Workbench,
    change: Change,
    actor: Actor,
    one: Question,
    parts: Sequence[tuple[Quarantined, Arrived, StoredObject]],
    *,
    same: bool,
    reason: str,
) -> Answered:
    now = workbench.clock()
    verdict = QuestionState.SAME if same else QuestionState.DIFFERENT
    change.persons.answer(one.id, verdict=verdict, by=actor.user_id, at=now)
    event = IdentityAnswered(
        question=one.id, study=one.study, same=same, reason_commitment=commitment(workbench, reason)
    )
    entry = change.record(event, actor=actor)
    change.assurances.keep_text(entry.seq, reason.strip())
    touched = _link(workbench, change, actor, one.patient, one.other, reason=reason) if same else Touched()
    if one.kind == SPLIT_STUDY:
        joined = _join(workbench, change, actor, one, parts, reason=reason)
    else:
        joined = 0
        for item in change.persons.items(one.id):
            change.quarantine.close(item, to=QuarantineState.ACCEPTED, by=actor.user_id, at=now, reason=reason.strip())
        _let_go(workbench, change, actor, one.study, reason=reason)
    return Answered(one.id, one.study, same, change.studies.get(one.study).state, joined, touched)


def _link(workbench: Workbench, change: Change, actor: Actor, one: str, other: str, *, reason: str) -> Touched:
    sides = [change.persons.group(patient) for patient in (one, other)]
    claims = [[Claims.of(member.identity) for member in side] for side in sides]
    if min(contradictions(here, there) for here in claims[0] for there in claims[1]) > 1:
        raise WrongState(
            "not-acceptable",
            "Name and birth date both contradict: these are two persons.",
            "Answer that they are different; if the source is wrong, have it corrected and import again.",
        )
    change.persons.link(one, other)
    studies = change.persons.studies([member.id for side in sides for member in side])
    touched = _touch(workbench, change, studies, LINKED)
    event = PatientLinked(
        studies=touched.studies,
        preparations=touched.preparations,
        releases=touched.releases,
        reason_commitment=commitment(workbench, reason),
    )
    entry = change.record(event, actor=actor)
    change.assurances.keep_text(entry.seq, reason.strip())
    return touched


def _touch(workbench: Workbench, change: Change, studies: Sequence[str], code: str) -> Touched:
    made = change.successors.living(studies)
    change.successors.touch(made, code=code, at=workbench.clock())
    every = [found.id for study in studies for found in change.preparations.of_study(study)]
    return Touched(tuple(studies), made, change.rejections.releases_with(every))


def _own_patient(workbench: Workbench, change: Change, study: str) -> None:
    identity = dict(change.studies.identity(study))
    key = own_key(bytes.fromhex(identity["patient"]), identity["uid"])
    patient_id = identity["patient"] and bytes.fromhex(identity["patient"]).rsplit(b"\0", 1)[-1].decode("latin-1")
    made = add_patient(change, workbench.keys, key, patient_id=patient_id, identity=identity, at=workbench.clock())
    change.persons.move_study(study, made.id)


def _let_go(workbench: Workbench, change: Change, actor: Actor, study: str, *, reason: str) -> None:
    """Take a study out of quarantine when no question and no other reason holds it any more."""
    found = change.studies.get(study)
    entries = change.quarantine.page(study_id=study, limit=1000)
    if found.state is not StudyState.QUARANTINED or any(entry.input_index is None for entry in entries):
        return
    now = workbench.clock()
    change.studies.move(study, expected=found.state, to=next_study_state(found.state, "accept"), at=now)
    change.preparations.record_decision(
        study_id=study, preparation_id=None, step="accept", by=actor.user_id, at=now, reason=reason.strip()
    )
    change.record(QuarantineAccepted(study=study, reason_commitment=commitment(workbench, reason)), actor=actor)


def _read(
    workbench: Workbench, waiting: Sequence[Quarantined], folder: Path
) -> list[tuple[Quarantined, Arrived, StoredObject]]:
    """Read set-aside files again, as they were read when they came."""
    paths = {number: folder / f"{number:08d}" for number in range(len(waiting))}
    for number, path in paths.items():
        unpack(workbench.objects, waiting[number].object or "", path)
    parts = []
    for number, outcome in read_all([ReadTask(number, path) for number, path in paths.items()], jobs=1):
        entry, path = waiting[number], paths[number]
        if not isinstance(outcome, Reading):
            raise IntegrityBroken(
                "object-damaged",
                "A file that waits in quarantine cannot be read any more.",
                "Discard it and import it again.",
            )
        stored = StoredObject(entry.object or "", path.stat().st_size, digest_file(path))
        parts.append((entry, Arrived(outcome, path, entry.source), stored))
    return sorted(parts, key=lambda found: found[1].scan.index)


def _join(
    workbench: Workbench,
    change: Change,
    actor: Actor,
    one: Question,
    parts: Sequence[tuple[Quarantined, Arrived, StoredObject]],
    *,
    reason: str,
) -> int:
    """Add the files that waited to their study; after "different" there are none, and they stay in quarantine."""
    study, joined = change.studies.get(one.study), 0
    for batch in dict.fromkeys(entry.import_id or "" for entry, _one, _stored in parts):
        arrival = StudyArrival(workbench, actor, batch=batch)
        mine = [(arrived, stored) for entry, arrived, stored in parts if entry.import_id == batch]
        arrival.join(change, study, mine)
        joined += arrival.received
    for entry, _arrived, _stored in parts:
        change.quarantine.close(
            entry.id,
            to=QuarantineState.IMPORTED,
            by=actor.user_id,
            at=workbench.clock(),
            reason=reason.strip(),
        )
    return joined


def _told(member: Member) -> dict[str, str]:
    identity = member.identity
    key = bytes.fromhex(identity.get("patient", "")).split(b"\0")
    told = {
        "Patient ID": key[2] if len(key) > 2 else b"",
        "Issuer": key[1] if len(key) > 2 else b"",
        "Name": bytes.fromhex(identity.get("name", "")),
        "Birth date": bytes.fromhex(identity.get("birth", "")),
        "Sex": bytes.fromhex(identity.get("sex", "")),
        "Institution": bytes.fromhex(identity.get("institution", "")),
    }
    return {name: value.decode("utf-8", "replace") for name, value in told.items()}
