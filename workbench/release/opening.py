"""Opening a package off-line: everything is checked against a key given separately, and nothing is believed before.

The package is decrypted as a stream into a private folder beside the output. Nothing is written at all until the
manifest's signature holds; every file must then be the next one that the manifest names, with its size and digest; the
folder takes the output's name only after the end of the encryption was proven.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from workbench.audit.note import VerifierKey
from workbench.records.errors import IntegrityBroken
from workbench.release import age
from workbench.release.approval import check_approval, check_root
from workbench.release.archive import AGAIN, ArchiveReader, declared_size, header, kind_of, name_of
from workbench.release.aside import sync_folder, written_aside
from workbench.release.manifest import MANIFEST, MOST_MANIFEST_BYTES, SIGNATURE, File, Manifest, parse_manifest
from workbench.release.receipt import make_receipt
from workbench.release.signature import MOST_SIGNATURE_BYTES, check_signature, read_trust, trust_missing

RECEIPT = "receipt.json"


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened package: `folder` holds its files and the `receipt`.

    `expired` says that the release's time is over by the reader's clock. It is a warning: whoever holds the package
    and the key can set the clock, so a refusal would only look like protection. `single_person` says that an approval
    was made by one person alone.
    """

    folder: Path
    receipt: Path
    manifest: Manifest
    expired: bool
    single_person: bool


def open_package(
    package: Path, out: Path, *, identity_file: Path, trust: str | None, clock: Callable[[], datetime]
) -> Opened:
    """Decrypt, check and unpack a package, and write its receipt.

    Parameters
    ----------
    package
        The age file.
    out
        The folder to make. Must not exist, or be empty.
    identity_file
        The reader's age identity file.
    trust
        The sender's verifier key: one line, or the path of a file with it. Without it nothing is unpacked.
    clock
        Now, aware; for the receipt and for `expired`.

    Raises
    ------
    IntegrityBroken
        When anything is not as the trusted key signed it, naming the file and what is wrong with it; `trust-missing`
        with the fingerprint of the key that the package claims. Nothing in clear is left then.
    UsageError
        When a key or file given cannot be used, or the disk does not take the output.
    """
    identities = age.read_identities(identity_file)
    key = None if trust is None else read_trust(trust)
    with written_aside(out) as unfinished:
        unfinished.mkdir(mode=0o700)
        receiver = _Unpacker(unfinished, key, {str(identity.to_public()) for identity in identities})
        archive = ArchiveReader(receiver)
        try:
            with package.open("rb") as file:
                age.decrypt(file, archive.feed, identities)
            archive.finish()
        finally:
            receiver.abandon()
        manifest = receiver.manifest
        now = clock()
        with _create(unfinished / RECEIPT) as file:
            file.write(make_receipt(manifest, opened_at=now).encode("utf-8"))
            _sync(file)
        for folder in _folders(unfinished):
            sync_folder(folder)
    return Opened(
        folder=out,
        receipt=out / RECEIPT,
        manifest=manifest,
        expired=now >= manifest.expires,
        single_person=any(approval.single_person for study in manifest.studies for approval in study.approvals),
    )


