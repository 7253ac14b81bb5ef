"""What an output says of its pixels: only what was done, with the evidence that it names."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.deid.house import KEY, dataset
from tests.dicom import raw
from workbench.deid.engine import Engine
from workbench.deid.evidence import ranges, redaction_document
from workbench.deid.pseudonyms import Pseudonyms
from workbench.dicom.instance import walk_instance
from workbench.dicom.parts import Range
from workbench.profiles import compile_plan, load
from workbench.records.redaction import Box4, KeptRegion, RedactedOverlay, RedactedRegion, Redaction
from workbench.records.region import RegionDecision, RegionSource

BLACK = RedactedRegion(
    frames=(1, 2, 3, 7),
    asked=Box4(3, 4, 20, 9),
    black=Box4(0, 0, 24, 16),
    touched=Box4(0, 0, 25, 17),
    source=RegionSource.TEXT,
    score=0.123456,
    decision=RegionDecision.REDACT,
    explanation="text that is not known to be harmless",
)
KEPT = KeptRegion((1,), Box4(40, 1, 5, 5), RegionSource.TEXT, 1.0, RegionDecision.KEEP, "a mark")
LEFT = KeptRegion((1,), Box4(40, 1, 5, 5), RegionSource.TEXT, 1.0, RegionDecision.REVIEW, "could not be read")
CLEANED = Redaction("clean", "careful 00", 1, complete=True, rounds=1, regions=(BLACK,), kept=(KEPT,))
PIXELS = [
    raw.element(0x00280010, b"US", b"\x04\0"),
    raw.element(0x00280011, b"US", b"\x04\0"),
    raw.element(0x00280100, b"US", b"\x10\0"),
    raw.element(0x00280301, b"CS", b"YES"),
    raw.element(0x7FE00010, b"OW", bytes(32)),
]


def made(redaction, *extra, profile="basic", pixels=PIXELS):
    data = raw.file(raw.instance(*extra, *pixels))
    engine = Engine(compile_plan(load(profile)), Pseudonyms(KEY, scope="test"))

    def read(at, count):
        return data[at : at + count]

    done = engine.deidentify(walk_instance(read, len(data)), read, redaction=redaction)
    content = b"".join(
        data[part.offset : part.offset + part.length] if isinstance(part, Range) else part  # type: ignore[misc]  # no mask here
        for part in done.parts
    )
    return dataset(content), done


def codes(data_set):
    return [item.CodeValue for item in data_set.DeidentificationMethodCodeSequence]


def test_cleaned_pixels_are_claimed_with_the_digest_of_their_evidence():
    data_set, done = made(CLEANED)
    assert codes(data_set) == ["113100", "113101"]
    assert data_set.BurnedInAnnotation == "NO"
    digest = urlsafe_b64encode(sha256(done.pixel_evidence.encode()).digest()).decode().rstrip("=")
    assert f"113101 sha256 {digest}" in data_set.DeidentificationMethod
    assert "blackened" in data_set.DerivationDescription
    assert [change.after for change in done.changes if change.path == (0x00280301,)] == [b"NO"]


def test_pixels_in_which_nothing_was_found_are_claimed_too_and_not_called_derived():
    data_set, _done = made(Redaction("clean", "careful 00", 1, complete=True))
    assert codes(data_set) == ["113100", "113101"]
    assert data_set.BurnedInAnnotation == "NO"
    assert "DerivationDescription" not in data_set


@pytest.mark.parametrize(
    "redaction",
    [
        None,
        Redaction("flag", "careful 00", 1, complete=True),
        Redaction("clean", "careful 00", 1, complete=False),
        Redaction("clean", "careful 00", 1, complete=False, not_checked=(("frame-damaged", "A frame is damaged."),)),
        Redaction("clean", "careful 00", 0, complete=True),
        Redaction("clean", "careful 00", 1, complete=True, rounds=3, regions=(BLACK,), kept=(LEFT,)),
    ],
)
def test_what_was_not_done_is_not_claimed(redaction):
    data_set, done = made(redaction)
    assert codes(data_set) == ["113100"]
    assert data_set.get("BurnedInAnnotation") != "NO"
    assert done.pixel_evidence == ""
    assert not any("113101" in value for value in data_set.DeidentificationMethod)


def test_a_claim_of_somebody_before_is_not_repeated():
    code = raw.element(0x00080100, b"SH", b"113101") + raw.element(0x00080102, b"SH", b"DCM")
    before = [
        raw.element(0x00120063, b"LO", b"113101 sha256 " + b"A" * 43),
        raw.sequence(0x00120064, raw.item(code + raw.element(0x00080104, b"LO", b"Clean Pixel Data Option"))),
    ]
    data_set, _done = made(None, *before)
    assert codes(data_set) == ["113100"]
    assert not any("113101" in value for value in data_set.DeidentificationMethod)
    data_set, done = made(CLEANED, *before)
    assert codes(data_set) == ["113100", "113101"]
    named = [value for value in data_set.DeidentificationMethod if value.startswith("113101")]
    assert [value for value in named if "A" * 43 not in value]
    assert done.pixel_evidence


def test_text_and_pixels_have_evidence_of_their_own():
    data_set, done = made(CLEANED, raw.element(0x00081030, b"LO", b"CT chest of Erika"), profile="research")
    assert {"113101", "113105"} <= set(codes(data_set))
    assert codes(data_set) == sorted(codes(data_set))
    assert [value.split()[0] for value in data_set.DeidentificationMethod if "sha256" in value] == ["113101", "113105"]
    assert json.loads(done.evidence)["code"] == "113105"
    assert json.loads(done.pixel_evidence)["code"] == "113101"


def test_what_a_profile_leaves_of_a_derivation_stays_before_ours():
    was = raw.element(0x00082111, b"ST", b"CT CHEST AXIAL")
    data_set, done = made(CLEANED, was, profile="research")
    assert data_set.DerivationDescription.startswith("CT CHEST AXIAL Burned-in")
    assert "CT" not in made(CLEANED, was)[0].DerivationDescription
    told = [change for change in done.changes if change.path == (0x00082111,)]
    assert [change.before for change in told] == [b"CT CHEST AXIAL"]


def test_an_icon_never_shows_what_was_blackened():
    icon = raw.item(
        raw.element(0x00280010, b"US", b"\x02\0")
        + raw.element(0x00280011, b"US", b"\x02\0")
        + raw.element(0x7FE00010, b"OW", b"OLD!")
    )
    for profile in ("basic", "research"):
        places = [raw.sequence(0x00880200, icon), raw.sequence(0x00082112, raw.item(raw.sequence(0x00880200, icon)))]
        for place in places:
            extra = [] if place is places[0] else [place]
            after = [place] if place is places[0] else []
            data_set, _done = made(CLEANED, *extra, profile=profile, pixels=[*PIXELS[:-1], *after, PIXELS[-1]])
            assert not [each for each in data_set.iterall() if each.tag == 0x7FE00010 and each.value == b"OLD!"]


def test_the_document_is_canonical_and_says_no_more_than_the_record():
    overlay = RedactedOverlay(0x6000, (1, 2), Box4(1, 2, 3, 4))
    text = redaction_document(
        Redaction("clean", "d", 7, complete=True, rounds=2, regions=(BLACK,), overlays=(overlay,))
    )
    assert text == (
        '{"code":"113101","detector":"d","format":"deid-workbench evidence 1","frames":7,"kept":[],'
        '"overlays":[{"asked":[1,2,3,4],"frames":[[1,2]],"group":24576}],'
        '"regions":[{"asked":[3,4,20,9],"black":[0,0,24,16],"decision":"redact",'
        '"explanation":"text that is not known to be harmless","frames":[[1,3],[7,7]],"score":0.123,"source":"text",'
        '"touched":[0,0,25,17]}],"rounds":2}'
    )


@given(st.sets(st.integers(1, 60)))
def test_ranges_hold_the_frames_and_no_others(frames):
    found = ranges(sorted(frames))
    assert [n for first, last in found for n in range(first, last + 1)] == sorted(frames)
    assert all(two[0] > one[1] + 1 for one, two in pairwise(found))
