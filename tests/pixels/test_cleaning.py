"""The way of one instance: looked at, blackened in a copy, looked at again. A fake stands for the nets."""

from dataclasses import replace
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from tests.pixels.images import described, layout, picture, save, with_frames
from tests.pixels.test_codecs import htj2k, jpeg_2000, jpeg_lossless, jpeg_ls, rle
from workbench.pixels.cleaning import MOST_ROUNDS, Cleaning
from workbench.pixels.examining import Examined, NotChecked
from workbench.pixels.proposing import HeaderRules
from workbench.records.errors import InstanceRefused
from workbench.records.redaction import Box4
from workbench.records.region import Region, RegionDecision, RegionSource

JPEG = "1.2.840.10008.1.2.4."
ROWS, COLUMNS = 40, 60


def region(x=4, y=5, width=20, height=9, **more):
    given: dict[str, Any] = {
        "frames": (1,),
        "source": RegionSource.TEXT,
        "score": 0.9,
        "text": "DOE, JANE",
        "decision": RegionDecision.REDACT,
        "explanation": "text that is not known to be harmless",
    }
    return Region(x=x, y=y, width=width, height=height, **(given | more))


KEPT = region(40, 20, 6, 6, text="R", decision=RegionDecision.KEEP, explanation="a mark")


class Fake:
    """Says for each look what it was told to; the last answer is said again."""

    def __init__(self, *answers, frames=1):
        self.answers = [
            answer if isinstance(answer, Examined) else Examined(tuple(answer), (), frames) for answer in answers
        ]
        self.looked = []

    def __call__(self):
        return self

    def look(self, path, *, black=None):
        self.looked.append(path)
        return self.answers[min(len(self.looked), len(self.answers)) - 1]


def cleaned(path, tmp_path, looker, mode="clean", rules=None, **more):
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    cleaning = Cleaning(mode, looker, HeaderRules(shipped=False) if rules is None else rules)
    try:
        return cleaning.clean(path, scratch, **more)
    finally:
        cleaning.close()


def image(tmp_path, *, frames=1, **attributes):
    of = layout(ROWS, COLUMNS, frames=frames)
    samples = np.stack([picture(ROWS, COLUMNS, seed=seed) for seed in range(frames)])
    data_set = described(of, PatientName="DOE^JANE", **attributes)
    data_set.PixelData = samples.tobytes()
    return save(data_set, tmp_path / "in.dcm")


def overlaid(data_set: Dataset, bits, origin=(1, 1)):
    data = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    for tag, vr, value in (
        (0x60020010, "US", bits.shape[0]),
        (0x60020011, "US", bits.shape[1]),
        (0x60020040, "CS", "G"),
        (0x60020050, "SS", list(origin)),
        (0x60020100, "US", 1),
        (0x60020102, "US", 0),
        (0x60023000, "OB", data + b"\0" * (len(data) % 2)),
    ):
        data_set.add_new(tag, vr, value)
    return data_set


def test_what_is_found_is_black_and_everything_else_stays(tmp_path):
    path = image(tmp_path)
    before = path.read_bytes()
    done = cleaned(path, tmp_path, Fake([region(), KEPT], [KEPT]))
    one, two = pydicom.dcmread(path), pydicom.dcmread(done.path)
    assert (two.pixel_array[5:14, 4:24] == one.pixel_array.min()).all()
    outside = np.ones((ROWS, COLUMNS), bool)
    outside[5:14, 4:24] = False
    assert np.array_equal(two.pixel_array[outside], one.pixel_array[outside])
    del one.PixelData, two.PixelData
    assert one == two
    assert path.read_bytes() == before
    (black,) = done.redaction.regions
    assert (black.asked, black.black, black.touched) == (Box4(4, 5, 20, 9),) * 3
    assert [each.explanation for each in done.redaction.kept] == ["a mark"]
    assert (done.redaction.rounds, done.redaction.complete, done.redaction.cleaned) == (1, True, True)


def test_nothing_to_redact_leaves_the_source_and_needs_no_second_look(tmp_path):
    path = image(tmp_path)
    looker = Fake([KEPT])
    done = cleaned(path, tmp_path, looker)
    assert done.path == path
    assert looker.looked == [path]
    assert done.redaction.cleaned
    assert not done.redaction.changed


