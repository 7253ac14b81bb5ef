from functools import partial

import imagecodecs
import numpy as np
import openjpeg.utils
import pytest
from jpeg_ls import CharLS
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID
from rle.rle import encode_frame

from tests.pixels.images import described, layout, outside, picture, with_frames
from workbench.pixels.codecs import decode
from workbench.pixels.frame_redaction import redact_frame
from workbench.pixels.jpeg_markers import segments
from workbench.pixels.layout import Area
from workbench.records.errors import InstanceRefused

AREAS = [Area(4, 3, 21, 9), Area(30, 20, 47, 31)]
RLE = "1.2.840.10008.1.2.5"
NATIVE_FRAMES = "1.2.840.10008.1.2.1.98"
JPEG = "1.2.840.10008.1.2.4."


def by_pydicom(frame, syntax, of):
    """Decode with the verifier's library, which no part of the redaction uses."""
    data_set = with_frames(described(of, syntax), [frame])
    return get_decoder(UID(syntax)).as_array(data_set, raw=True)[0]


def by_sof3(frame, _syntax, _of):
    """Decode lossless JPEG with another decoder than the one in use."""
    return imagecodecs.jpegsof3_decode(frame)


def by_openjpeg(frame, _syntax, _of):
    """Decode HTJ2K as pydicom does where it can."""
    return openjpeg.utils.decode(frame)


def by_hand(frame, _syntax, of):
    return np.frombuffer(frame, f"<u{of.allocated // 8}").reshape(of.rows, of.columns, -1).squeeze()


def rle(samples, of):
    return encode_frame(samples.tobytes(), of.rows, of.columns, of.samples, of.allocated, "<")


def jpeg_ls(samples, of, mode=0, near=0):
    ordered = np.moveaxis(samples, -1, 0) if of.samples == 3 and mode == 0 else samples
    return bytes(CharLS.encode_buffer(ordered.tobytes(), of.rows, of.columns, of.samples, of.stored, near, mode))


def jpeg_2000(samples, of, **more):
    typed = samples.view(f"<i{samples.dtype.itemsize}") if of.signed else samples
    return openjpeg.utils.encode_array(typed, of.stored, photometric_interpretation=int(of.samples == 3), **more)


def htj2k(samples, of, **more):
    typed = samples.view(f"<i{samples.dtype.itemsize}") if of.signed else samples
    return bytes(imagecodecs.htj2k_encode(typed, **({"reversible": True} | more)))


GREY = [layout(40, 50), layout(40, 50, "MONOCHROME1", stored=12, allocated=16), layout(40, 50, stored=16)]
SIGNED = layout(40, 50, stored=16, signed=True)
SIGNED_12 = layout(40, 50, stored=12, allocated=16, signed=True)
RGB, YBR = layout(40, 50, "RGB"), layout(40, 50, "YBR_FULL")
RCT, ICT = layout(40, 50, "YBR_RCT"), layout(40, 50, "YBR_ICT")
PALETTE = layout(40, 50, "PALETTE COLOR", darkest=200)


def cases():  # noqa: C901 (a list of syntaxes)
    for of in [
        *GREY,
        SIGNED,
        SIGNED_12,
        RGB,
        YBR,
        PALETTE,
        layout(40, 50, stored=32),
        layout(40, 50, "RGB", stored=16),
    ]:
        yield "rle", RLE, rle, of, by_pydicom
    for of in [*GREY, SIGNED, PALETTE, RGB]:
        for syntax in ("57", "70"):
            yield "jpeg lossless", JPEG + syntax, jpeg_lossless, of, by_sof3
    for of in [*GREY, SIGNED, PALETTE]:
        yield "jpeg-ls", JPEG + "80", jpeg_ls, of, by_pydicom
    for mode in (0, 1, 2):
        yield f"jpeg-ls {mode}", JPEG + "80", lambda s, of, m=mode: jpeg_ls(s, of, m), RGB, by_pydicom
    yield "jpeg-ls near", JPEG + "81", lambda s, of: jpeg_ls(s, of, 0, 3), GREY[0], by_pydicom
    yield "jpeg-ls near", JPEG + "81", lambda s, of: jpeg_ls(s, of, 2, 2), RGB, by_pydicom
    for of in [*GREY, SIGNED, SIGNED_12, RCT, PALETTE]:
        yield "jpeg 2000", JPEG + "90", jpeg_2000, of, by_pydicom
    for of in (RGB, YBR):
        yield "jpeg 2000", JPEG + "90", lambda s, of: jpeg_2000(s, of, use_mct=False), of, by_pydicom
    for of in (GREY[0], GREY[1], ICT):
        yield "jpeg 2000 lossy", JPEG + "91", lambda s, of: jpeg_2000(s, of, compression_ratios=[8]), of, by_pydicom
    for number in ("201", "202"):
        for of in [*GREY, SIGNED, RCT]:
            yield "htj2k", JPEG + number, lambda s, of: htj2k(s, of, rgb=of.samples == 3), of, by_openjpeg
    yield "htj2k lossy", JPEG + "203", lambda s, of: htj2k(s, of, reversible=False, level=0.01), GREY[0], by_openjpeg


