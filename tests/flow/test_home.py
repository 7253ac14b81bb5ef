"""A home is made once, whole, and never in the wrong place."""

import json
import stat
from pathlib import Path

import pytest

from tests.flow.conftest import FAST, PASSWORD, Clock
from workbench.audit import events
from workbench.flow import accounts, home
from workbench.flow.home import code_digest, init_home, open_home, read_settings
from workbench.flow.staging import staged
from workbench.records.actor import Role
from workbench.records.errors import (
    IntegrityBroken,
    NotPermitted,
    StorageFailed,
    UsageError,
    WorkbenchError,
    WrongState,
)


@pytest.fixture
def places(tmp_path):
    return {"keys": tmp_path / "keys", "witness": tmp_path / "witness.log"}


def tree(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_a_home_is_private_and_has_everything_in_its_place(tmp_path, places):
    made = init_home(tmp_path / "home", **places, clock=Clock(), passwords=FAST)
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    for name in ("home.json", "workbench.sqlite"):
        assert stat.S_IMODE((tmp_path / "home" / name).stat().st_mode) == 0o600
    assert not [path for path in (tmp_path / "home").rglob("*") if path.suffix == ".key"]
    assert made.trust.read_text().count("+") >= 2
    assert made.witness.stat().st_size > 0
    assert json.loads((tmp_path / "home" / "home.json").read_text())["demo"] is False


def test_a_home_is_never_made_twice(tmp_path, places):
    init_home(tmp_path / "home", **places, clock=Clock(), passwords=FAST)
    before = tree(tmp_path)
    with pytest.raises(UsageError) as refused:
        init_home(
            tmp_path / "home", keys=tmp_path / "other", witness=tmp_path / "other.log", clock=Clock(), passwords=FAST
        )
    assert refused.value.code == "home-exists"
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", ["keys", "witness"])
def test_nothing_of_an_existing_key_or_witness_is_touched(tmp_path, places, name):
    path = places[name]
    if name == "keys":
        path.mkdir()
        path = path / "old.key"
    path.write_text("precious")
    before = tree(tmp_path)
    with pytest.raises(UsageError):
        init_home(tmp_path / "home", **places, clock=Clock(), passwords=FAST)
    assert tree(tmp_path) == before
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    ("keys", "witness", "code"),
    [
        ("home/keys", "witness.log", "keys-inside-home"),
        ("keys", "home/witness.log", "witness-inside-home"),
        (".", "witness.log", "keys-inside-home"),
    ],
)
def test_keys_and_witness_lie_outside(tmp_path, keys, witness, code):
    with pytest.raises(UsageError) as refused:
        init_home(tmp_path / "home", keys=tmp_path / keys, witness=tmp_path / witness, clock=Clock(), passwords=FAST)
    assert refused.value.code == code
    assert tree(tmp_path) == []


@pytest.mark.parametrize(
    "step", ["create_keys", "create_witness", "open_database", "LocalObjects", "_first_code", "_write_settings"]
)
def test_a_failure_at_any_step_leaves_nothing(tmp_path, places, monkeypatch, step):
    def fail(*_args, **_given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(home, step, fail)
    with pytest.raises(StorageFailed) as failed:
        init_home(tmp_path / "home", **places, clock=Clock(), passwords=FAST)
    assert failed.value.code == "disk-full"
    assert tree(tmp_path) == []


def test_an_empty_folder_that_was_there_stays(tmp_path, places, monkeypatch):
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(home, "_first_code", lambda _workbench, *, solo: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        init_home(tmp_path / "home", **places, clock=Clock(), passwords=FAST)
    assert tree(tmp_path) == ["home"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda made: (made.home / "home.json").unlink(), "no-home"),
        (lambda made: (made.home / "home.json").write_text("{"), "home-damaged"),
        (lambda made: (made.home / "home.json").write_text('{"keys": "x"}'), "home-damaged"),
        (lambda made: (made.home / "workbench.sqlite").unlink(), "database-missing"),
        (lambda made: made.keys.rename(made.keys.with_name("gone")), "keys-missing"),
        (lambda made: made.keys.chmod(0o755), "keys-readable-by-others"),
        (lambda made: (made.keys / "trust.vkey").write_text("other+00000000+AAAA"), "keys-broken"),
    ],
)
def test_opening_creates_nothing_and_names_what_is_missing(tmp_path, places, spoil, code):
    made = init_home(tmp_path / "home", **places, clock=Clock(), passwords=FAST)
    spoil(made)
    before = tree(tmp_path)
    with pytest.raises(WorkbenchError) as refused:
        open_home(made.home, clock=Clock(), passwords=FAST)
    assert refused.value.code == code
    assert refused.value.hint
    assert tree(tmp_path) == before


