"""The home: init, demo, serve, doctor."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.identity import acting
from workbench.cli.options import As, Credentials, Home, Json, home_of
from workbench.cli.output import Output
from workbench.records.errors import UsageError

if TYPE_CHECKING:
    from workbench.flow.demo import DemoReport
    from workbench.flow.home import InitResult

LOCAL = "127.0.0.1"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: workbench init --home ./home --keys /safe/keys --witness /other/witness.log")(init)
    app.command(epilog="Example: workbench demo --home ./.demo")(demo)
    app.command(epilog="Example: workbench serve --home ./home --port 8501")(serve)
    app.command(epilog="Example: workbench doctor --home ./home")(doctor)
    app.command(epilog="Example: workbench upgrade --home ./home")(upgrade)
    app.command(epilog="Example: workbench settings --folder-mode off --as root")(settings)


def init(
    *,
    home: Home = None,
    keys: Annotated[Path | None, typer.Option("--keys", help="New folder for the keys, outside the home.")] = None,
    witness: Annotated[
        Path | None, typer.Option("--witness", help="New file for checkpoints, outside the home.")
    ] = None,
    solo: Annotated[
        bool, typer.Option("--solo", help="One person prepares and approves; every certificate says so. For good.")
    ] = False,
    demo_home: Annotated[bool, typer.Option("--demo", help="Choose all places under the home; add studies.")] = False,
    as_json: Json = False,
) -> int:
    """Make a home: database, ledger, encrypted objects, keys. Never overwrites, never twice.

    Prints a one-time code with which the first account is made (`workbench user add NAME --code CODE`).
    """
    output = Output(as_json)
    place = home_of(home)
    if demo_home:
        if keys is not None or witness is not None or solo:
            raise UsageError("demo-places", "A demo home chooses everything itself.", "Give --home and --demo only.")
        from workbench.flow.demo import make_demo

        with output.progress("making studies") as advance:
            made = make_demo(place, on_progress=advance)
        _show_init(output, made)
        return 0
    if keys is None or witness is None:
        raise UsageError(
            "missing-argument",
            "A home needs --keys DIR and --witness FILE, in places of their own.",
            "Put them on other media than the home: whoever copies the home must not get the keys.",
        )
    from workbench.flow.home import init_home

    _show_init(output, init_home(place, keys=keys, witness=witness, solo=solo))
    return 0


def demo(*, home: Home = None, as_json: Json = False) -> int:
    """Take synthetic studies through the whole chain: import, prepare, verify, submit, approve, release, open."""
    from workbench.flow.demo import run_demo

    output = Output(as_json)
    with output.progress("demo") as advance:
        report = run_demo(home_of(home), on_progress=advance)
    output.document(report)
    _show_demo(output, report)
    return 0


def serve(
    *,
    home: Home = None,
    host: Annotated[str, typer.Option("--host")] = LOCAL,
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8501,
) -> int:
    """Run the app. Ends with Ctrl-C."""
    from workbench.app.serve import run
    from workbench.flow.demo import accounts_of
    from workbench.flow.home import open_home
    from workbench.flow.upkeep import record_start, tidy

    output = Output()
    place = home_of(home)
    accounts = accounts_of(place)
    with open_home(place) as workbench:
        tidy(workbench)
        record_start(workbench)
    if accounts:
        output.table("Demo accounts", ("name", "role", "password"), accounts)
        output.line(
            "Sign in as technician to prepare, as officer to decide on what is submitted, as auditor to verify."
        )
    output.line(f"Open http://{host}:{port} (Ctrl-C ends it)")
    sys.stdout.flush()
    run(place, host, port)
    return 0


def doctor(
    *,
    home: Home = None,
    tidy_up: Annotated[bool, typer.Option("--tidy", help="First remove what nothing refers to any more.")] = False,
    as_json: Json = False,
) -> int:
    """Check the installation and the home; every result has a hint. Exit code 1 when something needs attention."""
    from workbench.flow.doctor import examine

    output = Output(as_json)
    tidied = None
    if tidy_up:
        from workbench.flow.home import open_home
        from workbench.flow.upkeep import tidy

        with open_home(home_of(home)) as workbench:
            tidied = tidy(workbench)
        output.line(
            f"Ended: {tidied.sessions} sessions, {tidied.releases} releases. "
            f"Removed: {tidied.staging} leftovers, {tidied.objects} objects."
        )
    checks = examine(home_of(home))
    output.document({"checks": checks, "tidied": tidied})
    output.table("Checks", ("check", "result", "next step"), [(c.name, c.result, c.hint) for c in checks])
    return 0 if all(check.ok for check in checks) else 1


def upgrade(*, home: Home = None, as_json: Json = False) -> int:
    """Bring the database of a home to this version. A backup copy is made first, and the log says so.

    Stop the server and the workers before. Needs the keys, not an account, as `init` does.
    """
    from workbench.flow.upgrading import upgrade_home

    output = Output(as_json)
    done = upgrade_home(home_of(home))
    output.document(done)
    if done.backup:
        output.line(f"Upgraded from revision {done.before} to {done.after}.")
        output.line(f"Backup copy: {done.backup} (as confidential as the home; delete it when all is well)")
    else:
        output.line(f"Nothing to do: the database is of this version (revision {done.after}).")
    return 0


class Switch(StrEnum):
    """On or off."""

    ON = "on"
    OFF = "off"


def settings(
    *,
    folder_mode: Annotated[Switch, typer.Option("--folder-mode", help="Whether this host may use deidentify.")],
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Allow or forbid folder mode to whoever has this home as theirs. Recorded in the log."""
    from workbench.flow.home import change_settings

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        changed = change_settings(workbench, actor, folder_mode=folder_mode is Switch.ON)
    output.document({"folder_mode": changed.folder_mode})
    output.line(f"Folder mode is {'allowed' if changed.folder_mode else 'forbidden'} on this host.")
    return 0


def _show_init(output: Output, made: "InitResult") -> None:
    output.document(made)
    output.line(f"Home: {made.home}")
    output.line(f"Keys: {made.keys} (back them up; without them nothing can be read or proven)")
    output.line(f"Public key for auditors and recipients: {made.trust}")
    output.line(f"Witness: {made.witness}")
    if made.accounts:
        output.line(f"Demo accounts: {made.accounts}")
    else:
        output.line(f"One-time code for the first account: {made.code}")
        output.line(f"Next: workbench user add NAME --code {made.code} --home {made.home}")


def _show_demo(output: Output, report: "DemoReport") -> None:
    columns = ("study", "kind", "files", "planted", "changed", "removed", "blackened", "issues", "held", "released")
    rows = [
        (
            row.study,
            row.kind,
            row.instances,
            row.planted,
            row.changed,
            row.removed,
            row.blackened,
            row.issues,
            row.held,
            row.released,
        )
        for row in report.rows
    ]
    output.table("What happened to each study", columns, rows)
    for row in report.rows:
        if row.why:
            output.line(f"Held back in {row.study}: {row.why}")
    output.line()
    for line in report.lines:
        output.line(line)
