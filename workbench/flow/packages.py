"""Where packages lie: written aside, named only once the release is on record.

A package that is finished but not yet on record has the ending `.part`. What a crash leaves is settled when a home is
opened: a package that the database knows gets its name, anything else is deleted.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.dicom.parts import digest_file
from workbench.flow.staging import disk_failed
from workbench.records.errors import StorageFailed, UsageError
from workbench.records.states import ReleaseState

if TYPE_CHECKING:
    from workbench.store.database import Database

SUFFIX = ".tar.age"
PART = ".part"
GATE = "gate"
_GONE = frozenset({ReleaseState.REVOKED, ReleaseState.EXPIRED})


def package_path(folder: Path, release: str) -> Path:
    """Return where the package of a release lies once it is on record."""
    return folder / f"{release}{SUFFIX}"


@contextmanager
def packing(folder: Path, release: str, database: "Database") -> Iterator[Path]:
    """Yield the path to write a package to, within a body that also puts the release on record.

    When the body fails, what counts is the record: without one the package is deleted, with one (the failure came after
    the commit) it gets its name all the same.
    """
    descriptor = _lock(folder, fcntl.LOCK_SH)
    part = folder / f"{release}{PART}"
    try:
        yield part
        _publish(part, package_path(folder, release))
    except BaseException as error:
        with suppress(OSError, StorageFailed):
            _settle(part, folder, database)
        if isinstance(error, OSError):
            raise disk_failed(error) from None
        raise
    finally:
        os.close(descriptor)


def settle(folder: Path, database: "Database") -> None:
    """Name the finished packages that are on record and delete the others; packing that still goes on is left alone."""
    parts = list(folder.glob(f"*{PART}"))
    if not parts:
        return
    with suppress(BlockingIOError):
        descriptor = _lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            for part in parts:
                _settle(part, folder, database)
        finally:
            os.close(descriptor)


def remove(folder: Path, release: str) -> None:
    """Delete the package of a release; a missing one is no error."""
    package_path(folder, release).unlink(missing_ok=True)


def _settle(part: Path, folder: Path, database: "Database") -> None:
    if part.is_file() and _recorded(part, database):
        _publish(part, package_path(folder, part.name.removesuffix(PART)))
    else:
        part.unlink(missing_ok=True)


def _recorded(part: Path, database: "Database") -> bool:
    with suppress(UsageError), database.reading() as reading:
        found = reading.releases.get(part.name.removesuffix(PART))
        return found.state not in _GONE and found.package_digest == digest_file(part)
    return False


def _publish(part: Path, target: Path) -> None:
    part.rename(target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(folder: Path, kind: int) -> int:
    descriptor = os.open(folder / GATE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
