"""A frame as a picture: outlines around what was blackened, and none in it."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.pixels.images import described, layout, save
from workbench.pixels.picture import BLACKENED, KEPT, outlined
from workbench.records.errors import InstanceRefused
from workbench.records.redaction import Box4


@pytest.fixture
def source(tmp_path):
    data_set = described(layout(40, 60))
    data_set.PixelData = np.full((40, 60), 7, "u1").tobytes()
    return save(data_set, tmp_path / "a.dcm")


def test_areas_are_outlined_on_the_pixels_around_them(source):
    png = outlined(source, 1, blackened=[Box4(10, 10, 20, 5)], kept=[Box4(40, 20, 10, 5)])
    picture = Image.open(BytesIO(png))
    assert (picture.format, picture.size) == ("PNG", (60, 40))
    assert {picture.getpixel(at) for at in ((9, 9), (30, 15), (20, 9), (9, 12))} == {BLACKENED}
    assert picture.getpixel((45, 19)) == KEPT
    inside = {picture.getpixel((x, y)) for x in range(10, 30) for y in range(10, 15)}
    assert len(inside) == 1
    assert not inside & {BLACKENED, KEPT}


def test_an_area_at_the_edge_is_outlined_in_the_picture(source):
    picture = Image.open(BytesIO(outlined(source, 1, blackened=[Box4(0, 0, 60, 40)])))
    assert {picture.getpixel(at) for at in ((0, 0), (59, 39), (0, 39), (59, 0))} == {BLACKENED}


def test_a_large_frame_is_made_smaller_and_its_outlines_with_it(source):
    picture = Image.open(BytesIO(outlined(source, 1, blackened=[Box4(20, 20, 20, 10)], longest=30)))
    assert picture.size == (30, 20)
    assert picture.getpixel((9, 9)) == picture.getpixel((20, 15)) == BLACKENED


def test_a_frame_that_is_not_there_is_refused(source):
    with pytest.raises((InstanceRefused, IndexError)):
        outlined(source, 2)
