"""Studies: the queue, dense, by state, with a search."""

from collections.abc import Mapping

import streamlit as st

from workbench.app import parts
from workbench.app.components.table import Column, Row, Table, show
from workbench.app.html import tag
from workbench.app.room import Room
from workbench.app.words import STATE_TONES, STATES, ago, count, moment
from workbench.flow.shown import StudyPage, StudyRow
from workbench.records.states import StudyState

PER_PAGE = 50
ORDER = (
    StudyState.SUBMITTED,
    StudyState.PREPARED,
    StudyState.RETURNED,
    StudyState.RECEIVED,
    StudyState.APPROVED,
    StudyState.QUARANTINED,
)
"""Segments in the order of who waits for whom; Discarded joins them when there is any."""

COLUMNS = (
    Column("Study", "strong", "11%"),
    Column("State", "chip", "13%"),
    Column("Modality", "text", "11%"),
    Column("Series", "num", "7%", "right"),
    Column("Instances", "num", "9%", "right"),
    Column("Verification", "chip", "15%"),
    Column("Profile", "text", "16%"),
    Column("Arrived", "two", "18%"),
)


REFRESH_SECONDS = 20
REFUSED_SHOWN = 200
REFUSED = (
    Column("Reason", "two", "34%"),
    Column("Next step", "text", "36%"),
    Column("Study", "text", "10%"),
    Column("State", "text", "8%"),
    Column("When", "two", "12%"),
)


QUESTIONS = (
    Column("Question", "strong", "12%"),
    Column("What is asked", "two", "44%"),
    Column("Study", "text", "12%"),
    Column("May be the patient of", "text", "20%"),
    Column("Asked", "two", "12%"),
)


def render(room: Room) -> None:
    """Show the queue."""
    parts.heading("Studies", "What has arrived, where it stands, and what waits for somebody.")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="filters"):
        segments = st.empty()
        search = st.text_input(
            "Search studies",
            key="search",
            placeholder="Number, patient code, modality or whole Patient ID   /",
            label_visibility="collapsed",
            width=420,
        )
    chosen = _chosen()
    page_number = max(1, int(st.session_state.get("queue-page", 1)))
    offset = (page_number - 1) * PER_PAGE
    page = room.desk.list_studies(room.actor, state=chosen, search=search.strip(), limit=PER_PAGE, offset=offset)
    with segments:
        _segments(page.counts)
    _watch(room, page, chosen, search.strip())
    if page.rows:
        _table(room, page)
    elif chosen is not StudyState.QUARANTINED:
        _empty(page, searching=bool(search.strip()) or chosen is not None)
    if chosen is StudyState.QUARANTINED:
        _refused(room, alone=not page.rows)
    elif chosen is None and not search.strip() and room.desk.quarantine_list(room.actor, limit=1, offset=0):
        text = "Something is in quarantine. Quarantined shows the reasons and what to do next."
        parts.put(tag("span", text, cls="wb-quiet wb-small"))


def _watch(room: Room, page: StudyPage, chosen: StudyState | None, search: str) -> None:
    """Show the queue anew when it has changed: what others bring in or decide appears without a reload."""
    known = (page.counts, page.total)

    @st.fragment(run_every=REFRESH_SECONDS)
    def look() -> None:
        actor = room.desk.actor(room.actor.session)
        if actor is None:
            return
        now = room.desk.list_studies(actor, state=chosen, search=search, limit=1, offset=0)
        if (now.counts, now.total) != known:
            st.rerun()

    look()


def _chosen() -> StudyState | None:
    value = st.session_state.get("queue-state")
    return StudyState(value) if value in set(StudyState) else None


def _segments(counts: Mapping[StudyState, int]) -> None:
    everything = sum(counts.values())
    order = (*ORDER, StudyState.DISCARDED) if counts.get(StudyState.DISCARDED) else ORDER

    def label(option: str) -> str:
        if option == "all":
            return f"All  {everything:,}"
        return f"{STATES[StudyState(option)]}  {counts.get(StudyState(option), 0):,}"

    st.segmented_control(
        "State",
        ["all", *(state.value for state in order)],
        default="all",
        required=True,
        format_func=label,
        key="queue-state",
        label_visibility="collapsed",
        persist_state="session",
        on_change=_first_page,
    )


def _first_page() -> None:
    st.session_state["queue-page"] = 1


