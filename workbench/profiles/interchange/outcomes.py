"""What a profile says to one wish of a recipe: by a rule, by what the basic profile does anyway, or not at all."""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from workbench.profiles.interchange.effects import Effect, Want
from workbench.profiles.interchange.report import Status
from workbench.profiles.model import Profile
from workbench.profiles.plan import Decision, Plan
from workbench.standard.dictionary import vr_of

PATIENT_ID: Final = 0x00100020
PSEUDONYMS: Final = {0x00100020: "id", 0x00100010: "name", 0x00200010: "study_id", 0x00080050: "accession"}
CLAIMS: Final = frozenset({0x00120062, 0x00120063, 0x00120064, 0x00280303})
_DATES: Final = frozenset({"DA", "TM", "DT"})
_NEW_UIDS: Final = ("dicom_uuid", "pydicom_uuid", "suffix_uuid", "basic_uuid")
_TEXTS: Final[dict[str, str]] = {
    "DA": r"\d{8}",
    "TM": r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?",
    "DT": r"\d{4}(\d{2}){0,5}(\.\d{1,6})?([+-]\d{4})?",
    "AS": r"\d{3}[DWMY]",
    "IS": r"[+-]?\d{1,12}",
    "DS": r"[+-]?\d{1,12}(\.\d{1,12})?",
    "CS": r"[A-Z0-9 _]{1,16}",
    "SH": r"[^\\]{1,16}",
    "AE": r"[^\\]{1,16}",
    "LO": r"[^\\]{1,64}",
    "PN": r"[^\\]{1,64}",
    "ST": r".{1,400}",
    "LT": r".{1,400}",
    "UT": r".{1,400}",
    "UC": r".{1,400}",
    "UR": r"[^\\ ]{1,400}",
}
"""What a text may be that stands for a value of this VR. Other values are no text, or are identities."""

_NEEDED: Final = "kept: without it no reader can decode or show an object"
_GONE: Final = "removed, emptied or replaced by a dummy, as its type demands"
_NEW_UID: Final = "a new UID stands in its place, the same wherever the old one stood: references must hold"
_CODE: Final = "a code of the patient or order stands in its place, so that what belongs together stays together"
_UNSIGNED: Final = "the basic profile does not keep it: a KEEP needs somebody who signs for it (--signed)"
_PROGRAM: Final = "the value comes from a program that a profile cannot run; the original does not stay"


class Outcome(NamedTuple):
    """What becomes of a wish, and the verb (with the text for `set`) of the rule that it takes; none: no rule."""

    status: Status
    reason: str
    verb: str = ""
    text: str = ""
    patient: str = ""
    """The entry of the section `patient`, such as `name: empty`."""


