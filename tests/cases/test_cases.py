"""Each pitfall under each shipped profile: the right outcome, and none of the planted texts anywhere in the output."""

import re
from pathlib import Path

import pytest

from tests.cases.build import mark
from tests.cases.case import Case
from tests.cases.conftest import all_cases
from tests.cases.search import opened, remaining
from workbench.flow.folder_report import State
from workbench.profiles import shipped_names

CASES = [pytest.param(case, id=f"{case.id}-{case.title.replace(' ', '-')}") for case in all_cases()]


@pytest.mark.parametrize("profile", shipped_names())
@pytest.mark.parametrize("case", CASES)
def test_case(case: Case, profile: str, case_runs) -> None:
    run = case_runs(profile)
    entries = {name: run.entries[f"{case.id}/{name}"] for name in case.files}
    for name, entry in entries.items():
        issues = {(finding.check, finding.where, finding.message) for finding in entry.findings}
        assert issues == set(), name
        assert entry.state.value in case.others.get(name, case.outcomes), name
        if entry.state is State.REFUSED:
            assert entry.refusal is not None
            assert entry.refusal.code not in {"unexpected", "worker-lost"}
            assert entry.refusal.hint
    gone = case.gone(run.plan) | {mark(case.number, "y"), f"{mark(case.number, 'z')}7731"}
    outputs = [data for name in case.files if (data := run.outputs.get(f"{case.id}/{name}")) is not None]
    for data in outputs:
        assert remaining(data, gone) == set()
    if case.expect is not None and outputs:
        case.expect(opened(outputs[0]), run.plan)


@pytest.mark.parametrize("profile", shipped_names())
def test_no_planted_text_of_any_case_is_in_any_output_or_in_the_report(profile: str, case_runs) -> None:
    """Also not in another patient's files."""
    run = case_runs(profile)
    gone = {text for case in all_cases() for text in case.gone(run.plan)}
    words = {text for text in gone if isinstance(text, str) and "Zwolfbek" in text}
    whole = b"\n".join(run.outputs.values()) + run.everything
    found = {word for word in words if word.encode() in whole or word.upper().encode() in whole}
    assert found == set()


def test_all_82_pitfalls_are_tests() -> None:
    """Those that are no single file are in `test_runs`, by their id in the name."""
    text = (Path(__file__).parent / "test_runs.py").read_text()
    numbers = {case.number for case in all_cases()} | {int(number) for number in re.findall(r"def test_p(\d\d)_", text)}
    assert numbers == set(range(1, 83))
