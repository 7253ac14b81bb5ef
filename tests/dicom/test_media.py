"""The DICOMDIR as an index: which files it names, that it names none outside its folder, and what is missing."""

import struct
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.fileset import FileSet

from tests.dicom import raw
from workbench.dicom.inputs import InputFile, find_inputs
from workbench.dicom.media import Medium, file_ids, is_index_name, plain_path
from workbench.records.errors import InstanceRefused

MEDIA = Path(pydicom.__file__).parent / "data" / "test_files" / "dicomdirtests"
NOTED = "dicomdir-not-read"


def record(*components: str, in_use: bool = True, kind: bytes = b"IMAGE") -> bytes:
    own = [
        raw.element(0x00041410, b"US", b"\xff\xff" if in_use else b"\0\0"),
        raw.element(0x00041430, b"CS", kind),
        *([raw.element(0x00041500, b"CS", "\\".join(components).encode())] if components else []),
    ]
    return raw.item(b"".join(own))


def index(*records: bytes) -> bytes:
    data = raw.element(0x00041130, b"CS", b"SET") + raw.sequence(0x00041220, *records)
    return raw.file(data).replace(raw.element(0x00020002, b"UI", raw.CT), DIRECTORY)


DIRECTORY = raw.element(0x00020002, b"UI", b"1.2.840.10008.1.3.10")


def medium(folder: Path, *files: str, name: str = "DICOMDIR", named: Sequence[Sequence[str]] = ()) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(file.encode())
    (folder / name).write_bytes(index(record(kind=b"PATIENT"), *(record(*each) for each in named)))
    return folder / name


def outcome(found: list[InputFile]) -> list[tuple[str, str]]:
    return [(file.label, file.refusal.code if file.refusal else "") for file in found]


def listed(source: Path, tmp_path: Path) -> list[tuple[str, str]]:
    staging = tmp_path / "staging"
    staging.mkdir(exist_ok=True)
    return outcome(find_inputs([source], staging))