def _table(room: Room, page: StudyPage) -> None:
    rows = [_row(room, row) for row in page.rows]
    picked = show(Table(label="Studies", columns=COLUMNS, rows=rows, opens=True), key="queue")
    pages = -(-page.total // PER_PAGE)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        keys = ("J K or arrows walk the list, Enter opens, / searches",)
        parts.put(
            tag("span", f"{count(page.total, 'study', 'studies')}.", cls="wb-quiet wb-small"),
            " ",
            tag("span", *keys, cls="wb-quiet wb-small"),
        )
        if pages > 1:
            st.pagination(pages, key="queue-page", persist_state="session")
    if picked.open and any(row.study == picked.open for row in page.rows):
        room.open_study(picked.open)


def _row(room: Room, row: StudyRow) -> Row:
    state = {"text": STATES[row.state], "tone": STATE_TONES[row.state]}
    if row.reason_code:
        state["hint"] = row.reason_code
    profile = f"{row.profile}, version {row.version}" if row.version else ""
    return Row(
        id=row.study,
        label=f"{row.study}, {STATES[row.state]}, {', '.join(row.modalities)}, {count(row.instances, 'instance')}",
        cells=(
            row.study,
            state,
            ", ".join(row.modalities),
            f"{row.series:,}",
            f"{row.instances:,}",
            _issues(row),
            profile,
            {"text": ago(row.received_at, room.now), "hint": moment(row.received_at), "cls": "quiet"},
        ),
    )


def _issues(row: StudyRow) -> dict[str, str]:
    if not row.version:
        return {}
    if row.privacy_issues:
        return {"text": count(row.privacy_issues, "privacy issue"), "tone": "red"}
    if row.held and row.state is not StudyState.APPROVED:
        return {"text": f"{row.held:,} held", "tone": "orange"}
    return {"text": "No privacy issue", "tone": "green"}


def _questions(room: Room) -> bool:
    """Show whose study has to be told first; opening one leads to its page, where it is answered."""
    rows = room.desk.questions(room.actor)
    if not rows:
        return False
    parts.put(tag("h2", "Whose is it?", cls="wb-h"))
    lines = [
        Row(
            id=row.question,
            label=f"{row.question}, {row.study}, {row.message}",
            cells=(
                row.question,
                {"text": row.message, "under": row.code, "underCls": "mono"},
                row.study,
                ", ".join(row.others),
                {"text": ago(row.asked_at, room.now), "hint": moment(row.asked_at), "cls": "quiet"},
            ),
        )
        for row in rows
    ]
    picked = show(Table(label="Questions", columns=QUESTIONS, rows=lines, opens=True), key="questions")
    study = next((row.study for row in rows if row.question == picked.open), "")
    if study:
        room.open_study(study)
    return True


def _refused(room: Room, *, alone: bool) -> None:
    """Show what was refused when it came in and why studies were set aside; nothing of it goes on."""
    alone = not _questions(room) and alone
    items = room.desk.quarantine_list(room.actor, limit=REFUSED_SHOWN, offset=0)
    if not items:
        if alone:
            parts.empty("Nothing is in quarantine", "Every file that came in could be read.")
        return
    parts.put(tag("h2", "What is in quarantine, and why", cls="wb-h"))
    rows = [
        Row(
            id=item.item,
            label=f"{item.message} {item.hint}",
            cells=(
                {"text": item.message, "under": item.code, "underCls": "mono"},
                item.hint,
                item.study,
                "Discarded" if item.state == "discarded" else "Waits",
                {"text": ago(item.at, room.now), "hint": moment(item.at), "cls": "quiet"},
            ),
        )
        for item in items
    ]
    show(Table(label="In quarantine", columns=REFUSED, rows=rows, height="48vh"), key="refused")


def _clear() -> None:
    st.session_state.update({"queue-state": "all", "queue-page": 1, "search": ""})


def _empty(page: StudyPage, *, searching: bool) -> None:
    if searching and any(page.counts.values()):
        parts.empty("Nothing matches", "Try another state, or clear the search.")
        st.button("Clear filters", key="clear", on_click=_clear)
        return
    parts.empty(
        "No studies yet",
        "A technician brings them in on the command line, from a folder, a file or a zip archive:",
        tag("code", "workbench import FOLDER --as NAME"),
        "They appear here by themselves.",
    )
