"""Examine all frames of an instance: what is found is read, explained and decided; what could not be seen is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

import numpy as np

from workbench.pixels.bars import find_codes
from workbench.pixels.boxes import Box
from workbench.pixels.finding_text import PROFILES, PROJECTED, Image, Look, TextFinder, Views
from workbench.pixels.frames import Frames
from workbench.pixels.judging import READ, Judge, Judgement
from workbench.pixels.loops import TOGETHER, Sighting, Track, projections, tracks
from workbench.pixels.reading import Line, Reader
from workbench.pixels.views import Picture
from workbench.records.errors import InstanceRefused
from workbench.records.region import Region, RegionDecision, RegionSource

SINGLY: Final = 3
"""Up to this number of distinct frames each is looked at by itself."""

_SHORT: Final = 3
"""Characters up to which a mark may be a part of something else."""

_MOST_ALONG: Final = 4
"""How much longer than its thickness, besides one for each character, the box of a mark may be."""

_LONGER: Final = Judgement(RegionDecision.REDACT, "a mark in a box that may hold more than was read")

_FAILURES: Final = 8
"""Frames in a row that can't be decoded; then the rest is not tried any more."""


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Frames that were not seen, numbered from 1 (none: all), and why, in words free of values."""

    frames: tuple[int, ...]
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What an examination came to. Bears identity: regions hold what was read."""

    regions: tuple[Region, ...]
    not_checked: tuple[NotChecked, ...]
    frames: int
    """Frames that were seen."""
    to_review: tuple[str, ...] = ()
    """Why a person should look at the whole image, whatever was found."""


class Examiner:
    """Examines instances. One per worker.

    Raises
    ------
    UsageError
        `models-absent`, `models-other`.
    """

    def __init__(self, profile: str = "careful", *, threads: int = 1) -> None:
        self._looks = PROFILES[profile]
        self._finder = TextFinder(threads=threads)
        self._reader = Reader(threads=threads)

    def examine(
        self, frames: Frames, judge: Judge, *, looks: Sequence[Look] | None = None, margin: int = 1
    ) -> Examined:
        """Look at every frame, alone or in a projection with its neighbours, and judge what is found.

        `looks` are those of the first frames, else those of the profile; `margin` is that of `loops.tracks`.
        """
        survey = _Survey(frames)
        sightings: list[Sighting] = []
        groups: list[tuple[int, ...]] = []
        for each in projections(survey.distinct(), together=1 if frames.count <= SINGLY else TOGETHER):
            closely = not groups or frames.count <= SINGLY
            chosen = [*(looks or self._looks)] if closely else []
            if each.darkest is not None or not closely:
                chosen += PROJECTED
            groups.append(each.frames)
            sightings += self._look(Views(each.image, each.darkest), chosen, each.frames)
        regions = [
            replace(region, frames=survey.numbers(region.frames))
            for region in self._regions(tracks(sightings, groups, margin=margin), judge)
        ]
        return Examined(tuple(_in_company(regions)), tuple(survey.not_seen()), frames.count - len(survey.failed))

    def _look(self, pictures: Views, looks: Sequence[Look], shown: tuple[int, ...]) -> Iterator[Sighting]:
        for box in self._finder.find(pictures, looks):
            hidden = _crops(box, pictures.darkest) if pictures.darkest is not None else ()
            yield Sighting(box, shown, RegionSource.TEXT, _crops(box, pictures), hidden=hidden)
        for each in (pictures, pictures.darkest):
            for code in find_codes(each["window"]) if each is not None else ():
                yield Sighting(code.box, shown, RegionSource.CODE, (), code.text)

    def _regions(self, found: Sequence[Track], judge: Judge) -> Iterator[Region]:
        written = [track for track in found if track.sightings[0].source is RegionSource.TEXT]
        lines = dict(zip(written, self._lines([track.sightings[0] for track in written]), strict=True))
        for track in found:
            line = lines.get(track)
            if line is None:
                yield _region(track, track.sightings[0].text, judge.judge_code(track.sightings[0].text))
                continue
            judgement = judge.judge(line)
            if judgement.decision is RegionDecision.KEEP:
                judgement = self._all_harmless(track, judge, judgement) if _fits(track.box, line) else _LONGER
            yield _region(track, line.text, judgement)

    def _lines(self, sightings: Sequence[Sighting]) -> list[Line]:
        """Read in the window, and what can't be read there in the other views, those of the darkest frames as well."""
        crops = [(*each.crops, *each.hidden) for each in sightings]
        lines = self._reader.read([each[0] for each in crops])
        for view in range(1, max(map(len, crops), default=0)):
            again = [at for at, line in enumerate(lines) if line.score < READ and view < len(crops[at])]
            for at, line in zip(again, self._reader.read([crops[at][view] for at in again]), strict=True):
                lines[at] = max(lines[at], line, key=lambda each: each.score)
        return lines

    def _all_harmless(self, track: Track, judge: Judge, judgement: Judgement) -> Judgement:
        """Let a mark stay only when every look read one: a clock or a name may follow it at the same place."""
        hidden = self._reader.read([each.hidden[0] for each in track.sightings if each.hidden])
        lines = [*self._lines(track.sightings[1:]), *(line for line in hidden if line.score >= READ)]
        return next((each for each in map(judge.judge, lines) if each.decision is not RegionDecision.KEEP), judgement)


