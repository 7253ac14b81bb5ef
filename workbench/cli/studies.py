"""The workflow: import, studies, prepare, submit, approve, return, quarantine and what follows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.folder import Pixels
from workbench.cli.identity import acting
from workbench.cli.options import As, Credentials, Home, Json, Reason, Study, home_of
from workbench.cli.output import Output
from workbench.cli.redactions import show_pixels
from workbench.records.states import STUDY_STEPS, StudyState
from workbench.release.law import law_of

if TYPE_CHECKING:
    from workbench.flow.home import Workbench
    from workbench.flow.shown import PreparationView, ReleaseLine, StudyView
    from workbench.records.actor import Actor

EXAMPLE = "Example: workbench {} --as anna"
NEXT = {
    "submit": "a privacy officer who did not prepare or submit it approves or returns it.",
    "approve": "workbench release create {} --recipient NAME --purpose PURPOSE --basis BASIS --expires DAYS",
    "return": "a technician reads the reason with `workbench study {}`, and prepares it again.",
    "accept": "workbench prepare {} --profile basic --scope RECIPIENT_OR_PROJECT",
}
"""What follows on a step, for people."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import", epilog=EXAMPLE.format("import ./incoming"))(import_)
    app.command(epilog=EXAMPLE.format("studies --state submitted"))(studies)
    app.command(epilog=EXAMPLE.format("study WB-000001"))(study)
    app.command(epilog=EXAMPLE.format("prepare WB-000001 --profile basic --scope trial-7"))(prepare)
    app.command(epilog=EXAMPLE.format("submit WB-000001"))(submit)
    app.command(epilog=EXAMPLE.format("approve WB-000001 --accept series-2.ultrasound"))(approve)
    app.command("return", epilog=EXAMPLE.format("return WB-000001 --reason 'wrong scope'"))(return_)
    app.command(epilog=EXAMPLE.format("withdraw WB-000001 --reason 'consent withdrawn'"))(withdraw)
    app.command(epilog=EXAMPLE.format("quarantine WB-000001 --reason 'wrong patient'"))(quarantine)
    app.command(epilog=EXAMPLE.format("accept WB-000001 --reason 'same person, name corrected'"))(accept)
    app.command(epilog=EXAMPLE.format("discard WB-000001 --reason 'sent by mistake'"))(discard)


