"""Sealed values: small secrets that lie in database columns, encrypted and bound to their place.

A sealed value is `version (1) | key id (8) | nonce (12) | AES-256-GCM ciphertext and tag`. The key is derived from the
sealing secret for one purpose (HKDF-SHA256, RFC 5869); version, key id, purpose and context (usually the row's id) are
the associated data, so that a value that is moved to another row, column or key does not open.
"""

import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workbench.records.errors import IntegrityBroken

VERSION = 1
KEY_ID_LENGTH = 8
_NONCE_LENGTH = 12
_HEADER_LENGTH = 1 + KEY_ID_LENGTH
_TAG_LENGTH = 16


def derive(secret: bytes, purpose: str, *, salt: bytes | None = None, length: int = 32) -> bytes:
    """Derive a key for one purpose from a secret (HKDF-SHA256); different purposes give independent keys."""
    info = b"deid-workbench v1 " + purpose.encode()
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """One secret with its id; derived keys are kept, since deriving costs more than sealing."""

    key_id: bytes
    secret: bytes = field(repr=False)
    _ciphers: dict[str, AESGCM] = field(default_factory=dict, repr=False, compare=False)

    def cipher(self, purpose: str) -> AESGCM:
        """Return the cipher of one purpose."""
        cipher = self._ciphers.get(purpose)
        if cipher is None:
            cipher = self._ciphers[purpose] = AESGCM(derive(self.secret, "seal " + purpose))
        return cipher


def _associated_data(header: bytes, purpose: str, context: bytes) -> bytes:
    name = purpose.encode()
    return header + len(name).to_bytes(2) + name + context


def seal(key: SealingKey, purpose: str, context: bytes, plaintext: bytes) -> bytes:
    """Encrypt `plaintext` for one purpose and one place. Two calls never give the same bytes."""
    header = bytes([VERSION]) + key.key_id
    nonce = secrets.token_bytes(_NONCE_LENGTH)
    return header + nonce + key.cipher(purpose).encrypt(nonce, plaintext, _associated_data(header, purpose, context))


def key_id_of(sealed: bytes) -> bytes:
    """Return the id of the key that a sealed value names.

    Raises
    ------
    IntegrityBroken
        `sealed-value-broken` when the bytes are no sealed value of a known version.
    """
    if len(sealed) < _HEADER_LENGTH + _NONCE_LENGTH + _TAG_LENGTH or sealed[0] != VERSION:
        raise _broken()
    return sealed[1:_HEADER_LENGTH]


def unseal(key: SealingKey, purpose: str, context: bytes, sealed: bytes) -> bytes:
    """Decrypt a sealed value that was made for the same purpose and place.

    Raises
    ------
    IntegrityBroken
        `sealed-value-broken` when it was altered, truncated, or belongs to another place.
    """
    key_id_of(sealed)
    header, nonce = sealed[:_HEADER_LENGTH], sealed[_HEADER_LENGTH : _HEADER_LENGTH + _NONCE_LENGTH]
    body = sealed[_HEADER_LENGTH + _NONCE_LENGTH :]
    try:
        return key.cipher(purpose).decrypt(nonce, body, _associated_data(header, purpose, context))
    except InvalidTag:
        raise _broken() from None


def _broken() -> IntegrityBroken:
    return IntegrityBroken(
        "sealed-value-broken",
        "A sealed value was altered or does not belong to the row it stands in.",
        "Restore the database from a backup that the audit log confirms, and run `workbench audit verify`.",
    )
