"""The table is the standard's: counted, and in agreement with the dictionary."""

from collections import Counter
from pathlib import Path

from workbench.standard import cid7050, content_items, safe_private, sop_classes, table
from workbench.standard.dictionary import keyword_of, name_of, vr_of

DATA = Path(table.__file__).parent / "data"


def test_has_the_653_rows_and_4_patterns_of_edition_2026d_by_code():
    codes = Counter(row.basic for row in table.ROWS.values()) + Counter(each.basic for each in table.PATTERNS)
    assert codes == {
        "X": 417,
        "D": 93,
        "U": 55,
        "Z": 42,
        "X/D": 23,
        "X/Z": 11,
        "X/Z/D": 8,
        "Z/D": 6,
        "X/Z/U*": 2,
    }
    assert len(table.ROWS) == 653


def test_option_columns_have_the_counts_of_the_standard():
    counts: Counter[tuple[str, str]] = Counter()
    for options in (*(row.options for row in table.ROWS.values()), *(each.options for each in table.PATTERNS)):
        counts.update(options.items())
    assert counts == {
        ("retain_safe_private", "C"): 1,
        ("retain_uids", "K"): 60,
        ("retain_device_identity", "K"): 48,
        ("retain_device_identity", "C"): 11,
        ("retain_institution_identity", "K"): 10,
        ("retain_patient_characteristics", "K"): 14,
        ("retain_patient_characteristics", "C"): 5,
        ("retain_longitudinal_full_dates", "K"): 169,
        ("retain_longitudinal_modified_dates", "C"): 169,
        ("clean_descriptors", "C"): 141,
        ("clean_structured_content", "C"): 4,
        ("clean_graphics", "C"): 4,
    }


def test_every_row_is_in_the_dictionary_under_its_keyword_and_with_a_vr():
    for tag, row in table.ROWS.items():
        assert keyword_of(tag) == row.keyword
        assert vr_of(tag) or row.keyword == "DataSetTrailingPadding", row
        assert name_of(tag) != "Unknown Attribute"


def test_patterns_match_the_groups_they_stand_for_and_no_others():
    matched = {each.text: each for each in table.PATTERNS}
    assert matched["(50xx,xxxx)"].matches(0x50100022)
    assert not matched["(50xx,xxxx)"].matches(0x50110022)
    assert not matched["(50xx,xxxx)"].matches(0x51000022)
    assert matched["(60xx,3000)"].matches(0x60023000)
    assert not matched["(60xx,3000)"].matches(0x60024000)
    assert matched["(60xx,4000)"].matches(0x60024000)
    assert matched["(gggg,eeee) gggg odd"].matches(0x00091001)
    assert not matched["(gggg,eeee) gggg odd"].matches(0x00081001)


def test_every_data_file_says_its_source():
    for path in DATA.iterdir():
        if path.suffix != ".gz":
            title = path.read_text(encoding="utf-8").splitlines()[0]
            assert title.startswith("# "), path.name
            assert any(source in title for source in ("PS3.", "TCIA")), path.name
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 2_000_000


def test_codes_of_cid_7050_are_complete_and_of_dcm():
    assert {code.value for code in cid7050.CODES.values()} == {str(value) for value in range(113100, 113113)}
    assert {code.scheme for code in cid7050.CODES.values()} == {"DCM"}
    assert set(cid7050.OPTIONS) >= set(table.OPTION_COLUMNS.values())


def test_content_items_are_found_by_concept_and_value_type():
    items = content_items.content_items()
    assert len(items) == 214
    assert Counter(item.basic for item in items) == {"X": 135, "D": 60, "X/D": 19}
    found = content_items.find("121022", "DCM", "TEXT")
    assert found is not None
    assert found.meaning == "Accession Number"
    assert content_items.find("121022", "DCM", "NUM") is None


def test_safe_private_attributes_are_found_in_any_block():
    assert len(safe_private.safe_private()) == 479
    found = safe_private.find(0x7053, "Philips PET Private Group", 0x1000)
    assert found is not None
    assert found.vr == "DS"
    assert safe_private.find(0x7053, "Somebody Else", 0x1000) is None


def test_storage_classes_are_told_from_others():
    assert sop_classes.name_of("1.2.840.10008.5.1.4.1.1.2") == "CT Image Storage"
    assert sop_classes.is_storage("1.2.840.10008.5.1.4.1.1.2")
    assert sop_classes.is_storage("1.2.840.10008.5.1.4.1.1.66.8")
    assert not sop_classes.is_storage("1.2.840.10008.1.1")
    assert not sop_classes.is_storage("1.2.840.10008.1.3.10")
    assert sop_classes.is_private("1.3.12.2.1107.5.9.1")
    assert not sop_classes.is_private("1.2.840.10008.5.1.4.1.1.2")
    assert sop_classes.name_of("1.2.3") is None
