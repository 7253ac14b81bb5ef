import struct

import numpy as np
import pydicom
import pytest
import simplejpeg
from pydicom.encaps import encapsulate, parse_basic_offsets, parse_fragments
from rle.rle import encode_frame

from tests.pixels.images import described, layout, opened, outside, picture, redacted, save, with_frames
from workbench.pixels.layout import Area
from workbench.pixels.recoding import areas_of
from workbench.records.errors import InstanceRefused
from workbench.records.region import Region, RegionDecision, RegionSource

RLE = "1.2.840.10008.1.2.5"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
AREA = Area(5, 4, 12, 9)


def refusal(path, worker):
    with pytest.raises(InstanceRefused) as refused, opened(path, worker):
        pass
    return refused.value.code


def native(tmp_path, samples, of, **attributes):
    data_set = described(of, **attributes)
    data_set.PixelData = samples.tobytes() + b"\0" * (samples.nbytes % 2)
    return save(data_set, tmp_path / "in.dcm")


def test_only_frames_with_areas_change_and_only_there(tmp_path, worker):
    frames = np.stack([picture(21, 33, seed=seed) for seed in range(5)])
    path = native(tmp_path, frames, layout(21, 33, frames=5))
    done = redacted(path, tmp_path / "out.dcm", worker, {1: [AREA], 4: [AREA, Area(0, 0, 3, 3)]})
    out = pydicom.dcmread(tmp_path / "out.dcm").pixel_array
    for n, areas in enumerate([[], [AREA], [], [], [AREA, Area(0, 0, 3, 3)]]):
        mask = outside((21, 33), areas)
        assert np.array_equal(out[n][mask], frames[n][mask])
        assert (out[n][~mask] == frames[n].min()).all()
    assert sorted(done.frames) == [1, 4]
    assert done.length == 5 * 21 * 33 + 1


def test_without_areas_the_file_stays_byte_for_byte(tmp_path, worker):
    path = native(tmp_path, picture(21, 33), layout(21, 33))
    redacted(path, tmp_path / "out.dcm", worker, [])
    assert (tmp_path / "out.dcm").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("size", [(5, 3), (7, 9), (1, 3), (8, 8), (3, 1)])