def _fits(box: Box, line: Line) -> bool:
    """Tell whether a box is about as long as what was read in it; a longer one may hold more."""
    long, thick = max(box.width, box.height), min(box.width, box.height)
    return long <= thick * (_MOST_ALONG + len(line.text))


def _crops(box: Box, pictures: Views) -> tuple[Picture, ...]:
    return box.of(pictures["window"]).copy(), box.of(pictures["levelled"]).copy()


class _Survey:
    """Goes through the frames once: tells distinct ones, remembers those alike and those that can't be decoded."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._alike: dict[int, list[int]] = {}
        self.failed: dict[int, InstanceRefused] = {}

    def distinct(self) -> Iterator[tuple[int, Image]]:
        """Yield the first of all frames that are alike, with its number from 0."""
        first: dict[bytes, int] = {}
        in_a_row = 0
        for number in range(self._frames.count):
            try:
                image = self._frames.image(number)
            except InstanceRefused as refusal:
                self.failed[number] = refusal
                in_a_row += 1
                if in_a_row == _FAILURES:
                    self.failed.update(dict.fromkeys(range(number + 1, self._frames.count), refusal))
                    return
                continue
            in_a_row = 0
            digest = sha256(np.ascontiguousarray(image.samples).data).digest()
            owner = first.setdefault(digest, number)
            self._alike.setdefault(owner, []).append(number)
            if owner == number:
                yield number, image

    def numbers(self, frames: Sequence[int]) -> tuple[int, ...]:
        """Return the frame numbers, from 1, of distinct frames and of all that are like them."""
        return tuple(sorted(number + 1 for frame in frames for number in self._alike[frame]))

    def not_seen(self) -> Iterator[NotChecked]:
        """Yield the frames that could not be decoded, those with the same reason together."""
        reasons = {(refusal.code, refusal.message) for refusal in self.failed.values()}
        for code, message in sorted(reasons):
            numbers = tuple(number + 1 for number, refusal in sorted(self.failed.items()) if refusal.code == code)
            yield NotChecked(numbers if len(numbers) < self._frames.count else (), code, message)


def _in_company(regions: Sequence[Region]) -> Iterator[Region]:
    """Let no short mark stay beside what goes: it may be the end of an identifier that was found in two parts."""
    for region in regions:
        short = region.decision is RegionDecision.KEEP and len(region.text) <= _SHORT
        if short and any(_continues(region, other) for other in regions):
            yield replace(region, decision=RegionDecision.REDACT, explanation="stands beside text that is redacted")
        else:
            yield region


def _continues(mark: Region, other: Region) -> bool:
    """Tell whether a mark stands on the line of a text that is redacted, not further away than it is high."""
    if other.decision is not RegionDecision.REDACT or not set(mark.frames) & set(other.frames):
        return False
    height = min(mark.height, other.height)
    shared = min(mark.y + mark.height, other.y + other.height) - max(mark.y, other.y)
    apart = max(mark.x, other.x) - min(mark.x + mark.width, other.x + other.width)
    return shared >= height / 2 and apart <= height


def _region(track: Track, text: str, judgement: Judgement) -> Region:
    box = track.box
    return Region(
        frames=track.frames,
        x=box.left,
        y=box.top,
        width=box.width,
        height=box.height,
        source=track.sightings[0].source,
        score=round(box.score, 3),
        text=text,
        decision=judgement.decision,
        explanation=judgement.explanation,
    )
