import io

import pytest
from sqlalchemy import event

from tests.store.chain import Person, do, look, make_preparation, receive, scope
from tests.store.conftest import House
from workbench.records.errors import StorageFailed, UsageError, WrongState
from workbench.records.states import StudyState
from workbench.store.study_records import NewInstance


def person(n: int, **values: str) -> Person:
    return Person(
        **{
            "patient_id": f"ID{n}",
            "study_uid": f"2.25.{n}.1",
            "series_uid": f"2.25.{n}.2",
            "sop_uid": f"2.25.{n}.3",
            **values,
        }
    )


def search(house: House, **wanted):
    page = look(house, lambda tx: tx.studies.search(**wanted))
    return [study.id for study in page.studies], page.total


def test_a_study_counts_what_it_holds(house: House):
    study = receive(house, count=3, series=2)
    assert study.id == "WB-000001"
    assert (study.state, study.series_count, study.instance_count) == (StudyState.RECEIVED, 2, 6)
    assert study.modalities == ("CT",)
    assert study.received_at == house.clock()
    sizes = [found.size for found in look(house, lambda tx: tx.studies.all_series(study.id))]
    assert study.size == sum(sizes) > 0
    assert [part.number for part in look(house, lambda tx: tx.studies.all_series(study.id))] == [1, 2]


def test_a_late_series_makes_the_study_grow(house: House):
    study = receive(house)
    stored = house.objects.put(io.BytesIO(b"late"))

    def add(tx):
        run = tx.imports.start(made_by=house.technician.id, at=house.clock())
        late = tx.studies.series(study.id, "2.25.99", modality="SR", identity={})
        tx.studies.add_instances(
            late.id,
            [NewInstance(stored, "2.25.98", "1.2.840.10008.5.1.4.1.1.88.11", 0)],
            import_id=run,
            at=house.clock(),
        )

    do(house, add)
    grown = look(house, lambda tx: tx.studies.get(study.id))
    assert (grown.series_count, grown.instance_count, grown.modalities) == (2, 4, ("CT", "SR"))


def test_the_same_series_and_patient_are_found_again(house: House):
    who = Person()
    study = receive(house, who)
    again = do(house, lambda tx: tx.studies.series(study.id, f"{who.series_uid}.0", modality="CT", identity={}))
    assert again == look(house, lambda tx: tx.studies.all_series(study.id))[0]
    assert look(house, lambda tx: tx.studies.find(who.study_uid)) == study
    assert look(house, lambda tx: tx.studies.find("2.25.404")) is None
    patient = do(
        house,
        lambda tx: tx.studies.patient(
            f"issuer|{who.patient_id}".encode(), patient_id=who.patient_id, identity={"name": "other"}, at=house.clock()
        ),
    )
    assert (patient.id, patient.identity["name"]) == (study.patient, who.name)


def test_strangers_are_never_merged(house: House):
    one, two = receive(house, person(1)), receive(house, person(2))
    assert one.patient != two.patient


def test_a_duplicate_is_told_from_a_conflict_by_its_object(house: House):
    who = Person()
    study = receive(house, who)
    known = look(house, lambda tx: tx.studies.find_instance(study.id, f"{who.sop_uid}.0.0"))
    same = house.objects.put(io.BytesIO(f"{who.name} {who.study_uid} 0 0".encode() * 40))
    assert known is not None
    assert (known.object, known.digest) == (same.name, same.digest)
    assert known.object != house.objects.put(io.BytesIO(b"other content")).name
    assert look(house, lambda tx: tx.studies.find_instance(study.id, "2.25.404")) is None


def test_the_database_refuses_a_second_instance_with_one_uid_and_keeps_the_counts(house: House):
    who = Person()
    study = receive(house, who)
    stored = house.objects.put(io.BytesIO(b"other content"))

    def add(tx):
        run = tx.imports.start(made_by=house.technician.id, at=house.clock())
        part = tx.studies.all_series(study.id)[0]
        again = NewInstance(stored, f"{who.sop_uid}.0.0", "1.2.840.10008.5.1.4.1.1.2", 9)
        tx.studies.add_instances(part.id, [again], import_id=run, at=house.clock())

    with pytest.raises(StorageFailed) as caught:
        do(house, add)
    assert caught.value.code == "database-refused"
    assert look(house, lambda tx: tx.studies.get(study.id)) == study


