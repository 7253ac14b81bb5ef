"""The compiled plan: one rule for each place in a data set.

Order of decision, each step recorded in the origin of the rule: structure → row of Table E.1-1 → options → sections of
the profile → rules of the profile (most specific path wins, later wins among equals) → type in the IOD → conformity
guard.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from workbench.profiles import cleaning, private_attributes
from workbench.profiles.model import KINDS, VERBS, PatientMode, PrivateRule, ProfileRule, Unlisted
from workbench.profiles.resolution import needed, resolve
from workbench.profiles.unlisted import consistent, rule_for, structural
from workbench.records.action import Action
from workbench.records.code import Code
from workbench.records.path import format_tag
from workbench.records.promise import Promises
from workbench.records.rule import Rule
from workbench.standard import iod
from workbench.standard.dictionary import VR, vr_of
from workbench.standard.editions import rows
from workbench.standard.table import ROWS, Row

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
_CLEANING_OPTIONS = ("clean_descriptors", "clean_structured_content", "clean_graphics")
_EVIDENCE = frozenset({"113101", "113105"})
"""Codes that input and output cannot prove: somebody must have looked, or decided word by word."""

_IDENTITY_OPTIONS = ("retain_device_identity", "retain_institution_identity", "retain_patient_characteristics")
"""Options that keep code sequences whole: their codes are the identity or characteristic that is retained."""
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
    dates: str = "removed"
    private_rules: Mapping[tuple[int, str, int], PrivateRule] = field(default_factory=dict, repr=False)
    private_table: str = "e3.10-1"
    age_cap: int = 89
    pseudonyms: str = "derived"
    law: str = ""
    requires: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def cleans_text(self) -> bool:
        """Whether an option asks for text to be cleaned word by word."""
        return any(option in self.options for option in _CLEANING_OPTIONS)

    @property
    def keeps_private(self) -> bool:
        """Whether any private attribute may stay; without it nobody needs to ask `private_rule`."""
        return self.private != "remove" or any(rule.verb != "remove" for rule in self.private_rules.values())

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
        decision = self._explicit(tag_path)
        if decision is None:
            code, origin = rule_for(tag, dictionary_vr, vr, self.unlisted)
            return self._with_retained(Decision(code, origin, kind=_kind(code, tag)), dictionary_vr)
        if dictionary_vr is not None and not consistent(dictionary_vr, vr) and decision.code[0] not in "XZD":
            return Decision("X/Z/D", f"{decision.origin}, but written as {vr}")
        return decision

    def promises(self) -> Promises:
        """Return what the verifier may hold the output to."""
        # A character set stays only when it is a defined term, which is no promise.
        candidates = (set(ROWS) | {tag for tag in self.rules if tag >= 0}) - {_CHARACTER_SET}
        retained = {(tag,) for tag in candidates if self._code(tag) == "K"}
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
            dates=self.dates,
            cleaned=frozenset((tag,) for tag in VR if self._cleans_words(tag)),
            given_up=self._given_up(),
            evidence=frozenset(code.value for code in self.codes if code.value in _EVIDENCE),
            private=self.private,
            retained_private=private_attributes.listed(self.private, self.private_table, self.private_rules),
            age_cap=self.age_cap,
            law=self.law,
        )

    def private_rule(self, creator: str, tag: int, vr: str) -> Rule:
        """Return the rule for a private attribute, at any depth.

        `creator` is the Private Creator of its block, `tag` its group and the byte of its element within the block
        (`group << 16 | element & 0xFF`), `vr` the VR as the file wrote it (UN in implicit syntax or when it did not
        know). The action is REMOVE unless the list of the profile names the attribute and its level lets the VR stay;
        then `vr` of the rule is what the value has to be. KEEP of a sequence walks its items.
        """
        own = self.private_rules.get((tag >> 16, creator.strip(" "), tag & 0xFF)) if self.private_rules else None
        if own is not None:
            return private_attributes.by_profile(own, vr, level=self.private, table=self.private_table)
        return private_attributes.private_rule(
            creator,
            tag,
            vr,
            level=self.private,
            table=self.private_table,
            dates=self.dates,
            age_cap=self.age_cap,
        )

    def _explicit(self, tag_path: tuple[int, ...]) -> Decision | None:
        tag = tag_path[-1]
        for rule in self._candidates(tag):
            if rule.matches(tag_path):
                origin = f"profile {rule.source} rule {rule.path}"
                kind = KINDS.get(rule.verb) or _kind(VERBS[rule.verb], tag)
                return Decision(VERBS[rule.verb], origin, rule.why, rule.text, kind)
        place = _PATIENT_PLACES.get(tag_path)
        if place is not None:
            return self._patient(*place)
        row = rows(self.edition).get(tag)
        if row is None:
            return self._code_of_retained(tag_path)
        letter, option = self._option(row.options)
        origin = f"E.1-1 {format_tag(tag)}"
        if not option:
            return Decision(row.basic, origin)
        return self._by_option(row, letter, f"{origin} {OPTION_WORDS[option]}")

    def _by_option(self, row: Row, letter: str, origin: str) -> Decision:
        """Return what the letter of an option means for a row: how it is cleaned, or that it cannot be."""
        vr = vr_of(row.tag) or ""
        if vr == "AS" and self.age_cap:
            letter = "C"
        if letter != "C":
            return Decision(letter, origin)
        kind = cleaning.kind_of(row.tag)
        if vr == "SQ" and not kind:
            return Decision("K", origin)  # its items are walked, and each attribute in them has its own rule
        if not kind or (kind != "date" and "retain_longitudinal_modified_dates" in row.options):
            return Decision(row.basic, f"{origin}, but not cleanable")  # bytes; a time zone cannot be shifted
        return Decision("V" if kind == "term" else "C", origin, kind=kind)

    def _code_of_retained(self, tag_path: tuple[int, ...]) -> Decision | None:
        """Keep the code of a code sequence that an option retains: of the sequence nothing else would be left.

        Its meaning is text, which a local code is free to fill; where texts are cleaned, so is this one.
        """
        if len(tag_path) < 2 or tag_path[-1] not in cleaning.CODE_TRIPLE:
            return None
        row = ROWS.get(tag_path[-2])
        for option in _IDENTITY_OPTIONS if row else ():
            if row and option in self.options and row.options.get(option) == "K":
                origin = f"E.1-1 {format_tag(row.tag)} {OPTION_WORDS[option]}"
                cleaned = tag_path[-1] == cleaning.CODE_MEANING and "clean_descriptors" in self.options
                return Decision("C", origin, kind="text") if cleaned else Decision("K", origin)
        return None

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
        if decision.code == "V" and decision.kind == "text" and "clean_descriptors" in options:
            return Decision("C", f"{decision.origin} CleanDescriptors", kind="text")
        if dictionary_vr == "AE" and "retain_device_identity" in options:
            return Decision("C", f"{decision.origin} RetainDeviceIdentity", kind="code")
        if decision.code == "U" and "retain_uids" in options:
            return Decision("K", f"{decision.origin} RetainUIDs")
        if dictionary_vr in _DATE_VRS and decision.origin == f"unlisted {dictionary_vr}":
            if "retain_longitudinal_full_dates" in options:
                return Decision("K", f"{decision.origin} RetainLongitudinalFullDates")
            if "retain_longitudinal_modified_dates" in options:
                return Decision("C", f"{decision.origin} RetainLongitudinalModifiedDates", kind="date")
        return decision

    def _cleans_words(self, tag: int) -> bool:
        """Tell whether the text or the age of an attribute at the top is cleaned, so that a part of it may stay."""
        vr = vr_of(tag)
        if vr is None or vr == "SQ" or (not self.cleans_text and vr != "AS"):
            return False
        decision = self.decide((tag,), vr.split(" ")[0])
        return decision.code == "C" and decision.kind in {"text", "age"}

    def _given_up(self) -> frozenset[tuple[int, ...]]:
        """Return the places that rules of the profile take away, where no row asks for it."""
        return frozenset(
            tuple(step for step in rule.pattern if step is not None)
            for tag, rules in self.rules.items()
            for rule in rules
            if tag not in ROWS and None not in rule.pattern and VERBS[rule.verb][0] in "XZD="
        )

    def _code(self, tag: int) -> str:
        """Return the code at the top of a data set; nothing for sequences, which are judged by their items."""
        vr = vr_of(tag)
        return self.decide((tag,), vr.split(" ")[0]).code if vr is not None and vr != "SQ" else ""


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
            return Rule(code, Action(code), origin, why, kind=kind, fallback=Action.REMOVE)
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
            return Decision("C", f"E.1-1 {name} CleanGraphics", kind="graphics", fixed=True)
        return Decision("X", f"E.1-1 {name}", fixed=True)
    if tag in ROWS and tag >> 16 >= 0xFFFA:
        return Decision("X", f"E.1-1 {format_tag(tag)}", fixed=True)
    structure = structural(tag)
    return Decision("X", structure, fixed=True) if structure else None


def _kind(code: str, tag: int) -> str:
    """Return how a value is cleaned or checked, where the code asks for either."""
    return cleaning.kind_of(tag) if code in {"C", "V"} else ""
