import numpy as np

from workbench.pixels.boxes import Box
from workbench.pixels.finding_text import Image
from workbench.pixels.loops import Sighting, projections, tracks
from workbench.records.region import RegionSource

HERE, NEAR, THERE = Box(10, 10, 60, 22, 0.9), Box(12, 10, 64, 22, 0.7), Box(10, 40, 60, 52, 0.8)


def image(value, shape=(4, 5), kind=np.int16):
    return Image(np.full(shape, value, kind))


def seen(box, frames, source=RegionSource.TEXT):
    return Sighting(box, tuple(frames), source, ())


def test_every_value_of_every_frame_is_in_a_maximum_or_a_minimum():
    rng = np.random.default_rng(2)
    ground = np.linspace(-50, 50, 42).reshape(6, 7)
    frames = [(number, Image((ground + rng.integers(-5, 5, (6, 7))).astype(np.int16))) for number in range(21)]
    made = list(projections(iter(frames), together=8))
    assert sorted({number for each in made for number in each.frames}) == list(range(21))
    for each in made:
        stack = np.stack([frames[number][1].samples for number in each.frames])
        assert (each.image.samples == stack.max(axis=0)).all()
        assert each.darkest is not None
        assert (each.darkest.samples == stack.min(axis=0)).all()


def test_a_frame_alone_is_looked_at_once_and_not_changed():
    frame = image(3)
    (only,) = projections([(7, frame)])
    assert only.frames == (7,)
    assert (only.image.samples == 3).all()
    assert only.image.samples is not frame.samples
    assert only.darkest is None


def test_frames_of_another_kind_begin_a_new_projection():
    made = projections([(0, image(1)), (1, image(2, kind=np.uint8)), (2, image(2, (5, 4)))])
    assert [each.frames for each in made] == [(0,), (1,), (2,)]


def test_a_frame_between_black_and_white_ones_is_looked_at_without_them():
    levels = [-32768, 32767, -32768, 100, 110, 32767]
    made = list(projections([(number, image(level)) for number, level in enumerate(levels)]))
    assert [each.frames for each in made] == [(0,), (1,), (2,), (3,), (4,), (5,)]
    ground = np.arange(0, 200, 10).astype(np.uint8).reshape(4, 5)
    loop = [(number, Image(ground + np.uint8(number))) for number in range(8)]
    assert len(list(projections(loop))) == 1


def test_what_most_looks_show_is_in_all_frames():
    groups = [(0, 1), (2, 3), (4, 5), (6, 7)]
    (track,) = tracks([seen(HERE, groups[0]), seen(NEAR, groups[2])], groups)
    assert track.frames == tuple(range(8))
    assert track.box == Box(10, 10, 64, 22, 0.9)
    assert track.sightings[0].box == HERE


def test_what_few_looks_show_is_from_the_one_before_to_the_one_behind():
    groups = [(2 * each, 2 * each + 1) for each in range(10)]
    tracked = tracks([seen(HERE, groups[4]), seen(THERE, groups[0])], groups)
    assert {track.box: track.frames for track in tracked} == {HERE: tuple(range(6, 12)), THERE: (0, 1, 2, 3)}


def test_a_code_and_a_text_at_one_place_stay_apart():
    groups = [(0,)]
    assert len(tracks([seen(HERE, (0,)), seen(HERE, (0,), RegionSource.CODE)], groups)) == 2
