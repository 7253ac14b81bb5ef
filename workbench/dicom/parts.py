"""An output file as a list of parts, and the one place that carries it out.

The engine is pure: it says which bytes are new and which ranges of the source stay as they are. Payloads are copied by
the kernel and never pass through this process.
"""

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from workbench.records.errors import WorkbenchError


class Range(NamedTuple):
    """Bytes of the source that are copied as they are."""

    offset: int
    length: int


class MaskedRange(NamedTuple):
    """Samples of native Pixel Data whose bits outside Bits Stored are cleared (or sign-extended when `signed`).

    `width` is bytes per sample, `shift` the position of the lowest stored bit, `bits` Bits Stored.
    """

    offset: int
    length: int
    width: int
    bits: int
    shift: int
    signed: bool


Part = bytes | Range | MaskedRange

CHUNK = 1 << 20


def write_parts(source: int, parts: Iterable[Part], target: Path) -> int:
    """Write `target` (which must not exist) from the open source file; return its size in bytes.

    The file is not synced: the caller does that once for many and renames only then.

    Raises
    ------
    WorkbenchError
        `disk-full` or `output-not-written`; nothing is left behind.
    """
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise not_written(error) from None
    try:
        try:
            for part in parts:
                if isinstance(part, bytes):
                    _write(descriptor, part)
                elif isinstance(part, Range):
                    _copy(source, descriptor, part.offset, part.length)
                else:
                    _mask(source, descriptor, part)
            return os.lseek(descriptor, 0, os.SEEK_CUR)
        finally:
            os.close(descriptor)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise not_written(error) from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text, reading it in pieces."""
    digest = sha256()
    with path.open("rb", buffering=0) as stream:
        while piece := stream.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def not_written(error: OSError) -> WorkbenchError:
    """Return the error for a failed write, without the file's name."""
    if error.errno in (28, 122):  # ENOSPC, EDQUOT
        return WorkbenchError("disk-full", "The disk is full.", "Free space on the target disk and start again.")
    return WorkbenchError(
        "output-not-written",
        f"The output could not be written (operating system error {error.errno}).",
        "Check that the target folder exists and may be written.",
    )


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _copy(source: int, descriptor: int, offset: int, length: int) -> None:
    while length:
        sent = os.sendfile(descriptor, source, offset, min(length, 1 << 30))
        if not sent:
            raise WorkbenchError(
                "source-changed",
                "The input became shorter while it was read.",
                "Start again when nothing writes to the input any more.",
            )
        offset += sent
        length -= sent


def _mask(source: int, descriptor: int, part: MaskedRange) -> None:
    # Loaded here because only few files need it, and it costs a third of the start-up.
    import numpy as np  # noqa: PLC0415 (see above)

    unsigned = np.dtype(f"<u{part.width}")
    kind = np.dtype(f"<i{part.width}") if part.signed else unsigned
    above = part.width * 8 - part.bits - part.shift
    offset, left = part.offset, part.length
    while left:
        piece = os.pread(source, min(left, CHUNK), offset)
        whole = len(piece) - len(piece) % part.width
        samples = np.frombuffer(piece[:whole], kind)
        stored = ((samples << above) >> (above + part.shift)) << part.shift
        _write(descriptor, stored.astype(kind).tobytes() + piece[whole:])
        offset += len(piece)
        left -= len(piece)
        if not piece:
            raise WorkbenchError(
                "source-changed",
                "The input became shorter while it was read.",
                "Start again when nothing writes to the input any more.",
            )
