"""`workbench detect`: text and codes in pixels, found and explained; nothing is changed."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import Json
from workbench.cli.output import Output


class Care(StrEnum):
    """How often each image is looked at."""

    FAST = "fast"
    STANDARD = "standard"
    CAREFUL = "careful"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: workbench detect ./studies --overlay ./pictures")(detect)


def detect(
    *,
    source: Annotated[list[Path], typer.Argument(metavar="IN", help="Files, folders, zip archives or a DICOMDIR.")],
    profile: Annotated[Care, typer.Option("--profile", help="How often each image is looked at.")] = Care.CAREFUL,
    overlay: Annotated[
        Path | None, typer.Option("--overlay", metavar="DIR", help="Write pictures with the regions drawn here.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Worker processes.")] = 1,
    as_json: Json = False,
) -> int:
    """Find text, bar codes and QR codes in pixels. The output bears identity: it repeats what stands there.

    Coordinates are stored pixels, frames are numbered from 1. Exit code 1 when something could not be checked.
    """
    from time import monotonic

    from workbench.flow.detecting import detect as run

    output = Output(as_json)
    started = monotonic()
    with output.progress("looking") as advance:
        found = run(
            source,
            profile=profile.value,
            jobs=jobs,
            pictures=overlay,
            on_progress=lambda done, of, frames: advance(done, of, _speed(frames, monotonic() - started)),
        )
    document = found.document()
    output.document(document)
    if not as_json:
        _tell(output, document, _speed(found.frames, monotonic() - started))
    return found.exit_code


def _tell(output: Output, document: dict[str, list[dict[str, object]]], speed: str) -> None:
    output.line("This output bears identity.")
    columns = ("file", "frames", "x, y, width, height", "text", "decision", "explanation")
    rows = [
        (
            each["file"],
            _numbers(each["frames"]),
            f"{each['x']}, {each['y']}, {each['width']}, {each['height']}",
            each["text"],
            each["decision"],
            each["explanation"],
        )
        for each in document["regions"]
    ]
    if rows:
        output.table("Regions", columns, rows)
    for each in document["to_review"]:
        output.line(f"Look at the whole image: {each['file']}: {each['reason']}")
    for each in document["not_checked"]:
        output.line(f"Not checked: {each['file']}: {each['reason']}")
    output.line(
        f"{len(rows)} regions in {document['frames']} frames ({speed}); {len(document['not_checked'])} not checked."
    )


def _numbers(frames: object) -> str:
    """Return frame numbers as ranges."""
    assert isinstance(frames, list)  # noqa: S101
    starts = [number for number in frames if number - 1 not in frames]
    ends = [number for number in frames if number + 1 not in frames]
    return ", ".join(str(one) if one == two else f"{one}-{two}" for one, two in zip(starts, ends, strict=True))


def _speed(frames: int, seconds: float) -> str:
    return f"{frames / max(seconds, 0.001):.1f} frames per second"
