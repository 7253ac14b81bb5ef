"""A home can forbid folder mode on its host."""

import json

import pytest

from workbench.flow import home
from workbench.flow.home import change_settings, read_settings
from workbench.flow.house_rules import check_folder_mode
from workbench.records.errors import NotPermitted, StorageFailed, UsageError


def test_folder_mode_is_forbidden_and_allowed_again_by_the_administrator(house):
    check_folder_mode(house.made.home)
    changed = change_settings(house.workbench, house["root"], folder_mode=False)
    assert read_settings(house.made.home) == changed
    with pytest.raises(UsageError) as refused:
        check_folder_mode(house.made.home)
    assert refused.value.code == "folder-mode-forbidden"
    change_settings(house.workbench, house["root"], folder_mode=True)
    check_folder_mode(house.made.home)
    with house.workbench.database.reading() as reading:
        entries = [entry.data["folder_mode"] for entry in reading.ledger.entries() if entry.kind == "home.settings"]
    assert entries == [False, True]


def test_nobody_else_may(house):
    for who in ("anna", "olga", "vera"):
        with pytest.raises(NotPermitted):
            change_settings(house.workbench, house[who], folder_mode=False)
    assert house.events("home.settings") == []
    check_folder_mode(house.made.home)


def test_settings_that_cannot_be_written_are_not_on_record(house, monkeypatch):
    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(home, "_write_settings", fail)
    with pytest.raises(StorageFailed):
        change_settings(house.workbench, house["root"], folder_mode=False)
    assert house.events("home.settings") == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"folder_mode": "no"}', '{"folder_mode": false}'])
def test_what_is_not_understood_forbids_it(tmp_path, content):
    (tmp_path / "home.json").write_text(content)
    with pytest.raises(UsageError):
        check_folder_mode(tmp_path)


def test_without_a_home_or_a_word_it_is_allowed(tmp_path):
    check_folder_mode(tmp_path)
    (tmp_path / "home.json").write_text(json.dumps({"keys": "x"}))
    check_folder_mode(tmp_path)
