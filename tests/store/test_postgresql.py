"""The same code on PostgreSQL: WORKBENCH_TEST_POSTGRESQL names an empty database that may be overwritten."""

import os
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, text

from tests.store import test_persons as persons
from tests.store.chain import Person, decide, do, look, make_preparation, make_release, receive, scope, set_aside
from tests.store.conftest import ENTRY, House
from workbench.records.errors import IntegrityBroken, StorageFailed, UsageError
from workbench.store.database import open_database

URL = os.environ.get("WORKBENCH_TEST_POSTGRESQL", "")
pytestmark = pytest.mark.skipif(not URL, reason="no PostgreSQL database: set WORKBENCH_TEST_POSTGRESQL to its URL")


@pytest.fixture
def grown(make_house: Callable[..., House]) -> House:
    engine = create_engine(URL)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return make_house(URL)


def test_the_chain_from_import_to_release(grown: House):
    person = Person()
    study = receive(grown, person, series=2)
    set_aside(grown, person, study.id)
    approved = decide(grown, make_preparation(grown, study))
    assert make_release(grown, approved).instance_count == 6
    page = look(grown, lambda tx: tx.studies.search(text="P-7F"))
    assert [found.id for found in page.studies] == [study.id]
    assert look(grown, lambda tx: tx.studies.search(text=person.patient_id)).total == 1
    assert look(grown, lambda tx: tx.studies.search(text="ct")).total == 1
    where = scope(grown)
    do(grown, lambda tx: tx.scopes.assign(where.id, kind="patient", source="4711", value="P1", at=grown.clock()))
    assert look(grown, lambda tx: tx.scopes.source_of(where.id, kind="patient", value="P1")) == "4711"
    assert look(grown, lambda tx: tx.objects.unreferenced(stored_before=grown.clock.pass_(days=1))) == ()


def test_who_is_whom_and_what_versions_owe_each_other(grown: House):
    one, two = receive(grown, persons.ONE), receive(grown, persons.TWO)
    persons.check(grown, one, persons.walk(grown, one, two))
    do(grown, lambda tx: tx.persons.link(one.patient, two.patient))
    assert look(grown, lambda tx: len(tx.persons.group(two.patient))) == 2


def test_the_second_person_rule_is_in_the_database(grown: House):
    prepared = make_preparation(grown, receive(grown))
    with pytest.raises(StorageFailed):
        decide(grown, prepared, by=grown.technician.id)


def test_writers_side_by_side_lose_no_update(grown: House):
    def add() -> None:
        for _ in range(10):
            with grown.database.transaction() as tx:
                tx.settings.set("n", int(tx.settings.get("n", 0)) + 1, at=grown.clock())
                tx.ledger.append(ENTRY, actor="system")

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert look(grown, lambda tx: tx.settings.get("n", 0)) == 40


def test_reading_cannot_write_and_the_log_cannot_be_altered(grown: House):
    with pytest.raises(StorageFailed), grown.database.reading() as tx:
        tx.settings.set("n", 1, at=grown.clock())
    with pytest.raises(IntegrityBroken) as caught, grown.database.transaction() as tx:
        tx.connection.execute(text("DELETE FROM audit_event"))
    assert caught.value.code == "log-append-only"
    do(grown, lambda tx: tx.settings.set("n", 1, at=grown.clock()))


def test_a_database_is_made_once(grown: House):
    with pytest.raises(UsageError) as caught:
        open_database(URL, keys=grown.keys, ledger=grown.ledger, create=True)
    assert caught.value.code == "database-exists"
    open_database(URL, keys=grown.keys, ledger=grown.ledger).close()
