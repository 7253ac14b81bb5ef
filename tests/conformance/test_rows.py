"""Each of the 657 rows of Table E.1-1, for every type and every option, against the CSV read by other means.

The expected letter is written out here as a table of its own (PS3.15 E.1.1), not taken from the code under test.
"""

import csv
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from workbench import profiles, standard
from workbench.profiles.compiling import plan_of
from workbench.standard import iod
from workbench.standard.dictionary import vr_of
from workbench.standard.safe_private import safe_private

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


def _with_option(record, column, kind, vr: str) -> str:  # noqa: PLR0911 - a table of exceptions
    """What the standard and the reviewed exceptions ask for a row under one option."""
    keyword, tag = record["keyword"], _example(record["tag"])
    if keyword in PSEUDONYMS:
        return "#"
    if _never_in_a_data_set(tag) and column != "clean_graph":
        return "X"
    if vr == "SQ":
        # The items are walked, and each attribute in them has its own row. Content is cleaned as what it is.
        return "C" if column in {"clean_struct_cont", "clean_graph"} else "K"
    if keyword in {"PatientAge", "SelectorASValue"}:
        return "C"  # K, but capped
    if record[column] == "C" and keyword in NOT_CLEANABLE:
        return _expected(record["basic"], kind, vr)
    if record[column] == "C" and keyword == "ReasonForTheAttributeModification":
        return "V"  # a code string is clean as a whole or not at all
    return str(record[column])


def _kind(record, vr: str) -> str:
    """How a value is cleaned."""
    if record["clean_graph"]:
        return "graphics"
    if record["clean_struct_cont"]:
        return "structured"
    kinds = {"DA": "date", "TM": "date", "DT": "date", "AS": "age", "AE": "code"}
    return kinds.get(vr, "text")


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
def test_every_option_does_what_its_column_says_for_every_type(record, typed):
    tag = _example(record["tag"])
    vr = (vr_of(tag) or "UN").split(" ")[0]
    for column, option in OPTION_COLUMNS.items():
        for kind in TYPES:
            typed(kind)
            rule = _bare((option,)).rule((tag,), vr)
            if record[column]:
                assert rule.action.value == _with_option(record, column, kind, vr), (option, kind, rule)
                assert rule.kind == (_kind(record, vr) if rule.action.value == "C" else rule.kind), (option, rule)
            elif not (option == "clean_graphics" and tag >> 24 in {0x50, 0x60}):
                assert rule == _bare().rule((tag,), vr), (option, kind)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["keyword"])
def test_of_two_options_the_stricter_letter_holds(record, typed):
    typed(None)
    tag = _example(record["tag"])
    vr = (vr_of(tag) or "UN").split(" ")[0]
    given = {option: column for column, option in OPTION_COLUMNS.items() if record[column]}
    for first, second in combinations(given, 2):
        rule = _bare((first, second)).rule((tag,), vr)
        strict = [given[option] for option in (first, second) if record[given[option]] == "C"]
        assert rule.action.value == _with_option(record, (strict or [given[first]])[0], None, vr), (first, second, rule)


def test_the_overlaps_of_options_are_those_that_were_reviewed():
    """All rows that two options speak of, and what is taken: K and C give C (a date of a device is shifted)."""
    pairs: Counter[tuple[tuple[str, ...], str]] = Counter()
    for record in RECORDS:
        letters = {option: record[column] for column, option in OPTION_COLUMNS.items() if record[column]}
        for pair in combinations(sorted(letters), 2):
            pairs[pair, letters[pair[0]] + letters[pair[1]]] += 1
    assert pairs == {
        (("retain_longitudinal_full_dates", "retain_longitudinal_modified_dates"), "KC"): 169,
        (("retain_device_identity", "retain_longitudinal_full_dates"), "KK"): 11,
        (("retain_device_identity", "retain_longitudinal_modified_dates"), "KC"): 11,
        (("clean_descriptors", "retain_patient_characteristics"), "CC"): 3,
        (("retain_device_identity", "retain_uids"), "KK"): 2,
    }


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["keyword"])
def test_rows_hold_at_every_depth(record, typed):
    """An action applies wherever the attribute stands (E.1.1), but for the pseudonyms, which this patient alone has."""
    typed("3")
    tag = _example(record["tag"])
    vr = (vr_of(tag) or "UN").split(" ")[0]
    top, nested = _bare().rule((tag,), vr), _bare().rule((0x00081115, 0x0008114A, tag), vr)
    if record["keyword"] in PSEUDONYMS | {"StudyID", "AccessionNumber"}:
        assert nested.action.value == _expected(record["basic"], "3", vr)
    else:
        assert nested == top


def test_the_type_at_a_nested_place_decides():
    """Institution Name (X/Z/D) is Type 3 at the top of a CR image and 1C of a physician; 2 of an SR's author."""
    cr = _bare().plan.for_sop_class("1.2.840.10008.5.1.4.1.1.1")
    assert cr.rule((0x00080080,), "LO").action.value == "X"
    assert cr.rule((0x00080096, 0x00080080), "LO").action.value == "D"
    report = _bare().plan.for_sop_class("1.2.840.10008.5.1.4.1.1.88.33")
    assert report.rule((0x0040A078, 0x00080080), "LO").action.value == "Z"
    assert _bare().plan.for_sop_class("").rule((0x00080096, 0x00080080), "LO").action.value == "X"


def test_safe_private_retains_what_is_listed_and_nothing_else():
    plan = _bare(("retain_safe_private",)).plan
    for level, letters in {"numeric": "KV", "coded": "KVU", "listed": "KVUCX"}.items():
        told = replace(plan, private=level)
        for row in safe_private():
            listed = (row.vr or "UN").split(" ")[0]
            rule = told.private_rule(row.creator, row.group << 16 | row.element, listed)
            assert rule.action.value in letters + "X"
            if listed in {"US", "SS", "UL", "SL", "FL", "FD", "SQ"}:
                assert rule.action.value == "K"
            if level != "listed" and listed in {"LO", "SH", "ST", "LT", "OB", "OW", "DA", "TM", "DT", "UN"}:
                assert rule.action.value == "X"
            assert told.private_rule(f"{row.creator}X", row.group << 16 | row.element, listed).action.value == "X"
    assert _bare().plan.private_rule("Philips Imaging DD 001", 0x20010003, "FL").action.value == "X"
