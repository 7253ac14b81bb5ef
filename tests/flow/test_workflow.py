"""The whole workflow as a state machine: whoever tries whatever in whatever order.

Real database, ledger, object store and packages; only the work on pixels and headers is faked. After every step the
database must be where the model is, every change of state must have exactly one entry, and every refusal one.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.flow import fakes
from tests.flow.conftest import PEOPLE, Template, move_house
from workbench.flow import identity, importing, preparing, recipients, releasing, reviewing, trail
from workbench.records.actor import Role
from workbench.records.errors import NotPermitted, UsageError, WorkbenchError, WrongState
from workbench.records.states import STUDY_STEPS, ReleaseState, StudyState
from workbench.store.tables import PreparationState

CHANGES = {
    "study.received",
    "study.quarantined",
    "quarantine.accepted",
    "quarantine.discarded",
    "study.prepared",
    "study.submitted",
    "study.approved",
    "study.returned",
    "study.withdrawn",
    "release.created",
    "release.revoked",
    "release.expired",
    "receipt.recorded",
    "patient.linked",
    "patient.parted",
}
MAY = {
    "import": {Role.TECHNICIAN},
    "prepare": {Role.TECHNICIAN},
    "submit": {Role.TECHNICIAN},
    "approve": {Role.PRIVACY_OFFICER},
    "return": {Role.PRIVACY_OFFICER},
    "withdraw": {Role.PRIVACY_OFFICER},
    "quarantine": {Role.TECHNICIAN, Role.PRIVACY_OFFICER},
    "accept": {Role.PRIVACY_OFFICER},
    "discard": {Role.PRIVACY_OFFICER},
    "link": {Role.PRIVACY_OFFICER},
    "release": {Role.TECHNICIAN, Role.PRIVACY_OFFICER},
    "revoke": {Role.PRIVACY_OFFICER},
}
"""Spelled out again on purpose: a slip in the policy must show."""

NEVER = datetime(2000, 1, 1, tzinfo=UTC)
KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
people = st.sampled_from(["anna", "tom", "olga", "paul", "both", "vera", "rita", "root"])
fit = st.sampled_from([True, True, True, False])
"""Whether a rule looks for somebody who may take the step, so that runs get far; else anybody tries."""


@dataclass
class Known:
    """What the model knows of a study."""

    uid: str
    state: StudyState
    series: int = 0
    instances: int = 0
    held: int = 0
    prepared: int = 0
    maker: str = ""
    submitter: str = ""
    approver: str = ""
    accepted: bool = False
    version: str = ""
    """State of the newest version."""
    touched: bool = False
    group: int = 0
    approved_at: datetime = NEVER
    scope: str = ""
    files: list[Path] = field(default_factory=list)


class Workflow(RuleBasedStateMachine):
    """Every rule predicts by the model, acts, and compares."""

    template: Template | None = None

    def __init__(self):
        super().__init__()
        assert self.template is not None
        self.root = Path(tempfile.mkdtemp(prefix="workflow-"))
        self.house = move_house(self.template.root, self.root / "house", self.template.actors, self.template.now)
        self.studies: dict[str, Known] = {}
        self.releases: dict[str, ReleaseState] = {}
        self.contents: dict[str, set[str]] = {}
        self.count = 0

    @initialize()
    def add_recipient(self):
        recipients.add_recipient(self.house.workbench, self.house["olga"], name="Trial 7", key=KEY)
        self.a_study_arrives("anna", fit=True, instances=2, ultrasound=False)

    # -- help

    def may(self, who, step):
        return bool(MAY[step] & set(PEOPLE.get(who, (Role.ADMIN,))))

    def somebody(self, who, step, known=None, *, fit):
        """Return who tries: with `fit` somebody who may, beginning the search at `who`."""
        if not fit:
            return who
        names = [*PEOPLE, *PEOPLE]
        start = names.index(who) if who in PEOPLE else 0
        judged = known is not None and step in ("approve", "return")
        for name in names[start : start + len(PEOPLE)]:
            if self.may(name, step) and not (judged and name in (known.maker, known.submitter)):
                return name
        return who

    def attempt(self, call, *, expected, changes=1):
        """Act, and hold the log against what should have happened: `expected` is None or the class of the refusal."""
        before = self.kinds()
        if expected is None:
            result = call()
            added = self.kinds()[len(before) :]
            assert len([kind for kind in added if kind in CHANGES]) == changes, added
            assert "permission.denied" not in added
            return result
        with pytest.raises(expected):
            call()
        added = self.kinds()[len(before) :]
        denied = 1 if issubclass(expected, NotPermitted | WrongState) else 0
        assert added.count("permission.denied") == denied, added
        assert not [kind for kind in added if kind in CHANGES], added
        return None

    def kinds(self):
        return self.house.events()

    def pick(self, number):
        return sorted(self.studies)[number % len(self.studies)]

    def write(self, known, *, series, instances, ultrasound):
        folder = self.root / f"in-{self.count}"
        for position in range(instances):
            self.count += 1
            path = folder / f"{position}.dcm"
            uid = f"{known.uid}.{series}"
            known.files.append(
                fakes.write_tiny(
                    path,
                    study=known.uid,
                    series=uid,
                    instance=f"{uid}.{self.count}",
                    patient_id=f"P{known.uid[-3:]}",
                    name=f"Doe{known.uid[-3:]}^Jane",
                    ultrasound=ultrasound,
                )
            )
        return folder

    # -- rules

    @precondition(lambda self: len(self.studies) < 3)
    @rule(who=people, fit=fit, instances=st.integers(1, 2), ultrasound=st.booleans())
    def a_study_arrives(self, who, fit, instances, ultrasound):
        who = self.somebody(who, "import", fit=fit)
        self.count += 1
        known = Known(f"1.2.3.{self.count + 100}", StudyState.RECEIVED, 1, instances, instances * ultrasound)
        known.group = self.count
        folder = self.write(known, series=1, instances=instances, ultrasound=ultrasound)
        expected = None if self.may(who, "import") else NotPermitted
        report = self.attempt(
            lambda: importing.import_paths(self.house.workbench, self.house[who], paths=[folder]), expected=expected
        )
        if report is not None:
            assert (report.instances, report.already, report.quarantined) == (instances, 0, ())
            self.studies[report.studies[0].study] = known

    @precondition(lambda self: self.studies)
    @rule(number=st.integers(0, 9))
    def the_same_files_arrive_again(self, number):
        study = self.pick(number)
        known = self.studies[study]
        if known.state is StudyState.DISCARDED:
            return
        folders = {file.parent for file in known.files}
        report = self.attempt(
            lambda: importing.import_paths(self.house.workbench, self.house["anna"], paths=sorted(folders)),
            expected=None,
            changes=0,
        )
        assert (report.instances, report.already) == (0, known.instances)

    @precondition(lambda self: sum(known.series for known in self.studies.values()) < 6)
    @rule(number=st.integers(0, 9))
    def a_late_series_arrives(self, number):
        study = self.pick(number)
        known = self.studies[study]
        if known.state is StudyState.DISCARDED:
            return
        files = list(known.files)
        folder = self.write(known, series=known.series + 1, instances=1, ultrasound=False)
        quarantined = known.state is StudyState.QUARANTINED
        report = self.attempt(
            lambda: importing.import_paths(self.house.workbench, self.house["tom"], paths=[folder]),
            expected=None,
            changes=0 if quarantined else 1,
        )
        if quarantined:
            known.files = files
            assert [row.code for row in report.quarantined] == ["study-in-quarantine"]
        else:
            known.series += 1
            known.instances += 1

    @precondition(lambda self: self.studies)
    @rule(who=people, number=st.integers(0, 9), accept=st.booleans())
    def go_on(self, who, number, accept):
        """Take the step that an ordinary day takes next, so that runs get far."""
        known = self.studies[self.pick(number)]
        if known.prepared != known.instances or known.state in (StudyState.RECEIVED, StudyState.RETURNED):
            self.prepare(who, fit=True, number=number, scope="trial-7")
        elif known.state is StudyState.PREPARED:
            self.submit(who, fit=True, number=number)
        elif known.state is StudyState.SUBMITTED:
            self.approve(who, fit=True, number=number, accept=accept)
        elif known.state is StudyState.APPROVED:
            self.release(who, fit=True, numbers=[number])

    @precondition(lambda self: self.studies)
    @rule(who=people, fit=fit, number=st.integers(0, 9), scope=st.sampled_from(["trial-7", "trial-7", "trial-8"]))
    def prepare(self, who, fit, number, scope):
        study = self.pick(number)
        known = self.studies[study]
        who = self.somebody(who, "prepare", fit=fit)
        expected = self.refusal(who, "prepare", known)
        made = self.attempt(
            lambda: preparing.prepare(self.house.workbench, self.house[who], study=study, scope=scope, pixels="off"),
            expected=expected,
        )
        if made is not None:
            goes_on = known.version in ("prepared", "approved") and known.scope == scope and not known.touched
            known.state, known.version, known.touched = StudyState.PREPARED, "prepared", False
            known.maker, known.submitter, known.approver = who, "", ""
            known.prepared, known.scope, known.accepted = known.instances, scope, known.accepted and goes_on

    @precondition(lambda self: self.studies)
    @rule(who=people, fit=fit, number=st.integers(0, 9))
    def submit(self, who, fit, number):
        study = self.pick(number)
        known = self.studies[study]
        who = self.somebody(who, "submit", fit=fit)
        expected = self.refusal(who, "submit", known)
        if expected is None and (known.prepared != known.instances or known.touched):
            expected = WrongState
        if self.attempt(
            lambda: reviewing.submit(self.house.workbench, self.house[who], study=study), expected=expected
        ):
            known.state, known.submitter = StudyState.SUBMITTED, who

    @precondition(lambda self: self.studies)
    @rule(who=people, fit=fit, number=st.integers(0, 9), accept=st.booleans())
    def approve(self, who, fit, number, accept):
        study = self.pick(number)
        known = self.studies[study]
        who = self.somebody(who, "approve", known, fit=fit)
        names = ("series-1.ultrasound",) if accept and known.held else ()
        expected = self.refusal(who, "approve", known) or self.second_person(who, known)
        if expected is None and (known.touched or (not (names or known.accepted) and known.held == known.prepared)):
            expected = WrongState
        if self.attempt(
            lambda: reviewing.approve(self.house.workbench, self.house[who], study=study, accept=names),
            expected=expected,
        ):
            assert who not in (known.maker, known.submitter)
            known.state, known.approver, known.version = StudyState.APPROVED, who, "approved"
            known.accepted = known.accepted or bool(names)
            known.approved_at = self.house.clock.now

    @precondition(lambda self: self.studies)
    @rule(who=people, number=st.integers(0, 9))
    def approve_with_an_invented_hold(self, who, number):
        study = self.pick(number)
        known = self.studies[study]
        expected = self.refusal(who, "approve", known) or self.second_person(who, known)
        self.attempt(
            lambda: reviewing.approve(self.house.workbench, self.house[who], study=study, accept=["series-9.made-up"]),
            expected=expected or UsageError,
        )

    @precondition(lambda self: self.studies)
    @rule(who=people, fit=fit, number=st.integers(0, 9))
    def send_back(self, who, fit, number):
        self.decide("return", who, fit=fit, number=number)

    @precondition(lambda self: self.studies)
    @rule(who=people, fit=fit, number=st.integers(0, 9))
    def withdraw(self, who, fit, number):
        self.decide("withdraw", who, fit=fit, number=number)

    @precondition(lambda self: self.studies)
    @rule(who=people, fit=fit, number=st.integers(0, 9))
    def quarantine(self, who, fit, number):
        self.decide("quarantine", who, fit=fit, number=number)

    @precondition(lambda self: self.studies)
    @rule(who=people, fit=fit, number=st.integers(0, 9))
    def accept(self, who, fit, number):
        self.decide("accept", who, fit=fit, number=number)

    @precondition(lambda self: any(known.state is StudyState.QUARANTINED for known in self.studies.values()))
    @rule(who=people, fit=fit, number=st.integers(0, 9))
    def discard(self, who, fit, number):
        self.decide("discard", who, fit=fit, number=number)

    def decide(self, step, who, *, fit, number):
        known = self.studies[self.pick(number)]
        study = self.pick(number)
        who = self.somebody(who, step, known, fit=fit)
        expected = self.refusal(who, step, known)
        if step == "return":
            expected = expected or self.second_person(who, known)
        done = self.attempt(
            lambda: reviewing.STEPS[step](self.house.workbench, self.house[who], study=study, reason="because"),
            expected=expected,
        )
        if done is not None:
            if step in ("return", "quarantine") and known.state is StudyState.SUBMITTED:
                known.version, known.touched = "returned", known.touched
            if step in ("withdraw", "quarantine") and known.state is StudyState.APPROVED:
                known.version = "withdrawn"
            known.state = STUDY_STEPS[known.state, step]

    @precondition(lambda self: len(self.studies) > 1)
    @rule(who=people, fit=fit, numbers=st.tuples(st.integers(0, 9), st.integers(0, 9)))
    def link(self, who, fit, numbers):
        who = self.somebody(who, "link", fit=fit)
        one, other = (self.pick(number) for number in numbers)
        groups = self.studies[one].group, self.studies[other].group
        expected: type[WorkbenchError] | None = WrongState if groups[0] == groups[1] else None
        if not self.may(who, "link"):
            expected = NotPermitted
        touched = self.attempt(
            lambda: identity.link(
                self.house.workbench, self.house[who], study=one, other=other, reason="merged at the source"
            ),
            expected=expected,
        )
        if touched is not None:
            self.touch([known for known in self.studies.values() if known.group in groups])
            for known in self.studies.values():
                known.group = groups[0] if known.group == groups[1] else known.group

    @precondition(lambda self: len(self.studies) > 1)
    @rule(who=people, fit=fit, number=st.integers(0, 9))
    def part(self, who, fit, number):
        who = self.somebody(who, "link", fit=fit)
        study = self.pick(number)
        known = self.studies[study]
        together = [one for one in self.studies.values() if one.group == known.group]
        expected: type[WorkbenchError] | None = None if len(together) > 1 else WrongState
        if not self.may(who, "link"):
            expected = NotPermitted
        touched = self.attempt(
            lambda: identity.part(self.house.workbench, self.house[who], study=study, reason="merged in error"),
            expected=expected,
        )
        if touched is not None:
            self.touch(together)
            self.count += 1
            known.group = -self.count

    def touch(self, together):
        for known in together:
            if known.state is not StudyState.DISCARDED and known.version in ("prepared", "approved", "returned"):
                known.touched = True

    @precondition(lambda self: any(known.state is StudyState.APPROVED for known in self.studies.values()))
    @rule(who=people, fit=fit, numbers=st.lists(st.integers(0, 9), min_size=1, max_size=2))
    def release(self, who, fit, numbers):
        who = self.somebody(who, "release", fit=fit)
        studies = sorted({self.pick(number) for number in numbers})
        known = [self.studies[study] for study in studies]
        self.expire()
        oldest = self.house.clock.now - timedelta(days=90)
        ready = all(one.state is StudyState.APPROVED and one.approved_at > oldest and not one.touched for one in known)
        expected: type[WorkbenchError] | None = None if self.may(who, "release") else NotPermitted
        if expected is None and (not ready or len({one.scope for one in known}) > 1):
            expected = WrongState
        made = self.attempt(
            lambda: releasing.create_release(
                self.house.workbench,
                self.house[who],
                recipient="Trial 7",
                purpose="research",
                basis="de-identified",
                expires_days=30,
                studies=studies,
            ),
            expected=expected,
        )
        if made is not None:
            self.releases[made.release] = ReleaseState.CREATED
            assert made.instances == sum(one.prepared if one.accepted else one.prepared - one.held for one in known)
            assert Path(made.package).is_file()

    @precondition(lambda self: self.releases)
    @rule(who=people, fit=fit, number=st.integers(0, 9))
    def revoke(self, who, fit, number):
        who = self.somebody(who, "revoke", fit=fit)
        release = sorted(self.releases)[number % len(self.releases)]
        over = self.releases[release] in (ReleaseState.REVOKED, ReleaseState.EXPIRED)
        expected: type[WorkbenchError] | None = WrongState if over else None
        if not self.may(who, "revoke"):
            expected = NotPermitted
        if self.attempt(
            lambda: releasing.revoke_release(self.house.workbench, self.house[who], release=release, reason="because"),
            expected=expected,
        ):
            self.releases[release] = ReleaseState.REVOKED
            assert not (self.house.workbench.packages / f"{release}.tar.age").exists()

    @rule(days=st.sampled_from([1, 20, 80]))
    def time_passes(self, days):
        self.house.clock.skip(days=days)
        self.expire()

    def expire(self):
        with self.house.workbench.database.reading() as reading:
            overdue = {found.id for found in reading.releases.overdue(now=self.house.clock.now)}
        releasing.expire_releases(self.house.workbench)
        for release in overdue:
            self.releases[release] = ReleaseState.EXPIRED

    # -- the model's own judgement

    def refusal(self, who, step, known):
        if not self.may(who, step):
            return NotPermitted
        return None if (known.state, step) in STUDY_STEPS else WrongState

    def second_person(self, who, known):
        return NotPermitted if who in (known.maker, known.submitter) else None

    # -- what must always hold

    @invariant()
    def the_database_is_where_the_model_is(self):
        with self.house.workbench.database.reading() as reading:
            for study, known in self.studies.items():
                found = reading.studies.get(study)
                assert (found.state, found.instance_count) == (known.state, known.instances)
                made = reading.preparations.current(study)
                if known.state is StudyState.APPROVED:
                    assert made is not None
                    assert made.state is PreparationState.APPROVED
                    assert self.house[known.approver].user_id == made.approved_by
                if made is not None and made.approved_by:
                    assert made.approved_by not in made.involved
            for release, state in self.releases.items():
                assert reading.releases.get(release).state is state

    @invariant()
    def nothing_lies_in_clear(self):
        workbench = self.house.workbench
        assert [path.name for path in workbench.staging.iterdir() if path.is_dir()] == []
        parts = [path.name for path in workbench.packages.iterdir() if path.suffix == ".part"]
        assert parts == []

    def teardown(self):
        self.house.workbench.close()
        verdict = trail.verify_home(
            self.house.made.home, trust=str(self.house.made.trust), witness=self.house.made.witness
        )
        shutil.rmtree(self.root, ignore_errors=True)
        assert verdict.ok, verdict.problems


def run(staffed, monkeypatch, *, examples, steps):
    fakes.install(monkeypatch)
    machine = type("Workflow", (Workflow,), {"template": staffed})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        phases=(Phase.generate,),  # shrinking a run of sixty steps takes longer than reading it
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_whoever_tries_whatever_the_log_and_the_states_hold(staffed, monkeypatch):
    run(staffed, monkeypatch, examples=6, steps=25)


@pytest.mark.slow
def test_whoever_tries_whatever_at_length(staffed, monkeypatch):
    run(staffed, monkeypatch, examples=60, steps=60)