def test_what_the_second_look_finds_goes_too(tmp_path):
    path = image(tmp_path)
    looker = Fake([region()], [region(30, 25, 8, 8)], [])
    done = cleaned(path, tmp_path, looker)
    assert done.redaction.rounds == 2
    assert {each.asked for each in done.redaction.regions} == {Box4(4, 5, 20, 9), Box4(30, 25, 8, 8)}
    assert done.redaction.cleaned
    assert len(looker.looked) == 3
    assert [each.name for each in (tmp_path / "scratch").iterdir()] == [done.path.name]


def unread(x, y, width=12, height=9):
    return region(x, y, width, height, text="", decision=RegionDecision.REVIEW, explanation="could not be read")


def test_the_second_look_blackens_what_it_cannot_read_only_beside_what_is_black(tmp_path):
    of = layout(200, 300)
    data_set = described(of, PatientName="DOE^JANE")
    data_set.PixelData = picture(200, 300).tobytes()
    path = save(data_set, tmp_path / "in.dcm")
    first = region(4, 5, 20, 9)
    done = cleaned(path, tmp_path, Fake([first], [unread(27, 6), unread(250, 150)], []))
    assert [each.asked for each in done.redaction.regions] == [Box4(4, 5, 20, 9), Box4(27, 6, 12, 9)]


def test_what_the_second_look_reads_goes_wherever_it_stands(tmp_path):
    of = layout(200, 300)
    data_set = described(of, PatientName="DOE^JANE")
    data_set.PixelData = picture(200, 300).tobytes()
    path = save(data_set, tmp_path / "in.dcm")
    done = cleaned(path, tmp_path, Fake([region(4, 5, 20, 9)], [region(250, 150, 30, 9)], []))
    assert [each.asked for each in done.redaction.regions] == [Box4(4, 5, 20, 9), Box4(250, 150, 30, 9)]


def test_a_look_that_finds_something_wherever_it_looks_is_told(tmp_path):
    looker = Fake(*([region(x=4 * n)] for n in range(9)))
    done = cleaned(image(tmp_path), tmp_path, looker)
    assert done.redaction.rounds == MOST_ROUNDS
    assert not done.redaction.cleaned
    assert [each.decision for each in done.redaction.kept] == [RegionDecision.REDACT]


def test_what_lies_within_black_areas_shows_nothing(tmp_path):
    """Two areas side by side hide together what neither of them hides alone."""
    parts = [region(4, 5, 10, 9), region(14, 5, 10, 9)]
    done = cleaned(image(tmp_path), tmp_path, Fake(parts, [region(8, 6, 12, 5)]))
    assert (done.redaction.rounds, done.redaction.cleaned) == (1, True)


def test_a_region_in_one_frame_leaves_the_others_byte_for_byte(tmp_path):
    path = image(tmp_path, frames=4)
    done = cleaned(path, tmp_path, Fake([region(frames=(2, 3))], [], frames=4))
    one, two = pydicom.dcmread(path).pixel_array, pydicom.dcmread(done.path).pixel_array
    assert [bool((one[n] != two[n]).any()) for n in range(4)] == [False, True, True, False]
    blacks = {each.black: each.frames for each in done.redaction.regions}
    assert blacks == {Box4(4, 5, 20, 9): (2, 3)}


def test_flag_changes_nothing_and_tells_what_would_go(tmp_path):
    path = image(tmp_path)
    done = cleaned(path, tmp_path, Fake([region(), KEPT]), "flag")
    assert done.path == path
    assert (done.redaction.changed, done.redaction.cleaned) == (False, False)
    assert {each.decision for each in done.redaction.kept} == {RegionDecision.REDACT, RegionDecision.KEEP}


@pytest.mark.parametrize("mode", ["flag", "clean"])
def test_frames_that_nobody_saw_are_told_and_nothing_is_changed(tmp_path, mode):
    path = image(tmp_path, frames=2)
    seen = Examined((region(),), (NotChecked((2,), "frame-damaged", "A frame is damaged."),), 1)
    done = cleaned(path, tmp_path, Fake(seen), mode)
    assert done.path == path
    assert not done.redaction.complete
    assert not done.redaction.cleaned
    assert done.redaction.not_checked == (("frame-damaged", "A frame is damaged."),)


def test_fewer_frames_seen_than_there_are_is_not_complete(tmp_path):
    done = cleaned(image(tmp_path, frames=3), tmp_path, Fake([], frames=2))
    assert not done.redaction.complete


