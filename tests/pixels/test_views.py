import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from workbench.pixels import views

SAMPLES = st.one_of(
    *(
        arrays.arrays(kind, st.tuples(st.integers(1, 20), st.integers(1, 20)))
        for kind in (np.uint8, np.int16, np.uint16, np.int32, np.uint32)
    )
)


@settings(max_examples=60)
@given(SAMPLES)
def test_every_view_of_any_samples_is_a_picture_of_their_size(samples):
    for picture in (
        views.window(samples, None, None),
        views.window(samples, 40, 400),
        views.equalised(samples),
        views.levelled(samples),
    ):
        assert picture.dtype == np.uint8
        assert picture.shape == samples.shape


def test_the_window_is_that_of_the_standard():
    samples = np.array([[-200, -160, 40, 239, 500]], np.int16)
    shown = views.window(samples, 40, 400)[0]
    assert shown[0] == 0
    assert shown[1] <= 1
    assert 126 <= shown[2] <= 128
    assert shown[3] == 255 == shown[4]


def test_an_opened_window_keeps_its_order_and_tells_what_lies_outside_apart():
    samples = np.arange(-1000, 1000, dtype=np.int16).reshape(40, 50)
    shown = views.opened(views.window(samples, 0, 400), views.equalised(samples)).reshape(-1).astype(int)
    assert (np.diff(shown[805:1195]) >= 0).all()
    assert shown[1190] - shown[810] > 180
    assert shown[700] > shown[100]
    assert shown[1900] > shown[1300]


def test_values_that_a_window_shows_alike_are_apart_when_equalised():
    samples = np.zeros((50, 50), np.int16)
    samples[10:20, 10:20] = 30
    samples[30:40] = 3000
    assert len(np.unique(views.window(samples, 2500, 500))) == 2
    assert len(np.unique(views.equalised(samples))) == 3


@pytest.mark.parametrize("ground", [10, 120, 245])
def test_faint_marks_are_clear_when_levelled_whatever_the_ground(ground):
    samples = np.full((100, 100), ground, np.uint8)
    samples[50:53, 20:80] = ground + 8
    shown = views.levelled(samples).astype(int)
    assert shown[51, 50] - shown[70, 50] > 60


def test_a_wide_range_is_equalised_without_a_table_of_that_size():
    samples = np.array([[0, 1 << 31, (1 << 32) - 1]], np.uint32)
    assert list(views.equalised(samples)[0]) == sorted(views.equalised(samples)[0])


@pytest.mark.parametrize(
    ("stored", "photometric", "shown"),
    [
        ((200, 10, 30), "RGB", (200, 10, 30)),
        ((128, 128, 128), "YBR_FULL", (128, 128, 128)),
        ((76, 85, 255), "YBR_FULL_422", (254, 0, 0)),
        ((235, 128, 128), "YBR_PARTIAL_422", (255, 255, 255)),
        ((9, 8, 7), "YBR_RCT", (9, 8, 7)),
    ],
)
def test_colours_are_shown_as_rgb(stored, photometric, shown):
    picture = views.rgb(np.array([[stored]], np.uint8), photometric, 8)
    assert np.abs(picture[0, 0].astype(int) - shown).max() <= 1


def test_colours_of_more_bits_are_scaled():
    assert views.rgb(np.array([[[4095, 0, 2048]]], np.uint16), "RGB", 12)[0, 0].tolist() == [255, 0, 127]
