"""Audit trail: what was done, by whom, and whether the record itself is intact."""

import re

import streamlit as st

from workbench.access.policy import Permission
from workbench.app import faults, parts
from workbench.app.components.table import Column, Row, Table, show
from workbench.app.html import tag
from workbench.app.room import Room
from workbench.app.words import count, utc_moment
from workbench.flow.shown import LogVerdict, TrailPage, TrailRow
from workbench.records.errors import WorkbenchError

PER_PAGE = 100
PROBLEMS_SHOWN = 200
COLUMNS = (
    Column("Entry", "num", "8%", "right"),
    Column("Time", "num", "19%"),
    Column("Who", "text", "15%"),
    Column("What", "text", "38%"),
    Column("Study", "text", "11%"),
    Column("Release", "text", "9%"),
)
_STUDY = re.compile(r"[A-Za-z]{0,4}-?[0-9]{1,10}")


def render(room: Room) -> None:
    """Show the log's state and its entries."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        parts.heading("Audit trail", "Every change and every look at a concealed value, in the order it happened.")
        asked = st.button("Verify the log", type="primary", key="verify", shortcut="V", icon=":material/verified_user:")
    if asked:
        _verify(room)
    _verdict()
    if room.may(Permission.AUDIT_READ):
        _entries(room)
    else:
        parts.empty(
            "The entries are not shown to your roles",
            "You can verify that the log is intact. Accounts and roles are kept on the command line: workbench user.",
        )


def _verify(room: Room) -> None:
    with st.spinner("Checking every entry, every checkpoint and the witness file"):
        try:
            verdict = room.desk.verify_log(room.actor)
        except WorkbenchError as error:
            faults.refusal(error)
            return
    st.session_state["verdict"] = (verdict, utc_moment(room.now))


def _verdict() -> None:
    kept = st.session_state.get("verdict")
    if kept is None:
        parts.put(parts.note("Not verified in this window yet.", "gray"))
        return
    verdict: LogVerdict = kept[0]
    checked = f"{count(verdict.entries, 'entry', 'entries')} and {count(verdict.checkpoints, 'checkpoint')} checked"
    if verdict.ok:
        parts.put(
            parts.note(
                f"{checked} at {kept[1]}, against this installation's own key and witness file. A check "
                "by a stranger uses a key that was handed over separately: workbench audit verify.",
                "green",
                "The log is intact.",
            )
        )
        return
    parts.put(
        parts.note(
            f"{checked} at {kept[1]}. Stop releasing, keep a copy of the database and the witness file, "
            "and call whoever is responsible for this installation.",
            "red",
            "The log is broken.",
        ),
        *(parts.note(problem, "red", "First sign:") for problem in verdict.problems[:1]),
    )
    rest = verdict.problems[1:PROBLEMS_SHOWN]
    if rest:
        with st.expander(f"{count(len(verdict.problems) - 1, 'more problem')}"):
            parts.put(parts.checks([("bad", problem) for problem in rest]))


def _entries(room: Room) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        wanted = (
            st.text_input(
                "Study number",
                key="search",
                placeholder="Study number, e.g. WB-000001   /",
                label_visibility="collapsed",
                width=320,
            )
            .strip()
            .upper()
        )
    if wanted and not _STUDY.fullmatch(wanted):
        parts.empty("That is not a study number", "Study numbers look like WB-000001.")
        return
    number = max(1, int(st.session_state.get("trail-page", 1)))
    page = room.desk.trail(room.actor, study=wanted, kind="", limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    if not page.rows:
        parts.empty("No entries", "Nothing has been recorded under that study number." if wanted else "The log is new.")
        return
    _table(page)


def _table(page: TrailPage) -> None:
    rows = [
        Row(
            id=str(row.seq),
            label=f"Entry {row.seq}, {utc_moment(row.at)}, {row.actor}, {row.text}",
            cells=(str(row.seq), utc_moment(row.at), row.actor, row.text, row.study, row.release),
        )
        for row in page.rows
    ]
    table = Table(label="Entries of the log", columns=COLUMNS, rows=rows, opens=True, height="62vh")
    picked = show(table, key="entries")
    pages = -(-page.total // PER_PAGE)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        text = f"{count(page.total, 'entry', 'entries')}, newest first. Enter shows what exactly was recorded."
        parts.put(tag("span", text, cls="wb-quiet wb-small"))
        if pages > 1:
            st.pagination(pages, key="trail-page")
    chosen = [row for row in page.rows if str(row.seq) == picked.open]
    if chosen:
        _entry(chosen[0])


@st.dialog("Entry of the log", width="large")
def _entry(row: TrailRow) -> None:
    parts.put(
        parts.facts(
            [
                ("Entry", f"{row.seq:,}"),
                ("Time", utc_moment(row.at)),
                ("Who", row.actor),
                ("What", row.text),
                ("Kind", row.kind),
                *([("Study", row.study)] if row.study else []),
                *([("Release", row.release)] if row.release else []),
            ]
        )
    )
    if row.facts:
        parts.put(tag("h2", "Recorded facts", cls="wb-h"))
        parts.put(parts.facts([(name, str(value)) for name, value in sorted(row.facts.items())]))
    parts.put(tag("h2", "Hash of the entry", cls="wb-h"), tag("div", row.leaf, cls="wb-mono"))