def test_a_copy_that_cannot_be_looked_at_is_not_complete(tmp_path):
    lost = Examined((), (NotChecked((), "decoder-crashed", "The decoder did not survive."),), 0)
    done = cleaned(image(tmp_path), tmp_path, Fake([region()], lost))
    assert not done.redaction.complete
    assert done.redaction.not_checked == (("decoder-crashed", "The decoder did not survive."),)


@pytest.mark.parametrize("sop_class", ["481.2", "66.4", "30"])
def test_measurements_are_never_blackened(tmp_path, sop_class):
    path = image(tmp_path, SOPClassUID=f"1.2.840.10008.5.1.4.1.1.{sop_class}")
    done = cleaned(path, tmp_path, Fake([region()]))
    assert done.path == path
    assert (done.redaction.rounds, done.redaction.cleaned) == (0, False)
    assert cleaned(path, tmp_path, Fake([KEPT])).redaction.cleaned


def test_an_object_without_pixels_needs_no_detector(tmp_path):
    data_set = described(layout(ROWS, COLUMNS))
    for name in ("Rows", "Columns"):
        delattr(data_set, name)
    looker = Fake([])
    done = cleaned(save(data_set, tmp_path / "in.dcm"), tmp_path, looker)
    assert looker.looked == []
    assert (done.redaction.frames, done.redaction.complete, done.redaction.cleaned) == (0, True, False)


def test_text_of_an_overlay_is_cleared_there_and_the_pixels_under_it_stay(tmp_path):
    data_set = described(layout(ROWS, COLUMNS))
    data_set.PixelData = picture(ROWS, COLUMNS).tobytes()
    path = save(overlaid(data_set, np.ones((30, 40), np.uint8), origin=(3, 6)), tmp_path / "in.dcm")
    found = region(10, 8, 12, 6, source=RegionSource.OVERLAY)
    done = cleaned(path, tmp_path, Fake([found], [found]))
    one, two = pydicom.dcmread(path), pydicom.dcmread(done.path)
    assert one.PixelData == two.PixelData
    plane = two.overlay_array(0x6002)
    assert not plane[8 - 2 : 14 - 2, 10 - 5 : 22 - 5].any()
    assert plane.sum() == 30 * 40 - 12 * 6
    (cleared,) = done.redaction.overlays
    assert (cleared.group, cleared.asked, cleared.frames) == (0x6002, Box4(10, 8, 12, 6), (1,))
    assert done.redaction.cleaned


def test_overlay_bits_over_a_blackened_area_go_with_it(tmp_path):
    data_set = described(layout(ROWS, COLUMNS))
    data_set.PixelData = picture(ROWS, COLUMNS).tobytes()
    path = save(overlaid(data_set, np.ones((ROWS, COLUMNS), np.uint8)), tmp_path / "in.dcm")
    done = cleaned(path, tmp_path, Fake([region()], []))
    assert not pydicom.dcmread(done.path).overlay_array(0x6002)[5:14, 4:24].any()
    assert [each.asked for each in done.redaction.overlays] == [Box4(4, 5, 20, 9)]


def test_what_a_person_keeps_stays_however_often_it_is_found(tmp_path):
    keep = region(
        2, 3, 24, 13, source=RegionSource.PERSON, decision=RegionDecision.KEEP, explanation="kept by a person"
    )
    path = image(tmp_path)
    done = cleaned(path, tmp_path, Fake([region()]), extra=[keep])
    assert done.path == path
    assert done.redaction.cleaned
    other = region(30, 25, 8, 8, source=RegionSource.PERSON, explanation="drawn by a person")
    done = cleaned(path, tmp_path, Fake([region()]), extra=[keep, other])
    assert [each.asked for each in done.redaction.regions] == [Box4(30, 25, 8, 8)]
    assert (done.redaction.rounds, done.redaction.cleaned) == (1, True)


def test_a_person_keeps_only_what_lies_wholly_in_what_they_saw(tmp_path):
    keep = region(2, 3, 15, 13, source=RegionSource.PERSON, decision=RegionDecision.KEEP)
    done = cleaned(image(tmp_path), tmp_path, Fake([region()], []), extra=[keep])
    assert [each.asked for each in done.redaction.regions] == [Box4(4, 5, 20, 9)]


def test_margins_of_ultrasound_regions_are_for_a_person_and_not_blackened(tmp_path):
    shown = Dataset()
    shown.RegionLocationMinX0, shown.RegionLocationMinY0 = 10, 10
    shown.RegionLocationMaxX1, shown.RegionLocationMaxY1 = 49, 29
    path = image(tmp_path, SequenceOfUltrasoundRegions=[shown])
    done = cleaned(path, tmp_path, Fake([]))
    assert done.path == path
    assert done.redaction.cleaned
    assert done.redaction.to_review


