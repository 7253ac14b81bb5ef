"""Whose is it: the questions about identity of a study, the comparison of both patients, and the answer."""

from functools import partial

import streamlit as st

from workbench.app import faults, parts
from workbench.app.html import tag
from workbench.app.room import Room
from workbench.app.words import count
from workbench.flow.shown import QuestionRow, StudyView
from workbench.records.errors import WorkbenchError

ANSWERS = {"same": "The same person", "different": "Different persons"}


def render(room: Room, view: StudyView) -> None:
    """Offer the questions of a study to those who may answer them."""
    for row in view.questions:
        if st.button(f"Answer {row.question}…", key=f"question-{row.question}", type="primary", width="stretch"):
            st.dialog(f"Whose is it: {row.question}")(partial(ask, room, row))()


def ask(room: Room, row: QuestionRow) -> None:
    """Show the question, both patients when asked for, and take the answer with its reason."""
    parts.put(tag("p", row.message), tag("p", row.hint, cls="wb-quiet"))
    files = [("Files that wait", f"{row.files:,}")] if row.files else []
    parts.put(parts.facts([("Study", row.study), ("The other's studies", ", ".join(row.others) or "none"), *files]))
    _compare(room, row)
    chosen = st.radio(
        "Answer", list(ANSWERS), index=None, format_func=lambda option: ANSWERS[option], key=f"answer-{row.question}"
    )
    reason = st.text_area("Reason", key="reason", max_chars=1_000, height=100)
    parts.put(
        tag(
            "p",
            "The same person: one patient code and date offset from now on; what was prepared before has to be "
            "prepared again. Different persons: they are never linked. Do not write a patient's name or number here.",
            cls="wb-quiet wb-small",
        )
    )
    if st.button("Answer", type="primary", key="confirm", width="stretch", disabled=chosen is None):
        if not reason.strip():
            parts.put(
                parts.note("Others must be able to understand this decision later.", "red", "A reason is needed.")
            )
            return
        _answer(room, row, same=chosen == "same", reason=reason.strip())


def _compare(room: Room, row: QuestionRow) -> None:
    """Reveal what both are called, once it is asked for. It goes to the screen and is kept nowhere on the server."""
    if not st.button("Reveal both patients", key="compare", width="stretch"):
        text = f"{count(6, 'value')} of each. That you looked is recorded with your name."
        parts.put(tag("p", text, cls="wb-quiet wb-small"))
        return
    try:
        rows = room.desk.compare(room.actor_now(), question=row.question)
    except WorkbenchError as error:
        faults.refusal(error)
        return
    body = [tag("tr", tag("td", one.attribute), tag("td", one.here), tag("td", one.other)) for one in rows]
    head = tag("tr", tag("th", "Attribute"), tag("th", "What arrived"), tag("th", "What is here"))
    parts.put(tag("table", tag("thead", head), tag("tbody", *body), cls="wb-plain"))


def _answer(room: Room, row: QuestionRow, *, same: bool, reason: str) -> None:
    try:
        room.desk.answer(room.actor_now(), question=row.question, same=same, reason=reason)
    except WorkbenchError as error:
        faults.refusal(error)
        return
    parts.flash(f"{row.question} answered.")
    st.rerun()
