"""Nothing that identifies lies in clear in the database, its write-ahead log, the object store or the staging."""

from pathlib import Path

import pytest

from tests.store.chain import Person, decide, do, look, make_preparation, make_release, receive, set_aside
from tests.store.conftest import House
from workbench.records.errors import IntegrityBroken
from workbench.store.study_records import modality_term, public_sop_class


def everything_on_disk(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def spellings(value: str) -> list[bytes]:
    return [value.encode(), value.lower().encode(), value.encode("utf-16-le"), value.encode().hex().encode()]


def walk_the_chain(house: House, person: Person) -> None:
    study = receive(house, person)
    set_aside(house, person, study.id)
    made = make_preparation(house, study)
    decide(house, made, note=person.note)
    released = make_release(house, made, note=person.note)
    do(
        house,
        lambda tx: tx.releases.add_receipt(
            released.id,
            digest="c" * 64,
            opened_at=house.clock(),
            by=house.technician.id,
            at=house.clock(),
            text="CANARY",
        ),
    )
    do(
        house,
        lambda tx: tx.scopes.assign(
            made.scope, kind="patient", source=person.patient_id, value="P-7F3A", at=house.clock()
        ),
    )


def test_no_value_of_a_patient_is_on_the_disk_in_clear(house: House):
    person = Person()
    walk_the_chain(house, person)
    stored = everything_on_disk(house.root)
    assert any(name.endswith("-wal") and data for name, data in stored.items())
    assert any("objects" in name for name in stored)
    for name, data in stored.items():
        for value in [*person.values(), "CANARY"]:
            assert "CANARY" not in name
            assert not any(spelling in data for spelling in spellings(value)), (value, name)


def test_the_search_for_canaries_would_find_one(house: House):
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO counter VALUES ('CANARYNAME^JANE', 1)")
    assert any(b"CANARYNAME^JANE" in data for data in everything_on_disk(house.root).values())


def test_what_was_sealed_comes_back_to_who_has_the_keys(house: House):
    person = Person()
    study = receive(house, person)
    assert look(house, lambda tx: tx.studies.identity(study.id))["description"] == person.description
    assert look(house, lambda tx: tx.studies.patient_identity(study.id)).identity["name"] == person.name
    part = look(house, lambda tx: tx.studies.all_series(study.id))[0]
    assert look(house, lambda tx: tx.studies.series_identity(part.id))["uid"].startswith(person.series_uid)
    first = look(house, lambda tx: tx.studies.instances(study.id))[0]
    assert (first.sop_uid, first.source) == (f"{person.sop_uid}.0.0", person.path)


def test_a_name_in_the_place_of_a_code_does_not_reach_a_plain_column(house: House):
    study = receive(house, Person(modality="CANARYMOD"))
    assert study.modalities == ("OTHER",)
    assert modality_term(" ct ") == "CT"
    assert public_sop_class("1.2.840.10008.5.1.4.1.1.2") == "1.2.840.10008.5.1.4.1.1.2"
    for uid in ("1.2.826.0.1.19700101", "1.2.840.10008.DOE^JANE", "1.2.840.10008." + "1" * 40, ""):
        assert public_sop_class(uid) == "private"


def test_records_do_not_show_identity_when_printed(house: House):
    person = Person()
    study = receive(house, person)
    entry = set_aside(house, person, study.id)
    made = make_preparation(house, study)
    shown = repr(
        [
            study,
            entry,
            made,
            look(house, lambda tx: tx.studies.instances(study.id)),
            look(house, lambda tx: tx.studies.patient_identity(study.id)),
            look(house, lambda tx: tx.scopes.all()),
            decide(house, made, note=person.note),
            look(house, lambda tx: tx.preparations.decisions(study.id)),
        ]
    )
    assert "CANARY" not in shown


def test_rows_that_exchange_their_sealed_values_do_not_open(house: House):
    one, two = receive(house), receive(house, Person(study_uid="2.25.1", sop_uid="2.25.2", patient_id="X"))
    with house.database.engine.begin() as connection:
        sealed = [
            connection.exec_driver_sql("SELECT sealed FROM study WHERE id = ?", (found.id,)).scalar()
            for found in (one, two)
        ]
        connection.exec_driver_sql("UPDATE study SET sealed = ? WHERE id = ?", (sealed[1], one.id))
    with pytest.raises(IntegrityBroken) as caught:
        look(house, lambda tx: tx.studies.identity(one.id))
    assert caught.value.code == "sealed-value-broken"
    assert "CANARY" not in str(caught.value)
