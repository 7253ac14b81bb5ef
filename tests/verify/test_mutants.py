"""An engine that forgets a rule: whatever attribute it lets through, the sceptic says so."""

from pathlib import Path

import pytest

from tests.dicom import raw
from workbench.profiles import compile_plan, load
from workbench.standard.dictionary import VR, keyword_of
from workbench.standard.table import ROWS
from workbench.verify import Sceptic, harvest, merge, merge_uids

NAME = b"Quintero^Zelda"
WORDS = frozenset(b"AE CS LO LT OB PN SH ST UC UI UR UT DA DT".split())
OWN = frozenset({0x00080005, 0x00080016, 0x00080018, 0x0020000D, 0x0020000E, 0x00100010, 0x00100020, 0x7FE00010})
CLAIMED = frozenset({0x00120062, 0x00120063, 0x00120064, 0x00280303})


def vr_of(tag: int) -> bytes:
    return VR[tag].split(" ")[0].encode()


def value(tag: int) -> bytes:
    special = {
        b"DA": b"19531204",
        b"DT": b"19531204101112",
        b"UI": b"1.2.276.0.4711.%d" % tag,
        b"CS": b"QUINTERO",
        b"AE": b"QUINTERO",
        b"UR": b"http://quintero.example/",
        b"PN": NAME,
    }
    return special.get(vr_of(tag), b"seen by Quintero, Zelda")


LISTED = [tag for tag in sorted(ROWS) if tag in VR and vr_of(tag) in WORDS and tag not in OWN | CLAIMED]
UNLISTED = [
    tag
    for tag in sorted(VR)
    if tag not in ROWS and vr_of(tag) in WORDS and tag not in OWN | CLAIMED and 0x0008 <= tag >> 16 < 0xFFFA
]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("tags", [LISTED, UNLISTED], ids=["listed", "not listed"])
def test_no_attribute_that_was_let_through_escapes(tags: list[int], nested: bool, tmp_path: Path) -> None:
    plan = compile_plan(load("basic"))
    planted = [raw.element(tag, vr_of(tag), value(tag)) for tag in tags]
    if nested:
        planted = [raw.sequence(0x52009229, raw.item(raw.sequence(0x00209116, raw.item(b"".join(planted)))))]
    before, after = tmp_path / "before", tmp_path / "after"
    before.write_bytes(raw.file(raw.instance(*planted, raw.element(0x00080020, b"DA", b"19531204"), name=NAME)))
    codes = [
        raw.item(
            raw.element(0x00080100, b"SH", code.value.encode())
            + raw.element(0x00080102, b"SH", code.scheme.encode())
            + raw.element(0x00080104, b"LO", code.meaning.encode())
        )
        for code in plan.codes
    ]
    said = [
        raw.element(0x00120062, b"CS", b"YES"),
        raw.element(0x00120063, b"LO", b"TESTS"),
        raw.sequence(0x00120064, *codes),
        raw.element(0x00280303, b"CS", b"REMOVED"),
    ]
    data_set = raw.instance(
        *planted,
        *said,
        name=b"P-1",
        patient=b"P-1",
        sop=b"2.25.1",
        study=b"2.25.2",
        series=b"2.25.3",
    )
    after.write_bytes(raw.file(data_set))
    harvested = harvest(before, 0)
    sceptic = Sceptic(merge([harvested]), merge_uids([harvested]), plan.promises())
    findings = sceptic.examine(before, after, 0).findings
    named = {finding.where[-11:] for finding in findings}
    missed = [keyword_of(tag) for tag in tags if f"({tag >> 16:04X},{tag & 0xFFFF:04X})" not in named]
    assert [keyword for keyword in missed if not _names_a_class(keyword)] == []


def _names_a_class(keyword: str) -> bool:
    """A UID of a class or scheme may be private and still name nobody."""
    return (
        "SOPClass" in keyword
        or "TransferSyntax" in keyword
        or keyword
        in {
            "CodingSchemeUID",
            "ContextUID",
            "MappingResourceUID",
            "SegmentationTemplateUID",
        }
    )
