"""The two steps that every instance goes through, in folder mode and in the workbench alike.

`scan_file` reads what an input says of itself; `prepare_file` makes its output and has the sceptic look at it. Neither
raises for bad input: a refusal is part of the outcome. Both run in workers.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Protocol

from workbench.deid.engine import (
    ISSUER,
    PATIENT_ID,
    PATIENT_NAME,
    SERIES,
    SOP_CLASS,
    SOP_INSTANCE,
    STUDY,
    Deidentified,
    Engine,
)
from workbench.deid.evidence import CLEAN_DESCRIPTORS, CLEAN_PIXELS
from workbench.deid.known_values import known_values
from workbench.deid.pseudonyms import is_placeholder, patient_key
from workbench.deid.references import referenced_instances
from workbench.dicom.instance import Instance
from workbench.dicom.media import index_noted, is_directory
from workbench.dicom.parts import digest_file, write_parts
from workbench.dicom.source import Source, open_source, read_instance
from workbench.flow.pixel_findings import pixel_findings
from workbench.records.change import Change
from workbench.records.errors import WorkbenchError
from workbench.records.finding import Finding
from workbench.records.known import Known, KnownValue
from workbench.records.redaction import Redaction
from workbench.records.region import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.pixels.cleaning import Cleaned
    from workbench.pixels.examining import Examined
    from workbench.verify import Examination, Harvest, Sceptic

BIRTH_DATE: Final = 0x00100030
MODALITY: Final = 0x00080060
STUDY_DATE: Final = 0x00080020

_ACTION: Final = attrgetter("action")

_TAGS: Final = frozenset(
    {SOP_CLASS, SOP_INSTANCE, STUDY, SERIES, PATIENT_ID, ISSUER, PATIENT_NAME, BIRTH_DATE, MODALITY, STUDY_DATE},
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an input goes no further: the parts of an `InstanceRefused`, as a plain record."""

    code: str
    message: str
    hint: str

    @classmethod
    def of(cls, error: WorkbenchError) -> "Refusal":
        """Return the record of an error."""
        return cls(error.code, error.message, error.hint)


DICOMDIR: Final = Refusal.of(index_noted())
"""No failure: what a DICOMDIR names is read, and nothing of it is kept."""
DISAGREEMENT: Final = Refusal(
    "readers-disagree",
    "Two independent readers see different elements in the file.",
    "Have the source system repair the object.",
)


class Pixels(Protocol):
    """Examines the pixels of instances, and redacts them (`pixels.cleaning.Cleaning`)."""

    def clean(
        self, source: Path, scratch: Path, *, examined: "Examined | None" = None, extra: Sequence[Region] = ()
    ) -> "Cleaned":
        """Return a redacted copy in `scratch`, or the source itself, with a record of what was seen and done."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the pixels of one instance are looked at.

    `examined` is what was found before, together with the rest of its series; `extra` are regions of other sources.
    """

    pixels: Pixels
    examined: "Examined | None" = None
    extra: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """What an input says of itself. Bears identity; stays in this process and its parent.

    `patient` is the key under which instances of one patient come together, `person` what must agree among them
    (name and birth date). `harvest` is the sceptic's own reading, when asked for. `identifying` is what texts may
    repeat, when asked for.
    """

    index: int
    size: int
    sop_class: bytes
    sop_instance: bytes
    study: bytes
    series: bytes
    modality: bytes
    patient: bytes
    placeholder: bool
    person: tuple[bytes, bytes]
    harvest: "Harvest | None"
    identifying: frozenset[KnownValue] = frozenset()


@dataclass(frozen=True, slots=True)
class Prepared:
    """One instance prepared: the output is written at the path that was asked for, unless `findings` hold it back.

    `counts` counts changes by action letter, `examination` is the sceptic's, None when it was not asked. `evidence` is
    the document that the output names for its claim of cleaned text, empty when it makes none; `pixel_evidence` is that
    for cleaned pixels. `references` are the instances that the output refers to, in its own UIDs. `redaction` is what
    became of the pixels, None when nobody asked; `regions` bear identity.
    """

    index: int
    size: int
    sop_class: str
    sop_instance: str
    study: str
    series: str
    patient_code: str
    holds: tuple[str, ...]
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    changes: tuple[Change, ...]
    examination: "Examination | None"
    digest: str
    evidence: str = ""
    references: frozenset[str] = frozenset()
    pixel_evidence: str = ""
    redaction: Redaction | None = None
    regions: tuple[Region, ...] = ()


def refused(error: Exception) -> Refusal:
    """Return the refusal for whatever an input provoked. What is unexpected is named by its type only."""
    if isinstance(error, WorkbenchError):
        return Refusal.of(error)
    if isinstance(error, MemoryError):
        return Refusal(
            "memory-limit",
            "The object needs more memory than one object may take.",
            "Have an administrator look at the object.",
        )
    if isinstance(error, OSError):
        return Refusal(
            "file-not-readable",
            f"The file could not be read (operating system error {error.errno}).",
            "Check its permissions and the medium.",
        )
    return Refusal(
        "unexpected",
        f"The object provoked an error that nobody foresaw ({type(error).__name__}).",
        "Keep the object and report the code; it was not passed on.",
    )


