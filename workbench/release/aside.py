"""Writing aside: a file or folder appears whole under its name, or not at all, and nothing stays behind.

What is unfinished lies beside its target under a name of ours, in a folder that only its owner can enter and that is
locked while in use. It is removed on every way out (refusal, error, SIGINT, SIGTERM, SIGHUP). After a crash that leaves
no way out (SIGKILL, power), the next call in the same place removes what nobody holds a lock on.
"""

import errno
import fcntl
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from workbench.records.errors import UsageError, WorkbenchError

_PREFIX = ".workbench-unfinished-"
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """Yield a path in a private folder beside `target`; what the caller makes there takes the target's name at the end.

    The caller syncs what it writes. Raises `UsageError` (`output-exists`) when the target is there already, other than
    as an empty folder, and when the disk refuses (`disk-full`, `output-not-writable`).
    """
    with _ending_by_signal(), _disk_errors():
        _refuse_existing(target)
        folder, lock = _private_folder(target.parent)
        try:
            unfinished = folder / "unfinished"
            yield unfinished
            _refuse_existing(target)
            _take_name(unfinished, target)
        except BaseException:
            with suppress(OSError):
                shutil.rmtree(folder)
            raise
        finally:
            os.close(lock)
        with suppress(OSError):  # empty by now; a leftover is swept next time
            folder.rmdir()


def _take_name(unfinished: Path, target: Path) -> None:
    """Give the finished output its name, durably, or take the name back."""
    unfinished.rename(target)
    try:
        sync_folder(target.parent)
    except BaseException:
        target.rename(unfinished)
        raise


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _private_folder(parent: Path) -> tuple[Path, int]:
    """Make and lock our folder, and sweep abandoned ones; the parent is locked meanwhile, so that none is half-made."""
    handle = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for leftover in parent.glob(_PREFIX + "*"):
            _sweep(leftover)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        try:
            return folder, _locked(folder)
        except BaseException:
            folder.rmdir()
            raise
    finally:
        os.close(handle)


def _locked(folder: Path) -> int:
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    except BaseException:
        os.close(lock)
        raise
    return lock


def _sweep(leftover: Path) -> None:
    try:
        handle = os.open(leftover, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(leftover)
    except OSError:  # in use by another call, or not ours to remove
        return
    finally:
        os.close(handle)


def _refuse_existing(target: Path) -> None:
    empty_folder = target.is_dir() and not target.is_symlink() and not any(target.iterdir())
    if os.path.lexists(target) and not empty_folder:
        raise UsageError(
            "output-exists",
            "There is something at the place for the output already.",
            "Give another name; nothing is ever overwritten.",
        )


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except WorkbenchError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise UsageError(
                "disk-full", "The disk is full. Nothing was left behind.", "Free some space and try again."
            ) from None
        raise UsageError(
            "output-not-writable",
            f"The output cannot be written, or an input cannot be read ({os.strerror(error.errno or errno.EIO)}). "
            "Nothing was left behind.",
            "Check that the folder exists and that you may write there.",
        ) from None


@contextmanager
def _ending_by_signal() -> Iterator[None]:
    """Turn the signals that end a program into an exception, so that clean-up runs; leave others' handlers alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
