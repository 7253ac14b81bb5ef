"""Bytes of a file, read by position and never as a whole."""

import os
import zlib
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from workbench.records.errors import InstanceRefused

CHUNK = 1 << 20
"""Bytes read at once when a payload is streamed."""

INFLATED_LIMIT = 512 << 20
"""A deflated data set that grows beyond this is refused: it may be a bomb (PS3.5 A.5)."""


def cannot_read(what: str) -> InstanceRefused:
    """Return the refusal of the verifier; `what` is a sentence without any value of the file."""
    return InstanceRefused(
        "verifier-cannot-read",
        what,
        "The verifier's own parser does not understand the object, so nothing can be said of it. "
        "Ask the source system to send it again, or leave it out.",
    )


class Bytes(Protocol):
    """Positional reads of a finite run of bytes."""

    size: int

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes from `offset`; fewer only at the end."""
        ...


class FileBytes:
    """An open file. Use as a context manager."""

    __slots__ = ("_descriptor", "identity", "size")

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise cannot_read("The file cannot be opened for reading.") from error
        state = os.fstat(self._descriptor)
        self.size = state.st_size
        self.identity = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes from `offset`; fewer only at the end."""
        try:
            found = os.pread(self._descriptor, count, offset)
            while 0 < len(found) < count and offset + len(found) < self.size:
                more = os.pread(self._descriptor, count - len(found), offset + len(found))
                if not more:
                    break
                found += more
        except OSError as error:
            raise cannot_read("The file could not be read to its end.") from error
        return found

    def read_into(self, buffer: memoryview, offset: int) -> int:
        """Fill `buffer` from `offset`; return the number of bytes read."""
        filled = 0
        try:
            while filled < len(buffer):
                count = os.preadv(self._descriptor, [buffer[filled:]], offset + filled)
                if not count:
                    break
                filled += count
        except OSError as error:
            raise cannot_read("The file could not be read to its end.") from error
        return filled


class HeldBytes:
    """Bytes in memory, for a data set that had to be inflated."""

    __slots__ = ("_content", "size")

    def __init__(self, content: bytes | bytearray) -> None:
        self._content = memoryview(content)
        self.size = len(content)

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes from `offset`; fewer only at the end."""
        return bytes(self._content[offset : offset + count])


def inflate(source: Bytes, offset: int) -> HeldBytes:
    """Inflate what stands from `offset` on (PS3.5 A.5).

    Raises
    ------
    InstanceRefused
        When it is no deflate stream, or grows beyond `INFLATED_LIMIT`.
    """
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    content = bytearray()
    try:
        while offset < source.size and not engine.eof:
            data = source.read(offset, CHUNK)
            offset += len(data)
            part = engine.decompress(data, CHUNK)
            while part:  # even without further input, there may be output that did not fit
                content += part
                if len(content) > INFLATED_LIMIT:
                    raise cannot_read("The deflated data set grows beyond the limit when it is inflated.")
                part = engine.decompress(engine.unconsumed_tail, CHUNK)
    except zlib.error as error:
        raise cannot_read("The deflated data set cannot be inflated.") from error
    if not engine.eof:
        raise cannot_read("The deflated data set ends before its stream does.")
    return HeldBytes(content)
