"""The key ring: everything that the workbench encrypts, looks up or signs goes through it.

Five kinds of keys, each with secrets of its own (`vault.keyfiles.KeyKind`). What a key makes carries a version and the
key's id, so that keys can be rotated: new values under the newest key, old ones opened under theirs.
"""

import hmac
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.records.errors import IntegrityBroken, UsageError
from workbench.vault.keyfiles import KeyKind, KeyMaterial, generate, read_keys, read_trust, write_keys
from workbench.vault.sealing import SealingKey, derive, key_id_of, seal, unseal
from workbench.vault.streams import ObjectCipher, ObjectKey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.audit.note import NoteSigner


class KeyRing:
    """Keys in use. Build it with `create_keys` or `open_keys`; another provider hands its own `KeyMaterial`."""

    def __init__(self, material: "Iterable[KeyMaterial]") -> None:
        newest_first = sorted(material, key=lambda key: -key.number)
        by_kind = {kind: [key for key in newest_first if key.kind is kind] for kind in KeyKind}
        self._signing = by_kind[KeyKind.SIGNING][0]
        self._sealing = [SealingKey(key.key_id, key.secret) for key in by_kind[KeyKind.SEALING]]
        self._index = by_kind[KeyKind.INDEX][0].secret
        self._sessions = by_kind[KeyKind.SESSIONS][0].secret
        objects = tuple(ObjectKey(key.key_id, key.secret) for key in by_kind[KeyKind.OBJECTS])
        self._object_cipher = ObjectCipher(objects[0], objects)
        self._derived: dict[str, bytes] = {}
        self._signer: NoteSigner | None = None

    def __repr__(self) -> str:
        """Never show a secret."""
        return "KeyRing()"

    @property
    def signer(self) -> "NoteSigner":
        """The Ed25519 signer of checkpoints and manifests."""
        if self._signer is None:
            # imported here: opening an object or a sealed value needs no signature
            from workbench.audit.note import NoteSigner  # noqa: PLC0415 - see above

            self._signer = NoteSigner(self._signing.name, self._signing.secret)
        return self._signer

    @property
    def vkey(self) -> str:
        """The signer's public key as a C2SP verifier key line (`name+hash+key`)."""
        return str(self.signer.vkey)

    def seal(self, purpose: str, context: bytes, plaintext: bytes) -> bytes:
        """Encrypt a value for one purpose (such as `study.identity`) and one place (its row's id)."""
        return seal(self._sealing[0], purpose, context, plaintext)

    def unseal(self, purpose: str, context: bytes, sealed: bytes) -> bytes:
        """Decrypt what `seal` made for the same purpose and place.

        Raises
        ------
        IntegrityBroken
            `sealed-value-broken` when altered or moved, `key-unknown` when its key is not in the ring.
        """
        key_id = key_id_of(sealed)
        for key in self._sealing:
            if key.key_id == key_id:
                return unseal(key, purpose, context, sealed)
        raise IntegrityBroken(
            "key-unknown",
            "A value was sealed under a key that is not in the keys directory.",
            "Restore the keys directory that belongs to this home.",
        )

    def index(self, purpose: str, value: bytes) -> str:
        """Return the keyed digest (HMAC-SHA256, hexadecimal) under which a value is looked up.

        Without the key it confirms no guess, unlike a plain digest: identifiers are short enough to try them all.
        """
        return hmac.digest(self._derive("index " + purpose, self._index), value, "sha256").hex()

    def session_code(self, purpose: str, value: bytes) -> str:
        """Return a keyed code that binds a request to a session (HMAC-SHA256, hexadecimal)."""
        return hmac.digest(self._derive("session " + purpose, self._sessions), value, "sha256").hex()

    def object_cipher(self) -> ObjectCipher:
        """Return the cipher of the object store."""
        return self._object_cipher

    def _derive(self, purpose: str, secret: bytes) -> bytes:
        key = self._derived.get(purpose)
        if key is None:
            key = self._derived[purpose] = derive(secret, purpose)
        return key


def create_keys(directory: Path, *, origin: str | None = None) -> KeyRing:
    """Make a full set of keys in a new directory, with the public key in `trust.vkey`, and return the ring.

    `origin` names the ledger in its checkpoints; by default a random name that tells nothing about the site.

    Raises
    ------
    UsageError
        `keys-exist` when the directory is not empty (keys are never overwritten), `keys-not-written`.
    """
    material = generate(origin or f"deid-workbench/{secrets.token_hex(6)}")
    ring = KeyRing(material)
    write_keys(directory, material, ring.vkey)
    return ring


def open_keys(directory: Path) -> KeyRing:
    """Open the keys of a directory.

    Raises
    ------
    UsageError
        `keys-missing`, `keys-readable-by-others`, `keys-unreadable`.
    IntegrityBroken
        `keys-broken` when a key is damaged or missing, or the public key is not the signing key's.
    """
    ring = KeyRing(read_keys(directory))
    if read_trust(directory) != ring.vkey:
        raise IntegrityBroken(
            "keys-broken",
            "The public key in the keys directory does not belong to the signing key.",
            "Restore the keys directory from its backup.",
        )
    return ring


def check_places(*, home: Path, keys: Path, witness: Path | None = None, demo: bool = False) -> None:
    """Refuse keys or a witness file that lie where a copy of the database would take them along.

    Raises
    ------
    UsageError
        `keys-inside-home` or `witness-inside-home`; a demo home may keep them inside and says so on screen.
    """
    if demo:
        return
    inside = home.resolve()
    if keys.resolve().is_relative_to(inside) or inside.is_relative_to(keys.resolve()):
        raise UsageError(
            "keys-inside-home",
            "The keys directory and the home may not contain each other: whoever copies the database gets the keys.",
            "Choose a keys directory elsewhere, best on another disk.",
        )
    if witness is not None and witness.resolve().is_relative_to(inside):
        raise UsageError(
            "witness-inside-home",
            "The witness file may not lie in the home: who replaces the database could replace it too.",
            "Choose a file elsewhere, best on another disk or host.",
        )
