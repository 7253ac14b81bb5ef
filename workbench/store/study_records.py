"""What `store.studies` takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.records.states import StudyState
from workbench.store.objects import StoredObject

if TYPE_CHECKING:
    from sqlalchemy import Row

# PS3.3 C.7.3.1.1.1, defined terms of Modality (0008,0060), retired ones included
_TERMS = """
ANN AR ASMT AS AU BDUS BI BMD CD CF CFM CP CR CS CT CTPROTOCOL DD DF DG DM DMS DOC DS DX EC ECG EEG EMG EOG EPS
ES FA FID FS GM HC HD IO IOL IVOCT IVUS KER KO LEN LP LS M3D MA MG MR MS NM OAM OCT OP OPM OPR OPT OPTBSV
OPTENF OPV OSS OT PA PLAN POS PR PT PX REG RESP RF RG RTDOSE RTIMAGE RTINTENT RTPLAN RTRAD RTRECORD RTSEGANN
RTSTRUCT RWV SEG SM SMR SR SRF ST STAIN TEXTUREMAP TG US VA VF XA XAPROTOCOL XC
"""
MODALITIES = frozenset(_TERMS.split())
OTHER_MODALITY = "OTHER"
PRIVATE_SOP_CLASS = "private"


def modality_term(value: str) -> str:
    """Return a defined term as it is, anything else as `OTHER`: an input's free value may not reach a plain column."""
    term = value.strip().upper()
    return term if term in MODALITIES else OTHER_MODALITY


def public_sop_class(uid: str) -> str:
    """Return a SOP Class UID under DICOM's own root, anything else as `private`, for the same reason."""
    last = uid.removeprefix("1.2.840.10008.")
    return uid if last != uid and last.replace(".", "").isdecimal() and len(last) <= 32 else PRIVATE_SOP_CLASS


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient and what was recorded of them first."""

    id: str
    identity: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Study:
    """A study without identity. `id` is its number (`WB-000001`); counts are kept, not computed.

    `preparation` is the id of the newest one, `patient_code`, `profile`, `held_count` and `finding_count` are that
    one's; all empty while there is none.
    """

    id: str
    patient: str
    state: StudyState
    modalities: tuple[str, ...]
    series_count: int
    instance_count: int
    size: int
    quarantined_count: int
    preparation: str | None
    patient_code: str
    profile: str
    held_count: int
    finding_count: int
    received_at: datetime
    received_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class StudyPage:
    """One page of a search, the number of all that match, and how many match in each state."""

    studies: tuple[Study, ...]
    total: int
    states: Mapping[StudyState, int]


@dataclass(frozen=True, slots=True)
class Series:
    """A series without identity; `number` counts from 1 in the order of arrival."""

    id: str
    study: str
    number: int
    modality: str
    instance_count: int
    size: int


@dataclass(frozen=True, slots=True)
class NewInstance:
    """An instance to add. `source` says where it came from (sealed); `holds` are codes known at import."""

    stored: StoredObject
    sop_uid: str = field(repr=False)
    sop_class: str
    position: int
    frames: int = 1
    holds: tuple[str, ...] = ()
    source: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance as received. `sop_uid`, `sop_class`, `digest` (SHA-256 of the input) and `source` were sealed."""

    id: str
    study: str
    series: str
    position: int
    object: str
    frames: int
    holds: tuple[str, ...]
    sop_class: str
    sop_uid: str = field(repr=False)
    digest: str
    source: str = field(repr=False)


def study_of(row: "Row[Any]") -> Study:
    """Return the record of a row."""
    return Study(
        id=row.id,
        patient=row.patient,
        state=StudyState(row.state),
        modalities=tuple(row.modalities),
        series_count=row.series_count,
        instance_count=row.instance_count,
        size=row.size,
        quarantined_count=row.quarantined_count,
        preparation=row.preparation,
        patient_code=row.patient_code,
        profile=row.profile,
        held_count=row.held_count,
        finding_count=row.finding_count,
        received_at=row.received_at,
        received_by=row.received_by,
        changed_at=row.changed_at,
    )


def series_of(row: "Row[Any]") -> Series:
    """Return the record of a row."""
    return Series(
        id=row.id,
        study=row.study,
        number=row.number,
        modality=row.modality,
        instance_count=row.instance_count,
        size=row.size,
    )
