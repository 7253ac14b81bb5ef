"""A sender, a reader and real instances for the tests of releases."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pydicom
import pyrage

from workbench.audit.canon import canonical
from workbench.audit.checkpoint import Checkpoint
from workbench.audit.events import StudyApproved
from workbench.audit.merkle import CompactRange, inclusion_proof, leaf_hash
from workbench.audit.note import NoteSigner
from workbench.audit.proof import write_proof
from workbench.release.capsule import build_package
from workbench.release.facts import Approval, CapsuleInstance, CapsuleStudy, ManifestFacts, PackageDigest
from workbench.release.opening import Opened, open_package
from workbench.release.root import instance_leaf, preparation_root

FILES = Path(pydicom.__file__).parent / "data" / "test_files"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SECRET = bytes(range(32))
KINDS = {
    "ct": "CT_small.dcm",
    "mr": "MR_small_implicit.dcm",
    "mr-jpegls": "MR_small_jpeg_ls_lossless.dcm",
    "sr": "test-SR.dcm",
    "enhanced": "liver_1frame.dcm",
    "rt-plan": "rtplan.dcm",
    "rt-dose": "rtdose_1frame.dcm",
    "sc": "SC_rgb_jpeg_dcmtk.dcm",
    "waveform": "waveform_ecg.dcm",
}


def pick(kind: str, target: Path, **changes: Any) -> Path:
    """Copy a real file as de-identification leaves it: no dates, no Study ID, UIDs and Patient ID of its own."""
    dataset = pydicom.dcmread(FILES / KINDS[kind])
    dataset.StudyDate = dataset.StudyTime = dataset.StudyID = dataset.AccessionNumber = ""
    dataset.PatientID = dataset.PatientName = f"P-{kind}"
    dataset.StudyInstanceUID = uid("study", kind)
    dataset.SeriesInstanceUID = uid("series", kind)
    dataset.SOPInstanceUID = uid("instance", target.name)
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.save_as(target)
    return target


def uid(*parts: str) -> str:
    """Make a UID from words."""
    digest = hashlib.sha256("/".join(parts).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def capsule_instance(path: Path, study: str) -> CapsuleInstance:
    """Describe a file as its preparation recorded it."""
    header = pydicom.dcmread(path, stop_before_pixels=True, force=True)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return CapsuleInstance(path, study, str(header.SOPInstanceUID), digest)


def capsule_study(study: str, instances: list[CapsuleInstance], *, seq: int, **changes: Any) -> CapsuleStudy:
    """Describe a study as it was approved."""
    leaves = [instance_leaf(sop_instance=each.sop_instance, sha256=each.sha256) for each in instances]
    whole = CapsuleStudy(
        study=study,
        patient_code=f"P-{study}",
        preparation=f"PR-{seq:06}",
        number=1,
        root=preparation_root(leaves),
        profile="basic",
        profile_version=1,
        profile_digest="ab" * 32,
        software="0.1.0",
        approvals=(Approval("Ada Technician", "Olga Officer", seq),),
    )
    return replace(whole, **changes)


class Log:
    """An audit log in memory, with the entries that the tests ask for."""

    def __init__(self, signer: NoteSigner) -> None:
        self.signer = signer
        self.bodies: list[bytes] = [self._body(0, "home.init", {})]

    def approve(self, study: CapsuleStudy, **changes: Any) -> None:
        """Append the approval of a study at the place that its approval names."""
        seq = study.approvals[-1].seq
        while len(self.bodies) < seq:
            self.bodies.append(self._body(len(self.bodies), "home.started", {}))
        kind = changes.pop("kind", StudyApproved.kind)
        actor = changes.pop("actor", "ac" * 8)
        event = StudyApproved(
            study=study.study,
            preparation=study.preparation,
            root=study.root,
            profile_digest=study.profile_digest,
            prepared_by="aa" * 8,
            submitted_by="ab" * 8,
            instances=1,
            accepted={},
        )
        self.bodies.append(self._body(seq, kind, {**event.data(), **changes}, actor=actor))

    def proof(self, seq: int) -> str:
        """Prove an entry under a checkpoint of now."""
        leaves = [leaf_hash(body) for body in self.bodies]
        tree = CompactRange()
        for leaf in leaves:
            tree, _ = tree.append(leaf)
        note = self.signer.sign(Checkpoint(self.signer.vkey.name, tree.size, tree.root()).text())
        path = inclusion_proof(seq, tree.size, lambda level, index: _node(leaves, level, index))
        return write_proof(index=seq, path=path, note=note, body=self.bodies[seq])

    def _body(self, seq: int, kind: str, data: dict[str, Any], *, actor: str = "system") -> bytes:
        at = (NOW + timedelta(seconds=seq)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return canonical({"v": 1, "seq": seq, "at": at, "kind": kind, "actor": {"id": actor}, "data": data})


def _node(leaves: list[bytes], level: int, index: int) -> bytes:
    tree = CompactRange()
    for leaf in leaves[index << level : (index + 1) << level]:
        tree, _ = tree.append(leaf)
    return tree.root()


@dataclass
class House:
    """A sender with a signing key and a log, a reader with an age key, and a release of some instances."""

    folder: Path
    instances: list[CapsuleInstance] = field(default_factory=list)
    studies: list[CapsuleStudy] = field(default_factory=list)
    signer: NoteSigner = field(default_factory=lambda: NoteSigner("hospital.example/log", bytes([7]) * 32))
    reader: Any = field(default_factory=pyrage.x25519.Identity.generate)

    def __post_init__(self) -> None:
        self.log = Log(self.signer)
        self.identity_file = self.folder / "key.txt"
        self.identity_file.write_text(f"# created: 2026\n# public key: {self.reader.to_public()}\n{self.reader}\n")
        self.place = self.folder / "place"
        self.place.mkdir()

    @property
    def package(self) -> Path:
        return self.place / "release.age"

    @property
    def out(self) -> Path:
        return self.place / "opened"

    @property
    def trust(self) -> str:
        return str(self.signer.vkey)

    def add(
        self, study: str, paths: list[Path], *, changes: dict[str, Any] | None = None, **study_changes: Any
    ) -> None:
        """Take files into the release as one study, approved in the log."""
        instances = [capsule_instance(path, study) for path in paths]
        described = capsule_study(study, instances, seq=3 + 2 * len(self.studies), **study_changes)
        self.log.approve(described, **(changes or {}))
        self.instances += instances
        self.studies.append(described)

    def facts(self, **changes: Any) -> ManifestFacts:
        facts = ManifestFacts(
            release="RL-000042",
            recipient="Teleradiology Partners",
            purpose="second reading",
            basis="treatment",
            created=NOW,
            expires=NOW + timedelta(days=30),
            contact="the image desk, +49 30 000000",
            software="0.1.0",
            receipt_secret=SECRET,
            studies=tuple(self.studies),
        )
        return replace(facts, **changes)

    def build(self, **changes: Any) -> PackageDigest:
        arguments: dict[str, Any] = {
            "instances": self.instances,
            "manifest": self.facts(),
            "recipient_key": str(self.reader.to_public()),
            "signer": self.signer,
            "proofs": {study.approvals[-1].seq: self.log.proof(study.approvals[-1].seq) for study in self.studies},
        }
        return build_package(self.package, **{**arguments, **changes})

    def open(
        self, *, trust: str | None = "", identity_file: Path | None = None, clock: Callable[[], datetime] = lambda: NOW
    ) -> Opened:
        return open_package(
            self.package,
            self.out,
            identity_file=identity_file or self.identity_file,
            trust=self.trust if trust == "" else trust,
            clock=clock,
        )

    def archive(self) -> bytes:
        """Decrypt the package with the reader's key."""
        return bytes(pyrage.decrypt(self.package.read_bytes(), [self.reader]))

    def wrap(self, archive: bytes) -> None:
        """Write a package around any archive: what everybody with the reader's public key can do."""
        self.package.write_bytes(pyrage.encrypt(archive, [self.reader.to_public()]))

    def leftovers(self) -> list[str]:
        """Name everything in the place of package and output, but the package."""
        return sorted(str(path.relative_to(self.place)) for path in self.place.rglob("*") if path != self.package)


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every file."""
    for top, _, names in os.walk(folder):
        for name in names:
            path = Path(top) / name
            yield str(path.relative_to(folder)), path.read_bytes()
