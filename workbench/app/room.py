"""What a page gets: the desk, the actor, the time, and where the other pages are."""

from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from streamlit.navigation.page import Page

from workbench.access.policy import Permission, allows
from workbench.app.desk import Desk
from workbench.records.actor import Actor
from workbench.records.errors import NotPermitted


@dataclass(slots=True)
class Room:
    """Made anew for every run, so that nobody keeps a role that was taken away."""

    desk: Desk
    actor: Actor
    now: datetime
    study_page: Page | None = None
    queue_page: Page | None = None

    def may(self, permission: Permission) -> bool:
        """Tell what to show. What is allowed is decided in `flow`."""
        return allows(self.actor.roles, permission)

    def actor_now(self) -> Actor:
        """Return the actor as of this moment: a dialog can stay open for long, and roles can go meanwhile.

        Raises
        ------
        NotPermitted
            `session-ended`.
        """
        actor = self.desk.actor(self.actor.session)
        if actor is None:
            raise NotPermitted("session-ended", "Your session has ended.", "Sign in again.")
        return actor

    def open_study(self, study: str) -> None:
        """Go to the page of one study."""
        if self.study_page is not None:
            st.switch_page(self.study_page, query_params={"study": study})
