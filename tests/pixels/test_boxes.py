import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.pixels.boxes import Box, boxes_of, lines, union


@st.composite
def some_boxes(draw):
    edges = st.integers(0, 60)
    found = []
    for _ in range(draw(st.integers(0, 8))):
        left, top = draw(edges), draw(edges)
        found.append(
            Box(left, top, left + draw(st.integers(1, 30)), top + draw(st.integers(1, 12)), draw(st.floats(0, 1)))
        )
    return found


def painted(boxes):
    area = np.zeros((120, 120), bool)
    for box in boxes:
        area[box.top : box.bottom, box.left : box.right] = True
    return area


@given(some_boxes())
def test_union_covers_exactly_what_the_boxes_cover(boxes):
    assert (painted(union(boxes)) == painted(boxes)).all()


@given(some_boxes())
def test_lines_uncover_nothing_and_are_apart(boxes):
    found = lines(boxes)
    assert not (painted(boxes) & ~painted(found)).any()
    assert len(found) <= len(boxes)
    assert lines(found) == found


def test_boxes_of_one_line_become_one():
    left, right, below = Box(0, 10, 50, 22, 0.7), Box(40, 11, 90, 22, 0.9), Box(0, 24, 90, 36, 0.8)
    assert lines([left, right, below]) == [Box(0, 10, 90, 22, 0.9), below]


def test_a_core_grows_to_its_line_and_the_ends_more():
    seen = np.zeros((100, 300), np.float32)
    seen[40:50, 100:200] = 0.9
    (box,) = boxes_of(seen, least=0.5)
    assert box.top < 38
    assert box.bottom > 52
    assert box.left < 100 - (40 - box.top)
    assert box.score > 0.85


def test_boxes_are_clipped_to_the_image_and_scaled_back():
    seen = np.zeros((200, 400), np.float32)
    seen[0:20, 0:400] = 1
    (box,) = boxes_of(seen, least=0.5, scale=2)
    assert (box.left, box.top, box.right) == (0, 0, 200)
    assert box.bottom <= 100


def test_faint_tiny_and_thick_components_are_no_lines():
    seen = np.zeros((400, 400), np.float32)
    seen[10:20, 10:100] = 0.4  # below the floor
    seen[50:52, 50:52] = 1  # two pixels
    seen[100:300, 100:300] = 1  # anatomy
    assert boxes_of(seen, least=0.5) == []


def test_a_block_that_is_most_of_a_small_picture_is_no_line_but_a_long_one_may_be():
    block, line = np.zeros((64, 64), np.float32), np.zeros((24, 200), np.float32)
    block[12:50, 14:48] = 1  # a slice of 64 x 64 pixels, as functional images have them
    line[6:18, 10:190] = 1  # a strip with one line of text
    assert boxes_of(block, least=0.5) == []
    assert len(boxes_of(line, least=0.5)) == 1


def test_a_tilted_line_is_as_thick_as_it_is_along_its_own_axis():
    down, across = np.mgrid[:400, :400]
    along, side = (across - 200) + (down - 200), (across - 200) - (down - 200)
    seen = ((abs(along) < 200) & (abs(side) < 10)).astype(np.float32) * 0.95
    (box,) = boxes_of(seen, least=0.5)
    assert box.left < 100
    assert box.right > 300
    assert box.top < 100
    assert box.bottom > 300
    assert boxes_of(seen * np.float32(0.8), least=0.5) == []


def test_large_letters_are_a_line_and_the_outline_of_anatomy_is_none():
    letters, outline = np.zeros((480, 640), np.float32), np.zeros((480, 640), np.float32)
    letters[100:200, 60:500] = 0.97
    outline[100:300, 60:560] = 0.95
    outline[110:290, 70:550] = 0
    (box,) = boxes_of(letters, least=0.5)
    assert box.top < 80
    assert box.bottom > 220
    assert boxes_of(outline, least=0.5) == []