def test_no_row_names_an_object_that_was_not_recorded(house: House):
    receive(house)
    with pytest.raises(StorageFailed), house.database.transaction() as tx:
        tx.connection.exec_driver_sql("UPDATE instance SET object = ?", ("0" * 64,))


def test_instances_come_in_the_order_of_series_and_position(house: House):
    study = receive(house, count=3, series=2)
    found = look(house, lambda tx: tx.studies.instances(study.id))
    parts = look(house, lambda tx: tx.studies.all_series(study.id))
    assert [(item.series, item.position) for item in found] == [(part.id, n) for part in parts for n in range(3)]
    assert look(house, lambda tx: tx.studies.instances(study.id, series_id=parts[1].id)) == found[3:]
    assert look(house, lambda tx: tx.studies.get_instance(found[0].id)) == found[0]


def test_a_step_from_a_state_that_is_no_more_is_refused(house: House):
    study = receive(house)

    def move(tx):
        tx.studies.move(study.id, expected=StudyState.RECEIVED, to=StudyState.QUARANTINED, at=house.clock())

    do(house, move)
    with pytest.raises(WrongState) as caught:
        do(house, move)
    assert caught.value.code == "study-changed"


def test_a_discarded_study_can_be_imported_anew(house: House):
    who = Person()
    study = receive(house, who)
    do(house, lambda tx: tx.studies.retire(study.id))
    assert look(house, lambda tx: tx.studies.find(who.study_uid)) is None
    assert receive(house, who).id != study.id
    with pytest.raises(UsageError):
        do(house, lambda tx: tx.studies.retire("WB-999999"))


def test_search_pages_newest_first_with_totals_and_counts_per_state(house: House):
    studies = []
    for n in range(5):
        house.clock.pass_(minutes=1)
        studies.append(receive(house, person(n), count=1))
    house.clock.pass_(minutes=1)
    do(
        house,
        lambda tx: tx.studies.move(
            studies[0].id, expected=StudyState.RECEIVED, to=StudyState.QUARANTINED, at=house.clock()
        ),
    )
    numbers = [study.id for study in studies]
    assert search(house) == (numbers[::-1], 5)
    assert search(house, limit=2, offset=2) == (numbers[::-1][2:4], 5)
    assert search(house, newest_first=False, limit=1) == (numbers[:1], 5)
    assert search(house, state=StudyState.QUARANTINED) == (numbers[:1], 1)
    assert search(house, state=StudyState.APPROVED) == ([], 0)
    page = look(house, lambda tx: tx.studies.search(state=StudyState.QUARANTINED))
    assert page.states == {StudyState.RECEIVED: 4, StudyState.QUARANTINED: 1}


def test_search_by_number_code_profile_modality_and_whole_patient_id_but_not_by_name(house: House):
    one = receive(house, person(1))
    two = receive(house, person(2, modality="US"))
    make_preparation(house, one, code="P-7F3A")
    for text in ("WB-000001", "wb-000001", "1", "P-7f", "bas", "CT", "ct", "ID1", " id1 "):
        assert search(house, text=text) == ([one.id], 1), text
    assert search(house, modality="US") == ([two.id], 1)
    assert search(house, text="us") == ([two.id], 1)
    for text in ("CANARYNAME", "JANE", "ID", "%", "_", "C", "0000"):
        assert search(house, text=text) == ([], 0), text


def test_a_page_of_studies_never_looks_at_instances(house: House):
    receive(house)
    statements: list[str] = []
    event.listen(
        house.database.engine, "before_cursor_execute", lambda _c, _cu, statement, *_: statements.append(statement)
    )
    search(house, text="CT")
    assert statements
    assert not any(table in statement for statement in statements for table in ("instance ", "finding ", "series "))


def test_unknown_ids_are_named_as_such(house: House):
    for step, code in (
        (lambda tx: tx.studies.get("WB-999999"), "study-unknown"),
        (lambda tx: tx.studies.identity("WB-999999"), "study-unknown"),
        (lambda tx: tx.studies.get_series("x"), "series-unknown"),
        (lambda tx: tx.studies.get_instance("x"), "instance-unknown"),
        (lambda tx: tx.scopes.get("x"), "scope-unknown"),
        (lambda tx: tx.imports.get("x"), "import-unknown"),
    ):
        with pytest.raises(UsageError) as caught:
            look(house, step)
        assert caught.value.code == code


