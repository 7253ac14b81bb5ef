"""Reasons to wait: from the attributes that the standard has for them, and the names that consoles write."""

import pytest

from workbench.deid.faces import BODY_PART
from workbench.deid.holds import (
    BURNED_IN_ANNOTATION,
    CONVERSION_TYPE,
    IMAGE_TYPE,
    MODALITY,
    PHOTOMETRIC,
    SERIES_DESCRIPTION,
    SOP_CLASS,
    SPECIMEN_LABEL,
    TAGS,
    Hold,
    holds,
)
from workbench.flow.rows import HOLD_WORDS

STORAGE = b"1.2.840.10008.5.1.4.1.1."
CT = {
    SOP_CLASS: STORAGE + b"2\0",
    MODALITY: b"CT",
    IMAGE_TYPE: b"ORIGINAL\\PRIMARY\\AXIAL ",
    PHOTOMETRIC: b"MONOCHROME2 ",
    BODY_PART: b"CHEST ",
}

CASES = [
    (CT, []),
    (CT | {BURNED_IN_ANNOTATION: b"NO"}, []),
    (CT | {BURNED_IN_ANNOTATION: b"YES "}, ["burned-in-annotation"]),
    (CT | {BURNED_IN_ANNOTATION: b"NONE"}, ["burned-in-annotation"]),
    (CT | {PHOTOMETRIC: b"RGB "}, ["screen-shot"]),
    (CT | {IMAGE_TYPE: b"DERIVED\\SECONDARY\\SCREEN SAVE "}, ["screen-shot"]),
    (CT | {IMAGE_TYPE: b"DERIVED\\SECONDARY\\OTHER\\CT_SOM5 PROT "}, ["dose-sheet"]),
    (CT | {SERIES_DESCRIPTION: b"Dose Report"}, ["dose-sheet"]),
    (CT | {SERIES_DESCRIPTION: b"Low dose chest"}, []),
    (CT | {CONVERSION_TYPE: b"WSD "}, ["secondary-capture"]),
    ({SOP_CLASS: STORAGE + b"7", MODALITY: b"OT"}, ["secondary-capture", "screen-shot"]),
    ({SOP_CLASS: STORAGE + b"7.4", MODALITY: b"CT"}, ["secondary-capture"]),
    ({SOP_CLASS: STORAGE + b"3.1", MODALITY: b"US"}, ["ultrasound"]),
    ({SOP_CLASS: STORAGE + b"77.1.4", MODALITY: b"XC"}, ["photograph", "recognisable-features"]),
    ({SOP_CLASS: STORAGE + b"77.1.6", IMAGE_TYPE: b"ORIGINAL\\PRIMARY\\LABEL\\NONE "}, ["photograph", "slide-label"]),
    ({SOP_CLASS: STORAGE + b"77.1.6", IMAGE_TYPE: b"ORIGINAL\\PRIMARY\\OVERVIEW\\NONE"}, ["photograph", "slide-label"]),
    ({SOP_CLASS: STORAGE + b"77.1.6", SPECIMEN_LABEL: b"YES "}, ["photograph", "slide-label"]),
    ({SOP_CLASS: STORAGE + b"88.67", SERIES_DESCRIPTION: b"Dose Report", MODALITY: b"SR"}, []),
    ({SOP_CLASS: STORAGE + b"104.1"}, []),
    (CT | {BODY_PART: b"HEAD"}, ["recognisable-features"]),
    ({}, []),
]


@pytest.mark.parametrize(("values", "reasons"), CASES)
def test_reasons(values: dict[int, bytes], reasons: list[str]) -> None:
    assert set(values) <= TAGS
    assert list(holds(values)) == reasons


def test_a_document_waits_where_text_was_to_be_cleaned() -> None:
    assert holds({SOP_CLASS: STORAGE + b"104.1"}, cleans_text=True) == ("document-replaced",)


def test_each_reason_has_words_for_the_page() -> None:
    assert {reason.value for reason in Hold} <= set(HOLD_WORDS)
