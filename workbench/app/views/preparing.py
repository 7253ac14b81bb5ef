"""Preparing a study: scope and profile, with what the profile is made for, and the progress."""

from typing import cast

import streamlit as st

from workbench.app import faults, parts
from workbench.app.html import tag
from workbench.app.room import Room
from workbench.app.words import count
from workbench.flow.shown import ProfileRow, StudyView
from workbench.flow.shown_pixels import PixelMode
from workbench.records.errors import WorkbenchError
from workbench.records.states import StudyState

PIXELS = {
    "profile": "As the profile says",
    "clean": "Blacken what is not known to be harmless",
    "flag": "Change nothing, keep out what shows text",
    "off": "Do not look",
}
"""What becomes of text in pixels, by what is asked."""


def render(room: Room, view: StudyView) -> None:
    """Ask for scope and profile, and prepare when confirmed."""
    parts.put(
        tag(
            "p",
            "The scope is the recipient or project. Within it a patient keeps the same patient code and images still "
            "refer to each other; in another scope the codes differ.",
        )
    )
    if view.row.state is StudyState.APPROVED:
        text = "The new version has to be approved again. Packages that were made already are not touched."
        parts.put(parts.note(text, "orange", "This replaces the approved version."))
    before = view.preparation
    scope = st.text_input(
        "Scope", value=before.scope if before else "", key="scope", max_chars=60, placeholder="for example trial-7"
    )
    profile = _profile(room, before.profile if before else "basic")
    pixels = _pixels()
    if not st.button("Prepare", type="primary", key="confirm", width="stretch"):
        return
    bar = st.progress(0.0, text="De-identifying and verifying")

    def on_progress(done: int, total: int) -> None:
        part = min(1.0, done / max(1, total))
        several = count(view.row.instances, "instance")
        bar.progress(part, text=f"De-identifying and verifying {several}: {part:.0%}")

    try:
        made = room.desk.prepare(
            room.actor_now(),
            study=view.row.study,
            profile=profile.strip(),
            scope=scope.strip(),
            pixels=pixels,
            on_progress=on_progress,
        )
    except WorkbenchError as error:
        bar.empty()
        faults.refusal(error)
        return
    parts.flash(f"Prepared version {made.number}: {count(made.instances, 'instance')}.")
    st.rerun()


def _pixels() -> PixelMode | None:
    """Let the user choose what becomes of text in pixels; what was not looked at has a price, which is said."""
    chosen = st.selectbox("Text in pixels", list(PIXELS), format_func=lambda mode: PIXELS[mode], key="pixels")
    if chosen == "off":
        text = "Images of kinds that often show identity then wait until the approver accepts them by name."
        parts.put(parts.note(text, "orange", "Nobody looks at the pixels."))
    return None if chosen == "profile" else cast("PixelMode", chosen)


def _profile(room: Room, chosen: str) -> str:
    """Let the user choose a profile, and say what it is made for before anything is prepared with it."""
    rows = {row.name: row for row in room.desk.profiles()}
    options = list(rows) if chosen in rows else [*rows, chosen]
    profile = st.selectbox(
        "Profile",
        options,
        index=options.index(chosen),
        format_func=lambda name: _label(rows[name]) if name in rows else name,
        key="profile",
        help="One of the list. A profile of your own is here once a privacy officer has activated it.",
    )
    row = rows.get(profile or "")
    if row is None:
        return profile or ""
    own = [tag("p", "Your own: tested on planted items and activated by a privacy officer.")] if row.own else []
    title = tag("p", tag("b", f"{row.title}, version {row.version}."), *own)
    parts.put(title, parts.note(row.says, "blue", f"{row.law[:1].upper()}{row.law[1:]}."))
    with st.expander("What this profile lets through", key="profile-sheet", on_change="rerun") as sheet:
        for note in row.notes:
            parts.put(tag("p", note, cls="wb-small"))
        if sheet.open:
            _sheet(room, row.name)
    return row.name


def _label(row: ProfileRow) -> str:
    """Return a line of the list: the name, and what it is made for. The title stands under it, whole."""
    return f"{row.name} · {row.law}" + (" · your own" if row.own else "")


def _sheet(room: Room, profile: str) -> None:
    lines = room.desk.profile_sheet(profile)
    body = [tag("tr", tag("td", line.name), tag("td", line.tag), tag("td", line.meaning)) for line in lines]
    head = tag("tr", tag("th", "Attribute"), tag("th", "Tag"), tag("th", "What becomes of it"))
    parts.put(tag("table", tag("thead", head), tag("tbody", *body), cls="wb-plain wb-small"))
    parts.put(tag("p", "Everything that is not in this list is removed, emptied or replaced.", cls="wb-quiet wb-small"))
