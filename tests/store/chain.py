"""The chain from import to receipt as `flow` walks it, with stand-ins for what the engine makes."""

import io
from dataclasses import dataclass
from typing import Any

from tests.store.conftest import ENTRY, House
from workbench.records.errors import InstanceRefused
from workbench.records.finding import Finding
from workbench.records.states import StudyState
from workbench.store.preparation_records import NewPreparation, Outcome, PreparedInstance, SeriesChanges
from workbench.store.releases import NewRelease
from workbench.store.study_records import NewInstance, Study

FINDING = Finding("needle", "PS3.15 E.1-1", "(0008,103E)", "A value of the patient is still there.")


@dataclass(frozen=True)
class Person:
    """Who is in the images; every value is to be found nowhere in clear."""

    name: str = "CANARYNAME^JANE"
    patient_id: str = "CANARYID4711"
    birth: str = "CANARY19700101"
    study_uid: str = "1.2.826.0.1.99.CANARY.1"
    series_uid: str = "1.2.826.0.1.99.CANARY.2"
    sop_uid: str = "1.2.826.0.1.99.CANARY.3"
    description: str = "CANARYDESCRIPTION of a knee"
    path: str = "/mnt/CANARYPATH/DOE_JANE.dcm"
    note: str = "CANARYNOTE: called Mrs Doe"
    modality: str = "CT"

    def values(self) -> list[str]:
        """Everything that identifies."""
        return [value for value in vars(self).values() if "CANARY" in value]


def do(house: House, step) -> Any:
    """Take one recorded step and return what it returns."""
    with house.database.transaction() as tx:
        result = step(tx)
        tx.ledger.append(ENTRY, actor="system")
    return result


def look(house: House, step) -> Any:
    """Read."""
    with house.database.reading() as tx:
        return step(tx)


def receive(house: House, person: Person | None = None, *, count: int = 3, series: int = 1) -> Study:
    """Import a study."""
    who = person or Person()
    with house.objects.batch() as batch:
        stored = [
            [batch.put(io.BytesIO(f"{who.name} {who.study_uid} {s} {n}".encode() * 40)) for n in range(count)]
            for s in range(series)
        ]

    def step(tx):
        at = house.clock()
        run = tx.imports.start(made_by=house.technician.id, at=at, source=who.path)
        patient = tx.studies.patient(
            f"issuer|{who.patient_id}".encode(),
            patient_id=who.patient_id,
            identity={"name": who.name, "id": who.patient_id, "birth": who.birth},
            at=at,
        )
        study = tx.studies.add(
            uid=who.study_uid,
            patient_id=patient.id,
            identity={"uid": who.study_uid, "description": who.description},
            at=at,
            by=house.technician.id,
        )
        for s, objects in enumerate(stored):
            part = tx.studies.series(
                study.id, f"{who.series_uid}.{s}", modality=who.modality, identity={"uid": f"{who.series_uid}.{s}"}
            )
            fresh = [
                NewInstance(
                    stored=found,
                    sop_uid=f"{who.sop_uid}.{s}.{n}",
                    sop_class="1.2.840.10008.5.1.4.1.1.2",
                    position=n,
                    source=who.path,
                )
                for n, found in enumerate(objects)
            ]
            tx.studies.add_instances(part.id, fresh, import_id=run, at=at)
        tx.imports.end(run, at=at, inputs=count * series, received=count * series, duplicates=0, quarantined=0)
        return tx.studies.get(study.id)

    received: Study = do(house, step)
    return received


def set_aside(house: House, person: Person, study_id: str | None = None):
    """Quarantine one input."""
    stored = house.objects.put(io.BytesIO(person.name.encode() * 100))
    refusal = InstanceRefused("truncated", "The file ends before its end.", "Export it again.")
    return do(
        house,
        lambda tx: tx.quarantine.add(
            refusal,
            by=house.technician.id,
            at=house.clock(),
            study_id=study_id,
            stored=stored,
            input_index=4,
            source=person.path,
            note=person.note,
        ),
    )


