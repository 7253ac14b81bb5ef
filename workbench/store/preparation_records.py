"""What `store.preparations` takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from workbench.records.finding import Finding
from workbench.store.objects import StoredObject
from workbench.store.tables import PreparationState

if TYPE_CHECKING:
    from sqlalchemy import Row


class Outcome(StrEnum):
    """What became of one instance in a preparation."""

    READY = "ready"
    HELD = "held"
    """There is an output, but a hold must be accepted by name or a finding stands against it."""
    REFUSED = "refused"
    """There is no output."""


@dataclass(frozen=True, slots=True)
class PreparedInstance:
    """One instance of a preparation.

    `sop_uid` is the new one; `output_digest` the SHA-256 of the output; `leaf` its leaf in the preparation's tree
    (hexadecimal). `holds` are codes, `refusal` the code of the error when there is no output.
    """

    instance: str
    outcome: Outcome
    stored: StoredObject | None = None
    sop_uid: str = ""
    leaf: str = ""
    holds: tuple[str, ...] = ()
    refusal: str = ""
    changes: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesChanges:
    """The changes of one series as `flow` packed them (compressed, in clear); the store seals the blob."""

    series: str
    changes: int
    instances: int
    blob: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewPreparation:
    """A preparation to add. `facts` is whatever else `flow` wants back later (JSON types; sealed)."""

    study: str
    scope: str
    profile: str
    profile_version: int
    profile_digest: str
    edition: str
    software: str
    pixels: str
    root: str
    patient_code: str
    instances: tuple[PreparedInstance, ...]
    changes: tuple[SeriesChanges, ...]
    findings: tuple[Finding, ...] = ()
    """Findings about the set as a whole, beyond those of single instances."""
    facts: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Preparation:
    """A preparation. Everything but the state and the people is fixed when it is made."""

    id: str
    study: str
    number: int
    state: PreparationState
    scope: str
    profile: str
    profile_version: int
    profile_digest: str
    edition: str
    software: str
    pixels: str
    root: str
    patient_code: str
    instance_count: int
    output_count: int
    held_count: int
    refused_count: int
    finding_count: int
    change_count: int
    output_size: int
    made_by: str
    made_at: datetime
    submitted_by: str | None
    submitted_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    solo: bool
    """Approved by one who made or submitted it, in solo mode."""

    @property
    def involved(self) -> frozenset[str]:
        """Who may not decide on it: who made or submitted it."""
        return frozenset(person for person in (self.made_by, self.submitted_by) if person)


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """One prepared instance as read. `object` and `output_digest` are None when there is no output."""

    instance: str
    series: str
    position: int
    outcome: Outcome
    object: str | None
    output_digest: str | None
    sop_uid: str | None
    leaf: str | None
    holds: tuple[str, ...]
    refusal: str
    change_count: int
    finding_count: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Why instances of a preparation wait for acceptance by name, how many, and who accepted."""

    code: str
    instances: int
    accepted_by: str | None
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding with the instance it is about (None: the set as a whole)."""

    instance: str | None
    finding: Finding


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """How often one check found the same thing."""

    check: str
    rule: str
    message: str
    count: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A step that a person took on a study, with the reason they gave (sealed: it is free text)."""

    id: str
    study: str
    preparation: str | None
    step: str
    by: str
    at: datetime
    accepted_holds: tuple[str, ...]
    solo: bool
    reason: str = field(repr=False)


def preparation_of(row: "Row[Any]") -> Preparation:
    """Return the record of a row."""
    fields = {name: value for name, value in row._mapping.items() if name != "facts"}  # noqa: SLF001 - public API of SQLAlchemy rows
    fields["state"] = PreparationState(row.state)
    fields["solo"] = bool(row.solo)
    return Preparation(**fields)
