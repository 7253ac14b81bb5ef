"""The decision box: where the study stands, what speaks for and against it, and what this person may do now."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from workbench.access.policy import Permission, allows
from workbench.app import faults, parts
from workbench.app.html import Markup, join, tag
from workbench.app.room import Room
from workbench.app.views import identity, pixels, preparing, unclear
from workbench.app.words import RELEASE_STATES, VERSION_STATES, count, moment, roles
from workbench.flow.shown import Decision, HoldRow, PreparationView, StudyRow, StudyView
from workbench.records.actor import Actor, Role
from workbench.records.errors import WorkbenchError
from workbench.records.states import STUDY_STEPS, StudyState
from workbench.release.law import law_of

_ROAD = (
    (StudyState.RECEIVED, "Arrived"),
    (StudyState.PREPARED, "Prepared"),
    (StudyState.SUBMITTED, "Submitted"),
    (StudyState.APPROVED, "Approved"),
)
_MAIN: dict[StudyState, tuple[str, ...]] = {
    StudyState.RECEIVED: ("prepare",),
    StudyState.PREPARED: ("submit",),
    StudyState.RETURNED: ("prepare",),
    StudyState.SUBMITTED: ("approve", "return"),
    StudyState.APPROVED: ("withdraw",),
    StudyState.QUARANTINED: ("accept", "discard"),
    StudyState.DISCARDED: (),
}
"""Steps that belong to a state; they are shown locked, with the reason, to those who may not take them."""

LABELS: dict[str, str] = {
    "prepare": "Prepare",
    "submit": "Submit for approval",
    "approve": "Approve for release",
    "return": "Return to technician",
    "withdraw": "Withdraw approval",
    "quarantine": "Quarantine",
    "accept": "Take out of quarantine",
    "discard": "Discard",
}
PERMISSIONS: dict[str, Permission] = {
    "prepare": Permission.STUDY_PREPARE,
    "submit": Permission.STUDY_SUBMIT,
    "approve": Permission.STUDY_APPROVE,
    "return": Permission.STUDY_RETURN,
    "withdraw": Permission.STUDY_WITHDRAW,
    "quarantine": Permission.STUDY_QUARANTINE,
    "accept": Permission.STUDY_ACCEPT,
    "discard": Permission.STUDY_DISCARD,
}
"""For what is shown; what is allowed is decided in `flow`."""

_KEYS = {"approve": "A", "return": "X", "submit": "S", "prepare": "P"}
_FORWARD = frozenset({"prepare", "submit", "approve"})
"""Steps that take a study on; only these are offered in the accent colour."""

_DONE = {
    "submit": "Submitted for approval.",
    "approve": "Approved for release.",
    "return": "Returned to the technician.",
    "withdraw": "Approval withdrawn.",
    "quarantine": "Quarantined.",
    "accept": "Taken out of quarantine.",
    "discard": "Discarded.",
}
_RELEASE_OPTIONS = ("--recipient NAME", "--purpose PURPOSE", "--basis BASIS", "--expires DAYS")
_CONFIRM = {
    "return": "Return {} to the technician",
    "withdraw": "Withdraw the approval of {}",
    "quarantine": "Quarantine {}",
    "accept": "Take {} out of quarantine",
    "discard": "Discard {}",
}
_WARNINGS = {
    "discard": "The workbench deletes its copies and every prepared version. The source is not touched. This cannot be "
    "undone.",
    "withdraw": "Packages that were made of it already stay with their recipients; revoke them too.",
    "quarantine": "Nobody can prepare, approve or release it until it is taken out again.",
    "return": "The technician sees your reason and prepares another version.",
    "accept": "It counts as arrived again, and has to be prepared again.",
}


def render(room: Room, view: StudyView) -> None:
    """Show the box."""
    with st.container(border=True, key="decision"):
        parts.put(_road(view.row.state))
        lines = _findings(view.row, view.preparation) if view.preparation is not None else []
        parts.put(parts.checks([*lines, *(("warn", sentence) for sentence in view.notices)]))
        if view.note:
            set_aside = view.row.state in {StudyState.RETURNED, StudyState.QUARANTINED}
            parts.put(parts.note(view.note, "violet", "Reason given:" if set_aside else "Note:"))
        identity.render(room, view)
        accept = _holds(view) if view.preparation is not None else ()
        if view.row.state is StudyState.APPROVED and not _obsolete(view):
            _after_approval(room, view)
        _buttons(room, view, accept)


def _after_approval(room: Room, view: StudyView) -> None:
    """Say where it went, and how it goes on: an approval alone sends nothing."""
    lines = [
        ("wait", f"Package {line.release} for {line.recipient}: {RELEASE_STATES[line.state]}.")
        for line in view.releases
    ]
    if lines:
        parts.put(parts.checks(lines))
    if room.may(Permission.RELEASE_CREATE):
        words = (f"workbench release create {view.row.study}", *_RELEASE_OPTIONS)
        command = join(*(tag("span", word, " ", cls="wb-whole-word") for word in words))
        text = "To make another package:" if lines else "Nothing has left yet. The package is made on the command line:"
        parts.put(parts.note(tag("code", command, cls="wb-mono wb-block"), "blue", text))
    elif not lines:
        parts.put(parts.note("A technician or a privacy officer makes the package.", "blue", "Nothing has left yet."))


def _road(state: StudyState) -> Markup:
    """Return the study's way, with the place where it is."""
    places = [place for place, _ in _ROAD]
    if state not in places:
        return tag("div", parts.state_chip(state))
    at = places.index(state)
    marks = [
        tag("li", tag("i"), word, cls="now" if number == at else "done" if number < at else "")
        for number, (_, word) in enumerate(_ROAD)
    ]
    return tag("ol", *marks, cls="wb-steps")


