"""The desk as `flow` answers it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from workbench.api.sessions import Sessions
from workbench.app.lately import Lately
from workbench.flow import accounts, identity, offered, pictures, preparing, queries, reviewing, trail
from workbench.flow.home import Workbench, open_home
from workbench.flow.pictures import OutputPicture
from workbench.flow.shown import (
    ChangePage,
    Compared,
    LogVerdict,
    PreparationView,
    ProfileRow,
    QuarantineRow,
    QuestionRow,
    Revealed,
    SheetRow,
    StudyPage,
    StudyView,
    TrailPage,
)
from workbench.flow.shown_pixels import PixelMode
from workbench.records.actor import Actor
from workbench.records.states import StudyState


class FlowDoor:
    """Accounts as the gate needs them."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def sign_in(self, *, name: str, password: str) -> tuple[Actor, str]:
        """Return the actor and a fresh token."""
        signed_in = accounts.sign_in(self._workbench, name=name, password=password, source="app")
        return signed_in.actor, signed_in.token

    def resume(self, *, token: str, active: bool) -> Actor:
        """Return whose session `token` opens."""
        return accounts.resume(self._workbench, token=token, active=active)

    def sign_out(self, actor: Actor) -> None:
        """End the actor's session."""
        accounts.sign_out(self._workbench, actor)

    def first_account(self, *, code: str, name: str, password: str) -> None:
        """Make the first account of a new home."""
        accounts.first_account(self._workbench, code=code, name=name, password=password)


class FlowDesk:
    """Implements `desk.Desk`. Every check and every record is made in `flow`."""

    def __init__(self, workbench: Workbench) -> None:
        self.workbench = workbench
        self.sessions = Sessions(FlowDoor(workbench), workbench.clock)
        self._lately = Lately(workbench.clock)

    def actor(self, session: str) -> Actor | None:
        """Return who the open session belongs to, None when it is over."""
        return self.sessions.by_session(session)

    def sign_out(self, actor: Actor) -> None:
        """End the session."""
        self.sessions.sign_out(actor)

    def list_studies(
        self, actor: Actor, *, state: StudyState | None, search: str, limit: int, offset: int
    ) -> StudyPage:
        """Return a slice of the queue."""
        return queries.list_studies(self.workbench, actor, state=state, search=search, limit=limit, offset=offset)

    def quarantine_list(self, actor: Actor, *, limit: int, offset: int) -> tuple[QuarantineRow, ...]:
        """Return the refused files."""
        return queries.quarantine_list(self.workbench, actor, limit=limit, offset=offset)

    def questions(self, actor: Actor) -> tuple[QuestionRow, ...]:
        """Return the questions about identity that wait."""
        return identity.questions(self.workbench, actor)

    def compare(self, actor: Actor, *, question: str) -> tuple[Compared, ...]:
        """Return what both patients of a question are called, in clear, and record that."""
        with self._lately.changing():
            return identity.compare(self.workbench, actor, question=question)

    def answer(self, actor: Actor, *, question: str, same: bool, reason: str) -> None:
        """Say whether two patients are one person."""
        with self._lately.changing():
            identity.answer(self.workbench, actor, question=question, same=same, reason=reason)

    def profiles(self) -> tuple[ProfileRow, ...]:
        """Return the profiles to choose from."""
        return offered.offered_profiles(self.workbench)

    def profile_sheet(self, profile: str) -> tuple[SheetRow, ...]:
        """Return what a profile lets through."""
        return offered.profile_sheet(self.workbench, profile)

    def study_view(self, actor: Actor, *, study: str) -> StudyView:
        """Return what the page of one study shows."""
        return self._lately.get(
            ("study", study, actor.session, actor.roles),
            lambda: queries.study_view(self.workbench, actor, study=study),
        )

    def changes(
        self, actor: Actor, *, study: str, series: int | None, action: str, search: str, limit: int, offset: int
    ) -> ChangePage:
        """Return a slice of the header changes."""
        return queries.changes(
            self.workbench,
            actor,
            study=study,
            series=series,
            action=action,
            search=search,
            limit=limit,
            offset=offset,
        )

    def reveal_value(self, actor: Actor, *, study: str, change: str, purpose: str) -> Revealed:
        """Return one before-value in clear, and record that."""
        with self._lately.changing():
            return queries.reveal_value(self.workbench, actor, study=study, change=change, purpose=purpose)

    def purposes(self) -> Mapping[str, str]:
        """Return the purposes for which a value may be revealed."""
        return queries.PURPOSES

    def explain_rule(self, rule: str) -> str:
        """Return a rule in words."""
        return queries.explain_rule(rule)

    def prepare(
        self,
        actor: Actor,
        *,
        study: str,
        profile: str,
        scope: str,
        pixels: PixelMode | None,
        on_progress: Callable[[int, int], None],
    ) -> PreparationView:
        """Make a prepared version."""
        with self._lately.changing():
            return preparing.prepare(
                self.workbench,
                actor,
                study=study,
                profile=profile,
                scope=scope,
                pixels=pixels,
                on_progress=on_progress,
            )

    def output_picture(self, actor: Actor, *, study: str, series: int, image: int, frame: int) -> OutputPicture:
        """Return one frame of an output; kept nowhere."""
        return pictures.output_picture(self.workbench, actor, study=study, series=series, image=image, frame=frame)

    def submit(self, actor: Actor, *, study: str, note: str) -> None:
        """Submit for approval."""
        with self._lately.changing():
            reviewing.submit(self.workbench, actor, study=study, note=note)

    def approve(self, actor: Actor, *, study: str, accept: tuple[str, ...], note: str) -> None:
        """Approve for release."""
        with self._lately.changing():
            reviewing.approve(self.workbench, actor, study=study, accept=accept, note=note)

    def send_back(self, actor: Actor, *, study: str, reason: str) -> None:
        """Return to the technician."""
        with self._lately.changing():
            reviewing.send_back(self.workbench, actor, study=study, reason=reason)

    def quarantine(self, actor: Actor, *, study: str, reason: str) -> None:
        """Put into quarantine."""
        with self._lately.changing():
            reviewing.quarantine(self.workbench, actor, study=study, reason=reason)

    def withdraw(self, actor: Actor, *, study: str, reason: str) -> None:
        """Withdraw the approval."""
        with self._lately.changing():
            reviewing.withdraw(self.workbench, actor, study=study, reason=reason)

    def accept(self, actor: Actor, *, study: str, reason: str) -> None:
        """Take out of quarantine."""
        with self._lately.changing():
            reviewing.accept(self.workbench, actor, study=study, reason=reason)

    def discard(self, actor: Actor, *, study: str, reason: str) -> None:
        """Discard for good."""
        with self._lately.changing():
            reviewing.discard(self.workbench, actor, study=study, reason=reason)

    def trail(self, actor: Actor, *, study: str, kind: str, limit: int, offset: int) -> TrailPage:
        """Return a slice of the log."""
        return self._lately.get(
            ("trail", study, kind, limit, offset, actor.session, actor.roles),
            lambda: trail.entries(self.workbench, actor, study=study, kind=kind, limit=limit, offset=offset),
        )

    def verify_log(self, actor: Actor) -> LogVerdict:
        """Check the log."""
        with self._lately.changing():
            return trail.verify(self.workbench, actor)


def open_flow_desk(home: Path) -> FlowDesk:
    """Open the home; raise what `open_home` raises."""
    return FlowDesk(open_home(home))
