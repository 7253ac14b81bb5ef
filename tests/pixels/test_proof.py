import numpy as np
import pytest
import simplejpeg

from tests.pixels.images import described, layout, opened, picture, redacted, save, with_frames
from workbench.pixels.layout import Area, Blanked
from workbench.pixels.proof import digest_outside, is_uniform, prove

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
AREA = Area(5, 4, 12, 9)


@pytest.fixture
def original(tmp_path):
    data_set = described(layout(21, 33, "RGB", frames=3))
    data_set.PixelData = np.stack([picture(21, 33, 3, seed=seed) for seed in range(3)]).tobytes() + b"\0"
    return save(data_set, tmp_path / "in.dcm")


def proofs(before, after, worker, changed):
    with opened(before, worker) as one, opened(after, worker) as two:
        return list(prove(one, two, changed))


def test_what_redaction_writes_is_proven(original, tmp_path, worker):
    done = redacted(original, tmp_path / "out.dcm", worker, {1: [AREA]})
    found = proofs(original, tmp_path / "out.dcm", worker, done.frames)
    assert [each.number for each in found] == [0, 1, 2]
    assert all(each.holds for each in found)


def test_what_blanking_blocks_writes_is_proven(tmp_path, worker):
    frames = [simplejpeg.encode_jpeg(picture(64, 80, 3, seed=n), colorsubsampling="420") for n in range(2)]
    data_set = with_frames(described(layout(64, 80, "YBR_FULL_422", frames=2), JPEG_BASELINE), frames)
    path = save(data_set, tmp_path / "in.dcm")
    done = redacted(path, tmp_path / "out.dcm", worker, [AREA])
    assert all(each.holds for each in proofs(path, tmp_path / "out.dcm", worker, done.frames))


@pytest.mark.parametrize("frame", [0, 1, 2])
def test_one_value_that_changed_outside_is_found(original, tmp_path, worker, frame):
    done = redacted(original, tmp_path / "out.dcm", worker, {1: [AREA]})
    with opened(tmp_path / "out.dcm", worker) as out:
        at = out.payload.offset + frame * 21 * 33 * 3 + 20 * 33 * 3
    data = bytearray((tmp_path / "out.dcm").read_bytes())
    data[at] ^= 1
    (tmp_path / "out.dcm").write_bytes(data)
    found = proofs(original, tmp_path / "out.dcm", worker, done.frames)
    assert [each.holds for each in found] == [n != frame for n in range(3)]


def test_one_value_that_is_left_inside_is_found(original, tmp_path, worker):
    done = redacted(original, tmp_path / "out.dcm", worker, {1: [AREA]})
    with opened(tmp_path / "out.dcm", worker) as out:
        at = out.payload.offset + 21 * 33 * 3 + (5 * 33 + 6) * 3
    data = bytearray((tmp_path / "out.dcm").read_bytes())
    data[at] ^= 1
    (tmp_path / "out.dcm").write_bytes(data)
    found = proofs(original, tmp_path / "out.dcm", worker, done.frames)
    assert [each.uniform for each in found] == [True, False, True]


def test_a_frame_that_was_to_be_redacted_and_was_not_is_found(original, worker):
    found = proofs(original, original, worker, {2: (Blanked(AREA, AREA),)})
    assert [each.holds for each in found] == [True, True, False]


def test_the_digest_is_of_stored_values_in_any_order_of_memory():
    of = layout(6, 8, "RGB")
    samples = picture(6, 8, 3)
    other = np.asfortranarray(samples)
    assert digest_outside(samples, of, [AREA]) == digest_outside(other, of, [AREA])
    twelve = layout(6, 8, stored=12, allocated=16)
    grey = picture(6, 8, bits=12).astype(np.uint16)
    assert digest_outside(grey, twelve, []) == digest_outside(grey | np.uint16(0x5000), twelve, [])
    assert digest_outside(grey, twelve, []) != digest_outside(grey ^ np.uint16(1), twelve, [])


def test_pairs_that_share_their_colour_are_uniform_by_their_kind():
    of = layout(2, 8, "YBR_FULL_422")
    pairs = np.zeros((2, 4, 4), np.uint8) + np.array([0, 0, 128, 128], np.uint8)
    assert is_uniform(pairs, of, Area(0, 0, 8, 2))
    pairs[1, 3, 1] = 1
    assert not is_uniform(pairs, of, Area(0, 0, 8, 2))
    assert is_uniform(pairs, of, Area(0, 0, 6, 2))
