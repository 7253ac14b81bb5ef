"""The ledger inside other people's transactions: together or not at all, gapless, and closed when in doubt."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from tests.audit.house import ACCOUNT, SECOND, Clock, House, Owner, some_event
from workbench.audit.events import LogRead, StudyReceived
from workbench.audit.ledger import Filter
from workbench.audit.merkle import verify_consistency, verify_inclusion
from workbench.records.actor import Role
from workbench.records.errors import IntegrityBroken, UsageError, WorkbenchError

CHANGE = text("INSERT INTO study (id, state) VALUES ('WB-000099', 'received')")


def studies(house: House) -> int:
    with house.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM study")).scalar_one())


def size(house: House) -> int:
    with house.engine.connect() as connection:
        return house.ledger.head(connection).size


def test_change_and_entry_commit_together(house: House):
    with house.transaction() as connection:
        connection.execute(CHANGE)
        entry = house.ledger.append(
            connection, some_event(24), actor=ACCOUNT, roles=[Role.TECHNICIAN, Role.AUDITOR], session=SECOND
        )
    assert (studies(house), size(house), entry.seq) == (1, 25, 24)
    with house.engine.connect() as connection:
        logged = house.ledger.entry(connection, 24)
    assert logged.leaf_hash == entry.leaf_hash
    assert json.loads(logged.body)["actor"] == {"id": ACCOUNT, "roles": ["auditor", "technician"], "session": SECOND}
    assert house.verify().ok


class CallerError(Exception):
    pass


def test_when_the_caller_fails_the_entry_is_gone_too(house: House):
    with pytest.raises(CallerError), house.transaction() as connection:  # noqa: PT012 - the whole transaction is meant
        house.ledger.append(connection, some_event(24), actor=ACCOUNT)
        connection.execute(CHANGE)
        raise CallerError
    assert (studies(house), size(house)) == (0, 24)
    house.write(1)
    assert house.verify().ok


def fails_at_the_event(house: House, connection: Connection) -> None:
    object.__setattr__(event := some_event(24), "instances", "many")
    house.ledger.append(connection, event, actor=ACCOUNT)


def fails_at_the_actor(house: House, connection: Connection) -> None:
    house.ledger.append(connection, some_event(24), actor="Hans Müller")


def fails_at_the_session(house: House, connection: Connection) -> None:
    house.ledger.append(connection, some_event(24), actor=ACCOUNT, session="my session")


def fails_at_the_clock(house: House, connection: Connection) -> None:
    house.ledger.clock = lambda: 1 / 0  # type: ignore[assignment,return-value] # the point
    house.ledger.append(connection, some_event(24), actor=ACCOUNT)


def fails_without_time_zone(house: House, connection: Connection) -> None:
    house.ledger.clock = lambda: datetime(2026, 1, 1)  # noqa: DTZ001 - the point
    house.ledger.append(connection, some_event(24), actor=ACCOUNT)


def fails_at_the_insert(house: House, connection: Connection) -> None:
    connection.execute(
        text("CREATE TRIGGER full BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    )
    house.ledger.append(connection, some_event(24), actor=ACCOUNT)


def fails_at_the_head(house: House, connection: Connection) -> None:
    connection.execute(text("DROP TRIGGER audit_head_grows"))
    connection.execute(
        text("CREATE TRIGGER late BEFORE UPDATE ON audit_head BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    )
    house.ledger.append(connection, some_event(24), actor=ACCOUNT)


def fails_without_table(house: House, connection: Connection) -> None:
    connection.execute(text("ALTER TABLE audit_head RENAME TO gone"))
    house.ledger.append(connection, some_event(24), actor=ACCOUNT)


FAILURES = [
    fails_at_the_event,
    fails_at_the_actor,
    fails_at_the_session,
    fails_at_the_clock,
    fails_without_time_zone,
    fails_at_the_insert,
    fails_at_the_head,
    fails_without_table,
]


@pytest.mark.parametrize("fail", FAILURES)
def test_when_the_entry_fails_the_change_is_gone_too(fail, house: House):
    with pytest.raises((WorkbenchError, ZeroDivisionError)), house.transaction() as connection:  # noqa: PT012 - the whole transaction is meant
        connection.execute(CHANGE)
        fail(house, connection)
    assert (studies(house), size(house)) == (0, 24)
    assert house.verify().ok


@pytest.mark.parametrize("fail", FAILURES)
def test_a_caller_who_swallows_the_failure_still_cannot_keep_the_change(fail, house: House):
    with house.engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(CHANGE)
        with pytest.raises((WorkbenchError, ZeroDivisionError)):
            fail(house, connection)
        assert not transaction.is_active
        with pytest.raises(SQLAlchemyError):
            transaction.commit()
    assert (studies(house), size(house)) == (0, 24)


def test_a_failure_names_a_next_step_and_no_value(house: House):
    with pytest.raises(UsageError) as refused, house.transaction() as connection:
        fails_at_the_actor(house, connection)
    assert "Hans" not in str(refused.value)
    assert refused.value.hint
    with pytest.raises(IntegrityBroken) as broken, house.transaction() as connection:
        fails_at_the_insert(house, connection)
    assert broken.value.code == "log-broken"
    assert "audit verify" in broken.value.hint


def test_a_full_disk_refuses_the_change_and_the_log_goes_on_afterwards(house: House):
    with house.engine.connect() as connection:
        (pages,) = connection.exec_driver_sql("PRAGMA page_count").one()
    before = size(house)

    def append(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
        for _ in range(100):
            house.ledger.append(connection, some_event(24), actor=ACCOUNT)

    with house.engine.connect() as connection:
        with pytest.raises(WorkbenchError) as refused, connection.begin():
            append(connection)
        assert refused.value.code == "log-not-written"
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert size(house) == before
    house.write(3)
    assert house.verify().ok


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM audit_event WHERE seq = 23",
        "UPDATE audit_event SET hash = zeroblob(32) WHERE seq = 23",
        "UPDATE audit_head SET last = zeroblob(32)",
        "UPDATE audit_head SET size = 20",
        "UPDATE audit_head SET size = 31",
        "UPDATE audit_head SET peaks = x''",
        "DELETE FROM audit_head",
    ],
)
def test_nothing_is_written_on_top_of_a_log_that_contradicts_itself(harm: str, house: House, owner: Owner):
    with owner.at_work() as connection:
        connection.execute(harm)
    with pytest.raises(IntegrityBroken) as refused, house.transaction() as connection:  # noqa: PT012 - the whole transaction is meant
        connection.execute(CHANGE)
        house.ledger.append(connection, some_event(24), actor=ACCOUNT)
    assert refused.value.code == "log-broken"
    assert studies(house) == 0


def test_an_entry_too_long_is_refused(house: House):
    release = some_event(25)
    object.__setattr__(release, "approvals", tuple(range(10**15, 10**15 + 1000)))
    object.__setattr__(release, "studies", (ACCOUNT,) * 1000)
    object.__setattr__(release, "preparations", (ACCOUNT,) * 1000)
    with pytest.raises(WorkbenchError) as refused, house.transaction() as connection:
        house.ledger.append(connection, release, actor=ACCOUNT)
    assert refused.value.code == "event-too-long"


def test_entries_are_found_by_kind_study_release_actor_time_and_place(house: House):
    with house.transaction() as connection:
        house.ledger.append(connection, LogRead(entries=3), actor="system")
    start = Clock().now
    with house.engine.connect() as connection:

        def found(wanted: Filter | None = None, **how) -> list[int]:
            return [entry.seq for entry in house.ledger.entries(connection, wanted, **how)]

        assert found() == list(range(25))
        assert found(newest_first=True, limit=2) == [24, 23]
        assert found(limit=2, offset=3) == [3, 4]
        assert found(Filter(kinds=("release.created",))) == [0, 5, 10, 15, 20]
        assert found(Filter(kinds=("release.created", "log.read"), first=10)) == [10, 15, 20, 24]
        assert found(Filter(release="R-000010")) == [10]
        assert found(Filter(study="WB-000007")) == [7]
        assert found(Filter(actor="system")) == [24]
        assert found(Filter(first=3, before=5)) == [3, 4]
        assert found(Filter(since=start + timedelta(seconds=5), until=start + timedelta(seconds=7))) == [4, 5]
        assert house.ledger.count(connection, Filter(kinds=("release.created",))) == 5
        assert house.ledger.count(connection) == 25
        with pytest.raises(IntegrityBroken):
            house.ledger.entry(connection, 25)


def test_the_log_proves_every_entry_and_every_past_of_itself(house: House):
    with house.engine.connect() as connection:
        head = house.ledger.head(connection)
        roots = [house.ledger.root_at(connection, past) for past in range(head.size + 1)]
        assert roots[-1] == head.root
        for seq in range(head.size):
            proof = house.ledger.inclusion_proof(connection, seq, head.size)
            leaf = house.ledger.entry(connection, seq).leaf_hash
            assert verify_inclusion(leaf=leaf, index=seq, size=head.size, proof=proof, root=head.root)
        for old in range(1, head.size):
            proof = house.ledger.consistency_proof(connection, old, head.size)
            assert verify_consistency(old=old, new=head.size, proof=proof, old_root=roots[old], new_root=head.root)


def test_a_proof_over_a_missing_row_is_refused(house: House, owner: Owner):
    with owner.at_work() as connection:
        connection.execute("DELETE FROM audit_event WHERE seq = 7")
    with house.engine.connect() as connection, pytest.raises(IntegrityBroken):
        house.ledger.inclusion_proof(connection, 12, 24)


def test_a_damaged_entry_is_refused_not_shown(house: House, owner: Owner):
    with owner.at_work() as connection:
        body = b'{"seq":7,"kind":"x","at":"x","actor":{"id":"x"}}'
        connection.execute("UPDATE audit_event SET body = ? WHERE seq = 7", (body,))
    with house.engine.connect() as connection, pytest.raises(IntegrityBroken):
        list(house.ledger.entries(connection))


def test_the_same_entries_at_the_same_times_make_the_same_log(tmp_path: Path):
    roots = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        built = House(tmp_path / name).build()
        with built.engine.connect() as connection:
            roots.add(built.ledger.head(connection).root)
    assert len(roots) == 1


def test_the_hash_is_over_the_stored_bytes(house: House):
    """What `docs/audit-format.md` promises to whoever writes another verifier."""
    with closing(sqlite3.connect(house.database)) as connection:
        body, stored = connection.execute("SELECT body, hash FROM audit_event WHERE seq = 0").fetchone()
    assert Owner.leaf(body) == stored
    assert json.loads(body) == {
        "v": 1,
        "seq": 0,
        "prev": "00" * 32,
        "at": "2026-01-31T12:00:01.000000Z",
        "kind": "release.created",
        "actor": {"id": ACCOUNT},
        "data": some_event(0).data(),
    }
    assert json.loads(body)["data"]["expires"] == datetime(2026, 3, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_an_event_of_no_kind_cannot_be_made(house: House):
    with pytest.raises(TypeError):
        StudyReceived("WB-000001", 1, 1)  # type: ignore[call-arg] # keyword-only by design
