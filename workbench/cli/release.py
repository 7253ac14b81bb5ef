"""Recipients, releases, and the reader's side: `workbench open`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.identity import acting
from workbench.cli.options import As, Credentials, Home, Json, Reason, home_of
from workbench.cli.output import Output

if TYPE_CHECKING:
    from workbench.flow.shown import ReleaseRow

EXAMPLE = "Example: workbench {} --as anna"
LONGEST_RECEIPT = 1 << 16


def build_recipient() -> typer.Typer:
    """Put `workbench recipient` together."""
    app = typer.Typer(help="Who can receive packages.", no_args_is_help=True)
    key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
    app.command("add", epilog=EXAMPLE.format(f"recipient add 'Trial 7' --key {key}"))(add_recipient)
    app.command("list", epilog=EXAMPLE.format("recipient list"))(list_recipients)
    app.command("agreement", epilog=EXAMPLE.format("recipient agreement 'Trial 7' DUA-2026-17"))(agreement_with)
    return app


def build_release() -> typer.Typer:
    """Put `workbench release` together."""
    app = typer.Typer(help="Encrypted packages of approved versions.", no_args_is_help=True)
    create_example = (
        "release create --recipient 'Trial 7' --purpose research --basis de-identified --expires 30 WB-000001"
    )
    app.command("create", epilog=EXAMPLE.format(create_example))(create)
    app.command("list", epilog=EXAMPLE.format("release list"))(list_)
    expert = "release determination --profile cohort.yaml --expert 'Dr. E. Xpert' --reference ED-7 --expires 365"
    app.command("determination", epilog=EXAMPLE.format(expert))(determination)
    app.command("determinations", epilog=EXAMPLE.format("release determinations"))(determinations)
    app.command("revoke", epilog=EXAMPLE.format("release revoke R-000001 --reason 'wrong recipient'"))(revoke)
    app.command("receipt", epilog=EXAMPLE.format("release receipt receipt.txt"))(receipt)
    return app


def add_to(app: typer.Typer) -> None:
    """Add `workbench open`."""
    example = "Example: workbench open R-000001.tar.age ./study --identity key.txt --trust trust.vkey"
    app.command("open", epilog=example)(open_)


def add_recipient(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Organisation or person outside.")],
    key: Annotated[str, typer.Option("--key", help="Their age public key (age1...), or a file that holds it.")],
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Add a recipient."""
    from workbench.flow.recipients import add_recipient as run

    output = Output(as_json)
    text = key if key.startswith("age1") else Path(key).read_text(encoding="utf-8").strip()
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        recipient = run(workbench, actor, name=name, key=text)
    output.document({"recipient": recipient, "name": name})
    output.line(f"Recipient {recipient} added.")
    return 0


def list_recipients(*, as_user: As, home: Home = None, credentials: Credentials = None, as_json: Json = False) -> int:
    """List recipients."""
    from workbench.flow.recipients import list_recipients as run

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        rows = run(workbench, actor)
    output.document({"recipients": rows})
    output.table("Recipients", ("id", "name", "key"), [(r.recipient, r.name, r.key) for r in rows])
    return 0


