import io
import itertools

import imagecodecs
import numpy as np
import pytest
import simplejpeg
from PIL import Image

from tests.pixels.images import layout, outside, picture
from tests.pixels.jpegs import jpeg, scans
from workbench.pixels import jpeg_markers
from workbench.pixels.jpeg_blocks import blank
from workbench.pixels.layout import Area
from workbench.records.errors import InstanceRefused

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
AREAS = [Area(33, 21, 70, 35), Area(120, 80, 151, 101)]


def shown(frame):
    """What Pillow shows, with smoothed colour, and what a decoder shows that does not smooth."""
    yield np.asarray(Image.open(io.BytesIO(frame)))
    grey = len(Image.open(io.BytesIO(frame)).getbands()) == 1
    try:
        fast = simplejpeg.decode_jpeg(frame, colorspace="GRAY" if grey else "RGB", fastupsample=True, fastdct=True)
    except ValueError:  # a sampling that TurboJPEG has no name for
        return
    yield fast[..., 0] if grey else fast


def blanked(frame, of, areas=AREAS):
    """Blank areas, and hold what comes out to both decoders."""
    out, done = blank(frame, of, areas)
    for before, after in zip(shown(frame), shown(out), strict=True):
        untouched = outside(before.shape, [each.touched for each in done])
        assert np.array_equal(before[untouched], after[untouched])
        for each in done:
            left, top, right, bottom = each.black
            inside = after[top:bottom, left:right]
            assert (inside == inside[0, 0]).all()
            assert int(inside[0, 0].max()) in (0, 255)
    for area, each in zip(areas, done, strict=True):
        assert each.black.left <= area.left
        assert each.black.top <= area.top
        assert each.black.right >= area.right
        assert each.black.bottom >= area.bottom
    return out, done


@pytest.mark.parametrize("size", [(101, 151), (104, 160), (97, 153)])
@pytest.mark.parametrize("sampling", ["444", "422", "420", "440", "411"])
def test_colour_of_every_subsampling_changes_only_at_the_blocks(sampling, size):
    rows, columns = size
    frame = simplejpeg.encode_jpeg(picture(rows, columns, 3), quality=80, colorsubsampling=sampling)
    areas = [AREAS[0], Area(120, 80, columns, rows)]
    out, _done = blanked(frame, layout(rows, columns, "YBR_FULL_422"), areas)
    assert (np.asarray(Image.open(io.BytesIO(out)))[22:34, 34:69] == 0).all()


@pytest.mark.parametrize(("photometric", "black"), [("MONOCHROME2", 0), ("MONOCHROME1", 255)])
def test_grey_becomes_black_as_it_is_shown(photometric, black):
    frame = bytes(imagecodecs.jpeg8_encode(picture(101, 151), level=80))
    out, done = blanked(frame, layout(101, 151, photometric))
    assert (np.asarray(Image.open(io.BytesIO(out)))[21:35, 33:70] == black).all()
    assert done[0].black == done[0].touched == Area(32, 16, 72, 40)


@pytest.mark.parametrize("quality", [1, 30, 100])
def test_coarse_and_fine_quantisation_reach_black(quality):
    frame = simplejpeg.encode_jpeg(picture(101, 151, 3), quality=quality, colorsubsampling="422")
    blanked(frame, layout(101, 151, "YBR_FULL_422"))


def test_a_frame_of_twelve_bits_changes_only_at_the_blocks():
    samples = picture(101, 151, bits=12)
    frame = bytes(imagecodecs.jpeg8_encode(samples, level=90, bitspersample=12))
    out, done = blank(frame, layout(101, 151, stored=12, allocated=16), AREAS)
    before, after = imagecodecs.jpeg8_decode(frame), imagecodecs.jpeg8_decode(out)
    mask = outside(before.shape, [each.touched for each in done])
    assert np.array_equal(before[mask], after[mask])
    assert (after[~mask] == 0).all()


@pytest.mark.parametrize(
    "options", [{"restart_marker_blocks": 3}, {"restart_marker_rows": 1}, {"progressive": True}, {"optimize": True}]
)
def test_restart_markers_progressive_and_optimal_frames_are_blanked(options):
    buffer = io.BytesIO()
    Image.fromarray(picture(101, 151, 3)).save(buffer, "JPEG", quality=80, subsampling=1, **options)
    out, _done = blanked(buffer.getvalue(), layout(101, 151, "YBR_FULL_422"))
    assert (b"\xff\xdd" in out) == ("restart" in next(iter(options)))
    assert b"\xff\xc2" not in out  # what is progressive comes out sequential, as the transfer syntax asks


@pytest.mark.parametrize(
    "options",
    [
        {"arithmetic": True},
        {"arithmetic": True, "progressive": True, "restart": 7},
        {"script": scans([0], [1], [2])},
        {"script": scans([0], [1, 2]), "restart": 5, "sampling": [(2, 2), (1, 1), (1, 1)]},
        {"progressive": True, "sampling": [(1, 2), (1, 1), (1, 1)]},
        {"sampling": [(2, 2), (1, 2), (2, 1)]},
        {"sampling": [(3, 1), (1, 1), (1, 1)]},
        {"sampling": [(1, 1), (2, 2), (1, 1)]},
        {"sampling": [(4, 1), (1, 1), (2, 1)]},
        {"sampling": [(1, 4), (1, 1), (1, 2)]},
    ],
    ids=str,
)
def test_frames_that_few_programs_write_change_only_at_the_blocks(options):
    out, done = blanked(jpeg(picture(101, 151, 3), **options), layout(101, 151, "YBR_FULL_422"))
    assert out[out.index(b"\xff\xc0") :][1] == 0xC0  # baseline, as the transfer syntax asks
    assert len(done) == 2