def import_(
    *,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, folders, zip archives or a DICOMDIR.")],
    as_user: As,
    home: Home = None,
    again: Annotated[str, typer.Option("--again", metavar="TEXT", help="Reason to re-open quarantined studies.")] = "",
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Import studies. What cannot be read goes to quarantine with a reason; the rest goes on."""
    from workbench.flow.importing import import_paths

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor), output.progress("importing") as advance:
        report = import_paths(workbench, actor, paths=paths, again=again, on_progress=advance)
    output.document(report)
    output.line(f"{report.instances} instances imported, {report.already} were here already.")
    if report.studies:
        rows = [
            (row.study, _word(row.state), " ".join(row.modalities), row.series, row.instances) for row in report.studies
        ]
        output.table("Studies", ("study", "state", "modalities", "series", "instances"), rows)
    if report.quarantined:
        rows_held = [(row.instances, row.code, row.message, row.hint) for row in report.quarantined]
        output.table("In quarantine", ("files", "code", "why", "next step"), rows_held)
    for notice in report.notices:
        output.line(f"note: {notice}")
    if any(row.state == StudyState.RECEIVED for row in report.studies):
        output.line(
            "Next, for each arrived study: workbench prepare STUDY --profile basic --scope RECIPIENT_OR_PROJECT"
        )
    return 1 if report.quarantined else 0


def studies(
    *,
    as_user: As,
    home: Home = None,
    state: Annotated[str, typer.Option("--state", help="Only studies in this state.")] = "",
    search: Annotated[str, typer.Option("--search", help="Number, modality, profile, or the exact Patient ID.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 100,
    offset: Annotated[int, typer.Option("--offset", min=0, max=1_000_000_000)] = 0,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """List studies and where they stand."""
    from workbench.flow.queries import list_studies, study_state

    output = Output(as_json)
    wanted = study_state(state) if state else None
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        page = list_studies(workbench, actor, state=wanted, search=search, limit=limit, offset=offset)
    output.document(page)
    rows = [
        (row.study, _word(row.state), " ".join(row.modalities), row.series, row.instances, row.privacy_issues, row.held)
        for row in page.rows
    ]
    columns = ("study", "state", "modalities", "series", "instances", "privacy issues", "held")
    if rows:
        output.table(_count(page.total, "study", "studies"), columns, rows)
    else:
        output.line("No study fits." if state or search else "No studies yet. They come in with: workbench import PATH")
    return 0


def study(
    *, number: Study, as_user: As, home: Home = None, credentials: Credentials = None, as_json: Json = False
) -> int:
    """Show one study: state, prepared version, privacy issues, what waits for acceptance, and what you may do."""
    from workbench.flow.queries import study_view

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        view = study_view(workbench, actor, study=number)
    output.document(view)
    _show_study(output, view)
    return 0


def prepare(
    *,
    number: Study,
    as_user: As,
    scope: Annotated[
        str, typer.Option("--scope", help="Recipient or project within which codes stay the same; else as before.")
    ] = "",
    profile: Annotated[str, typer.Option("--profile", metavar="NAME_OR_FILE", help="Else as before, else basic.")] = "",
    pixels: Annotated[
        Pixels | None,
        typer.Option(
            "--pixels",
            help="Text in pixels: off does not look; flag keeps out what shows text; clean blackens it. Without it, "
            "what the profile says.",
        ),
    ] = None,
    home: Home = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Worker processes.")] = 1,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """De-identify and verify a study: makes a prepared version that can be submitted.

    To look at pixels needs the extra `pixels`, and about a second for each image.
    When instances arrived since the version before, what is unchanged keeps its acceptances by name.
    """
    from workbench.flow.preparing import prepare as run

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor), output.progress("preparing") as advance:
        made = run(
            workbench,
            actor,
            study=number,
            profile=profile,
            scope=scope,
            pixels=pixels.value if pixels is not None else None,
            jobs=jobs,
            on_progress=advance,
        )
    output.document(made)
    if made.approval_lost:
        output.line(
            f"Version {made.approval_lost} was approved. Its approval is lost: this version needs one of its own."
        )
        for package in made.packages_touched:
            output.line(f"Package {package} holds version {made.approval_lost} and can still be opened: revoke it?")
    _show_preparation(output, made)
    if made.instances:
        output.line(f"Next: workbench submit {number}")
    return 1 if made.issues or made.refused or made.holds else 0


def submit(
    *,
    number: Study,
    as_user: As,
    note: Annotated[str, typer.Option("--note", help="For the approver; kept sealed.")] = "",
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Ask for approval of the prepared version."""
    return _step("submit", number, as_user, home, credentials, as_json=as_json, note=note)


def approve(
    *,
    number: Study,
    as_user: As,
    accept: Annotated[list[str] | None, typer.Option("--accept", metavar="NAME", help="A held item, by name.")] = None,
    note: Annotated[str, typer.Option("--note", help="Kept sealed.")] = "",
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Approve the submitted version, as a second person. Held items that are not accepted by name stay behind."""
    return _step("approve", number, as_user, home, credentials, as_json=as_json, note=note, accept=tuple(accept or ()))


def return_(
    *,
    number: Study,
    as_user: As,
    reason: Reason,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Return the submitted version to whoever prepares it."""
    return _step("return", number, as_user, home, credentials, as_json=as_json, reason=reason)


def withdraw(
    *,
    number: Study,
    as_user: As,
    reason: Reason,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Take an approval back. Releases that were made already are listed; revoke them one by one."""
    return _step("withdraw", number, as_user, home, credentials, as_json=as_json, reason=reason)


def quarantine(
    *,
    number: Study,
    as_user: As,
    reason: Reason,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Put a study into quarantine."""
    return _step("quarantine", number, as_user, home, credentials, as_json=as_json, reason=reason)


def accept(
    *,
    number: Study,
    as_user: As,
    reason: Reason,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Accept a quarantined study by name: it counts as arrived again."""
    return _step("accept", number, as_user, home, credentials, as_json=as_json, reason=reason)


def discard(
    *,
    number: Study,
    as_user: As,
    reason: Reason,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Discard a quarantined study. Its encrypted copies are deleted; the source is not touched."""
    return _step("discard", number, as_user, home, credentials, as_json=as_json, reason=reason)


def _step(
    step: str,
    number: str,
    as_user: str,
    home: Path | None,
    credentials: Path | None,
    *,
    as_json: bool,
    **given: str | tuple[str, ...],
) -> int:
    from workbench.flow import reviewing

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        state = reviewing.STEPS[step](workbench, actor, study=number, **given)
        packages = _packages(workbench, actor, number) if step == "withdraw" else []
    output.document({"study": number, "state": state, **({"releases": packages} if packages else {})})
    output.line(f"{number}: {_word(state)}")
    for package in packages:
        output.line(f"It is in {package.release} for {package.recipient} ({package.state}). Revoke that one too:")
        output.line(f"  workbench release revoke {package.release} --reason TEXT")
    if step in NEXT:
        output.line(f"Next: {NEXT[step].format(number)}")
    return 0


def _packages(workbench: "Workbench", actor: "Actor", number: str) -> "list[ReleaseLine]":
    from workbench.flow.queries import releases_of
    from workbench.flow.rows import LIVE

    return [line for line in releases_of(workbench, actor, study=number) if line.state in LIVE]


def _word(state: str) -> str:
    """Return the users' word for a state."""
    return "arrived" if state == StudyState.RECEIVED else str(state)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _show_study(output: Output, view: "StudyView") -> None:
    row = view.row
    counted = f"{row.series} series, {_count(row.instances, 'instance')}"
    output.line(f"{row.study}: {_word(row.state)}, {' '.join(row.modalities)}, {counted}")
    for notice in view.notices:
        output.line(f"note: {notice}")
    if view.preparation is not None:
        _show_preparation(output, view.preparation)
    if view.note:
        output.line(f"Note or reason given last: {view.note}")
    for package in view.releases:
        output.line(f"In package {package.release} for {package.recipient} ({package.state})")
    fitting = [item for item in view.decisions if (row.state, item.step) in STUDY_STEPS]
    rows = [(item.step, "yes" if item.allowed else "no", item.why_not) for item in fitting]
    output.table("What you may do", ("step", "possible", "why not"), rows)
    history = [(line.seq, f"{line.at:%Y-%m-%d %H:%M}", line.actor, line.text) for line in view.story]
    output.table("History", ("entry", "at (UTC)", "who", "what"), history)


def _show_preparation(output: Output, made: "PreparationView") -> None:
    output.line(
        f"Prepared version {made.number} ({made.state}) with profile {made.profile} v{made.profile_version}, "
        f"scope {made.scope}: {_count(made.instances, 'instance')}, {made.changed} element values changed, "
        f"pixels {made.pixels}."
    )
    if made.law:
        output.line(f"{law_of(made.law).label}: {law_of(made.law).says}")
    if made.follows:
        output.line(f"{made.unchanged} of them are byte for byte those of version {made.follows}.")
    if made.touched:
        output.line(f"It needs a successor: {made.touched}")
    if made.single_person:
        output.line("Single-person approval.")
    if made.issues:
        issues = [(row.series, row.instance, row.check, row.where, row.message) for row in made.issues]
        columns = ("series", "instance", "check", "where", "privacy issue (held back)")
        output.table("Privacy issues", columns, issues)
    show_pixels(output, made.pixel_series)
    _show_remarks(output, made)
    if made.holds:
        holds = [(row.name, row.instances, row.reason, row.accepted_by or "no") for row in made.holds]
        output.table("Waiting for acceptance by name", ("name", "instances", "why", "accepted by"), holds)
    if made.refused:
        refused = [(row.instances, row.code, row.message, row.hint) for row in made.refused]
        output.table("Not prepared", ("instances", "code", "why", "next step"), refused)


def _show_remarks(output: Output, made: "PreparationView") -> None:
    """Show what holds nothing back and should be known before somebody decides."""
    if made.unknowns:
        unknowns = [(row.name, row.where, row.instances, row.meaning) for row in made.unknowns]
        output.table(
            "Not understood, so that nothing is promised of it", ("what", "where", "instances", "why"), unknowns
        )
    if made.notes:
        notes = [(row.where, row.instances, row.message) for row in made.notes]
        output.table("Notes of the verifier; they hold nothing back", ("where", "instances", "what"), notes)
    if made.references_left_out:
        referring = _count(made.referring, "instance")
        output.line(f"{_count(made.references_left_out, 'reference')} in {referring} lead to nothing in this version.")
