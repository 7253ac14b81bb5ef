"""The sceptic alone, on the output of any tool."""

import json
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
    evidence: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """Check de-identified files against their originals. Nothing is written.

    `evidence` is the report of the run that made them, which keeps the documents that their claims rest on.

    Raises
    ------
    UsageError
        `input-missing`, `evidence-not-read`.
    ProfileError
        The profile does not load.
    """
    from workbench.verify import pairing  # noqa: PLC0415 (loads pydicom)

    for path in (out, against, *(each for each in (crosswalk, evidence) if each is not None)):
        if not path.exists():
            raise UsageError("input-missing", "An input does not exist or may not be read.", "Check the paths.")
    promises = compile_plan(load(profile)).promises() if profile else None
    report = pairing.verify_folder(
        out,
        against,
        promises=promises,
        crosswalk=crosswalk,
        evidence=_documents(evidence),
        on_progress=on_progress,
    )
    return Checked(report.document(), tuple(report.lines()), report.exit_code)


def _documents(report: Path | None) -> dict[str, bytes]:
    """Return the documents of evidence that a report of `deidentify` keeps, by digest, as they were digested."""
    if report is None:
        return {}
    try:
        kept = json.loads(report.read_text(encoding="utf-8")).get("evidence", {})
        return {
            digest: json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
            for digest, document in kept.items()
        }
    except (OSError, ValueError, AttributeError, RecursionError):
        raise UsageError(
            "evidence-not-read",
            "The report with the evidence cannot be read.",
            "Give the file that `workbench deidentify --report` wrote for these outputs.",
        ) from None
