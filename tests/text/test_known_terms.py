"""The allow-list keeps what devices and standards say and never what people are called or numbered."""

import gzip
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import text
from workbench.standard.dictionary import tag_of
from workbench.text import known_terms
from workbench.text.build import vocabulary
from workbench.text.known_terms import known, known_code_string, known_code_value, known_coding_scheme, known_value

KEPT = [
    "",
    "AXIAL T2 FLAIR",
    "T2w TSE",
    "SIEMENS",
    "Siemens Healthineers",
    "GE MEDICAL SYSTEMS",
    "Philips Healthcare",
    "Carl Zeiss Meditec AG",
    "Karl Storz",
    "CANON_MEC",
    "MAGNETOM Skyra",
    "MAGNETOM Vida",
    "SOMATOM Definition AS+",
    "LightSpeed VCT",
    "Discovery MR750w",
    "Aquilion ONE",
    "iU22",
    "syngo MR E11",
    "VB17A",
    "5.5.2",
    "B30f",
    "I41f\\3",
    "*tfl3d1_16ns",
    "Head 10.0 H31s",
    "0.5 mm",
    "5 \u00b5m",
    "120 kV",
    "CT CHEST W CONTRAST",
    "Circle of Willis",
    "Left ventricular ejection fraction",
    "Neo-natal",
]

DROPPED = [
    "SMITH",
    "Smith chest",
    "MULLER HANS",
    "DOE^JANE",
    "Doe, Jane",
    "J S",
    "Dr. Hand",
    "19500101",
    "1950-01-01",
    "01/02/50",
    "12 Mar 2010",
    "May 2010",
    "12:45",
    "555-1234",
    "+49 30 1234",
    "12345",
    "MRN0012345",
    "A1B2C3D4E5",
    "92 Y",
    "age 101 years",
    "M\u00fcller",
    "\u5c71\u7530",
    "jane@example.org",
    "HITACHI St. Mary",
    "Mount Sinai",
]

NAMES = [
    name
    for line in (Path(__file__).parent / "names.txt").read_text(encoding="utf-8").splitlines()[1:]
    for name in line.split()
]


@pytest.mark.parametrize("value", KEPT)
def test_words_of_the_field_are_known(value):
    assert known(value)


@pytest.mark.parametrize("value", DROPPED)
def test_people_dates_and_numbers_are_not(value):
    assert not known(value)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_people_are_not_known_in_any_case(name):
    assert not known(name)
    assert not known(name.upper())
    assert not known_code_string(name.upper())
    assert not known(f"CT HEAD {name}")
    assert not known(f"{name.lower()}_axial")


@given(st.integers(min_value=10000))
def test_a_number_of_five_digits_or_more_is_never_known(number):
    assert not known(str(number))
    assert not known(f"CT {number}")
    assert not known(f"ID{number}")


@given(
    st.dates(min_value=date(1900, 1, 1)), st.sampled_from(["%Y%m%d", "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%y", "%d %b %Y"])
)
def test_a_date_is_never_known(day, form):
    assert not known(day.strftime(form))
    assert not known(f"scan {day.strftime(form)}")


@given(st.sampled_from(KEPT), st.sampled_from(NAMES), st.sampled_from([" ", "_", "-", "/", ", ", "\\"]), st.booleans())
def test_one_unknown_word_is_enough(value, name, joint, first):
    assert not known(f"{name}{joint}{value}" if first else f"{value}{joint}{name}")


@given(st.text(max_size=80))
def test_any_text_has_an_answer_and_only_plain_ones_are_known(value):
    if known(value):
        assert value.translate(known_terms._SYMBOLS).isascii()
        assert "^" not in value
        assert "@" not in value


@given(st.sampled_from(sorted(known_terms._terms().section("words"))))
def test_case_makes_no_difference(word):
    assert known(word)
    assert known(word.upper())
    assert known(word.capitalize())


@pytest.mark.parametrize(
    "value",
    [
        "ORIGINAL\\PRIMARY\\AXIAL\\CT_SOM5 SPI",
        "DERIVED\\SECONDARY\\MPR",
        "MONOCHROME2",
        "YBR_FULL_422",
        "HFS",
        "ISO_IR 100",
        "\\ISO 2022 IR 87",
        "35CMX43CM",
        "FAST_GEMS",
        "AO LFLT TIPS",
        "IN PROGRESS",
    ],
)
def test_defined_terms_are_known_code_strings(value):
    assert known_code_string(value)


