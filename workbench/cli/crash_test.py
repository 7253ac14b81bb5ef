"""`workbench profile test`: what a profile lets through, found on a planted twin before it sees a patient."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import Json
from workbench.cli.output import Output

if TYPE_CHECKING:
    from workbench.flow.crash_test import CrashTest

EPILOG = "Example: workbench profile test my-profile.yaml --like ./studies"


def try_profile(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME_OR_FILE", help="A shipped profile, or a YAML file.")],
    like: Annotated[
        Path | None,
        typer.Option("--like", metavar="FOLDER", help="Studies whose structure, without any value, the twin takes."),
    ] = None,
    threshold: Annotated[
        float, typer.Option("--threshold", help="Share of the planted values that must be gone.")
    ] = 1.0,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Worker processes.")] = 1,
    as_json: Json = False,
) -> int:
    """Run a profile on a planted twin and show what comes through. Exit code 1 below the threshold.

    The twin has invented values in every place of a header that can say who somebody is; pixels are not checked. Its
    result names classes and places.
    """
    from workbench.flow.crash_test import crash_test

    output = Output(as_json)
    found = crash_test(name, like, threshold=threshold, jobs=jobs)
    output.document(found.document())
    _show(output, found)
    return 0 if found.passed else 1


def _show(output: Output, found: "CrashTest") -> None:
    output.line(
        f"{found.profile} v{found.version}, twin of {found.twin_of}: {found.written} of {found.instances} objects"
    )
    output.line(f"Digest: {found.digest}")
    for code, count in sorted(found.refused.items()):
        output.line(f"{count} refused [{code}]")
    places = sorted({cell.place for cell in found.cells})
    rows = []
    for identity in sorted({cell.identity for cell in found.cells}):
        cells = {cell.place: cell for cell in found.cells if cell.identity == identity}
        rows.append((identity, *(_cell(cells.get(place)) for place in places)))
    numbers = [str(number) for number in range(1, len(places) + 1)]
    output.table("What came through (leaked / planted) by class and place", ("class", *numbers), rows)
    for number, place in zip(numbers, places, strict=True):
        output.line(f"  {number}: {place}")
    if found.leaks:
        leaks = [(leak.identity, leak.place, leak.planted_at, leak.where or "bytes") for leak in found.leaks[:40]]
        output.table("Leaks", ("class", "place", "planted at", "found at"), leaks)
    output.line(
        f"{found.leaked} of {found.planted} planted values came through; {found.retained} stay by an option of the"
        f" standard; {100 * found.words_kept:.1f} % of the clinical words around them are kept."
    )
    output.line("Pixels not checked.")
    output.line("Passed: a privacy officer may activate it." if found.passed else "Failed: it will not be activated.")


def _cell(cell: object) -> str:
    from workbench.flow.crash_test import Cell

    return f"{cell.leaked}/{cell.planted}" if isinstance(cell, Cell) else ""