def test_an_import_keeps_its_counts_and_source(house: House):
    receive(house, count=2)
    found = look(house, lambda tx: tx.imports.get("IM-000001"))
    assert (found.inputs, found.received, found.source) == (2, 2, Person().path)


def test_each_scope_has_a_key_of_its_own_and_links_nothing_across(house: House):
    one, two = scope(house, "Dr Far"), scope(house, "Dr Near")
    assert one.key != two.key
    assert len(one.key) == 32
    assert scope(house, "dr far") == one
    assert [found.name for found in look(house, lambda tx: tx.scopes.all())] == ["Dr Far", "Dr Near"]
    at = house.clock()
    for where in (one, two):
        do(house, lambda tx, where=where: tx.scopes.assign(where.id, kind="patient", source="4711", value="P1", at=at))
    with house.database.engine.connect() as connection:
        indexes = connection.exec_driver_sql("SELECT source_index FROM pseudonym").scalars().all()
    assert len(set(indexes)) == 2


def test_a_pseudonym_is_kept_once_and_stands_for_one_source(house: House):
    where = scope(house)
    at = house.clock()

    def assign(source: str, value: str):
        return do(house, lambda tx: tx.scopes.assign(where.id, kind="patient", source=source, value=value, at=at)).value

    assert assign("4711", "P1") == "P1"
    assert assign("4711", "P2") == "P1"
    with pytest.raises(UsageError) as caught:
        assign("4712", "P1")
    assert caught.value.code == "pseudonym-taken"
    assert look(house, lambda tx: tx.scopes.source_of(where.id, kind="patient", value="P1")) == "4711"
    assert look(house, lambda tx: tx.scopes.source_of(where.id, kind="study", value="P1")) is None


def test_a_scope_name_is_taken_once(house: House):
    scope(house)
    with pytest.raises(UsageError) as caught:
        do(house, lambda tx: tx.scopes.add("DR FAR", created_by=house.technician.id, at=house.clock()))
    assert caught.value.code == "scope-exists"


def test_what_nothing_refers_to_any_more_can_be_let_go(house: House):
    receive(house)
    spare = house.objects.put(io.BytesIO(b"spare"))
    with house.database.transaction() as tx:
        tx.objects.record([spare, spare], at=house.clock())
    later = house.clock.pass_(days=1)
    assert look(house, lambda tx: tx.objects.unreferenced(stored_before=later)) == (spare.name,)
    with house.database.transaction() as tx:
        tx.objects.forget([spare.name])
    known = look(house, lambda tx: tx.objects.names())
    assert list(house.objects.orphans(known, older_than=float("inf"))) == [spare.name]
    with pytest.raises(StorageFailed), house.database.transaction() as tx:
        tx.objects.forget(known)


def test_settings_are_typed_and_have_a_default(house: House):
    assert look(house, lambda tx: tx.settings.get("solo", False)) is False
    for value in (True, 3, "x"):
        do(house, lambda tx, value=value: tx.settings.set("solo", value, at=house.clock()))
        assert look(house, lambda tx: tx.settings.get("solo", False)) == value
    assert look(house, lambda tx: tx.settings.all()) == {"solo": "x"}


def test_a_database_that_fails_after_the_objects_were_put_leaves_orphans_and_no_row(house: House):
    who = Person()
    study = receive(house, who)
    known = look(house, lambda tx: tx.objects.names())
    with pytest.raises(StorageFailed):
        receive(house, person(7, study_uid=who.study_uid, name="OTHER"))
    assert look(house, lambda tx: tx.studies.search()).total == 1
    assert look(house, lambda tx: tx.objects.names()) == known
    orphans = list(house.objects.orphans(known, older_than=float("inf")))
    assert len(orphans) == 3
    for name in orphans:
        house.objects.delete(name)
    assert {item.object for item in look(house, lambda tx: tx.studies.instances(study.id))} == set(
        house.objects.names()
    )
