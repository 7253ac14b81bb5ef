"""What the sceptic has to say of one output."""

from dataclasses import dataclass
from typing import NamedTuple

from workbench.records.finding import Finding, Note, Unknown
from workbench.verify.days import Move
from workbench.verify.judging import Loose


class Subject(NamedTuple):
    """Who an input is of, as it says itself, and the code in its output. Bears identity."""

    key: tuple[str, str]
    """Issuer of Patient ID and Patient ID."""
    person: tuple[str, str]
    """Patient's Name, folded, and birth date."""
    code: str
    """Patient ID of the output."""


NOBODY = Subject(("", ""), ("", ""), "")


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
    """Whether all stored values are those of the input, so that nothing was blackened; None when neither has pixels."""
    notes: tuple[Note, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    subject: Subject = NOBODY
    dates: str = "removed"
    moves: frozenset[Move] = frozenset()
    study_day: Move | None = None
    """Study Date of input and output, where both name a day."""
    sop_class: str = ""
    lost: tuple[str, ...] = ()
    """Instances that the input refers to and the output does not."""
