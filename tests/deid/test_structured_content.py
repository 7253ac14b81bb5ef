"""Clean Structured Content: Table E.3.4-1 item by item, and what it does not list by the principle of its rows."""

import io
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from tests.deid.hooks import FakePlace, cleaned, walked
from workbench.deid.structured_content import clean_content
from workbench.dicom.encode import sequence
from workbench.records.errors import InstanceRefused
from workbench.standard.content_items import ContentItem, content_items

Code = tuple[str, str, str]
NAMES = {
    "TEXT": ("TextValue", "SECRET nodule"),
    "PNAME": ("PersonName", "SECRET^A"),
    "DATE": ("Date", "20240131"),
    "TIME": ("Time", "101112"),
    "DATETIME": ("DateTime", "20240131101112"),
    "UIDREF": ("UID", "1.2.3.4"),
}
LOCAL = ("1", "99LOCAL", "finding")


def item(**values: Any) -> Dataset:
    made = Dataset()
    for name, value in values.items():
        setattr(made, name, value)
    return made


def code(value: str, scheme: str, meaning: str) -> list[Dataset]:
    return [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)]


def content(
    kind: str, concept: Code = LOCAL, *children: Dataset, relationship: str = "CONTAINS", **values: Any
) -> Dataset:
    made = item(RelationshipType=relationship, ValueType=kind, ConceptNameCodeSequence=code(*concept), **values)
    if kind in NAMES and NAMES[kind][0] not in values:
        setattr(made, *NAMES[kind])
    if kind in {"IMAGE", "COMPOSITE", "WAVEFORM"}:
        made.ReferencedSOPSequence = [
            item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID="1.2.9")
        ]
    if kind == "SCOORD":
        made.GraphicType, made.GraphicData = "POINT", [1.0, 2.0]
    if children:
        made.ContentSequence = list(children)
    return made


def number(concept: Code, value: str, unit: str = "mm") -> Dataset:
    measured = item(NumericValue=value, MeasurementUnitsCodeSequence=code(unit, "UCUM", unit))
    return content("NUM", concept, MeasuredValueSequence=[measured])


def by_reference(*positions: int, relationship: str = "INFERRED FROM") -> Dataset:
    return item(RelationshipType=relationship, ReferencedContentItemIdentifier=list(positions))


def report(*items: Dataset) -> Dataset:
    return item(ContentSequence=list(items))


def tree(*items: Dataset, options: tuple[str, ...] = (), dated: bytes | None = None) -> list[Dataset]:
    found, _place = cleaned(clean_content, report(*items), *options, dated=dated)
    assert found is not None
    return list(found.ContentSequence)


def kinds(items: Any) -> list[str]:
    return [str(each.get("ValueType", "")) for each in items]


ROWS = content_items()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.scheme} {row.value} {row.value_type}")
def test_each_row_of_the_table_has_its_letter(row: ContentItem) -> None:
    """Without further options: X drops the item, D leaves it with a value that is none of the original."""
    if row.value_type == "NUM":
        listed = number((row.value, row.scheme, "finding"), "3")
    else:
        listed = content(row.value_type, (row.value, row.scheme, "finding"))
    kept = content("CODE", LOCAL, ConceptCodeSequence=code("1", "99LOCAL", "nodule"))
    items = tree(listed, kept)
    if row.basic == "X":
        assert kinds(items) == ["CODE"]
        return
    assert kinds(items) == [row.value_type, "CODE"]
    if row.value_type in NAMES:
        name, original = NAMES[row.value_type]
        assert str(items[0][name].value) not in {"", original}


GOVERNED = [
    (row, option)
    for row in ROWS
    for option in ("retain_longitudinal_full_dates", "retain_uids", "clean_descriptors")
    if option in row.options and row.value_type in {*NAMES, "IMAGE", "COMPOSITE", "WAVEFORM"}
]


@pytest.mark.parametrize(("row", "option"), GOVERNED, ids=lambda each: getattr(each, "value", each))
def test_options_govern_the_rows_that_name_them(row: ContentItem, option: str) -> None:
    listed = content(row.value_type, (row.value, row.scheme, "finding"))
    items = tree(listed, options=(option,), dated=b"as it is")
    assert kinds(items) == [row.value_type]
    if row.value_type == "TEXT":
        assert items[0].TextValue == "nodule"
    elif row.value_type in NAMES:
        name, original = NAMES[row.value_type]
        assert str(items[0][name].value) == original


