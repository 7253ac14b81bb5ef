"""Bits outside of Bits Stored, where overlay planes once lay."""

from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEGLosslessSV1, RLELossless

from workbench.flow.folder import FolderJob, deidentify_folder

SIZE = 128


def samples(*, hidden: bool, signed: bool) -> np.ndarray:
    """Twelve bits of sixteen, with a square in the highest bit or, for signed samples, the sign repeated."""
    values = np.random.default_rng(1).integers(-2048 if signed else 0, 2048 if signed else 4096, (SIZE, SIZE))
    stored = values.astype("<i2").view("<u2") if signed else values.astype("<u2")
    if hidden:
        stored[20:40, 20:60] = (stored[20:40, 20:60] & 0x0FFF) | 0x8000
    return stored


def native(values: np.ndarray) -> bytes:
    return values.tobytes()


def segments(values: np.ndarray) -> bytes:
    """RLE of the two bytes, as literal runs (PS3.5 G.3)."""

    def runs(plane: bytes) -> bytes:
        return b"".join(
            bytes([len(part) - 1]) + part for at in range(0, len(plane), 128) if (part := plane[at : at + 128])
        )

    high, low = (runs((values >> shift & 0xFF).astype(np.uint8).tobytes()) for shift in (8, 0))
    offsets = np.array([2, 64, 64 + len(high), *[0] * 13], "<u4").tobytes()
    return encapsulate([offsets + high + low])


def lossless(values: np.ndarray) -> bytes:
    return encapsulate([bytes(imagecodecs.ljpeg_encode(values, bitspersample=16))])


FORMS = [(ExplicitVRLittleEndian, native), (RLELossless, segments), (JPEGLosslessSV1, lossless)]


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("syntax", "coded"), FORMS)
@pytest.mark.parametrize("hidden", [False, True])
def test_nothing_in_unused_bits_gets_out(tmp_path: Path, syntax, coded, *, hidden: bool, signed: bool) -> None:
    """Native samples are masked; of encoded ones the output is held back. A sign that is repeated hides nothing."""
    data_set = dcmread(str(get_testdata_file("CT_small.dcm")))
    data_set.BitsStored, data_set.HighBit, data_set.PixelRepresentation = 12, 11, int(signed)
    data_set.PixelData = coded(samples(hidden=hidden, signed=signed))
    data_set.file_meta.TransferSyntaxUID = syntax
    data_set["PixelData"].VR = "OW" if syntax == ExplicitVRLittleEndian else "OB"
    data_set.save_as(tmp_path / "in.dcm")
    report = deidentify_folder(FolderJob((tmp_path / "in.dcm",), tmp_path / "out", pixels="off"))
    (entry,) = report.instances
    if hidden and syntax != ExplicitVRLittleEndian:
        assert {finding.check for finding in entry.findings} == {"unused-bits"}
        return
    assert entry.findings == ()
    if syntax == ExplicitVRLittleEndian:
        out = np.frombuffer(dcmread(tmp_path / "out" / entry.file).PixelData, "<u2")
        assert not signed or hidden or np.array_equal(out, samples(hidden=False, signed=True).ravel())
        assert signed or out.max() < 4096
