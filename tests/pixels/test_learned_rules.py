import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dicom.raw import element, file, item, sequence
from tests.pixels.images import layout
from workbench.dicom.source import read_instance
from workbench.pixels.layout import Area
from workbench.pixels.learned_rules import Device, Sighting, common_areas, device_of, learn, sightings
from workbench.pixels.proposing import HeaderRules
from workbench.records.redaction import Box4, RedactedRegion, Redaction
from workbench.records.region import RegionDecision, RegionSource

ACME = Device("US", "ACME", "One", "1.0", "80", "90", "")


def redaction(*boxes, frames=1, source=RegionSource.TEXT, complete=True, within=None):
    shown = tuple(range(1, (within or frames) + 1))
    regions = [
        RedactedRegion(shown, Box4(*box), Box4(*box), Box4(*box), source, 1.0, RegionDecision.REDACT, "text")
        for box in boxes
    ]
    return Redaction("clean", "x", frames, complete=complete, regions=tuple(regions))


def seen(*boxes, device=ACME, images=1):
    return sightings([(device, redaction(*boxes))] * images)


def test_a_place_that_recurs_in_enough_studies_becomes_a_rule():
    """Names differ in length: what all have in common is what the rule covers."""
    studies = [seen((2, 2, 30 + n, 8)) for n in range(3)]
    assert learn(studies[:2], at_least=3) == ()
    (found,) = learn(studies, at_least=3)
    assert (found.areas, found.studies, found.seen) == ((Area(2, 2, 32, 10),), 3, 3)
    (found,) = learn([*studies, seen()], at_least=3)
    assert (found.studies, found.seen) == (3, 4)


def test_one_study_alone_never_makes_a_rule():
    assert learn([seen((0, 0, 9, 9), images=50)], at_least=1) == ()


@pytest.mark.parametrize("part", ["modality", "manufacturer", "model", "software", "rows", "columns", "layout"])
def test_studies_of_another_device_version_or_geometry_do_not_count(part):
    other = ACME._replace(**{part: "95" if part in ("rows", "columns") else "other"})
    studies = [seen((0, 0, 9, 9)), seen((0, 0, 9, 9)), seen((0, 0, 9, 9), device=other)]
    assert learn(studies, at_least=3) == ()


def test_a_study_counts_where_half_of_its_images_were_blackened():
    often = [(ACME, redaction((0, 0, 9, 9))), (ACME, redaction())]
    (one,) = sightings(often)
    assert (one.images, one.areas) == (2, (Area(0, 0, 9, 9),))
    (two,) = sightings([*often, (ACME, redaction())])
    assert two.areas == ()


@pytest.mark.parametrize("source", RegionSource)
def test_what_a_rule_blackened_is_no_evidence_for_a_rule(source):
    (one,) = sightings([(ACME, redaction((0, 0, 9, 9), source=source))])
    assert bool(one.areas) is (source in ("text", "code", "series", "person"))


def test_what_shows_in_few_frames_only_is_no_place_of_the_device():
    assert sightings([(ACME, redaction((0, 0, 9, 9), frames=10, within=4))])[0].areas == ()
    assert sightings([(ACME, redaction((0, 0, 9, 9), frames=10, within=5))])[0].areas


def test_images_that_were_not_examined_count_for_nothing():
    unseen = [(None, redaction((0, 0, 9, 9))), (ACME, None), (ACME, redaction((0, 0, 9, 9), complete=False))]
    assert sightings(unseen) == ()


def test_slivers_are_no_rule():
    assert learn([seen((0, 0, 9, 9)), seen((0, 7, 9, 9))], at_least=2) == ()


def test_sightings_survive_as_plain_data():
    (one,) = seen((0, 0, 9, 9), device=ACME._replace(layout="1,2,3,4"))
    assert Sighting.of(one.plain()) == one


BOXES = st.lists(st.builds(Area, *(st.integers(-2, 14),) * 4), max_size=4)


@given(st.lists(BOXES, max_size=5), st.integers(1, 4))
def test_each_pixel_lies_in_as_many_images_as_were_asked_for(images, at_least):
    device = ACME._replace(rows="9", columns="12")
    count = np.zeros((9, 12), int)
    for areas in images:
        once = np.zeros((9, 12), bool)
        for left, top, right, bottom in areas:
            once[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
        count += once
    covered = np.zeros((9, 12), int)
    for left, top, right, bottom in common_areas(images, device, at_least=at_least):
        covered[top:bottom, left:right] += 1
    assert np.array_equal(covered, (count >= at_least).astype(int))


def image(tmp_path, *, software=b"1.0", model=b"One", rows=80, corners=None):
    data = element(0x00080060, b"CS", b"US") + element(0x00080070, b"LO", b"ACME ") + element(0x00081090, b"LO", model)
    if software is not None:
        data += element(0x00181020, b"LO", software)
    if corners:
        tags = (0x00186018, 0x0018601A, 0x0018601C, 0x0018601E)
        each = b"".join(element(t, b"UL", struct.pack("<I", n)) for t, n in zip(tags, corners, strict=True))
        data += sequence(0x00186011, item(each))
    data += element(0x00280010, b"US", struct.pack("<H", rows)) + element(0x00280011, b"US", struct.pack("<H", 90))
    path = tmp_path / "one.dcm"
    path.write_bytes(file(data))
    return read_instance(path)


def test_the_device_is_what_the_header_says(tmp_path):
    assert device_of(image(tmp_path)) == ACME
    assert device_of(image(tmp_path, corners=(1, 2, 3, 4))) == ACME._replace(layout="1,2,3,4")
    assert device_of(image(tmp_path, software=b"a\\b")) == ACME._replace(software="a\\b")
    assert device_of(image(tmp_path, model=b"")) is None
    assert device_of(image(tmp_path, model=b"x\ny")) is None
    assert device_of(image(tmp_path, rows=0)) is None


@pytest.mark.parametrize("software", [b"1.0", b"1.0\\2", None])
def test_a_learned_rule_is_for_that_version_of_the_software_only(tmp_path, software):
    of = device_of(image(tmp_path, software=software))
    (found,) = learn([seen((2, 2, 30, 8), device=of)] * 2, at_least=2)
    rules = HeaderRules([found.rule()], shipped=False)
    (region,) = rules.regions(image(tmp_path, software=software), layout(80, 90))
    assert (region.x, region.y, region.width, region.height) == (2, 2, 30, 8)
    for other in (b"1.1", b"2", b"1.0\\3"):
        assert rules.regions(image(tmp_path, software=other), layout(80, 90)) == []
    assert rules.regions(image(tmp_path, software=software, corners=(1, 2, 30, 40)), layout(80, 90))[:1] != [region]


def test_the_name_of_a_learned_rule_repeats_nothing_of_a_header():
    (found,) = learn([seen((2, 2, 30, 8))] * 2, at_least=2)
    assert "ACME" not in found.rule().name + found.rule().source


def test_a_learned_rule_still_knows_its_device():
    for of in (ACME, ACME._replace(software="", layout="1,2,3,4")):
        (found,) = learn([seen((2, 2, 30, 8), device=of)] * 2, at_least=2)
        assert Device.of_rule(found.rule()) == of
