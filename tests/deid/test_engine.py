"""The engine: every place where identity may stand, and what a reader needs afterwards."""

import struct
from pathlib import Path

import numpy as np
import pytest

from tests.deid.house import dataset, deidentify, engine
from tests.dicom import raw
from workbench.dicom.instance import walk_instance
from workbench.records.action import Action
from workbench.records.errors import InstanceRefused

CANARY = b"CANARYQZX"


def canary(vr: bytes) -> bytes:
    return {b"DA": b"19561231", b"TM": b"235958", b"DT": b"19561231235958"}.get(vr, CANARY)


PLACES = {
    "a row": raw.element(0x00081040, b"LO", CANARY),
    "a person not in the table": raw.element(0x00142006, b"PN", CANARY),
    "a date not in the table": raw.element(0x00141020, b"DA", b"19561231"),
    "a URL not in the table": raw.element(0x0040E010, b"UR", b"http://x/" + CANARY),
    "text not in the table": raw.element(0x00420010, b"ST", CANARY),
    "a free label in a code string": raw.element(0x00700080, b"CS", CANARY),
    "text in a number": raw.element(0x00180050, b"DS", CANARY),
    "text in an integer string": raw.element(0x00200013, b"IS", CANARY),
    "text in a binary number": raw.element(0x00280010, b"US", CANARY + b"A"),
    "a private element": raw.element(0x00290010, b"LO", b"ACME") + raw.element(0x00291010, b"LO", CANARY),
    "a private creator": raw.element(0x00290010, b"LO", CANARY),
    "an unknown standard tag": raw.element(0x00189999, b"UN", CANARY),
    "a known tag as UN": raw.element(0x00081080, b"UN", CANARY),
    "a curve": raw.element(0x50002500, b"LO", CANARY),
    "an overlay": raw.element(0x60000022, b"LO", CANARY) + raw.element(0x60003000, b"OW", CANARY),
    "an icon": raw.sequence(0x00880200, raw.item(raw.element(0x7FE00010, b"OB", CANARY))),
    "an ICC profile": raw.element(0x00282000, b"OB", CANARY),
    "an encrypted blob": raw.sequence(0x04000500, raw.item(raw.element(0x04000520, b"OB", CANARY))),
    "a signature": raw.sequence(0xFFFAFFFA, raw.item(raw.element(0x04000115, b"OB", CANARY))),
    "padding": raw.element(0xFFFCFFFC, b"OB", CANARY),
    "two levels deep": raw.sequence(
        0x00082218,
        raw.item(raw.sequence(0x00082220, raw.item(raw.element(0x00081070, b"PN", CANARY)))),
    ),
    "a listed tag in an unlisted sequence": raw.sequence(0x00082218, raw.item(raw.element(0x00100010, b"PN", CANARY))),
    "original attributes": raw.sequence(
        0x04000561,
        raw.item(raw.sequence(0x04000550, raw.item(raw.element(0x00100010, b"PN", CANARY)))),
    ),
    "a local code meaning": raw.sequence(
        0x00400260,
        raw.item(
            raw.element(0x00080100, b"SH", b"1")
            + raw.element(0x00080102, b"SH", b"99L")
            + raw.element(0x00080104, b"LO", CANARY)
        ),
    ),
    "the second of two values": raw.element(0x00101001, b"PN", b"A^B\\" + CANARY),
    "a maker's name": raw.element(0x00080070, b"LO", b"ACME " + CANARY),
    "a UID made of words": raw.element(0x0020000D, b"UI", CANARY),
    "a class UID that is none": raw.element(0x00081150, b"UI", CANARY),
    "an item of a private sequence": raw.element(0x00290010, b"LO", b"ACME")
    + raw.sequence(0x00291020, raw.item(raw.element(0x00100010, b"PN", CANARY))),
    "a private sequence under UN": raw.element(0x00290010, b"LO", b"ACME")
    + raw.sequence(
        0x00291020,
        raw.item(raw.element(0x00100010, b"PN", CANARY, explicit=False), defined=False),
        vr=b"UN",
        defined=False,
    ),
    "another charset": raw.element(0x00081030, b"LO", b"\x1b$B" + CANARY),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_canary_survives_anywhere(place: str, tmp_path: Path) -> None:
    extra = PLACES[place]
    data = raw.file(_sorted(extra))
    assert b"CANARYQZX" in data or b"19561231" in data
    out, made = deidentify(data, tmp_path)
    assert CANARY not in out
    assert b"19561231" not in out
    dataset(out)
    assert made.changes


def _sorted(extra: bytes) -> bytes:
    """Insert elements that are in order among themselves."""
    own = raw.instance()
    at = 0
    walked = walk_instance(lambda a, n: raw.file(own)[a : a + n], len(raw.file(own)))
    first = raw.tag_of(extra)
    shift = len(raw.file(b""))
    for element in walked.elements:
        if element[0] == first:
            return own[: element[2] - shift] + extra + own[element[3] + element[4] - shift :]
        if element[0] < first:
            at = element[3] + element[4] - shift
    return own[:at] + extra + own[at:]


def test_what_surrounds_the_data_set_is_made_anew(tmp_path: Path) -> None:
    meta = raw.element(0x00020016, b"AE", CANARY) + raw.element(0x00020102, b"OB", CANARY)
    data = raw.file(
        raw.instance(raw.element(0x7FE00010, b"OW", bytes(8))),
        preamble=CANARY.ljust(128, b"\0"),
        more_meta=meta,
    )
    out, made = deidentify(data + CANARY, tmp_path)
    assert CANARY not in out
    found = dataset(out)
    assert out[:128] == bytes(128)
    assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID
    assert [change.rule for change in made.changes][:3] == [
        "structure preamble",
        "structure file meta rebuilt",
        "structure trailing bytes",
    ]


def test_technical_attributes_stay_byte_for_byte(tmp_path: Path) -> None:
    kept = [
        raw.element(0x00080008, b"CS", b"ORIGINAL\\PRIMARY\\AXIAL"),
        raw.element(0x00180050, b"DS", b"1.25"),
        raw.element(0x00200032, b"DS", b"-180\\-180\\12.5"),
        raw.element(0x00280010, b"US", b"\x08\0"),
        raw.element(0x00280030, b"DS", b"0.7\\0.7"),
        raw.element(0x00281050, b"DS", b"40"),
    ]
    out, _made = deidentify(raw.file(raw.instance(*kept)), tmp_path)
    for element in kept:
        assert element in out


@pytest.mark.parametrize("explicit", [True, False])
def test_pixels_stay_byte_for_byte_in_both_syntaxes(tmp_path: Path, explicit: bool) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, 200_000, dtype=np.uint8).tobytes()
    extra = [raw.element(0x7FE00010, b"OW", pixels, explicit=explicit)]
    syntax = raw.EXPLICIT if explicit else raw.IMPLICIT
    out, _made = deidentify(raw.file(raw.instance(*extra, explicit=explicit), syntax=syntax), tmp_path)
    assert dataset(out).PixelData == pixels


