import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.pixels.layout import Area
from workbench.pixels.region_rules import from_json, meets, to_json
from workbench.pixels.region_scripts import read_ctp_script, read_recipe
from workbench.records.errors import UsageError

MODALITY, MANUFACTURER, MODEL, ROWS, DESCRIPTION = 0x00080060, 0x00080070, 0x00081090, 0x00280010, 0x0008103E

SCRIPT = """A library of regions

*******
  CT
*******
 Screen captures
  { [0028,0010].equals("1024") *
    ( Manufacturer.containsIgnoreCase("acme") + [0008,0070].equals("Other Maker") ) *
    !SeriesDescription.startsWith("Raw") }
  (0,0,300,150)   (724,0,300,150)

  { Modality.equals("US") * Rows.isGreaterThan("700") * ManufacturerModelName.matches("X[0-9]+") }
  (0,0,640,40)
"""


def test_a_script_of_ctp_becomes_rules():
    script = read_ctp_script(SCRIPT)
    first, second = script.rules
    assert script.complete
    assert [(line.line, line.status) for line in script.lines] == [(n, "mapped") for n in (7, 8, 9, 10, 12, 13)]
    assert first.name == "Screen captures"
    assert first.areas == (Area(0, 0, 300, 150), Area(724, 0, 1024, 150))
    assert meets({ROWS: "1024", MANUFACTURER: "The ACME works"}, first.when)
    assert meets({ROWS: "1024", MANUFACTURER: "Other Maker", DESCRIPTION: "x"}, first.when)
    assert not meets({ROWS: "1024", MANUFACTURER: "other maker"}, first.when)
    assert not meets({ROWS: "1024", MANUFACTURER: "acme", DESCRIPTION: "Raw data"}, first.when)
    assert not meets({MANUFACTURER: "acme"}, first.when)
    assert meets({MODALITY: "US", ROWS: "768", MODEL: "X20"}, second.when)
    assert not meets({MODALITY: "US", ROWS: "700", MODEL: "X20"}, second.when)
    assert not meets({MODALITY: "US", ROWS: "many", MODEL: "X20"}, second.when)
    assert not meets({MODALITY: "US", ROWS: "768", MODEL: "X20b"}, second.when)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ('{ Modality.equals("CT") }', "no area"),
        ('{ Modality.equals("CT" }\n(0,0,1,1)', "can't be read"),
        ('{ Modality.sounds("CT") }\n(0,0,1,1)', "test is not known"),
        ('{ NoSuchKeyword.equals("CT") }\n(0,0,1,1)', "attribute is not known"),
        ('{ Modality.equals("CT") * }\n(0,0,1,1)', "can't be read"),
        ('{ (Modality.equals("CT") }\n(0,0,1,1)', "can't be read"),
        ('{ Modality.matches("(") }\n(0,0,1,1)', "pattern can't be read"),
        ("{ }\n(0,0,1,1)", "can't be read"),
        ("{" + "!" * 5000 + 'Modality.equals("CT") }(0,0,1,1)', "can't be read"),
    ],
)
def test_a_signature_that_cannot_be_read_is_told_and_the_rest_goes_on(script, reason):
    found = read_ctp_script(f'Odd\n{script}\nGood\n{{ Modality.equals("US") }} (0,0,2,2)')
    assert [rule.name for rule in found.rules] == ["Good"]
    assert not found.complete
    odd, *_rest, good = found.lines
    assert (odd.line, odd.status, good.status) == (2, "not mapped", "mapped")
    assert reason in odd.reason


def test_a_brace_that_is_not_closed_is_refused_with_its_line():
    with pytest.raises(UsageError) as refused:
        read_ctp_script('\n\n{ Modality.equals("CT")\n(0,0,1,1)')
    assert refused.value.code == "region-script-damaged"
    assert "line 3." in refused.value.message


RECIPE = """FORMAT dicom

%filter whitelist

LABEL Clean by its own word
  contains BurnedInAnnotation No

%filter graylist

LABEL Captures # (somebody)
  contains Modality CT
  + contains Manufacturer ACME|Other
  + contains ImageType SAVE || equals SeriesDescription Dose
  coordinates 10,20,110,40
  ctpcoordinates 10,20,110,40

LABEL Other
  missing ImageType
  || empty SeriesDescription
  coordinates all

LABEL Flag only
  missing Modality

%header

REMOVE PatientID
"""


