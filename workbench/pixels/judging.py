"""What a line of text in an image is, and what is to become of it. Only what is known to be harmless may stay."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from workbench.pixels.known_lines import KnownLines
from workbench.pixels.marks import is_harmless
from workbench.pixels.reading import Line
from workbench.records.known import KnownValue
from workbench.records.region import RegionDecision
from workbench.text.cleaner import Cleaner

READ: Final = 0.5
"""How sure a reading must be to count as text."""

SURE: Final = 0.8
"""How sure a reading must be for a mark to stay."""


class Judgement(NamedTuple):
    """What is to become of a line, and why; the explanation repeats nothing of the line or the header."""

    decision: RegionDecision
    explanation: str


class Judge:
    """Judges lines of the images of one patient. `known` are the values of the header, and of linked headers."""

    def __init__(self, known: Iterable[KnownValue] = ()) -> None:
        values = frozenset(known)
        self._known = KnownLines(values)
        self._cleaner = Cleaner(values)

    def judge(self, line: Line) -> Judgement:
        """Return what is to become of a line."""
        harmless = line.score >= SURE and is_harmless(line.text)
        if line.score < READ or not (harmless or any(map(str.isalnum, line.text))):
            return Judgement(RegionDecision.REVIEW, "looks like text, and could not be read")
        match = self._known.match(line.text)
        if match is not None:
            return Judgement(RegionDecision.REDACT, f"agrees with {match.kind} in the header, {match.score:.0f} of 100")
        if harmless:
            return Judgement(RegionDecision.KEEP, "a mark of the examination that identifies nobody")
        said = [word.why for word in self._cleaner.clean(line.text).words if not word.kept and word.by != "default"]
        if said:
            return Judgement(RegionDecision.REDACT, f"reads like {said[0]}")
        return Judgement(RegionDecision.REDACT, "text that is not known to be harmless")

    def judge_code(self, text: str) -> Judgement:
        """Return what is to become of a bar code or QR code; it never stays, whatever it holds."""
        match = self._known.match(text)
        if match is not None:
            return Judgement(RegionDecision.REDACT, f"a code that holds {match.kind} of the header")
        return Judgement(RegionDecision.REDACT, "a code that people can't read and that may hold anything")
