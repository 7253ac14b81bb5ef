"""Each of the 657 rows of Table E.1-1, for every type and every option, against the CSV read by other means.

The expected letter is written out here as a table of its own (PS3.15 E.1.1), not taken from the code under test.
"""

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from workbench import profiles, standard
from workbench.profiles.compiling import plan_of
from workbench.standard import iod
from workbench.standard.dictionary import vr_of

CSV = Path(standard.__file__).parent / "data" / "e1_1.csv"

TYPES = (None, "3", "2", "2C", "1", "1C")

LETTER = {
    # code: letter for a type that may be missing, for 2 and 2C, for 1 and 1C
    "X": "XZD",
    "Z": "ZZD",
    "D": "DDD",
    "U": "UUU",
    "X/Z": "XZD",
    "X/D": "XDD",
    "Z/D": "ZZD",
    "X/Z/D": "XZD",
    "X/Z/U*": "KKK",
    "K": "KKK",
    "C": "CCC",
}

PSEUDONYMS = {"PatientName", "PatientID"}
"""Rows Z and Z/D, which allow a dummy: the profile `basic` takes a pseudonym."""

ANNOTATIONS = {"GraphicAnnotationSequence", "WaveformAnnotationSequence"}
"""Rows D and X/D that `basic` removes where the module is conditional."""

NOT_CLEANABLE = {
    "MakerNote",
    "DeviceSettingDescription",
    "FrameOriginTimestamp",
    "CertifiedTimestamp",
    "TimezoneOffsetFromUTC",
}
"""Bytes, and a time zone, which a shift by days does not change: the row's own code holds."""

OPTION_COLUMNS = {
    "rtn_uids": "retain_uids",
    "rtn_dev_id": "retain_device_identity",
    "rtn_inst_id": "retain_institution_identity",
    "rtn_pat_chars": "retain_patient_characteristics",
    "rtn_long_full_dates": "retain_longitudinal_full_dates",
    "rtn_long_modif_dates": "retain_longitudinal_modified_dates",
    "clean_desc": "clean_descriptors",
    "clean_struct_cont": "clean_structured_content",
    "clean_graph": "clean_graphics",
}


def _records():
    lines = CSV.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


RECORDS = _records()


def _example(text: str) -> int:
    """A tag that the row speaks of; patterns give one of their many."""
    if text.startswith("(gggg"):
        return 0x00091010
    digits = text.strip("()").replace(",", "").replace("50xxxxxx", "50020022").replace("xx", "04")
    return int(digits, 16)


@cache
def _basic():
    return profiles.compile_plan(profiles.load("basic")).for_sop_class("")


@cache
def _bare(options=()):
    """The table, options and sections of `basic` without its rules."""
    return plan_of(replace(profiles.load("basic"), rules=(), options=options)).for_sop_class("")


def _never_in_a_data_set(tag: int) -> bool:
    """Messages, file meta, directories (the writer makes its own), and groups that go whole."""
    return tag >> 16 in {0x0000, 0x0002, 0x0004} or tag >> 24 in {0x50, 0x60, 0xFF} or bool(tag & 0x10000)


@pytest.fixture
def typed(monkeypatch):
    """Give every attribute the same type."""

    def set_type(kind):
        monkeypatch.setattr(iod, "attribute_type", lambda sop_class, path: kind)
        monkeypatch.setattr(iod, "removable", lambda sop_class, path: False)

    return set_type


def _column(kind) -> int:
    return 0 if kind in {None, "3"} else 1 if kind.startswith("2") else 2


def _expected(code: str, kind, vr: str) -> str:
    if code == "X" and vr == "SQ" and kind in {"1C", "2C"}:
        return "X"
    return LETTER[code][_column(kind)]


def test_the_table_is_whole():
    assert len(RECORDS) == 657


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["keyword"])
def test_basic_does_what_the_row_says_for_every_type(record, typed):
    tag = _example(record["tag"])
    vr = (vr_of(tag) or "UN").split(" ")[0]
    for kind in TYPES:
        typed(kind)
        rule = _basic().rule((tag,), vr)
        optional = record["keyword"] in ANNOTATIONS and kind not in {"1", "2"}
        if _never_in_a_data_set(tag) or optional:
            assert rule.action.value == "X"
        elif record["keyword"] in PSEUDONYMS:
            assert rule.action.value == "#"
        elif record["keyword"] not in ANNOTATIONS:
            assert rule.action.value == _expected(record["basic"], kind, vr), (kind, rule)
            assert rule.origin.startswith(("E.1-1 ", "profile basic ")), rule


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["keyword"])
def test_every_option_and_pair_of_options_does_what_the_columns_say(record, typed):
    typed(None)
    tag = _example(record["tag"])
    vr = (vr_of(tag) or "UN").split(" ")[0]
    letters = {option: record[column] for column, option in OPTION_COLUMNS.items() if record[column]}
    for options in [(one,) for one in letters] + [(a, b) for a in letters for b in letters if a < b]:
        rule = _bare(options).rule((tag,), vr)
        given = {letters[option] for option in options}
        expected = "C" if "C" in given else "K"
        if _never_in_a_data_set(tag) and "clean_graphics" not in options:
            expected = "X"
        if record["keyword"] in PSEUDONYMS:
            expected = "#"
        if vr == "SQ" and expected == "C" and not {"clean_graphics", "clean_structured_content"} & set(options):
            expected = "K"  # the items are walked, and each cleaned by its own row
        if expected == "C" and record["keyword"] in NOT_CLEANABLE:
            expected = _expected(record["basic"], None, vr)
        if record["keyword"] in {"PatientAge", "SelectorASValue"}:
            expected = "C"  # K, but capped
        if record["keyword"] == "ReasonForTheAttributeModification":
            expected = "V"  # a code string is clean as a whole or not at all
        assert rule.action.value == expected, (options, rule)


def test_options_change_nothing_where_the_columns_are_empty(typed):
    typed(None)
    before = _bare()
    for column, option in OPTION_COLUMNS.items():
        after = _bare((option,))
        for record in RECORDS:
            tag = _example(record["tag"])
            vr = (vr_of(tag) or "UN").split(" ")[0]
            if not record[column] and not (option == "clean_graphics" and tag >> 24 in {0x50, 0x60}):
                assert after.rule((tag,), vr) == before.rule((tag,), vr)
