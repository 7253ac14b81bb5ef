import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.dicom.raw import element, file, item, sequence
from tests.pixels.images import layout
from workbench.dicom.source import read_instance
from workbench.pixels.layout import Area
from workbench.pixels.ultrasound_regions import outside_of, regions_of, ultrasound_regions
from workbench.records.region import RegionDecision, RegionSource


def instance(tmp_path, *corners):
    items = [
        b"".join(
            element(tag, b"UL", struct.pack("<I", value))
            for tag, value in zip((0x00186018, 0x0018601A, 0x0018601C, 0x0018601E), each, strict=True)
        )
        for each in corners
    ]
    path = tmp_path / "us.dcm"
    path.write_bytes(file(element(0x00080060, b"CS", b"US") + sequence(0x00186011, *map(item, items))))
    return read_instance(path)


def covered(regions, rows, columns):
    seen = np.zeros((rows, columns), int)
    for one in regions:
        seen[one.y : one.y + one.height, one.x : one.x + one.width] += 1
    return seen


def test_what_lies_outside_of_all_regions_is_proposed(tmp_path):
    # The corners are inside (PS3.3 C.8.5.5.1.3 to .6).
    found = list(ultrasound_regions(instance(tmp_path, (10, 20, 49, 59), (40, 30, 69, 69)), layout(80, 90, frames=2)))
    seen = covered(found, 80, 90)
    wanted = np.ones((80, 90), int)
    wanted[20:60, 10:50] = 0
    wanted[30:70, 40:70] = 0
    assert np.array_equal(seen, wanted)
    assert {one.frames for one in found} == {(1, 2)}
    assert {one.source for one in found} == {RegionSource.ULTRASOUND}
    assert {one.decision for one in found} == {RegionDecision.REVIEW}


def test_regions_that_do_not_add_up_are_left_out(tmp_path):
    odd = instance(tmp_path, (50, 20, 10, 59), (200, 0, 300, 10), (4294967295, 0, 4294967295, 1), (5, 6, 5, 6))
    assert regions_of(odd, layout(80, 90)) == [Area(5, 6, 6, 7)]


def test_without_a_region_there_is_no_outside(tmp_path):
    assert list(ultrasound_regions(instance(tmp_path), layout(80, 90))) == []
    assert list(ultrasound_regions(instance(tmp_path, (0, 0, 89, 79)), layout(80, 90))) == []


AREAS = st.builds(
    lambda x, y, w, h: Area(x, y, min(x + w, 12), min(y + h, 9)),
    st.integers(0, 11),
    st.integers(0, 8),
    st.integers(1, 12),
    st.integers(1, 9),
)


@given(st.lists(AREAS, max_size=6))
def test_outside_is_covered_exactly_once(kept):
    seen = np.zeros((9, 12), int)
    for left, top, right, bottom in outside_of(kept, layout(9, 12)):
        seen[top:bottom, left:right] += 1
    for left, top, right, bottom in kept:
        seen[top:bottom, left:right] += 1
        assert (seen[top:bottom, left:right] >= 1).all()
    inside = np.zeros((9, 12), bool)
    for left, top, right, bottom in kept:
        inside[top:bottom, left:right] = True
    assert (seen[~inside] == 1).all()
    outside = outside_of(kept, layout(9, 12))
    assert all(not inside[top:bottom, left:right].any() for left, top, right, bottom in outside)