@dataclass(frozen=True, slots=True)
class Base:
    """What decides where the recipe is silent: the basic profile, with the date mode that the recipe asks for.

    `strict` is the plan under which what the recipe does not name goes (`REMOVE all`), `plan` the one without.
    """

    profile: Profile
    plan: Plan
    strict: Plan | None
    signed: str

    def needed(self, tag: int) -> bool:
        """Whether the basic profile keeps it because structure needs it."""
        unlisted = self.profile.unlisted
        return tag in unlisted.uid_kept | unlisted.binary_kept or any(
            rule.verb == "keep" and rule.pattern[-1] == tag for rule in self.profile.rules
        )

    def answer(self, path: tuple[int, ...], effect: Effect) -> Outcome:
        """Return what becomes of a wish for an attribute."""
        vr = (vr_of(path[-1]) or "UN").split(" ")[0]
        decision = self.plan.decide(path, vr)
        if decision.fixed:
            return _fixed(decision, effect)
        match effect.want:
            case Want.REMOVE | Want.BLANK:
                return self._gone(path[-1], decision, "remove" if effect.want is Want.REMOVE else "empty")
            case Want.REPLACE:
                return self._replaced(path, vr, decision, effect)
            case Want.SHIFT:
                return self._shifted(vr, decision)
            case Want.KEEP:
                return self._kept(path, vr, decision)

    def _gone(self, tag: int, decision: Decision, verb: str) -> Outcome:
        letter = decision.code[0]
        if letter in "XZD=":
            return Outcome(Status.SAME, _GONE)
        if letter == "#" and tag != PATIENT_ID:
            return Outcome(Status.MAPPED, "emptied", patient=f"{PSEUDONYMS[tag]}: empty")
        if letter == "#":
            return Outcome(Status.DIFFERS, f"the original goes; {_CODE}")
        if letter == "U":
            return Outcome(Status.DIFFERS, f"the original goes; {_NEW_UID}")
        if self.needed(tag):
            return Outcome(Status.DIFFERS, _NEEDED)
        words = "removed" if verb == "remove" else "emptied"
        return Outcome(Status.MAPPED, f"{words} by a rule (a dummy where its type demands a value)", verb)

    def _replaced(self, path: tuple[int, ...], vr: str, decision: Decision, effect: Effect) -> Outcome:
        tag, value = path[-1], effect.line.value or ""
        program = _program(value)
        if tag in CLAIMS:
            return Outcome(Status.SAME, "the engine says it itself, and truly")
        if program == "jitter":
            return self._shifted(vr, decision)
        if vr == "UI":
            return _new_uid(decision, program)
        if len(path) == 1 and tag in PSEUDONYMS and (program or decision.code[0] == "#"):
            return _new_code(tag, program)
        if self.needed(tag):
            return Outcome(Status.DIFFERS, _NEEDED)
        return _written(vr, decision, effect, program)

    def _shifted(self, vr: str, decision: Decision) -> Outcome:
        if decision.code[0] == "C" and decision.kind == "date":
            return Outcome(
                Status.MAPPED,
                "shifted by whole days backwards, by an offset of each patient that no recipe tells, in place of a "
                "number that all who read the recipe know",
            )
        if vr not in _DATES:
            return Outcome(Status.NO_EFFECT, "deid shifts dates and times only; the basic profile decides")
        if decision.code[0] in "KV":
            return Outcome(Status.STRICTER, "no option shifts it", "by_type")
        return Outcome(Status.STRICTER, "a date that identifies by itself, or that no option shifts: it does not stay")

    def _kept(self, path: tuple[int, ...], vr: str, decision: Decision) -> Outcome:
        letter = decision.code[0]
        lost = self.strict is not None and self.strict.decide(path, vr).code != decision.code
        if letter == "K":
            return Outcome(Status.SAME, "kept", "keep" if lost else "")
        if letter == "V":
            reason = "kept when it is well-formed and made of known terms; else removed, emptied or replaced by a dummy"
            return Outcome(Status.STRICTER, reason, "check" if lost else "")
        if letter == "C":
            return Outcome(Status.STRICTER, "cleaned or shifted, not kept as it is")
        if letter in "U#":
            return Outcome(Status.STRICTER, _NEW_UID if letter == "U" else _CODE)
        if self.signed and vr != "SQ":
            return Outcome(Status.MAPPED, "kept, and signed for", "keep")
        return Outcome(Status.STRICTER, _UNSIGNED)


def _fixed(decision: Decision, effect: Effect) -> Outcome:
    if effect.want in (Want.REMOVE, Want.BLANK):
        return Outcome(Status.SAME, "removed for its place in the tag space")
    if decision.origin.startswith("structure"):
        return Outcome(Status.DIFFERS, "what belongs to the file and not to the object is made new by the writer")
    return Outcome(Status.STRICTER, "removed for its place in the tag space")


def _program(value: str) -> str:
    """Return the name of the program or variable that gives a value, empty for a text that stands there."""
    kind, colon, rest = value.partition(":")
    if not colon or kind not in ("var", "func", "deid_func"):
        return ""
    name = rest.split(" ")[0]
    return name if kind == "deid_func" and name in ("jitter", *_NEW_UIDS) else f"{kind}:{name}"


def _new_uid(decision: Decision, program: str) -> Outcome:
    if decision.code[0] != "U":
        return Outcome(Status.DIFFERS, _NEEDED)
    if program:
        return Outcome(Status.MAPPED, _NEW_UID)
    return Outcome(Status.DIFFERS, f"one UID for all objects would merge them; {_NEW_UID}")


def _new_code(tag: int, program: str) -> Outcome:
    if program:
        return Outcome(
            Status.MAPPED, f"{_CODE}; which code is for the workbench to draw", patient=f"{PSEUDONYMS[tag]}: code"
        )
    return Outcome(Status.DIFFERS, f"one text for all would make one patient of all; {_CODE}")


def _written(vr: str, decision: Decision, effect: Effect, program: str) -> Outcome:
    """Return what becomes of a text, or of a value that a program gives, in place of the original."""
    fallback = "by_type" if decision.code[0] in "VKCU" else ""
    value = effect.line.value or ""
    if program:
        return Outcome(Status.STRICTER, _PROGRAM, fallback)
    if not re.fullmatch(_TEXTS.get(vr, "(?!)"), value):
        return Outcome(Status.STRICTER, f"the text is no value of VR {vr}; the original does not stay", fallback)
    if effect.added:
        reason = "replaced where it is present; nothing is added where it is absent"
        return Outcome(Status.DIFFERS, reason, "set", value)
    return Outcome(Status.MAPPED, "replaced by the text", "set", value)
