"""Where files lie in clear while a step needs them: folders of their own (0700) that are gone when the step ends.

A step that is killed leaves its folder behind; it is swept when a home is opened. The lock in each folder tells the
sweep of another process that somebody still works there.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.records.errors import StorageFailed

if TYPE_CHECKING:
    from workbench.store.objects import LocalObjects

GATE = "gate"
"""Lock of the whole staging: shared while a folder is made, exclusive while a sweep looks."""
LOCK = "lock"
_CHUNK = 1 << 18


@contextmanager
def staged(staging: Path) -> Iterator[Path]:
    """Yield a new private folder, and remove it with all its content at the end, whatever happens.

    Raises
    ------
    StorageFailed
        `disk-full` or `staging-failed`, when the disk refuses here or in the body; nothing is left behind then.
    """
    folder = staging / secrets.token_hex(8)
    try:
        with _locked(staging / GATE, fcntl.LOCK_SH):
            folder.mkdir(mode=0o700)
            descriptor = _open_lock(folder / LOCK)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            content = folder / "content"
            content.mkdir(mode=0o700)
            yield content
        finally:
            os.close(descriptor)
    except OSError as error:
        raise disk_failed(error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unpack(objects: "LocalObjects", name: str, target: Path) -> None:
    """Decrypt an object into a staging folder. Not synced, unlike `LocalObjects.export`: the file lives minutes."""
    with objects.open(name) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file, _CHUNK)


def disk_failed(error: OSError) -> StorageFailed:
    """Return the error for a disk that refused, without the name of a file."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFailed("disk-full", "The disk is full; nothing was changed.", "Free some space and repeat.")
    return StorageFailed(
        "staging-failed",
        f"The disk of the home refused a file (operating system error {error.errno}); nothing was changed.",
        "Check the disk and the permissions of the home, then repeat.",
    )


def sweep(staging: Path) -> int:
    """Remove what killed steps left behind and return how many folders that were; living ones are skipped."""
    removed = 0
    with _locked(staging / GATE, fcntl.LOCK_EX):
        for folder in list(staging.iterdir()):
            if folder.is_dir() and not _in_use(folder):
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
    return removed


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[None]:
    descriptor = _open_lock(path)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _in_use(folder: Path) -> bool:
    with suppress(FileNotFoundError), (folder / LOCK).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
