"""The report of folder mode. It names inputs by index and holds no identity, so it may travel with the outputs."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from workbench import __version__
from workbench.deid.evidence import digest, redaction_places
from workbench.dicom.parts import not_written
from workbench.flow.features import WITHOUT_FEATURES
from workbench.flow.step import Refusal
from workbench.records.finding import Finding, Note, Unknown
from workbench.records.redaction import Redaction
from workbench.records.region import RegionDecision

_STATUS: Final = {
    "limited-data-set": "limited data set (protected health information)",
    "treatment": "pseudonymised protected health information for treatment",
}
"""Law of the profile → what comes out, where that is not called de-identified (45 CFR 164.514(e), 164.506)."""

_FEATURES: Final = "pseudonymised, recognisable features possible"
"""What comes out under a law that has no room for such features: it is not called what the profile was made for."""

NOT_CHECKED: Final = "not checked"
_PIXELS: Final = {"off": NOT_CHECKED, "flag": "checked, nothing changed", "clean": "checked and cleaned"}
"""What was asked → what the report says of the pixels of the whole run."""


class State(StrEnum):
    """What became of an input."""

    WRITTEN = "written"
    HELD = "held back"
    REFUSED = "refused"
    SKIPPED = "skipped"
    """An index of other inputs (a DICOMDIR): read as such, never written, and no failure."""


@dataclass(frozen=True, slots=True)
class InstanceReport:
    """One input: where its output is, or why there is none.

    `evidence` and `pixel_evidence` are what its output names (`deid.evidence`), `references` are the instances that it
    refers to. `redaction` is what became of its pixels, None when nobody looked at them.
    """

    index: int
    state: State
    file: str = ""
    sop_class: str = ""
    may_carry_text: tuple[str, ...] = ()
    may_show_features: bool = False
    refusal: Refusal | None = None
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    size: int = 0
    evidence: str = ""
    references: frozenset[str] = frozenset()
    notes: tuple[Note, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    pixel_evidence: str = ""
    redaction: Redaction | None = None

    def document(self) -> dict[str, object]:
        """Return the record as it is written."""
        entry: dict[str, object] = {"index": self.index, "state": self.state.value}
        if self.refusal is not None:
            return {
                **entry,
                "code": self.refusal.code,
                "message": self.refusal.message,
                "next_step": self.refusal.hint,
            }
        entry |= {"sop_class": self.sop_class, "pixels": pixels_in_words(self.redaction)}
        entry |= {"may_carry_text": list(self.may_carry_text), **_seen(self.redaction)}
        if self.may_show_features:
            entry["recognisable_features"] = "possible"
        if self.findings:
            entry["privacy_issues"] = [
                {"check": item.check, "rule": item.rule, "where": item.where, "message": item.message}
                for item in self.findings
            ]
            return entry
        documents = {"evidence": self.evidence, "pixel_evidence": self.pixel_evidence}
        named = {name: digest(document) for name, document in documents.items() if document}
        return {**entry, "file": self.file, "bytes": self.size, "changes": dict(sorted(self.counts.items())), **named}


def pixels_in_words(redaction: Redaction | None) -> str:
    """Return what became of the pixels of one instance."""
    if redaction is None:
        return NOT_CHECKED
    if not redaction.complete:
        return "not all checked"
    if not redaction.frames and not redaction.changed and not redaction.kept:
        return "none"
    black = len({each.asked for each in redaction.regions} | {each.asked for each in redaction.overlays})
    if black:
        return f"{black} region{'' if black == 1 else 's'} blackened"
    found = sum(each.decision is not RegionDecision.KEEP for each in redaction.kept)
    return f"checked, {found} region{'' if found == 1 else 's'} found" if found else "checked, nothing found"


def _seen(redaction: Redaction | None) -> dict[str, object]:
    """Return where something was seen and what became of it, without what it says."""
    if redaction is None:
        return {}
    seen = redaction_places(redaction) | {"to_review": list(redaction.to_review)}
    return {key: value for key, value in seen.items() if value}


@dataclass(frozen=True, slots=True)
class FolderReport:
    """All inputs of a run, in order."""

    profile: str
    profile_digest: str
    edition: str
    verified: bool
    instances: tuple[InstanceReport, ...]
    law: str = ""
    pixels: str = "off"

    @property
    def exit_code(self) -> int:
        """0 when every input has an output (an index needs none), and the profile's law may be claimed."""
        without = any(instance.state in (State.HELD, State.REFUSED) for instance in self.instances)
        return int(without or self.law_not_claimed)

    @property
    def law_not_claimed(self) -> bool:
        """Whether the profile was made for a law that has no room for the recognisable features of some output."""
        return self.law in WITHOUT_FEATURES and any(each.file and each.may_show_features for each in self.instances)

    @property
    def totals(self) -> dict[str, int]:
        """Number of inputs by state."""
        found = Counter(instance.state.value for instance in self.instances)
        return {state.value: found[state.value] for state in State if state is not State.SKIPPED or found[state.value]}

    @property
    def status(self) -> str:
        """What the outputs are, in the words of the law that the profile was made for."""
        checked = "not approved" if self.verified else "not verified, not approved"
        if self.law_not_claimed:
            return f"{_FEATURES}, {checked}"
        return f"{_STATUS.get(self.law, 'de-identified')}, {checked}"

    @property
    def evidence(self) -> dict[str, object]:
        """The documents that the outputs name, by their digests."""
        written = [instance for instance in self.instances if instance.file]
        documents = {document for each in written for document in (each.evidence, each.pixel_evidence) if document}
        return {digest(document): json.loads(document) for document in sorted(documents)}

    @property
    def references_left_out(self) -> dict[int, int]:
        """How many references of each output lead to no output of this run, by its index; those that lead nowhere."""
        present = {instance.file.rpartition("/")[2].removesuffix(".dcm") for instance in self.instances}
        missing = {instance.index: len(instance.references - present) for instance in self.instances if instance.file}
        return {index: count for index, count in missing.items() if count}

    def document(self) -> dict[str, object]:
        """Return the report as it is written."""
        left_out = self.references_left_out
        evidence = self.evidence
        return {
            "product": f"deid-workbench {__version__}",
            "status": self.status,
            "profile": self.profile,
            "profile_digest": self.profile_digest,
            "edition": self.edition,
            "verified": self.verified,
            "pixels": _PIXELS[self.pixels],
            "totals": self.totals,
            "instances": [
                instance.document()
                | ({"references_left_out": left_out[instance.index]} if instance.index in left_out else {})
                for instance in self.instances
            ],
            **({"evidence": evidence} if evidence else {}),
            **({"notes": self._notes(), "unknowns": self._unknowns()} if self.verified else {}),
        }

    def _notes(self) -> list[dict[str, object]]:
        """Return what the verifier notes without holding anything back, equal notes together."""
        places: defaultdict[tuple[str, str, str, str], list[int]] = defaultdict(list)
        for instance in self.instances:
            for note in instance.notes:
                places[note.check, note.rule, note.where, note.message].append(instance.index)
        keys = ("check", "rule", "where", "message")
        return [{**dict(zip(keys, key, strict=True)), "instances": indexes} for key, indexes in sorted(places.items())]

    def _unknowns(self) -> list[dict[str, object]]:
        """Return what was not understood or not looked at, by name, equal entries together."""
        places: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for instance in self.instances:
            for each in dict.fromkeys(instance.unknowns):
                places[each.kind, each.name, each.where].append(instance.index)
        keys = ("kind", "name", "where")
        return [{**dict(zip(keys, key, strict=True)), "instances": indexes} for key, indexes in sorted(places.items())]

    def write(self, path: Path | None) -> None:
        """Write the report, if a path was given."""
        if path is None:
            return
        try:
            path.write_text(json.dumps(self.document(), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise not_written(error) from None
