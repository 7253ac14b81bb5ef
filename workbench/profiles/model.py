"""What a profile says, as read from its YAML: words of the standard and of the officer, nothing resolved yet."""

from dataclasses import dataclass, field
from typing import Final

PRIVATE_VERBS: Final = ("remove", "keep", "clean", "check", "remap", "shift", "year")
"""What a rule on a private attribute can ask for."""

VERBS: Final[dict[str, str]] = {
    "remove": "X",
    "empty": "Z",
    "dummy": "D",
    "keep": "K",
    "clean": "C",
    "remap": "U",
    "check": "V",
    "set": "=",
    "by_type": "X/Z/D",
    "cap_age": "C",
    "shift": "C",
    "year": "C",
    "code": "C",
}
"""Word in a profile → code. The first six are the letters of PS3.15 E.1.1; the last four are ways to clean."""

KINDS: Final[dict[str, str]] = {"cap_age": "age", "shift": "date", "year": "date", "code": "code"}
"""Word in a profile → how the value is cleaned (`Rule.kind`), for the ways to clean that a rule can ask for."""

DATE_MODES: Final = {"removed": "REMOVED", "full": "UNMODIFIED", "shift": "MODIFIED", "year_only": "MODIFIED"}
"""Mode of `dates` → value of (0028,0303) Longitudinal Temporal Information Modified."""


PRIVATE_MODES: Final = ("remove", "numeric", "coded", "listed")
"""How much of the private attributes that are known to be safe stays: none, numbers, codes too, all that are listed."""

PRIVATE_TABLES: Final = ("e3.10-1", "tcia")
"""Lists of private attributes known to be safe: PS3.15 Table E.3.10-1, and the knowledge base of TCIA."""

PSEUDONYMS: Final = ("derived", "random")
"""Derived from the original under a key, or drawn and kept in the crosswalk (45 CFR 164.514(c) asks for the latter)."""

LAWS: Final = ("safe-harbor", "limited-data-set", "expert-determination", "treatment")
"""What a profile may be made for under HIPAA: 45 CFR 164.514(b)(2), (e), (b)(1), and 164.506."""

REQUIREMENTS: Final = ("agreement", "determination")
"""What a release under a profile needs: the reference of a data use agreement, or of an expert's determination."""

OLDEST_AGE: Final = 89
"""The highest age in years that may be told (45 CFR 164.514(b)(2)(i)(C))."""


@dataclass(frozen=True, slots=True)
class PatientMode:
    """What stands in for the identifiers of patient, study and order: `code` (a pseudonym) or `empty`.

    The pseudonym is unique per site and scope; `prefix` begins it. `name` set to `code` shows the patient code in
    work lists that know names only.
    """

    id: str = "code"
    name: str = "empty"
    study_id: str = "empty"
    accession: str = "empty"
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Verbs for what Table E.1-1 does not name, by kind of value (E.1.1 asks for a decision on each).

    `uid_kept` and `binary_kept` are tags that structure needs: UIDs of classes and schemes, pixel and curve data.
    """

    person: str = "by_type"
    date: str = "by_type"
    url: str = "by_type"
    application_entity: str = "by_type"
    uid: str = "remap"
    text: str = "check"
    code_string: str = "check"
    age: str = "check"
    number_string: str = "check"
    number: str = "keep"
    binary: str = "by_type"
    sequence: str = "keep"
    unknown: str = "remove"
    uid_kept: frozenset[int] = frozenset()
    binary_kept: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ProfileRule:
    """One rule of a profile.

    `pattern` is a tag path; None stands for any one level. With `anchored` it starts at the top of the data set,
    otherwise it may match deeper too. `text` is the value for `set`. `source` names the profile that wrote it.
    The rule is silent in profiles with one of the options `unless`: what it decides without them, they decide better.
    """

    path: str
    pattern: tuple[int | None, ...]
    anchored: bool
    verb: str
    why: str
    signed: str
    text: str
    source: str
    unless: tuple[str, ...] = ()

    def matches(self, tag_path: tuple[int, ...]) -> bool:
        """Tell whether the rule speaks of this place."""
        length = len(self.pattern)
        if len(tag_path) < length or (self.anchored and len(tag_path) != length):
            return False
        tail = tag_path[len(tag_path) - length :]
        return all(step is None or step == tag for step, tag in zip(self.pattern, tail, strict=True))

    @property
    def weight(self) -> tuple[int, int, int]:
        """Order of precedence: more levels, fewer wildcards, anchored."""
        named = sum(step is not None for step in self.pattern)
        return (len(self.pattern), named, int(self.anchored))


@dataclass(frozen=True, slots=True)
class PrivateRule:
    """One rule on a private attribute: group, creator, and the byte of its element in the creator's block.

    `vr` is what the value is when the file does not say; without it a value of VR UN does not stay.
    """

    group: int
    creator: str
    element: int
    verb: str
    vr: str
    why: str
    signed: str
    source: str

    @property
    def place(self) -> tuple[int, str, int]:
        """Return what the rule speaks of."""
        return (self.group, self.creator, self.element)

    @property
    def path(self) -> str:
        """Return the place as it is read: `(0019,SIEMENS MR HEADER,0C)`."""
        return f"({self.group:04X},{self.creator},{self.element:02X})"


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile with everything that it inherits.

    `lineage` lists the profiles from the first ancestor to itself, `parent` is the one that it extends. `why` and
    `signed` answer for sections that let more through than the parent's; each rule answers for itself. `rules` are
    all of them, those too that an option silences; `speaking` are the others. `own` tells a profile that somebody wrote
    from a shipped one, which was linted before it was shipped.
    """

    name: str
    version: int
    title: str
    standard: str
    lineage: tuple[str, ...]
    options: tuple[str, ...]
    dates: str
    patient: PatientMode
    private: str
    pixels: str
    unlisted: Unlisted
    rules: tuple[ProfileRule, ...] = ()
    private_rules: tuple[PrivateRule, ...] = ()
    private_table: str = "e3.10-1"
    age_cap: int = OLDEST_AGE
    pseudonyms: str = "derived"
    law: str = ""
    requires: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    why: str = ""
    signed: str = ""
    own: bool = False
    parent: "Profile | None" = field(default=None, repr=False)

    @property
    def speaking(self) -> tuple[ProfileRule, ...]:
        """Return the rules that no option of the profile silences."""
        return tuple(rule for rule in self.rules if not set(rule.unless) & set(self.options))
