"""The log: verify, show, export, acknowledge a restore."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.identity import acting
from workbench.cli.options import As, Credentials, Home, Json, home_of
from workbench.cli.output import Output

Trust = Annotated[str, typer.Option("--trust", metavar="KEY", help="trust.vkey (file or line), kept separately.")]
Witness = Annotated[
    Path | None, typer.Option("--witness", metavar="FILE", help="Checkpoints kept outside.", show_default=False)
]


def build() -> typer.Typer:
    """Put `workbench audit` together."""
    app = typer.Typer(help="The audit log that a stranger can check.", no_args_is_help=True)
    app.command("verify", epilog="Example: workbench audit verify --trust trust.vkey --witness witness.log")(verify)
    app.command("show", epilog="Example: workbench audit show --study WB-000001 --as olga")(show)
    app.command("reason", epilog="Example: workbench audit reason 17 --as olga")(reason)
    app.command("export", epilog="Example: workbench audit export ./audit --as olga")(export)
    app.command(
        "acknowledge-restore", epilog="Example: workbench audit acknowledge-restore --as olga --second paul --reason …"
    )(acknowledge_restore)
    return app


def verify(*, trust: Trust, witness: Witness = None, home: Home = None, as_json: Json = False) -> int:
    """Check the whole log against a key that was handed over separately. Exit code 3 names the first bad entry."""
    from workbench.flow.trail import verify_home

    output = Output(as_json)
    verdict = verify_home(home_of(home), trust=trust, witness=witness)
    output.document(verdict)
    for problem in verdict.problems:
        output.line(f"broken: {problem}")
    if verdict.ok:
        outside = "and the witness" if witness else "(no witness given: a full rebuild with the key would not show)"
        output.line(f"The log is intact: {verdict.entries} entries, {verdict.checkpoints} checkpoints {outside}.")
    return 0 if verdict.ok else 3


def show(
    *,
    as_user: As,
    study: Annotated[str, typer.Option("--study")] = "",
    kind: Annotated[str, typer.Option("--kind")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10000)] = 50,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Show entries, newest first."""
    from workbench.flow.trail import entries

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        page = entries(workbench, actor, study=study, kind=kind, limit=limit, offset=0)
    output.document(page)
    rows = [(row.seq, f"{row.at:%Y-%m-%d %H:%M:%S}", row.kind, row.actor, row.study, row.text) for row in page.rows]
    output.table(f"{page.total} entries", ("entry", "at (UTC)", "kind", "who", "study", "what"), rows)
    return 0


def reason(
    *,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", min=0, help="Number of the entry.")],
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Show the reason that an entry commits to, where one was kept. That you read it is an entry too."""
    from workbench.flow.trail import reason_of

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        text = reason_of(workbench, actor, seq=entry)
    output.document({"entry": entry, "reason": text})
    output.line(text or "No text is kept for this entry.")
    return 0


def export(
    *,
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="New folder for log, checkpoints and verifier.")],
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Write all entries, the checkpoints and the stand-alone verifier into a folder that can be checked anywhere."""
    from workbench.flow.trail import export as run

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        written = run(workbench, actor, target=target)
    output.document({"entries": written})
    output.line(f"{written} entries written.")
    return 0


def acknowledge_restore(
    *,
    as_user: As,
    second: Annotated[str, typer.Option("--second", metavar="USER", help="The second person who signs.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept sealed.")],
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Record that the database was restored from a backup on purpose: a fork of the log, signed by two people."""
    from workbench.cli.identity import password_of
    from workbench.flow.accounts import sign_in
    from workbench.flow.trail import acknowledge_restore as run

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        other = sign_in(workbench, name=second, password=password_of(second, credentials), source="cli")
        run(workbench, actor, second=other.actor, reason=reason)
    output.document({"acknowledged": True})
    output.line("The restore is on record.")
    return 0
