"""What front ends get to see: frozen answers of `flow.queries` and of the use cases.

Nothing in here bears a patient's identity, with two exceptions that say so: `Revealed` and `Compared`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workbench.flow.shown_pixels import SeriesPixels
from workbench.records.actor import Role
from workbench.records.states import ReleaseState, StudyState

CONCEALED = "••••••"
"""Stands for a value of the input; the real one comes from `flow.queries.reveal_value`, which is audited."""


@dataclass(frozen=True, slots=True)
class UserRow:
    """One account. `active` is False once disabled."""

    user_id: str
    name: str
    roles: frozenset[Role]
    active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether this actor may take `step` on this study now; `why_not` is a sentence for the screen, else empty."""

    step: str
    allowed: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One line of the queue. `study` is the number that people use (WB-000001)."""

    study: str
    state: StudyState
    modalities: tuple[str, ...]
    series: int
    instances: int
    received_at: datetime
    profile: str = ""
    version: int = 0
    """Number of the current prepared version, 0 when there is none."""
    privacy_issues: int = 0
    held: int = 0
    """Instances that wait for an acceptance by name."""
    reason_code: str = ""
    """Why the study is in quarantine (code of a refusal), else empty."""


@dataclass(frozen=True, slots=True)
class StudyPage:
    """A slice of the queue; `counts` are over all studies, `total` over those that match."""

    rows: tuple[StudyRow, ...]
    total: int
    counts: Mapping[StudyState, int]


@dataclass(frozen=True, slots=True)
class IssueRow:
    """A privacy issue that the verifier found. The instance is out of the prepared version."""

    check: str
    rule: str
    where: str
    message: str
    series: int
    instance: int


@dataclass(frozen=True, slots=True)
class HoldRow:
    """Instances that may carry text in their pixels. The approver accepts them by `name`, or they stay behind.

    `name` is for example `series-2.ultrasound`; `series` counts from 0, as everywhere in here.
    """

    name: str
    reason: str
    series: int
    instances: int
    accepted: bool = False
    accepted_by: str = ""
    before: int = 0
    """Number of the version in which it was accepted, when that was an earlier one."""


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """Instances of the study that could not be prepared, by refusal code."""

    code: str
    message: str
    hint: str
    instances: int


@dataclass(frozen=True, slots=True)
class UnknownRow:
    """Something that the verifier did not understand or did not look at, so that nothing is promised of it."""

    kind: str
    name: str
    where: str
    meaning: str
    instances: int


@dataclass(frozen=True, slots=True)
class NoteRow:
    """Something that the verifier notes and that holds nothing back."""

    check: str
    rule: str
    where: str
    message: str
    instances: int


PIXELS_UNSEEN = "pixels-not-examined"
"""Kind of unknown that every version with pixels has; a notice of its own says it."""


@dataclass(frozen=True, slots=True)
class PreparationView:
    """One prepared version. Immutable; `root` is what an approval signs."""

    preparation: str
    number: int
    state: str
    """`prepared`, `submitted`, `returned`, `approved`, `withdrawn` or `superseded`."""
    profile: str
    profile_version: int
    profile_digest: str
    scope: str
    software: str
    root: str
    instances: int
    """Instances that would be released (held ones included, those with privacy issues not)."""
    changed: int
    """Element values that differ, over all instances."""
    pixels: str
    """How far they were checked, in words; shown on every prepared version, and never `checked` for what was not."""
    made_by: str
    made_at: datetime
    submitted_by: str = ""
    submitted_at: datetime | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
    approval_expires: datetime | None = None
    single_person: bool = False
    """The approver prepared or submitted it too (solo mode); shown wherever the approval is shown."""
    held: int = 0
    """Instances that wait for an acceptance by name; each counts once, whatever the number of its reasons."""
    law: str = ""
    """What the profile is made for: a code of `release.law`."""
    follows: int = 0
    """Number of the version that this one follows, 0 when its decisions are not taken over."""
    unchanged: int = 0
    """Instances that are byte for byte those of the version before."""
    touched: str = ""
    """Why it needs a successor, in a sentence; else empty."""
    issues: tuple[IssueRow, ...] = ()
    holds: tuple[HoldRow, ...] = ()
    refused: tuple[RefusalRow, ...] = ()
    actions: Mapping[str, int] = field(default_factory=dict)
    """Changed element values per action letter (X Z D U C V = #)."""
    unknowns: tuple[UnknownRow, ...] = ()
    notes: tuple[NoteRow, ...] = ()
    pixels_asked: str = ""
    """`off`, `flag` or `clean`; empty for a version of before pixels were examined."""
    pixel_series: tuple[SeriesPixels, ...] = ()
    approval_lost: int = 0
    """Number of the approved version that this one took the place of when it was made; 0 when there was none."""
    packages_touched: tuple[str, ...] = ()
    """Packages with that version which recipients may still open."""
    references_left_out: int = 0
    """References of its instances that lead to no instance of this version."""
    referring: int = 0
    """Instances that have such a reference."""

    @property
    def not_understood(self) -> tuple[UnknownRow, ...]:
        """What was not understood, but for pixels."""
        return tuple(row for row in self.unknowns if row.kind != PIXELS_UNSEEN)


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One entry of the study's own history, in words."""

    seq: int
    at: datetime
    kind: str
    actor: str
    text: str


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One package that a version of the study is in."""

    release: str
    recipient: str
    state: ReleaseState
    at: datetime


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question. `others` are the studies of the patient that it may be the same as."""

    question: str
    code: str
    message: str
    hint: str
    study: str
    others: tuple[str, ...]
    files: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class StudyView:
    """One study as its page shows it."""

    row: StudyRow
    preparation: PreparationView | None
    earlier: tuple[PreparationView, ...]
    decisions: tuple[Decision, ...]
    story: tuple[StoryLine, ...]
    notices: tuple[str, ...] = ()
    """Sentences to show on top: placeholder Patient ID, instances that arrived after the prepared version, …"""
    note: str = ""
    """What the last person who took a step wrote (free text, only for those who may act on it)."""
    questions: tuple[QuestionRow, ...] = ()
    """Whose it is has to be answered first; only for those who may answer."""
    releases: tuple[ReleaseLine, ...] = ()
    """Packages that it is in, newest first; only for those who may list releases."""

    def decision(self, step: str) -> Decision:
        """Return the decision for `step` (prepare, submit, approve, return, quarantine, withdraw, discard, accept)."""
        return next(item for item in self.decisions if item.step == step)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One distinct change of a series: the same path, rule, before and after, in `instances` of `of` instances."""

    change: str
    """Opaque handle for `reveal_value`."""
    path: str
    keyword: str
    name: str
    action: str
    rule: str
    before: str
    """`CONCEALED`, or empty when the element was not there."""
    after: str
    """The value in the output; empty when removed or emptied."""
    removed: bool
    series: int
    instances: int
    of: int
    why: str = ""
    """Of a cleaned text: what became of its words, and why; never a word itself."""


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A slice of the header changes of a prepared version."""

    rows: tuple[ChangeRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Revealed:
    """A value of the input, in clear. Bears identity: show it to the one who asked and keep it nowhere."""

    change: str
    before: str


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One refused input."""

    item: str
    code: str
    message: str
    hint: str
    at: datetime
    state: str
    """`open` or `discarded`."""
    study: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """What two patients are called. Bears identity: show it to the one who asked and keep it nowhere."""

    attribute: str
    here: str = field(repr=False)
    other: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A profile to choose. `law` is a label, `says` what that means for whoever reads the output.

    `own` when it is not shipped: it was tested on planted items and activated by a privacy officer.
    """

    name: str
    version: int
    title: str
    law: str
    says: str
    notes: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One attribute that a profile lets through, whole or in part."""

    tag: str
    name: str
    action: str
    meaning: str


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """Somebody outside who can receive packages."""

    recipient: str
    name: str
    key: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release. `package` is where the encrypted file lies, empty when it is gone."""

    release: str
    state: ReleaseState
    recipient: str
    purpose: str
    basis: str
    studies: tuple[str, ...]
    instances: int
    created_at: datetime
    expires_at: datetime
    created_by: str
    digest: str
    package: str


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One entry of the log. `facts` are the typed fields of the event: ids, counts and digests, never identity."""

    seq: int
    at: datetime
    kind: str
    actor: str
    study: str
    release: str
    text: str
    facts: Mapping[str, str | int | bool]
    leaf: str


@dataclass(frozen=True, slots=True)
class TrailPage:
    """A slice of the log, newest first."""

    rows: tuple[TrailRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """Answer of the verify button."""

    ok: bool
    entries: int
    checkpoints: int
    problems: tuple[str, ...]
    witnessed: int = 0
    """How many entries the newest outside checkpoint covers."""
    first_bad: int = -1
    """Number of the first bad entry, -1 when there is none."""
    notices: tuple[str, ...] = ()
