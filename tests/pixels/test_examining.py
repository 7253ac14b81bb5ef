import numpy as np
import pytest

from tests.pixels.drawing import tissue, write
from workbench.pixels.examining import Examiner
from workbench.pixels.finding_text import Image
from workbench.pixels.judging import Judge
from workbench.pixels.reading import Line
from workbench.records.errors import InstanceRefused
from workbench.records.known import KnownKind, KnownValue
from workbench.records.region import RegionDecision, RegionSource

JUDGE = Judge([KnownValue(KnownKind.PATIENT, "DOE^JANE")])


class Loop:
    """Frames that lie in memory; those in `broken` can't be decoded."""

    def __init__(self, frames, *, broken=(), inverted=False):
        self._frames = frames
        self._broken = frozenset(broken)
        self._inverted = inverted
        self.decoded = 0

    @property
    def count(self):
        return len(self._frames)

    def image(self, number):
        if number in self._broken:
            raise InstanceRefused("frame-damaged", "A frame is damaged.", "Send it again.")
        self.decoded += 1
        return Image(self._frames[number], self._inverted)


@pytest.fixture(scope="module")
def examiner():
    return Examiner("fast")


def moving(count, *, kind=np.uint8):
    """Tissue that moves a little and has its own noise in every frame."""
    ground = tissue(170, 240 + count)
    rng = np.random.default_rng(9)
    return [
        (ground[:, each : each + 240] + rng.normal(0, 2, (170, 240))).clip(0, 255).astype(kind) for each in range(count)
    ]


def texts(examined):
    return {region.text: region for region in examined.regions if region.source is RegionSource.TEXT}


def test_one_frame_is_read_explained_and_decided(examiner):
    (frame,) = moving(1)
    place = write(frame, "DOE, JANE", (60, 30), 255)
    write(frame, "SUPINE", (60, 120), 255)
    examined = examiner.examine(Loop([frame]), JUDGE)
    assert examined.not_checked == ()
    assert examined.frames == 1
    name, mark = texts(examined)["DOE, JANE"], texts(examined)["SUPINE"]
    assert name.decision is RegionDecision.REDACT
    assert name.frames == (1,)
    assert name.x <= place[0]
    assert name.y <= place[1]
    assert name.x + name.width >= place[2]
    assert name.y + name.height >= place[3]
    assert mark.decision is RegionDecision.KEEP


@pytest.mark.parametrize("ink", [255, 0])
def test_text_of_four_frames_is_found_in_a_loop_bright_and_dark(examiner, ink):
    frames = moving(40)
    for frame in frames[21:25]:
        write(frame, "DOE, JANE", (60, 30), ink)
    region = texts(examiner.examine(Loop(frames), JUDGE))["DOE, JANE"]
    assert set(range(22, 26)) <= set(region.frames)
    assert len(region.frames) < 40


def test_a_header_of_all_frames_is_one_region(examiner):
    frames = moving(30)
    for frame in frames:
        write(frame, "DOE, JANE", (60, 30), 255)
    (region,) = [each for each in examiner.examine(Loop(frames), JUDGE).regions if each.text == "DOE, JANE"]
    assert region.frames == tuple(range(1, 31))


def test_frames_that_are_alike_are_looked_at_once_and_all_named(examiner):
    one, two = moving(2)
    write(two, "DOE, JANE", (60, 30), 255)
    region = texts(examiner.examine(Loop([one, two, one, two, two]), JUDGE))["DOE, JANE"]
    assert {2, 4, 5} <= set(region.frames)


def test_a_mark_stays_only_where_nothing_else_follows_it(examiner):
    frames = moving(32)
    for number, frame in enumerate(frames):
        write(frame, "DOE JANE" if number >= 24 else "SUPINE", (60, 30), 255)
    assert all(each.decision is not RegionDecision.KEEP for each in examiner.examine(Loop(frames), JUDGE).regions)


def test_frames_that_can_not_be_decoded_are_told_and_the_rest_is_looked_at(examiner):
    frames = moving(12)
    for frame in frames:
        write(frame, "DOE, JANE", (60, 30), 255)
    examined = examiner.examine(Loop(frames, broken=(3, 7)), JUDGE)
    (missing,) = examined.not_checked
    assert (missing.code, missing.frames) == ("frame-damaged", (4, 8))
    assert examined.frames == 10
    assert "DOE, JANE" in texts(examined)


def test_an_instance_without_a_frame_that_can_be_decoded_is_not_checked(examiner):
    loop = Loop(moving(30), broken=range(30))
    examined = examiner.examine(loop, JUDGE)
    assert examined.regions == ()
    assert [each.frames for each in examined.not_checked] == [()]
    assert examined.frames == 0


def test_each_frame_is_decoded_once(examiner):
    loop = Loop(moving(20))
    examiner.examine(loop, JUDGE)
    assert loop.decoded == 20


def test_a_short_mark_beside_an_identifier_goes_with_it(examiner):
    frame = np.zeros((170, 340), np.uint8)
    write(frame, "47110815", (20, 30), 255, em=18)
    write(frame, "12", (132, 30), 255, em=18)
    write(frame, "12", (250, 120), 255, em=18)
    decisions = {(region.x > 200): region.decision for region in examiner.examine(Loop([frame]), JUDGE).regions}
    assert decisions == {False: RegionDecision.REDACT, True: RegionDecision.KEEP}


def test_a_mark_in_a_box_that_is_too_long_for_it_does_not_stay(examiner, monkeypatch):
    (frame,) = moving(1)
    write(frame, "DOE, JANE ELISABETH MARIA", (10, 30), 255)
    monkeypatch.setattr(examiner, "_lines", lambda sightings: [Line("L", 0.99) for _ in sightings])
    (region,) = examiner.examine(Loop([frame]), JUDGE).regions
    assert region.decision is RegionDecision.REDACT
    assert "more than was read" in region.explanation
