"""Machine work: one file that kills or stalls its worker is refused by name, and the others go on."""

import os
import signal
import time
from dataclasses import replace

import pytest

from tests.flow.conftest import write_ct
from workbench import verify
from workbench.flow import importing, machine, preparing, step
from workbench.flow.machine import Reading, ReadTask, read_all
from workbench.flow.pool import Bounds
from workbench.flow.step import Refusal


def spoil(monkeypatch, act):
    """Let reading the second file do something terrible. Workers are forked, so they have it too."""
    honest = step.scan_file

    def scan_file(path, index, **given):
        if index == 1:
            act()
        return honest(path, index, **given)

    monkeypatch.setattr(machine, "scan_file", scan_file)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda: os._exit(1), "worker-killed"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "worker-killed"),
        (lambda: time.sleep(60), "worker-time-limit"),
    ],
)
def test_one_bad_file_takes_only_itself_along(tmp_path, monkeypatch, act, code):
    folder = write_ct(tmp_path / "in", instances=3)
    spoil(monkeypatch, act)
    tasks = [ReadTask(index, path) for index, path in enumerate(sorted(folder.iterdir()))]
    found = dict(read_all(tasks, jobs=2, bounds=Bounds(seconds=2)))
    assert {index: type(outcome) for index, outcome in found.items()} == {0: Reading, 1: Refusal, 2: Reading}
    assert isinstance(found[1], Refusal)
    assert found[1].code == code


def test_a_file_that_kills_its_worker_ends_in_quarantine_and_later_out_of_the_version(house, tmp_path, monkeypatch):
    folder = write_ct(tmp_path / "in", instances=3)
    spoil(monkeypatch, lambda: os._exit(1))
    report = importing.import_paths(house.workbench, house["anna"], paths=[folder])
    assert (report.instances, [row.code for row in report.quarantined]) == (2, ["worker-killed"])
    made = preparing.prepare(
        house.workbench, house["anna"], study=report.studies[0].study, scope="trial-7", pixels="off"
    )
    assert (made.instances, [row.code for row in made.refused]) == (1, ["worker-killed"])


def test_readers_that_disagree_put_the_file_into_quarantine(house, tmp_path, monkeypatch):
    folder = write_ct(tmp_path / "in", instances=1)
    honest = verify.harvest

    def other(path, instance):
        found = honest(path, instance)
        return replace(found, inventory=found.inventory[:-3])

    monkeypatch.setattr(verify, "harvest", other, raising=False)
    report = importing.import_paths(house.workbench, house["anna"], paths=[folder])
    assert [row.code for row in report.quarantined] == ["readers-disagree"]