ALIASES = [
    ("R-42B89", "SRT", "TEXT"),
    ("R-42B89", "SNM3", "TEXT"),
    ("R-42B89", "99SDM", "TEXT"),
    ("F-02455", "SRT", "TEXT"),
    ("371524004", "SCT", "COMPOSITE"),
    ("R-42B89", "SRT", "COMPOSITE"),
    ("121029", "DCM", "TEXT"),
    ("21112-8", "LN", "DATE"),
    ("121031", "DCM", "DATETIME"),
    ("121032", "DCM", "TEXT"),
]


@pytest.mark.parametrize(("value", "scheme", "kind"), ALIASES)
def test_retired_and_equal_codes_count_as_the_row(value: str, scheme: str, kind: str) -> None:
    items = tree(content(kind, (value, scheme, "finding")), number(LOCAL, "1"), dated=b"as it is")
    assert "NUM" in kinds(items)
    assert all(NAMES[kind][1] not in str(each) for each in items) if kind in NAMES else kinds(items) == ["NUM"]


@pytest.mark.parametrize("urn", ["http://snomed.info/id/116224001", "urn:oid:2.16.840.1.113883.6.96.116224001"])
def test_a_code_may_be_long_or_a_urn(urn: str) -> None:
    listed = content("TEXT")
    listed.ConceptNameCodeSequence = [item(URNCodeValue=urn, CodeMeaning="finding")]
    long = content("TEXT")
    long.ConceptNameCodeSequence = [
        item(LongCodeValue="116224001", CodingSchemeDesignator="SCT", CodeMeaning="finding")
    ]
    assert kinds(tree(listed, long, number(LOCAL, "1"))) == ["NUM"]


def test_unlisted_items_follow_their_value_type() -> None:
    items = tree(
        content("TEXT"),
        content("TEXT", TextValue="SECRET"),
        content("PNAME"),
        content("DATE"),
        content("UIDREF"),
        content("CODE", ConceptCodeSequence=code("9", "99LOCAL", "SECRET liver")),
        number(LOCAL, "12.5"),
        content("IMAGE"),
        content("SCOORD", LOCAL, content("IMAGE", relationship="SELECTED FROM")),
        content("CONTAINER", LOCAL, content("PNAME")),
        content("SOMETHING"),
        item(RelationshipType="CONTAINS", TextValue="SECRET"),
    )
    assert kinds(items) == ["TEXT", "UIDREF", "CODE", "NUM", "IMAGE", "SCOORD", "CONTAINER"]
    assert items[0].TextValue == "nodule"
    assert items[1].UID == "2.25.1234"
    assert items[2].ConceptCodeSequence[0].CodeMeaning == "liver"
    assert items[3].MeasuredValueSequence[0].NumericValue == 12.5
    assert items[5].GraphicData == [1.0, 2.0]
    assert kinds(items[5].ContentSequence) == ["IMAGE"]
    assert "ContentSequence" not in items[6]


def test_dates_follow_the_date_mode() -> None:
    items = tree(content("DATE"), content("DATETIME"), dated=b"20231231")
    assert [items[0].Date, items[1].DateTime] == ["20231231", "20231231"]
    stated = content("DATETIME", ("113809", "DCM", "finding"))
    assert tree(stated)[0].DateTime == "19000101000000"


def test_words_go_and_the_measurements_below_them_stay() -> None:
    items = tree(content("TEXT", LOCAL, number(LOCAL, "3"), TextValue="SECRET"))
    assert items[0].TextValue == "REMOVED"
    assert kinds(items[0].ContentSequence) == ["NUM"]


def test_a_name_goes_with_what_is_below_it() -> None:
    observer = content("PNAME", ("121088", "DCM", "finding"), content("TEXT"))
    assert kinds(tree(observer, number(LOCAL, "3"))) == ["NUM"]