def test_an_overlay_in_the_unused_bits_is_cleared_and_stored_values_stay(tmp_path: Path) -> None:
    samples = np.arange(64, dtype="<u2") | 0x1000
    extra = [
        raw.element(0x00280100, b"US", b"\x10\0"),
        raw.element(0x00280101, b"US", b"\x0c\0"),
        raw.element(0x00280102, b"US", b"\x0b\0"),
        raw.element(0x00280103, b"US", b"\0\0"),
        raw.element(0x7FE00010, b"OW", samples.tobytes()),
    ]
    out, made = deidentify(raw.file(raw.instance(*extra)), tmp_path)
    assert np.array_equal(np.frombuffer(dataset(out).PixelData, "<u2"), np.arange(64))
    assert any("unused bits" in change.rule for change in made.changes)


def test_a_sign_in_the_unused_bits_is_no_overlay(tmp_path: Path) -> None:
    samples = np.arange(-32, 32, dtype="<i2").tobytes()
    extra = [
        raw.element(0x00280100, b"US", b"\x10\0"),
        raw.element(0x00280101, b"US", b"\x0c\0"),
        raw.element(0x00280102, b"US", b"\x0b\0"),
        raw.element(0x00280103, b"US", b"\1\0"),
        raw.element(0x7FE00010, b"OW", samples),
    ]
    out, _made = deidentify(raw.file(raw.instance(*extra)), tmp_path)
    assert dataset(out).PixelData == samples


