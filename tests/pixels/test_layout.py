import struct

import pytest

from tests.pixels.images import described, layout
from workbench.pixels.layout import TAGS, Area, clipped, layout_of
from workbench.records.errors import InstanceRefused


def values(**changes):
    data_set = described(layout(30, 40, "RGB"), **changes)
    found = {}
    for element in data_set:
        if element.tag in TAGS:
            value = element.value
            packed = struct.pack("<H", value) if isinstance(value, int) and element.VR == "US" else str(value).encode()
            found[int(element.tag)] = packed
    return found


def refusal(found):
    with pytest.raises(InstanceRefused) as refused:
        layout_of(found)
    return refused.value.code


def test_the_header_gives_the_layout():
    assert layout_of(values(NumberOfFrames=7)) == layout(30, 40, "RGB", frames=7)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Rows": 0}, "pixel-size"),
        ({"Rows": 46341, "Columns": 46341}, "pixel-size"),
        ({"NumberOfFrames": 0}, "pixel-size"),
        ({"NumberOfFrames": 300_000}, "pixel-size"),
        ({"NumberOfFrames": 99999999999}, "pixel-size"),
        ({"BitsAllocated": 7}, "pixel-bits"),
        ({"BitsAllocated": 64, "BitsStored": 64, "HighBit": 63}, "pixel-bits"),
        ({"BitsStored": 9, "HighBit": 8}, "pixel-bits"),
        ({"HighBit": 3}, "pixel-bits"),
        ({"SamplesPerPixel": 1}, "photometric-unknown"),
        ({"SamplesPerPixel": 4}, "photometric-unknown"),
        ({"PhotometricInterpretation": "CMYK"}, "photometric-unknown"),
        ({"PhotometricInterpretation": ""}, "photometric-missing"),
        ({"PlanarConfiguration": 2}, "photometric-unknown"),
    ],
)
def test_what_nobody_can_decode_is_refused_by_name(changes, code):
    assert refusal(values(**changes)) == code


def test_a_missing_photometric_interpretation_is_refused_by_name():
    found = values()
    del found[0x00280004]
    assert refusal(found) == "photometric-missing"


@pytest.mark.parametrize("tag", [0x7FE00008, 0x7FE00009])
def test_floating_point_pixels_are_refused_by_name(tag):
    assert refusal(values() | {tag: b""}) == "pixels-float"


def test_damaged_numbers_are_absent_numbers():
    assert refusal(values() | {0x00280010: b"\1"}) == "pixel-size"
    assert refusal(values() | {0x00280008: b"two"}) == "pixel-size"


def test_areas_are_cut_at_the_edges_and_empty_ones_ignored():
    areas = [Area(-5, -5, 3, 4), Area(38, 28, 99, 99), Area(7, 7, 7, 20), Area(9, 9, 5, 12), Area(-5, -5, 3, 4)]
    assert clipped(areas, layout(30, 40)) == [Area(0, 0, 3, 4), Area(38, 28, 40, 30)]


@pytest.mark.parametrize("area", [Area(40, 0, 50, 5), Area(0, 30, 5, 31), Area(-9, 0, 0, 5)])
def test_an_area_outside_the_image_is_refused_by_name(area):
    with pytest.raises(InstanceRefused) as refused:
        clipped([area], layout(30, 40))
    assert refused.value.code == "region-outside"