def _findings(row: StudyRow, version: PreparationView) -> list[tuple[str, str]]:
    """Return what speaks for and against the version, one line each."""
    if not version.instances:
        lines = [("bad", "No instance could be prepared.")]
    else:
        lines = [("ok", f"{count(version.instances, 'instance')} prepared and read again by a second program.")]
    if version.issues:
        left = len({(issue.series, issue.instance) for issue in version.issues})
        lines.append(("bad", f"{count(len(version.issues), 'privacy issue')}: {count(left, 'instance')} left out."))
    elif version.instances:
        lines.append(("ok", "No privacy issue was found by its checks."))
    lines += _about(version)
    refused = sum(row.instances for row in version.refused)
    if refused:
        lines.append(("warn", f"{count(refused, 'instance')} could not be prepared and are left out."))
    if unclear.summary(version):
        lines.append(("warn", f"{unclear.summary(version)}."))
    if any(not hold.accepted for hold in version.holds):
        lines.append(("warn", f"{count(row.held, 'instance')} held: a person has to look first."))
    if version.submitted_by and version.submitted_at:
        lines.append(("wait", f"Submitted by {version.submitted_by}, {moment(version.submitted_at)}."))
    if version.approved_by and version.approved_at:
        lines.append(("ok", f"Approved by {version.approved_by}, {moment(version.approved_at)}."))
    if version.state in {"withdrawn", "superseded"}:
        lines.append(("warn", f"{VERSION_STATES[version.state]}."))
    return lines


def _about(version: PreparationView) -> list[tuple[str, str]]:
    """Return what became of its pixels, what it follows, why it needs a successor, and what its profile is made for."""
    lines = [*pixels.summary(version)]
    if version.follows:
        text = f"{version.unchanged:,} of them are byte for byte those of version {version.follows}."
        lines.append(("ok", text))
    if version.touched:
        lines.append(("bad", f"{version.touched} It has to be prepared again."))
    if version.law:
        lines.append(("wait", f"{law_of(version.law).label}. {law_of(version.law).says}"))
    return lines


