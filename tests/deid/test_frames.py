"""Text around and between frames: behind the samples, in fragments, in tables, and what a reader still decodes."""

import io
import struct
from pathlib import Path

import numpy as np
import pydicom
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.deid.house import deidentify
from tests.dicom import raw
from workbench.dicom.instance import Payload
from workbench.dicom.segments import Planes, cuts
from workbench.dicom.syntax import Frames
from workbench.profiles import compile_plan, load
from workbench.records.errors import InstanceRefused
from workbench.verify import Sceptic, harvest, merge, merge_uids

TEXT = b"MUSTERMANN^ERIKA"
RLE = "1.2.840.10008.1.2.5"
JPEG = "1.2.840.10008.1.2.4.50"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
JPEG_XL = "1.2.840.10008.1.2.4.110"
UNCOMPRESSED = "1.2.840.10008.1.2.1.98"

PIXELS = np.random.default_rng(3).integers(0, 255, (8, 8), dtype=np.uint8)
ENCODED = bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(PIXELS[:, :, None]), colorspace="GRAY"))
COMMENT = b"\xff\xfe" + struct.pack(">H", 2 + len(TEXT)) + TEXT


def codestream() -> bytes:
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "JPEG2000", no_jp2=True)
    return out.getvalue()


def rle(unused: bytes = b"", gap: bytes = b"") -> bytes:
    header = struct.pack("<II", 1, 64 + len(gap)) + unused
    return header.ljust(64, b"\0") + gap + b"".join(b"\7" + row.tobytes() for row in PIXELS)


def image(pixels: bytes, syntax: str = raw.EXPLICIT, frames: bytes = b"1") -> bytes:
    numbers = {0x00280002: 1, 0x00280010: 8, 0x00280011: 8, 0x00280100: 8, 0x00280101: 8, 0x00280102: 7, 0x00280103: 0}
    described = [raw.element(tag, b"US", struct.pack("<H", number)) for tag, number in numbers.items()]
    described += [raw.element(0x00280004, b"CS", b"MONOCHROME2"), raw.element(0x00280008, b"IS", frames)]
    return raw.file(raw.instance(*described, pixels), syntax=syntax)


def even(first: bytes, rest: bytes) -> tuple[bytes, bytes]:
    """Divide a frame so that no fragment needs a pad byte in its middle."""
    return (first, rest) if len(first) % 2 == 0 else (first[:-1], first[-1:] + rest)


def decoded(data: bytes) -> np.ndarray:
    return pydicom.dcmread(io.BytesIO(data)).pixel_array


FRAMES = {
    "behind the samples": (raw.element(0x7FE00010, b"OB", PIXELS.tobytes() + TEXT), raw.EXPLICIT),
    "behind the end marker": (raw.fragments(ENCODED + TEXT), JPEG),
    "a comment": (raw.fragments(ENCODED[:2] + COMMENT + ENCODED[2:]), JPEG),
    "a comment over a border": (raw.fragments(*even(ENCODED[:2] + COMMENT[:8], COMMENT[8:] + ENCODED[2:])), JPEG),
    "a fragment of its own": (raw.fragments(ENCODED, TEXT), JPEG),
    "an offset table": (raw.fragments(ENCODED, table=TEXT), JPEG),
    "behind the end of a codestream": (raw.fragments(codestream() + TEXT), JPEG_2000),
    "a fragment behind a codestream": (raw.fragments(codestream(), TEXT), JPEG_2000),
    "the table of RLE frames": (raw.fragments(rle(), table=TEXT), RLE),
    "behind the last segment of RLE": (raw.fragments(rle() + TEXT), RLE),
    "behind a padded last segment of RLE": (raw.fragments(rle() + b"\0\0" + TEXT), RLE),
}


@pytest.mark.parametrize("place", FRAMES)
def test_text_beside_the_picture_goes_and_the_picture_stays(place: str, tmp_path: Path) -> None:
    pixels, syntax = FRAMES[place]
    data = image(pixels, syntax)
    out, made = deidentify(data, tmp_path)
    assert b"ERIKA" not in out
    assert any(change.path == (0x7FE00010,) for change in made.changes)
    np.testing.assert_array_equal(decoded(out), decoded(data))


