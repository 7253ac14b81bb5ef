"""Sequences that a relay wrote as UN: their items are in implicit VR, and are de-identified like any others."""

from pathlib import Path

import pytest

from tests.deid.house import dataset, deidentify
from tests.dicom import raw


def implicit(tag: int, vr: bytes, value: bytes) -> bytes:
    return raw.element(tag, vr, value, explicit=False)


CODE = implicit(0x00080100, b"SH", b"121322") + implicit(0x00080102, b"SH", b"DCM")
ITEM = (
    implicit(0x00080050, b"SH", b"QZXBORIS")
    + implicit(0x00081150, b"UI", raw.CT)
    + implicit(0x00081155, b"UI", b"1.2.3.4.5")
    + implicit(0x00081160, b"IS", b"7")
    + raw.sequence(0x0040A170, raw.item(CODE), explicit=False)
)


@pytest.mark.parametrize("defined", [True, False])
def test_items_of_a_known_sequence_stay_in_the_syntax_of_the_file(defined: bool, tmp_path: Path) -> None:
    sequence = raw.sequence(0x00082112, raw.item(ITEM, defined=defined), defined=defined, vr=b"UN")
    out, _made = deidentify(raw.file(raw.instance(sequence)), tmp_path)
    assert b"BORIS" not in out
    found = dataset(out)
    (item,) = found["SourceImageSequence"].value
    assert item.ReferencedFrameNumber == 7
    assert item.ReferencedSOPInstanceUID.startswith("2.25.")
    assert item.PurposeOfReferenceCodeSequence[0].CodeValue == "121322"


@pytest.mark.parametrize("content", [b"QZX^BORIS text ", b"\xfe\xff\x00\xe0\xff\xff\xff\x7fQZX^BORIS"])
def test_what_is_no_sequence_goes(content: bytes, tmp_path: Path) -> None:
    out, _made = deidentify(raw.file(raw.instance(raw.element(0x00082112, b"UN", content))), tmp_path)
    assert b"BORIS" not in out
    assert "SourceImageSequence" not in dataset(out)