@pytest.mark.parametrize(
    ("colours", "jfif", "adobe"),
    [(2, False, False), (2, False, True), *itertools.product([3], [False, True], [False, True])],
)
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL", "YBR_FULL_422"])
def test_what_a_frame_says_of_its_colours_goes_before_what_the_header_says(photometric, colours, jfif, adobe):
    frame = jpeg(picture(101, 151, 3), colours=colours, jfif=jfif, adobe=adobe)
    out, done = blank(frame, layout(101, 151, photometric), AREAS)
    black = np.asarray(Image.open(io.BytesIO(out)))[21:35, 33:70]
    assert (black == black[0, 0]).all()
    if jfif or adobe:
        assert (black == 0).all()
    assert (jpeg_markers.header(out).components, b"Adobe" in out) == (jpeg_markers.header(frame).components, adobe)
    assert len(done) == 2


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (7, 8), (8, 9), (17, 31)])
@pytest.mark.parametrize("sampling", [[(1, 1)] * 3, [(2, 2), (1, 1), (1, 1)], [(4, 2), (1, 1), (1, 1)]])
def test_an_area_of_the_whole_image_leaves_nothing(size, sampling):
    rows, columns = size
    frame = jpeg(picture(rows, columns, 3), sampling=sampling)
    out, done = blanked(frame, layout(rows, columns, "YBR_FULL_422"), [Area(0, 0, columns, rows)])
    assert done[0].black == Area(0, 0, columns, rows)
    assert (np.asarray(Image.open(io.BytesIO(out))) == 0).all()


def test_samples_with_a_sign_become_the_lowest_value():
    frame = jpeg(picture(101, 151))
    out, done = blank(frame, layout(101, 151, signed=True), AREAS)
    before, after = (np.asarray(Image.open(io.BytesIO(each))) for each in (frame, out))
    mask = outside(before.shape, [each.touched for each in done])
    assert np.array_equal(before[mask], after[mask])
    assert (after[~mask].view(np.int8) == -128).all()


@pytest.mark.parametrize(
    "of",
    [
        layout(101, 151, "PALETTE COLOR"),
        layout(101, 151, "MONOCHROME1", signed=True),
        layout(101, 151, stored=12, allocated=16, signed=True),
    ],
)
def test_values_that_no_block_can_hold_exactly_are_refused_by_name(of):
    with pytest.raises(InstanceRefused) as refused:
        blank(jpeg(picture(101, 151)), of, AREAS)
    assert refused.value.code == "frame-description"


def test_colours_by_components_of_red_green_and_blue_stay_such():
    samples = picture(101, 151, 3)
    frame = bytes(imagecodecs.jpeg8_encode(samples, level=90, colorspace="RGB", outcolorspace="RGB"))
    out, _done = blanked(frame, layout(101, 151, "RGB"))
    assert (np.asarray(Image.open(io.BytesIO(out)))[21:35, 33:70] == 0).all()


def test_application_segments_stay_byte_for_byte():
    frame = simplejpeg.encode_jpeg(picture(101, 151, 3), colorsubsampling="422")
    segment = b"\xff\xe5\x00\x08scale1"
    marked = frame[:2] + segment + frame[2:]
    out, _done = blank(marked, layout(101, 151, "YBR_FULL_422"), AREAS)
    assert out.count(segment) == 1
    assert out.count(b"JFIF") == 1


def test_without_areas_nothing_that_is_shown_changes():
    frame = simplejpeg.encode_jpeg(picture(101, 151, 3), colorsubsampling="420")
    out, done = blank(frame, layout(101, 151, "YBR_FULL_422"), [])
    assert done == []
    for before, after in zip(shown(frame), shown(out), strict=True):
        assert np.array_equal(before, after)


@pytest.mark.parametrize("other", [layout(101, 152, "YBR_FULL"), layout(102, 151, "YBR_FULL"), layout(101, 151)])
def test_a_frame_of_another_size_is_refused_by_name(other):
    frame = simplejpeg.encode_jpeg(picture(101, 151, 3))
    with pytest.raises(InstanceRefused) as refused:
        blank(frame, other, [])
    assert refused.value.code == "frame-description"


@pytest.mark.parametrize("damage", ["cut", "cut in the header", "noise", "empty"])
def test_a_damaged_frame_is_refused_and_the_caller_lives(worker, damage):
    frame = simplejpeg.encode_jpeg(picture(101, 151, 3), colorsubsampling="422")
    frame = {
        "cut": frame[: len(frame) // 2],
        "cut in the header": frame[:100],
        "noise": frame[:700] + bytes(range(1, 250)) * 3 + frame[1450:],
        "empty": b"",
    }[damage]
    with pytest.raises(InstanceRefused) as refused:
        worker.redact(frame, JPEG_BASELINE, layout(101, 151, "YBR_FULL_422"), AREAS)
    assert refused.value.code == "frame-damaged"
    good = simplejpeg.encode_jpeg(picture(101, 151, 3), colorsubsampling="422")
    assert worker.redact(good, JPEG_BASELINE, layout(101, 151, "YBR_FULL_422"), AREAS).blanked