def test_an_end_marker_over_a_border_ends_the_frame(tmp_path: Path) -> None:
    body = ENCODED[:-2] + b"\xff" * (len(ENCODED) % 2 == 0) + b"\xff"
    data = image(raw.fragments(body, b"\xd9" + TEXT + b"\0"), JPEG)
    assert b"ERIKA" not in deidentify(data, tmp_path)[0]


HIDDEN = {
    "a late comment over a border": (
        raw.fragments(ENCODED[:-2] + b"\0" * (len(ENCODED) % 2 == 0) + b"\xff", COMMENT[1:]),
        JPEG,
    ),
    "text before the frame": (raw.fragments(TEXT, ENCODED), JPEG),
    "unused offsets of RLE": (raw.fragments(rle(unused=TEXT)), RLE),
    "a gap of RLE": (raw.fragments(rle(gap=TEXT)), RLE),
    "a further fragment of RLE": (raw.fragments(rle(), TEXT), RLE),
    "a picture without end marker": (raw.fragments(ENCODED[:-2] + TEXT), JPEG),
    "a codestream cut short": (raw.fragments(codestream()[:-20] + TEXT[:10]), JPEG_2000),
    "behind a picture of JPEG XL": (raw.fragments(b"\xff\x0a\x41\x02" + TEXT), JPEG_XL),
    "a run longer than the picture": (raw.fragments(rle()[:-9] + b"\x17" + bytes(8) + TEXT), RLE),
    "too many segments of RLE": (
        raw.fragments(struct.pack("<III", 2, 64, 136).ljust(64, b"\0") + rle()[64:] + TEXT),
        RLE,
    ),
    "a box of JPEG XL": (raw.fragments(b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x18xml " + TEXT), JPEG_XL),
    "behind encapsulated samples": (raw.fragments(PIXELS.tobytes() + TEXT), UNCOMPRESSED),
}


@pytest.mark.parametrize("place", HIDDEN)
def test_text_that_cannot_be_cut_is_refused(place: str, tmp_path: Path) -> None:
    with pytest.raises(InstanceRefused) as refusal:
        deidentify(image(*HIDDEN[place]), tmp_path)
    assert refusal.value.code in {"frame-damaged", "frame-comment-late", "frame-wrapped", "frame-end-unknown"}
    assert "ERIKA" not in str(refusal.value)


def test_offset_tables_follow_when_frames_shrink(tmp_path: Path) -> None:
    first = ENCODED[:2] + COMMENT + ENCODED[2:]
    first += b"\0" * (len(first) % 2)
    data = image(raw.fragments(first, ENCODED, table=struct.pack("<II", 0, len(first) + 8)), JPEG, frames=b"2")
    out, _made = deidentify(data, tmp_path)
    assert b"ERIKA" not in out
    np.testing.assert_array_equal(decoded(out), decoded(data))


def extended(offsets: bytes, lengths: bytes, *frames: bytes) -> bytes:
    tables = raw.element(0x7FE00001, b"OV", offsets) + raw.element(0x7FE00002, b"OV", lengths)
    return image(tables + raw.fragments(*frames), JPEG, frames=b"%d" % len(frames))


def test_an_extended_offset_table_that_holds_something_else_is_emptied(tmp_path: Path) -> None:
    first = ENCODED + b"\0" * (len(ENCODED) % 2)
    data = extended(b"ERIKA\0\0\0", b"ERIKA\0\0\0", first)
    out, _made = deidentify(data, tmp_path)
    assert b"ERIKA" not in out
    np.testing.assert_array_equal(decoded(out), decoded(image(raw.fragments(first), JPEG)))


def test_an_extended_offset_table_follows_when_frames_shrink(tmp_path: Path) -> None:
    first = ENCODED[:2] + COMMENT + ENCODED[2:]
    first += b"\0" * (len(first) % 2)
    second = ENCODED + b"\0" * (len(ENCODED) % 2)
    offsets = struct.pack("<QQ", 0, len(first) + 8)
    out, _made = deidentify(extended(offsets, struct.pack("<QQ", len(first), len(second)), first, second), tmp_path)
    assert b"ERIKA" not in out
    found = pydicom.dcmread(io.BytesIO(out))
    assert struct.unpack("<QQ", found.ExtendedOffsetTable) == (0, len(second) + 8)
    assert struct.unpack("<QQ", found.ExtendedOffsetTableLengths) == (len(second),) * 2


@given(st.binary(min_size=64, max_size=64), st.integers(0, 3), st.binary(max_size=40))
def test_runs_end_where_the_plane_is_full(plane: bytes, padding: int, behind: bytes) -> None:
    coded = bytearray()
    for at in range(0, 64, 16):  # literal and repeated runs in turn
        coded += b"\x07" + plane[at : at + 8] + b"\x80" + bytes([249, plane[at + 8]])
    frame = struct.pack("<II", 1, 64).ljust(64, b"\0") + bytes(coded) + bytes(padding) + behind
    cut = cuts(lambda at, count: frame[at : at + count], Payload(0, len(frame)), Frames.RLE, Planes(1, 64))
    kept = frame[: cut[0].start] if cut else frame
    assert kept[: 64 + len(coded)] == frame[: 64 + len(coded)]
    rest = kept[64 + len(coded) :].strip(b"\0\x80")  # what says "no operation" says nothing else
    assert len(rest) <= 1


def test_what_follows_floating_point_samples_goes(tmp_path: Path) -> None:
    samples = struct.pack("<64f", *range(64))
    described = [
        raw.element(tag, b"US", struct.pack("<H", number))
        for tag, number in {0x00280002: 1, 0x00280010: 8, 0x00280011: 8, 0x00280100: 32}.items()
    ]
    for data in (samples + TEXT, samples):
        source = raw.instance(*described, raw.element(0x7FE00008, b"OF", data), sop_class=b"1.2.840.10008.5.1.4.1.1.30")
        out, made = deidentify(raw.file(source), tmp_path)
        assert b"ERIKA" not in out
        assert pydicom.dcmread(io.BytesIO(out)).FloatPixelData == samples
        assert any(change.path == (0x7FE00008,) for change in made.changes) is (data != samples)


def test_what_follows_the_samples_of_a_waveform_goes(tmp_path: Path) -> None:
    samples = bytes(range(120))
    numbers = [raw.element(0x003A0005, b"US", b"\3\0"), raw.element(0x003A0010, b"UL", b"\x14\0\0\0")]
    numbers += [raw.element(0x54001004, b"US", b"\x10\0")]
    for data in (samples + TEXT + b"\1\0", samples):
        group = raw.item(raw.in_order([*numbers, raw.element(0x54001010, b"OW", data)]))
        source = raw.instance(raw.sequence(0x54000100, group), sop_class=b"1.2.840.10008.5.1.4.1.1.9.1.1")
        out, made = deidentify(raw.file(source), tmp_path)
        assert b"ERIKA" not in out
        assert pydicom.dcmread(io.BytesIO(out)).WaveformSequence[0].WaveformData == samples
        assert any(change.path[-1:] == (0x54001010,) for change in made.changes) is (data != samples)


def test_samples_that_fill_the_image_stay_as_they_are(tmp_path: Path) -> None:
    out, made = deidentify(image(raw.element(0x7FE00010, b"OB", PIXELS.tobytes())), tmp_path)
    assert PIXELS.tobytes() in out
    assert not [change for change in made.changes if change.path == (0x7FE00010,)]


@pytest.mark.parametrize(("allocated", "cut"), [(1, True), (8, True), (9, False)])
def test_only_sizes_that_the_standard_has_say_where_an_image_ends(allocated: int, cut: bool, tmp_path: Path) -> None:
    data = image(raw.element(0x7FE00010, b"OB", PIXELS.tobytes() + TEXT))
    for tag, number in ((0x00280100, allocated), (0x00280101, allocated), (0x00280102, allocated - 1)):
        old = raw.element(tag, b"US", struct.pack("<H", 7 if tag == 0x00280102 else 8))
        data = data.replace(old, raw.element(tag, b"US", struct.pack("<H", number)))
    out, _made = deidentify(data, tmp_path)
    assert (TEXT not in out) is cut
    harvested = harvest(tmp_path / "source", 0)
    sceptic = Sceptic(merge([harvested]), merge_uids([harvested]), compile_plan(load("basic")).promises())
    found = {finding.check for finding in sceptic.examine(tmp_path / "source", tmp_path / "target", 0).findings}
    assert not cut or not found
