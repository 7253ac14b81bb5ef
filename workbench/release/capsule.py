"""Building a package: approved instances → deterministic tar → age file for one recipient.

Two passes over the instances. The first reads and digests each and compares it with what was approved; manifest,
DICOMDIR and signature follow from it. The second streams the same bytes into the encrypted file, and compares again.
No instance is ever held in memory.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import rfc8785

from workbench.audit.note import Signer
from workbench.records.errors import IntegrityBroken, UsageError
from workbench.release import age, readme
from workbench.release.approval import approval_entry, check_approval, check_root, is_single_person
from workbench.release.archive import END, header, padding
from workbench.release.aside import written_aside
from workbench.release.directory import write_directory
from workbench.release.entry import Entry, read_entry
from workbench.release.facts import Approval, CapsuleInstance, CapsuleStudy, ManifestFacts, PackageDigest
from workbench.release.manifest import (
    CHECKED,
    FORMAT,
    MANIFEST,
    MOST_MANIFEST_BYTES,
    NOT_CHECKED,
    SIGNATURE,
    TIME_FORMAT,
    Counts,
    parse_manifest,
)
from workbench.release.signature import sign_manifest

_CHUNK = 1 << 20
_Placed = list[tuple[str, Entry]]
_Entries = dict[int, Mapping[str, Any]]


def build_package(
    target: Path,
    *,
    instances: Iterable[CapsuleInstance],
    manifest: ManifestFacts,
    recipient_key: str,
    signer: Signer,
    proofs: Mapping[int, str],
) -> PackageDigest:
    """Write a package for one recipient to `target`, whole or not at all, and return its digests.

    Parameters
    ----------
    target
        Where the encrypted file goes. Must not exist.
    instances
        Every released instance, in any order. The files must stay as they are until this returns.
    manifest
        The facts of the release, with the approvals of each study.
    recipient_key
        The recipient's age X25519 public key (`age1…`).
    signer
        The key of the log: it signs the manifest, and the checkpoints in `proofs` must be signed by it.
    proofs
        C2SP tlog-proof texts by the sequence number of the approval's entry.

    Raises
    ------
    IntegrityBroken
        When an instance is not what was approved, or an approval is not proven. Nothing is written then.
    UsageError
        When the facts do not fit together, the key is not a recipient's, or the disk does not take the output.
    """
    recipient = age.parse_recipient(recipient_key)
    recipient_key = str(recipient)
    manifest = replace(manifest, studies=_in_order(manifest))
    with written_aside(target) as unfinished:
        placed = _place(manifest, instances)
        small = _small_files(manifest, placed, recipient_key=recipient_key, signer=signer, proofs=proofs)
        sink = _File(unfinished)
        try:
            age.encrypt(_parts(small, placed), sink.write, recipient)
            sink.sync()
        finally:
            sink.close()
    return PackageDigest(
        sha256=sink.digest.hexdigest(),
        size=sink.size,
        manifest_sha256=hashlib.sha256(small[MANIFEST]).hexdigest(),
        **{name: count for name, count in asdict(_counts(placed)).items() if name != "bytes"},
    )


class _File:
    """The output: created for its owner only, digested as it is written."""

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self.digest.update(data)
        self.size += len(data)

    def sync(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def _place(facts: ManifestFacts, instances: Iterable[CapsuleInstance]) -> _Placed:
    """Read all instances and give each its neutral place: `DICOM/S00001/E00001/I0000001`, in a viewer's order."""
    order = {study.study: number for number, study in enumerate(facts.studies, 1)}
    entries = [read_entry(instance) for instance in instances if _known(instance, order)]
    _check_entries(entries, order)
    entries.sort(
        key=lambda entry: (
            order[entry.source.study],
            entry.series_number,
            entry.series_uid,
            entry.instance_number,
            entry.source.sop_instance,
        )
    )
    placed: _Placed = []
    study, series, series_in_study, instance_in_series = "", "", 0, 0
    for entry in entries:
        if entry.source.study != study:
            study, series, series_in_study = entry.source.study, "", 0
        if entry.series_uid != series:
            series, series_in_study, instance_in_series = entry.series_uid, series_in_study + 1, 0
        instance_in_series += 1
        placed.append((f"DICOM/S{order[study]:05}/E{series_in_study:05}/I{instance_in_series:07}", entry))
    return placed


