from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array

from workbench.dicom.source import open_source
from workbench.pixels.decoding import StoredFrames
from workbench.pixels.finding_text import Views
from workbench.pixels.frames import InstanceFrames, window_of


def stored(name):
    return Path(str(get_testdata_file(name, download=False)))


def shown(path, worker, number=0):
    with open_source(path) as source:
        frames = InstanceFrames(StoredFrames(source.walk(), source.read, worker))
        return frames.image(number), frames.count


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "693_J2KR.dcm"])
def test_grey_frames_are_the_stored_values(name, worker):
    path = stored(name)
    image, count = shown(path, worker)
    assert count == 1
    assert (image.samples == pydicom.dcmread(path).pixel_array).all()


@pytest.mark.parametrize(
    "name", ["examples_ybr_color.dcm", "SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_rle.dcm", "examples_palette.dcm"]
)
def test_colours_look_as_pydicom_shows_them(name, worker):
    path = stored(name)
    image, _ = shown(path, worker)
    data_set = pydicom.dcmread(path)
    wanted = pixel_array(path, index=0)
    if data_set.PhotometricInterpretation == "PALETTE COLOR":
        wanted = apply_color_lut(wanted, data_set) >> 8
    assert image.samples.shape == wanted.shape
    assert np.abs(image.samples.astype(int) - wanted.astype(int)).mean() < 2


def test_the_stored_window_is_taken_in_stored_values(worker, tmp_path):
    data_set = pydicom.dcmread(stored("CT_small.dcm"))
    data_set.WindowCenter, data_set.WindowWidth = [40, 80], [400, 200]
    data_set.RescaleSlope, data_set.RescaleIntercept = 2, -1024
    data_set.PhotometricInterpretation = "MONOCHROME1"
    data_set.save_as(tmp_path / "a.dcm")
    image, _ = shown(tmp_path / "a.dcm", worker)
    assert (image.center, image.width) == (532, 200)
    assert image.inverted
    assert Views(image)["window"].shape == image.samples.shape


@pytest.mark.parametrize("center", ["", "no number", "nan", "1e999"])
def test_a_window_that_says_nothing_is_none(center, tmp_path):
    data_set = pydicom.dcmread(stored("CT_small.dcm"))
    data_set.WindowWidth = 400
    data_set.add_new(0x00281050, "LO", center)
    data_set.save_as(tmp_path / "a.dcm")
    with open_source(tmp_path / "a.dcm") as source:
        assert window_of(source.walk()) == (None, None)