def test_references_follow_their_targets_through_nesting_and_instances(tmp_path: Path) -> None:
    by = engine()
    first, made = deidentify(raw.file(raw.instance(sop=b"1.2.3.4")), tmp_path, by)
    reference = raw.item(raw.element(0x00081150, b"UI", raw.CT) + raw.element(0x00081155, b"UI", b"1.2.3.4"))
    nested = raw.sequence(0x00089215, raw.item(raw.sequence(0x00082112, reference)))
    second, _made = deidentify(raw.file(raw.instance(nested, sop=b"1.2.3.5")), tmp_path, by)
    found = dataset(second)
    assert found[0x00089215].value[0].SourceImageSequence[0].ReferencedSOPInstanceUID == made.sop_instance
    assert found.StudyInstanceUID == dataset(first).StudyInstanceUID
    assert found.SOPClassUID == raw.CT.decode()


def code_item(value: bytes, scheme: bytes = b"DCM", meaning: bytes = b"Option") -> bytes:
    return raw.item(
        raw.element(0x00080100, b"SH", value)
        + raw.element(0x00080102, b"SH", scheme)
        + raw.element(0x00080104, b"LO", meaning)
    )


def test_what_was_done_is_written_and_nothing_else_is_claimed(tmp_path: Path) -> None:
    out, made = deidentify(raw.file(raw.instance()), tmp_path)
    found = dataset(out)
    assert found.PatientIdentityRemoved == "YES"
    assert found.LongitudinalTemporalInformationModified == "REMOVED"
    assert [item.CodeValue for item in found.DeidentificationMethodCodeSequence] == ["113100"]
    assert all(len(value) <= 64 for value in found.DeidentificationMethod)
    told = {change.path: change.after for change in made.changes if change.action is Action.SET}
    assert told[0x00120062,] == b"YES"
    assert told[0x00120064,] == b"113100 Basic Application Confidentiality Profile"


def test_of_former_claims_those_stay_that_are_true_of_this_output(tmp_path: Path) -> None:
    """Content that was cleaned stays clean; dates that were kept are gone now; a local code may say anything.

    Whether somebody ever cleaned the pixels nobody can tell from here.
    """
    codes = [
        code_item(b"113100"),
        code_item(b"113101"),
        code_item(b"113104", meaning=CANARY),
        code_item(b"113106"),
        code_item(CANARY, b"99X"),
    ]
    former = [
        raw.element(0x00120063, b"LO", b"Clean Pixel Data Option\\" + CANARY),
        raw.sequence(0x00120064, *codes),
        raw.element(0x00280303, b"CS", b"UNMODIFIED"),
    ]
    out, _made = deidentify(raw.file(raw.instance(*former)), tmp_path)
    found = dataset(out)
    assert [item.CodeValue for item in found.DeidentificationMethodCodeSequence] == ["113100", "113104"]
    assert found.DeidentificationMethod[0] == "Clean Pixel Data Option"
    assert found.DeidentificationMethod[1].startswith("deid-workbench")
    assert found.LongitudinalTemporalInformationModified == "REMOVED"
    assert CANARY not in out


@pytest.mark.parametrize("patient", [b"", b"0", b"ANON", b"unknown", b"000000"])
def test_strangers_with_a_placeholder_id_are_not_merged(tmp_path: Path, patient: bytes) -> None:
    by = engine()
    one, _ = deidentify(raw.file(raw.instance(patient=patient, study=b"1.2.1")), tmp_path, by)
    two, _ = deidentify(raw.file(raw.instance(patient=patient, study=b"1.2.2")), tmp_path, by)
    assert dataset(one).PatientID != dataset(two).PatientID


def test_one_id_of_two_issuers_is_two_patients(tmp_path: Path) -> None:
    by = engine()
    issuers = [raw.element(0x00100021, b"LO", issuer) for issuer in (b"NORTH", b"SOUTH")]
    ids = {dataset(deidentify(raw.file(raw.instance(issuer)), tmp_path, by)[0]).PatientID for issuer in issuers}
    assert len(ids) == 2


def test_a_missing_patient_id_is_made_up_for(tmp_path: Path) -> None:
    without = b"".join(
        piece
        for piece in (
            raw.element(0x00080016, b"UI", raw.CT),
            raw.element(0x00080018, b"UI", b"1.2.3.4"),
            raw.element(0x0020000D, b"UI", b"1.2.3.1"),
            raw.element(0x0020000E, b"UI", b"1.2.3.2"),
        )
    )
    out, made = deidentify(raw.file(without), tmp_path)
    assert dataset(out).PatientID == made.patient_code
    assert any(change.action is Action.CODE and change.before is None for change in made.changes)


