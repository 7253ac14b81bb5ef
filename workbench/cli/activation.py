"""`workbench profile activate`: test a profile of one's own, and let studies be prepared with it."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.identity import acting
from workbench.cli.options import As, Credentials, Home, Json, home_of
from workbench.cli.output import Output

EPILOG = "Example: workbench profile activate my-profile.yaml --as paul"


def activate(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The YAML file of the profile.")],
    as_user: As,
    like: Annotated[
        Path | None,
        typer.Option("--like", metavar="FOLDER", help="Studies whose structure, without any value, is tested too."),
    ] = None,
    home: Home = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Worker processes.")] = 1,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Test a profile on planted twins and activate it when nothing comes through, else exit code 1.

    The workbench prepares with shipped and activated profiles only. An activation is of the profile exactly as it is,
    and of this version of the workbench; who activates a profile does not prepare with it.
    """
    from workbench.flow.activation import activate as run

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        done = run(workbench, actor, profile=file, like=like, jobs=jobs)
    output.document(
        {
            "profile": done.profile,
            "version": done.version,
            "profile_digest": done.profile_digest,
            "tests": [test.document() for test in done.tests],
        }
    )
    for test in done.tests:
        output.line(
            f"Twin of {test.twin_of}: {test.leaked} of {test.planted} planted values came through; {test.retained} stay"
            " by an option of the standard."
        )
    output.line(f"{done.profile} v{done.version} is activated. Digest: {done.profile_digest}")
    output.line(f"Next: workbench prepare STUDY --profile {done.profile} --scope RECIPIENT_OR_PROJECT")
    return 0
