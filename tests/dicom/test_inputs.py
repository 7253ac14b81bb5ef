"""What a user may point at, and what an archive may not do."""

import os
import stat
import zipfile
from pathlib import Path

import pytest

from workbench.dicom import inputs
from workbench.dicom.inputs import find_inputs
from workbench.records.errors import InstanceRefused, UsageError


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    folder = tmp_path / "staging"
    folder.mkdir()
    return folder


def codes(found: list[inputs.InputFile]) -> list[str]:
    return [file.refusal.code if file.refusal else "" for file in found]


def test_a_folder_is_listed_in_a_stable_order(tmp_path: Path, staging: Path) -> None:
    for name in ("b/2", "a/9", "a/10", "c"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    found = find_inputs([tmp_path / "in"], staging)
    assert [file.label for file in found] == ["a/10", "a/9", "b/2", "c"]
    assert [file.index for file in found] == [0, 1, 2, 3]


def test_links_and_devices_are_refused_and_the_rest_goes_on(tmp_path: Path, staging: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a").write_bytes(b"x")
    (folder / "b").symlink_to(folder / "a")
    (folder / "c").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "d")
    assert codes(find_inputs([folder], staging)) == ["", "symbolic-link", "symbolic-link", "not-a-file"]


def test_a_pipe_given_by_itself_is_refused_and_not_waited_for(tmp_path: Path, staging: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert codes(find_inputs([tmp_path / "pipe"], staging)) == ["not-a-file"]


def test_a_missing_input_is_a_usage_error_without_its_name(tmp_path: Path, staging: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_inputs([tmp_path / "Mustermann"], staging)
    assert caught.value.code == "input-missing"
    assert "Mustermann" not in str(caught.value)


def test_an_unreadable_file_is_refused(tmp_path: Path, staging: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(b"x")
    (tmp_path / "in" / "a").chmod(0)
    # The superuser may read everything; ask as anybody else would be answered.
    monkeypatch.setattr(os, "access", lambda path, _mode: bool(path.stat().st_mode & 0o444))
    assert codes(find_inputs([tmp_path / "in"], staging)) == ["file-not-readable"]


def test_members_of_a_zip_get_neutral_names(tmp_path: Path, staging: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("MUSTERMANN/ERIKA.dcm", b"one")
        archive.writestr("MUSTERMANN/", b"")
        archive.writestr("two", b"two")
    found = find_inputs([tmp_path / "z.zip"], staging)
    assert [file.path.read_bytes() for file in found if file.path] == [b"one", b"two"]
    assert not any("MUSTERMANN" in str(file.path) for file in found)


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:evil"])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, staging: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"evil")
        archive.writestr("good", b"good")
    assert codes(find_inputs([tmp_path / "z.zip"], staging)) == ["archive-member-name", ""]
    assert not (tmp_path.parent / "evil").exists()


def test_a_link_in_a_zip_is_refused(tmp_path: Path, staging: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert codes(find_inputs([tmp_path / "z.zip"], staging)) == ["symbolic-link"]


def test_a_bomb_is_stopped_by_what_really_comes_out(
    tmp_path: Path, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "FREE_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(64 << 20))
    assert codes(find_inputs([tmp_path / "z.zip"], staging)) == ["archive-bomb"]
    assert not list(staging.iterdir())


def test_a_damaged_member_is_refused_and_the_rest_goes_on(tmp_path: Path, staging: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"one" * 100)
        archive.writestr("b", b"two" * 100)
    data = bytearray((tmp_path / "z.zip").read_bytes())
    data[33] ^= 0xFF
    (tmp_path / "z.zip").write_bytes(data)
    assert codes(find_inputs([tmp_path / "z.zip"], staging)) == ["archive-damaged", ""]


def test_a_damaged_archive_is_refused_whole(tmp_path: Path, staging: Path) -> None:
    (tmp_path / "z.zip").write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(InstanceRefused) as caught:
        find_inputs([tmp_path / "z.zip"], staging)
    assert caught.value.code == "archive-damaged"
