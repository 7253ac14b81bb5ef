"""Options that several commands share."""

import os
from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path | None,
    typer.Option("--home", help="The home. Else WORKBENCH_HOME, else ~/.workbench.", show_default=False),
]
As = Annotated[str, typer.Option("--as", metavar="USER", help="Sign-in name of the person who does this.")]
Credentials = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        metavar="FILE",
        help="JSON {user: {password}} for scripts; refused if others can read it. Else the prompt asks.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, progress on stderr.")]
Study = Annotated[str, typer.Argument(metavar="STUDY", help="Number of the study, for example WB-000001.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept sealed, never in the log.")]


def home_of(given: Path | None) -> Path:
    """Return the home: the option, else WORKBENCH_HOME, else ~/.workbench (command contract)."""
    if given is not None:
        return given
    from_environment = os.environ.get("WORKBENCH_HOME", "")
    return Path(from_environment) if from_environment else Path.home() / ".workbench"
