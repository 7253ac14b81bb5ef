"""A desk in memory, for pages and the gate. The rules are copied from the tables, the data is invented."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from workbench.api.sessions import Sessions
from workbench.flow.pictures import OutputPicture
from workbench.flow.shown import (
    CONCEALED,
    ChangePage,
    ChangeRow,
    Compared,
    Decision,
    HoldRow,
    IssueRow,
    LogVerdict,
    PreparationView,
    ProfileRow,
    QuarantineRow,
    QuestionRow,
    Revealed,
    SheetRow,
    StoryLine,
    StudyPage,
    StudyRow,
    StudyView,
    TrailPage,
    TrailRow,
)
from workbench.records.actor import Actor, Role
from workbench.records.errors import NotPermitted, UsageError, WrongState
from workbench.records.states import STUDY_STEPS, StudyState

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
PASSWORD = "correct horse battery"
HOSTILE = '<img src=x onerror="alert(1)">Müller^Äbte'
SECRET = "DOE^JANE"

PEOPLE = {
    "tess": frozenset({Role.TECHNICIAN}),
    "petra": frozenset({Role.PRIVACY_OFFICER}),
    "arno": frozenset({Role.AUDITOR}),
    "rita": frozenset({Role.REMOTE_READER}),
    "adam": frozenset({Role.ADMIN}),
}
STEP_ROLES = {
    "prepare": Role.TECHNICIAN,
    "submit": Role.TECHNICIAN,
    "approve": Role.PRIVACY_OFFICER,
    "return": Role.PRIVACY_OFFICER,
    "withdraw": Role.PRIVACY_OFFICER,
    "accept": Role.PRIVACY_OFFICER,
    "discard": Role.PRIVACY_OFFICER,
}


class FakeClock:
    """Time that moves when told to."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **length: float) -> None:
        self.at += timedelta(**length)


