"""One frame of an output as a picture, for who reviews: what was blackened is outlined, and marks that stayed.

Only outputs whose pixels were looked at are shown. Of the others nobody knows what they show.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from workbench.access.policy import Permission, demand
from workbench.flow.home import Workbench
from workbench.flow.recording import recording_denials
from workbench.flow.redaction_rows import Seen, unpack
from workbench.flow.staging import staged
from workbench.flow.staging import unpack as decrypt
from workbench.records.actor import Actor
from workbench.records.errors import UsageError
from workbench.store.preparation_records import PreparedRow
from workbench.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class OutputPicture:
    """A frame of an output as PNG. `image` of `images` of the series, `frame` of `frames`, all from 1."""

    image: int
    images: int
    frame: int
    frames: int
    blackened: int
    kept: int
    png: bytes = field(repr=False)


def output_picture(
    workbench: Workbench, actor: Actor, *, study: str, series: int, image: int = 1, frame: int = 1
) -> OutputPicture:
    """Return a frame of an output of the current version.

    Parameters
    ----------
    series
        Counted from 0.
    image, frame
        Counted from 1, over the outputs of the series whose pixels were looked at; too large ones are the last.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `study-unknown`, `picture-missing`.
    InstanceRefused
        When the frame can't be decoded.
    IntegrityBroken
        When what is stored was altered.
    """
    from workbench.pixels.picture import outlined  # noqa: PLC0415 (loads what looks at pixels)

    with recording_denials(workbench, actor, study=study):
        demand(actor, Permission.STUDY_VIEW)
        with workbench.database.reading() as reading:
            shown = list(_shown(workbench, reading, study, series))
    if not shown:
        raise UsageError(
            "picture-missing",
            "No output of this series can be shown.",
            "Only outputs whose pixels were looked at are shown.",
        )
    row, seen = shown[min(max(1, image), len(shown)) - 1]
    number = min(max(1, frame), seen.redaction.frames)
    black = [region.black for region in seen.redaction.regions if number in region.frames]
    black += [overlay.asked for overlay in seen.redaction.overlays if number in overlay.frames]
    kept = [region.asked for region in seen.redaction.kept if number in region.frames]
    with staged(workbench.staging) as folder:
        decrypt(workbench.objects, row.object or "", folder / "output")
        png = outlined(folder / "output", number, blackened=black, kept=kept)
    return OutputPicture(
        image=min(max(1, image), len(shown)),
        images=len(shown),
        frame=number,
        frames=seen.redaction.frames,
        blackened=len(black),
        kept=len(kept),
        png=png,
    )


def _shown(workbench: Workbench, reading: Transaction, study: str, series: int) -> Iterator[tuple[PreparedRow, Seen]]:
    """Yield the outputs of a series that can be shown, in order, with what was seen in them."""
    reading.studies.get(study)
    made = reading.preparations.current(study)
    wanted = next((one.id for one in reading.studies.all_series(study) if one.number == series + 1), "")
    kept = reading.redactions.of_series(made.id, wanted) if made is not None else None
    if made is None or kept is None:
        return
    found = unpack(workbench.keys, kept)
    for row in reading.preparations.instances(made.id):
        seen = found.get(row.instance)
        if row.object and seen is not None and seen.redaction.complete and seen.redaction.frames:
            yield row, seen
