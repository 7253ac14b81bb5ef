"""The crash test: nothing comes through a shipped profile, and what a broken one lets through is shown by its place."""

import json
from pathlib import Path

import pytest

from workbench.cli.main import main
from workbench.flow.crash_test import CrashTest, crash_test
from workbench.profiles import shipped_names
from workbench.records.errors import UsageError

SOME = tuple(f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("2", "4.1", "66.4", "88.33", "104.1", "481.3"))

BROKEN = {
    "name": ("rules: [{tag: PatientName, do: keep, why: broken, signed: test}]", "A names"),
    "birth": ("rules: [{tag: PatientBirthDate, do: keep, why: broken, signed: test}]", "C dates"),
    "description": ("rules: [{tag: StudyDescription, do: keep, why: broken, signed: test}]", "A names"),
    "study": ("rules: [{tag: StudyInstanceUID, do: keep, why: broken, signed: test}]", "R unique identifiers"),
    "text": ("unlisted: {text: keep}", "A names"),
    "person": ("unlisted: {person: keep}", "A names"),
    "date": ("unlisted: {date: keep}", "C dates"),
    "binary": ("unlisted: {binary: keep}", ""),
    "code": ("unlisted: {code_string: keep}", "R other codes"),
    "number": ("unlisted: {number_string: keep}", "A names"),
}


@pytest.fixture
def broken(tmp_path: Path):
    def make(name: str, content: str) -> str:
        path = tmp_path / f"{name}.yaml"
        head = f"profile: broken-{name}\nversion: 1\ntitle: Broken\nextends: basic\nwhy: a test\nsigned: test\n"
        path.write_text(head + content + "\n")
        return str(path)

    return make


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "profile", [pytest.param(name, marks=() if name == "basic" else SLOW) for name in shipped_names()]
)
def test_nothing_comes_through_a_shipped_profile(profile: str) -> None:
    found = crash_test(profile)
    assert found.leaks == ()
    assert found.passed
    assert found.written == found.instances
    assert found.planted > 10_000


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name == "text" else SLOW) for name in BROKEN])
def test_a_broken_profile_is_found_out(name: str, broken) -> None:
    content, identity = BROKEN[name]
    found = crash_test(broken(name, content))
    assert not found.passed
    assert found.leaked > 0
    assert found.share_gone < 1
    if identity:
        assert identity in {leak.identity for leak in found.leaks}


def test_the_result_names_places_and_no_value(broken) -> None:
    found = crash_test(broken("name", BROKEN["name"][0]), classes=SOME)
    leak = next(leak for leak in found.leaks if leak.planted_at == "(0010,0010)")
    assert leak.where == "(0010,0010)"
    assert leak.identity == "A names"
    assert leak.sop_class in SOME
    assert "^" not in json.dumps(found.document())


def test_a_twin_of_own_objects(demo_studies, broken) -> None:
    source = demo_studies[0].folder.parent
    good = crash_test("basic", source)
    assert good.passed
    assert good.twin_of == "own objects"
    bad = crash_test(broken("name", BROKEN["name"][0]), source)
    assert not bad.passed


def test_the_same_profile_gives_the_same_result(demo_studies) -> None:
    one, two = (crash_test("research", demo_studies[0].folder.parent) for _ in range(2))
    assert one == two
    assert isinstance(one, CrashTest)
    assert len(one.digest) == 64


def test_a_folder_without_objects_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        crash_test("basic", tmp_path)
    assert caught.value.code == "twin-without-objects"
    with pytest.raises(UsageError) as caught:
        crash_test("basic", threshold=1.5)
    assert caught.value.code == "threshold-wrong"


def test_the_command_prints_matrix_and_verdict(capsys, broken, demo_studies) -> None:
    like = ["--like", str(demo_studies[0].folder.parent)]
    assert main(["profile", "test", "basic", *like, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "passed"
    assert document["leaked"] == 0
    assert {"class", "place", "planted", "retained", "leaked"} <= set(document["matrix"][0])
    assert main(["profile", "test", broken("name", BROKEN["name"][0]), *like]) == 1
    shown = capsys.readouterr().out
    assert "Failed: it will not be activated." in shown
    assert "A names" in shown