def test_the_filters_of_a_recipe_become_rules():
    captures, other = read_recipe(RECIPE).rules
    assert captures.name == "Captures"
    assert captures.areas == (Area(10, 20, 110, 40), Area(10, 20, 120, 60))
    assert meets({MODALITY: "CT", MANUFACTURER: "other", 0x00080008: "ORIGINAL\\SCREEN SAVE"}, captures.when)
    assert meets({MODALITY: "CT", MANUFACTURER: "Acme Inc.", DESCRIPTION: "dose"}, captures.when)
    assert not meets({MODALITY: "CT", MANUFACTURER: "Acme", DESCRIPTION: "dose report"}, captures.when)
    assert meets({0x00080008: "x", DESCRIPTION: ""}, other.when)
    assert meets({DESCRIPTION: "x"}, other.when)
    assert meets({0x00080008: "x", DESCRIPTION: ""}, other.when)
    assert not meets({0x00080008: "x", DESCRIPTION: "x"}, other.when)


@pytest.mark.parametrize(
    "line",
    [
        "resembles Modality CT",
        "contains NoSuchKeyword x",
        "coordinates 1,2,3",
        "coordinates 1,2,3,x",
        "contains",
        "keepcoordinates 1,2,3,4",
        "contains SeriesDescription ^Dose",
    ],
)
def test_a_label_with_a_line_that_cannot_be_read_is_left_out_whole(line):
    found = read_recipe(f"%filter graylist\nLABEL one\n  contains Modality CT\n  {line}\n  coordinates 1,2,3,4\n")
    assert found.rules == ()
    assert [(each.line, each.status) for each in found.lines] == [(n, "not mapped") for n in (2, 3, 4, 5)]
    assert len({each.reason for each in found.lines}) == 2


def test_what_became_of_each_line_of_a_recipe_is_told():
    found = read_recipe(RECIPE)
    told = {each.text: (each.status, each.reason) for each in found.lines}
    assert found.complete
    assert told["contains Modality CT"][0] == "mapped"
    assert told["missing Modality"] == ("left out", "flags images and names no place")
    assert "nothing is declared clean" in told["contains BurnedInAnnotation No"][1]
    assert "profile import-deid" in told["REMOVE PatientID"][1]


def test_what_keeps_the_ultrasound_regions_becomes_a_rule_for_the_rest():
    text = "%filter graylist\nLABEL us\n present {0}\n keepcoordinates from:{0}"
    (rule,) = read_recipe(text.format("SequenceOfUltrasoundRegions")).rules
    assert rule.outside
    assert rule.areas == ()
    assert meets({0x00186011: "1,2,3,4"}, rule.when)


def test_a_label_for_every_image_is_not_taken():
    found = read_recipe("%filter graylist\nLABEL Blank Image\n  coordinates all\n")
    assert (found.rules, found.complete) == ((), False)


def test_joined_tests_on_one_line_are_read_from_the_first_to_the_last():
    line = "contains Modality CT + equals Manufacturer A || notequals Manufacturer B + present Rows"
    (rule,) = read_recipe(f"%filter x\nLABEL a\n {line}\n coordinates all").rules
    assert meets({MODALITY: "CT", MANUFACTURER: "A", ROWS: "1"}, rule.when)
    assert meets({MANUFACTURER: "C", ROWS: "1"}, rule.when)
    assert not meets({MODALITY: "CT", MANUFACTURER: "B", ROWS: "1"}, rule.when)
    assert not meets({MODALITY: "CT", MANUFACTURER: "A"}, rule.when)


def test_rules_survive_as_plain_data():
    rules = read_ctp_script(SCRIPT).rules + read_recipe(RECIPE).rules
    assert tuple(from_json(to_json(rule)) for rule in rules) == rules


@given(st.text(alphabet='{}()[]*+!., "0123456789abcModality.equals\n', max_size=300))
def test_any_text_ends_in_rules_or_a_refusal(text):
    for read in (read_ctp_script, read_recipe):
        try:
            read(f"%filter graylist\nLABEL x\n{text}" if read is read_recipe else text)
        except UsageError as refused:
            code = refused.code
            assert code == "region-script-damaged"