def test_what_was_seen_before_is_not_looked_at_again(tmp_path):
    looker = Fake([])
    done = cleaned(image(tmp_path), tmp_path, looker, examined=Examined((region(),), (), 1, ("a Secondary Capture",)))
    assert [each.name for each in looker.looked] == [done.path.name]
    assert done.redaction.to_review == ("a Secondary Capture",)


def test_a_region_in_a_frame_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(InstanceRefused) as refused:
        cleaned(image(tmp_path), tmp_path, Fake([region(frames=(1, 2))]))
    assert refused.value.code == "region-outside"


def test_the_record_holds_nothing_of_what_was_read(tmp_path):
    done = cleaned(image(tmp_path), tmp_path, Fake([region(), KEPT], []))
    assert "DOE" not in repr(done.redaction)
    assert done.redaction.detector.startswith("careful ")


def test_rules_and_profile_are_in_the_fingerprint(tmp_path):
    path = image(tmp_path)
    one = cleaned(path, tmp_path, Fake([])).redaction.detector
    assert one == cleaned(path, tmp_path, Fake([])).redaction.detector
    assert one != cleaned(path, tmp_path, Fake([]), rules=HeaderRules()).redaction.detector


ENCODERS = {
    "1.2.840.10008.1.2.5": rle,
    f"{JPEG}57": jpeg_lossless,
    f"{JPEG}70": lambda samples, of: jpeg_lossless(samples, of, 1),
    f"{JPEG}80": jpeg_ls,
    f"{JPEG}90": jpeg_2000,
    f"{JPEG}201": htj2k,
    f"{JPEG}202": htj2k,
}


@pytest.mark.parametrize("table", ["basic", "none", "extended"])
@pytest.mark.parametrize("syntax", ENCODERS)
def test_encapsulated_frames_keep_their_syntax_and_their_tables_tell_the_truth(tmp_path, syntax, table):
    of = layout(ROWS, COLUMNS, frames=3)
    frames = [bytes(ENCODERS[syntax](picture(ROWS, COLUMNS, seed=seed), replace(of, frames=1))) for seed in range(3)]
    frames = [frame + b"\0" * (len(frame) % 2) for frame in frames]
    path = tmp_path / "in.dcm"
    save(with_frames(described(of, syntax), frames, table=table == "basic", extended=table == "extended"), path)
    done = cleaned(path, tmp_path, Fake([region(frames=(2,))], [], frames=3))
    one, two = pydicom.dcmread(path), pydicom.dcmread(done.path)
    assert two.file_meta.TransferSyntaxUID == syntax
    stored = [list(fragments_of(each)) for each in (one, two)]
    assert [a == b for a, b in zip(*stored, strict=True)] == [True, False, True]
    if table == "extended":
        offsets = np.frombuffer(two.ExtendedOffsetTable, "<u8")
        lengths = np.frombuffer(two.ExtendedOffsetTableLengths, "<u8")
        first = two.PixelData.find(b"\xfe\xff\x00\xe0", 8)
        for offset, length, frame in zip(offsets, lengths, stored[1], strict=True):
            start = first + int(offset) + 8
            assert two.PixelData[start : start + int(length)] == frame[: int(length)]
    assert done.redaction.cleaned


def fragments_of(data_set):
    return pydicom.encaps.generate_fragments(
        data_set.PixelData[8 + int.from_bytes(data_set.PixelData[4:8], "little") :]
    )


@pytest.mark.parametrize("syntax", [DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_a_source_that_has_to_be_converted_is_redacted_as_well(tmp_path, syntax):
    samples = picture(ROWS, COLUMNS, bits=16)
    data_set = described(layout(ROWS, COLUMNS, stored=16), syntax)
    data_set.PixelData = (samples.byteswap() if syntax == ExplicitVRBigEndian else samples).tobytes()
    data_set["PixelData"].VR = "OW"
    path = tmp_path / "in.dcm"
    pydicom.dcmwrite(path, data_set, enforce_file_format=True)
    done = cleaned(path, tmp_path, Fake([region()], []))
    after = pydicom.dcmread(done.path).pixel_array
    assert (after[5:14, 4:24] == samples.min()).all()
    assert np.array_equal(after[20:], samples[20:])
