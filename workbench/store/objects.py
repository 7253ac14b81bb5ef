"""The object store: encrypted files named by a keyed digest of their content.

An object appears whole or not at all (temporary file, fsync, rename, fsync of the folder) and is never changed.
The same content gives the same name, so that putting twice keeps one. Rows in the database are written after the
object is durable: a crash in between leaves an object without a row, which `orphans` lists, never a row without one.
"""

import ctypes
import errno
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from workbench.records.errors import IntegrityBroken, StorageFailed
from workbench.vault.streams import Digested, ObjectCipher

ObjectName = str
StoredObject = Digested
"""`name` (keyed), `size` and `digest` (plain SHA-256, hexadecimal) of a stored plaintext."""

_COPY_SIZE = 1 << 18
_LOCK = "lock"
_MANY = 8


class Disk(Protocol):
    """The calls by which the object store touches the disk; a test makes each fail in turn."""

    def create(self, path: Path) -> BinaryIO:
        """Create a new private file for writing; never open an existing one."""

    def sync(self, paths: Sequence[Path]) -> None:
        """Make the content of files, or the entries of folders, durable."""

    def rename(self, source: Path, target: Path) -> None:
        """Move a file to its final name, replacing what is there."""

    def remove(self, path: Path) -> None:
        """Delete a file; a missing one is no error."""


class LocalDisk:
    """The real disk."""

    def create(self, path: Path) -> BinaryIO:
        """Create with mode 0600."""
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def sync(self, paths: Sequence[Path]) -> None:
        """Fsync each; from a few on, flush their whole file system once, which is many times faster."""
        if len(paths) >= _MANY and _sync_file_system(paths[0]):
            return
        for path in paths:
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Rename within one file system, which is atomic."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Unlink."""
        path.unlink(missing_ok=True)


class LocalObjects:
    """Objects in a local folder (0700). Several processes may use one folder."""

    def __init__(self, root: Path, cipher: ObjectCipher, *, disk: Disk | None = None, create: bool = False) -> None:
        self.root = root
        self.cipher = cipher
        self.disk = disk or LocalDisk()
        self.incoming = root / "incoming"
        if create:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.incoming.mkdir(mode=0o700, exist_ok=True)
        if not self.incoming.is_dir():
            raise StorageFailed(
                "object-store-missing",
                "There is no object store at the configured place.",
                "Check that the home is complete and its disk is mounted.",
            )

    def put(self, source: BinaryIO | Path) -> StoredObject:
        """Store one plaintext durably and return its name, size and digest.

        Raises
        ------
        StorageFailed
            `disk-full` or `object-not-written`; nothing is left behind.
        """
        with self.batch() as batch:
            return batch.put(source)

    def batch(self) -> "Batch":
        """Return a context in which `put` writes aside, and whose end makes all of it durable at once."""
        return Batch(self)

    def open(self, name: ObjectName) -> BinaryIO:
        """Return a seekable reader of the plaintext, which decrypts as it goes.

        Raises
        ------
        IntegrityBroken
            `object-missing`, `object-damaged` or `key-unknown`, before anything is given out where possible.
        """
        try:
            file = self.path_of(name).open("rb")
        except FileNotFoundError:
            raise IntegrityBroken(
                "object-missing",
                "An object that the database names is not in the object store.",
                "Restore the object store from its backup.",
            ) from None
        except OSError as error:
            raise _failed(error, "object-not-read", "An object cannot be read from the disk.") from None
        try:
            return self.cipher.reader(file, name)
        except BaseException:
            file.close()
            raise

    def export(self, name: ObjectName, path: Path) -> None:
        """Decrypt an object to a file (0600), which appears whole or not at all.

        Raises
        ------
        IntegrityBroken
            As `open`.
        StorageFailed
            `disk-full` or `object-not-written`.
        """
        aside = path.with_name(f".{secrets.token_hex(8)}.part")
        with self.open(name) as source, translating_disk_errors(partial(self.disk.remove, aside)):
            with self.disk.create(aside) as target:
                while part := source.read(_COPY_SIZE):
                    target.write(part)
            self.disk.sync([aside])
            self.disk.rename(aside, path)
            self.disk.sync([path.parent])

    def exists(self, name: ObjectName) -> bool:
        """Tell whether an object with this name lies in the store (its content is checked when it is opened)."""
        return self.path_of(name).is_file()

    def delete(self, name: ObjectName) -> None:
        """Delete an object; a missing one is no error. Only what no row refers to may be deleted."""
        with translating_disk_errors():
            self.disk.remove(self.path_of(name))

    def names(self) -> Iterator[ObjectName]:
        """Yield the name of every object."""
        for folder in sorted(self.root.iterdir()):
            if len(folder.name) == 2 and folder.is_dir():
                for path in sorted(folder.iterdir()):
                    yield path.name

    def orphans(self, known: frozenset[ObjectName], *, older_than: float) -> Iterator[ObjectName]:
        """Yield objects that no row names and that were last put before `older_than` (seconds since the epoch).

        The age protects an object that another process has put and whose row it is about to write.
        """
        for name in self.names():
            if name not in known and self.path_of(name).stat().st_mtime < older_than:
                yield name

    def sweep(self) -> int:
        """Remove what crashed writers left aside and return how many; files still being written are skipped."""
        removed = 0
        for folder in self.incoming.iterdir():
            lock = folder / _LOCK
            with suppress(OSError), lock.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while its writer lives
                _remove_folder(folder, self.disk)
                removed += 1
        return removed

    def path_of(self, name: ObjectName) -> Path:
        """Return where an object lies.

        Raises
        ------
        IntegrityBroken
            `object-name-invalid`, so that no altered row can name another place.
        """
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise IntegrityBroken(
                "object-name-invalid",
                "A row names an object in a form that no object has.",
                "Run `workbench audit verify`; the database may have been altered.",
            )
        return self.root / name[:2] / name

    def is_whole(self, name: ObjectName) -> bool:
        """Tell whether an object can be opened, which checks its length and that it is the one named."""
        try:
            self.open(name).close()
        except (IntegrityBroken, StorageFailed):
            return False
        return True