def _holds(view: StudyView) -> tuple[str, ...]:
    """Let the approver accept held instances by name; return the accepted names."""
    version = view.preparation
    if version is None or not version.holds:
        return ()
    deciding = view.row.state is StudyState.SUBMITTED and view.decision("approve").allowed
    parts.put(tag("h2", "Held instances", cls="wb-h"))
    accepted = []
    if deciding:
        parts.put(
            tag(
                "p",
                "Look at these images first: under Pixels here where they were checked, else in your PACS. To find the "
                "study there, reveal its Patient ID or Accession Number among the header changes. An instance with "
                "several reasons goes out only when all are accepted; the others stay behind.",
                cls="wb-quiet wb-small",
            )
        )
    done = [("ok", f"{_hold(hold)} {_accepted(hold)}") for hold in version.holds if hold.accepted]
    if done:
        parts.put(parts.checks(done))
    for hold in version.holds:
        if hold.accepted:
            continue
        if deciding:
            with st.container(gap=None):
                if st.checkbox(f"Accept {hold.name}", key=f"hold-{version.preparation}-{hold.name}"):
                    accepted.append(hold.name)
                parts.put(tag("div", _hold(hold), cls="wb-quiet wb-small wb-under"))
        else:
            parts.put(tag("div", tag("b", hold.name), " ", _hold(hold), cls="wb-small"))
    return tuple(accepted)


def _accepted(hold: HoldRow) -> str:
    """Say who accepted it, and that it was before, when these instances did not change since."""
    before = f" in version {hold.before}, unchanged since" if hold.before else ""
    return f"Accepted by {hold.accepted_by}{before}."


def _hold(hold: HoldRow) -> str:
    return f"Series {hold.series + 1}, {count(hold.instances, 'instance')}: {hold.reason}"


def _buttons(room: Room, view: StudyView, accept: tuple[str, ...]) -> None:
    main = _MAIN[view.row.state]
    if _obsolete(view) and room.may(Permission.STUDY_PREPARE):
        main = ("prepare", *main)
    decisions = {item.step: item for item in view.decisions}
    for position, step in enumerate(main):
        mine = room.may(PERMISSIONS[step])
        if step in decisions and (mine or position == 0):
            _button(room, view, decisions[step], accept, primary=step in _FORWARD)
        if not mine:
            break
    rest = [
        decisions[step]
        for (state, step) in STUDY_STEPS
        if state is view.row.state and step not in main and step in decisions and decisions[step].allowed
    ]
    if rest:
        with st.popover("More", width="stretch", key="more"):
            for item in rest:
                _button(room, view, item, accept, primary=False)


def _button(room: Room, view: StudyView, item: Decision, accept: tuple[str, ...], *, primary: bool) -> None:
    step = item.step
    label = "Prepare again" if step == "prepare" and view.preparation is not None else LABELS[step]
    pressed = st.button(
        f"{label}…",
        key=f"do-{step}",
        type="primary" if primary and item.allowed else "secondary",
        disabled=not item.allowed,
        width="stretch",
        shortcut=_KEYS.get(step) if item.allowed else None,
    )
    if not item.allowed:
        parts.put(parts.lock(item.why_not if room.may(PERMISSIONS[step]) else _whose(step)))
    elif pressed:
        _open(room, view, step, accept)


def _obsolete(view: StudyView) -> bool:
    """Tell whether an approved version needs a successor: preparing it again is then what there is to do."""
    made = view.preparation
    return view.row.state is StudyState.APPROVED and made is not None and bool(made.touched)


def _whose(step: str) -> str:
    """Say whose step it is, in the users' words."""
    held = frozenset(role for role in Role if allows((role,), PERMISSIONS[step]))
    return f"This step is for: {roles(held)}."


def _open(room: Room, view: StudyView, step: str, accept: tuple[str, ...]) -> None:
    title = f"{LABELS[step]}: {view.row.study}"
    st.dialog(title)(partial(ask, room, view, step, accept))()