def _in_order(facts: ManifestFacts) -> tuple[CapsuleStudy, ...]:
    """Return the studies so that those of one patient stand together, whatever order the caller had."""
    return tuple(sorted(facts.studies, key=lambda study: (study.patient_code, study.study)))


def _known(instance: CapsuleInstance, order: Mapping[str, int]) -> bool:
    if instance.study not in order:
        raise UsageError("release-studies", "An instance belongs to no study of the release.")
    return True


def _check_entries(entries: list[Entry], order: Mapping[str, int]) -> None:
    studies = {(entry.source.study, entry.study_uid) for entry in entries}
    series = {(entry.study_uid, entry.series_uid) for entry in entries}
    if len({entry.source.sop_instance for entry in entries}) != len(entries):
        raise UsageError("release-studies", "An instance was given twice.")
    if len({study for study, _ in studies}) != len(order):
        raise UsageError("release-studies", "A study of the release has no instance.")
    one_to_one = len(studies) == len(order) == len({uid for _, uid in studies})
    if not one_to_one or len({uid for _, uid in series}) != len(series):
        raise IntegrityBroken(
            "instance-not-as-approved",
            "The instances of a study do not have one Study Instance UID of their own, or a series has two studies.",
            "Nothing was packed. Prepare the study again.",
        )


def _small_files(
    facts: ManifestFacts, placed: _Placed, *, recipient_key: str, signer: Signer, proofs: Mapping[int, str]
) -> dict[str, bytes]:
    """Return all files but the instances, in the order of the package."""
    counts = _counts(placed)
    numbered = {seq: f"proof-{number:04}.tlog-proof" for number, seq in enumerate(sorted(_sequences(facts)), 1)}
    if missing := [seq for seq in numbered if seq not in proofs]:
        raise UsageError("release-proof-missing", f"There is no proof for log entry {missing[0]}.")
    entries = _approval_entries(facts, proofs, signer)
    words = readme.Words(
        recipient_key=recipient_key,
        fingerprint=signer.vkey.fingerprint,
        unchecked=sum(not entry.source.pixels_checked for _, entry in placed),
        single={seq for seq, entry in entries.items() if is_single_person(entry)},
    )
    # without a code, each study is a patient of its own in the directory: strangers are never merged
    patients = {study.study: study.patient_code or study.study for study in facts.studies}
    files = {name: proofs[seq].encode("utf-8") for seq, name in numbered.items()}
    files["README.txt"] = readme.write_text(facts, counts, words)
    files["README.html"] = readme.write_html(facts, counts, words)
    files["DICOMDIR"] = write_directory(release=facts.release, patients=patients, entries=placed)
    manifest = rfc8785.dumps(
        {
            "format": FORMAT,
            "release": facts.release,
            "recipient": {"name": facts.recipient, "key": recipient_key},
            "purpose": facts.purpose,
            "basis": facts.basis,
            **({"agreement": facts.agreement} if facts.agreement else {}),
            "created": facts.created.strftime(TIME_FORMAT),
            "expires": facts.expires.strftime(TIME_FORMAT),
            "contact": facts.contact,
            "software": facts.software,
            "log": {"key": str(signer.vkey)},
            "counts": asdict(counts),
            "files": [_file(name, data) for name, data in files.items()],
            "studies": _studies(facts, placed, numbered, entries),
            "receipt_secret": facts.receipt_secret.hex(),
        }
    )
    digest = hashlib.sha256(manifest).hexdigest()
    _check(manifest, digest, files, signer)
    note = sign_manifest(signer, release=facts.release, sha256=digest)
    return {MANIFEST: manifest, SIGNATURE: note.encode("utf-8"), **files}


