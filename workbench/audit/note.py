"""Signed notes and verifier keys as C2SP `signed-note` v1.0.0 defines them, with Ed25519 (signature type 0x01).

The same format as Go's `golang.org/x/mod/sumdb/note`, so that existing tools read what this module writes.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workbench.records.errors import IntegrityBroken, UsageError

ED25519 = b"\x01"
MOST_SIGNATURES = 100
"""More in one note are refused unread; the specification asks for at least 16."""

_DASH = "\u2014 "


class Signer(Protocol):
    """Signs notes under a name. The private key may live anywhere."""

    @property
    def vkey(self) -> "VerifierKey":
        """The public half."""
        ...

    def sign(self, text: str) -> str:
        """Return the signed note over `text`, which ends in a line end."""
        ...


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name it signs under; one line, `name+hash+key`, is its spelling."""

    name: str
    public: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _valid_name(self.name) or len(self.public) != 32:
            raise UsageError("verifier-key", "This is not a verifier key.", _KEY_HINT)

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read the one-line form.

        Raises
        ------
        UsageError
            When the line is malformed, its hash does not fit its key, or the key is not Ed25519.
        """
        parts = text.strip("\r\n ").split("+", 2)
        if len(parts) != 3 or not _valid_name(parts[0]):
            raise UsageError("verifier-key", "This is not a verifier key.", _KEY_HINT)
        name, digest, encoded = parts
        raw = _base64(encoded)
        if raw is None or len(raw) != 33 or raw[:1] != ED25519 or key_id(name, raw[1:]).hex() != digest:
            raise UsageError("verifier-key", "This is not a verifier key, or it was copied with a mistake.", _KEY_HINT)
        return cls(name, raw[1:])

    def __str__(self) -> str:
        """Return the one-line form."""
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.public).decode('ascii')}"

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return key_id(self.name, self.public)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the one-line form in hex: what two people compare aloud."""
        return sha256(str(self).encode()).hexdigest()

    def verifies(self, text: str, signature: bytes) -> bool:
        """Tell whether the signature is this key's over the text (RFC 8032)."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


_KEY_HINT = "Give the file trust.vkey from the keys directory, or the one line in it: name+hash+key."


class NoteSigner:
    """Signs with an Ed25519 key held in memory. Its text and repr never show the key."""

    __slots__ = ("_key", "_vkey")

    def __init__(self, name: str, seed: bytes) -> None:
        if len(seed) != 32:
            raise UsageError("signer-key", "A signing key has 32 bytes.")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._vkey = VerifierKey(name, self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        """Name the public half only."""
        return f"NoteSigner({self._vkey.name})"

    @classmethod
    def generate(cls, name: str) -> "NoteSigner":
        """Make a new key from the system's randomness."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "NoteSigner":
        """Read `PRIVATE+KEY+name+hash+key`, the form that Go's note package writes.

        Raises
        ------
        UsageError
            When the text is not such a key; the message does not repeat it.
        """
        parts = text.strip("\r\n ").split("+", 4)
        raw = _base64(parts[4]) if len(parts) == 5 and parts[:2] == ["PRIVATE", "KEY"] else None
        if raw is None or len(raw) != 33 or raw[:1] != ED25519:
            raise UsageError("signer-key", "This is not a signing key.")
        signer = cls(parts[2], raw[1:])
        if signer.vkey.id.hex() != parts[3]:
            raise UsageError("signer-key", "The signing key does not fit its own hash.")
        return signer

    def private_text(self) -> str:
        """Return the secret form that `parse` reads. Whoever has it can sign the log."""
        raw = b64encode(ED25519 + self._key.private_bytes_raw()).decode("ascii")
        return f"PRIVATE+KEY+{self._vkey.name}+{self._vkey.id.hex()}+{raw}"

    @property
    def vkey(self) -> VerifierKey:
        """The public half."""
        return self._vkey

    def sign(self, text: str) -> str:
        """Return the signed note over `text`. Deterministic (RFC 8032).

        Raises
        ------
        ValueError
            When the text is empty, does not end in a line end or has control characters.
        """
        if not text.endswith("\n") or _has_controls(text):
            raise ValueError("the text of a note ends in a line end and has no control characters")
        signature = self._vkey.id + self._key.sign(text.encode())
        return f"{text}\n{_DASH}{self._vkey.name} {b64encode(signature).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note as read; nothing in it is verified."""

    text: str
    signatures: tuple[Signature, ...]


def parse_note(note: str | bytes) -> Note:
    """Take a note apart without trusting it.

    Raises
    ------
    IntegrityBroken
        `note-malformed`, whatever is wrong with the form.
    """
    if isinstance(note, bytes):
        try:
            note = note.decode()
        except UnicodeDecodeError:
            raise _malformed() from None
    split = note.rfind("\n\n")
    if split < 0 or not note.endswith("\n") or _has_controls(note) or _has_surrogates(note):
        raise _malformed()
    lines = note[split + 2 :].split("\n")[:-1]
    if not 1 <= len(lines) <= MOST_SIGNATURES:
        raise _malformed()
    return Note(note[: split + 1], tuple(_signature(line) for line in lines))


def open_note(note: str | bytes, keys: Iterable[VerifierKey]) -> str:
    """Return the text of a note that at least one of the keys signed.

    Signatures by other keys are ignored, as the specification demands; one wrong signature by a known key refuses the
    whole note.

    Raises
    ------
    IntegrityBroken
        `note-malformed`, `note-signature` (a known key's signature is wrong), `note-unsigned` (no known key signed).
    """
    parsed = parse_note(note)
    known = {(key.name, key.id): key for key in keys}
    verified = False
    for line in parsed.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not key.verifies(parsed.text, line.signature):
            raise IntegrityBroken(
                "note-signature",
                "A signature by the trusted key is wrong: the note was altered after signing.",
                "Compare with another copy of the note.",
            )
        verified = True
    if not verified:
        raise IntegrityBroken(
            "note-unsigned",
            "The note is not signed by the trusted key.",
            "Check that the right key was given; if it was, the note comes from somewhere else.",
        )
    return parsed.text


def key_id(name: str, public: bytes) -> bytes:
    """Return SHA-256(name || 0x0A || 0x01 || public key)[:4]."""
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = _base64(encoded)
    if not line.startswith(_DASH) or not _valid_name(name) or raw is None or len(raw) < 5:
        raise _malformed()
    return Signature(name, raw[:4], raw[4:])


def _base64(text: str) -> bytes | None:
    """Decode standard Base 64 in its one canonical spelling."""
    try:
        raw = b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        return None
    return raw if b64encode(raw).decode("ascii") == text else None


def _valid_name(name: str) -> bool:
    return (
        bool(name)
        and "+" not in name
        and not _has_controls(name)
        and not any(character.isspace() for character in name)
        and not _has_surrogates(name)
    )


def _has_controls(text: str) -> bool:
    return any(character < " " and character != "\n" for character in text)


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _malformed() -> IntegrityBroken:
    return IntegrityBroken("note-malformed", "This is not a signed note.", "Get the note again from where it was kept.")
