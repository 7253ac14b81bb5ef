"""What an attacker can make who has the reader's public key, and perhaps more."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import rfc8785

from tests.release.house import House
from workbench.audit.note import NoteSigner
from workbench.release.archive import END, header, padding
from workbench.release.signature import sign_manifest

Members = list[tuple[str, bytes]]


def members(archive: bytes) -> Members:
    """Take an archive apart."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return [(each.name, (tar.extractfile(each) or io.BytesIO()).read()) for each in tar]


def archive_of(parts: Members) -> bytes:
    """Put an archive together in the form that the workbench writes."""
    return b"".join(header(name, len(data)) + data + padding(len(data)) for name, data in parts) + END


def raw_member(name: str, data: bytes = b"", **attributes: Any) -> bytes:
    """Return any tar member that Python's tarfile can write."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info.tobuf(tarfile.GNU_FORMAT) + data + padding(len(data))


def forge(
    house: House,
    change: Callable[[dict[str, Any]], None],
    *,
    signer: NoteSigner | None = None,
    files: dict[str, bytes] | None = None,
) -> None:
    """Change manifest and files of the built package, sign it with any key, and wrap it again.

    Digests of changed files are put right in the list of files, so that only the change itself is wrong.
    """
    parts = dict(members(house.archive()))
    parts.update(files or {})
    manifest = json.loads(parts["manifest.json"])
    for entry in manifest["files"]:
        data = parts[entry["path"]]
        entry.update(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    change(manifest)
    data = rfc8785.dumps(manifest)
    note = sign_manifest(
        signer or house.signer, release=str(manifest["release"]), sha256=hashlib.sha256(data).hexdigest()
    )
    parts.update({"manifest.json": data, "manifest.sig": note.encode()})
    house.wrap(archive_of(list(parts.items())))
