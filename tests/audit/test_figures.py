"""What the log costs: `pytest -m bench -s tests/audit`."""

import statistics
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.audit.house import ACCOUNT, House
from workbench.audit.events import StudyReceived

TRANSACTIONS = 200
ROWS = 20_000


def plain(connection: Connection, start: int) -> float:
    begun = time.perf_counter()
    for number in range(start, start + TRANSACTIONS):
        with connection.begin():
            connection.execute(text("INSERT INTO study (id, state) VALUES (:id, 'x')"), {"id": f"p{number}"})
    return time.perf_counter() - begun


def chained(house: House, connection: Connection, start: int) -> float:
    begun = time.perf_counter()
    for number in range(start, start + TRANSACTIONS):
        with connection.begin():
            connection.execute(text("INSERT INTO study (id, state) VALUES (:id, 'x')"), {"id": f"c{number}"})
            event = StudyReceived(study="WB-000001", series=1, instances=number)
            house.ledger.append(connection, event, actor=ACCOUNT)
    return time.perf_counter() - begun


@pytest.mark.bench
def test_what_an_entry_costs(house: House, capsys: pytest.CaptureFixture[str]):
    with house.engine.connect() as connection:
        rounds = [(plain(connection, 1000 * at), chained(house, connection, 1000 * at)) for at in range(5)]
    ratio = statistics.median(with_entry / without for without, with_entry in rounds)
    with capsys.disabled():
        cost = rounds[-1][1] / TRANSACTIONS * 1000
        print(f"\na change with its entry: {ratio:.2f} x a change without ({cost:.2f} ms)")  # noqa: T201 - a figure
    assert ratio < 3


@pytest.mark.bench
def test_how_fast_a_log_is_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    house = House(tmp_path).build(8)
    with house.transaction() as connection:
        begun = time.perf_counter()
        for number in range(ROWS):
            event = StudyReceived(study="WB-000001", series=1, instances=number)
            house.ledger.append(connection, event, actor=ACCOUNT)
        appended = time.perf_counter() - begun
    house.checkpoint()
    begun = time.perf_counter()
    assert house.verify().ok
    verified = time.perf_counter() - begun
    size = house.database.stat().st_size
    with capsys.disabled():
        print(  # noqa: T201 - a figure for the reader
            f"\n{ROWS / appended:,.0f} entries/s appended in one transaction, "
            f"{ROWS / verified:,.0f} entries/s verified, {size / ROWS:,.0f} bytes an entry"
        )
    assert ROWS / verified > 5_000
