"""Header changes of a prepared version: before and after, before concealed until somebody asks for it."""

from dataclasses import dataclass

import streamlit as st

from workbench.access.policy import Permission
from workbench.app import faults, parts
from workbench.app.components.table import Cell, Column, Row, Shown, Table, show
from workbench.app.html import join, tag
from workbench.app.room import Room
from workbench.app.words import ACTION_TONES, ACTIONS, UNSHOWN, count
from workbench.flow.shown import ChangePage, ChangeRow, PreparationView, StudyView
from workbench.records.errors import WorkbenchError

PER_PAGE = 200
TABLE = "changes-table"
COLUMNS = (
    Column("Attribute", "two", "32%"),
    Column("Before", "before", "21%"),
    Column("After", "after", "21%", none="—"),
    Column("Done", "chip", "14%"),
    Column("Instances", "two", "12%", "right"),
)


def render(room: Room, view: StudyView, version: PreparationView) -> None:
    """Show the changes with their filter."""
    study = view.row.study
    may_reveal = room.may(Permission.STUDY_REVEAL)
    chosen = _filter(room, view, version, may_reveal=may_reveal)
    number = max(1, int(st.session_state.get("changes-page", 1)))
    page = room.desk.changes(
        room.actor,
        study=study,
        series=chosen.series,
        action=chosen.action,
        search=chosen.search,
        limit=PER_PAGE,
        offset=(number - 1) * PER_PAGE,
    )
    if not page.rows:
        parts.empty("No changes match", "Choose another kind of change, or clear the search.")
        return
    table = Table(
        label="Header changes",
        columns=COLUMNS,
        rows=[_row(room, row) for row in page.rows],
        may_reveal=may_reveal,
        height="64vh",
        revealed=_reveal(room, study, page, chosen.purpose) if may_reveal else None,
        on_reveal=_ask,
    )
    show(table, key=TABLE)
    _below(page, may_reveal=may_reveal)
    _rules(room, page)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is shown, and for what purpose values are revealed."""

    series: int | None
    action: str
    search: str
    purpose: str


def _filter(room: Room, view: StudyView, version: PreparationView, *, may_reveal: bool) -> _Chosen:
    """Let the user narrow the changes, and name the purpose of revealing."""
    letters = [letter for letter in ACTIONS if version.actions.get(letter)]
    series: int | None = None
    purpose = ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        search = st.text_input(
            "Search changes", key="search", placeholder="Tag or name   /", label_visibility="collapsed", width=230
        )
        if view.row.series > 1:
            chosen = st.selectbox(
                "Series",
                range(view.row.series + 1),
                format_func=lambda number: f"Series {number}" if number else "All series",
                key="changes-series",
                label_visibility="collapsed",
                width=130,
                on_change=_first_page,
            )
            series = chosen - 1 if chosen else None
        if may_reveal:
            purpose = _purpose(room)
    action = st.pills(
        "Kind of change",
        letters,
        format_func=lambda letter: f"{ACTIONS[letter]}  {version.actions[letter]:,}",
        key="changes-action",
        label_visibility="collapsed",
        on_change=_first_page,
    )
    return _Chosen(series, action or "", search.strip(), purpose)


def _purpose(room: Room) -> str:
    purposes = room.desk.purposes()
    return st.selectbox(
        "Purpose of revealing",
        list(purposes),
        format_func=lambda code: f"Reveal to {purposes[code][:1].lower()}{purposes[code][1:]}",
        key="reveal-purpose",
        label_visibility="collapsed",
        width=400,
    )


def _first_page() -> None:
    st.session_state["changes-page"] = 1


def _ask() -> None:
    """Remember which value was asked for; its handle says nothing about anybody."""
    asked = getattr(st.session_state.get(TABLE), "reveal", None)
    if asked:
        st.session_state["reveal-asked"] = str(asked)


def _reveal(room: Room, study: str, page: ChangePage, purpose: str) -> Shown | None:
    """Reveal the value that was asked for. It goes to the screen and is kept nowhere on the server."""
    asked = st.session_state.pop("reveal-asked", "")
    if not asked or all(row.change != asked for row in page.rows):
        return None
    try:
        value = room.desk.reveal_value(room.actor, study=study, change=asked, purpose=purpose)
    except WorkbenchError as error:
        faults.refusal(error)
        return None
    return Shown(id=value.change, value=value.before, seq=int(room.now.timestamp() * 1_000))


def _row(room: Room, row: ChangeRow) -> Row:
    done = ACTIONS.get(row.action, row.action)
    name = row.name or row.keyword or "Unknown element"
    path = "" if row.path.casefold() == name.casefold() else row.path
    attribute: Cell = {"text": name, "under": path, "underCls": "mono"}
    chip: Cell = {"text": done, "tone": ACTION_TONES.get(row.action, "gray"), "hint": room.desk.explain_rule(row.rule)}
    after = row.after
    if not row.removed and not after:
        after = UNSHOWN.get(row.action, "(empty)")
    kept: Cell = {"text": after, "under": row.why} if row.why else after
    where: Cell = {
        "text": f"all {row.of:,}" if row.instances == row.of else f"{row.instances:,} of {row.of:,}",
        "under": f"series {row.series + 1}",
    }
    return Row(
        id=row.change,
        label=f"{name}, {path}, {done}, series {row.series + 1}",
        cells=(attribute, row.before, kept, chip, where),
    )


def _below(page: ChangePage, *, may_reveal: bool) -> None:
    pages = -(-page.total // PER_PAGE)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        text = f"{count(page.total, 'distinct change')}. Values before are concealed."
        if may_reveal:
            text += " Each one that is revealed is recorded with its purpose, and concealed again after a minute."
        parts.put(tag("span", text, cls="wb-quiet wb-small"))
        if pages > 1:
            st.pagination(pages, key="changes-page")


def _rules(room: Room, page: ChangePage) -> None:
    """Say why, for the rules that decided on what is shown."""
    used = sorted({row.rule for row in page.rows})
    with st.expander(f"Why: the {count(len(used), 'rule')} that decided on these changes"):
        words = (join(tag("dt", rule), tag("dd", room.desk.explain_rule(rule))) for rule in used)
        parts.put(tag("dl", *words, cls="wb-rules"))
