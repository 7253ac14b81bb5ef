"""Around every page: who is there, what they may see, and what happens when something breaks."""

from datetime import UTC, datetime
from importlib.resources import files

import streamlit as st
from streamlit.navigation.page import Page

from workbench.access.policy import Permission, allows
from workbench.app import desk as desks
from workbench.app import faults, parts
from workbench.app.desk import Desk
from workbench.app.room import Room
from workbench.app.views import deliveries, studies, study, trail
from workbench.app.words import roles
from workbench.records.actor import Actor, Role
from workbench.records.errors import WorkbenchError

LOGO = str(files("workbench.api").joinpath("assets", "mark.svg"))


@st.cache_resource(show_spinner=False)
def desk_of(home: str) -> Desk:
    """Open the home's desk once per server. It holds keys and connections, nothing about people."""
    return desks.open_desk(home)


def session_id() -> str:
    """Return the session that the gate vouches for. The gate strips whatever a client sends under that name."""
    return str(st.user.get("session") or "")


def home() -> str:
    """Return the home that this server serves."""
    return str(st.secrets["home"])


def run() -> None:
    """Run the page that was asked for."""
    st.set_page_config(page_title="Workbench", layout="wide", initial_sidebar_state="collapsed")
    parts.style()
    st.logo(LOGO, size="large")
    try:
        _run()
    except WorkbenchError as error:
        faults.refusal(error)
    except Exception as error:  # noqa: BLE001 - the last place that may answer the user
        faults.incident(error)


def _run() -> None:
    desk = desk_of(home())
    actor = desk.actor(session_id())
    if actor is None:
        parts.empty("Your session has ended", "Reload this page to sign in again.")
        return
    room = Room(desk=desk, actor=actor, now=datetime.now(UTC))
    page = _navigate(room)
    _who(room)
    parts.show_flash()
    page.run()


def _navigate(room: Room) -> Page:
    """Register the pages that this actor's roles may see; for all others there is no such page."""
    pages: list[Page] = []
    hidden: list[Page] = []
    if allows(room.actor.roles, Permission.STUDY_LIST):
        queue = st.Page(lambda: studies.render(room), title="Studies", url_path="studies")
        one = st.Page(lambda: study.render(room), title="Study", url_path="study", visibility="hidden")
        room.study_page, room.queue_page = one, queue
        pages.append(queue)
        hidden.append(one)
    if allows(room.actor.roles, Permission.AUDIT_VERIFY):
        pages.append(st.Page(lambda: trail.render(room), title="Audit trail", url_path="audit-trail"))
    if Role.REMOTE_READER in room.actor.roles:
        pages.append(st.Page(lambda: deliveries.render(room), title="Deliveries", url_path="deliveries"))
    if not pages:
        pages.append(st.Page(_nothing, title="Workbench", url_path="nothing"))
    return st.navigation([*pages, *hidden], position="top" if len(pages) > 1 else "hidden")


def _nothing() -> None:
    parts.empty("Nothing here for your roles", "Ask an administrator which roles your account should have.")


def _who(room: Room) -> None:
    """Put the signed-in person and the way out into the corner."""
    with (
        st.container(horizontal=True, horizontal_alignment="right", key="who"),
        st.popover(room.actor.name, type="tertiary", icon=":material/account_circle:"),
    ):
        _corner(room.actor)
        if st.button("Sign out", key="sign-out", width="stretch"):
            room.desk.sign_out(room.actor)
            parts.empty("You are signed out", "This window closes its connection now.")
            st.stop()


def _corner(actor: Actor) -> None:
    parts.put(parts.facts([("Name", actor.name), ("Roles", roles(actor.roles))]))
