"""The port of recognisers: whoever sees something that identifies says where. A hint can only drop words."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Span(NamedTuple):
    """A part of a text that identifies."""

    start: int
    end: int
    reason: str
    """What it is, in words for the explanation (`a date`)."""
    score: float
    """How sure the recogniser is, 0 to 1."""
    by: str
    """Name of the recogniser."""


class Hint(Protocol):
    """Finds parts of a text that identify."""

    @property
    def name(self) -> str:
        """Return a short stable name for explanations."""
        ...

    def spans(self, text: str) -> Iterable[Span]:
        """Yield what identifies. Deterministic; never raises."""
        ...
