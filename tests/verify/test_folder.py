"""`verify_folder` on the output of any tool, ours or another's."""

import json
import os
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.verify import making
from workbench.records.errors import UsageError
from workbench.verify import Report, verify_folder

COUNT = 3


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    for number in range(1, COUNT + 1):
        making.save(making.image(number), tmp_path / "in" / f"Zanzibarova{number}.dcm")
    return tmp_path / "in"


def outputs(inputs: Path, name: str = "IM{}.dcm") -> Path:
    out = inputs.parent / "out"
    for number in range(1, COUNT + 1):
        dataset = making.deidentify(dcmread(inputs / f"Zanzibarova{number}.dcm"))
        making.save(dataset, out / name.format(number))
    return out


def ways(report: Report) -> set[str]:
    return {pair.by for pair in report.paired}


def test_outputs_are_paired_by_crosswalk(inputs: Path, tmp_path: Path) -> None:
    walk = tmp_path / "crosswalk.csv"
    rows = [f"{making.ROOT}4.1.{n},{making.new_uid(making.ROOT + f'4.1.{n}')}" for n in range(1, COUNT + 1)]
    walk.write_text("old,new\n" + "\n".join(rows) + "\n")
    report = verify_folder(outputs(inputs), inputs, crosswalk=walk)
    assert report.passed
    assert report.exit_code == 0
    assert ways(report) == {"crosswalk"}
    assert [(pair.output, pair.instance) for pair in report.paired] == [(0, 0), (1, 1), (2, 2)]


def test_outputs_are_paired_by_their_pixels(inputs: Path) -> None:
    report = verify_folder(outputs(inputs), inputs)
    assert report.passed
    assert ways(report) == {"pixels"}


def test_outputs_are_paired_by_path_and_the_name_is_searched(inputs: Path) -> None:
    report = verify_folder(outputs(inputs, "Zanzibarova{}.dcm"), inputs)
    assert ways(report) == {"path"}
    assert {(f.check, f.where) for f in report.findings} == {("identity-in-files", "file name")}
    assert report.exit_code == 1


def test_outputs_are_paired_by_an_unchanged_uid(inputs: Path) -> None:
    out = inputs.parent / "out"
    making.save(dcmread(inputs / "Zanzibarova1.dcm"), out / "x.dcm")
    report = verify_folder(out, inputs)
    assert ways(report) == {"instance UID"}
    assert {"uids-left", "rows-unchanged", "identity-in-text", "private-elements", "flags"} <= {
        f.check for f in report.findings
    }
    assert report.missing == (1, 2)


def test_an_output_of_unknown_origin_is_reported_and_searched(inputs: Path) -> None:
    out = outputs(inputs)
    making.save(making.deidentify(making.image(9, Manufacturer="Zanzibarova")), out / "z.dcm")
    report = verify_folder(out, inputs)
    assert report.unpaired == (3,)
    assert not report.passed
    assert {f.check for f in report.general} == {"identity-in-files"}


def test_files_that_are_no_instances_are_searched(inputs: Path) -> None:
    out = outputs(inputs)
    (out / "crosswalk.csv").write_text("MRN77310001,X\n")
    (out / "harmless.txt").write_text("nothing\n")
    report = verify_folder(out, inputs)
    assert report.other_files == 2
    assert [f.check for f in report.general] == ["identity-in-files"]


def test_references_are_checked_across_the_folder(inputs: Path) -> None:
    out = outputs(inputs)
    dataset = dcmread(out / "IM1.dcm")
    dataset.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "2.25.999"
    making.save(dataset, out / "IM1.dcm")
    assert "references" in {f.check for f in verify_folder(out, inputs).general}


def test_an_unreadable_output_and_an_unreadable_input_are_named(inputs: Path) -> None:
    out = outputs(inputs)
    (out / "IM2.dcm").write_bytes((out / "IM2.dcm").read_bytes()[:-50])
    (inputs / "Zanzibarova3.dcm").write_bytes((inputs / "Zanzibarova3.dcm").read_bytes()[:-50])
    report = verify_folder(out, inputs)
    assert [each.code for each in report.refused] == ["verifier-cannot-read"]
    assert len(report.unpaired) == 2
    assert not report.passed


