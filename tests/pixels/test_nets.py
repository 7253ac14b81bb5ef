from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pixels.drawing import tissue
from workbench.pixels.models import DETECTOR_TINY, locate
from workbench.pixels.nets import OVERLAP, TILE, Detector, _spans, is_flat


@given(st.integers(1, 20_000))
def test_tiles_cover_everything_overlap_and_are_bounded(size):
    spans = _spans(size)
    assert spans[0].start == 0
    assert spans[-1].stop == size
    assert len({span.stop - span.start for span in spans}) == 1
    assert spans[0].stop <= TILE
    for one, two in pairwise(spans):
        assert one.stop - two.start >= OVERLAP - 1


@pytest.mark.parametrize("shape", [(1, 1), (31, 700), (64, 64), (200, 130, 3)])
def test_a_map_has_the_size_of_its_picture(shape):
    seen = Detector(locate(DETECTOR_TINY)).text_map(np.random.default_rng(1).integers(0, 255, shape, np.uint8))
    assert seen.shape == shape[:2]
    assert 0 <= seen.min() <= seen.max() <= 1


def test_grey_and_the_same_grey_as_colour_are_seen_alike():
    net = Detector(locate(DETECTOR_TINY))
    grey = tissue(100, 140).astype(np.uint8)
    assert np.allclose(net.text_map(grey), net.text_map(np.stack([grey] * 3, axis=-1)), atol=1e-4)


def test_flat_is_what_has_one_value():
    assert is_flat(np.full((3, 4), 9, np.uint8))
    assert is_flat(np.full((3, 4, 3), (1, 2, 3), np.uint8))
    assert not is_flat(np.array([[0, 1]], np.uint8))