def seldom():
    for predictor in (1, 2, 3, 5, 6, 7):
        encode = partial(jpeg_lossless, predictor=predictor)
        yield f"predictor {predictor}", JPEG + "57", encode, GREY[1], by_sof3
    yield "liblj92", JPEG + "57", lambda s, of: imagecodecs.ljpeg_encode(s, bitspersample=of.stored), GREY[2], by_sof3
    yield "jpeg-ls 2 bits", JPEG + "80", jpeg_ls, layout(40, 50, stored=2, allocated=8), by_pydicom
    yield "jpeg 2000 1 bit", JPEG + "90", jpeg_2000, layout(40, 50, stored=1, allocated=8), by_pydicom
    # The code stream has a sign and the header has none, and the other way round.
    yield "jpeg 2000 sign", JPEG + "90", lambda s, _of: jpeg_2000(s, GREY[2]), SIGNED, by_openjpeg
    yield "jpeg 2000 sign", JPEG + "90", lambda s, _of: jpeg_2000(s - np.uint16(2048), SIGNED_12), GREY[1], by_openjpeg
    for syntax in ("201", "202"):
        yield "htj2k tiles", JPEG + syntax, lambda s, of: htj2k(s, of, tile=(16, 16)), GREY[2], by_openjpeg
    yield "htj2k lossy", JPEG + "202", lambda s, of: htj2k(s, of, reversible=False, level=0.01), GREY[0], by_openjpeg
    yield "uncompressed", NATIVE_FRAMES, lambda s, _of: s.tobytes(), RGB, by_hand
    yield "uncompressed", NATIVE_FRAMES, lambda s, _of: s.tobytes(), GREY[1], by_hand


def jpeg_lossless(samples, of, predictor=4):
    return bytes(imagecodecs.jpeg8_encode(samples, lossless=True, predictor=predictor, bitspersample=of.stored))


CASES = [*cases(), *seldom()]
NAMES = [f"{case[0]}-{case[1][-3:]}-{case[3].photometric}-{case[3].stored}" for case in CASES]
ENCODERS = {case[1]: case[2] for case in reversed(CASES)}


def stored(samples, of):
    """Stored values within Bits Stored."""
    return samples.astype(np.int64) & ((1 << of.stored) - 1)


@pytest.mark.parametrize(("syntax", "encode", "of", "decode"), [case[1:] for case in CASES], ids=NAMES)
def test_every_value_outside_the_areas_stays(syntax, encode, of, decode):
    samples = picture(of.rows, of.columns, of.samples, bits=min(of.stored, 31))
    if of.signed:
        samples = (samples.astype(np.int64) - (1 << of.stored - 1)).astype("<i2").view("<u2")
    frame = encode(samples, of)
    out = redact_frame(frame, syntax, of, AREAS)
    assert [each.touched for each in out.blanked] == AREAS
    before, after = decode(frame, syntax, of), decode(out.frame, syntax, of)
    mask = outside(before.shape, AREAS)
    assert np.array_equal(stored(before, of)[mask], stored(after, of)[mask])
    black = stored(after, of)[~mask]
    assert (black == black[0]).all()
    wanted = {"PALETTE COLOR": of.darkest, "RGB": 0, "YBR_RCT": 0, "YBR_ICT": 0}.get(of.photometric)
    if of.photometric == "YBR_FULL":
        assert tuple(black[0]) == (0, 1 << of.stored - 1, 1 << of.stored - 1)
    elif wanted is None:
        values = stored(before, of)
        values = np.where(values >> of.stored - 1, values - (1 << of.stored), values) if of.signed else values
        wanted = (values.max() if of.photometric == "MONOCHROME1" else values.min()) & ((1 << of.stored) - 1)
    assert of.photometric == "YBR_FULL" or (black == wanted).all()


