"""The engine: a plan applied to one instance. Pure: bytes in, parts and Changes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workbench.deid import documents, rules
from workbench.deid import holds as holding
from workbench.deid import payload as pixels
from workbench.deid.checks import SIZES
from workbench.deid.claims import (
    DERIVATION,
    METHOD,
    METHOD_CODES,
    NO_FORMER,
    ORIGIN,
    Claim,
    Former,
    claims,
    derivation,
    former_claims,
)
from workbench.deid.evidence import CLEAN_DESCRIPTORS, CLEAN_PIXELS, document, method_value, redaction_document
from workbench.deid.faces import anatomy_of
from workbench.deid.free_text import FreeText, Words
from workbench.deid.known_values import known_values
from workbench.deid.own_values import TAGS as OWN_TAGS
from workbench.deid.own_values import own_values
from workbench.deid.private import PrivateRules
from workbench.deid.pseudonyms import PatientPseudonyms, PseudonymSource, patient_key, with_person
from workbench.deid.rules import Level
from workbench.deid.transform import Transform
from workbench.dicom.elements import PIXEL_DATA, Element, refuse
from workbench.dicom.encode import element as encode
from workbench.dicom.encode import file_meta, header
from workbench.dicom.instance import Instance, Read
from workbench.dicom.parts import Part, Range
from workbench.profiles.plan import Plan
from workbench.records.action import Action
from workbench.records.change import Change
from workbench.records.known import Known
from workbench.records.redaction import Redaction
from workbench.standard.sop_classes import is_private, is_storage

SYNTAX: Final = 0x00020010
SOP_CLASS: Final = 0x00080016
SOP_INSTANCE: Final = 0x00080018
ACCESSION: Final = 0x00080050
PATIENT_NAME: Final = 0x00100010
PATIENT_ID: Final = 0x00100020
ISSUER: Final = 0x00100021
STUDY: Final = 0x0020000D
SERIES: Final = 0x0020000E
STUDY_ID: Final = 0x00200010
DOCUMENT: Final = 0x00420011
MIME_TYPE: Final = 0x00420012
DOCUMENT_LENGTH: Final = 0x00420015

_TAGS: Final = (
    frozenset({SOP_CLASS, SOP_INSTANCE, ACCESSION, PATIENT_ID, ISSUER, STUDY, SERIES, STUDY_ID, MIME_TYPE})
    | holding.TAGS
    | pixels.TAGS
    | OWN_TAGS
)
AUDIO: Final = "1.2.840.10008.5.1.4.1.1.9.4."
"""Basic Voice and General Audio Waveform Storage. A voice is a biometric identifier (45 CFR 164.514(b)(2)(i)(P))."""

_OWN_UIDS: Final = (SOP_CLASS, SOP_INSTANCE, STUDY, SERIES)
_UNDEFINED: Final = 0xFFFFFFFF
_SHORT_HEADER: Final = 8
"""Bytes before the value of an element whose VR is a short one, in either syntax."""
_KEPT: Final = (rules.KEEP, rules.CHECK)

_PENDING: Final = b"the method, when its evidence is known"
"""Stands where De-identification Method will: what it names is known only when all text has been seen."""

_MOST_PATIENTS: Final = 8
"""Cleaners that are kept: a worker goes through the patients one by one."""


@dataclass(frozen=True, slots=True)
class Deidentified:
    """The outcome for one instance.

    `parts` make the whole output file. `holds` are the reasons to wait for an acceptance by name. The UIDs and the
    patient code are those of the output. `changes` bear identity. `evidence` is the document that the output names
    for a claim that nobody can check otherwise (`evidence.document`), empty when there is no such claim;
    `pixel_evidence` is that for cleaned pixels (`evidence.redaction_document`).
    """

    parts: list[Part]
    changes: list[Change]
    holds: tuple[str, ...]
    sop_class: str
    sop_instance: str
    study: str
    series: str
    patient_code: str
    evidence: str = ""
    pixel_evidence: str = ""


class Engine:
    """Applies one plan under one set of pseudonyms. It keeps what it compiled; results do not depend on what it saw."""

    def __init__(self, plan: Plan, pseudonyms: PseudonymSource) -> None:
        self._plan = plan
        self._pseudonyms = pseudonyms
        self._levels: dict[str, Level] = {}
        self._claims: dict[bool, dict[int, Claim]] = {}
        self._private = PrivateRules(plan) if plan.keeps_private else None
        self._words: dict[Known, Words] = {}
        self._needs_evidence = plan.cleans_text and any(code.value == CLEAN_DESCRIPTORS for code in plan.codes)

    def deidentify(
        self,
        instance: Instance,
        read: Read,
        *,
        person: bytes = b"",
        known: Known | None = None,
        redaction: Redaction | None = None,
    ) -> Deidentified:
        """Return what the output consists of.

        `person` is part of the patient's pseudonym; it tells apart two persons who came under one Patient ID. `known`
        is what texts are searched for, when the plan cleans any: the identifying values of all instances of the
        patient, and those that the whole run shares. Without it only what this instance holds is known. `redaction`
        is what became of the pixels before; the output claims that they were cleaned when all of them were.

        Raises
        ------
        InstanceRefused
            When the plan can't be applied: a private or unknown SOP class, no identity of its own, a document that is
            not a PDF, pixel data that contradict the header, a patient for whom no pseudonym was drawn.
        """
        values = instance.values(_TAGS)
        facts = {tag: value.strip(b" \0") for tag, value in values.items()}
        sop_class = _check(instance, facts)
        level = self._levels.get(sop_class)
        if level is None:
            level = self._levels[sop_class] = Level(self._plan.for_sop_class(sop_class), ())
        issuer, patient_id = facts.get(ISSUER, b""), facts.get(PATIENT_ID, b"")
        patient = patient_key(issuer=issuer, patient_id=patient_id, study_uid=facts[STUDY])
        patient = with_person(patient, person)
        pseudonyms = self._pseudonyms.of(patient)
        codes = self._codes(pseudonyms, facts, patient)
        changes = _around(instance)
        transform = Transform(
            instance.buffer,
            explicit=instance.explicit,
            plan=self._plan,
            pseudonyms=pseudonyms,
            codes=codes,
            changes=changes,
            own=own_values(values, instance.persons()),
            text=self._free_text(instance, known, changes),
            private=self._private,
        )
        given = self._given(instance, read, values, transform, level)
        former = self._former(instance, transform)
        pixel_evidence = redaction_document(redaction) if redaction is not None and redaction.cleaned else ""
        named = [method_value(pixel_evidence, CLEAN_PIXELS)] if pixel_evidence else []
        said = self._said(instance.explicit, former, named)
        if redaction is not None and redaction.changed:
            said = {**said, DERIVATION: self._derivation(instance, transform, level)}
        if self._needs_evidence:
            said = {**said, METHOD: Claim(_PENDING, b"")}
        for tag, claim in said.items():
            given[tag] = [claim.element]
        out: list[Part] = []
        transform.elements(instance.elements, level, (), out, given)
        evidence = ""
        if transform.text is not None and self._needs_evidence:
            from workbench.text.cleaner import fingerprint  # noqa: PLC0415 (see _free_text)

            evidence = document(fingerprint(), transform.text.places)
            method = self._claimed(instance.explicit, former, [*named, method_value(evidence)])[METHOD]
            said = {**said, METHOD: method}
            out[next(at for at, part in enumerate(out) if part is _PENDING)] = method.element
        _enter_claims(said, instance, transform)
        own = {tag: _own_uid(level, pseudonyms, tag, facts[tag]) for tag in (SOP_INSTANCE, STUDY, SERIES)}
        meta = file_meta(sop_class=facts[SOP_CLASS], sop_instance=own[SOP_INSTANCE], syntax=instance.syntax)
        return Deidentified(
            parts=_joined([meta, *out]),
            changes=changes,
            holds=holding.holds(values, cleans_text=self._plan.cleans_text, anatomy=anatomy_of(instance)),
            sop_class=sop_class,
            sop_instance=own[SOP_INSTANCE].decode(),
            study=own[STUDY].decode(),
            series=own[SERIES].decode(),
            patient_code=codes["patient"].decode(),
            evidence=evidence,
            pixel_evidence=pixel_evidence,
        )

    def _codes(self, pseudonyms: PatientPseudonyms, facts: Mapping[int, bytes], patient: bytes) -> dict[str, bytes]:
        code, issuer = pseudonyms.code, facts.get(ISSUER, b"")
        codes = {"patient": code("patient", patient, self._plan.patient.prefix)}
        for kind, tag in (("study", STUDY_ID), ("accession", ACCESSION)):
            original = facts.get(tag, b"")
            codes[kind] = code(kind, issuer + b"\0" + original) if original else b""
        return codes

    def _free_text(self, instance: Instance, known: Known | None, changes: list[Change]) -> FreeText | None:
        """Return what cleans the texts of this instance; None when the plan cleans none."""
        if not self._plan.cleans_text:
            return None
        if known is None:
            known = Known(known_values(instance))
        words = self._words.get(known)
        if words is None:
            from workbench.text.cleaner import Cleaner  # noqa: PLC0415 (its vocabulary costs start-up)

            if len(self._words) >= _MOST_PATIENTS:
                self._words.clear()
            words = self._words[known] = Words(Cleaner, known)
        return FreeText(words, instance.buffer, instance.elements, changes)

    def _given(
        self,
        instance: Instance,
        read: Read,
        values: Mapping[int, bytes],
        transform: Transform,
        level: Level,
    ) -> dict[int, list[Part]]:
        """Return the elements that do not come out of the inner loop: payloads, a missing patient, a document."""
        explicit = instance.explicit
        given: dict[int, list[Part]] = {}
        present = instance.by_tag
        if DOCUMENT in present:
            documents.check_document(values.get(SOP_CLASS, b""), values.get(MIME_TYPE, b""))
            given |= self._document(instance, read, transform, level)
        for tag in pixels.FLOATING & present.keys():
            op = level.ops.get((tag, present[tag][1])) or level.compile(tag, present[tag][1])
            if op.kind in _KEPT and (trimmed := pixels.trimmed(instance, values, present[tag])):
                given[tag] = trimmed.parts
                transform.changes += trimmed.changes
        for tag in instance.payloads:
            if tag in given:
                continue
            given[tag] = self._payload(
                instance=instance,
                read=read,
                values=values,
                transform=transform,
                level=level,
                element=instance.by_tag[tag],
                given=given,
            )
        for tag, vr in ((PATIENT_NAME, b"PN"), (PATIENT_ID, b"LO")):
            op = level.ops.get((tag, vr)) or level.compile(tag, vr)
            if tag not in present and op.kind == rules.CODE:
                code = transform.code("patient")
                given[tag] = [encode(tag, vr, code, explicit=explicit)]
                transform.changes.append(Change((tag,), Action.CODE, op.origin, None, code))
        return given

    def _document(self, instance: Instance, read: Read, transform: Transform, level: Level) -> dict[int, list[Part]]:
        """Return what stands for an encapsulated document; where text was to be cleaned, tell what it held."""
        given: dict[int, list[Part]] = {DOCUMENT_LENGTH: []}
        op = level.ops.get((DOCUMENT, b"OB")) or level.compile(DOCUMENT, b"OB")
        if self._plan.cleans_text and op.kind == rules.SPECIAL:
            found = documents.search_instance(instance, read)
            given[DOCUMENT] = [encode(DOCUMENT, b"OB", op.value, explicit=instance.explicit)]
            origin = f"{op.origin}; a blank page for {found.words()}"
            transform.changes.append(Change((DOCUMENT,), op.action, origin, b"", op.value))
        return given

    def _former(self, instance: Instance, transform: Transform) -> Former:
        """Return what a former de-identifier claimed and may go on claiming; its words pass the check of all text."""
        if METHOD not in instance.by_tag and METHOD_CODES not in instance.by_tag:
            return NO_FORMER
        former = former_claims(instance)
        return former._replace(methods=tuple(filter(None, map(transform.checked_method, former.methods))))

    def _derivation(self, instance: Instance, transform: Transform, level: Level) -> Claim:
        """Return the Derivation Description of a redacted image, with what the plan leaves of it."""
        before, told = instance.by_tag.get(DERIVATION), len(transform.changes)
        out: list[Part] = []
        if before is not None:
            transform.elements([before], level, (), out)
        del transform.changes[told:]  # it is told with the claims
        written = b"".join(part for part in out if isinstance(part, bytes))
        return derivation(written[_SHORT_HEADER:], explicit=instance.explicit)

    def _said(self, explicit: bool, former: Former, evidence: list[str]) -> dict[int, Claim]:  # noqa: FBT001 (one of two syntaxes)
        """Return the claims of an output; most instances without evidence make the same."""
        if former != NO_FORMER or evidence:
            return self._claimed(explicit, former, evidence)
        found = self._claims.get(explicit)
        if found is None:
            found = self._claims[explicit] = claims(self._plan, explicit=explicit)
        return found

    def _claimed(self, explicit: bool, former: Former, evidence: list[str]) -> dict[int, Claim]:  # noqa: FBT001 (as above)
        pixels = any(value.startswith(CLEAN_PIXELS) for value in evidence)
        return claims(self._plan, explicit=explicit, former=former, evidence=evidence, pixels=pixels)

    def _payload(
        self,
        *,
        instance: Instance,
        read: Read,
        values: Mapping[int, bytes],
        transform: Transform,
        level: Level,
        element: Element,
        given: dict[int, list[Part]],
    ) -> list[Part]:
        """Return an element whose value stays in the file."""
        tag, vr, _start, _value, length, _items = element
        op = level.ops.get((tag, vr)) or level.compile(tag, vr)
        fits = op.kind == rules.CHECK and op.vr in SIZES and not length % SIZES[op.vr]
        if op.kind != rules.KEEP and not fits:
            return [transform.apply(op, element, level)]
        written = op.vr if vr in (b"", b"UN") else vr
        if tag != PIXEL_DATA:
            head = header(tag, written, length + (length & 1), explicit=instance.explicit)
            return [head, Range(*instance.payloads[tag]), *([b"\0"] if length & 1 else [])]
        plan = pixels.plan_pixels(instance, read, values, element)
        transform.changes += plan.changes
        for other, value in plan.replaced.items():
            given[other] = [encode(other, b"OV", value, explicit=instance.explicit)] if value else []
        size = _UNDEFINED if plan.length < 0 else plan.length + (plan.length & 1)
        head = header(tag, written, size, explicit=instance.explicit)
        return [head, *plan.parts, *([b"\0"] if plan.length > 0 and plan.length & 1 else [])]


def _check(instance: Instance, facts: Mapping[int, bytes]) -> str:
    """Return the SOP class of an instance that can be de-identified; refuse others."""
    sop_class = facts.get(SOP_CLASS, b"").decode("latin-1")
    by_tag = instance.by_tag
    if not all(facts.get(tag) and b"\\" not in facts[tag] and by_tag[tag][1] == b"UI" for tag in _OWN_UIDS):
        raise refuse(
            "instance-without-identity",
            "The object lacks the UIDs that every instance must have.",
            "Have the source system repair the object.",
        )
    if is_private(sop_class):
        raise refuse(
            "sop-class-private",
            "The object is of a private SOP class, for which the standard defines no de-identification.",
            "Leave it out, or have the vendor export it as a standard object.",
        )
    if sop_class.startswith(AUDIO):
        raise refuse(
            "audio-not-supported",
            "The object holds recorded sound, in which a person may be heard and named.",
            "Leave the object out: this version can't clean sound.",
        )
    if not is_storage(sop_class):
        raise refuse(
            "sop-class-unknown",
            "The object is of a SOP class that is not known as one for storage.",
            "Leave it out, or wait for a version that knows it.",
        )
    return sop_class


def _enter_claims(said: Mapping[int, Claim], instance: Instance, transform: Transform) -> None:
    """Record the claims as changes, where the input did not say the same."""
    for tag, claim in said.items():
        before = transform.before(instance.by_tag[tag]) if tag in instance.by_tag else None
        if before is None or before.strip(b" \0") != claim.value:
            transform.changes.append(Change((tag,), Action.SET, ORIGIN, before, claim.value))


def _own_uid(level: Level, pseudonyms: PatientPseudonyms, tag: int, original: bytes) -> bytes:
    """Return a UID of the instance as the output has it."""
    op = level.ops.get((tag, b"UI")) or level.compile(tag, b"UI")
    return original if op.kind == rules.CHECK and rules.stays(op, original) else pseudonyms.uid(original)


def _around(instance: Instance) -> list[Change]:
    """Return the changes to what surrounds the data set."""
    changes = []
    if instance.preamble.strip(b"\0"):
        changes.append(Change((), Action.REMOVE, "structure preamble", instance.preamble, None))
    if instance.meta:
        changes.append(Change((), Action.REMOVE, "structure file meta rebuilt", b"", None))
    if instance.converted_from:
        before, after = instance.converted_from.encode(), instance.syntax.encode()
        changes.append(Change((SYNTAX,), Action.SET, "structure transfer syntax", before, after))
    if instance.trailing:
        changes.append(Change((), Action.REMOVE, "structure trailing bytes", b"", None))
    return changes


def _joined(parts: list[Part]) -> list[Part]:
    """Merge neighbouring bytes, so that a file is written with few calls."""
    merged: list[Part] = []
    pending: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            pending.append(part)
            continue
        merged += [b"".join(pending), part]
        pending = []
    return [*merged, b"".join(pending)] if pending else merged
