from pathlib import Path

import imagecodecs
import pytest

from tests.pixels.images import layout
from workbench.pixels import jpeg_blocks
from workbench.pixels.libjpeg import Library, candidates
from workbench.records.errors import InstanceRefused


@pytest.fixture
def others():
    """The libjpeg that imagecodecs brings, which has another ABI."""
    home = Path(imagecodecs.__file__).parent.parent / "imagecodecs.libs"
    found = [str(path) for path in home.glob("libjpeg-*.so.8*")]
    if not found:
        pytest.skip("imagecodecs does not bring a libjpeg of ABI 8")
    return found


def test_the_library_that_pillow_brings_is_taken():
    assert Library(candidates()[0]).c


def test_a_library_of_another_abi_is_passed_over(others):
    with pytest.raises(OSError, match="libjpeg"):
        Library(others[0])


@pytest.mark.parametrize("name", ["libc.so.6", "libjpeg-not-here.so"])
def test_what_is_no_libjpeg_is_passed_over(name):
    with pytest.raises((OSError, AttributeError)):
        Library(name)


def test_without_a_library_that_fits_a_frame_is_refused_by_name(monkeypatch, others):
    monkeypatch.setattr("workbench.pixels.jpeg_blocks.candidates", lambda: [*others, "libjpeg-not-here.so"])
    jpeg_blocks.library.cache_clear()
    try:
        with pytest.raises(InstanceRefused) as refused:
            jpeg_blocks.blank(b"", layout(8, 8), [])
    finally:
        jpeg_blocks.library.cache_clear()
    assert refused.value.code == "libjpeg-absent"