def test_packed_frames_that_begin_within_a_byte_keep_their_neighbours(tmp_path, worker, size, photometric):
    rows, columns = size
    bits = np.random.default_rng(1).integers(0, 2, (9, rows, columns)).astype(np.uint8)
    packed = np.packbits(bits.ravel(), bitorder="little")
    path = native(tmp_path, packed, layout(rows, columns, photometric, stored=1, frames=9))
    area = Area(columns // 2, rows // 3, columns, rows)
    redacted(path, tmp_path / "out.dcm", worker, {n: [area] for n in (0, 3, 4, 8)})
    wanted = bits.copy()
    for n in (0, 3, 4, 8):
        wanted[n, area.top :, area.left :] = photometric == "MONOCHROME1"
    value = pydicom.dcmread(tmp_path / "out.dcm").PixelData
    found = np.unpackbits(np.frombuffer(value, np.uint8), bitorder="little")[: bits.size]
    assert np.array_equal(found.reshape(bits.shape), wanted)


def test_bytes_behind_the_last_frame_do_not_go_out(tmp_path, worker):
    data_set = described(layout(20, 30))
    data_set.PixelData = picture(20, 30).tobytes() + b"left over "
    path = save(data_set, tmp_path / "in.dcm")
    assert redacted(path, tmp_path / "out.dcm", worker, [AREA]).length == 600


def test_three_samples_for_each_pixel_where_two_are_told_are_refused_by_name(tmp_path, worker):
    data_set = described(layout(20, 30, "YBR_FULL_422"))
    data_set.PixelData = bytes(1800)
    assert refusal(save(data_set, tmp_path / "in.dcm"), worker) == "frame-count-wrong"


def test_pairs_of_pixels_in_planes_are_refused_by_name(tmp_path, worker):
    path = native(tmp_path, np.zeros(1200, np.uint8), layout(20, 30, "YBR_FULL_422", planar=1))
    with pytest.raises(InstanceRefused) as refused:
        redacted(path, tmp_path / "out.dcm", worker, [AREA])
    assert refused.value.code == "planes-subsampled"


@pytest.mark.parametrize("length", [0, 598, 1200, 1800])
def test_native_frames_of_another_number_are_refused_by_name(tmp_path, worker, length):
    data_set = described(layout(20, 30))
    data_set.PixelData = bytes(length)
    assert refusal(save(data_set, tmp_path / "in.dcm"), worker) == "frame-count-wrong"


def coded(frames):
    return [encode_frame(frame.tobytes(), *frame.shape, 1, 8, "<") for frame in frames]


@pytest.mark.parametrize(("table", "extended"), [(True, False), (False, False), (False, True)])
def test_offset_tables_are_right_where_they_were_and_frames_without_areas_keep_their_bytes(
    tmp_path, worker, table, extended
):
    frames = np.stack([picture(21, 33, seed=seed) for seed in range(4)])
    encoded = coded(frames)
    data_set = with_frames(described(layout(21, 33, frames=4), RLE), encoded, table=table, extended=extended)
    path = save(data_set, tmp_path / "in.dcm")
    done = redacted(path, tmp_path / "out.dcm", worker, {0: [AREA], 2: [AREA]})
    out = pydicom.dcmread(tmp_path / "out.dcm")
    if extended:
        out.ExtendedOffsetTable = done.elements[0x7FE00001]
        out.ExtendedOffsetTableLengths = done.elements[0x7FE00002]
    else:
        assert done.elements == {}
    offsets = parse_basic_offsets(out.PixelData)
    assert bool(offsets) == table
    behind = 8 + 4 * len(offsets)
    starts = list(offsets or (struct.unpack("<4Q", out.ExtendedOffsetTable) if extended else ()))
    count, found = parse_fragments(out.PixelData[behind:])
    assert count == 4
    if starts:
        assert starts == found
    for n in (1, 3):
        assert encoded[n] in out.PixelData
    mask = outside((21, 33), [AREA])
    after = out.pixel_array
    for n, areas in enumerate([[AREA], [], [AREA], []]):
        keep = mask if areas else np.ones((21, 33), bool)
        assert np.array_equal(after[n][keep], frames[n][keep])
        assert (after[n][~keep] == frames[n].min()).all()


def test_a_frame_in_several_fragments_is_one_frame(tmp_path, worker):
    samples = [picture(64, 80, 3, seed=seed) for seed in range(3)]
    jpegs = [simplejpeg.encode_jpeg(each, colorsubsampling="422") for each in samples]
    data_set = described(layout(64, 80, "YBR_FULL_422", frames=3), JPEG_BASELINE)
    for table in (True, False):
        data_set.PixelData = encapsulate(jpegs, fragments_per_frame=3, has_bot=table)
        data_set["PixelData"].is_undefined_length = True
        path = save(data_set, tmp_path / f"{table}.dcm")
        redacted(path, tmp_path / "out.dcm", worker, {1: [AREA]})
        with opened(path, worker) as before, opened(tmp_path / "out.dcm", worker) as after:
            for n in (0, 2):
                assert after.stored_fragments(n) == before.stored_fragments(n)
                assert len(after.fragments[n]) == 3
            assert len(after.fragments[1]) == 1
            assert (after.patterns(1)[4:9, 5:12] == (0, 128, 128)).all()


@pytest.mark.parametrize("syntax", [JPEG_BASELINE, RLE])
@pytest.mark.parametrize(("frames", "table"), [(1, True), (1, False), (2, True), (2, False)])
def test_frames_behind_those_that_are_counted_are_refused_by_name(tmp_path, worker, syntax, frames, table):
    samples = [picture(64, 80, seed=seed) for seed in range(3)]
    jpegs = [simplejpeg.encode_jpeg(each[..., None], colorspace="GRAY") for each in samples]
    encoded = coded(samples) if syntax == RLE else jpegs
    data_set = with_frames(described(layout(64, 80, frames=frames), syntax), encoded, table=table)
    assert refusal(save(data_set, tmp_path / "in.dcm"), worker) == "frame-count-wrong"


def test_offsets_that_join_two_frames_are_refused_by_name(tmp_path, worker):
    jpegs = [simplejpeg.encode_jpeg(picture(64, 80, 3, seed=seed)) for seed in range(3)]
    for offsets in ((0, 2), (0, 0)):
        data_set = with_frames(described(layout(64, 80, "YBR_FULL", frames=2), JPEG_BASELINE), jpegs, table=True)
        whole = parse_basic_offsets(data_set.PixelData)
        table = struct.pack("<2I", *(whole[n] for n in offsets))
        data_set.PixelData = b"\xfe\xff\x00\xe0\x08\0\0\0" + table + data_set.PixelData[20:]
        assert refusal(save(data_set, tmp_path / "in.dcm"), worker) == "frame-count-wrong"


def test_offsets_that_divide_fragments_otherwise_are_refused_by_name(tmp_path, worker):
    jpegs = [simplejpeg.encode_jpeg(picture(64, 80, 3, seed=seed)) for seed in range(2)]
    data_set = described(layout(64, 80, "YBR_FULL", frames=2), JPEG_BASELINE)
    data_set.PixelData = encapsulate(jpegs, fragments_per_frame=2)
    data_set["PixelData"].is_undefined_length = True
    _count, starts = parse_fragments(data_set.PixelData[16:])
    value = bytearray(data_set.PixelData)
    value[12:16] = struct.pack("<I", starts[1])
    data_set.PixelData = bytes(value)
    assert refusal(save(data_set, tmp_path / "in.dcm"), worker) == "frame-count-wrong"


def test_an_extended_offset_table_of_other_frames_is_left_to_be_removed(tmp_path, worker):
    frames = coded([picture(21, 33, seed=seed) for seed in range(3)])
    data_set = with_frames(described(layout(21, 33, frames=3), RLE), frames, extended=True)
    data_set.ExtendedOffsetTable = data_set.ExtendedOffsetTable[:16]
    path = save(data_set, tmp_path / "in.dcm")
    assert redacted(path, tmp_path / "out.dcm", worker, {0: [AREA]}).elements == {}


def test_an_extended_offset_table_too_long_for_the_header_is_right(tmp_path, worker):
    frames = 140_000
    frame = encode_frame(bytes(4), 2, 2, 1, 8, "<")
    data_set = with_frames(described(layout(2, 2, frames=frames), RLE), [frame] * frames, extended=True)
    path = save(data_set, tmp_path / "in.dcm")
    done = redacted(path, tmp_path / "out.dcm", worker, {1: [Area(0, 0, 1, 1)]})
    assert len(done.elements[0x7FE00001]) == len(done.elements[0x7FE00002]) == 8 * frames


@pytest.mark.parametrize("count", [1, 3, 5])
def test_encapsulated_frames_of_another_number_are_refused_by_name(tmp_path, worker, count):
    encoded = coded([picture(21, 33)] * count)
    path = save(with_frames(described(layout(21, 33, frames=4), RLE), encoded), tmp_path / "in.dcm")
    assert refusal(path, worker) == "frame-count-wrong"


def test_pixels_that_are_not_there_are_refused_by_name(tmp_path, worker):
    assert refusal(save(described(layout(20, 30)), tmp_path / "in.dcm"), worker) == "pixels-missing"


def test_floating_point_pixels_are_refused_by_name(tmp_path, worker):
    data_set = described(layout(20, 30, stored=32), FloatPixelData=bytes(2400))
    assert refusal(save(data_set, tmp_path / "in.dcm"), worker) == "pixels-float"


@pytest.mark.parametrize("signed", [False, True])
def test_values_have_their_sign_and_no_other_bits(tmp_path, worker, signed):
    samples = np.array([[0x0FFF, 0x1800, 0x0000, 0xF7FF]], "<u2")
    path = native(tmp_path, samples, layout(1, 4, stored=12, allocated=16, signed=signed))
    with opened(path, worker) as frames:
        found = frames.values(0)
    assert found.tolist() == ([[-1, -2048, 0, 2047]] if signed else [[4095, 2048, 0, 2047]])


def test_pairs_of_pixels_are_shown_with_their_common_colour(tmp_path, worker):
    path = native(tmp_path, np.array([1, 2, 30, 40, 5, 6, 70, 80], np.uint8), layout(1, 4, "YBR_FULL_422"))
    with opened(path, worker) as frames:
        assert frames.values(0).tolist() == [[[1, 30, 40], [2, 30, 40], [5, 70, 80], [6, 70, 80]]]


def test_regions_become_areas_of_their_frames_unless_they_are_harmless():
    def region(frames, x, decision):
        return Region(frames, x, 2, 3, 4, RegionSource.TEXT, 1.0, "", decision, "why")

    areas = areas_of(
        [
            region((1, 3), 10, RegionDecision.REDACT),
            region((3,), 20, RegionDecision.REVIEW),
            region((1, 2), 30, RegionDecision.KEEP),
        ]
    )
    assert list(areas(0)) == [Area(10, 2, 13, 6)]
    assert list(areas(1)) == []
    assert list(areas(2)) == [Area(10, 2, 13, 6), Area(20, 2, 23, 6)]
