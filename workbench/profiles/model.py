"""What a profile says, as read from its YAML: words of the standard and of the officer, nothing resolved yet."""

from dataclasses import dataclass, field
from typing import Final

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
}
"""Word in a profile → code. The first six are the letters of PS3.15 E.1.1."""

DATE_MODES: Final = {"removed": "REMOVED", "full": "UNMODIFIED", "shift": "MODIFIED", "year_only": "MODIFIED"}
"""Mode of `dates` → value of (0028,0303) Longitudinal Temporal Information Modified."""


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
    """

    path: str
    pattern: tuple[int | None, ...]
    anchored: bool
    verb: str
    why: str
    signed: str
    text: str
    source: str

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
class Profile:
    """A profile with everything that it inherits.

    `lineage` lists the profiles from the first ancestor to itself, `parent` is the one that it extends. `why` and
    `signed` answer for sections that let more through than the parent's; each rule answers for itself.
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
    why: str = ""
    signed: str = ""
    parent: "Profile | None" = field(default=None, repr=False)
