"""The compiled plan: one rule for each place in a data set.

Order of decision, each step recorded in the origin of the rule: structure → row of Table E.1-1 → options → sections of
the profile → rules of the profile (most specific path wins, later wins among equals) → type in the IOD → conformity
guard.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from workbench.profiles.model import VERBS, PatientMode, ProfileRule, Unlisted
from workbench.profiles.resolution import needed, resolve
from workbench.profiles.unlisted import consistent, rule_for, structural
from workbench.records.action import Action
from workbench.records.code import Code
from workbench.records.path import format_tag
from workbench.records.promise import Promises
from workbench.records.rule import Rule
from workbench.standard import iod
from workbench.standard.dictionary import vr_of
from workbench.standard.table import ROWS

OPTION_WORDS = {
    "retain_safe_private": "RetainSafePrivate",
    "retain_uids": "RetainUIDs",
    "retain_device_identity": "RetainDeviceIdentity",
    "retain_institution_identity": "RetainInstitutionIdentity",
    "retain_patient_characteristics": "RetainPatientCharacteristics",
    "retain_longitudinal_full_dates": "RetainLongitudinalFullDates",
    "retain_longitudinal_modified_dates": "RetainLongitudinalModifiedDates",
    "clean_descriptors": "CleanDescriptors",
    "clean_structured_content": "CleanStructuredContent",
    "clean_graphics": "CleanGraphics",
    "clean_pixel_data": "CleanPixelData",
    "clean_recognizable_visual_features": "CleanRecognizableVisualFeatures",
}
"""Name of an option → the word that origins carry."""

_PATIENT_PLACES: dict[tuple[int, ...], tuple[str, str]] = {
    (0x00100020,): ("id", "patient"),
    (0x00100010,): ("name", "patient"),
    (0x00200010,): ("study_id", "study"),
    (0x00080050,): ("accession", "accession"),
}
"""Places at the top of the data set that the section `patient` governs → field of PatientMode, kind of pseudonym."""

_WORDS = {"id": "patient id", "name": "patient name", "study_id": "study id", "accession": "accession number"}
_DATE_VRS = {"DA", "TM", "DT"}
_CARRIES_VALUE = {Action.KEEP, Action.CHECK, Action.CLEAN, Action.REMAP, Action.CODE, Action.SET}


class Decision(NamedTuple):
    """What is decided before the type is known. `fixed` decisions hold whatever the type."""

    code: str
    origin: str
    why: str = ""
    text: str = ""
    kind: str = ""
    fixed: bool = False


_CHARACTER_SET = 0x00080005


@dataclass(frozen=True, slots=True)
class Plan:
    """A profile, compiled. Frozen and free of any state, so that it may be shared and sent to workers.

    `digest` is the SHA-256 over the canonical lock lines (`profiles.lock`): same decisions, same digest. `codes` is
    what (0012,0064) may claim once the plan is carried out; pixels are never claimed here.
    """

    profile: str
    version: int
    title: str
    edition: str
    digest: str
    options: tuple[str, ...]
    codes: tuple[Code, ...]
    longitudinal: str
    patient: PatientMode
    pixels: str
    private: str
    unlisted: Unlisted
    rules: Mapping[int, tuple[ProfileRule, ...]] = field(repr=False)
    """Rules by the last tag of their path; under -1 those that end in a wildcard. The strongest comes first."""

    def for_sop_class(self, uid: str) -> "ClassPlan":
        """Return the plan for instances of one SOP class. A class without known IOD has no types."""
        return ClassPlan(self, uid)

    def decide(self, tag_path: tuple[int, ...], vr: str) -> Decision:
        """Return what row, options, sections and rules say of a place, before its type is asked."""
        tag = tag_path[-1]
        fixed = _fixed(tag, self.options)
        if fixed is not None:
            return fixed
        dictionary_vr = vr_of(tag)
        decision = self._explicit(tag_path, vr)
        if decision is None:
            code, origin = rule_for(tag, dictionary_vr, vr, self.unlisted)
            return self._with_retained(Decision(code, origin), dictionary_vr)
        if dictionary_vr is not None and not consistent(dictionary_vr, vr) and decision.code[0] not in "XZD":
            return Decision("X/Z/D", f"{decision.origin}, but written as {vr}")
        return decision

    def promises(self) -> Promises:
        """Return what the verifier may hold the output to."""
        # A character set stays only when it is a defined term, which is no promise.
        candidates = (set(ROWS) | {tag for tag in self.rules if tag >= 0}) - {_CHARACTER_SET}
        retained = {(tag,) for tag in candidates if self._retains(tag)}
        return Promises(
            profile=f"{self.profile} {self.version}",
            digest=self.digest,
            codes=self.codes,
            retained=frozenset(retained),
            retain_uids="retain_uids" in self.options,
            retain_dates="retain_longitudinal_full_dates" in self.options,
            retain_device="retain_device_identity" in self.options,
            retain_institution="retain_institution_identity" in self.options,
            longitudinal=self.longitudinal,
            pixels=self.pixels,
            shift_dates=self.longitudinal == "MODIFIED",
        )

    def _explicit(self, tag_path: tuple[int, ...], vr: str) -> Decision | None:
        tag = tag_path[-1]
        for rule in self._candidates(tag):
            if rule.matches(tag_path):
                origin = f"profile {rule.source} rule {rule.path}"
                return Decision(VERBS[rule.verb], origin, rule.why, rule.text)
        place = _PATIENT_PLACES.get(tag_path)
        if place is not None:
            return self._patient(*place)
        row = ROWS.get(tag)
        if row is None:
            return None
        letter, option = self._option(row.options)
        origin = f"E.1-1 {format_tag(tag)}"
        if not option:
            return Decision(row.basic, origin)
        if letter == "C" and vr == "SQ" and option == "clean_descriptors":
            letter = "K"
        return Decision(letter, f"{origin} {OPTION_WORDS[option]}")

    def _candidates(self, tag: int) -> tuple[ProfileRule, ...]:
        own, wild = self.rules.get(tag, ()), self.rules.get(-1, ())
        if own and wild:
            return tuple(sorted((*own, *wild), key=lambda rule: rule.weight, reverse=True))
        return own or wild

    def _patient(self, name: str, kind: str) -> Decision:
        mode = getattr(self.patient, name)
        origin = f"profile {self.profile} {_WORDS[name]}"
        return Decision("#", origin, kind=kind) if mode == "code" else Decision("Z", origin)

    def _option(self, letters: Mapping[str, str]) -> tuple[str, str]:
        """Return the letter that the active options give a row, and whose it is; C over K, the stricter (E.3)."""
        active = [(letters[option], option) for option in self.options if option in letters]
        return min(active, default=("", ""))

    def _with_retained(self, decision: Decision, dictionary_vr: str | None) -> Decision:
        """Let UIDs and dates without a row follow the option that retains or shifts those with one."""
        options = self.options
        if decision.code == "U" and "retain_uids" in options:
            return Decision("K", f"{decision.origin} RetainUIDs")
        if dictionary_vr in _DATE_VRS and decision.origin == f"unlisted {dictionary_vr}":
            if "retain_longitudinal_full_dates" in options:
                return Decision("K", f"{decision.origin} RetainLongitudinalFullDates")
            if "retain_longitudinal_modified_dates" in options:
                return Decision("C", f"{decision.origin} RetainLongitudinalModifiedDates")
        return decision

    def _retains(self, tag: int) -> bool:
        vr = vr_of(tag)
        return vr is not None and vr != "SQ" and self.decide((tag,), vr.split(" ")[0]).code == "K"


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """A plan for the instances of one SOP class."""

    plan: Plan
    sop_class: str

    def rule(self, tag_path: tuple[int, ...], vr: str) -> Rule:
        """Return the rule for one place in a data set.

        `vr` is the VR that the value has: of the file in explicit syntax, of the dictionary in implicit syntax and
        for an element of a known tag that came as UN and was understood. The action is fully resolved; for a sequence
        KEEP means that its items are walked. Never fails: what nothing speaks of is removed.
        """
        decision = self.plan.decide(tag_path, vr)
        code, origin, why, text, kind, fixed = decision
        if fixed:
            return Rule(code, Action(code), origin, why, fallback=Action.REMOVE)
        found = iod.attribute_type(self.sop_class, tag_path)
        if found in {"1", "1C"} and iod.removable(self.sop_class, tag_path):
            found = "3"
        resolved = resolve(code, found, sequence=vr == "SQ")
        if resolved.guarded:
            origin = f"{origin} {code}, but Type {found}"
        elif "/" in code and code != "X/Z/U*":
            origin = f"{origin} {code} at Type {found or 'unknown'}"
        fallback = needed(found) if resolved.action in _CARRIES_VALUE else resolved.action
        return Rule(code, resolved.action, origin, why, text, kind, fallback)


def _fixed(tag: int, options: tuple[str, ...]) -> Decision | None:
    """Return the decision that the place in the tag space makes alone, whatever type and rules say."""
    if tag & 0x00010000:
        return Decision("X", "E.1-1 private attributes", fixed=True)
    if tag >> 24 in {0x50, 0x60} and tag >> 16 <= 0x60FF:
        name = "curves" if tag >> 24 == 0x50 else "overlays"
        if "clean_graphics" in options:
            return Decision("C", f"E.1-1 {name} CleanGraphics", fixed=True)
        return Decision("X", f"E.1-1 {name}", fixed=True)
    if tag in ROWS and tag >> 16 >= 0xFFFA:
        return Decision("X", f"E.1-1 {format_tag(tag)}", fixed=True)
    structure = structural(tag)
    return Decision("X", structure, fixed=True) if structure else None
