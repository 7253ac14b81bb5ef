"""Frames and files that were made to break a decoder: the caller lives, in bounded time and memory, and gets a name."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from tests.peak import peak_kib
from tests.pixels.images import described, layout, opened, picture, redacted, save, with_frames
from tests.pixels.jpegs import jpeg, scans
from tests.pixels.test_codecs import CASES, JPEG, RLE, rle
from workbench.dicom.source import open_source
from workbench.pixels.frames import InstanceFrames
from workbench.pixels.layout import Area
from workbench.pixels.planes import planes
from workbench.pixels.proof import is_uniform
from workbench.pixels.workers import FrameWorker
from workbench.records.errors import InstanceRefused

AREA = Area(4, 3, 21, 9)
YBR = layout(40, 50, "YBR_FULL_422")
REFUSALS = {
    "frame-damaged",
    "frame-description",
    "frame-not-reproduced",
    "frame-sampling",
    "frame-too-large",
    "decoder-crashed",
    "decoder-timeout",
}
VARIANTS = [
    {},
    {"arithmetic": True},
    {"progressive": True},
    {"restart": 2},
    {"script": scans([0], [1], [2])},
    {"sampling": [(2, 2), (1, 2), (2, 1)]},
]


def frames():
    """Whole frames of every syntax, with what the header says of them; those of JPEG with loss apart."""
    for name, syntax, encode, of, _decode in CASES:
        samples = picture(of.rows, of.columns, of.samples, bits=min(of.stored, 31))
        if of.signed:
            samples = (samples.astype(np.int64) - (1 << of.stored - 1)).astype("<i2").view("<u2")
        yield name, syntax, of, encode(samples, of)


def lossy_frames():
    variants: Any = VARIANTS
    for variant in variants:
        yield f"jpeg {variant}", JPEG + "50", YBR, jpeg(picture(40, 50, 3), **variant)


def pick(rng, choices):
    return choices[rng.integers(len(choices))]


def mangled(rng, frame, *, head=120):
    """Spoil a frame at one or several places, mostly in its head, where decoders believe what they read."""
    data = bytearray(frame)
    for _change in range(pick(rng, [1, 1, 1, 2, 4, 16])):
        at = int(rng.integers(min(len(data), head) if rng.random() < 0.6 else len(data)))
        length = pick(rng, [1, 2, 4, 8, 64])
        spoil = rng.integers(6)
        if spoil == 0:
            data[at] ^= 1 << int(rng.integers(8))
        elif spoil == 1:
            data[at : at + length] = rng.bytes(length)
        elif spoil == 2:
            data[at : at + 4] = pick(rng, [bytes(4), b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\1"])
        elif spoil == 3:
            data[at : at + 2] = b"\xff" + rng.bytes(1)
        elif spoil == 4:
            data[at : at + length] = data[at : at + length] * pick(rng, [0, 2])
        else:
            del data[max(at, 1) :]
        data = data or bytearray(b"\0")
    return bytes(data)


def attack(worker, kinds, count, *, seed):
    """Redact mangled frames; return how often each ended how. What comes out has to be black and decodable."""
    rng = np.random.default_rng(seed)
    ended: Counter[str] = Counter()
    for _attempt in range(count):
        _name, syntax, of, frame = pick(rng, kinds)
        bad = mangled(rng, frame)
        try:
            out = worker.redact(bad, syntax, of, [AREA])
        except InstanceRefused as refused:
            ended[refused.code] += 1
            continue
        ended["redacted"] += 1
        for blanked in out.blanked:
            assert is_uniform(worker.decode(out.frame, syntax, of), of, blanked.black)
    return ended


def hold(ended, count):
    assert ended.keys() <= REFUSALS | {"redacted"}
    assert ended["frame-damaged"] > count // 20
    assert not ended["decoder-timeout"]


@pytest.mark.parametrize("seed", [1, 2])
def test_mangled_frames_are_refused_by_name_or_redacted(worker, seed):
    hold(attack(worker, list(frames()), 400, seed=seed), 400)


def test_mangled_jpeg_frames_with_loss_are_refused_by_name_or_redacted(worker):
    hold(attack(worker, list(lossy_frames()), 15, seed=1), 15)


@pytest.mark.slow
@pytest.mark.parametrize(("kinds", "count"), [(frames, 12_000), (lossy_frames, 400)])
def test_thousands_of_mangled_frames_harm_nobody(kinds, count):
    with FrameWorker(memory=1 << 30, seconds=20) as worker:
        hold(attack(worker, list(kinds()), count, seed=20), count)
        worker.decode(next(frames())[3], next(frames())[1], next(frames())[2])  # one that is well
        assert worker._process is not None
        assert peak_kib(worker._process.pid) < 200 << 10


def test_an_image_too_large_to_be_looked_at_is_refused_before_it_is_decoded(tmp_path, worker):
    of = layout(6000, 6000)
    path = save(with_frames(described(of, RLE), [rle(np.zeros((6000, 6000), np.uint8), of)]), tmp_path / "in.dcm")
    with opened(path, worker) as stored, pytest.raises(InstanceRefused) as refused:
        InstanceFrames(stored)
    assert refused.value.code == "image-too-large"


@pytest.mark.parametrize(
    ("rows", "columns", "frames", "code"),
    [(6000, 6000, 1, "image-too-large"), (1, 1, 1 << 20, "overlay-size"), (6000, 6000, 9, "overlay-size")],
)
def test_an_overlay_too_large_to_be_looked_at_is_refused_by_name(tmp_path, rows, columns, frames, code):
    data_set = described(layout(20, 30))
    data_set.PixelData = bytes(600)
    for element, vr, value in ((0x10, "US", rows), (0x11, "US", columns), (0x15, "IS", frames), (0x100, "US", 1)):
        data_set.add_new(0x60000000 | element, vr, value)
    data_set.add_new(0x60003000, "OW", bytes(4_500_000))
    with open_source(save(data_set, tmp_path / "in.dcm")) as source:
        (found,) = planes(source.walk(), source.read)
    assert isinstance(found, InstanceRefused)
    assert found.code == code


def files(folder):
    """Small whole files: encapsulated in each syntax, and native ones of each kind."""
    kinds = {syntax: (of, frame) for _name, syntax, of, frame in [*frames(), *lossy_frames()]}
    for syntax, (of, frame) in kinds.items():
        many = layout(of.rows, of.columns, of.photometric, **_rest(of), frames=2)
        data_set = with_frames(described(many, syntax), [frame, frame])
        if of.photometric == "PALETTE COLOR":
            _add_palette(data_set)
        yield save(data_set, folder / f"{syntax}.dcm").read_bytes()
    natives = [layout(21, 33, "RGB", frames=2), layout(7, 9, stored=1, frames=5), layout(20, 30, "PALETTE COLOR")]
    for n, of in enumerate([*natives, layout(20, 30, "YBR_FULL_422", frames=3)]):
        data_set = described(of)
        data_set.PixelData = bytes(-(-of.frames * of.frame_bits // 16) * 2)
        if of.photometric == "PALETTE COLOR":
            _add_palette(data_set)
        yield save(data_set, folder / f"{n}.dcm").read_bytes()


def _rest(of):
    names = ("samples", "allocated", "stored", "high", "signed", "planar", "darkest")
    return {name: getattr(of, name) for name in names}


def _add_palette(data_set):
    for colour in ("Red", "Green", "Blue"):
        setattr(data_set, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(data_set, f"{colour}PaletteColorLookupTableData", np.arange(256, dtype="<u2").tobytes())


def attack_files(folder, worker, count, *, seed):
    rng = np.random.default_rng(seed)
    whole = list(files(folder))
    ended: Counter[str] = Counter()
    for _attempt in range(count):
        data = pick(rng, whole)
        (folder / "in.dcm").write_bytes(data[:132] + mangled(rng, data[132:], head=700))
        try:
            redacted(folder / "in.dcm", folder / "out.dcm", worker, [AREA])
        except InstanceRefused as refused:
            ended[refused.code] += 1
        else:
            ended["redacted"] += 1
    return ended


def test_mangled_files_are_refused_by_name_or_redacted(tmp_path, worker):
    ended = attack_files(tmp_path, worker, 300, seed=3)
    assert ended["redacted"] > 20
    assert len(ended) > 8


@pytest.mark.slow
def test_thousands_of_mangled_files_harm_nobody(tmp_path, worker):
    assert attack_files(tmp_path, worker, 4000, seed=30)["redacted"] > 200
