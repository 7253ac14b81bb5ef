"""Black boxes are not taken for text; what stands beside them is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.pixels.filling import FilledFrames, filled
from workbench.pixels.finding_text import Image
from workbench.pixels.layout import Area

BOX = Area(10, 5, 30, 15)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16])
@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_box_takes_the_colour_around_it(kind, colours) -> None:
    frame = np.full((20, 40, *colours), 200, kind)
    frame[5:15, 10:30] = 0
    assert (filled(frame, [BOX]) == 200).all()
    assert (frame[5:15, 10:30] == 0).all()


@given(st.lists(st.tuples(*[st.integers(-5, 45)] * 4), max_size=4), st.integers(0, 9))
def test_nothing_outside_of_the_boxes_changes(corners, seed) -> None:
    frame = np.random.default_rng(seed).integers(0, 4096, (20, 40)).astype(np.uint16)
    areas = [Area(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
    hidden = np.zeros(frame.shape, bool)
    for left, top, right, bottom in areas:
        hidden[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
    assert (filled(frame, areas)[~hidden] == frame[~hidden]).all()


def test_frames_are_filled_each_with_its_own_areas() -> None:
    class Loop:
        count = 2

        def image(self, number: int) -> Image:
            frame = np.full((20, 40), 100, np.uint8)
            frame[5:15, 10:30] = 0
            return Image(frame, inverted=True)

    made = FilledFrames(Loop(), lambda number: [BOX] if number else [])
    assert made.count == 2
    assert made.image(0).samples.min() == 0
    assert made.image(1).samples.min() == 100
    assert made.image(1).inverted
