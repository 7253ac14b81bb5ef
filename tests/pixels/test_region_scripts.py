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
    first, second = read_ctp_script(SCRIPT)
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
    ("script", "line"),
    [
        ('{ Modality.equals("CT") }', 1),
        ('\n{ Modality.equals("CT" }\n(0,0,1,1)', 2),
        ('{ Modality.sounds("CT") }\n(0,0,1,1)', 1),
        ('{ NoSuchKeyword.equals("CT") }\n(0,0,1,1)', 1),
        ('{ Modality.equals("CT") * }\n(0,0,1,1)', 1),
        ('{ (Modality.equals("CT") }\n(0,0,1,1)', 1),
        ('{ Modality.matches("(") }\n(0,0,1,1)', 1),
        ("{ }\n(0,0,1,1)", 1),
        ('\n\n{ Modality.equals("CT")\n(0,0,1,1)', 3),
        ("{" + "!" * 5000 + 'Modality.equals("CT") }(0,0,1,1)', 1),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(script, line):
    with pytest.raises(UsageError) as refused:
        read_ctp_script(script)
    assert refused.value.code == "region-script-damaged"
    assert f"line {line}." in refused.value.message


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

LABEL Flag only
  missing ImageType
  || empty SeriesDescription

%header

REMOVE PatientID
"""


def test_the_filters_of_a_recipe_become_rules():
    captures, flag = read_recipe(RECIPE)
    assert captures.name == "Captures"
    assert captures.areas == (Area(10, 20, 110, 40), Area(10, 20, 120, 60))
    assert meets({MODALITY: "CT", MANUFACTURER: "other", 0x00080008: "ORIGINAL\\SCREEN SAVE"}, captures.when)
    assert meets({MODALITY: "CT", MANUFACTURER: "Acme Inc.", DESCRIPTION: "dose"}, captures.when)
    assert not meets({MODALITY: "CT", MANUFACTURER: "Acme", DESCRIPTION: "dose report"}, captures.when)
    assert flag.areas == ()
    assert meets({DESCRIPTION: "x"}, flag.when)
    assert meets({0x00080008: "x", DESCRIPTION: ""}, flag.when)
    assert not meets({0x00080008: "x", DESCRIPTION: "x"}, flag.when)


@pytest.mark.parametrize(
    "line",
    ["resembles Modality CT", "contains NoSuchKeyword x", "coordinates 1,2,3", "coordinates 1,2,3,x", "contains"],
)
def test_a_line_of_a_recipe_that_cannot_be_read_is_refused(line):
    with pytest.raises(UsageError) as refused:
        read_recipe(f"%filter graylist\nLABEL one\n  {line}\n")
    assert "line 3." in refused.value.message


def test_rules_survive_as_plain_data():
    rules = read_ctp_script(SCRIPT) + read_recipe(RECIPE)
    assert tuple(from_json(to_json(rule)) for rule in rules) == rules


@given(st.text(alphabet='{}()[]*+!., "0123456789abcModality.equals\n', max_size=300))
def test_any_text_ends_in_rules_or_a_refusal(text):
    for read in (read_ctp_script, read_recipe):
        try:
            read(f"%filter graylist\nLABEL x\n{text}" if read is read_recipe else text)
        except UsageError as refused:
            code = refused.code
            assert code == "region-script-damaged"