@pytest.mark.parametrize(
    ("value", "unit", "left"), [("64", "a", "64"), ("93", "a", "90"), ("1200", "mo", "1080"), ("12", "qux", None)]
)
def test_kept_ages_are_capped(value: str, unit: str, left: str | None) -> None:
    age = number(("121033", "DCM", "finding"), value, unit)
    age.MeasuredValueSequence[0].FloatingPointValue = float(value)
    items = tree(
        age, content("CODE", ConceptCodeSequence=code("1", "99L", "liver")), options=("retain_patient_characteristics",)
    )
    if left is None:
        assert kinds(items) == ["CODE"]
        return
    measured = items[0].MeasuredValueSequence[0]
    assert str(measured.NumericValue) == left
    assert ("FloatingPointValue" in measured) is (left == value)
    assert kinds(tree(age, number(LOCAL, "1"))) == ["NUM"]


def test_an_empty_report_says_so() -> None:
    items = tree(content("PNAME"))
    assert [items[0].ValueType, items[0].TextValue] == ["TEXT", "REMOVED"]


def test_relationships_by_reference_find_their_target_again() -> None:
    items = tree(
        content("PNAME"),
        content("CONTAINER", LOCAL, content("TEXT", TextValue="SECRET"), content("IMAGE"), number(LOCAL, "4")),
        content("CODE", LOCAL, by_reference(1, 2, 3), by_reference(1, 1), by_reference(1, 2, 1), by_reference(1, 9)),
    )
    assert kinds(items) == ["CONTAINER", "CODE"]
    assert kinds(items[0].ContentSequence) == ["IMAGE", "NUM"]
    [reference] = items[1].ContentSequence
    assert list(reference.ReferencedContentItemIdentifier) == [1, 1, 2]


def test_coordinates_go_with_what_they_were_selected_from() -> None:
    drawn = content("SCOORD", LOCAL, by_reference(1, 1, relationship="SELECTED FROM"))
    finding = content("CODE", LOCAL, by_reference(1, 2), ConceptCodeSequence=code("1", "99L", "liver"))
    hidden = content("IMAGE", ("121080", "DCM", "finding"))
    items = tree(hidden, drawn, finding)
    assert kinds(items) == ["CODE"]
    assert "ContentSequence" not in items[0]


@pytest.mark.parametrize(
    "items",
    [
        [content("CODE", LOCAL, by_reference(1, 1))],
        [content("CODE", LOCAL, by_reference(1, 2)), content("CODE", LOCAL, by_reference(1, 1))],
        [content("CONTAINER", LOCAL, content("CODE", LOCAL, by_reference(1, 1)))],
    ],
)
def test_circles_are_refused(items: list[Dataset]) -> None:
    with pytest.raises(InstanceRefused) as refusal:
        cleaned(clean_content, report(*items))
    assert refusal.value.code == "content-reference-loop"


def test_a_deep_and_a_wide_tree_are_cleaned() -> None:
    deep = content("CONTAINER", LOCAL, content("TEXT"))
    for _level in range(28):
        deep = content("CONTAINER", LOCAL, deep)
    wide = content("CONTAINER", LOCAL, *(content("TEXT", TextValue="SECRET") for _count in range(3000)))
    [first, second] = tree(deep, wide)
    for _level in range(29):
        first = first.ContentSequence[0]
    assert first.TextValue == "nodule"
    assert "ContentSequence" not in second


def test_other_sequences_of_content_items() -> None:
    context = item(AcquisitionContextSequence=[content("TEXT"), content("PNAME"), content("DATE")])
    found, _place = cleaned(clean_content, context)
    assert found is not None
    assert [each.TextValue for each in found.AcquisitionContextSequence] == ["nodule"]
    steps = [
        item(SpecimenPreparationStepContentItemSequence=[content("TEXT"), content("TEXT", ("121041", "DCM", "x"))]),
        item(SpecimenPreparationStepContentItemSequence=[content("PNAME")]),
    ]
    found, place = cleaned(clean_content, item(SpecimenPreparationSequence=steps))
    assert found is not None
    [step] = found.SpecimenPreparationSequence
    assert [each.TextValue for each in step.SpecimenPreparationStepContentItemSequence] == ["nodule"]
    assert ((0x00400610, 1), "X", None) in place.changes
    assert cleaned(clean_content, item(AcquisitionContextSequence=[content("PNAME")]))[0] is None