def test_the_scope_and_the_key_part_pseudonyms(tmp_path: Path) -> None:
    data = raw.file(raw.instance())
    seen = set()
    for by in (engine("a"), engine("b"), engine("a", b"q" * 32)):
        found = dataset(deidentify(data, tmp_path, by)[0])
        seen.add((found.PatientID, found.SOPInstanceUID))
    assert len({patient for patient, _uid in seen}) == len({uid for _patient, uid in seen}) == 3


def test_a_text_that_repeats_the_patients_own_id_goes(tmp_path: Path) -> None:
    extra = raw.element(0x00180024, b"SH", b"T2FS")
    kept, _ = deidentify(raw.file(raw.instance(extra, patient=b"MRN-1")), tmp_path)
    gone, _ = deidentify(raw.file(raw.instance(extra, patient=b"T2FS")), tmp_path)
    assert dataset(kept).get("SequenceName") == "T2FS"
    assert dataset(gone).get("SequenceName") is None


def test_every_change_names_its_place_its_rule_and_both_values(tmp_path: Path) -> None:
    nested = raw.sequence(0x00400275, raw.item(raw.element(0x00400007, b"LO", CANARY)))
    _out, made = deidentify(raw.file(raw.instance(nested)), tmp_path)
    by_path = {change.path: change for change in made.changes}
    name = by_path[0x00100010,]
    assert (name.before, name.after) == (b"Mustermann^Erika", made.patient_code.encode())
    assert by_path[0x00400275,].action is Action.REMOVE
    assert all(change.rule for change in made.changes)


def test_elements_out_of_order_come_out_in_order(tmp_path: Path) -> None:
    data = raw.file(raw.instance() + raw.element(0x00180050, b"DS", b"1.25"))
    out, _made = deidentify(data, tmp_path)
    tags = [int(tag) for tag in dataset(out).keys()]  # noqa: SIM118 (a Dataset iterates sorted; keys are as in the file)
    assert tags == sorted(tags)
    assert 0x00180050 in tags


def test_the_same_input_gives_the_same_bytes_whatever_came_before(tmp_path: Path) -> None:
    data = raw.file(raw.instance(raw.element(0x00080070, b"LO", b"SIEMENS")))
    fresh, _ = deidentify(data, tmp_path)
    used = engine()
    for number in range(5):
        deidentify(raw.file(raw.instance(sop=b"1.9.%d" % number, patient=b"P%d" % number)), tmp_path, used)
    assert deidentify(data, tmp_path, used)[0] == fresh


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("sop-class-private", raw.instance(sop_class=b"1.3.12.2.1107.5.9.1")),
        ("sop-class-unknown", raw.instance(sop_class=b"1.2.840.10008.5.1.4.1.2.2.1")),
        ("instance-without-identity", raw.instance(study=b"")),
        ("instance-without-identity", raw.instance(sop=b"")),
        ("pixel-data-form", raw.instance(raw.fragments(b"abcd"))),
    ],
)
def test_what_the_plan_does_not_cover_is_refused_by_name(code: str, data: bytes, tmp_path: Path) -> None:
    with pytest.raises(InstanceRefused) as caught:
        deidentify(raw.file(data), tmp_path)
    assert caught.value.code == code
    assert caught.value.hint


def test_a_document_becomes_a_blank_page_or_is_refused(tmp_path: Path) -> None:
    pdf = b"1.2.840.10008.5.1.4.1.1.104.1"
    document = [
        raw.element(0x00420010, b"ST", CANARY),
        raw.element(0x00420011, b"OB", b"%PDF-1.4 " + CANARY),
        raw.element(0x00420012, b"LO", b"application/pdf"),
        raw.element(0x00420015, b"UL", struct.pack("<I", 18)),
    ]
    out, _made = deidentify(raw.file(raw.instance(*document, sop_class=pdf)), tmp_path)
    assert CANARY not in out
    assert dataset(out).EncapsulatedDocument.startswith(b"%PDF-1.4")
    document[2] = raw.element(0x00420012, b"LO", b"text/XML")
    with pytest.raises(InstanceRefused) as caught:
        deidentify(raw.file(raw.instance(*document, sop_class=pdf)), tmp_path)
    assert caught.value.code == "document-cda"