def test_the_report_is_json_without_identity(inputs: Path) -> None:
    out = inputs.parent / "out"
    for path in inputs.iterdir():
        making.save(dcmread(path), out / path.name)
    report = verify_folder(out, inputs)
    said = (json.dumps(report.document()) + "\n".join(report.lines())).lower()
    assert report.document()["passed"] is False
    assert report.findings
    for value in ("zanzibarova", "ottoline", "7731", "1951", "aldhelm", making.ROOT, "2023", str(inputs).lower()):
        assert value not in said


def test_progress_is_told_to_the_end(inputs: Path) -> None:
    steps: list[tuple[int, int]] = []
    verify_folder(outputs(inputs), inputs, on_progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (3 * COUNT, 3 * COUNT)


def test_nothing_to_verify_is_no_pass(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert verify_folder(tmp_path / "none", inputs).exit_code == 1


def test_a_crosswalk_that_cannot_be_read_is_an_error(inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        verify_folder(outputs(inputs), inputs, crosswalk=tmp_path / "none.csv")
    assert caught.value.code == "crosswalk-not-read"


def test_objects_without_pixels_are_paired_by_their_numbers(tmp_path: Path) -> None:
    report_object = making.item(
        SOPClassUID=making.SR, SOPInstanceUID=making.ROOT + "9.1", StudyInstanceUID=making.ROOT + "1.1", Modality="SR",
        SeriesInstanceUID=making.ROOT + "2.9", SeriesNumber="9", InstanceNumber="1", PatientName="Zanzibarova^Ottoline",
        PatientID="MRN77310001", ValueType="CONTAINER", ContinuityOfContent="SEPARATE", CompletionFlag="COMPLETE",
        VerificationFlag="UNVERIFIED", ContentDate="20230817", ContentTime="101010", StudyDate="", StudyTime="",
        AccessionNumber="", ReferringPhysicianName="", PatientBirthDate="", PatientSex="", StudyID="", Manufacturer="",
        ReferencedPerformedProcedureStepSequence=[], PerformedProcedureCodeSequence=[],
        ConceptNameCodeSequence=[making.code("18748-4", "LN", "Diagnostic Imaging Report")],
    )  # fmt: skip
    text = making.item(RelationshipType="CONTAINS", ValueType="TEXT", TextValue="Mrs Zanzibarova, MRN 77310001")
    text.ConceptNameCodeSequence = [making.code("121071", "DCM", "Finding")]
    report_object.ContentSequence = [text]
    making.save(report_object, tmp_path / "in" / "a.dcm")
    dataset = making.deidentify(dcmread(tmp_path / "in" / "a.dcm"))
    making.save(dataset, tmp_path / "out" / "b.dcm")
    report = verify_folder(tmp_path / "out", tmp_path / "in")
    assert ways(report) == {"numbers"}
    assert report.findings == ()
    dataset.ContentSequence[0].TextValue = "Mrs Zanzibarova"
    making.save(dataset, tmp_path / "out" / "b.dcm")
    assert {f.check for f in verify_folder(tmp_path / "out", tmp_path / "in").findings} >= {"identity-in-text"}


def test_real_leaks_of_another_tool_are_found(inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """dicognito replaces names and identifiers, and leaves comments, serial numbers and private elements."""
    from dicognito.__main__ import main  # noqa: PLC0415 - another tool, slow to load

    out = inputs.parent / "theirs"
    monkeypatch.setattr("sys.stdout", open(os.devnull, "w"))  # noqa: SIM115, PTH123 - it prints a table with identities
    main([str(inputs), "-o", str(out), "-q", "--seed", "1"])
    report = verify_folder(out, inputs)
    assert len(report.paired) == COUNT
    found = {(f.check, f.where) for f in report.findings}
    assert ("private-elements", "(0029,1020)") in found
    assert ("identity-in-text", "(0010,4000)") in found
    assert ("identity-in-text", "(0018,1000)") in found
    assert ("rows-unchanged", "(0008,1030)") in found
    assert ("identity-in-bytes", "(0010,4000)") in found
    assert not {where for check, where in found if check in ("pixels-equal", "uids-left", "required-attributes")}
