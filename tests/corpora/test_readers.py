"""Real files under every shipped profile: three parsers open the outputs, pixels are equal, a second run repeats them.

The files are those of pydicom and pydicom-data, and larger public samples where there are any.
"""

import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import data_store  # type: ignore[import-untyped]  # the module of pydicom-data
import numpy as np
import numpy.typing as npt
import pydicom
import pydicom.data
import pytest
from pydicom.dataset import Dataset

from tests.conftest import ROOT
from workbench.flow.folder import FolderJob, deidentify_folder
from workbench.flow.folder_report import State
from workbench.profiles import shipped_names

pytestmark = pytest.mark.slow

LARGEST = 6 << 20
PROFILES = shipped_names()


@dataclass(frozen=True, slots=True)
class Pair:
    """An input and its output."""

    source: Path
    output: Path


def sample_files() -> Iterator[Path]:
    """Yield the files of the two packages, and of the folder with larger samples."""
    folders = [Path(pydicom.data.__file__).parent, Path(data_store.__file__).parent]
    folders.append(ROOT.parent / "shared" / "samples")
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix not in {".py", ".pyc", ".xz", ".md"} and path.stat().st_size < LARGEST:
                yield path


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them in one folder, each in a folder of its own: an instance that occurs twice is refused otherwise."""
    folder = tmp_path_factory.mktemp("samples")
    seen: set[str] = set()
    for number, path in enumerate(sample_files()):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                uid = str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID)
            except Exception:  # noqa: BLE001, S112 (not every file of a package is an object)
                continue
        if uid not in seen:
            seen.add(uid)
            shutil.copy(path, folder / f"{number:04d}-{path.name}")
    return folder


@pytest.fixture(scope="module")
def runs(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], list[Pair]]:
    """Return the pairs of a run under a profile; each run happens once."""
    key = tmp_path_factory.mktemp("key") / "key"
    key.write_bytes(b"0123456789abcdef" * 3)

    @cache
    def run(profile: str, name: str) -> list[Pair]:
        target = tmp_path_factory.mktemp(f"{profile}-{name}") / "out"
        jobs = 2 if name == "second" else 1
        report = deidentify_folder(
            FolderJob((samples,), target, profile=profile, pixels="off", key_file=key, jobs=jobs)
        )
        sources = sorted(path for path in samples.iterdir())
        assert len(sources) == len(report.instances)
        codes = [entry.refusal.code for entry in report.instances if entry.refusal]
        assert not {"unexpected", "worker-lost"} & set(codes)
        held = [(sources[entry.index].name, entry.findings) for entry in report.instances if entry.state is State.HELD]
        assert held == []
        return [
            Pair(sources[entry.index], target / entry.file)
            for entry in report.instances
            if entry.state is State.WRITTEN
        ]

    return run


def opened(path: Path) -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path)
        dataset.walk(lambda _dataset, _element: None)
        return dataset


@pytest.mark.parametrize("profile", PROFILES)
def test_most_samples_are_written_and_pydicom_opens_them(runs, profile: str, samples: Path) -> None:
    pairs = runs(profile, "first")
    assert len(pairs) >= 0.8 * len(list(samples.iterdir()))
    for pair in pairs:
        assert opened(pair.output).SOPInstanceUID


@pytest.mark.parametrize("tool", ["dcmdump", "gdcmdump"])
@pytest.mark.parametrize("profile", PROFILES)
def test_other_parsers_open_the_outputs(runs, profile: str, tool: str) -> None:
    """An output that a parser refuses must be one whose input it refuses too."""
    command = shutil.which(tool)
    if command is None:
        pytest.skip(f"{tool} is not installed here")
    pairs = runs(profile, "first")
    failed = [pair.source.name for pair in pairs if _dump(command, pair.output) and not _dump(command, pair.source)]
    assert failed == []


def _dump(command: str, path: Path) -> bool:
    """Tell whether a parser fails."""
    done = subprocess.run([command, str(path)], capture_output=True, check=False, timeout=120)
    return done.returncode != 0


@pytest.mark.parametrize("profile", PROFILES)
def test_decoded_pixels_are_equal(runs, profile: str) -> None:
    """Stored values within Bits Stored; files that pydicom cannot decode are left aside, and counted."""
    compared, differ = 0, []
    for pair in runs(profile, "first"):
        before, after = pixels(pair.source), pixels(pair.output)
        if before is None:
            continue
        compared += 1
        if after is None or not np.array_equal(before, after):
            differ.append(pair.source.name)
    assert differ == []
    assert compared > 100


def pixels(path: Path) -> npt.NDArray[Any] | None:
    try:
        dataset = opened(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            array: npt.NDArray[Any] = dataset.pixel_array
    except Exception:  # noqa: BLE001 (no pixels, or none that pydicom decodes here)
        return None
    stored = dataset.get("BitsStored", 0)
    if array.dtype.kind == "u" and 0 < stored < array.dtype.itemsize * 8 and dataset.HighBit == stored - 1:
        masked: npt.NDArray[Any] = array & array.dtype.type((1 << stored) - 1)
        return masked
    return array


@pytest.mark.parametrize("profile", PROFILES)
def test_a_second_run_gives_the_same_bytes(runs, profile: str) -> None:
    first, second = runs(profile, "first"), runs(profile, "second")
    assert [pair.source for pair in first] == [pair.source for pair in second]
    differ = [
        one.source.name
        for one, two in zip(first, second, strict=True)
        if one.output.read_bytes() != two.output.read_bytes()
    ]
    assert differ == []
