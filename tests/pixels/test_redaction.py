import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pixels.images import layout, outside, picture
from workbench.pixels.layout import Area
from workbench.pixels.redaction import redact_native, redact_overlay
from workbench.records.errors import InstanceRefused

AREA = Area(4, 3, 11, 9)


def redacted(samples, of, areas=(AREA,)):
    out = redact_native(samples.tobytes(), of, areas)
    return np.frombuffer(out, samples.dtype).reshape(samples.shape)


@pytest.mark.parametrize("stored", [2, 8, 10, 12, 16, 20, 32])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("photometric", "extreme"), [("MONOCHROME2", np.min), ("MONOCHROME1", np.max)])
def test_grey_becomes_the_darkest_value_of_the_frame(stored, signed, photometric, extreme):
    values = picture(20, 30, bits=min(stored, 31)).astype(np.int64)
    if signed:
        values -= 1 << (stored - 1)
    kind = np.dtype(f"<{'i' if signed else 'u'}{1 if stored <= 8 else 2 if stored <= 16 else 4}")
    samples = values.astype(kind)
    out = redacted(samples, layout(20, 30, photometric, stored=stored, allocated=kind.itemsize * 8, signed=signed))
    mask = outside(samples.shape, [AREA])
    assert np.array_equal(out[mask], samples[mask])
    assert (out[~mask] == extreme(samples)).all()


def test_samples_of_24_bits_keep_their_size():
    of = layout(4, 5, stored=24)
    samples = np.arange(60, dtype=np.uint8).reshape(4, 5, 3) + 1
    out = np.frombuffer(redact_native(samples.tobytes(), of, [Area(0, 0, 2, 1)]), np.uint8).reshape(4, 5, 3)
    assert np.array_equal(out[1:], samples[1:])
    assert np.array_equal(out[0, 2:], samples[0, 2:])
    assert (out[0, :2] == samples[0, 0]).all()  # the lowest value: little endian


def test_overlay_bits_above_the_stored_ones_go_with_the_area():
    samples = np.full((20, 30), 0x5000 | 77, "<u2")
    samples[0, 0] = 0xF000 | 12
    of = layout(20, 30, stored=12, allocated=16)
    out = redacted(samples, of)
    assert (out[AREA.top : AREA.bottom, AREA.left : AREA.right] == 12).all()
    assert np.array_equal(out[outside(out.shape, [AREA])], samples[outside(out.shape, [AREA])])


def test_stored_bits_may_be_the_upper_ones():
    samples = (picture(20, 30, bits=12) << 4).astype("<u2") | 5
    out = redacted(samples, layout(20, 30, stored=12, allocated=16, high=15))
    assert (out[AREA.top : AREA.bottom, AREA.left : AREA.right] == (samples >> 4).min() << 4).all()


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize(
    ("photometric", "black"), [("RGB", (0, 0, 0)), ("YBR_FULL", (0, 128, 128)), ("YBR_RCT", (0, 0, 0))]
)
def test_colour_becomes_black_in_either_planar_configuration(photometric, black, planar):
    samples = picture(20, 30, 3)
    stored = np.ascontiguousarray(np.moveaxis(samples, -1, 0)) if planar else samples
    out = redacted(stored, layout(20, 30, photometric, planar=planar))
    out = np.moveaxis(out, 0, -1) if planar else out
    mask = outside(samples.shape, [AREA])
    assert np.array_equal(out[mask], samples[mask])
    assert (out[~mask] == black).all()


@pytest.mark.parametrize("bits", [16, 32])
def test_deep_colour_has_its_grey_in_the_middle(bits):
    samples = picture(20, 30, 3, bits=min(bits, 31)).astype(f"<u{bits // 8}")
    out = redacted(samples, layout(20, 30, "YBR_FULL", stored=bits))
    assert (out[3:9, 4:11] == (0, 1 << (bits - 1), 1 << (bits - 1))).all()


@pytest.mark.parametrize(("photometric", "dark"), [("YBR_FULL_422", 0), ("YBR_PARTIAL_422", 16)])
def test_pairs_that_share_their_colour_go_whole(photometric, dark):
    pairs = np.random.default_rng(1).integers(1, 255, (6, 8, 4)).astype(np.uint8)
    out = redacted(pairs, layout(6, 16, photometric), [Area(3, 1, 6, 4)])
    wanted = pairs.copy()
    wanted[1:4, 1:3] = (dark, dark, 128, 128)
    assert np.array_equal(out, wanted)


def test_pairs_across_the_end_of_a_row_are_refused_by_name():
    with pytest.raises(InstanceRefused) as refused:
        redact_native(bytes(6 * 15 * 2), layout(6, 15, "YBR_FULL_422"), [AREA])
    assert refused.value.code == "columns-odd"


def test_a_palette_gets_the_index_of_its_darkest_colour():
    out = redacted(picture(20, 30), layout(20, 30, "PALETTE COLOR", darkest=77))
    assert (out[3:9, 4:11] == 77).all()


def test_a_frame_that_is_too_short_is_refused_by_name():
    with pytest.raises(InstanceRefused) as refused:
        redact_native(bytes(599), layout(20, 30), [AREA])
    assert refused.value.code == "pixel-length"


@given(st.data())
def test_packed_bits_may_begin_anywhere_in_a_byte(data):
    rows, columns = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 19))
    first = data.draw(st.integers(0, 7))
    value = {"MONOCHROME1": 1, "MONOCHROME2": 0}
    photometric = data.draw(st.sampled_from(sorted(value)))
    size = -(-(first + rows * columns) // 8)
    packed = data.draw(st.binary(min_size=size, max_size=size))
    left, top = data.draw(st.integers(0, columns - 1)), data.draw(st.integers(0, rows - 1))
    area = Area(left, top, data.draw(st.integers(left + 1, columns)), data.draw(st.integers(top + 1, rows)))
    out = redact_native(packed, layout(rows, columns, photometric, stored=1), [area], first_bit=first)
    # By hand, bit by bit: PS3.5 8.1.1 puts the first pixel into the lowest bit.
    wanted = bytearray(packed)
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            at = first + row * columns + column
            wanted[at // 8] = wanted[at // 8] & ~(1 << at % 8) | value[photometric] << at % 8
    assert out == bytes(wanted)


@given(st.data())
def test_overlay_bits_over_an_area_are_cleared_wherever_the_overlay_lies(data):
    rows, columns = data.draw(st.integers(1, 7)), data.draw(st.integers(1, 9))
    frames = data.draw(st.integers(1, 3))
    origin = (data.draw(st.integers(-5, 8)), data.draw(st.integers(-5, 8)))
    left, top = data.draw(st.integers(0, 9)), data.draw(st.integers(0, 9))
    area = Area(left, top, data.draw(st.integers(left + 1, 12)), data.draw(st.integers(top + 1, 12)))
    size = -(-rows * columns * frames // 8)
    packed = data.draw(st.binary(min_size=size, max_size=size))
    out = redact_overlay(packed, (rows, columns), origin, [area])
    for at in range(rows * columns * frames):
        row = at // columns % rows + origin[0] - 1
        column = at % columns + origin[1] - 1
        inside = area.top <= row < area.bottom and area.left <= column < area.right
        assert out[at // 8] >> at % 8 & 1 == (0 if inside else packed[at // 8] >> at % 8 & 1)


@pytest.mark.parametrize("size", [(0, 8), (8, 0), (9, 8)])
def test_an_overlay_of_another_size_is_refused_by_name(size):
    with pytest.raises(InstanceRefused) as refused:
        redact_overlay(bytes(8), size, (1, 1), [])
    assert refused.value.code == "overlay-size"