@pytest.mark.parametrize("name", ["DICOMDIR", "DICOMDIR-bigEnd", "DICOMDIR-implicit", "DICOMDIR-reordered"])
def test_the_files_of_real_media_are_those_that_pydicom_finds(name: str, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = {Path(instance.path).resolve() for instance in FileSet(pydicom.dcmread(MEDIA / name))}
    staging = tmp_path / "staging"
    staging.mkdir()
    found = find_inputs([MEDIA / name], staging)
    assert [file.refusal.code for file in found if file.refusal] == [NOTED]
    assert {file.path.resolve() for file in found if file.path} == theirs
    assert len(theirs) == 31


def test_a_dicomdir_decides_which_files_are_read_and_comes_first(tmp_path: Path) -> None:
    path = medium(tmp_path / "cd", "A/IM1", "A/IM2", "AUTORUN.INF", named=[("A", "IM2")])
    assert listed(path, tmp_path) == [("DICOMDIR", NOTED), ("A/IM2", "")]


def test_each_file_is_read_once_and_records_out_of_use_name_none(tmp_path: Path) -> None:
    path = medium(tmp_path / "cd", "IM1", "IM2")
    path.write_bytes(index(record("IM1"), record("IM2", in_use=False), record("IM1", kind=b"MRDR")))
    assert file_ids(path) == [("IM1",)]


@pytest.mark.parametrize("form", ["A/IM1", "a/im1", "A/IM1;1", "a/im1.;1", "A/IM1.", "A;1/IM1"])
def test_names_are_found_as_media_show_them(tmp_path: Path, form: str) -> None:
    path = medium(tmp_path / "cd", form, named=[("A", "IM1")])
    assert listed(path, tmp_path) == [("DICOMDIR", NOTED), ("A/IM1", "")]
    assert listed(path.parent, tmp_path)[-1] != ("A/IM1", "media-file-missing")


def test_the_name_as_it_is_written_goes_before_those_that_are_like_it(tmp_path: Path) -> None:
    path = medium(tmp_path / "cd", "im1", "IM1", "IM1;1", named=[("IM1",)])
    assert Medium(path.parent).find(("IM1",)).name == "IM1"


def test_what_is_missing_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = medium(tmp_path / "cd", "IM1", "B/IM3", named=[("IM1",), ("IM2",), ("B", "IM3"), ("C", "IM4"), ("B",)])
    assert listed(path, tmp_path) == [
        ("DICOMDIR", NOTED),
        ("IM1", ""),
        ("IM2", "media-file-missing"),
        ("B/IM3", ""),
        ("C/IM4", "media-file-missing"),
        ("B", "not-a-file"),
    ]
    assert listed(path.parent, tmp_path) == [
        ("B/IM3", ""),
        ("DICOMDIR", NOTED),
        ("IM1", ""),
        ("IM2", "media-file-missing"),
        ("C/IM4", "media-file-missing"),
        ("B", "media-file-missing"),
    ]


@pytest.mark.parametrize(
    "components", [("..", "SECRET"), ("A", "..", "..", "SECRET"), ("", "SECRET"), (".", "SECRET"), ("A", "C:"), ("/",)]
)
def test_nothing_outside_the_folder_is_read(tmp_path: Path, components: tuple[str, ...]) -> None:
    (tmp_path / "SECRET").write_bytes(b"secret")
    path = medium(tmp_path / "cd", "A/IM1", named=[components])
    for source in (path, path.parent):
        assert [code for _label, code in listed(source, tmp_path) if code != NOTED and code] == ["media-file-outside"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "IM1").write_bytes(b"else")
    path = medium(tmp_path / "cd", "REAL", named=[("A", "IM1"), ("IM2",), ("IM3",)])
    (path.parent / "A").symlink_to(tmp_path / "else")
    (path.parent / "IM2").symlink_to(tmp_path / "else" / "IM1")
    (path.parent / "IM3").symlink_to(path.parent / "REAL")
    assert [code for _label, code in listed(path, tmp_path)] == [NOTED, *["symbolic-link"] * 3]


def test_a_file_that_lies_is_still_only_an_input(tmp_path: Path) -> None:
    """A DICOMDIR that names itself, or a device."""
    path = medium(tmp_path / "cd", named=[("DICOMDIR",)])
    assert listed(path, tmp_path) == [("DICOMDIR", NOTED), ("DICOMDIR", "")]


@pytest.mark.parametrize(
    "content",
    [b"", b"no DICOM at all", index(record("IM1"))[:-5], raw.file(raw.element(0x00041130, b"CS", b"SET"))],
    ids=["empty", "text", "cut", "no-records"],
)
def test_a_damaged_dicomdir_has_a_name_and_the_files_of_its_folder_are_read(tmp_path: Path, content: bytes) -> None:
    path = medium(tmp_path / "cd", "IM1")
    path.write_bytes(content)
    assert listed(path, tmp_path) == [("DICOMDIR", "media-index-damaged")]
    assert listed(path.parent, tmp_path) == [("DICOMDIR", "media-index-damaged"), ("IM1", "")]


def test_a_dicomdir_below_the_folder_counts_from_its_own_place(tmp_path: Path) -> None:
    medium(tmp_path / "in" / "cd1", "IM1", named=[("IM1",), ("IM2",)])
    medium(tmp_path / "in" / "cd2", "im1", name="dicomdir", named=[("IM1",)])
    assert listed(tmp_path / "in", tmp_path) == [
        ("cd1/DICOMDIR", NOTED),
        ("cd1/IM1", ""),
        ("cd2/dicomdir", NOTED),
        ("cd2/im1", ""),
        ("cd1/IM2", "media-file-missing"),
    ]


def test_a_zip_of_a_medium_is_read_like_its_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "cd.zip", "w") as archive:
        archive.writestr("cd/a/im1", b"one")
        archive.writestr("cd/DICOMDIR", index(record("A", "IM1"), record("A", "IM2"), record("..", "..", "etc")))
    assert listed(tmp_path / "cd.zip", tmp_path) == [
        ("cd/a/im1", ""),
        ("cd/DICOMDIR", NOTED),
        ("cd/A/IM2", "media-file-missing"),
        ("cd/../../etc", "media-file-outside"),
    ]


def test_an_index_is_known_by_its_word_when_it_has_another_name(tmp_path: Path) -> None:
    path = medium(tmp_path / "cd", "IM1", name="index.dcm", named=[("IM1",)])
    assert listed(path, tmp_path) == [("index.dcm", NOTED), ("IM1", "")]


@given(st.text(max_size=12))
def test_the_plain_form_of_a_name_is_stable(name: str) -> None:
    assert plain_path(plain_path(name)) == plain_path(plain_path(plain_path(name)))
    assert is_index_name("dicomdir.;1")
    assert not is_index_name("DICOMDIR.TXT")


@given(st.lists(st.text(max_size=5), max_size=4))
def test_no_file_id_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, components: list[str]) -> None:
    root = tmp_path_factory.getbasetemp() / "medium"
    root.mkdir(exist_ok=True)
    (root / "IM1").write_bytes(b"one")
    try:
        found = Medium(root).find(tuple(components) or ("IM1",))
    except InstanceRefused:
        return
    assert found.resolve().parent == root.resolve()


@given(st.binary(max_size=40), st.integers(0, 200))
def test_no_damage_raises_anything_but_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise"
    good = index(record("A", "IM1"), record("B"))
    path.write_bytes(good[: len(good) - at] + noise)
    try:
        found = file_ids(path)
    except InstanceRefused:
        return
    assert all(found)


def test_the_records_are_read_whatever_their_encoding(tmp_path: Path) -> None:
    implicit = raw.element(0x00041500, b"CS", b"A\\IM1", explicit=False)
    data = raw.sequence(0x00041220, raw.item(implicit), explicit=False)
    path = tmp_path / "DICOMDIR"
    path.write_bytes(raw.file(data, syntax=raw.IMPLICIT))
    assert file_ids(path) == [("A", "IM1")]
    assert struct.pack("<HH", 4, 0x1220) in path.read_bytes()
