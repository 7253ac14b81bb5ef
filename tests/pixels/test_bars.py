import numpy as np
import pytest
import zxingcpp

from tests.pixels.drawing import tissue
from workbench.pixels.bars import find_codes


def code(kind, text, scale):
    made = zxingcpp.create_barcode(text, kind)
    return np.array(zxingcpp.write_barcode_to_image(made, scale=scale))


def with_code(picture, *, at=(60, 40), invert=False):
    ground = tissue(320, 480).astype(np.uint8)
    rows, columns = picture.shape
    ground[at[1] : at[1] + rows, at[0] : at[0] + columns] = 255 - picture if invert else picture
    return ground


@pytest.mark.parametrize(
    ("kind", "invert"),
    [
        *(("QRCode", False), ("QRCode", True), ("DataMatrix", False), ("DataMatrix", True)),
        *(("Code128", False), ("Code128", True), ("PDF417", False)),
    ],
)
def test_codes_are_found_read_and_covered_as_a_whole(kind, invert):
    drawn = code(getattr(zxingcpp.BarcodeFormat, kind), "MRN47110815", 2)
    if kind == "Code128":
        drawn = np.vstack([np.repeat(drawn[len(drawn) // 2][None], 70, axis=0)])
    (found,) = find_codes(with_code(drawn, invert=invert))
    assert found.text == "MRN47110815"
    ink = np.argwhere(drawn < 128)
    top, left = ink.min(axis=0)
    bottom, right = ink.max(axis=0)
    assert found.box.left <= 60 + left
    assert found.box.top <= 40 + top
    assert found.box.right > 60 + right
    assert found.box.bottom > 40 + bottom
    assert found.box.width < drawn.shape[1] + 20
    assert found.box.height < drawn.shape[0] + 20


def test_bars_that_run_down_are_covered_as_a_whole():
    drawn = code(zxingcpp.BarcodeFormat.Code128, "A4711", 2)
    bars = np.rot90(np.repeat(drawn[len(drawn) // 2][None], 60, axis=0))
    (found,) = find_codes(with_code(np.ascontiguousarray(bars)))
    assert found.box.left <= 60
    assert found.box.right >= 60 + 60


def test_a_code_of_colours_is_found():
    drawn = with_code(code(zxingcpp.BarcodeFormat.QRCode, "DOE^JANE", 3))
    assert find_codes(np.stack([drawn] * 3, axis=-1))[0].text == "DOE^JANE"


def test_a_qr_code_that_can_not_be_read_is_found_all_the_same():
    drawn = code(zxingcpp.BarcodeFormat.QRCode, "47110815" * 4, 4)
    size = len(drawn)
    drawn[size // 2 :, size // 2 : size - 16] ^= 255
    assert [each.text for each in find_codes(with_code(drawn))] == [""]


def test_tissue_holds_no_codes():
    for seed in range(6):
        assert find_codes(tissue(300, 400, seed=seed).astype(np.uint8)) == []
