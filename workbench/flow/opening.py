"""The reader's side: open a package, off-line, without a home."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.flow.home import Clock, utc_now
from workbench.records.errors import UsageError
from workbench.release.opening import Opened, open_package


@dataclass(frozen=True, slots=True)
class OpenedPackage:
    """What was opened, as a document and as lines."""

    document: dict[str, Any]
    lines: tuple[str, ...]


def open_received(
    package: Path, out: Path, *, identity: Path, trust: str = "", clock: Clock = utc_now
) -> OpenedPackage:
    """Decrypt and check a package and write its receipt.

    Raises
    ------
    IntegrityBroken
        When anything is not as the trusted key signed it; `trust-missing` without a key. Nothing in clear is left.
    UsageError
        When a key or file given cannot be used.
    """
    for name, file in (("package", package), ("identity file", identity)):
        if not file.is_file():
            raise UsageError("input-missing", f"The {name} is not there.", "Check the path that you gave.")
    opened = open_package(package, out, identity_file=identity, trust=trust or None, clock=clock)
    return OpenedPackage(_document(opened), _lines(opened))


def _document(opened: Opened) -> dict[str, Any]:
    manifest = opened.manifest
    return {
        "release": manifest.release,
        "folder": str(opened.folder),
        "receipt": str(opened.receipt),
        "studies": manifest.counts.studies,
        "instances": manifest.counts.instances,
        "expired": opened.expired,
        "single_person_approval": opened.single_person,
    }


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _lines(opened: Opened) -> tuple[str, ...]:
    counts = opened.manifest.counts
    held = f"{_count(counts.studies, 'study', 'studies')}, {_count(counts.instances, 'instance', 'instances')}"
    lines = [
        f"Record verified: release {opened.manifest.release}, {held}.",
        f"Opened in {opened.folder}. Start with README.html there.",
        f"Send the receipt back: {opened.receipt}",
    ]
    if opened.expired:
        lines.append("Note: the time of this release is over. Ask the sender before you use it.")
    if opened.single_person:
        lines.append("Note: single-person approval.")
    return tuple(lines)
