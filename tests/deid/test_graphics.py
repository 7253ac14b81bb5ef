"""Clean Graphics: what is drawn stays, what is written is cleaned, and an annotation without either goes."""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.deid.hooks import cleaned
from tests.deid.test_structured_content import item
from workbench.deid.graphics import clean_annotations


def text(value: str) -> Dataset:
    return item(
        UnformattedTextValue=value,
        BoundingBoxAnnotationUnits="PIXEL",
        BoundingBoxTopLeftHandCorner=[1.0, 2.0],
        BoundingBoxBottomRightHandCorner=[3.0, 4.0],
    )


def line() -> Dataset:
    return item(GraphicAnnotationUnits="PIXEL", GraphicData=[1.0, 2.0, 3.0, 4.0], GraphicType="POLYLINE")


def annotations(*items: Dataset) -> Any:
    found, _place = cleaned(clean_annotations, item(GraphicAnnotationSequence=list(items)))
    return None if found is None else found.GraphicAnnotationSequence


def test_lines_stay_and_words_are_cleaned() -> None:
    [left] = annotations(
        item(
            GraphicLayer="L", TextObjectSequence=[text("SECRET nodule"), text("SECRET")], GraphicObjectSequence=[line()]
        )
    )
    assert [each.UnformattedTextValue for each in left.TextObjectSequence] == ["nodule"]
    assert left.TextObjectSequence[0].BoundingBoxTopLeftHandCorner == [1.0, 2.0]
    assert left.GraphicObjectSequence[0].GraphicData == [1.0, 2.0, 3.0, 4.0]


def test_a_text_of_which_nothing_remains_goes_alone() -> None:
    [left] = annotations(item(GraphicLayer="L", TextObjectSequence=[text("SECRET")], GraphicObjectSequence=[line()]))
    assert "TextObjectSequence" not in left
    assert "GraphicObjectSequence" in left


def test_compound_graphics_stay() -> None:
    ruler = item(CompoundGraphicType="RULER", GraphicData=[1.0, 2.0])
    [left] = annotations(item(GraphicLayer="L", CompoundGraphicSequence=[ruler]))
    assert left.CompoundGraphicSequence[0].CompoundGraphicType == "RULER"


@pytest.mark.parametrize("value", ["SECRET", "", " "])
def test_an_annotation_without_anything_goes(value: str) -> None:
    assert annotations(item(GraphicLayer="L", TextObjectSequence=[text(value)])) is None
    found, place = cleaned(
        clean_annotations,
        item(
            GraphicAnnotationSequence=[
                item(GraphicLayer="L", TextObjectSequence=[text(value)]),
                item(GraphicLayer="M", GraphicObjectSequence=[line()]),
            ]
        ),
    )
    assert found is not None
    assert [each.GraphicLayer for each in found.GraphicAnnotationSequence] == ["M"]
    assert ((0x00700001, 0), "X", None) in place.changes


def test_without_a_cleaner_no_word_stays() -> None:
    source = item(GraphicAnnotationSequence=[item(GraphicLayer="L", TextObjectSequence=[text("nodule")])])
    assert cleaned(clean_annotations, source, text=False)[0] is None
