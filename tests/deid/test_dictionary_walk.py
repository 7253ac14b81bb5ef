"""An identity in every attribute of the dictionary, under right and wrong VRs, at the top and inside kept sequences."""

import re
from pathlib import Path

import pytest

from tests.deid.house import dataset, deidentify, engine
from tests.dicom import raw
from workbench.standard.dictionary import VR, keyword_of

VRS = b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SS ST SV TM UC UI UL UN UR US UT UV".split()
OWN = frozenset({0x00080016, 0x00080018, 0x0020000D, 0x0020000E, 0x7FE00008, 0x7FE00009, 0x7FE00010, 0x00420011})
"""What makes the file an instance, and payloads, which have tests of their own."""

NESTS = {
    "at the top": (),
    "in a functional group": (0x52009229, 0x00209116),
    "in a reference": (0x00081115, 0x0008114A),
    "in a contour": (0x30060039, 0x30060040),
    "in a content item": (0x0040A730, 0x0040A730),
}


def planted(tag: int) -> bytes:
    return b"QZX%08X^BORIS " % tag


def everything(vr: bytes, nest: tuple[int, ...]) -> list[bytes]:
    """Return the elements with an identity each; below the top, all inside one sequence."""
    skipped = set(nest) if nest else OWN | {0x00100020}
    tags = [tag for tag in sorted(VR) if tag not in skipped and (nest or tag >> 16 not in (0, 2, 4))]
    found = [raw.element(tag, vr, planted(tag)) for tag in tags]
    for tag in reversed(nest):
        found = [raw.sequence(tag, raw.item(b"".join(found)))]
    return found


@pytest.mark.parametrize("nest", NESTS)
@pytest.mark.parametrize("vr", [vr.decode() for vr in VRS])
def test_no_attribute_under_no_vr_carries_an_identity_out(vr: str, nest: str, tmp_path: Path) -> None:
    data = raw.file(raw.instance(*everything(vr.encode(), NESTS[nest])))
    out, _made = deidentify(data, tmp_path, engine())
    left = {keyword_of(int(tag, 16)) for tag in re.findall(rb"QZX([0-9A-F]{8})", out)}
    assert not left
    assert b"BORIS" not in out
    dataset(out)


@pytest.mark.parametrize(
    "uid", [b"1.2.840.10008.SMITH^JOHN", b"1.2.840.10008.19560304.77123", b"1.2.840.10008.1.2.KIM"]
)
@pytest.mark.parametrize("tag", [0x00081155, 0x00081150, 0x0008010C, 0x00080118, 0x00200052])
def test_the_root_of_dicom_is_no_licence_to_stay(tag: int, uid: bytes, tmp_path: Path) -> None:
    reference = raw.sequence(0x00082112, raw.item(raw.element(tag, b"UI", uid)))
    out, _made = deidentify(raw.file(raw.instance(reference)), tmp_path)
    assert uid not in out


@pytest.mark.parametrize(
    ("tag", "uid"),
    [
        (0x00081150, b"1.2.840.10008.5.1.4.1.1.2"),
        (0x00081150, b"1.2.840.10008.5.1.4.1.1.999.7"),
        (0x00200052, b"1.2.840.10008.1.4.1.1"),
        (0x00080117, b"1.2.840.10008.6.1.1323"),
        (0x0008010C, b"2.16.840.1.113883.6.96"),
        (0x0008010C, b"1.2.840.10008.2.16.4"),
    ],
)
def test_registered_uids_stay(tag: int, uid: bytes, tmp_path: Path) -> None:
    reference = raw.sequence(0x00082112, raw.item(raw.element(tag, b"UI", uid)))
    out, _made = deidentify(raw.file(raw.instance(reference)), tmp_path)
    assert uid in out


@pytest.mark.parametrize("term", [b"ISO_IR 100", b"\\ISO 2022 IR 87\\ISO 2022 IR 159", b"GB18030", b"ISO_IR 192"])
def test_defined_character_sets_stay(term: bytes, tmp_path: Path) -> None:
    out, _made = deidentify(raw.file(raw.instance(raw.element(0x00080005, b"CS", term))), tmp_path)
    assert term in out


def test_a_character_set_that_is_none_goes(tmp_path: Path) -> None:
    data = raw.file(raw.instance(raw.element(0x00080005, b"CS", b"ISO_IR 100\\ROSE")))
    out, _made = deidentify(data, tmp_path)
    assert "SpecificCharacterSet" not in dataset(out)


def test_what_came_as_un_and_may_stay_is_named_by_its_vr(tmp_path: Path) -> None:
    data = raw.file(raw.instance(raw.element(0x00180015, b"UN", b"CHEST ")))
    found = dataset(deidentify(data, tmp_path)[0])
    assert (found["BodyPartExamined"].VR, found.BodyPartExamined) == ("CS", "CHEST")


@pytest.mark.parametrize("vr", [b"OB", b"FD", b"UT", b"UN"])
def test_a_profile_of_colours_is_bytes_whatever_it_came_as(vr: bytes, tmp_path: Path) -> None:
    data = raw.file(
        raw.instance(raw.element(0x00282000, vr, b"QZX^BORISQZX^BORIS"), sop_class=b"1.2.840.10008.5.1.4.1.1.66.4")
    )
    out, _made = deidentify(data, tmp_path)
    assert b"BORIS" not in out
    assert dataset(out)["ICCProfile"].VR == "OB"


def test_pixels_below_the_top_go(tmp_path: Path) -> None:
    item = raw.item(raw.element(0x7FE00010, b"OB", b"ABCDEFGH"))
    out, _made = deidentify(raw.file(raw.instance(raw.sequence(0x00082112, item))), tmp_path)
    assert b"ABCDEFGH" not in out


def test_what_was_seen_before_under_another_vr_decides_nothing(tmp_path: Path) -> None:
    by = engine()
    for tag in (0x00180015, 0x00200011, 0x00181160, 0x00080104):
        for value in (b"CT HEAD ", b"20", b"012Y"):
            for vr in (b"LO", b"UI", b"AS", b"IS", b"DS", b"CS"):
                data = raw.file(raw.instance(raw.element(tag, vr, value)))
                assert deidentify(data, tmp_path, by)[0] == deidentify(data, tmp_path, engine())[0]


@pytest.mark.parametrize("vr", [b"UI", b"SH", b"UN"])
def test_a_patient_code_is_written_as_what_it_is(vr: bytes, tmp_path: Path) -> None:
    out, _made = deidentify(raw.file(raw.instance(raw.element(0x00100020, vr, b"12345678"))), tmp_path)
    found = dataset(out)
    assert found["PatientID"].VR == "LO"
    assert found.PatientID.startswith("P-")
