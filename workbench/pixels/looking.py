"""Look at one file: what is in its pixels, and what of it could not be looked at."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from workbench.dicom.instance import Instance
from workbench.dicom.source import open_source
from workbench.pixels.decoding import StoredFrames
from workbench.pixels.examining import Examined, Examiner, NotChecked
from workbench.pixels.frames import InstanceFrames
from workbench.pixels.judging import Judge
from workbench.pixels.layout import PIXEL_DATA
from workbench.pixels.overlay import draw
from workbench.pixels.workers import FrameWorker
from workbench.records.errors import InstanceRefused
from workbench.records.known import KnownValue

_ROWS: Final = 0x00280010
_DOCUMENT: Final = 0x00420011
_FLOATS: Final = (0x7FE00008, 0x7FE00009)
_OVERLAYS: Final = frozenset(0x60003000 + (number << 17) for number in range(16))

Harvest = Callable[[Instance], Iterable[KnownValue]]
"""Returns the identifying values of a header."""


class Looker:
    """Looks at files, one after the other. One per worker.

    Parameters
    ----------
    harvest
        Gives what the header says about the patient, so that lines can be compared with it.

    Raises
    ------
    UsageError
        `models-absent`, `models-other`.
    """

    def __init__(self, harvest: Harvest, *, profile: str = "careful", threads: int = 1) -> None:
        self._harvest = harvest
        self._examiner = Examiner(profile, threads=threads)
        self._worker = FrameWorker()

    def look(self, path: Path, *, picture: Path | None = None) -> Examined:
        """Examine a file; with `picture`, write its frames with all regions drawn there (PNG).

        Never raises for what a file holds: what can't be looked at is told in `not_checked`.
        """
        try:
            with open_source(path) as source:
                instance = source.walk()
                beside = tuple(_beside(instance))
                if PIXEL_DATA not in instance.payloads and not {_ROWS, *_FLOATS} & instance.by_tag.keys():
                    return Examined((), beside, 0)
                frames = InstanceFrames(StoredFrames(instance, source.read, self._worker))
                found = self._examiner.examine(frames, Judge(self._harvest(instance)))
                if picture is not None and found.frames:
                    draw(frames, found.regions, picture)
        except InstanceRefused as refusal:
            return Examined((), (NotChecked((), refusal.code, refusal.message),), 0)
        return Examined(found.regions, found.not_checked + beside, found.frames)

    def close(self) -> None:
        """End the process that decodes."""
        self._worker.close()


def _beside(instance: Instance) -> Iterable[NotChecked]:
    """Yield what an instance shows besides its pixels and nobody looked at."""
    if _OVERLAYS & instance.by_tag.keys():
        yield NotChecked((), "overlays-not-looked-at", "The object has overlay planes, which were not looked at.")
    if _DOCUMENT in instance.by_tag:
        yield NotChecked((), "document-not-looked-at", "The object holds a document, which was not looked at.")
