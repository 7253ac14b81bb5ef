import struct

import pytest

from tests.dicom.raw import element, file
from tests.pixels.images import layout
from workbench.dicom.source import read_instance
from workbench.pixels.device_regions import device_regions, header_of, shipped_rules
from workbench.pixels.region_rules import tags_of
from workbench.pixels.region_scripts import read_ctp_script
from workbench.records.region import RegionDecision, RegionSource

ACME = read_ctp_script('Acme two\n{ [0008,0070].containsIgnoreCase("acme") }\n(0,0,300,20) (500,470,200,100)').rules


def regions(header, of, rules=ACME):
    return list(device_regions(header, of, rules))


def proposed(path, of):
    tags = frozenset().union(*(tags_of(rule.when) for rule in shipped_rules()))
    return regions(header_of(read_instance(path), tags), of, shipped_rules())


def test_a_rule_proposes_its_areas_in_all_frames_with_its_name_as_reason():
    one, two = regions({0x00080070: "ACME"}, layout(480, 640, frames=3))
    assert (one.x, one.y, one.width, one.height) == (0, 0, 300, 20)
    assert (two.x, two.y, two.width, two.height) == (500, 470, 140, 10)
    assert one.frames == (1, 2, 3)
    assert one.source is RegionSource.DEVICE
    assert one.decision is RegionDecision.REDACT
    assert "Acme two" in one.explanation


def test_a_rule_for_another_geometry_sends_the_whole_image_to_review():
    rules = read_ctp_script('{ Manufacturer.equals("ACME") }(99,0,9,9)').rules
    (one,) = regions({0x00080070: "ACME"}, layout(100, 90), rules)
    assert (one.x, one.y, one.width, one.height) == (0, 0, 90, 100)
    assert one.decision is RegionDecision.REVIEW
    assert "ACME" not in one.explanation


def test_other_devices_get_nothing():
    assert regions({0x00080070: "Another"}, layout(480, 640)) == []
    assert regions({}, layout(480, 640), shipped_rules()) == []


@pytest.mark.parametrize(
    ("manufacturer", "model", "rows", "area"),
    [("Philips Medical Systems", "iU22", 480, (0, 0, 640, 47)), ("GE Healthcare", "LOGIQE9", 720, (0, 0, 960, 70))],
)
def test_known_scanners_are_known(tmp_path, manufacturer, model, rows, area):
    data_set = (
        element(0x00080060, b"CS", b"US")
        + element(0x00080070, b"LO", manufacturer.encode())
        + element(0x00081090, b"LO", model.encode())
        + element(0x00280010, b"US", struct.pack("<H", rows))
    )
    path = tmp_path / "us.dcm"
    path.write_bytes(file(data_set))
    found = {(one.x, one.y, one.width, one.height) for one in proposed(path, layout(rows, 960))}
    assert area in found


def test_rules_may_look_at_the_file_meta_information(tmp_path):
    path = tmp_path / "us.dcm"
    meta = element(0x00020013, b"SH", b"MINDRAY_1")
    path.write_bytes(file(element(0x00080060, b"CS", b"US"), more_meta=meta))
    assert [one.height for one in proposed(path, layout(800, 1229))] == [69]


def test_the_shipped_rules_are_those_of_the_library():
    build = pytest.importorskip("workbench.pixels.build.device_regions")
    pytest.importorskip("importlib.metadata").version("deid")
    assert build.TARGET.read_text(encoding="utf-8") == build.render()
    assert len(shipped_rules()) > 100
    assert all(rule.areas for rule in shipped_rules())
    assert {rule.source for rule in shipped_rules()} == {"deid 0.4.13"}