def ask(room: Room, view: StudyView, step: str, accept: tuple[str, ...] = ()) -> None:
    """Show what the step will do, take a note or reason, and carry it out when confirmed."""
    if step == "prepare":
        preparing.render(room, view)
    elif step == "submit":
        _submit(room, view)
    elif step == "approve":
        _approve(room, view, accept)
    else:
        _with_reason(room, view, step)


def _approve(room: Room, view: StudyView, accept: tuple[str, ...]) -> None:
    version = view.preparation
    if version is None:
        return
    behind = [hold for hold in version.holds if not hold.accepted and hold.name not in accept]
    parts.put(
        parts.facts(
            [
                ("Study", view.row.study),
                ("Prepared version", f"{version.number}, profile {version.profile}"),
                ("Scope", version.scope),
                ("Goes out", going_out(version, behind)),
                ("Stays behind", ", ".join(hold.name for hold in behind) or "nothing"),
                ("Pixels", version.pixels),
                ("Not understood", unclear.summary(version) or "nothing"),
            ]
        )
    )
    if accept:
        names = join(*(tag("span", name, " ", cls="wb-whole") for name in accept))
        parts.put(parts.note(names, "orange", "You accept by name:"))
    nothing = going_out(version, behind) == count(0, "instance")
    if nothing:
        parts.put(parts.note("Accept what you have looked at, or return the study.", "orange", "Nothing would go out."))
    parts.put(tag("p", "Your name stands under this in the record and in every package.", cls="wb-quiet wb-small"))
    text = st.text_area("Note (optional)", key="note", max_chars=1_000, height=80)
    if st.button("Approve for release", type="primary", key="confirm", width="stretch", disabled=nothing):
        study, said = view.row.study, text.strip()
        _carry_out(room, lambda actor: room.desk.approve(actor, study=study, accept=accept, note=said), "approve")


def going_out(version: PreparationView, behind: Sequence[HoldRow]) -> str:
    """Say how many instances go out when these holds are not accepted. An instance can be held for several reasons."""
    series = {hold.series for hold in behind}
    counts = [[hold.instances for hold in behind if hold.series == number] for number in series]
    most = version.instances - sum(max(numbers) for numbers in counts)
    least = max(0, version.instances - sum(sum(numbers) for numbers in counts))
    return count(most, "instance") if least == most else f"{least:,} to {most:,} instances"


def _submit(room: Room, view: StudyView) -> None:
    parts.put(tag("p", "A privacy officer who did not take part in preparing it decides next."))
    if view.preparation is not None and unclear.summary(view.preparation):
        text = f"{unclear.summary(view.preparation)}. They decide on that too."
        parts.put(parts.note(text, "orange", "Not everything is clear:"))
    text = st.text_area("Note for the privacy officer (optional)", key="note", max_chars=1_000, height=80)
    if st.button("Submit for approval", type="primary", key="confirm", width="stretch"):
        study = view.row.study
        _carry_out(room, lambda actor: room.desk.submit(actor, study=study, note=text.strip()), "submit")


def _with_reason(room: Room, view: StudyView, step: str) -> None:
    orders = {
        "return": room.desk.send_back,
        "quarantine": room.desk.quarantine,
        "withdraw": room.desk.withdraw,
        "accept": room.desk.accept,
        "discard": room.desk.discard,
    }
    parts.put(tag("p", _WARNINGS[step]))
    reason = st.text_area("Reason", key="reason", max_chars=1_000, height=100)
    parts.put(tag("p", "Do not write a patient's name or number here.", cls="wb-quiet wb-small"))
    if st.button(_CONFIRM[step].format(view.row.study), type="primary", key="confirm", width="stretch"):
        if not reason.strip():
            parts.put(
                parts.note("Others must be able to understand this decision later.", "red", "A reason is needed.")
            )
            return
        study = view.row.study
        _carry_out(room, lambda actor: orders[step](actor, study=study, reason=reason.strip()), step)


def _carry_out(room: Room, order: Callable[[Actor], None], step: str) -> None:
    try:
        order(room.actor_now())
    except WorkbenchError as error:
        faults.refusal(error)
        return
    parts.flash(_DONE[step])
    st.rerun()
