"""The document of `verify --json` keeps to its schema, and its documentation lists what it can say."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from pydicom import dcmread

from tests.docs.generated import VERIFY, VERIFY_SECTIONS, with_sections
from tests.verify import making
from tests.verify.redacting import Case, claimed, document, grey, noise, region
from tests.verify.test_options import DATE_FAULTS, FITNESS
from workbench.cli.main import main
from workbench.pixels.layout import Area
from workbench.verify import verify_folder
from workbench.verify.catalogue import described
from workbench.verify.checks.unknowns import KINDS
from workbench.verify.document import schema
from workbench.verify.evidence import digest_of

SOURCES = Path(__file__).resolve().parents[2] / "workbench" / "verify"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for number in (1, 2):
        source = making.save(making.image(number), tmp_path / "in" / f"{number}.dcm")
        dataset = making.deidentify(dcmread(source))
        if number == 2:
            dataset.Manufacturer = "Zanzibarova"
            dataset.DeidentificationMethodCodeSequence.append(making.code("113103", "DCM", "x"))
        making.save(dataset, tmp_path / "out" / f"{number}.dcm")
    making.save(making.image(3), tmp_path / "in" / "3.dcm")
    (tmp_path / "in" / "4.dcm").write_bytes(b"\0" * 128 + b"DICM and nothing")
    (tmp_path / "out" / "notes.txt").write_text("Zanzibarova")
    return tmp_path / "out", tmp_path / "in"


def test_the_document_keeps_to_its_schema(folders: tuple[Path, Path]) -> None:
    document = verify_folder(*folders).document()
    jsonschema.validate(json.loads(json.dumps(document)), schema())
    assert document["instances"][1]["findings"]
    assert document["instances"][1]["notes"]
    assert document["general"]
    assert document["inputs_not_read"]
    assert document["unknowns"] == [
        {"kind": "pixels-not-examined", "name": "the pixels", "where": "(7FE0,0010)", "instances": [0, 1]}
    ]


def test_the_command_prints_the_document_for_the_output_of_any_tool(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out, against = folders
    command = ["verify", str(out), "--against", str(against), "--json"]
    assert main(command) == 1
    jsonschema.validate(json.loads(capsys.readouterr().out), schema())
    assert main([*command, "--profile", "basic"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["profile"].startswith("basic ")
    assert len(document["profile_digest"]) == 64


def test_every_check_that_can_speak_is_listed_with_its_clause() -> None:
    listed = {each.name for each in described()}
    written = set()
    for path in SOURCES.rglob("*.py"):
        text = path.read_text()
        written |= set(re.findall(r'^    name = "([a-z0-9-]+)"', text, re.MULTILINE))
        written |= set(re.findall(r'(?:Finding|Note)\(\s*"([a-z0-9-]+)"', text))
    written -= {"fitness", "unknowns", "characters", "private"}  # these speak under the names of groups and kinds
    assert written <= listed
    assert {check for _mode, check, _fault in DATE_FAULTS} | {check for check, _fault in FITNESS} <= listed
    assert all(each.rule and each.meaning for each in described())
    named = {
        kind
        for path in (SOURCES / "checks").glob("*.py")
        for kind in re.findall(r'Unknown\("([a-z-]+)"', path.read_text())
    }
    assert named == KINDS.keys()


def test_the_page_is_up_to_date() -> None:
    text = VERIFY.read_text()
    assert with_sections(text, VERIFY_SECTIONS) == text, "run python -m tests.docs.generated"


@pytest.mark.parametrize("content", ['{"evidence": 7}', "[" * 100_000], ids=["a number", "very deep"])
def test_evidence_that_cannot_be_read_is_an_error(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    (tmp_path / "report.json").write_text(content)
    command = ["verify", str(folders[0]), "--against", str(folders[1]), "--evidence", str(tmp_path / "report.json")]
    assert main(command) == 2
    assert "evidence-not-read" in capsys.readouterr().err


def test_the_report_is_evidence_of_what_was_blackened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = Case(tmp_path / "in", grey(noise(20, 30)))
    area = Area(5, 3, 12, 9)
    evidence = document(region(area))
    made = claimed(making.deidentify(case.painted(area)), evidence)
    making.save(made, tmp_path / "out" / "in.dcm")
    report = tmp_path / "report.json"
    report.write_text(
        json.dumps({"evidence": {digest_of(evidence): json.loads(evidence), "A" * 43: {"code": "113105"}}})
    )
    command = ["verify", str(tmp_path / "out"), "--against", str(tmp_path / "in"), "--json"]
    assert main([*command, "--evidence", str(report)]) == 0
    checked = json.loads(capsys.readouterr().out)
    jsonschema.validate(checked, schema())
    assert "pixels-not-examined" not in {each["kind"] for each in checked["unknowns"]}
    assert main(command) == 1
    assert set(json.loads(capsys.readouterr().out)["checks"]) == {"pixels-equal", "redaction"}
    other = region(Area(5, 3, 11, 9))
    report.write_text(json.dumps({"evidence": {digest_of(evidence): json.loads(document(other))}}))
    assert main([*command, "--evidence", str(report)]) == 1
    assert "evidence" in json.loads(capsys.readouterr().out)["checks"]


def test_cleaned_outputs_without_a_crosswalk_are_paired_by_their_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = Case(tmp_path / "in", grey(noise(20, 30)))
    area = Area(5, 3, 12, 9)
    evidence = document(region(area))
    making.save(claimed(making.deidentify(case.painted(area)), evidence), tmp_path / "out" / "2.25.1.dcm")
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"evidence": {digest_of(evidence): json.loads(evidence)}}))
    command = ["verify", str(tmp_path / "out"), "--against", str(tmp_path / "in"), "--json", "--evidence", str(report)]
    main(command)
    checked = json.loads(capsys.readouterr().out)
    assert checked["paired"] == {"numbers": 1}
    assert "redaction" not in checked["checks"]
