"""DICOM media: the DICOMDIR as an index of the files that belong to it (PS3.3 annex F, PS3.10 section 8, PS3.11).

File IDs are upper case; what a medium is copied to may show them in lower case, with the version number of ISO 9660
(`IM1;1`) or with the full stop of a name without extension (`IM1.`). All of these are the same file here.
"""

import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from workbench.dicom.elements import Element, refuse
from workbench.dicom.instance import FIRST_READ, Instance, file_format
from workbench.dicom.limits import DEFAULT_LIMITS, Limits
from workbench.dicom.source import read_instance
from workbench.records.errors import InstanceRefused

DIRECTORY_CLASS = b"1.2.840.10008.1.3.10"
"""Media Storage Directory Storage."""

_CLASS = 0x00020002
_RECORDS = 0x00041220
_IN_USE = 0x00041410
_FILE_ID = 0x00041500

FileID = tuple[str, ...]
"""Components of a Referenced File ID: folders and, last, the file."""


def index_noted() -> InstanceRefused:
    """Return why a DICOMDIR itself goes no further. It is no failure."""
    return refuse(
        "dicomdir-not-read",
        "A DICOMDIR is an index of other files and is not released.",
        "Nothing to do: the files that it names are read by themselves.",
    )


def index_damaged() -> InstanceRefused:
    """Return the refusal of a DICOMDIR that does not say which files there are."""
    return refuse(
        "media-index-damaged",
        "The DICOMDIR cannot be read, so nobody knows which files belong to the medium.",
        "Give the folder itself instead of its DICOMDIR: all files in a folder are read.",
    )


def file_missing() -> InstanceRefused:
    """Return the refusal of a file that a DICOMDIR names and that is not there."""
    return refuse(
        "media-file-missing",
        "A file that the DICOMDIR names is not there.",
        "Copy the whole medium again, or ask its sender for a complete one.",
    )


def file_outside() -> InstanceRefused:
    """Return the refusal of a file that a DICOMDIR looks for outside its own folder."""
    return refuse(
        "media-file-outside",
        "The DICOMDIR names a file outside its own folder.",
        "Do not trust this medium; ask its sender.",
    )


def is_index_name(name: str) -> bool:
    """Whether a file of this name is the index of a medium."""
    return plain_name(name) == "DICOMDIR"


def is_index(path: Path) -> bool:
    """Whether a file is the index of a medium: by its name, or by its own word when it has another."""
    if is_index_name(path.name):
        return True
    try:
        with path.open("rb") as stream:
            form = file_format(stream.read(FIRST_READ))
        return is_directory(form.meta)
    except (InstanceRefused, OSError):
        return False


def is_directory(meta: Mapping[int, bytes]) -> bool:
    """Whether the file meta information says that the file is a DICOMDIR (which has no SOP class in its data set)."""
    return meta.get(_CLASS, b"").strip(b" \0") == DIRECTORY_CLASS


def plain_name(name: str) -> str:
    """Return a name as a File ID has it: upper case, without version and without the full stop of no extension."""
    bare, mark, version = name.rpartition(";")
    if mark and version.isdigit():
        name = bare
    return name.removesuffix(".").upper()


def plain_path(path: str) -> str:
    """Return a relative path as File IDs have it, joined by slashes."""
    return "/".join(plain_name(part) for part in path.replace("\\", "/").split("/"))


def file_ids(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> list[FileID]:
    """Return the files that a DICOMDIR names, each once, in its order. Records that are not in use name none.

    The links between records are not followed: each record stands in one sequence, whatever the offsets say.

    Raises
    ------
    InstanceRefused
        `media-index-damaged`.
    """
    try:
        instance = read_instance(path, limits=limits)
    except InstanceRefused:
        raise index_damaged() from None
    records = instance.by_tag.get(_RECORDS)
    if records is None or records[5] is None:
        raise index_damaged()
    named = (_named(instance, record) for record in records[5])
    return list(dict.fromkeys(each for each in named if each))


def _named(instance: Instance, record: list[Element]) -> FileID:
    values = {
        tag: instance.buffer[at : at + length]
        for tag, _vr, _start, at, length, items in record
        if items is None and tag in (_IN_USE, _FILE_ID)
    }
    file_id = values.get(_FILE_ID, b"").strip(b" \0")
    if not file_id or values.get(_IN_USE) == b"\0\0":
        return ()
    text = file_id.decode("utf-8", "surrogateescape").replace("/", "\\")
    return tuple(part.strip() for part in text.split("\\"))


def leads_out(file_id: FileID) -> bool:
    """Whether a File ID could lead out of the folder of its DICOMDIR."""
    return any(part in ("", ".", "..") or "\0" in part or ":" in part for part in file_id)


class Medium:
    """The folder of a DICOMDIR, in which the files that it names are looked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listed: dict[Path, dict[str, list[str]]] = {}

    def find(self, file_id: FileID) -> Path:
        """Return the file of an ID.

        Raises
        ------
        InstanceRefused
            `media-file-outside`, `media-file-missing`; `symbolic-link` when a link stands on the way, since it may
            lead anywhere; `not-a-file` when it is a folder or a device.
        """
        if leads_out(file_id):
            raise file_outside()
        path = self._root
        for part in file_id:
            path = self._within(path, part)
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                raise refuse("symbolic-link", "Symbolic links are not followed.", "Give the real file.")
        if not stat.S_ISREG(mode):
            raise refuse("not-a-file", "The DICOMDIR names something that is not a regular file.", "Leave it out.")
        return path

    def _within(self, folder: Path, part: str) -> Path:
        names = self._listed.get(folder)
        if names is None:
            names = self._listed[folder] = {}
            for name in sorted(_names(folder)):
                names.setdefault(plain_name(name), []).append(name)
        found = names.get(plain_name(part), [])
        if not found:
            raise file_missing()
        return folder / (part if part in found else found[-1])


def _names(folder: Path) -> Iterator[str]:
    with suppress(OSError):
        yield from (entry.name for entry in folder.iterdir())
