"""What the caller knows about a release before it is packed. Frozen, checked on construction, free of identity."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from workbench.records.errors import UsageError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*")


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval of one preparation, as two named people made it.

    `submitted_by` and `approved_by` are the names that the manifest states, `seq` is the number of the ledger entry
    that recorded the approval. When it was, and whether one person did it alone, is taken from the proven entry.
    """

    submitted_by: str
    approved_by: str
    seq: int

    def __post_init__(self) -> None:
        """Refuse what could not be printed."""
        _lines(self.submitted_by, self.approved_by)


@dataclass(frozen=True, slots=True)
class CapsuleStudy:
    """One approved study of a release: its patient code, its prepared version and who approved it.

    `root` is `root.preparation_root` over all instances of the preparation. Instances that were held back and are not
    in the package enter it as `withheld` leaves (hex, `root.instance_leaf`), so the reader can recompute the approved
    root without learning anything else about them.
    """

    study: str
    patient_code: str
    preparation: str
    number: int
    root: str
    profile: str
    profile_version: int
    profile_digest: str
    software: str
    approvals: tuple[Approval, ...]
    withheld: tuple[str, ...] = ()
    law: str = ""
    """What the profile is made for: a code of `release.law`."""

    def __post_init__(self) -> None:
        """Refuse ids and digests of another form."""
        _ids(self.study, self.preparation)
        _digests(self.root, self.profile_digest, *self.withheld)
        _lines(self.patient_code, self.profile, self.software, self.law)
        if not self.approvals:
            raise UsageError(
                "release-not-approved",
                f"Study {self.study} has no approval.",
                "Only approved prepared versions can be released: submit it and have a second person approve it.",
            )


@dataclass(frozen=True, slots=True)
class ManifestFacts:
    """Everything in a manifest that does not come from the instances themselves.

    `recipient` names the organisation or person outside, `contact` is whom the reader calls, `receipt_secret` is what
    a receipt proves knowledge of: 32 random bytes that the caller keeps sealed.
    """

    release: str
    recipient: str
    purpose: str
    basis: str
    created: datetime
    expires: datetime
    contact: str
    software: str
    receipt_secret: bytes
    studies: tuple[CapsuleStudy, ...]
    agreement: str = ""
    """Reference of the data use agreement, where there is one."""

    def __post_init__(self) -> None:
        """Refuse an empty release, an open end or a guessable secret."""
        _ids(self.release)
        _lines(self.recipient, self.purpose, self.basis, self.contact, self.software, self.agreement)
        _aware(self.created, self.expires)
        if len(self.receipt_secret) != 32:
            raise UsageError("receipt-secret-length", "The receipt secret must have 32 random bytes.")
        names = [study.study for study in self.studies]
        if not names or len(set(names)) != len(names):
            raise UsageError("release-studies", "A release has at least one study, and each study once.")
        if self.expires <= self.created:
            raise UsageError("release-expired", "The release would expire before it exists.", "Choose a later expiry.")


@dataclass(frozen=True, slots=True)
class CapsuleInstance:
    """One verified output file to pack. `study` is the `CapsuleStudy.study` that it belongs to.

    `sha256` and `sop_instance` are what the preparation recorded and the approver signed: a file that differs is
    never packed. `pixel_sha256` is compared in the same way when given. `pixels_checked` says whether the pixels were
    looked at for burned-in identifiers; it stays false until something did.
    """

    path: Path
    study: str
    sop_instance: str
    sha256: str
    pixel_sha256: str | None = None
    pixels_checked: bool = False

    def __post_init__(self) -> None:
        """Refuse digests and UIDs of another form."""
        _digests(self.sha256)
        if len(self.sop_instance) > 64 or not _UID.fullmatch(self.sop_instance):
            raise UsageError("instance-uid-malformed", "An instance to release has a malformed SOP Instance UID.")


@dataclass(frozen=True, slots=True)
class PackageDigest:
    """What was written: digest and size of the encrypted package, digest of its manifest, and what is in it."""

    sha256: str
    size: int
    manifest_sha256: str
    studies: int
    series: int
    instances: int


def _lines(*texts: str) -> None:
    for text in texts:
        if len(text) > 1024 or not text.isprintable():
            raise UsageError(
                "release-text-malformed",
                "A text of the release is longer than 1024 characters, or has control characters.",
                "Write one line of plain text.",
            )


def _ids(*values: str) -> None:
    _all(_ID, values, "release-id-malformed", "An id of the release has characters that no id has.")


def _digests(*values: str) -> None:
    _all(_SHA256, values, "release-digest-malformed", "A digest is not a SHA-256 in lower-case hexadecimal.")


def _all(pattern: re.Pattern[str], values: Iterable[str], code: str, message: str) -> None:
    if not all(pattern.fullmatch(value) for value in values):
        raise UsageError(code, message)


def _aware(*times: datetime) -> None:
    if not all(time.utcoffset() == timedelta(0) for time in times):
        raise UsageError("release-time-not-utc", "Times of a release are aware and in UTC.")
