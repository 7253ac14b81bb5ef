"""Verifying the output folder of any tool against the folder of its inputs.

Outputs are brought together with their inputs by the crosswalk; else by an unchanged SOP Instance UID; else by the
relative path, if class and geometry agree; else by the digest of the pixel payload; else, where there is none or the
pixels were cleaned, by series and instance number. What stays alone is reported.
"""

import csv
import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.records.errors import InstanceRefused, UsageError
from workbench.records.promise import Promises
from workbench.verify.checks.instances import SOP_CLASS, SOP_INSTANCE, pieces
from workbench.verify.elements import BULK
from workbench.verify.harvesting import Harvester
from workbench.verify.identity import Identity, Value
from workbench.verify.reading import Reader, Reading
from workbench.verify.report import Paired, Refused, Report
from workbench.verify.sceptic import Sceptic, claims_of
from workbench.verify.source import FileBytes
from workbench.verify.together import examine_set, notes_of_set

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all."""

_GEOMETRY = (0x00280010, 0x00280011, 0x00280008, 0x00280100, 0x00280002)
INSTANCE_NUMBER = 0x00200013
SERIES_NUMBER = 0x00200011


@dataclass(frozen=True, slots=True)
class _File:
    """What pairing needs to know of a file."""

    number: int
    name: str
    path: Path
    sop_instance: str
    likeness: tuple[str, ...]
    """SOP class and geometry."""
    ordinal: tuple[str, ...]
    """Instance Number, Series Number and transfer syntax: what most tools leave alone."""
    claims: frozenset[str]


def verify_folder(
    out: Path,
    against: Path,
    *,
    promises: Promises | None = None,
    crosswalk: Path | None = None,
    evidence: Mapping[str, bytes] | None = None,
    on_progress: Progress | None = None,
) -> Report:
    """Verify the outputs in `out` against the inputs in `against`. Nothing is written.

    Parameters
    ----------
    promises
        Of the profile that made the outputs; without them each output is held to what it claims of itself.
    crosswalk
        CSV with rows `old,new`, for SOP Instance UIDs at least.
    evidence
        Documents that support method codes, by digest; without them it is only checked that outputs name some.

    Raises
    ------
    UsageError
        `crosswalk-not-read`.
    """
    return _Verification(promises, evidence or {}, on_progress).run(_files(out), _files(against), _crosswalk(crosswalk))


class _Verification:
    """One run."""

    def __init__(self, promises: Promises | None, evidence: Mapping[str, bytes], on_progress: Progress | None) -> None:
        self._promises = promises
        self._evidence = evidence
        self._progress = on_progress
        self._reader = Reader()
        self._done = 0
        self._steps = 0

    def run(self, outs: Sequence[tuple[str, Path]], ins: Sequence[tuple[str, Path]], walk: dict[str, str]) -> Report:
        """Harvest, pair, examine."""
        self._steps = len(ins) + 2 * len(outs)
        identity, uids, inputs, refused = self._harvest(ins)
        described = [self._describe(number, name, path) for number, (name, path) in enumerate(outs)]
        outputs = [each for each in described if each is not None]
        claims = frozenset.intersection(*(each.claims for each in outputs)) if outputs else frozenset()
        sceptic = Sceptic(identity, uids, self._promises, claims=claims, reader=self._reader)
        others = [entry for entry, known in zip(outs, described, strict=True) if known is None]
        general = [finding for name, path in others for finding in sceptic.search(path, name)]
        pairs = _pair(outputs, inputs, walk, self._reader)
        paired, unpaired, examinations = [], [], []
        for each in outputs:
            partner = pairs.get(each.number)
            if partner is None:
                unpaired.append(each.number)
                general += sceptic.search(each.path, each.name)
            else:
                source, by = partner
                examination = sceptic.examine(source.path, each.path, source.number, evidence=self._evidence)
                examinations.append(examination)
                named = sceptic.search_name(each.name, source.number)
                said = (*examination.findings, *named)
                entry = Paired(each.number, source.number, by, said, examination.notes, examination.unknowns)
                paired.append(entry)
            self._step()
        read = [each for each in examinations if each.sop_instance]
        general += examine_set(read)
        known = {each.sop_instance: each.number for each in inputs if each.sop_instance}
        taken = {pair.instance for pair in paired}
        missing = tuple(each.number for each in inputs if each.number not in taken)
        return Report(
            inputs=len(ins),
            outputs=len(outputs),
            paired=tuple(paired),
            unpaired=tuple(unpaired),
            missing=missing,
            refused=tuple(refused),
            other_files=len(others),
            general=tuple(general),
            notes=tuple(notes_of_set(read, known)),
            profile=self._promises.profile if self._promises is not None else "",
            profile_digest=self._promises.digest if self._promises is not None else "",
        )

    def _harvest(self, ins: Sequence[tuple[str, Path]]) -> tuple[Identity, frozenset[str], list[_File], list[Refused]]:
        harvester = Harvester(self._reader)
        values: set[Value] = set()
        models: set[str] = set()
        uids: set[str] = set()
        inputs: list[_File] = []
        refused: list[Refused] = []
        for number, (name, path) in enumerate(ins):
            try:
                harvest = harvester.harvest(path, number)
            except InstanceRefused as refusal:
                if _is_dicom(path):
                    refused.append(Refused(number, refusal.code))
                self._step()
                continue
            values |= harvest.identity.values
            models |= harvest.identity.models
            uids |= harvest.uids
            known = self._describe(number, name, path)
            if known is not None:
                inputs.append(known)
        return Identity(frozenset(values), frozenset(models)), frozenset(uids), inputs, refused

    def _describe(self, number: int, name: str, path: Path) -> _File | None:
        """Return what pairing needs; None when the file is no DICOM instance (one that is damaged counts as one)."""
        self._step()
        try:
            with FileBytes(path) as file:
                reading = self._reader.read(file)
        except InstanceRefused:
            return _File(number, name, path, "", (), (), frozenset()) if _is_dicom(path) else None
        numbers = (reading.text(INSTANCE_NUMBER), reading.text(SERIES_NUMBER), reading.syntax)
        return _File(number, name, path, reading.text(SOP_INSTANCE), _likeness(reading), numbers, claims_of(reading))

    def _step(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._steps)


def _likeness(reading: Reading) -> tuple[str, ...]:
    return (reading.text(SOP_CLASS), *(reading.text(tag) for tag in _GEOMETRY))


def _pair(
    outputs: Sequence[_File], inputs: Sequence[_File], walk: dict[str, str], reader: Reader
) -> dict[int, tuple[_File, str]]:
    """Bring outputs and inputs together; each input is used once, the surest way first."""
    pairs: dict[int, tuple[_File, str]] = {}
    free = {each.number: each for each in inputs}

    def take(way: str, find: Callable[[_File], _File | None]) -> None:
        for each in outputs:
            if each.number not in pairs:
                source = find(each)
                if source is not None and source.number in free:
                    pairs[each.number] = (free.pop(source.number), way)

    by_uid = _by_uid(inputs)
    by_name = {each.name: each for each in inputs}
    take("crosswalk", lambda each: _of_uid(each, by_uid.get(walk.get(each.sop_instance, ""), []), reader))
    take("instance UID", lambda each: _of_uid(each, by_uid.get(each.sop_instance, []), reader))
    take("path", lambda each: _alike(each, by_name.get(each.name)))
    lonely = [each for each in outputs if each.number not in pairs and each.likeness]
    if lonely:
        by_pixels: defaultdict[tuple[object, ...], list[_File]] = defaultdict(list)
        for each in free.values():
            digest = _payload(each, reader)
            if digest:
                by_pixels[each.likeness, digest].append(each)
        digests = {each.number: _payload(each, reader) for each in lonely}
        take("pixels", lambda each: _only(each, by_pixels.get((each.likeness, digests.get(each.number, b"")), [])))
        # Objects without pixels, or with pixels that were cleaned: by their numbers, if these say it of one output and
        # one input only. A wrong pair does not pass.
        numbers = Counter((each.likeness, each.ordinal) for each in lonely)
        by_numbers: defaultdict[tuple[object, ...], list[_File]] = defaultdict(list)
        for each in free.values():
            by_numbers[each.likeness, each.ordinal].append(each)

        def numbered(each: _File) -> _File | None:
            key = (each.likeness, each.ordinal)
            other = not digests.get(each.number) or "clean_pixel_data" in each.claims
            single = numbers[key] == 1 and other
            return _only(each, by_numbers[key]) if single else None

        take("numbers", numbered)
    return pairs


def _by_uid(inputs: Sequence[_File]) -> dict[str, list[_File]]:
    found: defaultdict[str, list[_File]] = defaultdict(list)
    for each in inputs:
        if each.sop_instance:
            found[each.sop_instance].append(each)
    return found


def _of_uid(output: _File, candidates: Sequence[_File], reader: Reader) -> _File | None:
    """Return the input of a UID; of several that share it against the standard, the one that looks like the output."""
    if len(candidates) > 1:
        alike = [each for each in candidates if each.likeness == output.likeness] or candidates
        digest = _payload(output, reader)
        alike = [each for each in alike if digest and _payload(each, reader) == digest] or alike
        candidates = [each for each in alike if each.ordinal == output.ordinal] or alike
    return candidates[0] if candidates else None


def _alike(output: _File, source: _File | None) -> _File | None:
    """Return the source of the same path, unless it is plainly another object."""
    if source is None or (output.likeness and output.likeness != source.likeness):
        return None
    numbers = (output.ordinal[:1], source.ordinal[:1])
    return None if all(number and number[0] for number in numbers) and numbers[0] != numbers[1] else source


def _only(output: _File, candidates: Sequence[_File]) -> _File | None:
    """Return the one candidate, or the one with the same Instance Number among equal images."""
    if len(candidates) > 1:
        candidates = [each for each in candidates if each.ordinal == output.ordinal]
    return candidates[0] if len(candidates) == 1 else None


def _payload(file: _File, reader: Reader) -> bytes:
    """Return the digest of the pixel payload, empty when there is none."""
    try:
        with FileBytes(file.path) as source:
            reading = reader.read(source)
            digest = hashlib.sha256()
            found = False
            for tag in sorted(BULK):
                payload = reading.pixel_range(tag)
                if payload is not None:
                    found = True
                    for _offset, data in pieces(reading.data, payload[0], payload[0] + payload[1]):
                        digest.update(data)
            return digest.digest() if found else b""
    except InstanceRefused:
        return b""


def _is_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return True


def _files(folder: Path) -> list[tuple[str, Path]]:
    """List the regular files under a folder (or the one file) in a stable order, with their relative paths."""
    if folder.is_file():
        return [(folder.name, folder)]
    return sorted(_walk(folder))


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    for directory, _folders, names in os.walk(folder):
        for name in names:
            path = Path(directory, name)
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix(), path


def _crosswalk(path: Path | None) -> dict[str, str]:
    """Read a crosswalk as new → old."""
    if path is None:
        return {}
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return {row[1].strip(): row[0].strip() for row in csv.reader(file) if len(row) > 1}
    except (OSError, csv.Error) as error:
        raise UsageError(
            "crosswalk-not-read",
            "The crosswalk cannot be read.",
            "It is a CSV file with one `old,new` pair a line, as `workbench deidentify --crosswalk` writes it.",
        ) from error
