import numpy as np
import pytest

from tests.pixels.drawing import mask
from workbench.pixels.reading import NOTHING, Reader


@pytest.fixture(scope="module")
def reader():
    return Reader()


def crop(text, *, em=20, turns=0, light=True):
    letters = np.pad(np.rot90(mask(text, em), turns), 6)
    return (letters * 220 if light else 255 - letters * 220).astype(np.uint8)


def test_lines_of_any_width_are_read_in_the_order_given(reader):
    texts = ["DOE JANE", "MRN 47110815", "L", "ST ELSEWHERE GENERAL HOSPITAL", "12.03.1961"]
    read = reader.read([crop(text) for text in texts])
    assert [line.text for line in read] == texts
    assert all(line.score > 0.8 for line in read)


@pytest.mark.parametrize("turns", [1, 3])
def test_lines_that_run_up_or_down_are_read(reader, turns):
    (line,) = reader.read([crop("SMITH JOHN 1950", turns=turns)])
    assert line.text == "SMITH JOHN 1950"


def test_dark_and_coloured_letters_are_read(reader):
    dark = crop("ACC 7781234", light=False)
    colour = np.zeros((*dark.shape, 3), np.uint8)
    colour[..., 1] = 255 - dark
    assert [line.text for line in reader.read([dark, colour])] == ["ACC 7781234"] * 2


def test_what_shows_nothing_reads_as_nothing(reader):
    assert reader.read([]) == []
    empty, flat = np.zeros((0, 5), np.uint8), np.full((20, 60), 9, np.uint8)
    assert reader.read([empty])[0] == NOTHING
    assert reader.read([flat])[0].score < 0.5
