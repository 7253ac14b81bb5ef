"""One study: what changed in its headers, what is wrong, what the profile did, and the decision."""

import re
from functools import partial

import streamlit as st

from workbench.app import parts
from workbench.app.html import Markup, chip, tag
from workbench.app.room import Room
from workbench.app.views import changes, decision, pixels, unclear
from workbench.app.words import ACTION_TONES, ACTIONS, VERSION_STATES, ago, count, moment
from workbench.flow.shown import IssueRow, PreparationView, StudyView
from workbench.records.action import Action
from workbench.records.errors import UsageError
from workbench.release.law import law_of

_STUDY = re.compile(r"[A-Z0-9-]{1,24}")

DID: dict[str, str] = {
    Action.REMOVE: "The element is gone.",
    Action.EMPTY: "The element is there, its value is empty.",
    Action.DUMMY: "The standard wants a value here; a meaningless one was put in.",
    Action.REMAP: "A new identifier, the same everywhere within this scope, so that references still resolve.",
    Action.CLEAN: "Only the harmless part of the value was kept.",
    Action.CHECK: "Kept only where every word is known to be harmless, else removed or emptied.",
    Action.SET: "A value that says what was done, or that the profile gives.",
    Action.CODE: "A code that only this installation can trace back.",
    Action.KEEP: "Kept as it was.",
}


def render(room: Room) -> None:
    """Show the study that the address names."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="study-head"):
        _back(room)
        title = st.empty()
    name = str(st.query_params.get("study", ""))
    if not _STUDY.fullmatch(name):
        parts.empty("No such study", "Choose one from the list of studies.")
        return
    try:
        view = room.desk.study_view(room.actor, study=name)
    except UsageError as error:
        parts.empty(error.message, "Choose one from the list of studies.")
        return
    with title:
        _head(room, view)
    wide, narrow = st.columns([2.35, 1], gap="medium")
    with narrow:
        decision.render(room, view)
    with wide:
        _sections(room, view)


def _back(room: Room) -> None:
    pressed = st.button("Studies", key="back", type="tertiary", icon=":material/arrow_back:", shortcut="B")
    if pressed and room.queue_page is not None:
        st.switch_page(room.queue_page)


def _head(room: Room, view: StudyView) -> None:
    row = view.row
    st.set_page_config(page_title=f"{row.study} · Workbench")
    line = [
        tag("h1", row.study, cls="wb-title"),
        parts.state_chip(row.state),
        tag(
            "span",
            f"{', '.join(row.modalities)} · {count(row.series, 'series', 'series')} · "
            f"{count(row.instances, 'instance')} · arrived {ago(row.received_at, room.now)}",
            cls="wb-quiet",
            title=moment(row.received_at),
        ),
    ]
    parts.put(tag("div", *line, cls="wb-line"))


def _sections(room: Room, view: StudyView) -> None:
    version = view.preparation
    if version is None:
        _unprepared(view)
        return
    sections = {
        "changes": ("Header changes", partial(changes.render, room, view, version)),
        "pixels": (pixels.label(version), partial(pixels.render, room, view.row.study, version)),
        "issues": (f"Privacy issues  {len(version.issues) + len(version.refused):,}", partial(_issues, version)),
        "unclear": (f"Not understood  {_remarks(version):,}", partial(unclear.render, version)),
        "profile": ("What the profile did", partial(_profile, version)),
        "history": ("History", partial(_history, view)),
    }
    chosen = st.segmented_control(
        "Section",
        list(sections),
        default="issues" if version.issues or not version.instances else "changes",
        required=True,
        format_func=lambda option: sections[option][0],
        key=f"section-{view.row.study}",
        label_visibility="collapsed",
    )
    sections[chosen][1]()


def _remarks(version: PreparationView) -> int:
    return len(version.unknowns) + len(version.notes) + (version.references_left_out > 0)


def _unprepared(view: StudyView) -> None:
    if view.row.reason_code:
        parts.empty(
            "This study is in quarantine",
            f"The reason and the next step stand on the right. The reason's code is {view.row.reason_code}.",
        )
    else:
        parts.empty(
            "Not prepared yet", "Header changes and privacy issues are shown here once there is a prepared version."
        )
    if view.story:
        _history(view)


def _issues(version: PreparationView) -> None:
    if not version.issues and not version.refused:
        parts.empty(
            "No privacy issues found",
            "A second program that does not trust the first read every instance again, searched it for the values of "
            "the original, and checked the headers against the standard.",
        )
        return
    for issue in version.issues[:200]:
        parts.put(_issue(issue))
    if len(version.issues) > 200:
        parts.put(tag("p", f"{len(version.issues) - 200:,} more are not shown.", cls="wb-quiet"))
    for refused in version.refused:
        text = f"{refused.message} {refused.hint}"
        strong = f"{count(refused.instances, 'instance')} could not be prepared."
        parts.put(parts.note(text, "orange", strong))


def _issue(issue: IssueRow) -> Markup:
    place = f"Series {issue.series + 1}, instance {issue.instance + 1}, at {issue.where}. Rule: {issue.rule}."
    return tag(
        "div",
        tag("b", issue.message),
        tag("div", place, cls="wb-small"),
        tag("div", "This instance is left out of the prepared version.", cls="wb-small"),
        cls="wb-note wb-red",
    )


def _profile(version: PreparationView) -> None:
    lines = [
        ("Profile", f"{version.profile}, version {version.profile_version}"),
        ("Made for", law_of(version.law).label),
        ("Scope", version.scope),
        ("Prepared by", f"{version.made_by}, {moment(version.made_at)}"),
        ("Prepared version", f"{version.number} ({VERSION_STATES.get(version.state, version.state)})"),
        ("Instances", f"{version.instances:,}"),
        ("Pixels", version.pixels),
        ("Software", version.software),
    ]
    parts.put(parts.facts(lines))
    known = [letter for letter in DID if version.actions.get(letter)]
    body = [
        tag(
            "tr",
            tag("td", chip(ACTIONS[letter], ACTION_TONES[letter])),
            tag("td", f"{version.actions[letter]:,}", cls="wb-right"),
            tag("td", DID[letter], cls="wb-quiet"),
        )
        for letter in known
    ]
    head = tag("tr", tag("th", "Done"), tag("th", "Values", cls="wb-right"), tag("th", "Meaning"))
    parts.put(tag("table", tag("thead", head), tag("tbody", *body), cls="wb-plain"))
    parts.put(
        parts.facts(
            [("Profile digest", version.profile_digest), ("Digest of this version", version.root)],
            cls="wb-mono",
        )
    )


def _history(view: StudyView) -> None:
    lines = [
        tag(
            "li",
            tag("div", line.text),
            tag("div", f"{line.actor} · {moment(line.at)} · entry {line.seq}", cls="wb-quiet wb-small"),
        )
        for line in view.story
    ]
    if lines:
        parts.put(tag("ul", *lines, cls="wb-story"))
    for version in view.earlier:
        state = VERSION_STATES.get(version.state, version.state)
        text = (
            f"Prepared version {version.number}: {state}. {count(version.instances, 'instance')}, by {version.made_by}."
        )
        parts.put(tag("span", text, cls="wb-quiet wb-small"))