def test_free_words_in_code_strings_are_not():
    assert not known_code_string("SMITHREPORT")
    assert not known_code_string("ORIGINAL\\PRIMARY\\SMITH")


@pytest.mark.parametrize("value", ["121071", "T-A0100", "10200004", "74400008", "8310-5", "RID1234", "CT"])
def test_codes_of_known_schemes_are_known(value):
    assert known_code_value(value)
    assert known_value(tag_of("CodeValue") or 0, "SH", value)


@pytest.mark.parametrize("value", ["12345678", "19600101", "MRN1234567", "8310-6", "74400009", "SMITH01"])
def test_numbers_of_people_are_no_codes(value):
    assert not known_code_value(value)


def test_an_identifier_passes_as_snomed_concept_by_its_check_digit_only():
    """Of a hundred neighbours few have the check digit, and fewer the partition."""
    assert sum(known_terms._is_sctid(str(number)) for number in range(80891000, 80891100)) <= 10
    assert known_terms._is_sctid("80891009")
    assert not known_terms._is_sctid("80891008")


def test_coding_schemes():
    assert known_coding_scheme("SCT")
    assert known_coding_scheme("99LOCAL")
    assert not known_coding_scheme("99SMITH")
    assert known_value(tag_of("CodingSchemeDesignator") or 0, "SH", "99SDM")
    assert known_value(tag_of("Modality") or 0, "CS", "CT")
    assert not known_value(tag_of("TextValue") or 0, "UT", "Jane was here")


def test_long_texts_are_not_judged():
    assert not known("head " * 1000)


def test_the_list_is_fresh():
    committed = gzip.decompress((Path(text.__file__).parent / "data" / "known_terms.txt.gz").read_bytes()).decode()
    if f"pydicom {version('pydicom')}," not in committed.splitlines()[0]:
        pytest.skip("the list was made with another version of pydicom")
    assert committed == vocabulary.render()


def test_what_stands_in_the_list_of_names_is_in_no_list_of_words():
    names = set(vocabulary._listed("name_like.txt"))
    assert len(names) > 300
    assert not names & known_terms._terms().section("words")


@pytest.mark.parametrize("value", ["Leonard George", "Kemp-Harper", "Gaynor Hart", "Richard Wolf"])
def test_terms_that_could_be_a_whole_person_are_not_known(value):
    assert not known(value)


@pytest.mark.parametrize(
    "value",
    [
        "age 91",
        "AGED 95",
        "093Y",
        "F 93",
        "92 M",
        "94F",
        "Female 94",
        "94 male",
        "101 yo",
        "Chest, 92 years",
        "93-year",
    ],
)
def test_ages_from_90_are_not_known_however_they_are_written(value):
    assert not known(value)


@pytest.mark.parametrize(
    "value", ["age 12", "89Y", "F 40", "45 M", "T2 95 ms", "90 degrees", "120 kV", "B 1000", "90% STENOSIS"]
)
def test_other_numbers_are_not_taken_for_ages(value):
    assert known(value)


@pytest.mark.parametrize("value", ["Mr Black", "Mrs Gray", "Dr Long", "Dr. Head", "CT of Miss Field", "Prof Stone"])
def test_who_is_addressed_is_a_person(value):
    assert not known(value)


@pytest.mark.parametrize("value", ["MR BLACK BLOOD", "MRS HEAD"])
def test_modalities_are_not_titles(value):
    assert known(value)


@pytest.mark.parametrize("value", ["ID 1234", "No. 4711", "MRN: 123", "#1234", "case 9021", "PID-4711"])
def test_a_number_that_is_called_one_is_not_known(value):
    assert not known(value)


@pytest.mark.parametrize("unit", ["HU", "US", "OD", "MGML", "Z_EFF", "ED", "EDW", "HU_MOD", "PCT"])
@pytest.mark.parametrize("tag", [0x00281054, 0x00283004])
def test_defined_terms_of_pixel_values_are_known_where_they_are_defined(tag, unit):
    """PS3.3 C.11.1.1.2; elsewhere ED is a name."""
    assert known_value(tag, "LO", unit)
    assert not known_value(tag, "LO", f"{unit} Miller")


def test_ed_is_no_known_term_elsewhere():
    assert not known_value(0x0008103E, "LO", "ED")


@pytest.mark.parametrize("unit", ["mm[Hg]", "Cel", "{counts}/s", "g/ml{SUVbw}", "10*-6.mm2/s", "um2/ms"])
def test_units_of_ucum_are_known_codes(unit):
    assert known_code_value(unit)
