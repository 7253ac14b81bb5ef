"""Several processes, killed processes and torn files: gapless, nothing acknowledged is lost, or it is told."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.audit.house import House, codes
from workbench.audit.verifier import verify_log


def start(house: House, name: str, times: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.audit.appender", str(house.folder), name, str(times)])


def told(house: House, name: str) -> list[tuple[int, str]]:
    """Whole lines only: a killed process may have been about to write one."""
    path = house.folder / f"told-{name}"
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [(int(seq), leaf) for seq, leaf in (line.split() for line in lines if line.endswith("\n"))]


@pytest.mark.slow
def test_appenders_in_several_processes_stay_gapless_though_one_is_killed(house: House):
    victims = [start(house, "A", 100_000), start(house, "B", 100_000)]
    others = [start(house, "C", 60), start(house, "D", 60)]
    deadline = time.monotonic() + 120
    for name, victim, enough in (("A", victims[0], 5), ("B", victims[1], 25)):
        while len(told(house, name)) < enough:
            assert time.monotonic() < deadline
            assert victim.poll() is None
            time.sleep(0.01)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    assert [other.wait(timeout=120) for other in others] == [0, 0]
    house.checkpoint()

    verdict = house.verify()
    assert verdict.ok, verdict.text()
    with house.engine.connect() as connection:
        entries = {entry.seq: entry for entry in house.ledger.entries(connection)}
        studies = set(connection.execute(text("SELECT id FROM study")).scalars())
    assert sorted(entries) == list(range(len(entries)))
    assert {entry.data["study"] for entry in entries.values() if entry.seq >= 24} == studies
    for name in "ABCD":
        for seq, leaf in told(house, name):
            assert entries[seq].leaf_hash.hex() == leaf


def test_a_write_ahead_log_cut_anywhere_is_a_past_of_the_log_and_the_witness_tells(house: House, tmp_path: Path):
    """After a power cut on a disk that lied about syncing, SQLite opens cleanly, with rows missing."""
    with house.in_use():
        house.write(6)
        house.checkpoint()
        main, log = house.database.read_bytes(), Path(f"{house.database}-wal").read_bytes()
    lost = 0
    for cut in range(0, len(log), max(1, len(log) // 23)):
        (tmp_path / "torn.db").write_bytes(main)
        (tmp_path / "torn.db-wal").write_bytes(log[:cut])
        verdict = verify_log(tmp_path / "torn.db", house.trust, house.witness)
        assert verdict.ok == (verdict.entries == 30 and verdict.checkpoints == 8), verdict.text()
        if verdict.entries < 30:
            lost += 1
            assert "truncated" in codes(verdict)
            assert verdict.first_bad == verdict.entries
    assert lost > 10


def test_a_rollback_journal_left_by_a_crash_is_taken_into_account(house: House, tmp_path: Path):
    """A copy with a -journal beside it is read as SQLite would read it, from a copy of both."""
    copy = tmp_path / "copy.db"
    shutil.copyfile(house.database, copy)
    (tmp_path / "copy.db-journal").write_bytes(b"\x00" * 512)
    assert verify_log(copy, house.trust, house.witness).ok
    assert (tmp_path / "copy.db-journal").exists()
