"""A step that is killed at any moment leaves a home that opens, tells one story, and takes the step again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.flow.conftest import FAST, write_ct
from tests.flow.test_faults import check
from workbench.flow import importing, preparing, trail
from workbench.flow.home import open_home

SCRIPT = """
import sys
from pathlib import Path
from tests.flow.conftest import FAST, PASSWORD
from workbench.flow import accounts, importing, preparing
from workbench.flow.home import open_home

home, folder = Path(sys.argv[1]), Path(sys.argv[2])
with open_home(home, passwords=FAST) as workbench:
    anna = accounts.sign_in(workbench, name="anna", password=PASSWORD).actor
    print("ready", flush=True)
    report = importing.import_paths(workbench, anna, paths=[folder])
    for row in report.studies:
        preparing.prepare(workbench, anna, study=row.study, scope="trial-7", pixels="off")
    print("done", flush=True)
"""


def run(house, folder, *, after):
    """Start the step in a process of its own and kill it, with its workers, after that many seconds."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(house.made.home), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path.cwd(),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(after)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for _attempt in range(250):  # workers hold the lock on their folder until the kernel has ended them as well
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)


@pytest.mark.slow
def test_a_killed_step_leaves_no_half_state(house, tmp_path):
    folder = write_ct(tmp_path / "in", instances=12, series=2)
    house.workbench.close()
    for number in range(14):
        run(house, folder, after=0.05 + 0.11 * number)
        with open_home(house.made.home, clock=house.clock, passwords=FAST) as workbench:
            house.workbench = workbench
            check(house)
            assert list(workbench.packages.glob("*.part")) == []
            with workbench.database.reading() as reading:
                counts = [study.instance_count for study in reading.studies.search().studies]
            assert counts in ([], [24])
    with open_home(house.made.home, clock=house.clock, passwords=FAST) as workbench:
        importing.import_paths(workbench, house["anna"], paths=[folder])
        made = preparing.prepare(workbench, house["anna"], study="WB-000001", scope="trial-7", pixels="off")
        assert made.instances == 24
    verdict = trail.verify_home(house.made.home, trust=str(house.made.trust), witness=house.made.witness)
    assert verdict.ok, verdict.problems
