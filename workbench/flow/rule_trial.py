"""What rules for burned-in text would be for: which files of a folder, or which of the newest studies. Counts only."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.access.policy import Permission, demand
from workbench.dicom.inputs import find_inputs
from workbench.dicom.source import read_instance
from workbench.flow.home import Workbench
from workbench.flow.recording import recording_denials
from workbench.flow.staging import staged, unpack
from workbench.pixels.proposing import HeaderRules
from workbench.pixels.region_rules import DeviceRule
from workbench.records.actor import Actor
from workbench.records.errors import InstanceRefused, UsageError
from workbench.records.region import RegionDecision, RegionSource

Advance = Callable[[int, int], None]
MOST_STUDIES: Final = 200


@dataclass(frozen=True, slots=True)
class RuleHits:
    """How many images a rule is for. In those of another size none of its areas lies; a person would look at them."""

    rule: str
    images: int
    other_size: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a trial. `hit` are the files by their index, or the studies by their number; nothing bears identity.

    `of` is how many of them were looked at, `instances` how many instances that were, `not_read` those that could not
    be read, or do not say how their pixels lie.
    """

    of: int
    instances: int
    not_read: int
    hit: tuple[str, ...]
    rules: tuple[RuleHits, ...]


def try_on_files(rules: Sequence[DeviceRule], sources: Sequence[Path], *, on_progress: Advance) -> Trial:
    """Try rules on files; they are told by their index in the order in which `workbench deidentify` counts them.

    Raises
    ------
    UsageError, InstanceRefused
        When a source can't be opened at all.
    """
    with tempfile.TemporaryDirectory(prefix="rules-") as folder:
        found = find_inputs(sources, Path(folder))
        count = _Count(rules)
        hit = []
        for number, each in enumerate(found, 1):
            if each.path is None:
                count.not_read += each.refusal is None or each.refusal.code != "dicomdir-not-read"
            elif count.take(each.path, Path(folder)):
                hit.append(str(each.index))
            on_progress(number, len(found))
        return count.trial(len(found), hit)


def try_on_studies(
    workbench: Workbench, actor: Actor, *, rules: Sequence[DeviceRule], last: int, on_progress: Advance
) -> Trial:
    """Try rules on the originals of the newest studies.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `studies-too-many`.
    """
    if not 1 <= last <= MOST_STUDIES:
        raise UsageError("studies-too-many", f"A trial is on 1 to {MOST_STUDIES} studies.", "Give another --last.")
    with recording_denials(workbench, actor):
        demand(actor, Permission.PIXEL_RULE_ADD)
        with workbench.database.reading() as reading:
            studies = [study.id for study in reading.studies.search(limit=last).studies]
            objects = {study: [one.object for one in reading.studies.instances(study)] for study in studies}
        count = _Count(rules)
        hit = []
        with staged(workbench.staging) as folder:
            for number, study in enumerate(studies, 1):
                hits = [count.take(path, folder) for path in _unpacked(workbench, objects[study], folder)]
                hit += [study] if any(hits) else []
                on_progress(number, len(studies))
        return count.trial(len(studies), hit)


def _unpacked(workbench: Workbench, objects: Iterable[str], folder: Path) -> Iterator[Path]:
    path = folder / "original"
    for name in objects:
        unpack(workbench.objects, name, path)
        yield path
        path.unlink()


class _Count:
    """Counts what rules hit."""

    def __init__(self, rules: Sequence[DeviceRule]) -> None:
        self._each = [(rule.name, HeaderRules([rule], shipped=False)) for rule in rules]
        self._images: Counter[str] = Counter()
        self._other: Counter[str] = Counter()
        self._instances = 0
        self.not_read = 0

    def take(self, path: Path, scratch: Path) -> bool:
        """Tell whether a rule is for an instance."""
        self._instances += 1
        try:
            instance = read_instance(path, scratch=scratch)
            hits = [(name, rules) for name, rules in self._each if any(True for _ in rules.hits(instance))]
            for name, rules in hits:
                found = [each for each in rules.regions_for(instance) if each.source is RegionSource.DEVICE]
                self._images[name] += 1
                self._other[name] += any(each.decision is RegionDecision.REVIEW for each in found)
        except InstanceRefused:
            self.not_read += 1
            return False
        return bool(hits)

    def trial(self, of: int, hit: Sequence[str]) -> Trial:
        """Return the counts."""
        told = tuple(RuleHits(name, self._images[name], self._other[name]) for name, _rules in self._each)
        return Trial(of, self._instances, self.not_read, tuple(hit), told)
