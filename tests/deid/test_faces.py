"""Recognisable features: possible wherever header and geometry do not rule them out."""

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.verify import making
from workbench.deid.faces import (
    BODY_PART,
    COLUMNS,
    IMAGE_TYPE,
    MODALITY,
    PIXEL_SPACING,
    RECOGNISABLE,
    ROWS,
    SLICE_THICKNESS,
    SOP_CLASS,
    TAGS,
    anatomy_of,
    shows_features,
)
from workbench.dicom.source import read_instance

STORAGE = b"1.2.840.10008.5.1.4.1.1."
STUDY_DESCRIPTION, SERIES_DESCRIPTION, PROTOCOL = 0x00081030, 0x0008103E, 0x00181030
SLICE = {
    SOP_CLASS: STORAGE + b"2\0",
    MODALITY: b"CT",
    IMAGE_TYPE: b"ORIGINAL\\PRIMARY\\AXIAL",
    ROWS: (512).to_bytes(2, "little"),
    COLUMNS: (512).to_bytes(2, "little"),
    PIXEL_SPACING: b"0.48828\\0.48828 ",
    SLICE_THICKNESS: b"1.25",
}

POSSIBLE: list[tuple[str, dict[int, bytes]]] = [
    ("nothing said of the body", {}),
    ("a head", {BODY_PART: b"HEAD"}),
    ("the chest, and the protocol names the head", {BODY_PART: b"CHEST", PROTOCOL: b"1.1 Head_Routine"}),
    ("a description of the brain", {STUDY_DESCRIPTION: b"mri brain w/o contrast"}),
    ("a whole body", {BODY_PART: b"WHOLEBODY"}),
    ("words of another language", {SERIES_DESCRIPTION: "Schädel nativ".encode("latin-1")}),
    ("the same in UTF-8", {SERIES_DESCRIPTION: "Schädel nativ".encode()}),
    ("a word that nobody knows", {BODY_PART: b"SERVICE"}),
    ("a description that names a part and the head", {STUDY_DESCRIPTION: b"CT HEAD CHEST ABDOMEN"}),
    ("a part of the body only within a word", {STUDY_DESCRIPTION: b"HIPPOCAMPUS 3D"}),
    (
        "a body part that nobody knows, whatever a description says",
        {BODY_PART: b"TRUNKUS", STUDY_DESCRIPTION: b"CT CHEST"},
    ),
    ("no geometry", {PIXEL_SPACING: b"", ROWS: b"", COLUMNS: b"", SLICE_THICKNESS: b""}),
    ("geometry that is none", {PIXEL_SPACING: b"fine\\fine", SLICE_THICKNESS: b"thin"}),
    ("a head in a small field", {BODY_PART: b"IAC", PIXEL_SPACING: b"0.15\\0.15"}),
    ("MR", {SOP_CLASS: STORAGE + b"4", MODALITY: b"MR"}),
    ("enhanced MR", {SOP_CLASS: STORAGE + b"4.1", MODALITY: b"MR", PIXEL_SPACING: b""}),
    ("PET", {SOP_CLASS: STORAGE + b"128", MODALITY: b"PT", SLICE_THICKNESS: b"3.27"}),
    ("cone beam CT of teeth", {SOP_CLASS: STORAGE + b"13.1.2", MODALITY: b"DX", BODY_PART: b"CHEST"}),
    ("an MR localizer", {SOP_CLASS: STORAGE + b"4", MODALITY: b"MR", IMAGE_TYPE: b"ORIGINAL\\PRIMARY\\LOCALIZER"}),
    ("a photograph", {SOP_CLASS: STORAGE + b"77.1.4", MODALITY: b"XC", BODY_PART: b"FOOT"}),
    ("a film of an endoscope", {SOP_CLASS: STORAGE + b"77.1.1.1", MODALITY: b"ES"}),
    ("a retina", {SOP_CLASS: STORAGE + b"77.1.5.1", MODALITY: b"OP"}),
    ("a camera's picture as secondary capture", {SOP_CLASS: STORAGE + b"7", MODALITY: b"XC"}),
    ("a rendered head", {SOP_CLASS: STORAGE + b"7", SERIES_DESCRIPTION: b"VRT Head"}),
    ("something rendered", {SOP_CLASS: STORAGE + b"7.4", IMAGE_TYPE: b"DERIVED\\SECONDARY\\VOLUME_RENDERED"}),
    ("its maker says so", {SOP_CLASS: STORAGE + b"1", MODALITY: b"CR", RECOGNISABLE: b"YES "}),
    ("that its maker says NO is no proof", {BODY_PART: b"HEAD", RECOGNISABLE: b"NO"}),
]