def scope(house: House, name: str = "Dr Far"):
    """Return the scope of a name."""
    return do(
        house,
        lambda tx: tx.scopes.named(name) or tx.scopes.add(name, created_by=house.technician.id, at=house.clock()),
    )


def make_preparation(house: House, study: Study, *, held: int = 1, code: str = "P-7F3A"):
    """Prepare a study; the first instances are held and have a finding each."""
    where = scope(house)
    instances = look(house, lambda tx: tx.studies.instances(study.id))
    with house.objects.batch() as batch:
        outputs = [batch.put(io.BytesIO(f"clean {code} {n}".encode() * 40)) for n, _ in enumerate(instances)]
    prepared = tuple(
        PreparedInstance(
            instance=found.id,
            outcome=Outcome.HELD if n < held else Outcome.READY,
            stored=outputs[n],
            sop_uid=f"2.25.{n}",
            leaf=f"{n:064x}",
            holds=("pixels-not-checked",) if n < held else (),
            changes=2,
            findings=(FINDING,) if n < held else (),
        )
        for n, found in enumerate(instances)
    )
    blobs = tuple(
        SeriesChanges(
            series=part.id, changes=2 * part.instance_count, instances=part.instance_count, blob=b"CANARYBLOB"
        )
        for part in look(house, lambda tx: tx.studies.all_series(study.id))
    )
    new = NewPreparation(
        study=study.id,
        scope=where.id,
        profile="basic",
        profile_version=1,
        profile_digest="d" * 64,
        edition="2026d",
        software="0.1.0",
        pixels="not-checked",
        root="e" * 64,
        patient_code=code,
        instances=prepared,
        changes=blobs,
        facts={"seen": "CANARYFACT"},
    )

    def step(tx):
        made = tx.preparations.add(new, by=house.technician.id, at=house.clock())
        tx.studies.move(study.id, expected=study.state, to=StudyState.PREPARED, at=house.clock())
        return made

    return do(house, step)


def decide(house: House, preparation, *, by=None, holds=("pixels-not-checked",), solo: bool = False, note: str = ""):
    """Submit and approve."""
    approver = by or house.officer.id

    def submit(tx):
        tx.preparations.submit(preparation.id, by=house.technician.id, at=house.clock())
        tx.studies.move(preparation.study, expected=StudyState.PREPARED, to=StudyState.SUBMITTED, at=house.clock())

    def approve(tx):
        done = tx.preparations.approve(preparation.id, by=approver, at=house.clock(), accepted_holds=holds, solo=solo)
        tx.studies.move(preparation.study, expected=StudyState.SUBMITTED, to=StudyState.APPROVED, at=house.clock())
        tx.preparations.record_decision(
            study_id=preparation.study,
            preparation_id=preparation.id,
            step="approve",
            by=approver,
            at=house.clock(),
            reason=note,
            accepted_holds=holds,
            solo=solo,
        )
        return done

    do(house, submit)
    return do(house, approve)


def recipient(house: House, name: str = "Dr Far"):
    """Add a recipient."""
    return do(
        house,
        lambda tx: (
            tx.recipients.named(name)
            or tx.recipients.add(name=name, age_key="age1key", created_by=house.officer.id, at=house.clock())
        ),
    )


def make_release(house: House, *preparations, note: str = "second opinion", instances: dict[str, int] | None = None):
    """Release preparations."""
    to = recipient(house)
    with house.database.transaction() as tx:
        number = tx.releases.next_id()
    new = NewRelease(
        id=number,
        recipient=to.id,
        preparations=tuple(found.id for found in preparations),
        purpose=note,
        basis="treatment",
        expires_at=house.clock.now.replace(year=2027),
        package_digest="a" * 64,
        package_size=1234,
        manifest_digest="b" * 64,
        receipt_secret=b"CANARYSECRET-32-bytes-long-here!",
        instances=instances or {},
    )
    return do(house, lambda tx: tx.releases.add(new, by=house.technician.id, at=house.clock()))
