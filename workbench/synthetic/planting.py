"""What was planted where, so that a test or a demo can look for it afterwards."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BurnedIn:
    """Text drawn into pixels: stored pixel coordinates of the box, the same in all frames of the file."""

    file: str
    text: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PlantedStudy:
    """One study that was written.

    `planted` maps the place of a planted identity to its text as a person would read it; `burned_in` lists the texts
    in pixels, with `file` relative to `folder`.
    """

    kind: str
    folder: Path
    planted: dict[str, str]
    instances: int
    burned_in: tuple[BurnedIn, ...] = ()


@dataclass(frozen=True, slots=True)
class Planter:
    """Collects what is planted while a study is being made."""

    planted: dict[str, str] = field(default_factory=dict)
    burned_in: list[BurnedIn] = field(default_factory=list)

    def __call__(self, place: str, text: str) -> str:
        """Note `text` under `place` and return it."""
        known = self.planted.setdefault(place, text)
        if known != text:
            raise ValueError(f"two texts for {place}")
        return text
