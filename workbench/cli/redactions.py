"""How the command line shows what became of the pixels of a prepared version."""

from typing import TYPE_CHECKING

from workbench.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.flow.shown_pixels import SeriesPixels

_BECAME = {"blackened": "blackened", "cleared": "cleared in an overlay", "kept": "kept, harmless", "left": "left"}


def show_pixels(output: Output, series: "Sequence[SeriesPixels]") -> None:
    """Show, for each series, what was blackened and why, what stays, and what nobody looked at."""
    rows = [
        (
            one.series + 1,
            _BECAME[area.became],
            f"{area.x}, {area.y}, {area.width}, {area.height}",
            area.frames,
            area.instances,
            area.source,
            area.why,
        )
        for one in series
        for area in one.areas
    ]
    if rows:
        columns = ("series", "became", "x, y, width, height", "frames", "instances", "source", "why")
        output.table("What was seen in the pixels", columns, rows)
    for one in series:
        for line in _lines(one):
            output.line(f"Series {one.series + 1}: {line}")


def _lines(one: "SeriesPixels") -> list[str]:
    lines = []
    if one.more:
        lines.append(f"{one.more} more areas are not listed.")
    if one.checked < one.images:
        lines.append(f"pixels not checked in {one.images - one.checked} of {one.images} images.")
    lines += [f"not checked in {many}: {reason}" for reason, many in one.not_checked]
    lines += [f"look at the whole image in {many}: {reason}" for reason, many in one.to_review]
    return lines
