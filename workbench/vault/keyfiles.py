"""The file provider of keys: one file per key in a directory of its own (0700, files 0600).

A file is one JSON line: `{"format": "deid-workbench key 1", "kind": …, "number": …, "secret": base64}`, named
`<kind>.<number>.key`. The highest number of a kind is the current key; lower ones stay to open what they sealed, so
that a rotation adds a file and rewrites nothing.
"""

import base64
import json
import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from workbench.records.errors import IntegrityBroken, UsageError
from workbench.vault.sealing import KEY_ID_LENGTH, derive

FORMAT = "deid-workbench key 1"
SECRET_LENGTH = 32
TRUST_FILE = "trust.vkey"


class KeyKind(StrEnum):
    """What a key is for. Each kind has secrets of its own; none is derived from another."""

    SIGNING = "signing"
    """Ed25519 seed that signs checkpoints of the ledger and manifests."""
    SEALING = "sealing"
    """Identity and free text in the database."""
    INDEX = "index"
    """Keyed digests by which sealed values are looked up."""
    OBJECTS = "objects"
    """Contents and names of the object store."""
    SESSIONS = "sessions"
    """What binds requests to a session (cross-site request tokens)."""


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """One secret. `name` is the key name of a signing key (the origin of the ledger), empty for the others."""

    kind: KeyKind
    number: int
    secret: bytes = field(repr=False)
    name: str = ""

    @property
    def key_id(self) -> bytes:
        """Eight bytes that name the secret and tell nothing about it; written into every header."""
        return derive(self.secret, f"key id {self.kind}", length=KEY_ID_LENGTH)

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return f"{self.kind}.{self.number}.key"


def generate(origin: str) -> tuple[KeyMaterial, ...]:
    """Make the first key of every kind from the system's random source."""
    return tuple(
        KeyMaterial(kind, 1, secrets.token_bytes(SECRET_LENGTH), origin if kind is KeyKind.SIGNING else "")
        for kind in KeyKind
    )


def write_keys(directory: Path, keys: Iterable[KeyMaterial], trust: str) -> None:
    """Write keys and the public trust line into a new (or empty) directory, durably, or leave nothing behind.

    Raises
    ------
    UsageError
        `keys-exist` when the directory holds anything, `keys-not-written` when the disk refuses.
    """
    created = not directory.exists()
    if not created and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(
            "keys-exist",
            "The keys directory exists and is not empty; keys are never overwritten.",
            "Choose a new directory with --keys, or use the home that these keys belong to.",
        )
    written: list[Path] = []
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        for key in keys:
            written.append(directory / key.file_name)
            _write_new(written[-1], _encode(key))
        written.append(directory / TRUST_FILE)
        _write_new(written[-1], trust.strip().encode() + b"\n")
        _sync_folder(directory)
    except OSError:
        for path in written:
            path.unlink(missing_ok=True)
        if created and directory.is_dir():
            directory.rmdir()
        raise UsageError(
            "keys-not-written",
            "The keys could not be written to the keys directory.",
            "Check that the disk has space and that you may write there.",
        ) from None


def read_keys(directory: Path) -> tuple[KeyMaterial, ...]:
    """Read all keys of a directory.

    Raises
    ------
    UsageError
        `keys-missing`, `keys-readable-by-others` or `keys-unreadable`.
    IntegrityBroken
        `keys-broken` when a file is no key, or a kind has none.
    """
    if not directory.is_dir():
        raise UsageError(
            "keys-missing", "There is no keys directory at the configured place.", "Mount it or give its place."
        )
    try:
        _refuse_open_to_others(directory)
        paths = sorted(directory.glob("*.key"))
        for path in paths:
            _refuse_open_to_others(path)
        keys = tuple(_decode(path.name, path.read_bytes()) for path in paths)
    except OSError:
        raise UsageError(
            "keys-unreadable",
            "The keys cannot be read.",
            "Run as the user who owns the keys directory.",
        ) from None
    if {key.kind for key in keys} != set(KeyKind):
        raise _broken("A kind of key is missing from the keys directory.")
    return keys


def read_trust(directory: Path) -> str:
    """Return the public trust line beside the keys (a C2SP verifier key).

    Raises
    ------
    IntegrityBroken
        `keys-broken` when it is missing.
    """
    try:
        return (directory / TRUST_FILE).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise _broken("The public key beside the signing key is missing or unreadable.") from None


def _encode(key: KeyMaterial) -> bytes:
    fields = {"format": FORMAT, "kind": key.kind.value, "number": key.number}
    if key.name:
        fields["name"] = key.name
    fields["secret"] = base64.b64encode(key.secret).decode()
    return json.dumps(fields).encode() + b"\n"


def _decode(file_name: str, content: bytes) -> KeyMaterial:
    try:
        fields = json.loads(content)
        if fields["format"] != FORMAT:
            raise _broken("A key file has a format that this version does not know.")
        key = KeyMaterial(
            KeyKind(fields["kind"]),
            int(fields["number"]),
            base64.b64decode(fields["secret"], validate=True),
            str(fields.get("name", "")),
        )
    except (ValueError, KeyError, TypeError):
        raise _broken("A key file is damaged.") from None
    if len(key.secret) != SECRET_LENGTH or key.number < 1 or key.file_name != file_name:
        raise _broken("A key file is damaged or was renamed.")
    return key


def _broken(message: str) -> IntegrityBroken:
    return IntegrityBroken("keys-broken", message, "Restore the keys directory from its backup.")


def _refuse_open_to_others(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UsageError(
            "keys-readable-by-others",
            "The keys directory or a key in it can be read by other users.",
            "Make them private: chmod 700 on the directory and chmod 600 on its files.",
        )


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
