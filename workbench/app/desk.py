"""All that the pages may ask and order. The pages know this; what is behind it is `flow`."""

from collections.abc import Callable, Mapping
from typing import Protocol

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


class Desk(Protocol):
    """Use cases as the pages call them. Each takes the actor, checks what the actor may do, and records what it did.

    Every method raises a WorkbenchError when it refuses; the pages show its message and hint.
    """

    def actor(self, session: str) -> Actor | None:
        """Return who the open session belongs to, with today's roles; None when it is over."""
        ...

    def sign_out(self, actor: Actor) -> None:
        """End the session."""
        ...

    def list_studies(
        self, actor: Actor, *, state: StudyState | None, search: str, limit: int, offset: int
    ) -> StudyPage:
        """Return a slice of the queue."""
        ...

    def quarantine_list(self, actor: Actor, *, limit: int, offset: int) -> tuple[QuarantineRow, ...]:
        """Return the refused files, by reason."""
        ...

    def questions(self, actor: Actor) -> tuple[QuestionRow, ...]:
        """Return the questions about identity that wait."""
        ...

    def compare(self, actor: Actor, *, question: str) -> tuple[Compared, ...]:
        """Return what both patients of a question are called, in clear, and record that."""
        ...

    def answer(self, actor: Actor, *, question: str, same: bool, reason: str) -> None:
        """Say whether two patients are one person."""
        ...

    def profiles(self) -> tuple[ProfileRow, ...]:
        """Return the profiles to choose from."""
        ...

    def profile_sheet(self, profile: str) -> tuple[SheetRow, ...]:
        """Return what a profile lets through."""
        ...

    def study_view(self, actor: Actor, *, study: str) -> StudyView:
        """Return what the page of one study shows."""
        ...

    def changes(
        self, actor: Actor, *, study: str, series: int | None, action: str, search: str, limit: int, offset: int
    ) -> ChangePage:
        """Return a slice of the header changes, before-values concealed. Series count from 0."""
        ...

    def reveal_value(self, actor: Actor, *, study: str, change: str, purpose: str) -> Revealed:
        """Return one before-value in clear, and record that."""
        ...

    def purposes(self) -> Mapping[str, str]:
        """Return the purposes for which a value may be revealed, by code."""
        ...

    def explain_rule(self, rule: str) -> str:
        """Return a rule of the profile in words."""
        ...

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
        """Make a prepared version; `pixels` None is what the profile says."""
        ...

    def output_picture(self, actor: Actor, *, study: str, series: int, image: int, frame: int) -> OutputPicture:
        """Return one frame of an output whose pixels were looked at. Series count from 0, images and frames from 1."""
        ...

    def submit(self, actor: Actor, *, study: str, note: str) -> None:
        """Submit the prepared version for approval."""
        ...

    def approve(self, actor: Actor, *, study: str, accept: tuple[str, ...], note: str) -> None:
        """Approve for release, and accept the named held instances."""
        ...

    def send_back(self, actor: Actor, *, study: str, reason: str) -> None:
        """Return to the technician."""
        ...

    def quarantine(self, actor: Actor, *, study: str, reason: str) -> None:
        """Put into quarantine."""
        ...

    def withdraw(self, actor: Actor, *, study: str, reason: str) -> None:
        """Withdraw the approval."""
        ...

    def accept(self, actor: Actor, *, study: str, reason: str) -> None:
        """Take out of quarantine."""
        ...

    def discard(self, actor: Actor, *, study: str, reason: str) -> None:
        """Discard for good."""
        ...

    def trail(self, actor: Actor, *, study: str, kind: str, limit: int, offset: int) -> TrailPage:
        """Return a slice of the log, newest first."""
        ...

    def verify_log(self, actor: Actor) -> LogVerdict:
        """Check the log against its checkpoints and the witness file."""
        ...


def open_desk(home: str) -> Desk:
    """Open the desk of a home; one per server, shared by the gate and all pages. Holds keys, no identity."""
    from pathlib import Path  # noqa: PLC0415 - pages that are tested with another desk need none of this

    from workbench.app.flow_desk import open_flow_desk  # noqa: PLC0415

    return open_flow_desk(Path(home))
