"""The encrypted form of an object: chunks that can be neither moved, dropped, added nor exchanged between objects.

Layout: header `magic (4) | log2 of the chunk size (1) | zero (3) | key id (8) | salt (16)`, then the chunks, then a
trailer. Each object has a key of its own (HKDF of the objects secret with the salt). Chunk `i` is AES-256-GCM under the
nonce `zero (3) | kind (1) | i (8)` with the header as associated data; kind tells data, last data and trailer apart.
The trailer seals plaintext length and digest, from which the object's name follows: an object that was truncated,
extended or put in another's place is refused when it is opened, before a byte of it is given out.
"""

import hashlib
import hmac
import io
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workbench.records.errors import IntegrityBroken
from workbench.vault.sealing import KEY_ID_LENGTH, derive

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"WBO\x01"
CHUNK_LOG2 = 16
_SALT_LENGTH = 16
HEADER_LENGTH = len(MAGIC) + 4 + KEY_ID_LENGTH + _SALT_LENGTH
TAG_LENGTH = 16
_TRAILER_PLAIN = 8 + 32
TRAILER_LENGTH = _TRAILER_PLAIN + TAG_LENGTH
_DATA, _LAST, _TRAILER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Digested:
    """What encrypting learned of a plaintext: its keyed name, its size and its SHA-256 (hexadecimal)."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """One objects secret with its id."""

    key_id: bytes
    secret: bytes = field(repr=False)

    def name(self, digest: bytes) -> str:
        """Return the keyed name of the content with this SHA-256; without the key it confirms no known file."""
        return hmac.digest(derive(self.secret, "object name"), digest, "sha256").hex()


@dataclass(frozen=True, slots=True)
class ObjectCipher:
    """Encrypts under the current key and decrypts under any key that is still held."""

    current: ObjectKey
    keys: tuple[ObjectKey, ...]
    chunk_log2: int = CHUNK_LOG2

    def encrypt(self, source: BinaryIO, target: BinaryIO) -> Digested:
        """Copy `source` to `target` encrypted, in constant memory."""
        salt = secrets.token_bytes(_SALT_LENGTH)
        header = MAGIC + bytes([self.chunk_log2, 0, 0, 0]) + self.current.key_id + salt
        cipher = _file_cipher(self.current, salt)
        target.write(header)
        digest = hashlib.sha256()
        size = index = 0
        chunk = _read_whole(source, 1 << self.chunk_log2)
        last = False
        while not last:
            following = _read_whole(source, 1 << self.chunk_log2) if len(chunk) == 1 << self.chunk_log2 else b""
            last = not following
            digest.update(chunk)
            size += len(chunk)
            target.write(cipher.encrypt(_nonce(_LAST if last else _DATA, index), chunk, header))
            chunk, index = following, index + 1
        trailer = size.to_bytes(8) + digest.digest()
        target.write(cipher.encrypt(_nonce(_TRAILER, index), trailer, header))
        return Digested(self.current.name(digest.digest()), size, digest.hexdigest())

    def reader(self, file: BinaryIO, name: str) -> io.BufferedReader:
        """Return a seekable reader of the plaintext, which closes `file` when it is closed.

        Raises
        ------
        IntegrityBroken
            `object-damaged` when the object is not whole or is not the one named; `key-unknown` when its key is gone.
            Reading raises the same when a chunk was altered.
        """
        return io.BufferedReader(ObjectReader(self, file, name), 1 << self.chunk_log2)


class ObjectReader(io.RawIOBase):
    """Random access to the plaintext of one encrypted object; holds one chunk at a time."""

    def __init__(self, cipher: ObjectCipher, file: BinaryIO, name: str) -> None:
        super().__init__()
        self._file = file
        self._position = 0
        self._held = (-1, b"")
        self._header = file.read(HEADER_LENGTH)
        key = self._find_key(cipher)
        self._chunk_size = 1 << self._header[4]
        self._cipher = _file_cipher(key, self._header[-_SALT_LENGTH:])
        self._chunks, self._size = self._measure()
        self._check_trailer(key, name)
        if not self._size:
            self._chunk(0)  # an empty object has no read that would check its only chunk

    def _find_key(self, cipher: ObjectCipher) -> ObjectKey:
        header = self._header
        if len(header) != HEADER_LENGTH or header[:4] != MAGIC or not 10 <= header[4] <= 24:
            raise damaged()
        key_id = header[8 : 8 + KEY_ID_LENGTH]
        for key in cipher.keys:
            if key.key_id == key_id:
                return key
        raise IntegrityBroken(
            "key-unknown",
            "An object was encrypted under a key that is not in the keys directory.",
            "Restore the keys directory that belongs to this home.",
        )

    def _measure(self) -> tuple[int, int]:
        body = self._file.seek(0, io.SEEK_END) - HEADER_LENGTH - TRAILER_LENGTH
        if body < TAG_LENGTH:
            raise damaged()
        chunks = -(-body // (self._chunk_size + TAG_LENGTH))
        return chunks, body - chunks * TAG_LENGTH

    def _check_trailer(self, key: ObjectKey, name: str) -> None:
        self._file.seek(-TRAILER_LENGTH, io.SEEK_END)
        trailer = self._decrypt(_TRAILER, self._chunks, self._file.read(TRAILER_LENGTH))
        named = hmac.compare_digest(key.name(trailer[8:]), name)
        if not named or int.from_bytes(trailer[:8]) != self._size:
            raise damaged()

    def _decrypt(self, kind: int, index: int, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(kind, index), sealed, self._header)
        except InvalidTag:
            raise damaged() from None

    def _chunk(self, index: int) -> bytes:
        if self._held[0] != index:
            self._file.seek(HEADER_LENGTH + index * (self._chunk_size + TAG_LENGTH))
            last = index == self._chunks - 1
            length = self._size - index * self._chunk_size if last else self._chunk_size
            sealed = self._file.read(length + TAG_LENGTH)
            self._held = (index, self._decrypt(_LAST if last else _DATA, index, sealed))
        return self._held[1]

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill `buffer` from the current position; 0 at the end."""
        view = memoryview(buffer).cast("B")
        if self._position >= self._size or not len(view):
            return 0
        index, offset = divmod(self._position, self._chunk_size)
        part = self._chunk(index)[offset : offset + len(view)]
        view[: len(part)] = part
        self._position += len(part)
        return len(part)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move in the plaintext."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("negative seek position")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """Return the position in the plaintext."""
        return self._position

    def close(self) -> None:
        """Close the encrypted file too and forget the chunk held."""
        if not self.closed:
            self._held = (-1, b"")
            self._file.close()
        super().close()


def _file_cipher(key: ObjectKey, salt: bytes) -> AESGCM:
    return AESGCM(derive(key.secret, "object content", salt=salt))


def _nonce(kind: int, index: int) -> bytes:
    return bytes([0, 0, 0, kind]) + index.to_bytes(8)


def _read_whole(source: BinaryIO, size: int) -> bytes:
    """Read `size` bytes unless the source ends first; raw files and pipes may give less at a time."""
    parts = []
    while size and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def damaged() -> IntegrityBroken:
    """Return the error for an object that is not what was stored."""
    return IntegrityBroken(
        "object-damaged",
        "A stored object was altered, truncated or exchanged for another.",
        "Restore the object store from its backup; `workbench doctor` lists what is affected.",
    )