class _Unpacker:
    """Receives the archive: manifest and signature first, then exactly the files that the manifest names."""

    def __init__(self, folder: Path, trust: VerifierKey | None, recipients: set[str]) -> None:
        self._folder, self._trust, self._recipients = folder, trust, recipients
        self._manifest: Manifest | None = None
        self._manifest_bytes = b""
        self._names: frozenset[str] = frozenset()
        self._members: Iterator[File] = iter(())
        self._position = 0
        self._member: File | None = None
        self._memory: list[bytes] = []
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()

    @property
    def manifest(self) -> Manifest:
        """The verified manifest."""
        if self._manifest is None:
            raise IntegrityBroken("package-truncated", "The package ends before its manifest.", AGAIN)
        return self._manifest

    def accept(self, block: bytes) -> int:
        self._position += 1
        if self._position <= 2:
            name, most = ((MANIFEST, MOST_MANIFEST_BYTES), (SIGNATURE, MOST_SIGNATURE_BYTES))[self._position - 1]
            size = declared_size(block)
            if size is None or size > most or block != header(name, size):
                raise IntegrityBroken("package-foreign", f"The package has no {name} where it belongs.", AGAIN)
            self._memory = []
            return size
        self._member = next(self._members, None)
        if self._member is None or block != header(self._member.path, self._member.size):
            raise self._misfit(block)
        self._digest = hashlib.sha256()
        self._file = self._create(self._member.path)
        return self._member.size

    def take(self, data: bytes) -> None:
        if self._file is None:
            self._memory.append(data)
        else:
            self._digest.update(data)
            self._file.write(data)

    def close_member(self) -> None:
        if self._position <= 2:
            content = b"".join(self._memory)
            if self._position == 1:
                self._manifest_bytes = content
            else:
                self._read_manifest(self._manifest_bytes, note=content)
            return
        if self._file is None or self._member is None:
            raise AssertionError("a member was accepted")
        if self._digest.hexdigest() != self._member.sha256:
            raise _altered(f"{self._member.path} is not the file that was signed")
        _sync(self._file)
        self._file.close()
        self._file = None
        if self._member.path.endswith(".tlog-proof"):
            self._check_proof(self._member.path)

    def close(self) -> None:
        missing = next(self._members, None)
        if self._position < 2 or missing is not None:
            raise _altered(f"{missing.path if missing else SIGNATURE} is missing")

    def abandon(self) -> None:
        """Close what is open, whatever happened."""
        if self._file is not None:
            self._file.close()

    def _read_manifest(self, data: bytes, *, note: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        if self._trust is None:
            raise trust_missing(parse_manifest(data, digest).log_key, note, sha256=digest)
        release = check_signature(note, sha256=digest, trust=self._trust)
        manifest = parse_manifest(data, digest)
        if manifest.release != release:
            raise _altered("the signature names another release than the manifest")
        if manifest.recipient_key not in self._recipients:
            raise IntegrityBroken(
                "package-for-another",
                "The sender made this release for another key; somebody encrypted it again for yours.",
                "Do not use it. Tell the sender.",
            )
        for study in manifest.studies:
            check_root(study)
        self._manifest = manifest
        self._names = frozenset(member.path for member in manifest.members())
        self._members = manifest.members()
        self._write_again(MANIFEST, data)
        self._write_again(SIGNATURE, note)

    def _check_proof(self, path: str) -> None:
        proof = (self._folder / path).read_text("utf-8", errors="replace")
        for study in self.manifest.studies:
            for approval in study.approvals:
                if approval.proof == path and self._trust is not None:
                    check_approval(study, approval, proof=proof, trust=self._trust)

    def _misfit(self, block: bytes) -> IntegrityBroken:
        """Say what is wrong with a header. Only names that the signed manifest has are repeated."""
        found, expected = name_of(block), self._member
        if expected is None:
            return _altered("there is a file that the manifest does not name")
        if found == expected.path:
            kind = kind_of(block)
            if kind != "a file":
                return _altered(f"{expected.path} is {kind} instead of a file")
            return _altered(f"{expected.path} has another size or other attributes than were signed")
        if found in self._names:
            return _altered(f"{expected.path} is missing, or the files are in another order")
        return _altered(f"there is {kind_of(block)} that the manifest does not name, in place of {expected.path}")

    def _create(self, path: str) -> BinaryIO:
        folder = self._folder
        for part in path.split("/")[:-1]:
            folder /= part
            if not folder.is_dir():
                folder.mkdir(mode=0o700)
        return _create(self._folder / path)

    def _write_again(self, name: str, data: bytes) -> None:
        with self._create(name) as file:
            file.write(data)
            _sync(file)


def _create(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folders(top: Path) -> Iterator[Path]:
    for folder, _, _ in os.walk(top, topdown=False):
        yield Path(folder)


def _altered(what: str) -> IntegrityBroken:
    return IntegrityBroken("package-altered", f"The package was altered: {what}.", AGAIN)
