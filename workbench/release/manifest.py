"""The manifest of a package: written once as canonical JSON (RFC 8785), read back with every field checked.

`docs/package-format.md` describes each member. The reader trusts nothing: after the signature was verified it still
refuses paths, digests, counts and types of another form, because a sender's key can be stolen too.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from workbench.records.errors import IntegrityBroken

FORMAT = "deid-workbench-package/1"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
MOST_MANIFEST_BYTES = 64 << 20
NOT_CHECKED = "not-checked"
CHECKED = "checked"
_HINT = "The package may come from a newer workbench: update yours. Otherwise ask the sender for the package again."

_PATH = re.compile(r"README\.txt|README\.html|DICOMDIR|proof-[0-9]{4}\.tlog-proof|DICOM/S[0-9]{5}/E[0-9]{5}/I[0-9]{7}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UID = re.compile(r"[0-9.]{1,64}")
_LAW = re.compile(r"[a-z][a-z-]{0,31}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the package with its digest and size."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Instance:
    """A DICOM file of the package. `pixels` is "not-checked" or "checked" (for burned-in identifiers)."""

    file: File
    sop_instance: str
    sop_class: str
    pixel_sha256: str | None
    pixels: str


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """An approval as the manifest states it; `proof` is the path of the proof that carries the ledger entry."""

    submitted_by: str
    approved_by: str
    approved_at: str
    single_person: bool
    seq: int
    proof: str


@dataclass(frozen=True, slots=True)
class StudyRecord:
    """A study of the package, its prepared version, approvals and instances."""

    study: str
    study_instance: str
    patient_code: str
    preparation: str
    number: int
    root: str
    profile: str
    profile_version: int
    profile_digest: str
    software: str
    law: str
    withheld: tuple[str, ...]
    approvals: tuple[ApprovalRecord, ...]
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is: limits for the reader, and a check for people."""

    studies: int
    series: int
    instances: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that was read. `sha256` is over its exact bytes; `receipt_secret` never leaves this process."""

    sha256: str
    release: str
    recipient: str
    recipient_key: str
    purpose: str
    basis: str
    agreement: str
    created: datetime
    expires: datetime
    contact: str
    software: str
    log_key: str
    counts: Counts
    files: tuple[File, ...]
    studies: tuple[StudyRecord, ...]
    receipt_secret: bytes

    def __repr__(self) -> str:
        """Name the release only."""
        return f"Manifest({self.release})"

    def members(self) -> Iterator[File]:
        """Yield every file after the manifest and its signature, in the order of the package."""
        yield from self.files
        for study in self.studies:
            for instance in study.instances:
                yield instance.file


def parse_manifest(data: bytes, sha256: str) -> Manifest:
    """Read a manifest. Raises `IntegrityBroken` (`manifest-malformed`) naming the member that is wrong."""
    try:
        raw = json.loads(data, object_pairs_hook=_distinct)
    except (ValueError, RecursionError):
        raise _malformed("it is not JSON") from None
    top = _Reader(raw, "manifest")
    if top.text("format") != FORMAT:
        raise _malformed("format is not one that this version knows")
    recipient, log, counts = top.inner("recipient"), top.inner("log"), top.inner("counts")
    manifest = Manifest(
        sha256=sha256,
        release=top.matching("release", _ID),
        recipient=recipient.text("name"),
        recipient_key=recipient.text("key"),
        purpose=top.text("purpose"),
        basis=top.text("basis"),
        agreement=top.text("agreement") if top.has("agreement") else "",
        created=top.time("created"),
        expires=top.time("expires"),
        contact=top.text("contact"),
        software=top.text("software"),
        log_key=log.text("key"),
        counts=Counts(**{name: counts.count(name) for name in ("studies", "series", "instances", "bytes")}),
        files=tuple(_file(each) for each in top.each("files")),
        studies=tuple(_study(each) for each in top.each("studies")),
        receipt_secret=bytes.fromhex(top.matching("receipt_secret", _SHA256)),
    )
    _check_whole(manifest)
    return manifest


def _check_whole(manifest: Manifest) -> None:
    """Compare the parts with each other: counts, distinct paths and UIDs, proofs that exist."""
    members = list(manifest.members())
    paths = {member.path for member in members}
    instances = [instance for study in manifest.studies for instance in study.instances]
    series = {instance.file.path.rpartition("/")[0] for instance in instances}
    counted = Counts(
        studies=len(manifest.studies),
        series=len(series),
        instances=len(instances),
        bytes=sum(instance.file.size for instance in instances),
    )
    if counted != manifest.counts:
        raise _malformed("its counts are wrong")
    if len(paths) != len(members) or len({instance.sop_instance for instance in instances}) != len(instances):
        raise _malformed("it names a file or an instance twice")
    proofs = {approval.proof for study in manifest.studies for approval in study.approvals}
    if proofs != {path for path in paths if path.endswith(".tlog-proof")}:
        raise _malformed("its approvals and its proofs do not belong together")
    if any(file.path.startswith("DICOM/") for file in manifest.files) or "DICOMDIR" not in paths:
        raise _malformed("its list of files is not one that the workbench writes")
    if not all(study.approvals and study.instances for study in manifest.studies) or not manifest.studies:
        raise _malformed("a study has no approval or no instance")


def _study(raw: "_Reader") -> StudyRecord:
    preparation = raw.inner("preparation")
    profile = preparation.inner("profile")
    return StudyRecord(
        study=raw.matching("study", _ID),
        study_instance=raw.matching("study_instance", _UID),
        patient_code=raw.text("patient_code"),
        preparation=preparation.matching("id", _ID),
        number=preparation.count("number"),
        root=preparation.matching("root", _SHA256),
        profile=profile.text("name"),
        profile_version=profile.count("version"),
        profile_digest=profile.matching("sha256", _SHA256),
        software=preparation.text("software"),
        law=profile.matching("law", _LAW) if profile.has("law") else "",
        withheld=preparation.matching_all("withheld", _SHA256),
        approvals=tuple(_approval(each) for each in raw.each("approvals")),
        instances=tuple(_instance(each) for each in raw.each("instances")),
    )


def _approval(raw: "_Reader") -> ApprovalRecord:
    return ApprovalRecord(
        submitted_by=raw.text("submitted_by"),
        approved_by=raw.text("approved_by"),
        approved_at=raw.text("approved_at"),
        single_person=raw.flag("single_person"),
        seq=raw.count("seq"),
        proof=raw.matching("proof", _PATH),
    )


def _instance(raw: "_Reader") -> Instance:
    file = _file(raw)
    pixels = raw.text("pixels")
    if pixels not in (CHECKED, NOT_CHECKED) or not file.path.startswith("DICOM/"):
        raise _malformed("an instance is described wrongly")
    return Instance(
        file=file,
        sop_instance=raw.matching("sop_instance", _UID),
        sop_class=raw.matching("sop_class", _UID),
        pixel_sha256=raw.matching("pixel_sha256", _SHA256) if raw.has("pixel_sha256") else None,
        pixels=pixels,
    )


def _file(raw: "_Reader") -> File:
    return File(path=raw.matching("path", _PATH), sha256=raw.matching("sha256", _SHA256), size=raw.count("size"))


class _Reader:
    """Typed access to one JSON object; every refusal names the member, never its value."""

    def __init__(self, raw: object, where: str) -> None:
        if not isinstance(raw, dict):
            raise _malformed(f"{where} is not an object")
        self._raw: dict[str, Any] = raw
        self._where = where

    def has(self, name: str) -> bool:
        return name in self._raw

    def text(self, name: str) -> str:
        value = self._raw.get(name)
        if not isinstance(value, str) or not value.isprintable():
            raise self._wrong(name)
        return value

    def matching(self, name: str, pattern: re.Pattern[str]) -> str:
        value = self.text(name)
        if not pattern.fullmatch(value):
            raise self._wrong(name)
        return value

    def matching_all(self, name: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        values = self._list(name)
        if not all(isinstance(value, str) and pattern.fullmatch(value) for value in values):
            raise self._wrong(name)
        return tuple(values)

    def count(self, name: str) -> int:
        value = self._raw.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
            raise self._wrong(name)
        return value

    def flag(self, name: str) -> bool:
        value = self._raw.get(name)
        if not isinstance(value, bool):
            raise self._wrong(name)
        return value

    def time(self, name: str) -> datetime:
        try:
            return datetime.strptime(self.text(name), TIME_FORMAT).replace(tzinfo=UTC)
        except ValueError:
            raise self._wrong(name) from None

    def inner(self, name: str) -> "_Reader":
        return _Reader(self._raw.get(name), name)

    def each(self, name: str) -> list["_Reader"]:
        return [_Reader(value, name) for value in self._list(name)]

    def _list(self, name: str) -> list[Any]:
        value = self._raw.get(name)
        if not isinstance(value, list):
            raise self._wrong(name)
        return value

    def _wrong(self, name: str) -> IntegrityBroken:
        return _malformed(f"{self._where}: {name} is missing or not as it should be")


TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member twice")
    return found


def _malformed(why: str) -> IntegrityBroken:
    return IntegrityBroken("manifest-malformed", f"The manifest of the package cannot be used: {why}.", _HINT)