@pytest.mark.parametrize(("photometric", "black"), [("MONOCHROME1", 1), ("MONOCHROME2", 0)])
def test_an_uncompressed_frame_of_single_bits_stands_alone(photometric, black):
    bits = np.random.default_rng(1).integers(0, 2, (7, 9)).astype(np.uint8)
    frame = np.packbits(bits, bitorder="little").tobytes()
    of = layout(7, 9, photometric, stored=1)
    out = redact_frame(frame, NATIVE_FRAMES, of, [Area(2, 1, 5, 4)]).frame
    bits[1:4, 2:5] = black
    assert np.array_equal(decode(out, NATIVE_FRAMES, of).samples, bits)


@pytest.mark.parametrize("surplus", [b"\0\0", b"something hidden"])
def test_an_uncompressed_frame_with_bytes_behind_it_is_refused_by_name(surplus):
    with pytest.raises(InstanceRefused) as refused:
        redact_frame(bytes(2000) + surplus, NATIVE_FRAMES, GREY[0], AREAS)
    assert refused.value.code == "frame-damaged"


def test_a_lossless_frame_with_less_samples_of_colour_is_refused_by_name():
    frame = bytearray(jpeg_lossless(picture(40, 50, 3), RGB))
    start = next(start for marker, start, _end in segments(bytes(frame)) if marker == 0xC3)
    frame[start + 11] = 0x21
    with pytest.raises(InstanceRefused) as refused:
        redact_frame(bytes(frame), JPEG + "70", RGB, AREAS)
    assert refused.value.code == "frame-sampling"


def test_a_palette_that_a_frame_is_not_deep_enough_for_is_refused_by_name():
    frame = jpeg_ls(picture(40, 50), GREY[0])
    with pytest.raises(InstanceRefused) as refused:
        redact_frame(frame, JPEG + "80", layout(40, 50, "PALETTE COLOR", stored=16, darkest=300), AREAS)
    assert refused.value.code == "frame-description"


@pytest.mark.parametrize("syntax", sorted(ENCODERS))
@pytest.mark.parametrize("damage", ["cut", "noise", "empty", "head only"])
def test_a_damaged_frame_is_refused_and_the_caller_lives(worker, syntax, damage):
    frame = ENCODERS[syntax](picture(40, 50), GREY[0])
    rng = np.random.default_rng(5)
    frame = {
        "cut": frame[: len(frame) * 2 // 3],
        "noise": frame[:100] + rng.bytes(len(frame)),
        "empty": b"",
        "head only": frame[:60],
    }[damage]
    try:
        out = worker.redact(frame, syntax, GREY[0], AREAS)
    except InstanceRefused as refused:
        code = refused.code
        assert code in {"frame-damaged", "frame-description", "decoder-crashed", "frame-not-reproduced"}
    else:
        # Some decoders make a picture of anything; then it is redacted like any other.
        assert damage in {"noise", "cut"}
        assert np.array_equal(worker.decode(out.frame, syntax, GREY[0])[3:9, 4:21].ravel() * 0, [0] * 102)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.92", "1.2.3"])
def test_other_syntaxes_are_refused_by_name(syntax):
    with pytest.raises(InstanceRefused) as refused:
        redact_frame(b"", syntax, GREY[0], AREAS)
    assert refused.value.code == "syntax-not-redacted"


@pytest.mark.parametrize("syntax", [JPEG + "90", JPEG + "201", JPEG + "70", JPEG + "80"])
def test_a_frame_that_says_another_size_is_refused_before_it_is_decoded(syntax):
    frame = ENCODERS[syntax](picture(40, 50), GREY[0])
    with pytest.raises(InstanceRefused) as refused:
        redact_frame(frame, syntax, layout(41, 50), [])
    assert refused.value.code == "frame-description"
