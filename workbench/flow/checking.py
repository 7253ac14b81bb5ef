"""The sceptic alone, on the output of any tool."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.profiles import compile_plan, load
from workbench.records.errors import UsageError


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to, as a document and as lines."""

    document: Any
    lines: tuple[str, ...]
    exit_code: int


def verify_folder(
    out: Path,
    against: Path,
    *,
    profile: str = "",
    crosswalk: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """Check de-identified files against their originals. Nothing is written.

    Raises
    ------
    UsageError
        `input-missing`.
    ProfileError
        The profile does not load.
    """
    from workbench.verify import pairing  # noqa: PLC0415 (loads pydicom)

    for path in (out, against, *(() if crosswalk is None else (crosswalk,))):
        if not path.exists():
            raise UsageError("input-missing", "An input does not exist or may not be read.", "Check the paths.")
    promises = compile_plan(load(profile)).promises() if profile else None
    report = pairing.verify_folder(out, against, promises=promises, crosswalk=crosswalk, on_progress=on_progress)
    return Checked(report.document(), tuple(report.lines()), report.exit_code)