class FakeDoor:
    """Accounts in memory: idle after 15 minutes, over after 10 hours, out at once when disabled."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.roles = dict(PEOPLE)
        self.disabled: set[str] = set()
        self.sessions: dict[str, dict[str, Any]] = {}
        self.signs_of_life: list[str] = []
        self.sign_ins = 0

    def sign_in(self, *, name: str, password: str) -> tuple[Actor, str]:
        self.sign_ins += 1
        if name not in self.roles or password != PASSWORD or name in self.disabled:
            raise NotPermitted("sign-in-failed", "Name and password do not match.")
        token = f"token-{len(self.sessions)}-{name}"
        self.sessions[token] = {
            "name": name,
            "id": f"s{len(self.sessions)}",
            "seen": self.clock(),
            "born": self.clock(),
            "roles": self.roles[name],
        }
        return self._actor(token), token

    def _actor(self, token: str) -> Actor:
        session = self.sessions[token]
        return Actor(f"u-{session['name']}", session["name"], self.roles[session["name"]], session["id"])

    def resume(self, *, token: str, active: bool) -> Actor:
        session = self.sessions.get(token)
        now = self.clock()
        if (
            session is None
            or session["name"] in self.disabled
            or self.roles[session["name"]] != session["roles"]
            or now - session["seen"] > timedelta(minutes=15)
            or now - session["born"] > timedelta(hours=10)
        ):
            raise NotPermitted("signed-out", "Your session has ended.")
        if active:
            session["seen"] = now
            self.signs_of_life.append(token)
        return self._actor(token)

    def sign_out(self, actor: Actor) -> None:
        self.sessions = {key: value for key, value in self.sessions.items() if value["id"] != actor.session}

    def first_account(self, *, code: str, name: str, password: str) -> None:
        if code != "CODE-1":
            raise NotPermitted("first-account-code", "That code is not valid.", "Look at the output of init.")
        self.roles[name] = frozenset({Role.ADMIN})


def _version(number: int, state: str, **more: Any) -> PreparationView:
    version = PreparationView(
        preparation=f"prep-{number}",
        number=1,
        state=state,
        profile="basic",
        profile_version=1,
        profile_digest="9f2c" * 16,
        scope="second-opinion",
        software="0.1.0",
        root="71ab" * 16,
        instances=118,
        changed=9_204,
        pixels="not checked",
        made_by="tess",
        made_at=NOW - timedelta(hours=2),
        actions={"X": 4_120, "Z": 960, "D": 360, "U": 3_240, "#": 240, "V": 284},
    )
    return replace(version, **more)


def _rows() -> dict[str, StudyView]:
    found = {}

    def add(number: int, state: StudyState, version: PreparationView | None, *modalities: str, **more: Any) -> None:
        name = f"WB-{number:06d}"
        row = StudyRow(
            study=name,
            state=state,
            modalities=modalities,
            series=3,
            instances=120,
            received_at=NOW - timedelta(hours=number * 5),
            profile=version.profile if version else "",
            version=version.number if version else 0,
            privacy_issues=len(version.issues) if version else 0,
            held=sum(hold.instances for hold in version.holds) if version else 0,
            reason_code=str(more.get("reason_code", "")),
        )
        story = (StoryLine(number, row.received_at, "study.received", "tess", "Arrived with 120 instances."),)
        notices = (("Pixels were not checked for text.",) if version else ()) + tuple(more.get("notices", ()))
        found[name] = StudyView(row, version, (), (), story, notices)

    submitted = {"submitted_by": "tess", "submitted_at": NOW - timedelta(hours=1)}
    hold = HoldRow("US-2", "ultrasound, may show text in the image", 1, 4)
    issue = IssueRow("needle", "PS3.15 E.1-1", "(0008,1030)", "A searched identifier is still there.", 0, 6)
    add(
        1,
        StudyState.SUBMITTED,
        _version(1, "submitted", **submitted),
        "CT",
        notices=("The Patient ID is a placeholder: this study is its own patient.",),
    )
    add(2, StudyState.SUBMITTED, _version(2, "submitted", holds=(hold,), **submitted), "US")
    add(3, StudyState.PREPARED, _version(3, "prepared", issues=(issue,)), "MR")
    add(4, StudyState.RECEIVED, None, "CR", "DX")
    add(5, StudyState.RETURNED, _version(5, "returned"), "CT", "SR")
    add(6, StudyState.APPROVED, _version(6, "approved", approved_by="petra", approved_at=NOW), "MR")
    add(7, StudyState.QUARANTINED, None, "OT", reason_code="parsers-disagree")
    asked = QuestionRow(
        "ID-000001", "one-patient-two-ids", "Another Patient ID.", "Find out.", "WB-000007", ("WB-000001",), 0, NOW
    )
    found["WB-000007"] = replace(found["WB-000007"], questions=(asked,))
    return found


_CHANGES = (
    ("(0010,0010)", "PatientName", "Patient's Name", "Z", "E.1-1 (0010,0010)", "", False),
    ("(0010,0020)", "PatientID", "Patient ID", "#", "profile basic patient", "P-7Q2K9M4X", False),
    ("(0010,0030)", "PatientBirthDate", "Patient's Birth Date", "Z", "E.1-1 (0010,0030)", "", False),
    (
        "(0008,0018)",
        "SOPInstanceUID",
        "SOP Instance UID",
        "U",
        "E.1-1 (0008,0018)",
        "2.25.312345678901234567890123456789012345678",
        False,
    ),
    ("(0008,0080)", "InstitutionName", "Institution Name", "X", "E.1-1 (0008,0080)", "", True),
    ("(0008,0090)", "ReferringPhysicianName", "Referring Physician's Name", "Z", "E.1-1 (0008,0090)", "", False),
    ("(0008,1030)", "StudyDescription", "Study Description", "X", "E.1-1 (0008,1030)", "", True),
    ("(0008,0060)", "Modality", "Modality", "V", "unlisted CS", "CT", False),
    (
        "(0040,0275)[1]/(0040,0007)",
        "ScheduledProcedureStepDescription",
        "Scheduled Procedure Step Description",
        "X",
        "E.1-1 (0040,0007)",
        "",
        True,
    ),
    ("(0010,2160)", "EthnicGroup", HOSTILE, "X", "E.1-1 (0010,2160)", "", True),
)


class FakeDesk:
    """Answers like `flow`, keeps everything in memory, and remembers each order."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.door = FakeDoor(self.clock)
        self.sessions = Sessions(self.door, self.clock)
        self.views = _rows()
        self.orders: list[tuple[Any, ...]] = []
        self.revealed: list[tuple[str, str, str]] = []
        self.verdict = LogVerdict(ok=True, entries=212, checkpoints=9, problems=())
        self.failing: Exception | None = None
        self.no_picture = False

    def actor(self, session: str) -> Actor | None:
        if session in PEOPLE:
            return Actor(f"u-{session}", session, self.door.roles[session], session)
        return self.sessions.by_session(session)

    def sign_out(self, actor: Actor) -> None:
        self.orders.append(("sign-out", actor.name))
        self.sessions.sign_out(actor)

    def _need(self, actor: Actor, *roles: Role) -> None:
        if self.failing:
            raise self.failing
        if not actor.roles & set(roles):
            raise NotPermitted("role-not-permitted", "Your roles do not allow this.", "Ask somebody else.")

    def list_studies(self, actor, *, state, search, limit, offset) -> StudyPage:
        self._need(actor, Role.TECHNICIAN, Role.PRIVACY_OFFICER, Role.AUDITOR)
        rows = [view.row for view in self.views.values()]
        counts = {state: sum(row.state is state for row in rows) for state in StudyState}
        fits = [
            row
            for row in rows
            if (state is None or row.state is state)
            and (not search or search.lower() in f"{row.study} {row.modalities} {row.profile}".lower())
        ]
        return StudyPage(tuple(fits[offset : offset + limit]), len(fits), counts)

    def quarantine_list(self, actor, *, limit, offset) -> tuple[QuarantineRow, ...]:
        self._need(actor, Role.TECHNICIAN, Role.PRIVACY_OFFICER, Role.AUDITOR)
        row = QuarantineRow("q1", "not-dicom", "The file is not DICOM.", "Look at where it came from.", NOW, "open")
        return (row,)[offset : offset + limit]

    def questions(self, actor) -> tuple[QuestionRow, ...]:
        self._need(actor, Role.TECHNICIAN, Role.PRIVACY_OFFICER, Role.AUDITOR)
        return tuple(row for view in self.views.values() for row in view.questions)

    def compare(self, actor, *, question) -> tuple[Compared, ...]:
        self._need(actor, Role.TECHNICIAN, Role.PRIVACY_OFFICER)
        self.revealed.append((actor.name, question, "compare"))
        return (Compared("Name", SECRET, HOSTILE),)

    def answer(self, actor, *, question, same, reason) -> None:
        self._need(actor, Role.PRIVACY_OFFICER)
        self.orders.append(("answer", actor.name, question, {"same": same, "reason": reason}))
        self.views = {name: replace(view, questions=()) for name, view in self.views.items()}

    def profiles(self) -> tuple[ProfileRow, ...]:
        return (
            ProfileRow("basic", 1, "Basic profile", "no HIPAA class of its own", "It stands for no class."),
            ProfileRow("teleradiology", 1, "Remote reading", "PHI for treatment", "A patient's record.", ("A note.",)),
        )

    def profile_sheet(self, profile) -> tuple[SheetRow, ...]:
        return (SheetRow("(0008,0060)", f"Modality of {profile}", "V", "checked"),)

    def study_view(self, actor, *, study) -> StudyView:
        self._need(actor, Role.TECHNICIAN, Role.PRIVACY_OFFICER, Role.AUDITOR)
        if study not in self.views:
            raise UsageError("no-such-study", "There is no study with that number.", "Look at the list of studies.")
        view = self.views[study]
        if Role.PRIVACY_OFFICER not in actor.roles:
            view = replace(view, questions=())
        return replace(view, decisions=tuple(self._decision(actor, view, step) for step in (*STEP_ROLES, "quarantine")))

    def _decision(self, actor: Actor, view: StudyView, step: str) -> Decision:
        role = STEP_ROLES.get(step)
        if (view.row.state, step) not in STUDY_STEPS:
            return Decision(step, allowed=False, why_not="The study is not in a state for that.")
        if role and role not in actor.roles:
            return Decision(step, allowed=False, why_not=f"This belongs to the role {role.value.replace('_', ' ')}.")
        if not role and not actor.roles & {Role.TECHNICIAN, Role.PRIVACY_OFFICER}:
            return Decision(step, allowed=False, why_not="Your roles do not allow this.")
        version = view.preparation
        if step in {"approve", "return"} and version and actor.name in {version.made_by, version.submitted_by}:
            return Decision(step, allowed=False, why_not="You prepared or submitted it: a second person decides.")
        return Decision(step, allowed=True)

    def changes(self, actor, *, study, series, action, search, limit, offset) -> ChangePage:
        self._need(actor, Role.TECHNICIAN, Role.PRIVACY_OFFICER, Role.AUDITOR)
        rows = [
            ChangeRow(f"c{n}", path, keyword, name, letter, rule, CONCEALED, after, removed, 0, 118 if n else 59, 118)
            for n, (path, keyword, name, letter, rule, after, removed) in enumerate(_CHANGES)
        ]
        fits = [
            row
            for row in rows
            if (not action or row.action == action)
            and series in {None, row.series}
            and search.lower() in f"{row.path} {row.name}".lower()
        ]
        return ChangePage(tuple(fits[offset : offset + limit]), len(fits))

    def reveal_value(self, actor, *, study, change, purpose) -> Revealed:
        self._need(actor, Role.TECHNICIAN, Role.PRIVACY_OFFICER)
        self.revealed.append((actor.name, change, purpose))
        return Revealed(change, SECRET)

    def purposes(self) -> dict[str, str]:
        return {"check-removal": "Check that it was right to remove it", "privacy-issue": "Look into a privacy issue"}

    def explain_rule(self, rule: str) -> str:
        return f"{rule}: the standard's table asks for this."

    def _step(self, actor: Actor, study: str, step: str, **more: object) -> None:
        if self.failing:
            raise self.failing
        view = self.study_view(actor, study=study)
        decision = view.decision(step)
        if not decision.allowed:
            raise WrongState("wrong-state", decision.why_not)
        self.orders.append((step, actor.name, study, more))
        state = STUDY_STEPS[view.row.state, step]
        version = view.preparation and replace(view.preparation, state=state.value)
        if step == "approve" and version:
            version = replace(version, approved_by=actor.name, approved_at=self.clock())
        if step == "submit" and version:
            version = replace(version, submitted_by=actor.name, submitted_at=self.clock())
        self.views[study] = replace(view, row=replace(view.row, state=state), preparation=version)

    def output_picture(self, actor, *, study, series, image, frame) -> OutputPicture:
        self._need(actor, Role.TECHNICIAN, Role.PRIVACY_OFFICER, Role.AUDITOR)
        if self.no_picture:
            raise UsageError("picture-missing", "No output of this series can be shown.", "It was not looked at.")
        return OutputPicture(image, 2, frame, 24, 1, 1, b"PNG of an output")

    def prepare(self, actor, *, study, profile, scope, pixels, on_progress) -> PreparationView:
        if not scope:
            raise UsageError("scope-missing", "A scope is needed.", "Name the recipient or project.")
        on_progress(60, 120)
        on_progress(120, 120)
        asked = {"pixels": pixels} if pixels else {}
        self._step(actor, study, "prepare", profile=profile, scope=scope, **asked)
        view = self.views[study]
        version = _version(99, "prepared", scope=scope, profile=profile, made_by=actor.name)
        row = replace(view.row, profile=profile, version=1)
        self.views[study] = replace(view, row=row, preparation=version)
        return version

    def submit(self, actor, *, study, note) -> None:
        self._step(actor, study, "submit", note=note)

    def approve(self, actor, *, study, accept, note) -> None:
        self._step(actor, study, "approve", accept=accept, note=note)

    def send_back(self, actor, *, study, reason) -> None:
        self._step(actor, study, "return", reason=reason)

    def quarantine(self, actor, *, study, reason) -> None:
        self._step(actor, study, "quarantine", reason=reason)

    def withdraw(self, actor, *, study, reason) -> None:
        self._step(actor, study, "withdraw", reason=reason)

    def accept(self, actor, *, study, reason) -> None:
        self._step(actor, study, "accept", reason=reason)

    def discard(self, actor, *, study, reason) -> None:
        self._step(actor, study, "discard", reason=reason)

    def trail(self, actor, *, study, kind, limit, offset) -> TrailPage:
        self._need(actor, Role.PRIVACY_OFFICER, Role.AUDITOR)
        names = ("study.received", "preparation.made", "preparation.submitted", "value.revealed", "session.opened")
        rows = [
            TrailRow(
                seq=212 - n,
                at=NOW - timedelta(minutes=7 * n),
                kind=names[n % 5],
                actor=("tess", "petra")[n % 2],
                study=f"WB-{1 + n % 7:06d}" if n % 5 != 4 else "",
                release="",
                text=("Study arrived", "Prepared", "Submitted for approval", "Value revealed", "Signed in")[n % 5],
                facts={"instances": 118, "root": "71ab" * 16},
                leaf=f"{n:064x}",
            )
            for n in range(212)
        ]
        fits = [row for row in rows if not study or row.study == study]
        return TrailPage(tuple(fits[offset : offset + limit]), len(fits))

    def verify_log(self, actor) -> LogVerdict:
        self._need(actor, Role.PRIVACY_OFFICER, Role.AUDITOR, Role.ADMIN)
        self.orders.append(("verify", actor.name))
        return self.verdict
