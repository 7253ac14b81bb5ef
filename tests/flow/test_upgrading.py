"""A home of an older version is brought to this one: whole, with a backup copy, and on record."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.flow import fakes
from tests.flow.conftest import FAST
from workbench.flow import identity, importing, preparing, trail, upgrading
from workbench.flow.home import open_home
from workbench.flow.upgrading import upgrade_home
from workbench.records.errors import StorageFailed, UsageError
from workbench.store.migrations import HEAD

NEWER = (
    "question_item identity_question person known_values assigned rejection touched carried_hold evidence_blob "
    "redaction_blob pixel_rule device_sighting "
    "determination agreement entry_note activation"
)


@pytest.fixture
def older(house, tmp_path, monkeypatch):
    """A home as the first version left it: only the tables of that time, with a prepared study."""
    fakes.install(monkeypatch)
    for study in ("1.2.3", "1.2.5"):
        fakes.write_tiny(tmp_path / study / "x.dcm", study=study, series=f"{study}.1", instance=f"{study}.1.1")
    importing.import_paths(house.workbench, house["anna"], paths=[tmp_path / "1.2.3"])
    preparing.prepare(house.workbench, house["anna"], study="WB-000001", scope="trial-7", pixels="off")
    house.workbench.close()
    with closing(sqlite3.connect(house.made.home / "workbench.sqlite")) as database, database:
        for name in NEWER.split():
            database.execute(f"DROP TABLE {name}")
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    return house


def upgrade(house):
    return upgrade_home(house.made.home, clock=house.clock, passwords=FAST)


def reopened(house):
    house.workbench = open_home(house.made.home, clock=house.clock, passwords=FAST)
    return house


def test_an_older_home_is_not_opened_and_the_hint_names_the_command(older):
    with pytest.raises(UsageError) as refused:
        open_home(older.made.home, clock=older.clock, passwords=FAST)
    assert refused.value.code == "database-outdated"
    assert "workbench upgrade" in refused.value.hint


def test_it_is_upgraded_with_a_private_backup_and_an_entry(older):
    done = upgrade(older)
    assert (done.before, done.after) == ("0001", HEAD)
    backup = Path(done.backup)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(backup.parent.stat().st_mode) == 0o700
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert copy.execute("SELECT count(*) FROM study").fetchone() == (1,)
    house = reopened(older)
    assert house.events("home.upgraded") == ["home.upgraded"]
    assert house.workbench.database.check() == ()
    assert trail.verify_home(house.made.home, trust=str(house.made.trust), witness=house.made.witness).ok


def test_what_was_there_is_recognised_and_goes_on(older, tmp_path):
    with closing(sqlite3.connect(older.made.home / "workbench.sqlite")) as database:
        (before,) = database.execute("SELECT patient_code FROM preparation").fetchone()
    upgrade(older)
    house = reopened(older)
    importing.import_paths(house.workbench, house["anna"], paths=[tmp_path / "1.2.5"])
    for study in ("WB-000001", "WB-000002"):
        made = preparing.prepare(house.workbench, house["anna"], study=study, scope="trial-7", pixels="off")
        assert made.instances == 1
    with house.workbench.database.reading() as reading:
        codes = {reading.preparations.current(study).patient_code for study in ("WB-000001", "WB-000002")}
    assert codes == {before}
    fakes.write_tiny(
        tmp_path / "late" / "x.dcm", study="1.2.7", series="1.2.7.1", instance="1.2.7.1.1", patient_id="P9"
    )
    importing.import_paths(house.workbench, house["anna"], paths=[tmp_path / "late"])
    assert [row.code for row in identity.questions(house.workbench, house["olga"])] == ["one-patient-two-ids"]


def test_a_home_of_this_version_is_left_as_it_is(house):
    house.workbench.close()
    before = sorted(house.made.home.rglob("*"))
    assert upgrade(house).backup == ""
    assert sorted(house.made.home.rglob("*")) == before
    reopened(house)
    assert house.events("home.upgraded") == []


@pytest.mark.parametrize("what", ["backup", "migration", "entry"])
def test_an_upgrade_that_fails_leaves_the_home_as_it_was(older, monkeypatch, what):
    from workbench.audit.ledger import Ledger  # noqa: PLC0415 - patched below
    from workbench.store.migrations import run  # noqa: PLC0415 - patched below

    def fail(*_args, **_given):
        raise StorageFailed("disk-full", "The disk is full.", "Free some space.")

    place = {"backup": (upgrading, "_back_up"), "migration": (run, "migrate_within"), "entry": (Ledger, "append")}[what]
    monkeypatch.setattr(*place, fail)
    with pytest.raises(StorageFailed):
        upgrade(older)
    monkeypatch.undo()
    with closing(sqlite3.connect(older.made.home / "workbench.sqlite")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert not names & set(NEWER.split())
    assert upgrade(older).after == HEAD


def test_a_disk_without_room_for_the_backup_stops_before_anything_changes(older, monkeypatch):
    def full(*_args, **_given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.flow.upgrading.os.open", full)
    with pytest.raises(StorageFailed) as failed:
        upgrade(older)
    assert failed.value.code == "backup-not-written"
