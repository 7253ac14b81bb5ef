"""The crash test of a profile: it is run on a planted twin before it sees a patient.

The twin is made of the user's own kinds of objects, or of all kinds that the standard's storage classes give. Each
planted value has a class and a place; what is left of them in the outputs, byte for byte and wherever it moved to, is
the result. A profile that lets through more than its threshold cannot be activated.
"""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.flow.folder import FolderJob, deidentify_folder
from workbench.flow.folder_report import FolderReport, State
from workbench.profiles import Plan, compile_plan, load
from workbench.records.errors import UsageError
from workbench.records.path import format_path
from workbench.standard.dictionary import vr_of
from workbench.standard.table import ROWS
from workbench.synthetic.twin import Planted, Twin, write_twin
from workbench.synthetic.twin_search import Found, Search, opened
from workbench.synthetic.twin_shape import shapes_of, standard_shapes
from workbench.synthetic.twin_values import Identity

THRESHOLD: Final = 1.0
"""Share of the planted values that must be gone: all of them."""
SEED: Final = 20260117
_KEY: Final = b"the key of a crash test hides nobody: its patients are invented"
_MOST_LEAKS: Final = 200
_DATED: Final = ("DA", "DT", "TM")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the leak matrix: values of a class in a place. `retained` stay by an option of the standard."""

    identity: str
    place: str
    planted: int
    retained: int
    leaked: int


@dataclass(frozen=True, slots=True)
class Leak:
    """A planted value that came through. `where` is the path in the output, empty when only its bytes show it."""

    identity: str
    place: str
    planted_at: str
    where: str
    sop_class: str


@dataclass(frozen=True, slots=True)
class CrashTest:
    """The result for one profile. It holds no value, planted or other, and may be kept and shown."""

    profile: str
    version: int
    digest: str
    edition: str
    twin_of: str
    threshold: float
    instances: int
    written: int
    refused: Mapping[str, int]
    cells: tuple[Cell, ...]
    leaks: tuple[Leak, ...]
    clinical_words: int
    clinical_words_kept: int

    @property
    def planted(self) -> int:
        """Number of values that were planted in instances that have an output."""
        return sum(cell.planted for cell in self.cells)

    @property
    def leaked(self) -> int:
        """Number of planted values that came through."""
        return sum(cell.leaked for cell in self.cells)

    @property
    def retained(self) -> int:
        """Number of planted values that an option of the standard retains on purpose."""
        return sum(cell.retained for cell in self.cells)

    @property
    def share_gone(self) -> float:
        """Share of the planted values that did not come through, those that an option retains left aside."""
        counted = self.planted - self.retained
        return (counted - self.leaked) / counted if counted else 0.0

    @property
    def words_kept(self) -> float:
        """Share of the clinical words around planted values that are still there."""
        return self.clinical_words_kept / self.clinical_words if self.clinical_words else 0.0

    @property
    def passed(self) -> bool:
        """Whether the profile may be activated: something came out, and no more came through than the threshold."""
        return self.written > 0 and self.share_gone >= self.threshold

    def document(self) -> dict[str, object]:
        """Return the result as it is written."""
        return {
            "profile": self.profile,
            "version": self.version,
            "profile_digest": self.digest,
            "edition": self.edition,
            "twin_of": self.twin_of,
            "pixels": "not checked",
            "verdict": "passed" if self.passed else "failed",
            "threshold": self.threshold,
            "share_gone": round(self.share_gone, 6),
            "instances": self.instances,
            "written": self.written,
            "refused": dict(self.refused),
            "planted": self.planted,
            "retained_by_option": self.retained,
            "leaked": self.leaked,
            "clinical_words_kept": round(self.words_kept, 4),
            "matrix": [
                {
                    "class": cell.identity,
                    "place": cell.place,
                    "planted": cell.planted,
                    "retained": cell.retained,
                    "leaked": cell.leaked,
                }
                for cell in self.cells
            ],
            "leaks": [
                {
                    "class": leak.identity,
                    "place": leak.place,
                    "planted_at": leak.planted_at,
                    "found_at": leak.where,
                    "sop_class": leak.sop_class,
                }
                for leak in self.leaks
            ],
        }


def crash_test(
    profile: str,
    like: Path | None = None,
    *,
    classes: tuple[str, ...] = (),
    threshold: float = THRESHOLD,
    seed: int = SEED,
    jobs: int = 1,
) -> CrashTest:
    """Run a profile on a planted twin and say what came through.

    Parameters
    ----------
    profile
        A shipped profile, or the path of one of your own.
    like
        A folder of studies. Of each object only its structure is taken: SOP class, attributes, VRs, private blocks.
        Without it the twin is made of the storage classes in reach, and every attribute of the data dictionary that can
        carry identity stands in one of them.
    classes
        UIDs of SOP classes to restrict the twin without `like` to.
    threshold
        Share of the planted values that must be gone.

    Raises
    ------
    UsageError
        `twin-without-objects` when `like` holds no readable DICOM object; `threshold-wrong`.
    ProfileError
        The profile does not load or lint.
    """
    if not 0 < threshold <= 1:
        raise UsageError("threshold-wrong", "The threshold is not a share.", "Give a number above 0 and up to 1.")
    plan = compile_plan(load(profile))
    shapes = standard_shapes(classes) if like is None else shapes_of(like)
    if not shapes:
        raise UsageError(
            "twin-without-objects",
            "There is no readable DICOM object to make a twin of.",
            "Check the folder, or leave it out to test against all kinds of objects.",
        )
    with tempfile.TemporaryDirectory(prefix="workbench-twin-") as name:
        work = Path(name)
        (work / "in").mkdir(mode=0o700)
        (work / "key").write_bytes(_KEY)
        twin = write_twin(shapes, work / "in", seed=seed)
        job = FolderJob(
            source=(work / "in",),
            target=work / "out",
            profile=profile,
            pixels="off",  # nothing is planted in pixels
            verify=False,  # what the engine lets through is asked, not what the sceptic then holds back
            jobs=jobs,
            key_file=work / "key",
        )
        report = deidentify_folder(job)
        twin_of = "own objects" if like else "the standard's objects"
        return _judge(plan, twin, report, work / "out", threshold=threshold, twin_of=twin_of)


def _judge(plan: Plan, twin: Twin, report: FolderReport, out: Path, *, threshold: float, twin_of: str) -> CrashTest:
    search = Search(twin.planted)
    outputs = {
        entry.index: (out / entry.file).read_bytes() for entry in report.instances if entry.state is State.WRITTEN
    }
    found: list[Found] = []
    for instance, data in outputs.items():
        found += search.look(data, instance)
    planted = [entry for entry in twin.planted if entry.instance in outputs]
    retained = {entry for entry in planted if retains(plan, entry)}
    leaked = [hit for hit in found if hit.planted not in retained and not _promised(plan, hit)]
    words, kept = _clinical_words(planted, outputs)
    return CrashTest(
        profile=plan.profile,
        version=plan.version,
        digest=plan.digest,
        edition=plan.edition,
        twin_of=twin_of,
        threshold=threshold,
        instances=len(twin.files),
        written=len(outputs),
        refused=Counter(entry.refusal.code for entry in report.instances if entry.refusal is not None),
        cells=_cells(planted, retained, {hit.planted for hit in leaked}),
        leaks=tuple(_leaks(leaked, twin)),
        clinical_words=words,
        clinical_words_kept=kept,
    )


def retains(plan: Plan, planted: Planted) -> bool:
    """Tell whether an option of PS3.15 E.3 that the profile has retains what was planted.

    A rule of the profile is no such option: what it keeps on its own counts as coming through.
    """
    options = plan.options
    if planted.identity is Identity.AGE:
        return "retain_patient_characteristics" in options and not plan.age_cap
    row = ROWS.get(planted.tag)
    if planted.tag & 0x00010000 or planted.tag < 0 or not planted.needles:
        return False
    letters = {row.options[option] for option in options if option in row.options} if row is not None else set()
    if vr_of(planted.tag) == "TM" and plan.dates == "shift":
        return "C" in letters or row is None  # a time of day is not moved by whole days
    if vr_of(planted.tag) in _DATED and row is None:
        return "retain_longitudinal_full_dates" in options
    if planted.identity is Identity.UID and row is None:
        return "retain_uids" in options
    return letters == {"K"}


def _promised(plan: Plan, hit: Found) -> bool:
    """Tell whether a date found is one that the profile shifted onto or retains, by its own row."""
    dated = bool(hit.path) and hit.planted.identity is Identity.DATE and vr_of(hit.path[-1]) in _DATED
    return dated and plan.dates == "full"


def _cells(planted: Iterable[Planted], retained: set[Planted], leaked: set[Planted]) -> tuple[Cell, ...]:
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for entry in planted:
        count = counts[entry.identity.value, entry.place.value]
        count[0] += 1
        count[1] += entry in retained
        count[2] += entry in leaked
    return tuple(Cell(*key, *counts[key]) for key in sorted(counts))


def _leaks(found: Iterable[Found], twin: Twin) -> list[Leak]:
    leaks = {
        Leak(
            hit.planted.identity.value,
            hit.planted.place.value,
            format_path(hit.planted.path),
            format_path(hit.path),
            twin.sop_classes[hit.planted.instance],
        ): None
        for hit in found
    }
    return list(leaks)[:_MOST_LEAKS]


def _clinical_words(planted: Iterable[Planted], outputs: Mapping[int, bytes]) -> tuple[int, int]:
    """Return how many clinical words stood around planted values, and how many still do, at the same place."""
    wanted: dict[int, list[Planted]] = defaultdict(list)
    for entry in planted:
        if entry.clinical:
            wanted[entry.instance].append(entry)
    words = kept = 0
    for instance, entries in wanted.items():
        dataset = opened(outputs[instance])
        for entry in entries:
            there = set(_value(dataset, entry.path).upper().split())
            asked = entry.clinical.split()
            words += len(asked)
            kept += sum(word in there for word in asked)
    return words, kept


def _value(dataset: object, path: tuple[int, ...]) -> str:
    here = dataset
    try:
        for position in range(0, len(path) - 1, 2):
            here = here[path[position]].value[path[position + 1]]  # type: ignore[index]  # pydicom's data sets
        return str(here[path[-1]].value)  # type: ignore[index]  # pydicom's data sets
    except (KeyError, IndexError, TypeError):
        return ""