class Batch:
    """Puts that become visible together: written aside, then synced all at once, then renamed."""

    def __init__(self, objects: LocalObjects) -> None:
        self._objects = objects
        self._folder = objects.incoming / secrets.token_hex(16)
        self._aside: list[tuple[Path, StoredObject]] = []

    def __enter__(self) -> Self:
        """Make a folder of its own; the lock in it tells a sweep that somebody is writing.

        Raises
        ------
        StorageFailed
            `disk-full` or `object-not-written`.
        """
        with translating_disk_errors(partial(self._clear, locked=False)):
            self._folder.mkdir(mode=0o700)
            self._lock = self._objects.disk.create(self._folder / _LOCK)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        return self

    def put(self, source: BinaryIO | Path) -> StoredObject:
        """Write one plaintext aside; it can be opened once the batch has ended without an error.

        Raises
        ------
        StorageFailed
            `disk-full`, `object-not-written`, or `source-not-read` when the source itself cannot be opened.
        """
        if isinstance(source, Path):
            try:
                opened = source.open("rb")
            except OSError as error:
                raise _failed(error, "source-not-read", "An input cannot be read.") from None
            with opened:
                return self.put(opened)
        disk = self._objects.disk
        path = self._folder / str(len(self._aside))
        with translating_disk_errors(partial(disk.remove, path)), disk.create(path) as file:
            stored = self._objects.cipher.encrypt(source, file)
        self._aside.append((path, stored))
        return stored

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Rename all, or remove all when the body failed. What a failing rename leaves behind is whole, without a row.

        Raises
        ------
        StorageFailed
            `disk-full` or `object-not-written`.
        """
        try:
            if kind is None:
                with translating_disk_errors():
                    self._publish()
        finally:
            self._clear()

    def _publish(self) -> None:
        objects = self._objects
        folders: set[Path] = set()
        objects.disk.sync([path for path, _ in self._aside])
        for path, stored in self._aside:
            target = objects.path_of(stored.name)
            if target.exists() and objects.is_whole(stored.name):
                os.utime(target)  # a sweep by age must not take what is about to be referred to
                continue
            if not target.parent.is_dir():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                folders.add(objects.root)
            objects.disk.rename(path, target)
            folders.add(target.parent)
        objects.disk.sync(sorted(folders))

    def _clear(self, *, locked: bool = True) -> None:
        _remove_folder(self._folder, self._objects.disk)
        if locked:
            self._lock.close()


def _remove_folder(folder: Path, disk: Disk) -> None:
    """Remove a folder of `incoming`; what cannot be removed now is left to the next sweep."""
    with suppress(OSError):
        for path in sorted(folder.iterdir()):  # digits sort before `lock`, which must go last
            disk.remove(path)
        folder.rmdir()


@contextmanager
def translating_disk_errors(undo: Callable[[], None] | None = None) -> Iterator[None]:
    """Run `undo` when the body fails, and turn an error of the disk into one that a front end can show.

    Raises
    ------
    StorageFailed
        `disk-full` or `object-not-written`.
    """
    try:
        yield
    except BaseException as error:
        if undo is not None:
            with suppress(OSError):
                undo()
        if isinstance(error, OSError):
            raise _failed(error, "object-not-written", "An object could not be written to the disk.") from None
        raise


def _sync_file_system(path: Path) -> bool:
    """Flush the file system that a path lies on; False where the system has no such call."""
    library = ctypes.CDLL(None, use_errno=True)  # Python has no syncfs
    if not hasattr(library, "syncfs"):
        return False
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if library.syncfs(descriptor):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    finally:
        os.close(descriptor)
    return True


def _failed(error: OSError, code: str, message: str) -> StorageFailed:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFailed("disk-full", "The disk is full; nothing was changed.", "Free some space and repeat.")
    return StorageFailed(code, message, "Check the disk and the permissions of the home, then repeat.")