def scan_file(
    path: Path, index: int, *, verify: bool, scratch: Path | None = None, identifying: bool = False
) -> Scan | Refusal:
    """Walk an input and, with `verify`, have the sceptic read it too; disagreement of the two is a refusal.

    `scratch` is a folder for what has to be converted before it can be read (`dicom.source`). With `identifying` the
    values are read that free text may repeat.
    """
    try:
        instance = read_instance(path, scratch=scratch, until=None if verify or identifying else SERIES)
        harvest = None
        if verify:
            from workbench.verify import harvest as read_again  # noqa: PLC0415 (folder mode must not load pydicom)

            harvest = read_again(path, index)
            if harvest.inventory != instance.inventory():
                return DISAGREEMENT
        scan = _scan(instance, index, harvest)
        return replace(scan, identifying=known_values(instance)) if identifying and isinstance(scan, Scan) else scan
    except Exception as error:  # noqa: BLE001 (one bad input must not end the run; it is refused by name)
        return refused(error)


def _scan(instance: Instance, index: int, harvest: "Harvest | None") -> Scan | Refusal:
    values = {tag: value.strip(b" \0") for tag, value in instance.values(_TAGS).items()}
    if is_directory(instance.meta):
        return DICOMDIR
    study, patient_id = values.get(STUDY, b""), values.get(PATIENT_ID, b"")
    return Scan(
        index=index,
        size=instance.size,
        sop_class=values.get(SOP_CLASS, b""),
        sop_instance=values.get(SOP_INSTANCE, b""),
        study=study,
        series=values.get(SERIES, b""),
        modality=values.get(MODALITY, b""),
        patient=patient_key(issuer=values.get(ISSUER, b""), patient_id=patient_id, study_uid=study),
        placeholder=is_placeholder(patient_id),
        person=(_name(values.get(PATIENT_NAME, b"")), values.get(BIRTH_DATE, b"")),
        harvest=harvest,
    )


def _name(value: bytes) -> bytes:
    """Return a person name without the differences that do not make another person."""
    return b"^".join(part.strip() for part in value.upper().split(b"=")[0].rstrip(b"^ ").split(b"^"))


def prepare_file(
    engine: Engine,
    source: Path,
    target: Path,
    index: int,
    *,
    sceptic: "Sceptic | None",
    person: bytes = b"",
    known: Known | None = None,
    keep_changes: bool = False,
    digest: bool = False,
    on_scan: Callable[[Scan], None] | None = None,
    look: Look | None = None,
) -> Prepared | Refusal:
    """De-identify `source` into `target` and have the sceptic examine the result.

    `person` tells apart two persons under one Patient ID, `known` is what texts may repeat (`Engine.deidentify`). An
    output with findings is removed again. With `keep_changes` the outcome carries all changes and regions, with
    `digest` the SHA-256 of the output. `on_scan` is told what the input says of itself, for a run that did not scan
    before. With `look` the pixels are examined and redacted before all else, in a copy of the source that the engine
    gets instead. What could not be looked at, or still shows something, is a finding.
    """
    try:
        with _opened(source, target.parent, look) as (opened, cleaned):
            instance = opened.walk()
            if cleaned is not None and cleaned.path != source:
                instance = _as_it_came(instance, source, target.parent)
            if on_scan is not None:
                scan = _scan(instance, index, None)
                if isinstance(scan, Refusal):
                    return scan
                on_scan(scan)
            redaction = cleaned.redaction if cleaned is not None else None
            made = engine.deidentify(instance, opened.read, person=person, known=known, redaction=redaction)
            size = write_parts(opened.descriptor, made.parts, target)
        examination = None
        findings = tuple(pixel_findings(redaction, index)) if redaction is not None else ()
        if sceptic is not None:
            examination = sceptic.examine(source, target, index, evidence=_evidence(made))
            findings += examination.findings
        output_digest = "" if findings or not digest else digest_file(target)
        if findings:
            target.unlink()
        counts = Counter(map(_ACTION, made.changes))
        return Prepared(
            index=index,
            size=size,
            sop_class=made.sop_class,
            sop_instance=made.sop_instance,
            study=made.study,
            series=made.series,
            patient_code=made.patient_code,
            holds=made.holds,
            findings=findings,
            counts={action.value: count for action, count in counts.items()},
            changes=tuple(made.changes) if keep_changes else (),
            examination=examination,
            digest=output_digest,
            evidence=made.evidence,
            references=referenced_instances(made.parts),
            pixel_evidence=made.pixel_evidence,
            redaction=redaction,
            regions=cleaned.regions if keep_changes and cleaned is not None else (),
        )
    except Exception as error:  # noqa: BLE001 (one bad input must not end the run; it is refused by name)
        target.unlink(missing_ok=True)
        return refused(error)


@contextmanager
def _opened(source: Path, scratch: Path, look: Look | None) -> "Iterator[tuple[Source, Cleaned | None]]":
    """Open what the engine gets: the source, or a copy of it with redacted pixels, which is gone with the block."""
    if look is None:
        with open_source(source, scratch=scratch) as opened:
            yield opened, None
        return
    with TemporaryDirectory(prefix=".pixels-", dir=scratch) as own:
        cleaned = look.pixels.clean(source, Path(own), examined=look.examined, extra=look.extra)
        with open_source(cleaned.path, scratch=scratch) as opened:
            yield opened, cleaned


def _as_it_came(instance: Instance, source: Path, scratch: Path) -> Instance:
    """Return a redacted copy with what surrounds the data set of its source, so that changes to that are told."""
    came = read_instance(source, scratch=scratch)
    return replace(
        instance,
        preamble=came.preamble,
        meta=came.meta,
        trailing=came.trailing,
        converted_from=came.converted_from,
    )


def _evidence(made: Deidentified) -> dict[str, bytes]:
    """Return the evidence by the code that it supports, as the sceptic wants it."""
    documents = {CLEAN_DESCRIPTORS: made.evidence, CLEAN_PIXELS: made.pixel_evidence}
    return {code: document.encode("ascii") for code, document in documents.items() if document}