def agreement_with(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the recipient.")],
    reference: Annotated[str, typer.Argument(metavar="REF", help="Reference of the data use agreement.")],
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Record the data use agreement with a recipient. Kept sealed; each package under it names it."""
    from workbench.flow.recipients import record_agreement

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        recipient = record_agreement(workbench, actor, recipient=name, agreement=reference)
    output.document({"recipient": recipient})
    output.line("The agreement is on record.")
    return 0


def determination(
    *,
    profile: Annotated[str, typer.Option("--profile", metavar="NAME_OR_FILE", help="The profile as it is now.")],
    expert: Annotated[str, typer.Option("--expert", help="Who determined it; kept sealed.")],
    reference: Annotated[str, typer.Option("--reference", help="Where the result is documented; kept sealed.")],
    expires: Annotated[int, typer.Option("--expires", metavar="DAYS", min=1, max=3650)],
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Record an expert determination (45 CFR 164.514(b)(1)): for exactly this profile, until it expires."""
    from workbench.flow.terms import record_determination

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        made = record_determination(
            workbench, actor, profile=profile, expert=expert, reference=reference, expires_days=expires
        )
    output.document(made)
    output.line(f"Recorded for {made.profile} ({made.profile_digest[:12]}…), until {made.expires_at:%Y-%m-%d}.")
    return 0


def determinations(*, as_user: As, home: Home = None, credentials: Credentials = None, as_json: Json = False) -> int:
    """List expert determinations."""
    from workbench.flow.terms import list_determinations

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        rows = list_determinations(workbench, actor)
    output.document({"determinations": rows})
    output.table(
        "Expert determinations",
        ("profile", "digest", "expert", "reference", "expires", "valid"),
        [
            (r.profile, r.profile_digest[:12], r.expert, r.reference, f"{r.expires_at:%Y-%m-%d}", _yes(r.valid))
            for r in rows
        ],
    )
    return 0


def create(
    *,
    study: Annotated[list[str], typer.Argument(metavar="STUDY", help="Approved studies of one scope.")],
    recipient: Annotated[str, typer.Option("--recipient", help="Name or id of the recipient.")],
    purpose: Annotated[str, typer.Option("--purpose", help="treatment, research, public-health, operations, …")],
    basis: Annotated[str, typer.Option("--basis", help="Legal basis: de-identified, authorization, waiver, …")],
    expires: Annotated[int, typer.Option("--expires", metavar="DAYS", min=1, max=3650)],
    as_user: As,
    agreement: Annotated[
        str, typer.Option("--agreement", metavar="REF", help="Data use agreement; a limited data set needs one.")
    ] = "",
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Make an encrypted package of approved versions for one recipient."""
    from workbench.flow.releasing import create_release

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor), output.progress("releasing") as advance:
        made = create_release(
            workbench,
            actor,
            recipient=recipient,
            purpose=purpose,
            basis=basis,
            expires_days=expires,
            studies=tuple(study),
            agreement=agreement,
            on_progress=advance,
        )
    output.document(made)
    output.line(f"{made.release}: {made.instances} instance{'' if made.instances == 1 else 's'} for {made.recipient}.")
    output.line(f"Package: {made.package}")
    output.line(f"SHA-256: {made.digest}")
    output.line(f"They open it with: workbench open {Path(made.package).name} OUT --identity KEY --trust trust.vkey")
    return 0


def list_(*, as_user: As, home: Home = None, credentials: Credentials = None, as_json: Json = False) -> int:
    """List releases."""
    from workbench.flow.releasing import list_releases

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        rows = list_releases(workbench, actor)
    output.document({"releases": rows})
    output.table(
        "Releases",
        ("id", "state", "recipient", "studies", "instances", "expires"),
        [(r.release, r.state, r.recipient, " ".join(r.studies), r.instances, f"{r.expires_at:%Y-%m-%d}") for r in rows],
    )
    return 0


def revoke(
    *,
    release: Annotated[str, typer.Argument(metavar="ID")],
    reason: Reason,
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Revoke a release and delete its package here. Copies that were handed over cannot be called back."""
    from workbench.flow.releasing import revoke_release

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        row = revoke_release(workbench, actor, release=release, reason=reason)
    _show_release(output, row)
    return 0


def receipt(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The receipt that the recipient sent back.")],
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Record a receipt: proves that somebody who could decrypt the package did. Exit code 3 when it proves nothing."""
    from workbench.flow.receiving import record_receipt

    output = Output(as_json)
    with file.open("rb") as received:
        # what is no text is no receipt either: the refusal of it is on record like that of any other
        text = received.read(LONGEST_RECEIPT).decode("utf-8", "replace")
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        row = record_receipt(workbench, actor, receipt=text)
    _show_release(output, row)
    return 0


def open_(
    *,
    package: Annotated[Path, typer.Argument(metavar="PACKAGE")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="New folder for the content.")],
    identity: Annotated[Path, typer.Option("--identity", metavar="FILE", help="Your age identity file.")],
    trust: Annotated[
        str, typer.Option("--trust", metavar="KEY", help="The sender's trust.vkey (file or line), got separately.")
    ] = "",
    as_json: Json = False,
) -> int:
    """Decrypt and check a package off-line; write a receipt. Leaves nothing in clear when anything is wrong."""
    from workbench.flow.opening import open_received

    output = Output(as_json)
    opened = open_received(package, out, identity=identity, trust=trust)
    output.document(opened.document)
    for line in opened.lines:
        output.line(line)
    return 0


def _yes(valid: bool) -> str:  # noqa: FBT001 - a word for a column
    return "yes" if valid else "no"


def _show_release(output: Output, row: "ReleaseRow") -> None:
    output.document(row)
    output.line(f"{row.release}: {row.state}")
