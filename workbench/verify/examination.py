"""What the sceptic has to say of one output."""

from dataclasses import dataclass

from workbench.records.finding import Finding
from workbench.verify.judging import Loose


@dataclass(frozen=True, slots=True)
class Examination:
    """Findings of one output, and what the checks over a set need. Bears UIDs of the input: it stays in memory."""

    instance: int
    findings: tuple[Finding, ...]
    sop_instance: str
    source_sop_instance: str
    study: str
    uids: tuple[tuple[str, str], ...]
    loose: tuple[Loose, ...]
    pixels_equal: bool | None
    """None when neither has pixels."""