def _check(manifest: bytes, digest: str, files: Mapping[str, bytes], signer: Signer) -> None:
    """Judge the manifest as its reader will, before anything is signed or leaves."""
    if len(manifest) > MOST_MANIFEST_BYTES:
        raise UsageError("release-too-large", "The release has too many instances.", "Split it into several releases.")
    for study in parse_manifest(manifest, digest).studies:
        check_root(study)
        for approval in study.approvals:
            check_approval(study, approval, proof=files[approval.proof].decode("utf-8"), trust=signer.vkey)


def _approval_entries(facts: ManifestFacts, proofs: Mapping[int, str], signer: Signer) -> _Entries:
    return {
        approval.seq: approval_entry(study.study, proofs[approval.seq], signer.vkey)
        for study in facts.studies
        for approval in study.approvals
    }


def _sequences(facts: ManifestFacts) -> set[int]:
    return {approval.seq for study in facts.studies for approval in study.approvals}


def _counts(placed: _Placed) -> Counts:
    return Counts(
        studies=len({entry.source.study for _, entry in placed}),
        series=len({entry.series_uid for _, entry in placed}),
        instances=len(placed),
        bytes=sum(entry.size for _, entry in placed),
    )


def _file(name: str, data: bytes) -> dict[str, Any]:
    return {"path": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def _studies(
    facts: ManifestFacts, placed: _Placed, numbered: Mapping[int, str], entries: _Entries
) -> list[dict[str, Any]]:
    of_study: dict[str, _Placed] = {}
    for path, entry in placed:
        of_study.setdefault(entry.source.study, []).append((path, entry))
    return [_study(study, of_study[study.study], numbered, entries) for study in facts.studies]


def _study(study: CapsuleStudy, placed: _Placed, numbered: Mapping[int, str], entries: _Entries) -> dict[str, Any]:
    return {
        "study": study.study,
        "study_instance": placed[0][1].study_uid,
        "patient_code": study.patient_code,
        "preparation": {
            "id": study.preparation,
            "number": study.number,
            "root": study.root,
            "withheld": sorted(study.withheld),
            "software": study.software,
            "profile": {
                "name": study.profile,
                "version": study.profile_version,
                "sha256": study.profile_digest,
                **({"law": study.law} if study.law else {}),
            },
        },
        "approvals": [
            _approval(approval, numbered[approval.seq], entries[approval.seq]) for approval in study.approvals
        ],
        "instances": [_instance(path, entry) for path, entry in placed],
    }


def _approval(approval: Approval, proof: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "submitted_by": approval.submitted_by,
        "approved_by": approval.approved_by,
        "approved_at": entry.get("at"),
        "single_person": is_single_person(entry),
        "seq": approval.seq,
        "proof": proof,
    }


def _instance(path: str, entry: Entry) -> dict[str, Any]:
    facts = {
        "path": path,
        "sha256": entry.source.sha256,
        "size": entry.size,
        "sop_instance": entry.source.sop_instance,
        "sop_class": entry.sop_class,
        "pixels": CHECKED if entry.source.pixels_checked else NOT_CHECKED,
    }
    return facts if entry.pixel_sha256 is None else {**facts, "pixel_sha256": entry.pixel_sha256}


def _parts(small: Mapping[str, bytes], placed: _Placed) -> Iterator[bytes]:
    """Yield the archive. An instance that changed since it was digested stops the package."""
    for name, data in small.items():
        yield header(name, len(data)) + data + padding(len(data))
    for path, entry in placed:
        yield header(path, entry.size)
        digest, left = hashlib.sha256(), entry.size
        with entry.source.path.open("rb") as file:
            while left and (part := file.read(min(left, _CHUNK))):
                digest.update(part)
                left -= len(part)
                yield part
        if digest.hexdigest() != entry.source.sha256:
            raise IntegrityBroken(
                "instance-not-as-approved",
                "An instance changed while it was being packed.",
                "Nothing was written. Check the store's disk and try again.",
            )
        yield padding(entry.size)
    yield END
