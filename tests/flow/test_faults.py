"""Every call to database, ledger, object store, witness and package disk fails in turn, in every use case.

After each failure the log and the database tell the same story, nothing lies in clear, and the same step succeeds when
it is repeated: a failed step has either not happened or has happened whole.
"""

import errno
import shutil
from functools import partial
from pathlib import Path

import pyrage
import pytest

from tests.flow import fakes
from tests.flow.conftest import FAST
from workbench.audit.checkpoint import Checkpointer
from workbench.flow import importing, packages, preparing, receiving, recipients, releasing, reviewing, trail
from workbench.flow.home import open_home
from workbench.flow.opening import open_received
from workbench.records.errors import IntegrityBroken, StorageFailed, WorkbenchError
from workbench.records.states import ReleaseState, StudyState
from workbench.store.objects import LocalDisk
from workbench.store.repository import Repository
from workbench.store.transaction import TransactionLedger

STORY = {
    "study.received": StudyState.RECEIVED,
    "study.prepared": StudyState.PREPARED,
    "study.submitted": StudyState.SUBMITTED,
    "study.approved": StudyState.APPROVED,
    "study.returned": StudyState.RETURNED,
    "study.withdrawn": StudyState.RETURNED,
    "study.quarantined": StudyState.QUARANTINED,
    "quarantine.accepted": StudyState.RECEIVED,
    "quarantine.discarded": StudyState.DISCARDED,
    "release.created": ReleaseState.CREATED,
    "release.revoked": ReleaseState.REVOKED,
    "release.expired": ReleaseState.EXPIRED,
    "receipt.recorded": ReleaseState.ACKNOWLEDGED,
}


class Fault:
    """Lets calls pass until the chosen one, which fails."""

    def __init__(self, monkeypatch):
        self.at = self.calls = 0
        storage = StorageFailed("disk-full", "The disk is full; nothing was changed.", "Free some space.")
        disk = OSError(errno.ENOSPC, "No space left on device")
        unwritten = WorkbenchError("witness-not-written", "The checkpoint could not be written.", "Check the disk.")
        self.wrap(monkeypatch, Repository, "_write", storage)
        self.wrap(monkeypatch, TransactionLedger, "append", storage)
        for name in ("create", "sync", "rename"):
            self.wrap(monkeypatch, LocalDisk, name, disk)
        self.wrap(monkeypatch, Checkpointer, "sign", unwritten)
        self.wrap(monkeypatch, Checkpointer, "publish", unwritten)
        self.wrap(monkeypatch, packages, "_publish", disk)
        self.wrap(monkeypatch, releasing, "build_package", disk)

    def wrap(self, monkeypatch, owner, name, error):
        honest = getattr(owner, name)

        def faulty(*args, **given):
            self.calls += 1
            if self.calls == self.at:
                raise error
            return honest(*args, **given)

        monkeypatch.setattr(owner, name, faulty)

    def arm(self, at):
        self.at, self.calls = at, 0

    def disarm(self):
        fired, self.at = self.calls >= self.at > 0, 0
        return fired


def check(house):
    """Replay the log and compare it with the rows; look for what should not be left."""
    states = {}
    with house.workbench.database.reading() as reading:
        for entry in reading.ledger.entries():
            about = entry.data.get("release" if entry.kind.startswith(("release", "receipt")) else "study")
            if entry.kind in STORY and about and not (entry.kind == "study.received" and entry.data.get("grew")):
                states[about] = STORY[entry.kind]
        for about, state in states.items():
            found = reading.releases.get(about) if about.startswith("RL") else reading.studies.get(about)
            assert found.state is state, about
        assert len(reading.studies.search(limit=100).studies) == sum(about.startswith("WB") for about in states)
        assert len(reading.releases.page(limit=100)) == sum(about.startswith("RL") for about in states)
    workbench = house.workbench
    assert [path for path in workbench.staging.iterdir() if path.is_dir()] == []
    assert list((house.made.home / "objects" / "incoming").iterdir()) == []
    return states


def survive(house, fault, call, about, goal):
    """Repeat `call`, each time with a later call failing, until the log says that the goal is reached."""
    at = 0
    while True:
        at += 1
        fault.arm(at)
        failed = None
        try:
            call()
        except (WorkbenchError, OSError) as error:
            failed = error
        fired = fault.disarm()
        states = check(house)
        if states.get(about) is goal:
            return at
        assert fired, f"failed although nothing was made to fail: {failed!r}"
        assert failed is not None, "a failure went unnoticed and the step did not happen"


@pytest.fixture
def tiny(tmp_path):
    folder = tmp_path / "tiny"
    for number in (1, 2):
        fakes.write_tiny(folder / f"{number}.dcm", study="1.2.3", series="1.2.3.1", instance=f"1.2.3.1.{number}")
    return folder


