"""Redact every image in reach, in every transfer syntax, and prove it with the verifier's library."""

import warnings
from collections import Counter
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pydicom.data
import pytest
from pydicom.encaps import generate_frames
from pydicom.pixels.utils import iter_pixels

from tests.pixels.images import outside, redacted
from workbench.dicom.source import open_source
from workbench.pixels.decoding import StoredFrames
from workbench.pixels.layout import Area
from workbench.pixels.proof import prove
from workbench.records.errors import WorkbenchError

PIXELS = {0x7FE00008, 0x7FE00009, 0x7FE00010}
HERE = Path(pydicom.data.__file__).parent / "test_files"
BY_HAND = {"1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"}
"""What pydicom decodes only with a library under the GPL."""

REFUSED = {
    "duplicate-element": 1,
    "frame-damaged": 1,  # a JP2 file in place of a code stream
    "frame-description": 1,  # a code stream whose size was overwritten
    "dicom-truncated": 3,
    "transfer-syntax-wrong": 1,
    "transfer-syntax-unknown": 1,
    "pixel-size": 2,
    "item-length-wrong": 1,
}
"""Of pydicom's files, pydicom-data and the samples: damaged on purpose, each by what is wrong with it."""


def areas_in(rows, columns):
    return [
        Area(columns // 3, rows // 4, columns // 3 + max(3, columns // 5), rows // 4 + max(2, rows // 9)),
        Area(-5, rows - 3, columns // 2, rows + 9),
    ]


def values(path):
    """Stored values of each frame, by decoders that redaction does not use where there are any."""
    data_set = pydicom.dcmread(path)
    if data_set.file_meta.TransferSyntaxUID in BY_HAND:
        lossless = data_set.file_meta.TransferSyntaxUID != "1.2.840.10008.1.2.4.51"
        decode = imagecodecs.jpegsof3_decode if lossless else imagecodecs.jpeg8_decode
        for frame in generate_frames(data_set.PixelData, number_of_frames=int(data_set.get("NumberOfFrames") or 1)):
            yield decode(frame)
        return
    yield from iter_pixels(path, raw=True, apply_jls_sign_correction=False, apply_j2k_sign_correction=False)


def hold(path, tmp_path, worker):
    """Redact even frames; return the transfer syntax, or None for an object without pixels."""
    target = tmp_path / "out.dcm"
    with open_source(path) as source:
        instance = source.walk()
        if not PIXELS & instance.by_tag.keys():
            return None
        before = StoredFrames(instance, source.read, worker)
        size = (before.layout.rows, before.layout.columns)
        areas = areas_in(*size)
        done = redacted(path, target, worker, dict.fromkeys(range(0, before.layout.frames, 2), areas))
        assert sorted(done.frames) == list(range(0, before.layout.frames, 2))
        if source.converted_from:
            return source.converted_from  # what was written lacks the header of the converted file
        with open_source(target) as written:
            after = StoredFrames(written.walk(), written.read, worker)
            assert all(proof.holds for proof in prove(before, after, done.frames))
    if before.instance.preamble:  # pydicom wants one
        for n, (one, two) in enumerate(zip(values(path), values(target), strict=True)):
            mask = outside(size, [each.touched for each in done.frames.get(n, ())])
            assert np.array_equal(one[mask], two[mask])
    return instance.syntax


def walk(folder, tmp_path, worker, seen, refused):
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        try:
            seen[hold(path, tmp_path, worker)] += 1
        except WorkbenchError as error:
            refused[error.code] += 1


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm",
        "JPEG-lossy.dcm",
        "JPEG2000.dcm",
        "MR_small_RLE.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_padded.dcm",
        "SC_rgb_dcmtk_+eb+cy+np.dcm",
        "SC_rgb_rle_16bit_2frame.dcm",
        "SC_rgb_small_odd.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
        "liver_1frame.dcm",
        "rtdose.dcm",
    ],
)
def test_one_file_of_each_kind(tmp_path, worker, name):
    if not (HERE / name).is_file():
        pytest.skip("this version of pydicom does not bring the file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert hold(HERE / name, tmp_path, worker)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_file_of_pydicom_and_the_samples(tmp_path, worker, shared):
    data_store = pytest.importorskip("data_store")
    seen: Counter[str | None] = Counter()
    refused: Counter[str] = Counter()
    for folder in (HERE.parent, Path(data_store.__path__[0]), shared / "samples"):
        walk(folder, tmp_path, worker, seen, refused)
    del refused["not-dicom"]
    assert {code: refused[code] for code in REFUSED} == REFUSED
    assert sum(refused.values()) == sum(REFUSED.values())
    syntaxes = {syntax for syntax in seen if syntax}
    assert len(syntaxes) == 12
    assert sum(count for syntax, count in seen.items() if syntax) > 250
