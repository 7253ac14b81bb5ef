import numpy as np
import pytest
from PIL import Image as Picture

from tests.pixels.drawing import covers, tissue, write
from workbench.pixels.finding_text import PROFILES, Image, TextFinder, Views
from workbench.pixels.nets import TILE


@pytest.fixture(scope="module")
def finder():
    return TextFinder()


def found(finder, image, profile="careful"):
    return finder.find(Views(image), PROFILES[profile])


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_clear_text_is_found_in_every_profile(finder, profile):
    samples = tissue(240, 320)
    place = write(samples, "DOE, JANE 12.03.1961", (40, 30), 255)
    assert covers(found(finder, Image(samples.astype(np.uint8)), profile), place)


@pytest.mark.parametrize(("ground", "ink"), [(250, 232), (20, 38), (120, 96)])
def test_faint_text_on_a_plain_ground_is_found(finder, ground, ink):
    samples = np.full((240, 320), ground, np.uint8)
    place = write(samples, "MRN 4711 0815", (60, 100), ink, em=12)
    assert covers(found(finder, Image(samples), "fast"), place)


def test_text_outside_the_stored_window_is_found(finder):
    samples = (tissue(240, 320) * 4 + 1000).astype(np.int16)
    samples[:80] = -1000
    place = write(samples, "SMITH JOHN", (90, 30), -900, em=18)
    assert covers(found(finder, Image(samples, center=1400, width=800)), place)


@pytest.mark.parametrize("turns", [1, 3])
def test_text_that_runs_up_or_down_is_found(finder, turns):
    samples = tissue(320, 240)
    place = write(samples, "ST ELSEWHERE CLINIC", (20, 40), 255, turns=turns)
    assert covers(found(finder, Image(samples.astype(np.uint8))), place)


@pytest.mark.parametrize("em", [90, 140, 200])
def test_letters_as_large_as_anatomy_are_found(finder, em):
    samples = tissue(360, 720)
    place = write(samples, "MEYER", (20, 80), 230, em=em)
    assert covers(found(finder, Image(samples.astype(np.uint8))), place)


@pytest.mark.parametrize("degrees", [10, 30, 45])
def test_tilted_text_is_found(finder, degrees):
    samples = tissue(480, 480)
    line = np.zeros((480, 480), np.uint8)
    write(line, "MEYER HANNELORE 4711-0815", (90, 230), 255, em=22)
    cover = np.asarray(Picture.fromarray(line).rotate(degrees)) / 255
    boxes = found(finder, Image((samples * (1 - cover) + 230 * cover).astype(np.uint8)))
    rows, columns = np.nonzero(cover > 0.5)
    assert covers(boxes, (columns.min(), rows.min(), columns.max(), rows.max()))


@pytest.mark.parametrize("at", [(0, 0), (0, 226), (236, 0)])
def test_text_at_the_very_edge_is_found(finder, at):
    samples = np.zeros((240, 320), np.uint8)
    place = write(samples, "ROE RICH", at, 220, em=14)
    assert covers(found(finder, Image(samples), "fast"), place)


def test_dark_text_of_monochrome1_and_coloured_text_are_found(finder):
    samples = tissue(240, 320, level=160).astype(np.uint8)
    place = write(samples, "ID: 99021345", (50, 100), 0)
    assert covers(found(finder, Image(samples, inverted=True), "fast"), place)
    colours = np.zeros((240, 320, 3), np.uint8)
    place = write(colours[..., 0], "ID: 99021345", (50, 100), 255)
    assert covers(found(finder, Image(colours), "fast"), place)


def test_text_across_the_tiles_of_a_large_image_is_found(finder):
    samples = tissue(1300, 1500).astype(np.uint8)
    places = [write(samples, "KOWALSKI ANNA MARIA", at, 255, em=24) for at in ((TILE - 180, 600), (560, TILE - 20))]
    boxes = found(finder, Image(samples), "fast")
    assert all(covers(boxes, place) for place in places)


def test_nothing_is_found_where_nothing_is(finder):
    assert found(finder, Image(np.full((200, 200), 7, np.uint8))) == []
    assert found(finder, Image(np.zeros((1, 1), np.uint8))) == []
    assert found(finder, Image(tissue(240, 320).astype(np.uint8)), "fast") == []


def test_boxes_lie_in_the_image_whatever_its_shape(finder):
    rng = np.random.default_rng(3)
    for shape in ((3, 500), (500, 3), (33, 31), (1, 64)):
        for box in found(finder, Image(rng.integers(0, 255, shape, np.uint8)), "fast"):
            assert 0 <= box.left < box.right <= shape[1]
            assert 0 <= box.top < box.bottom <= shape[0]
