import struct

import pytest

from tests.dicom.raw import element, file, item, sequence
from workbench.dicom.source import read_instance
from workbench.pixels.layout import Area
from workbench.pixels.proposing import HeaderRules
from workbench.pixels.region_rules import DeviceRule, Test
from workbench.records.errors import InstanceRefused
from workbench.records.region import RegionDecision, RegionSource

MANUFACTURER, LAYOUT = 0x00080070, 0x00186011
ACME = Test("equals", MANUFACTURER, "ACME")
CORNERS = (0x00186018, 0x0018601A, 0x0018601C, 0x0018601E)


def rule(*areas, when=ACME, name="Acme", **more):
    return DeviceRule(name, "site", when, tuple(Area(*area) for area in areas), **more)


def instance(tmp_path, *, columns=90, rows=80, manufacturer=b"ACME", corners=(), allocated=8, frames=b"3"):
    items = [
        item(b"".join(element(tag, b"UL", struct.pack("<I", each)) for tag, each in zip(CORNERS, one, strict=True)))
        for one in corners
    ]
    image = [
        element(0x00280002, b"US", struct.pack("<H", 1)),
        element(0x00280004, b"CS", b"MONOCHROME2"),
        element(0x00280008, b"IS", frames),
        element(0x00280010, b"US", struct.pack("<H", rows)),
        element(0x00280011, b"US", struct.pack("<H", columns)),
        *(element(tag, b"US", struct.pack("<H", n)) for tag, n in ((0x00280100, allocated), (0x00280101, 8))),
        *(element(tag, b"US", struct.pack("<H", n)) for tag, n in ((0x00280102, 7), (0x00280103, 0))),
    ]
    data = element(0x00080060, b"CS", b"US") + element(MANUFACTURER, b"LO", manufacturer)
    if items:
        data += sequence(LAYOUT, *items)
    path = tmp_path / "one.dcm"
    path.write_bytes(file(data + b"".join(image)))
    return read_instance(path)


def test_areas_are_cut_at_the_edges_and_name_all_frames(tmp_path):
    found = HeaderRules([rule((10, 10, 500, 20), (0, 0, 5, 5))]).regions_for(instance(tmp_path))
    assert [(one.x, one.y, one.width, one.height) for one in found] == [(10, 10, 80, 10), (0, 0, 5, 5)]
    assert {one.frames for one in found} == {(1, 2, 3)}
    assert {(one.source, one.decision, one.text) for one in found} == {(RegionSource.DEVICE, RegionDecision.REDACT, "")}


@pytest.mark.parametrize("area", [(90, 0, 99, 9), (0, 80, 9, 99), (5, 5, 5, 9), (9, 9, 5, 5), (-9, -9, 0, 0)])
def test_areas_without_a_pixel_in_the_image_send_it_to_review(tmp_path, area):
    (one,) = HeaderRules([rule(area)]).regions_for(instance(tmp_path))
    assert one.decision is RegionDecision.REVIEW
    assert "another size" in one.explanation


def test_an_area_that_begins_outside_is_cut(tmp_path):
    (one,) = HeaderRules([rule((-5, -5, 5, 5))]).regions_for(instance(tmp_path))
    assert (one.x, one.y, one.width, one.height) == (0, 0, 5, 5)


def test_sources_are_added_up(tmp_path):
    """A second rule for the same device takes nothing away; the same area by the same rule is told once."""
    rules = [rule((0, 0, 9, 9)), rule((0, 0, 9, 9), name="Other"), rule((0, 0, 9, 9))]
    assert len(HeaderRules(rules).regions_for(instance(tmp_path))) == 2


def pixels(regions):
    return sum(one.width * one.height for one in regions)


def test_margins_of_an_ultrasound_image_are_a_hint_only(tmp_path):
    found = HeaderRules().regions_for(instance(tmp_path, corners=[(10, 20, 79, 69)]))
    assert {(one.source, one.decision) for one in found} == {(RegionSource.ULTRASOUND, RegionDecision.REVIEW)}
    assert pixels(found) == 80 * 90 - 70 * 50


def test_a_rule_can_say_that_margins_are_blackened(tmp_path):
    found = HeaderRules([rule(outside=True)]).regions_for(instance(tmp_path, corners=[(10, 20, 79, 69)]))
    black = [one for one in found if one.decision is RegionDecision.REDACT]
    assert pixels(black) == 80 * 90 - 70 * 50
    assert {one.source for one in black} == {RegionSource.ULTRASOUND}
    assert HeaderRules([rule(outside=True)]).regions_for(instance(tmp_path)) == []


def test_a_rule_can_ask_for_one_layout_of_ultrasound_regions(tmp_path):
    when = Test("equals", LAYOUT, "10,20,79,69\\5,5,8,8", exact=True)
    one = HeaderRules([rule((0, 0, 9, 9), when=when)])
    assert len(list(one.hits(instance(tmp_path, corners=[(10, 20, 79, 69), (5, 5, 8, 8)])))) == 1
    assert list(one.hits(instance(tmp_path, corners=[(10, 20, 79, 69)]))) == []
    assert list(one.hits(instance(tmp_path))) == []
    present = HeaderRules([rule((0, 0, 9, 9), when=Test("present", LAYOUT))])
    assert len(list(present.hits(instance(tmp_path, corners=[(1, 2, 3, 4)])))) == 1


def test_an_image_that_cannot_be_laid_out_is_refused(tmp_path):
    with pytest.raises(InstanceRefused):
        HeaderRules().regions_for(instance(tmp_path, allocated=7))


def test_the_digest_tells_rules_apart_and_not_their_order():
    one, two = rule((0, 0, 9, 9)), rule((0, 0, 9, 9), outside=True)
    digests = {HeaderRules(rules).digest for rules in ((), (one,), (two,), (one, two), (two, one))}
    assert len(digests) == 4
    assert HeaderRules(shipped=False).digest not in digests
    assert all(len(digest) == 64 for digest in digests)