def test_annotations_of_traces() -> None:
    annotations = [
        item(UnformattedTextValue="SECRET", AnnotationGroupNumber=1),
        item(UnformattedTextValue="SECRET effusion", AnnotationGroupNumber=2),
        item(ConceptNameCodeSequence=code("1", "99L", "finding"), NumericValue="61", AnnotationGroupNumber=3),
        item(ConceptNameCodeSequence=code("121088", "DCM", "finding"), AnnotationGroupNumber=4),
        item(ConceptNameCodeSequence=code("2", "99L", "SECRET"), AnnotationGroupNumber=5),
    ]
    found, _place = cleaned(clean_content, item(WaveformAnnotationSequence=annotations))
    assert found is not None
    left = found.WaveformAnnotationSequence
    assert [each.AnnotationGroupNumber for each in left] == [2, 3, 5]
    assert left[0].UnformattedTextValue == "effusion"
    assert left[1].NumericValue == 61
    assert left[2].ConceptNameCodeSequence[0].CodeMeaning == "REMOVED"


_leaves = st.sampled_from(["TEXT", "PNAME", "CODE", "IMAGE", "DATE", "UIDREF", "CONTAINER", "SCOORD", "ODD"])
_nodes: st.SearchStrategy[Any] = st.recursive(
    st.tuples(_leaves, st.just([])), lambda below: st.tuples(_leaves, st.lists(below, max_size=3)), max_leaves=12
)


@given(st.lists(_nodes, min_size=1, max_size=3), st.lists(st.lists(st.integers(1, 3), max_size=3), max_size=3))
def test_references_always_lead_to_what_they_led_to(shape: list[Any], targets: list[list[int]]) -> None:
    """Each item carries its own mark (Observation UID); a reference in the output leads to the mark of the input."""
    marks: list[str] = []

    def made(kind: str, below: list[Any]) -> Dataset:
        node = content(kind, LOCAL, *[made(*each) for each in below])
        marks.append(f"1.{len(marks) + 1}")
        node.ObservationUID = marks[-1]
        return node

    items = [made(*each) for each in shape]
    referring = [by_reference(1, *target) for target in targets]
    source = report(*items, content("CODE", LOCAL, *referring))

    def at(found: Dataset, positions: list[int]) -> Dataset | None:
        for position in positions[1:]:
            below = found.get("ContentSequence") or []
            if not 0 < position <= len(below):
                return None
            found = below[position - 1]
        return found

    wanted = [at(source, [1, *target]) for target in targets]
    try:
        found, _place = cleaned(clean_content, source)
    except InstanceRefused as refusal:
        if refusal.code != "content-reference-loop":
            raise
        return
    assert found is not None
    left = found.ContentSequence[-1].get("ContentSequence") or []
    reached = [at(found, list(each.ReferencedContentItemIdentifier)) for each in left]
    assert all(each is not None and "ValueType" in each for each in reached)
    expected = [each.ObservationUID for each in wanted if each is not None and "ObservationUID" in each]
    remaining = iter(expected)
    assert all(each is not None and each.ObservationUID in remaining for each in reached)


@given(st.binary(max_size=64))
def test_any_bytes_in_an_identifier_end_in_a_result(identifier: bytes) -> None:
    source = report(content("CODE", LOCAL, by_reference(1, 1)), content("IMAGE"))
    buffer, [element] = walked(source)
    at = buffer.index(b"\x40\x00\x73\xdbUL") + 8
    assert buffer[at : at + 8] == b"\1\0\0\0\1\0\0\0"
    broken = buffer[:at] + identifier[:8].ljust(8, b"\7") + buffer[at + 8 :]
    place = FakePlace(broken, (0x0040A730,), frozenset())
    assert element[5] is not None
    try:
        contents = clean_content(place, element[5])
    except InstanceRefused as refusal:
        if refusal.code != "content-reference-loop":
            raise
        return
    assert contents
    pydicom.dcmread(io.BytesIO(sequence(0x0040A730, contents, explicit=True)), force=True)
