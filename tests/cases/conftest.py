"""All cases go through folder mode once for each shipped profile; the tests look at what came of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from tests.cases import headers, objects, structures
from tests.cases.build import anything_goes
from tests.cases.case import Case
from workbench.flow.folder import FolderJob, deidentify_folder
from workbench.flow.folder_report import FolderReport, InstanceReport, State
from workbench.profiles import Plan, compile_plan, load

KEY = b"0123456789abcdef0123456789abcdef0123456789"


@cache
def all_cases() -> tuple[Case, ...]:
    """Return the cases that are files with planted texts."""
    makers = (*headers.MAKERS, *structures.MAKERS, *objects.MAKERS)
    with anything_goes():
        return tuple(sorted((make() for make in makers), key=lambda case: case.number))


@dataclass(frozen=True, slots=True)
class Run:
    """One run of folder mode: the report, and the outputs by the name of their input."""

    plan: Plan
    report: FolderReport
    entries: Mapping[str, InstanceReport]
    outputs: Mapping[str, bytes]
    everything: bytes = field(repr=False)
    """Report and names of outputs, as they would be seen by somebody who is handed the folder."""


Deidentify = Callable[..., Run]


def run_folder(source: Path, work: Path, profile: str, **options: object) -> Run:
    """De-identify a folder. `options` are fields of FolderJob."""
    target, report = work / "out", work / "report.json"
    key = work / "key"
    work.mkdir(parents=True, exist_ok=True)
    key.write_bytes(KEY)
    options = {"key_file": key, **options}
    done = deidentify_folder(FolderJob((source,), target, profile=profile, pixels="off", report=report, **options))  # type: ignore[arg-type]  # options by name
    names = sorted(str(path.relative_to(source)) for path in source.rglob("*") if path.is_file())
    entries = dict(zip(names, done.instances, strict=True)) if len(names) == len(done.instances) else {}
    outputs = {
        name: (target / entry.file).read_bytes() for name, entry in entries.items() if entry.state is State.WRITTEN
    }
    written = "\n".join(str(path.relative_to(target)) for path in sorted(target.rglob("*")))
    return Run(compile_plan(load(profile)), done, entries, outputs, (written + report.read_text()).encode())


@pytest.fixture(scope="session")
def case_runs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Return the run of all cases under a profile; it happens when first asked for."""
    source = tmp_path_factory.mktemp("cases")
    for case in all_cases():
        folder = source / case.id
        folder.mkdir()
        for name, data in case.files.items():
            (folder / name).write_bytes(data)

    @cache
    def run(profile: str) -> Run:
        return run_folder(source, tmp_path_factory.mktemp(f"run-{profile}") / "work", profile)

    return run
