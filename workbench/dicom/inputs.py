"""What a user points at: a file, a folder, a zip, a DICOMDIR. Each file gets an index; names stay with the caller.

A DICOMDIR is read as the index of a medium: the files that it names are inputs, it is none itself. Given by itself, it
decides which files are read; in a folder or an archive all files are read, and those that it names and that are not
there are inputs that were refused.
"""

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.dicom.media import (
    FileID,
    Medium,
    file_ids,
    file_missing,
    file_outside,
    index_noted,
    is_index,
    is_index_name,
    leads_out,
    plain_path,
)
from workbench.records.errors import InstanceRefused, UsageError

MEMBER_LIMIT = 1_000_000
MEMBER_BYTES = 64 << 30
TOTAL_BYTES = 1 << 40
FREE_BYTES = 1 << 30
"""Up to here an archive may expand at any ratio; beyond, `RATIO` times its own size."""
RATIO = 200
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file. `label` is its name as the user knows it: it may bear identity and goes into no report or log.

    `path` is None when the file was refused before it could be opened; then `refusal` says why. A DICOMDIR is listed
    with the refusal `dicomdir-not-read`, which is no failure.
    """

    index: int
    path: Path | None
    label: str
    refusal: InstanceRefused | None = None


Found = tuple[Path | None, str, InstanceRefused | None]
"""Path, label and refusal of one input."""


def find_inputs(sources: Sequence[Path], staging: Path) -> list[InputFile]:
    """List the files of `sources` in a stable order; members of a zip are extracted into `staging` under neutral names.

    Nothing is followed out of a folder (symbolic links are refused), and no name of an archive is used as a path.

    Raises
    ------
    UsageError
        `input-missing` when a source does not exist, `input-not-readable` when it may not be read.
    InstanceRefused
        `archive-damaged` when a zip can't be opened at all.
    """
    files: list[InputFile] = []
    for source in sources:
        try:
            mode = source.stat().st_mode
        except OSError:
            raise UsageError(
                "input-missing", "An input does not exist or may not be read.", "Check the path."
            ) from None
        found: Iterator[Found]
        if stat.S_ISDIR(mode):
            found = _with_missing(_folder(source))
        elif stat.S_ISREG(mode) and _is_zip(source):
            found = _with_missing(_archive(source, staging, len(files)))
        elif stat.S_ISREG(mode) and is_index(source):
            found = _medium(source)
        else:
            found = iter([_file(source, source.name)])
        for path, label, refusal in found:
            files.append(InputFile(len(files), path, label, refusal))
    return files


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except OSError:
        return False


def _file(path: Path, label: str) -> Found:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return None, label, _refused("file-not-readable", "A file may not be read.", "Check its permissions.")
    if stat.S_ISLNK(mode):
        return None, label, _refused("symbolic-link", "Symbolic links are not followed.", "Give the real file.")
    if not stat.S_ISREG(mode):
        return None, label, _refused("not-a-file", "Something in the folder is not a regular file.", "Leave it out.")
    if not os.access(path, os.R_OK):
        return None, label, _refused("file-not-readable", "A file may not be read.", "Check its permissions.")
    return path, label, None


def _folder(root: Path) -> Iterator[Found]:
    unreadable: list[OSError] = []
    entries: list[tuple[str, Path]] = []
    for base, folders, names in os.walk(root, onerror=unreadable.append):
        folders.sort()
        links = [name for name in folders if Path(base, name).is_symlink()]
        entries += [(os.path.relpath(Path(base, name), root), Path(base, name)) for name in [*names, *links]]
    for label, path in sorted(entries):
        yield _file(path, label)
    for _error in unreadable:
        yield None, "", _refused("folder-not-readable", "A folder may not be read.", "Check its permissions.")


def _medium(index: Path) -> Iterator[Found]:
    """List the files that a DICOMDIR names; the DICOMDIR itself comes first."""
    try:
        named = file_ids(index)
    except (InstanceRefused, OSError) as error:
        yield None, index.name, _reason(error)
        return
    yield None, index.name, index_noted()
    medium = Medium(index.parent)
    for file_id in named:
        label = "/".join(file_id)
        try:
            yield _file(medium.find(file_id), label)
        except (InstanceRefused, OSError) as error:
            yield None, label, _reason(error)


def _with_missing(found: Iterator[Found]) -> Iterator[Found]:
    """Set the DICOMDIRs among the files aside, and add what they name and is not among the files."""
    indexes: list[tuple[str, list[FileID]]] = []
    present: set[str] = set()
    for path, label, refusal in found:
        folder, _slash, name = label.replace("\\", "/").rpartition("/")
        if path is None or not is_index_name(name):
            present.add(plain_path(label))
            yield path, label, refusal
            continue
        try:
            indexes.append((folder, file_ids(path)))
        except (InstanceRefused, OSError) as error:
            yield None, label, _reason(error)
        else:
            yield None, label, index_noted()
    missing = {}
    for folder, named in indexes:
        for file_id in named:
            label = "/".join((folder, *file_id) if folder else file_id)
            if leads_out(file_id):
                missing[label] = file_outside()
            elif plain_path(label) not in present:
                missing[label] = file_missing()
    yield from ((None, label, refusal) for label, refusal in missing.items())


def _reason(error: InstanceRefused | OSError) -> InstanceRefused:
    if isinstance(error, InstanceRefused):
        return error
    return _refused("file-not-readable", "A file may not be read.", "Check its permissions.")


def _archive(path: Path, staging: Path, first: int) -> Iterator[Found]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError, UnicodeDecodeError, ValueError):
        raise _refused(
            "archive-damaged",
            "The zip archive can't be opened.",
            "Make the archive anew, or give the folder itself.",
        ) from None
    with archive:
        members = archive.infolist()
        if len(members) > MEMBER_LIMIT:
            raise _refused("archive-too-large", "The archive has too many members.", "Give the folder itself.")
        budget = _Budget(min(TOTAL_BYTES, max(FREE_BYTES, RATIO * path.stat().st_size)))
        for number, member in enumerate(members):
            if member.is_dir():
                continue
            try:
                _check_member(member)
                target = staging / f"{first + number:08d}.dcm"
                _extract(archive, member, target, budget)
            except InstanceRefused as refusal:
                yield None, member.filename, refusal
            else:
                yield target, member.filename, None


@dataclass(slots=True)
class _Budget:
    left: int


def _check_member(member: zipfile.ZipInfo) -> None:
    parts = member.filename.replace("\\", "/").split("/")
    if member.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in member.orig_filename:
        raise _refused(
            "archive-member-name",
            "A member of the archive has a name that leads out of it.",
            "Do not trust this archive; ask its sender.",
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise _refused("symbolic-link", "A member of the archive is a link.", "Give the real files.")
    if member.flag_bits & 1:
        raise _refused("archive-encrypted", "A member of the archive is encrypted.", "Decrypt the archive first.")
    if member.file_size > MEMBER_BYTES:
        raise _bomb()


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, budget: _Budget) -> None:
    """Write a member, counting the bytes that really come instead of those that the archive promises."""
    try:
        with archive.open(member) as stream, target.open("xb") as out:
            while piece := stream.read(CHUNK):
                budget.left -= len(piece)
                if budget.left < 0:
                    raise _bomb()
                out.write(piece)
    except InstanceRefused:
        target.unlink(missing_ok=True)
        raise
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError, zlib.error):
        target.unlink(missing_ok=True)
        raise _refused(
            "archive-damaged",
            "A member of the archive is damaged.",
            "Make the archive anew, or give the folder itself.",
        ) from None


def _bomb() -> InstanceRefused:
    return _refused(
        "archive-bomb",
        "The archive expands to far more than its size.",
        "Do not trust this archive; give the folder itself.",
    )


def _refused(code: str, message: str, hint: str) -> InstanceRefused:
    return InstanceRefused(code, message, hint)
