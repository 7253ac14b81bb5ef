"""Comments and application data in encoded frames: cut, and the picture stays the same."""

import io
import struct

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from workbench.dicom.instance import Payload
from workbench.dicom.segments import cuts
from workbench.dicom.syntax import Frames
from workbench.records.errors import InstanceRefused


def cut(frame: bytes, frames: Frames) -> bytes:
    found = cuts(lambda at, count: frame[at : at + count], Payload(0, len(frame)), frames)
    out, position = b"", 0
    for start, end in found:
        out += frame[position:start]
        position = end
    return out + frame[position:]


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 255, (64, 80, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def jpeg(picture: np.ndarray) -> bytes:
    return bytes(simplejpeg.encode_jpeg(picture, quality=80))


@pytest.mark.parametrize("marker", [0xFE, 0xE1, 0xE2, 0xED, 0xE0, 0xEE])
def test_segments_of_jpeg_that_carry_text_are_cut(jpeg: bytes, marker: int) -> None:
    assert cut(jpeg[:2] + segment(marker, b"CANARY text") + jpeg[2:], Frames.JPEG) == jpeg


def test_what_a_decoder_needs_stays(jpeg: bytes) -> None:
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\1")
    assert cut(jpeg[:2] + adobe + jpeg[2:], Frames.JPEG) == jpeg[:2] + adobe + jpeg[2:]
    assert jpeg[2:4] == b"\xff\xe0"  # a JFIF segment, which stays too


def test_a_thumbnail_in_jfif_goes(jpeg: bytes) -> None:
    thumbnail = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\2\2" + bytes(12))
    end = 4 + int.from_bytes(jpeg[4:6], "big")
    assert cut(jpeg[:2] + thumbnail + jpeg[end:], Frames.JPEG) == jpeg[:2] + jpeg[end:]


def test_bytes_behind_the_end_of_the_image_go(jpeg: bytes) -> None:
    assert cut(jpeg + b"hidden text", Frames.JPEG) == jpeg
    assert cut(jpeg + b"\0", Frames.JPEG) == jpeg + b"\0"


def test_a_comment_behind_the_first_scan_is_refused_by_name(picture: np.ndarray) -> None:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", progressive=True)
    frame = out.getvalue()
    second = frame.index(b"\xff\xda", frame.index(b"\xff\xda") + 2)
    with pytest.raises(InstanceRefused) as caught:
        cut(frame[:second] + segment(0xFE, b"CANARY") + frame[second:], Frames.JPEG)
    assert caught.value.code == "frame-comment-late"


@pytest.mark.parametrize("size", [3, 20, 200])
def test_a_damaged_header_is_refused_by_name(jpeg: bytes, size: int) -> None:
    with pytest.raises(InstanceRefused) as caught:
        cut(jpeg[:size], Frames.JPEG)
    assert caught.value.code == "frame-damaged"


def test_comments_of_jpeg_2000_are_cut_and_the_values_stay(picture: np.ndarray) -> None:
    out = io.BytesIO()
    Image.fromarray(picture[..., 0]).save(out, "JPEG2000", irreversible=False, no_jp2=True)
    frame = out.getvalue()
    at = frame.index(b"\xff\x90")
    plain = cut(frame, Frames.JPEG_2000)
    commented = frame[:at] + b"\xff\x64" + struct.pack(">HH", 4 + 6, 1) + b"CANARY" + frame[at:]
    cleaned = cut(commented, Frames.JPEG_2000)
    assert cleaned == plain
    assert b"\xff\x64" not in cleaned[: cleaned.index(b"\xff\x90")]
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(cleaned))), picture[..., 0])


def test_a_jp2_file_in_place_of_a_codestream_is_refused(picture: np.ndarray) -> None:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG2000")
    with pytest.raises(InstanceRefused) as caught:
        cut(out.getvalue(), Frames.JPEG_2000)
    assert caught.value.code == "frame-wrapped"