def test_every_call_fails_in_turn_and_no_half_state_is_left(house, tiny, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    workbench, anna, olga = house.workbench, house["anna"], house["olga"]
    identity = pyrage.x25519.Identity.generate()
    key_file = tmp_path / "key.txt"
    key_file.write_text(f"{identity}\n")
    recipients.add_recipient(workbench, olga, name="Trial 7", key=str(identity.to_public()))
    fault = Fault(monkeypatch)
    study, release = "WB-000001", None

    def release_it():
        nonlocal release
        made = releasing.create_release(
            workbench,
            anna,
            recipient="Trial 7",
            purpose="research",
            basis="de-identified",
            expires_days=30,
            studies=[study],
        )
        release = made.release

    tried = {}
    tried["import"] = survive(
        house, fault, lambda: importing.import_paths(workbench, anna, paths=[tiny]), study, StudyState.RECEIVED
    )
    tried["prepare"] = survive(
        house,
        fault,
        lambda: preparing.prepare(workbench, anna, study=study, scope="s", pixels="off"),
        study,
        StudyState.PREPARED,
    )
    for step, who, goal in (
        ("submit", anna, StudyState.SUBMITTED),
        ("return", olga, StudyState.RETURNED),
        ("prepare", anna, StudyState.PREPARED),
        ("submit", anna, StudyState.SUBMITTED),
        ("quarantine", olga, StudyState.QUARANTINED),
        ("accept", olga, StudyState.RECEIVED),
        ("prepare", anna, StudyState.PREPARED),
        ("submit", anna, StudyState.SUBMITTED),
        ("approve", olga, StudyState.APPROVED),
        ("withdraw", olga, StudyState.RETURNED),
        ("prepare", anna, StudyState.PREPARED),
        ("submit", anna, StudyState.SUBMITTED),
        ("approve", olga, StudyState.APPROVED),
    ):
        given = {} if step in ("submit", "approve", "prepare") else {"reason": "because"}
        if step == "prepare":
            preparing.prepare(workbench, anna, study=study, scope="s", pixels="off")
            continue
        call = reviewing.STEPS[step]
        step_it = partial(call, workbench, who, study=study, **given)
        tried[step] = survive(house, fault, step_it, study, goal)
    at = 0
    while release is None:
        at += 1
        fault.arm(at)
        try:
            release_it()
        except (WorkbenchError, OSError):
            assert fault.disarm()
        states = check(house)
        made = [about for about in states if about.startswith("RL")]
        if made:
            release = made[0]
        else:
            assert [path.name for path in workbench.packages.iterdir() if path.name != "gate"] == []
    fault.disarm()
    tried["release"] = at
    package = workbench.packages / f"{release}.tar.age"
    if not package.exists():  # the name failed after the commit: settled when a home is opened
        packages.settle(workbench.packages, workbench.database)
    opened = open_received(package, tmp_path / "out", identity=key_file, trust=workbench.keys.vkey, clock=house.clock)
    receipt = Path(opened.document["receipt"]).read_text()
    tried["receipt"] = survive(
        house,
        fault,
        lambda: receiving.record_receipt(workbench, anna, receipt=receipt),
        release,
        ReleaseState.ACKNOWLEDGED,
    )
    tried["revoke"] = survive(
        house,
        fault,
        lambda: releasing.revoke_release(workbench, olga, release=release, reason="because"),
        release,
        ReleaseState.REVOKED,
    )
    reviewing.quarantine(workbench, olga, study=study, reason="because")
    tried["discard"] = survive(
        house,
        fault,
        lambda: reviewing.discard(workbench, olga, study=study, reason="because"),
        study,
        StudyState.DISCARDED,
    )
    assert all(count >= 3 for count in tried.values()), tried
    verdict = trail.verify_home(house.made.home, trust=str(house.made.trust), witness=house.made.witness)
    assert verdict.ok, verdict.problems


def test_a_witness_that_is_gone_stops_every_decision(prepared):
    house = prepared
    house.made.witness.rename(house.made.witness.with_name("moved"))
    with pytest.raises(IntegrityBroken) as refused:
        reviewing.submit(house.workbench, house["anna"], study="WB-000001")
    assert refused.value.code == "witness-missing"
    house.made.witness.with_name("moved").rename(house.made.witness)
    assert reviewing.submit(house.workbench, house["anna"], study="WB-000001") is StudyState.SUBMITTED


def test_a_log_that_was_rolled_back_is_not_written_on(prepared, tmp_path):
    """Somebody puts an older database back: the witness knows more, so nothing more is decided on top of it."""
    house = prepared
    house.workbench.close()
    older = tmp_path / "older.sqlite"
    shutil.copy(house.made.home / "workbench.sqlite", older)
    with open_home(house.made.home, clock=house.clock, passwords=FAST) as workbench:
        reviewing.submit(workbench, house["anna"], study="WB-000001")
    for left in house.made.home.glob("workbench.sqlite*"):
        left.unlink()
    shutil.copy(older, house.made.home / "workbench.sqlite")
    with (
        open_home(house.made.home, clock=house.clock, passwords=FAST) as workbench,
        pytest.raises(IntegrityBroken) as refused,
    ):
        reviewing.submit(workbench, house["anna"], study="WB-000001")
    assert refused.value.code == "log-forked"
