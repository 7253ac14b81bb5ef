"""Stored values are compared, whatever the bytes look like."""

from pathlib import Path

import jpeg_ls
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless, RLELossless
from rle.utils import encode_pixel_data

from tests.verify import making
from workbench.verify import Examination, Sceptic, harvest, merge, merge_uids


def examine(source: Path, output: Path) -> Examination:
    found = harvest(source, 0)
    return Sceptic(merge([found]), merge_uids([found])).examine(source, output, 0)


def checks(source: Path, output: Path) -> set[str]:
    return {finding.check for finding in examine(source, output).findings}


def array() -> np.ndarray[tuple[int, int], np.dtype[np.uint16]]:
    return np.random.default_rng(3).integers(0, 4096, (16, 16), dtype=np.uint16)


def compressed(syntax: str, values: np.ndarray[tuple[int, int], np.dtype[np.uint16]], *, fragments: int = 1) -> Dataset:
    dataset = making.image()
    if syntax == RLELossless:
        frame = bytes(
            encode_pixel_data(
                values.tobytes(), rows=16, columns=16, samples_per_pixel=1, bits_allocated=16, byteorder="<"
            )
        )
    else:
        frame = bytes(jpeg_ls.encode_array(values, lossy_error=0))
    dataset.PixelData = encapsulate([frame], fragments_per_frame=fragments)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset


def pair(tmp_path: Path, before: Dataset, after: Dataset, syntax: str, other: str | None = None) -> tuple[Path, Path]:
    source = making.save(before, tmp_path / "in.dcm", syntax)
    return source, making.save(making.deidentify(after), tmp_path / "out.dcm", other or syntax)


def test_bits_above_bits_stored_do_not_count(tmp_path: Path) -> None:
    before, after = making.image(), making.image()
    before.PixelData = (np.frombuffer(before.PixelData, "<u2") | 0x8000).tobytes()
    assert checks(*pair(tmp_path, before, after, ExplicitVRLittleEndian)) == set()


def test_a_stored_bit_counts(tmp_path: Path) -> None:
    before, after = making.image(), making.image()
    after.PixelData = (np.frombuffer(before.PixelData, "<u2") ^ np.uint16(0x0800)).tobytes()
    assert checks(*pair(tmp_path, before, after, ExplicitVRLittleEndian)) == {"pixels-equal"}


@pytest.mark.parametrize("syntax", [JPEGLSLossless, RLELossless])
def test_other_fragments_of_the_same_values_are_equal(syntax: str, tmp_path: Path) -> None:
    source, output = pair(tmp_path, compressed(syntax, array()), compressed(syntax, array(), fragments=2), syntax)
    examination = examine(source, output)
    assert examination.findings == ()
    assert examination.pixels_equal is True


def test_values_are_compared_across_syntaxes(tmp_path: Path) -> None:
    before, after = compressed(JPEGLSLossless, array()), compressed(RLELossless, array())
    assert checks(*pair(tmp_path, before, after, JPEGLSLossless, RLELossless)) == set()


@pytest.mark.parametrize("syntax", [JPEGLSLossless, RLELossless])
def test_another_value_in_an_encoded_frame_is_found(syntax: str, tmp_path: Path) -> None:
    other = array()
    other[3, 3] ^= 1
    source, output = pair(tmp_path, compressed(syntax, array()), compressed(syntax, other), syntax)
    examination = examine(source, output)
    assert {finding.check for finding in examination.findings} == {"pixels-equal"}
    assert examination.pixels_equal is False


def test_frames_that_cannot_be_decoded_are_not_called_equal(tmp_path: Path) -> None:
    before, after = making.image(), making.image()
    making.encapsulated(before, b"\xff\xd8\xff\xd9")
    making.encapsulated(after, b"\xff\xd8\0\0\xff\xd9")
    assert "pixels-equal" in checks(*pair(tmp_path, before, after, "1.2.840.10008.1.2.4.50"))


def test_identity_between_the_frames_is_found(tmp_path: Path) -> None:
    before, after = making.image(), making.image()
    for dataset in (before, after):
        making.encapsulated(dataset, b"\1\2Zanzibarova\3\4")
    source, output = pair(tmp_path, before, after, RLELossless)
    assert [(f.check, f.where) for f in examine(source, output).findings] == [("identity-in-bytes", "(7FE0,0010)")]
    assert examine(source, output).pixels_equal is True


def test_identity_across_the_border_of_two_windows_is_found(tmp_path: Path) -> None:
    before, after = making.image(), making.image()
    for dataset in (before, after):
        making.encapsulated(dataset, bytes((1 << 18) - 16 - 5) + b"Zanzibarova" + bytes(1 << 18))
    source, output = pair(tmp_path, before, after, RLELossless)
    assert {finding.check for finding in examine(source, output).findings} == {"identity-in-bytes"}


@pytest.mark.parametrize("marker", ["comment", "exif"])
def test_text_in_the_header_of_a_frame_is_found(marker: str, tmp_path: Path) -> None:
    before = dcmread(str(get_testdata_file("SC_rgb_jpeg_dcmtk.dcm")))
    frame = next(generate_frames(before.PixelData, number_of_frames=1))
    segment = {"comment": b"\xff\xfe\0\x0aSomebody", "exif": b"\xff\xe1\0\x0eExif\0\0abcdef"}[marker]
    after = dcmread(str(get_testdata_file("SC_rgb_jpeg_dcmtk.dcm")))
    for dataset, content in ((before, frame), (after, frame[:2] + segment + frame[2:])):
        making.encapsulated(dataset, content)
    source, output = pair(tmp_path, before, after, str(before.file_meta.TransferSyntaxUID))
    assert {finding.check for finding in examine(source, output).findings} == {"frame-text"}


def test_a_missing_padding_byte_does_not_count(tmp_path: Path) -> None:
    before, after = making.image(), making.image()
    for dataset in (before, after):
        dataset.Rows = dataset.Columns = 3
        dataset.BitsAllocated = dataset.BitsStored = 8
        dataset.HighBit = 7
        dataset.PixelData = b"123456789\0"
        dataset["PixelData"].VR = "OB"
    source, output = pair(tmp_path, before, after, ExplicitVRLittleEndian)
    raw = source.read_bytes()
    source.write_bytes(raw.replace(b"OB\0\0\x0a\0\0\x00123456789\0", b"OB\0\0\x09\0\0\x00123456789"))
    assert examine(source, output).findings == ()


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.51"])
def test_a_stripped_comment_needs_no_decoder(syntax: str, tmp_path: Path) -> None:
    frame = b"\xff\xd8\xff\xe0\0\7JFIF\0\xff\xc3\0\4ab\xff\xda\0\4cd\1\2\3\4\xff\xd9"
    before, after = making.image(), making.image()
    making.encapsulated(before, frame[:2] + b"\xff\xfe\0\x0aSomebody" + frame[2:])
    making.encapsulated(after, frame)
    source, output = pair(tmp_path, before, after, syntax)
    assert examine(source, output).findings == ()
    making.encapsulated(after, frame.replace(b"\1\2\3\4", b"\1\2\3\5"))
    assert checks(*pair(tmp_path, before, after, syntax)) == {"pixels-equal"}


def test_a_frame_wrapped_in_a_file_format_is_found(tmp_path: Path) -> None:
    before, after = making.image(), making.image()
    for dataset in (before, after):
        making.encapsulated(dataset, b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(20))
    assert checks(*pair(tmp_path, before, after, "1.2.840.10008.1.2.4.90")) == {"frame-text"}
