"""Encryption in the age format (age-encryption.org/v1) for one X25519 recipient, as streams of constant memory."""

import errno
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyrage
from pyrage.x25519 import Identity, Recipient

from workbench.records.errors import IntegrityBroken, UsageError
from workbench.release.archive import AGAIN

_CHUNK = 1 << 18
_LONGEST_IDENTITY_FILE = 1 << 16


Sink = Callable[[bytes], object]
"""Takes bytes, all of them."""


def parse_recipient(text: str) -> Recipient:
    """Read an `age1…` public key. Raises `UsageError` for anything else."""
    try:
        return Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise UsageError(
            "recipient-key",
            "This is not an age X25519 public key.",
            "It is one line that begins with age1; the reader makes it with: age-keygen -o key.txt",
        ) from None


def read_identities(path: Path) -> tuple[Identity, ...]:
    """Read the secret keys of an age identity file: one a line, comments begin with #.

    Raises `UsageError` when there is no such file or no key in it; the message never repeats a line.
    """
    hint = "Give the file that age-keygen wrote; its key begins with AGE-SECRET-KEY-1."
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST_IDENTITY_FILE).decode("ascii")
    except OSError:
        raise UsageError("identity-file", "The identity file cannot be read.", hint) from None
    except UnicodeDecodeError:
        raise UsageError("identity-file", "The identity file is not an age identity file.", hint) from None
    lines = [line.strip() for line in text.splitlines()]
    try:
        found = tuple(Identity.from_str(line) for line in lines if line and not line.startswith("#"))
    except pyrage.IdentityError:
        raise UsageError("identity-file", "The identity file has a line that is not an X25519 key.", hint) from None
    if not found:
        raise UsageError("identity-file", "The identity file holds no key.", hint)
    return found


def encrypt(parts: Iterator[bytes], sink: Sink, recipient: Recipient) -> None:
    """Encrypt a stream of parts into a sink.

    Whatever `parts` or `sink` raise comes out of here, always: the library alone would lose an error of the last
    write, and a package without its end would pass for written.
    """
    relay = _Relay()
    writer = _Writer(relay, sink)
    relay.run(lambda: pyrage.encrypt_io(_Reader(relay, parts), writer, [recipient]))
    writer.drain()


def decrypt(file: BinaryIO, sink: Sink, identities: Sequence[Identity]) -> None:
    """Decrypt a stream into a sink, chunk by authenticated chunk.

    The end is only proven when this returns: a caller treats everything before as unproven. Raises `IntegrityBroken`
    for a package that is not for these keys, altered or cut short, and whatever `sink` raises.
    """
    relay = _Relay()
    parts = iter(lambda: file.read(_CHUNK), b"")
    writer = _Writer(relay, sink)
    try:
        relay.run(lambda: pyrage.decrypt_io(_Reader(relay, parts), writer, list(identities)))
        writer.drain()
    except pyrage.DecryptError as error:
        raise _undecryptable(str(error)) from None
    except OSError as error:
        if error.errno is None:  # the library's own: an authentication tag is wrong, or the end is missing
            raise IntegrityBroken("package-altered", "The package was altered or cut short.", AGAIN) from None
        raise


def _undecryptable(reason: str) -> IntegrityBroken:
    if "No matching keys" in reason:
        return IntegrityBroken(
            "package-not-for-this-key",
            "The package cannot be opened with this key: it was made for another one.",
            "Use the identity file whose public key you gave to the sender.",
        )
    return IntegrityBroken(
        "package-altered", "The package is not an age file, or its beginning was altered or cut short.", AGAIN
    )


class _Relay:
    """Carries an exception of our side past the library, which may swallow or rename it."""

    def __init__(self) -> None:
        self._error: BaseException | None = None

    def guard(self, error: BaseException) -> OSError:
        if self._error is None:
            self._error = error
        return OSError(errno.ECANCELED, "cancelled")

    def run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException:
            if self._error is not None:
                raise self._error from None
            raise
        if self._error is not None:
            raise self._error


class _Reader:
    def __init__(self, relay: _Relay, parts: Iterator[bytes]) -> None:
        self._relay, self._parts, self._rest = relay, parts, memoryview(b"")

    def read(self, size: int) -> bytes:
        try:
            while not self._rest:
                part = next(self._parts, None)
                if part is None:
                    return b""
                self._rest = memoryview(part)
            taken, self._rest = self._rest[:size], self._rest[size:]
            return bytes(taken)
        except BaseException as error:  # noqa: BLE001 - also a signal: it is raised again by the relay
            raise self._relay.guard(error) from None


class _Writer:
    """Gathers the library's small writes, so that Python runs once in 256 KiB."""

    def __init__(self, relay: _Relay, sink: Sink) -> None:
        self._relay, self._sink = relay, sink
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        try:
            self._parts.append(bytes(data))
            self._size += len(data)
            if self._size >= _CHUNK:
                self.drain()
        except BaseException as error:  # noqa: BLE001 - also a signal: it is raised again by the relay
            raise self._relay.guard(error) from None
        return len(data)

    def drain(self) -> None:
        parts, self._parts, self._size = self._parts, [], 0
        if parts:
            self._sink(b"".join(parts))

    def flush(self) -> None:
        try:
            self.drain()
        except BaseException as error:  # noqa: BLE001 - also a signal: it is raised again by the relay
            raise self._relay.guard(error) from None
