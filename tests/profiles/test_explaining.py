"""Explanations say row, option, rule, type and result in words that an officer can use."""

import pytest

from workbench import profiles
from workbench.records.errors import ProfileError

GSPS = "1.2.840.10008.5.1.4.1.1.11.1"


@pytest.fixture(scope="module")
def basic():
    return profiles.compile_plan(profiles.load("basic"))


def test_a_row_that_type_decides(basic):
    answer = profiles.explain(basic, "ContentDate", "1.2.840.10008.5.1.4.1.1.2.1")
    text = " ".join(answer.sentences)
    assert answer.row_code == "Z/D"
    assert answer.attribute_type == "1"
    assert ("retain_longitudinal_full_dates", "K") in answer.option_letters
    for words in (
        "Content Date (0008,0023)",
        "Table E.1-1",
        "Z/D",
        "Type 1",
        "Enhanced CT Image Storage",
        "dummy value",
    ):
        assert words in text


def test_the_guard_is_named(basic):
    text = " ".join(profiles.explain(basic, "PresentationCreationDate", GSPS).sentences)
    assert "keeps the object valid" in text


def test_a_rule_of_the_profile_gives_its_reason(basic):
    text = " ".join(profiles.explain(basic, "0070,0080", GSPS).sentences)
    assert "rule for ContentLabel" in text
    assert "chose freely" in text


def test_patient_private_overlay_unlisted_and_structure(basic):
    assert "section on the patient" in " ".join(profiles.explain(basic, "PatientName").sentences)
    assert "private attributes" in " ".join(profiles.explain(basic, "(0009,1001)").sentences)
    assert "(60xx,3000)" in " ".join(profiles.explain(basic, "60003000").sentences)
    assert "known terms" in " ".join(profiles.explain(basic, "ImageType").sentences)
    assert "writer" in " ".join(profiles.explain(basic, "00020016").sentences)


def test_nested_places_are_written_with_slashes(basic):
    answer = profiles.explain(basic, "ReferencedImageSequence/0008,1155", "1.2.840.10008.5.1.4.1.1.2")
    assert answer.path == (0x00081140, 0x00081155)
    assert answer.rule.action.value == "U"


@pytest.mark.parametrize("text", ["", "NoSuchKeyword", "PatientName/", "0010,00", "PatientName//PatientID", "SMITH"])
def test_what_names_no_attribute_is_refused_without_repeating_it(basic, text):
    if text == "PatientName/":
        assert profiles.explain(basic, text).keyword == "PatientName"
        return
    with pytest.raises(ProfileError) as caught:
        profiles.explain(basic, text)
    assert caught.value.code == "unknown-keyword"
    assert "SMITH" not in caught.value.message


def test_options_and_mismatches_are_said():
    assert "Retain UIDs Option" in profiles.words("E.1-1 (0008,0018) RetainUIDs")
    assert "wrote it as LT" in profiles.words("profile basic rule Rows, but written as LT X/Z/D at Type 1")


def test_the_sheet_has_every_row_rule_and_kind_once(basic):
    lines = profiles.sheet(basic)
    assert sum(line.section == "row" for line in lines) == 657
    assert sum(line.section == "rule" for line in lines) == len(profiles.load("basic").rules)
    assert len({(line.section, line.tag, line.name, line.origin) for line in lines}) == len(lines)
    assert all(line.meaning for line in lines)


def test_lint_finds_what_is_dubious(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        'profile: own\nversion: 1\ntitle: T\nextends: basic\npixels: "off"\n'
        "options: [retain_uids, retain_device_identity, clean_pixel_data]\n"
        "rules:\n"
        "  - {tag: SOPInstanceUID, do: dummy, why: w}\n"
        "  - {tag: AnatomicRegionSequence, do: check, why: w}\n"
        "  - {tag: StudyDescription, do: remap, why: w, signed: me}\n"
        "  - {tag: FileSetID, do: empty, why: w}\n"
    )
    issues = profiles.lint(profiles.load(str(path)))
    codes = {issue.code for issue in issues}
    assert codes >= {
        "pixels-contradict",
        "pixels-not-examined",
        "option-undone",
        "device-without-dates",
        "verb-not-for-sequence",
        "remap-not-uid",
        "rule-without-effect",
        "deviation",
    }
    assert [issue.severity for issue in issues] == sorted(
        (issue.severity for issue in issues), key=["error", "warning", "note"].index
    )
    assert all(issue.hint and issue.message for issue in issues)


def test_basic_lints_clean():
    assert [issue.severity for issue in profiles.lint(profiles.load("basic"))] == ["note"]