RULED_OUT: list[tuple[str, dict[int, bytes]]] = [
    ("a chest", {BODY_PART: b"CHEST"}),
    ("chest to pelvis", {BODY_PART: b"CHESTABDPELVIS"}),
    ("a description of the chest alone", {STUDY_DESCRIPTION: b"CT CHEST ABDOMEN W"}),
    ("a protocol of the knee", {PROTOCOL: b"Knee_routine"}),
    ("a knee", {BODY_PART: b"KNEE", SOP_CLASS: STORAGE + b"4", MODALITY: b"MR"}),
    ("a heart, which is no ear", {BODY_PART: b"HEART", SERIES_DESCRIPTION: b"linear search"}),
    ("a field that holds no face", {PIXEL_SPACING: b"0.17\\0.17"}),
    ("thick slices", {BODY_PART: b"HEAD", SLICE_THICKNESS: b"8"}),
    ("a CT localizer", {BODY_PART: b"HEAD", IMAGE_TYPE: b"ORIGINAL\\PRIMARY\\LOCALIZER"}),
    ("a radiograph of a head", {SOP_CLASS: STORAGE + b"1.1", MODALITY: b"DX", BODY_PART: b"SKULL"}),
    ("an ultrasound image", {SOP_CLASS: STORAGE + b"6.1", MODALITY: b"US"}),
    ("microscopy", {SOP_CLASS: STORAGE + b"77.1.6", MODALITY: b"SM"}),
    ("a screen shot of a dose report", {SOP_CLASS: STORAGE + b"7", SERIES_DESCRIPTION: b"Dose Report"}),
    ("a rendered chest", {SOP_CLASS: STORAGE + b"7", BODY_PART: b"CHEST", SERIES_DESCRIPTION: b"VRT"}),
    ("a report", {SOP_CLASS: STORAGE + b"88.33", MODALITY: b"SR", STUDY_DESCRIPTION: b"CT HEAD"}),
]


@pytest.mark.parametrize("values", [each for _name, each in POSSIBLE], ids=[name for name, _each in POSSIBLE])
def test_possible(values: dict[int, bytes]) -> None:
    assert set(values) <= TAGS
    assert shows_features(SLICE | values)


@pytest.mark.parametrize("values", [each for _name, each in RULED_OUT], ids=[name for name, _each in RULED_OUT])
def test_ruled_out(values: dict[int, bytes]) -> None:
    assert not shows_features(SLICE | values)


def seen(folder: Path, **values: Any) -> bool:
    dataset = making.image(BodyPartExamined="", **values)
    dataset.Rows = dataset.Columns = 256
    dataset.PixelData = bytes(256 * 256 * 2)
    instance = read_instance(making.save(dataset, folder / "in.dcm"))
    return shows_features(instance.values(TAGS), anatomy_of(instance))


def region(value: str, scheme: str, meaning: str) -> list[Dataset]:
    return [making.code(value, scheme, meaning)]


def test_a_coded_region_counts_like_the_words(tmp_path: Path) -> None:
    assert not seen(tmp_path, AnatomicRegionSequence=region("51185008", "SCT", "Chest"))
    assert seen(tmp_path, AnatomicRegionSequence=region("69536005", "SCT", "Cabeza"))
    assert seen(tmp_path, AnatomicRegionSequence=region("51185008", "SCT", "Brustkorb"))
    assert seen(tmp_path, AnatomicRegionSequence=region("T-D3000", "SRT", "Chest"), SeriesDescription="skull base")


def test_functional_groups_tell_anatomy_and_geometry(tmp_path: Path) -> None:
    def groups(spacing: str, thickness: str, meaning: str) -> list[Dataset]:
        anatomy = making.item(AnatomicRegionSequence=region("51185008", "SCT", meaning))
        measures = making.item(PixelSpacing=[spacing, spacing], SliceThickness=thickness)
        return [making.item(FrameAnatomySequence=[anatomy], PixelMeasuresSequence=[measures])]

    flat = {"PixelSpacing": None, "SliceThickness": None, "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2.1"}
    for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        assert seen(tmp_path, **flat, **{keyword: groups("0.6", "1", "Body")})
        assert seen(tmp_path, **flat, **{keyword: groups("0.6", "1", "Head")})
        assert not seen(tmp_path, **flat, **{keyword: groups("0.6", "1", "Chest")})
        assert not seen(tmp_path, **flat, **{keyword: groups("0.2", "1", "Body")})
        assert not seen(tmp_path, **flat, **{keyword: groups("0.6", "9", "Head")})
