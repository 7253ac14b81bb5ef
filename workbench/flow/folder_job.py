"""What a run of folder mode is asked for, and what of it can't be done."""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from workbench.flow.pool import Bounds
from workbench.records.errors import UsageError

if TYPE_CHECKING:
    from workbench.pixels.region_rules import DeviceRule

PixelMode = Literal["off", "flag", "clean"]


@dataclass(frozen=True, slots=True)
class FolderJob:
    """What the user asked for.

    `key_file` holds the key of the pseudonyms; without it a random key is used for this run and thrown away. `pixels`
    is `off`, `flag` or `clean`, None for what the profile says. `pixel_rules` is a file of rules of the site for
    burned-in text. `bounds` are those of one worker; None for those that the work needs.
    """

    source: tuple[Path, ...]
    target: Path
    profile: str = "basic"
    pixels: PixelMode | None = None
    verify: bool = True
    jobs: int = 1
    report: Path | None = None
    crosswalk: Path | None = None
    key_file: Path | None = None
    bounds: Bounds | None = None
    pixel_rules: Path | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `stage` is `reading`, `looking` or `de-identifying`; counts are instances.

    `frames` are those that were seen so far, while it looks at pixels.
    """

    stage: str
    done: int
    total: int
    frames: int = 0


OnProgress = Callable[[Progress], None]


def check(job: FolderJob) -> None:
    """Refuse a job that can't be done as it is asked.

    Raises
    ------
    UsageError
        `pixels-wrong`, `jobs-wrong`, `input-missing`, `output-inside-input`, `crosswalk-exists`,
        `report-not-writable`, `report-covers-input` or `output-not-empty`.
    """
    if job.pixels not in (None, *get_args(PixelMode)):
        raise UsageError("pixels-wrong", "There is no such way to treat pixels.", "Use off, flag or clean.")
    if job.jobs < 1:
        raise UsageError("jobs-wrong", "The number of jobs must be at least 1.", "Use --jobs 1 or more.")
    target = job.target.resolve()
    for source in job.source:
        if not source.exists():
            raise UsageError("input-missing", "An input does not exist or may not be read.", "Check the path.")
        given = source.resolve()
        if given.is_dir() and (target == given or given in target.parents or target in given.parents):
            raise UsageError(
                "output-inside-input",
                "Input and output folder lie within each other.",
                "Choose an output folder elsewhere.",
            )
    if job.crosswalk is not None and job.crosswalk.exists():
        raise UsageError(
            "crosswalk-exists",
            "The crosswalk file exists already.",
            "Choose a new name: a crosswalk is never overwritten, for nothing could bring it back.",
        )
    _check_report(job)
    if job.target.exists() and (not job.target.is_dir() or any(job.target.iterdir())):
        raise UsageError(
            "output-not-empty",
            "The output folder exists and is not empty.",
            "Choose a new folder: nothing is overwritten.",
        )


def _check_report(job: FolderJob) -> None:
    """Refuse a place for the report where it could not be written after a run of hours, or would cover an input."""
    if job.report is None:
        return
    report, target = job.report.resolve(), job.target.resolve()
    folder = report.parent
    made_later = folder == target and not target.exists()
    writable = os.access(report, os.W_OK) if report.exists() else os.access(folder, os.W_OK | os.X_OK)
    if report.is_dir() or not (made_later or (folder.is_dir() and writable)):
        raise UsageError(
            "report-not-writable",
            "The report cannot be written where --report says.",
            "Give the path of a file in a folder that exists and that you may write to.",
        )
    sources = [source.resolve() for source in job.source]
    if report.exists() and any(report == source or source in report.parents for source in sources):
        raise UsageError(
            "report-covers-input",
            "The report would be written over a file of the input.",
            "Choose another path: inputs are never changed.",
        )


def key_of(path: Path | None) -> bytes:
    """Return the key of the pseudonyms, or a random one.

    Raises
    ------
    UsageError
        `key-file-not-readable` or `key-file-too-short`.
    """
    if path is None:
        return secrets.token_bytes(32)
    try:
        key = path.read_bytes().strip()
    except OSError:
        raise UsageError("key-file-not-readable", "The key file may not be read.", "Check the path.") from None
    if len(key) < 32:
        raise UsageError(
            "key-file-too-short",
            "The key file holds fewer than 32 bytes.",
            "Make one with: head -c 32 /dev/urandom | base64 > key",
        )
    return key


def site_rules(job: FolderJob, pixels: str) -> "tuple[DeviceRule, ...]":
    """Return the rules of the site for burned-in text.

    Raises
    ------
    UsageError
        `pixel-rules-unused`: nobody looks at pixels; or what `load_rules` raises.
    """
    if job.pixel_rules is None:
        return ()
    if pixels == "off":
        raise UsageError(
            "pixel-rules-unused",
            "There are rules for burned-in text, but pixels are not looked at.",
            "Use --pixels clean, or leave --pixel-rules out.",
        )
    from workbench.flow.rule_files import load_rules  # noqa: PLC0415 (loads numpy)

    return load_rules(job.pixel_rules)
