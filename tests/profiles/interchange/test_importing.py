"""The language of recipes, line by line: what becomes of each, whatever stands there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.profiles import compile_plan, lint
from workbench.profiles.interchange.exporting import export_recipe
from workbench.profiles.interchange.fields import expression
from workbench.profiles.interchange.importing import Imported, import_recipe
from workbench.profiles.interchange.recipe import Part, parse
from workbench.profiles.interchange.report import Status
from workbench.profiles.loading import load, load_text, shipped_names
from workbench.profiles.weakness import level
from workbench.records.errors import ProfileError
from workbench.standard.dictionary import VR, tag_of


def imported(*lines: str, signed: str = "") -> Imported:
    return import_recipe("FORMAT dicom\n%header\n" + "\n".join(lines), name="test", signed=signed)


def status(*lines: str, signed: str = "") -> list[Status]:
    return [line.status for line in imported(*lines, signed=signed).lines]


def code(made: Imported, keyword: str) -> str:
    tag = tag_of(keyword) or 0
    return compile_plan(load_text(made.yaml)).decide((tag,), VR[tag].split(" ")[0]).code


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("REMOVE PatientAddress", Status.SAME),
        ("REMOVE EchoTime", Status.MAPPED),
        ("REMOVE PatientName", Status.MAPPED),
        ("REMOVE PatientID", Status.DIFFERS),
        ("REMOVE SOPInstanceUID", Status.DIFFERS),
        ("REMOVE SOPClassUID", Status.DIFFERS),
        ("REMOVE Rows", Status.DIFFERS),
        ("REMOVE (6000,3000)", Status.SAME),
        ("REMOVE OverlayData", Status.NO_EFFECT),
        ("BLANK Manufacturer", Status.MAPPED),
        ("REPLACE SeriesDescription Series", Status.MAPPED),
        ("REPLACE PatientID ANON", Status.DIFFERS),
        ("REPLACE PatientID var:id", Status.MAPPED),
        ("REPLACE AccessionNumber func:made", Status.MAPPED),
        ("REPLACE StudyDescription func:made", Status.STRICTER),
        ("REPLACE SOPInstanceUID deid_func:pydicom_uuid prefix=1.2.", Status.MAPPED),
        ("REPLACE SOPInstanceUID 1.2.3", Status.DIFFERS),
        ("REPLACE SliceThickness thick", Status.STRICTER),
        ("REPLACE StudyDate 2024", Status.STRICTER),
        ("REPLACE ReferencedStudySequence text", Status.STRICTER),
        ("REPLACE MediaStorageSOPInstanceUID 1.2.3", Status.DIFFERS),
        ("ADD PatientIdentityRemoved Yes", Status.SAME),
        ("ADD InstitutionName Somewhere", Status.DIFFERS),
        ("KEEP Rows", Status.SAME),
        ("KEEP Modality", Status.STRICTER),
        ("KEEP StudyDescription", Status.STRICTER),
        ("KEEP SOPInstanceUID", Status.STRICTER),
        ('KEEP (0019,"SIEMENS MR HEADER",0C)', Status.STRICTER),
        ('REMOVE (0033,"MITRA OBJECT UTF8 ATTRIBUTES 1.0",1E)', Status.SAME),
        ('JITTER (0033,"MITRA OBJECT UTF8 ATTRIBUTES 1.0",1E) 3', Status.STRICTER),
        ("JITTER StudyDate 3", Status.MAPPED),
        ("JITTER PatientBirthDate var:days", Status.STRICTER),
        ("JITTER Modality 3", Status.NO_EFFECT),
        ("REPLACE StudyDate deid_func:jitter days=3", Status.MAPPED),
        ("REMOVE StudyDescription func:is_thing", Status.STRICTER),
        ("REMOVE StudyDescription # a comment", Status.STRICTER),
        ("REMOVE contains:^$", Status.SAME),
        ("REMOVE contains:nothing-of-this-name", Status.NO_EFFECT),
        ("REMOVE contains:(a+)+$", Status.NOT_MAPPED),
        ("REMOVE contains:([", Status.NOT_MAPPED),
        ("REMOVE 0033101E", Status.NOT_MAPPED),
        ("REMOVE values:names", Status.NOT_MAPPED),
        ("REMOVE fields:absent", Status.NO_EFFECT),
        ("REMOVE sideways:Name", Status.NO_EFFECT),
        ("REMOVE select:color:red", Status.NO_EFFECT),
        ("REMOVE PatientsName", Status.NO_EFFECT),
        ("remove PatientAddress", Status.NO_EFFECT),
        ("ERASE PatientAddress", Status.NO_EFFECT),
        ("REPLACE PatientAddress", Status.NO_EFFECT),
        ("REMOVE", Status.NO_EFFECT),
        ("LABEL something", Status.NO_EFFECT),
    ],
)
def test_each_line_has_its_answer(line: str, expected: Status) -> None:
    made = imported(line)
    assert [each.status for each in made.lines] == [expected]
    assert all(answer.reason for answer in made.lines[0].answers)
    assert made.complete is (expected not in (Status.NOT_MAPPED, Status.DIFFERS))


def test_what_is_kept_needs_somebody_who_signs() -> None:
    line = "KEEP StudyDescription"
    assert code(imported(line), "StudyDescription") == "X"
    made = imported(line, signed="J. Doe, 2026-11-02")
    assert [each.status for each in made.lines] == [Status.MAPPED]
    assert code(made, "StudyDescription") == "K"
    assert "J. Doe" in made.yaml
    # Names in an object are never let through by a recipe, whoever signs, and neither are UIDs that must change.
    assert status("KEEP PatientID", "KEEP SOPInstanceUID", signed="J. Doe") == [Status.STRICTER, Status.STRICTER]


def test_private_attributes_stay_when_the_standard_lists_them_and_somebody_signs() -> None:
    listed, unknown = '(0019,"SIEMENS MR HEADER",0C)', '(0029,"NOBODY KNOWS",01)'
    made = imported(f"KEEP {listed}", f"KEEP {unknown}", signed="J. Doe")
    assert [each.status for each in made.lines] == [Status.MAPPED, Status.STRICTER]
    plan = compile_plan(load_text(made.yaml))
    assert plan.private_rule("SIEMENS MR HEADER", 0x0019000C, "IS").action.value != "X"
    assert plan.private_rule("NOBODY KNOWS", 0x00290001, "IS").action.value == "X"


def test_the_order_and_the_precedence_are_those_of_deid() -> None:
    lines = ("REMOVE EchoTime", "KEEP EchoTime", "REPLACE StationName A", "REMOVE StationName", "BLANK Manufacturer")
    assert [each.value for each in status(*lines)] == ["no effect", "stricter", "mapped", "no effect", "mapped"]


def test_a_whitelist_takes_all_but_what_it_names_and_what_structure_needs() -> None:
    made = imported("KEEP Modality", "KEEP SliceThickness", "REMOVE all")
    assert code(made, "Modality") == code(made, "SliceThickness") == "V"
    assert code(made, "Rows") == code(made, "SOPClassUID") == "K"
    assert code(made, "Manufacturer") == code(made, "EchoTime") == code(made, "SliceLocation") == "X/Z/D"
    assert made.yaml.count("\n") < 30


def test_what_an_exception_spares_is_decided_as_the_basic_profile_does() -> None:
    made = imported("REMOVE except:Modality|Slice")
    assert code(made, "Modality") == code(made, "SliceLocation") == "V"
    assert code(made, "EchoTime") == "X/Z/D"


def test_nested_names_become_paths() -> None:
    made = imported("REMOVE AnatomicRegionSequence__0__CodeMeaning", "BLANK Nothing__Nowhere")
    assert "tag: AnatomicRegionSequence/CodeMeaning" in made.yaml
    assert [each.status for each in made.lines] == [Status.MAPPED, Status.NO_EFFECT]


def test_lists_filters_and_what_deid_does_not_know_are_answered_for() -> None:
    text = """FORMAT dicom
        # a comment
        %filter greylist
        LABEL Some Device # (me)
          contains Manufacturer Acme || missing Modality
          + equals Modality CT
          strange Modality CT
          coordinates 0,0,10,10
        %fields instances
        FIELD contains:Instance
        SPLIT contains:Instance
        %fields unused
        FIELD PatientName
        %values names
        SPLIT PatientName by="^";minlength=4
        %labels
        anything at all
        %header
        REMOVE fields:instances
        REMOVE values:names
        %filemeta
        REPLACE MediaStorageSOPInstanceUID new-id
    """
    made = import_recipe(text, name="Some Recipe.txt")
    assert [line.status.value for line in made.lines] == [
        *["not mappable"] * 3,
        "no effect",
        "not mappable",
        "mapped",
        "no effect",
        "no effect",
        "not mappable",
        "no effect",
        "differs",
        "not mappable",
        "no effect",
        "no effect",
    ]
    assert made.name == "some-recipe-txt"
    assert sum(made.document()["totals"].values()) == len(made.lines)  # type: ignore[attr-defined] # of a document


@pytest.mark.parametrize(
    ("code_", "text"),
    [
        ("recipe-other-format", "FORMAT nifti\n%header\n"),
        ("recipe-other-format", "just a text"),
        ("recipe-other-format", ""),
        ("recipe-not-text", "FORMAT dicom\n\0"),
        ("recipe-too-long", "FORMAT dicom\n" + "#" * (1 << 20)),
    ],
)
def test_what_is_no_recipe_is_refused_by_name(code_: str, text: str) -> None:
    with pytest.raises(ProfileError) as caught:
        import_recipe(text, name="x")
    assert caught.value.code == code_


def test_private_creators_may_hold_spaces_and_colons() -> None:
    line = parse('FORMAT dicom\n%header\nREPLACE (0021,"Siemens: Thorax/FD",15) some words # why').lines[0]
    assert (line.part, line.field, line.value) == (Part.ACTION, '(0021,"Siemens: Thorax/FD",15)', "some words")
    assert expression(line.field).private == ((0x0021, "Siemens: Thorax/FD", 0x15),)
    assert expression('contains:(0021,"Siemens: Thorax/FD",15)').private == ((0x0021, "Siemens: Thorax/FD", 0x15),)


@pytest.mark.parametrize("name", shipped_names())
def test_a_profile_that_went_out_and_came_back_lets_nothing_more_through(name: str) -> None:
    plan = compile_plan(load(name))
    made = import_recipe(export_recipe(plan).recipe, name=f"{name}-back")
    assert {line.text for line in made.lines if line.status is Status.DIFFERS} <= {"BLANK PatientID"}
    assert not [line for line in made.lines if line.status is Status.NOT_MAPPED]
    back, basic = compile_plan(load_text(made.yaml)), compile_plan(load("basic"))
    for tag, vrs in VR.items():
        vr = vrs.split(" ")[0]
        assert level(back.decide((tag,), vr).code) <= level(basic.decide((tag,), vr).code)


FIELD = st.sampled_from(
    [
        *("PatientName", "Modality", "EchoTime", "all", "except:Date", "contains:Date", "endswith:ID", "(0010,0020)"),
        *("select:VR:PN", "fields:a", "values:b", '(0019,"SIEMENS MR HEADER",0C)', "RequestAttributesSequence", "?"),
        *("StudyDate", "SOPInstanceUID", "A__B", "RequestAttributesSequence__StudyDate", "contains:[", "PixelData"),
    ]
)
VALUE = st.sampled_from(["", " 3", " text", " var:x", " func:y", " deid_func:jitter days=1", " # comment", " 20240101"])
LINE = st.builds(
    "{} {}{}".format,
    st.sampled_from(["ADD", "BLANK", "JITTER", "KEEP", "REPLACE", "REMOVE", "FIELD", "SPLIT", "LABEL", "keep"]),
    FIELD,
    VALUE,
)
SECTION = st.sampled_from(["%header", "%fields a", "%values b", "%filter c", "%labels", "%nothing", "FORMAT dicom"])


@settings(max_examples=25)
@given(st.lists(LINE | SECTION, max_size=12))
def test_any_recipe_gives_a_profile_that_compiles_and_is_no_weaker_than_basic(lines: list[str]) -> None:
    made = import_recipe("FORMAT dicom\n%header\n" + "\n".join(lines), name="any")
    profile = load_text(made.yaml)
    plan, basic = compile_plan(profile), compile_plan(load("basic"))
    assert not [issue for issue in lint(profile) if issue.severity == "error"]
    for keyword in ("PatientName", "PatientID", "StudyDescription", "PatientAddress", "SOPInstanceUID", "Modality"):
        tag = tag_of(keyword) or 0
        vr = VR[tag].split(" ")[0]
        assert level(plan.decide((tag,), vr).code) <= level(basic.decide((tag,), vr).code)
    numbers = [line.number for line in made.lines]
    assert numbers == sorted(set(numbers))


@given(st.text(max_size=200))
def test_any_text_is_a_recipe_or_refused_by_name(text: str) -> None:
    try:
        made = import_recipe(text, name=text)
    except ProfileError:
        return
    assert load_text(made.yaml).name == made.name
