"""What redaction costs, against the plain libraries on the same frames, and what memory a large object takes."""

import io
import json
import subprocess
import sys
import time

import imagecodecs
import numpy as np
import pytest
import simplejpeg
from PIL import Image

from tests.pixels.images import described, layout, picture, save, with_frames
from tests.pixels.test_codecs import JPEG, RLE, htj2k, jpeg_2000, jpeg_lossless, jpeg_ls, rle
from workbench.pixels import codecs
from workbench.pixels.frame_redaction import redact_frame
from workbench.pixels.layout import Area
from workbench.pixels.workers import FrameWorker

AREAS = [Area(33, 21, 190, 45), Area(500, 480, 700, 510)]
MEASURE = """
import io, json, sys
from pathlib import Path
from tests.peak import peak_kib
from workbench.dicom.source import open_source
from workbench.pixels.decoding import StoredFrames
from workbench.pixels.layout import Area
from workbench.pixels.recoding import recode
from workbench.pixels.workers import FrameWorker

class Nowhere(io.RawIOBase):
    at = 0
    def write(self, data):
        self.at += len(data)
        return len(data)
    def tell(self):
        return self.at

with open_source(Path(sys.argv[1])) as source, FrameWorker() as worker:
    frames = StoredFrames(source.walk(), source.read, worker)
    done = recode(frames, lambda n: [Area(5, 5, 90, 30)] if n % int(sys.argv[2]) == 0 else [], Nowhere(), worker)
    peak = peak_kib() + (peak_kib(worker._process.pid) if worker._process else 0)
print(json.dumps([done.length, len(done.frames), peak]))
"""


def cpu(do, rounds=15):
    """Median CPU milliseconds."""
    do()
    taken = []
    for _round in range(rounds):
        start = time.process_time()
        do()
        taken.append(1000 * (time.process_time() - start))
    return sorted(taken)[rounds // 2]


def tell(text):
    print(text)  # noqa: T201 (figures are to be read)


@pytest.mark.bench
def test_jpeg_redaction_against_coding_again():
    samples = picture(600, 800, 3)
    frame = simplejpeg.encode_jpeg(samples, quality=85, colorsubsampling="422")
    of = layout(600, 800, "YBR_FULL_422")

    def again():
        image = Image.open(io.BytesIO(frame))
        image.load()
        image.save(io.BytesIO(), "JPEG", quality=85, subsampling=1)

    ours, theirs = cpu(lambda: redact_frame(frame, f"{JPEG}50", of, AREAS)), cpu(again)
    with FrameWorker() as worker:
        start = time.perf_counter()
        for _frame in range(50):
            worker.redact(frame, f"{JPEG}50", of, AREAS)
        wall = (time.perf_counter() - start) * 20
    tell(f"JPEG 800x600 4:2:2, {len(frame) // 1000} kB: {ours:.1f} ms CPU, {wall:.1f} ms wall in the worker")
    tell(f"decoded and encoded with loss: {theirs:.1f} ms CPU; ratio {ours / theirs:.2f}")
    assert ours < 8


@pytest.mark.bench
@pytest.mark.parametrize(
    ("name", "syntax", "encode", "most"),
    [
        ("RLE", RLE, rle, 4),
        ("JPEG lossless", f"{JPEG}70", jpeg_lossless, 3),
        ("JPEG-LS", f"{JPEG}80", jpeg_ls, 3),
        ("JPEG 2000", f"{JPEG}90", jpeg_2000, 3),
        ("HTJ2K", f"{JPEG}201", htj2k, 5),
    ],
)
def test_lossless_redaction_against_decoding_and_encoding(name, syntax, encode, most):
    of = layout(512, 512, stored=12, allocated=16)
    frame = encode(picture(512, 512, bits=12), of)

    def again():
        decoded = codecs.decode(frame, syntax, of)
        encode(decoded.samples, of)

    ours, theirs = cpu(lambda: redact_frame(frame, syntax, of, AREAS[:1]), 7), cpu(again, 7)
    tell(f"{name} 512x512 12 bits: {ours:.1f} ms, decode and encode {theirs:.1f} ms; ratio {ours / theirs:.2f}")
    assert ours / theirs < most


def measured(path, *, every=1):
    """Redact every so-many-th frame of a file in a process of its own; bytes written, frames redacted, peak in KiB."""
    command = [sys.executable, "-c", MEASURE, str(path), str(every)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_gigabyte_of_native_frames_is_redacted_in_bounded_memory(tmp_path):
    of = layout(1000, 1000, frames=1100)
    data_set = described(of)
    data_set.PixelData = bytes(2)
    path = save(data_set, tmp_path / "in.dcm")
    size = of.frames * of.rows * of.columns
    with path.open("r+b") as stream:
        stream.seek(-6, io.SEEK_END)
        stream.write(size.to_bytes(4, "little"))
        stream.truncate(stream.tell() + size)
    length, redacted, peak = measured(path)
    tell(f"peak {peak >> 10} MiB")
    assert (length, redacted) == (size, of.frames)
    assert peak < 200 << 10  # KiB


@pytest.mark.slow
def test_a_gigabyte_of_encapsulated_frames_is_redacted_in_bounded_memory(tmp_path):
    of = layout(1000, 1000, frames=1100)
    frame = rle(np.random.default_rng(1).integers(0, 255, (1000, 1000)).astype(np.uint8), of)
    frame += b"\0" * (len(frame) % 2)
    path = save(with_frames(described(of, RLE), [frame, b"\0\0"], table=False), tmp_path / "in.dcm")
    item = b"\xfe\xff\x00\xe0" + len(frame).to_bytes(4, "little")
    with path.open("r+b") as stream:
        stream.seek(-18, io.SEEK_END)
        for number in range(1, of.frames):
            stream.write(item + (frame if number % 50 == 0 else b""))
            stream.seek(0 if number % 50 == 0 else len(frame), io.SEEK_CUR)
        stream.write(b"\xfe\xff\xdd\xe0\0\0\0\0")
    length, redacted, peak = measured(path, every=50)
    tell(f"peak {peak >> 10} MiB")
    assert length > 1 << 30
    assert redacted == 22
    assert peak < 200 << 10  # KiB, of both processes


@pytest.mark.slow
def test_a_large_frame_is_redacted_in_bounded_memory(tmp_path):
    of = layout(4000, 3300, stored=12, allocated=16)
    frame = bytes(imagecodecs.jpeg8_encode(picture(4000, 3300, bits=12), lossless=True, predictor=1, bitspersample=12))
    with FrameWorker(memory=1200 << 20) as worker:
        assert worker.redact(frame, f"{JPEG}70", of, AREAS).blanked