def test_opening_sweeps_what_a_killed_step_left_but_nothing_in_use(tmp_path, places):
    made = init_home(tmp_path / "home", **places, clock=Clock(), passwords=FAST)
    left = made.home / "staging" / "0123456789abcdef"
    (left / "content").mkdir(parents=True)
    (left / "content" / "clear.dcm").write_bytes(b"identity")
    with staged(made.home / "staging") as living:
        (living / "clear.dcm").write_bytes(b"identity")
        open_home(made.home, clock=Clock(), passwords=FAST).close()
        assert not left.exists()
        assert (living / "clear.dcm").exists()
        assert stat.S_IMODE(living.stat().st_mode) == 0o700
    assert not living.exists()


def test_staging_is_gone_after_a_failure(tmp_path):
    tmp_path.chmod(0o700)
    with pytest.raises(StorageFailed) as failed, staged(tmp_path) as folder:
        (folder / "DOE_JANE").rename(folder / "nowhere" / "x")
    assert "DOE" not in failed.value.message
    assert [path.name for path in tmp_path.iterdir()] == ["gate"]


def test_the_first_entry_is_the_home_and_the_code_works_once(tmp_path, places):
    made = init_home(tmp_path / "home", **places, clock=Clock(), passwords=FAST)
    with open_home(made.home, clock=Clock(), passwords=FAST) as workbench:
        with pytest.raises(NotPermitted):
            accounts.first_account(workbench, code="AAAAA-AAAAA-AAAAA-AAAAA", name="root", password=PASSWORD)
        accounts.first_account(workbench, code=made.code.lower().replace("-", " "), name="root", password=PASSWORD)
        with pytest.raises(WrongState):
            accounts.first_account(workbench, code=made.code, name="other", password=PASSWORD)
        with workbench.database.reading() as reading:
            kinds = [entry.kind for entry in reading.ledger.entries()]
            assert [account.roles for account in reading.accounts.all()] == [{Role.ADMIN}]
    assert kinds == ["home.init", "permission.denied", "account.created", "permission.denied"]
    assert kinds[0] == events.HomeInitialised.kind


def test_the_code_expires(tmp_path, places):
    clock = Clock()
    made = init_home(tmp_path / "home", **places, clock=clock, passwords=FAST)
    clock.skip(days=8)
    with open_home(made.home, clock=clock, passwords=FAST) as workbench, pytest.raises(NotPermitted):
        accounts.first_account(workbench, code=made.code, name="root", password=PASSWORD)


def test_a_code_is_kept_only_as_a_digest(tmp_path, places):
    made = init_home(tmp_path / "home", **places, clock=Clock(), passwords=FAST)
    assert code_digest(made.code) == code_digest(made.code.replace("-", "").lower())
    for path in made.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert made.code.encode() not in content
            assert made.code.replace("-", "").encode() not in content


def test_settings_have_a_digest_that_changes_with_them(tmp_path, places):
    made = init_home(tmp_path / "home", **places, clock=Clock(), passwords=FAST)
    before = read_settings(made.home).digest
    text = (made.home / "home.json").read_text().replace('"approval_days": 90', '"approval_days": 91')
    (made.home / "home.json").write_text(text)
    assert read_settings(made.home).digest != before


def test_a_home_of_another_format_is_refused(tmp_path, places):
    made = init_home(tmp_path / "home", **places, clock=Clock(), passwords=FAST)
    text = (made.home / "home.json").read_text().replace('"format": 1', '"format": 2')
    (made.home / "home.json").write_text(text)
    with pytest.raises(IntegrityBroken):
        read_settings(made.home)


@pytest.mark.parametrize("inside", ["a file", "a place that only the system writes"])
def test_a_place_that_cannot_be_written_is_named(tmp_path, places, inside):
    """For the superuser too: nobody makes a folder below a file, or in /proc."""
    (tmp_path / "file").write_text("")
    parent = tmp_path / "file" if inside == "a file" else Path("/proc")
    with pytest.raises(UsageError) as refused:
        init_home(parent / "home", **places, clock=Clock(), passwords=FAST)
    assert refused.value.code == "place-not-writable"
    assert refused.value.hint
    assert str(parent) not in refused.value.message
    assert tree(tmp_path) == ["file"]
