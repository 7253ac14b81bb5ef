"""Recognisable features block a claim of Safe Harbor, wait for acceptance by name, and are never claimed as cleaned."""

import json
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pydicom import dcmread

from tests.flow import fakes
from tests.verify import making
from workbench.flow import importing, preparing, queries, recipients, releasing, reviewing
from workbench.flow.folder import deidentify_folder
from workbench.flow.folder_job import FolderJob
from workbench.profiles import compile_plan, load, shipped_names
from workbench.records.errors import WrongState

IDENTITY = pyrage.x25519.Identity.generate()
FACE = "series-1.recognisable-features"


@pytest.fixture
def ready(house, tmp_path, monkeypatch):
    """Return a function that prepares and approves a study of a head and a chest with a profile."""
    fakes.install(monkeypatch)
    recipients.add_recipient(house.workbench, house["olga"], name="Trial 7", key=str(IDENTITY.to_public()))
    for number, part in ((1, "HEAD"), (2, "CHEST")):
        fakes.write_tiny(
            tmp_path / "in" / f"{number}.dcm",
            study="1.2",
            series=f"1.2.{number}",
            instance=f"1.2.{number}.1",
            BodyPartExamined=part,
        )
    importing.import_paths(house.workbench, house["anna"], paths=[tmp_path / "in"])

    def approve(profile, accept=(FACE,)):
        preparing.prepare(
            house.workbench, house["anna"], study="WB-000001", scope="trial-7", profile=profile, pixels="off"
        )
        reviewing.submit(house.workbench, house["anna"], study="WB-000001")
        reviewing.approve(house.workbench, house["olga"], study="WB-000001", accept=accept)
        return house

    return approve


def release(house, purpose, basis, **given):
    return releasing.create_release(
        house.workbench,
        house["olga"],
        recipient="Trial 7",
        purpose=purpose,
        basis=basis,
        expires_days=30,
        studies=["WB-000001"],
        **given,
    )


def test_a_head_waits_for_acceptance_by_name(ready):
    house = ready("teleradiology", accept=())
    version = queries.study_view(house.workbench, house["vera"], study="WB-000001").preparation
    assert version is not None
    (hold,) = version.holds
    assert (hold.name, hold.accepted) == (FACE, False)
    assert hold.reason.startswith("Recognisable features possible")
    assert release(house, "treatment", "treatment").instances == 1


@pytest.mark.parametrize(
    ("profile", "purpose", "basis"),
    [
        ("safe-harbor", "research", "de-identified"),
        ("safe-harbor", "research", "waiver"),
        ("limited-data-set", "research", "limited-data-set"),
        ("basic", "research", "limited-data-set"),
    ],
)
def test_accepted_it_leaves_neither_as_safe_harbor_nor_as_limited_data_set(ready, profile, purpose, basis):
    house = ready(profile)
    with pytest.raises(WrongState) as refused:
        release(house, purpose, basis, agreement="DUA-1")
    assert refused.value.code == "recognisable-features"
    assert list(house.workbench.packages.glob("*.age")) == []


def test_not_accepted_the_rest_leaves_as_safe_harbor(ready):
    assert release(ready("safe-harbor", accept=()), "research", "de-identified").instances == 1


@pytest.mark.parametrize(
    ("profile", "purpose", "basis"),
    [("teleradiology", "treatment", "treatment"), ("basic", "research", "authorization")],
)
def test_accepted_it_leaves_for_treatment_or_under_an_authorization(ready, profile, purpose, basis):
    assert release(ready(profile), purpose, basis).instances == 2


def test_accepted_only_an_expert_can_call_it_de_identified(ready):
    with pytest.raises(WrongState) as refused:
        release(ready("basic"), "research", "de-identified")
    assert refused.value.code == "determination-missing"


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    for number, part in enumerate(("HEAD", "CHEST"), 1):
        dataset = making.image(number, BodyPartExamined=part)
        dataset.SeriesInstanceUID += f".{number}"
        making.save(dataset, tmp_path / "in" / f"{number}.dcm")
    return tmp_path / "in"


@pytest.mark.parametrize("profile", ["safe-harbor", "limited-data-set"])
def test_a_folder_under_such_a_law_does_not_claim_it(heads: Path, profile: str) -> None:
    report = deidentify_folder(FolderJob((heads,), heads.parent / "out", profile, pixels="off"))
    instances: Any = report.document()["instances"]
    head, chest = instances
    assert (head["state"], chest["state"]) == ("written", "written")
    assert head["recognisable_features"] == "possible"
    assert "recognisable_features" not in chest
    assert report.exit_code == 1
    assert report.status == "pseudonymised, recognisable features possible, not approved"
    (heads / "1.dcm").unlink()
    chests = deidentify_folder(FolderJob((heads,), heads.parent / "chests", profile, pixels="off"))
    assert chests.exit_code == 0
    assert "features" not in chests.status


@pytest.mark.parametrize("profile", ["basic", "research", "teleradiology"])
def test_elsewhere_it_is_written_and_marked(heads: Path, profile: str) -> None:
    report = deidentify_folder(FolderJob((heads,), heads.parent / "out", profile, pixels="off"))
    instances: Any = report.document()["instances"]
    head, chest = instances
    assert (head["state"], head["recognisable_features"]) == ("written", "possible")
    assert head["may_carry_text"] == []
    assert chest["state"] == "written"
    json.dumps(report.document())
    for path in (heads.parent / "out").rglob("*.dcm"):
        made = dcmread(path)
        assert "113102" not in {code.CodeValue for code in made.DeidentificationMethodCodeSequence}
        assert "RecognizableVisualFeatures" not in made


def test_no_shipped_profile_claims_that_features_were_cleaned() -> None:
    for name in shipped_names():
        plan = compile_plan(load(name))
        assert "113102" not in {code.value for code in plan.codes}
        assert "clean_recognizable_visual_features" not in plan.promises().evidence
