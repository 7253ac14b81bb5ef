"""The demo: one small study of each kind."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from workbench.synthetic import ct, enhanced, measured, mr, radiograph, report, ultrasound
from workbench.synthetic.modules import Visit
from workbench.synthetic.planting import PlantedStudy

__all__ = ["KINDS", "PlantedStudy", "write_demo_studies"]


class Kind(Protocol):
    """A module that makes one kind of study."""

    def arrange(self, seed: int) -> Visit:
        """Return the visit under `seed`."""
        ...

    def write_study(self, visit: Visit, folder: Path) -> int:
        """Write the study and return the number of its instances."""
        ...


KINDS: dict[str, Kind] = {
    "ct-chest": ct,
    "mr-heart-enhanced": enhanced,
    "mr-head-private": mr,
    "us-heart-cine": ultrasound,
    "cr-chest": radiograph,
    "sr-report": report,
    "us-kidney-measured": measured,
}


def write_demo_studies(
    target: Path, *, seed: int, on_progress: Callable[[int, int], None] | None = None
) -> list[PlantedStudy]:
    """Write one study of each kind into a folder of its own under `target`, and say what was planted.

    The same seed gives the same bytes. `on_progress` is called with the number of studies that are written and the
    number that there will be. Folder and file names carry no identity.
    """
    studies = []
    for done, (kind, maker) in enumerate(KINDS.items(), start=1):
        visit = maker.arrange(seed)
        folder = target / kind
        instances = maker.write_study(visit, folder)
        studies.append(PlantedStudy(kind, folder, dict(visit.plant.planted), instances, tuple(visit.plant.burned_in)))
        if on_progress:
            on_progress(done, len(KINDS))
    return studies
