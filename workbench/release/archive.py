"""The tar inside a package: one way to write it, and a reader that accepts nothing else.

POSIX.1-1988 ustar, regular files only, owner 0, one fixed time, two zero blocks at the end, nothing after them. As the
writer has no freedom, the reader needs none: a header must be, byte for byte, the one that the writer makes for the
name and size that the manifest declares. Links, devices, other names and oversized members cannot even be expressed.
"""

from collections.abc import Generator
from typing import Protocol

from workbench.records.errors import IntegrityBroken

BLOCK = 512
END = bytes(2 * BLOCK)
_TIME = 315619200  # 1980-01-02 UTC: the first full day that every file system can store
_OCTAL_LIMIT = 8**11
AGAIN = "Do not use it. Ask the sender for the package again, and tell them about this message."


def header(name: str, size: int) -> bytes:
    """Return the only header that a member of this name and size can have."""
    raw = name.encode("ascii")
    if len(raw) > 99:
        raise ValueError("member names are short by construction")
    # GNU's base-256 form for what eleven octal digits cannot say; every tar of today reads it
    length = b"%011o\0" % size if size < _OCTAL_LIMIT else b"\x80" + size.to_bytes(11, "big")
    fields = [
        raw.ljust(100, b"\0"),
        b"0000600\0" + b"0000000\0" + b"0000000\0",
        length,
        b"%011o\0" % _TIME,
        b" " * 8,
        b"0" + bytes(100),
        b"ustar\x0000" + bytes(64) + b"0000000\0" + b"0000000\0" + bytes(167),
    ]
    block = b"".join(fields)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def padding(size: int) -> bytes:
    """Return the zeros that fill the last block of a member."""
    return bytes(-size % BLOCK)


def declared_size(block: bytes) -> int | None:
    """Return the size that a header states, or None when there is none to read."""
    field = block[124:136]
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field[:11]
    return int(digits, 8) if digits.isdigit() and b"8" not in digits and b"9" not in digits else None


def kind_of(block: bytes) -> str:
    """Say in words what a foreign header stands for."""
    kinds = {b"0": "a file", b"\0": "a file", b"5": "a folder", b"1": "a link", b"2": "a link"}
    return kinds.get(block[156:157], "something that is not a file")


def name_of(block: bytes) -> str | None:
    """Return the plain name that a header states. Only for comparison with names that are known already."""
    try:
        return block[:100].rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError:
        return None


class Receiver(Protocol):
    """Takes the members of an archive in the order in which it asked for them."""

    def accept(self, block: bytes) -> int:
        """Judge the next member's header; return its size or raise `IntegrityBroken`."""

    def take(self, data: bytes) -> None:
        """Take some bytes of the accepted member."""

    def close_member(self) -> None:
        """Judge the member now that all its bytes were taken."""

    def close(self) -> None:
        """Judge the whole: the end of the archive was reached."""


class ArchiveReader:
    """Push parser: bytes go in as they are decrypted, members come out at the receiver, nothing is kept."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._steps = self._run()
        self._needed = next(self._steps)
        self._pending = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the archive. Raises `IntegrityBroken` at the first that should not be there."""
        data = self._pending + data if self._pending else data
        start = 0
        while start < len(data):
            if not self._needed:
                raise IntegrityBroken("package-surplus", "The package goes on after its end.", AGAIN)
            part = data[start : start + abs(self._needed)]
            if len(part) < self._needed:
                break
            start += len(part)
            self._needed = self._send(part)
        self._pending = data[start:]

    def finish(self) -> None:
        """Raise unless the archive ended exactly here."""
        if self._needed or self._pending:
            raise IntegrityBroken("package-truncated", "The package ends too early.", AGAIN)

    def _send(self, part: bytes) -> int:
        try:
            return self._steps.send(part)
        except StopIteration:
            return 0

    def _run(self) -> Generator[int, bytes, None]:
        """Ask for exactly n bytes (n), or for some of n bytes (-n), until the end of the archive."""
        while (block := (yield BLOCK)) != bytes(BLOCK):
            left = size = self._receiver.accept(block)
            while left:
                part = yield -left
                self._receiver.take(part)
                left -= len(part)
            if -size % BLOCK and any((yield -size % BLOCK)):
                raise IntegrityBroken(
                    "package-padding", "There is hidden data between two files of the package.", AGAIN
                )
            self._receiver.close_member()
        if (yield BLOCK) != bytes(BLOCK):
            raise IntegrityBroken("package-padding", "There is hidden data at the end of the package.", AGAIN)
        self._receiver.close()
