"""Decode and encode single frames, each in its own transfer syntax; a lossless syntax gives the same values back.

Lossy syntaxes of JPEG 2000, HTJ2K and JPEG-LS may hold frames without loss (PS3.5 8.2.3, 8.2.4, 8.2.14): what was
lossy is decoded, redacted and stored without further loss under the same transfer syntax, so that untouched frames of
the instance keep their bytes.

Decoders are C code that meets hostile bytes: call this in a worker (`workbench.pixels.decoding`).
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from workbench.pixels import jpeg_markers
from workbench.pixels.jpeg_damage import check_whole
from workbench.pixels.jpeg_markers import contradicted, damaged
from workbench.pixels.layout import Frame, Layout, refused
from workbench.pixels.redaction import patterns
from workbench.records.errors import InstanceRefused

_JPEG: Final = "1.2.840.10008.1.2.4."
NATIVE_FRAMES: Final = "1.2.840.10008.1.2.1.98"
RLE: Final = "1.2.840.10008.1.2.5"
BY_BLOCKS: Final = frozenset({f"{_JPEG}50", f"{_JPEG}51"})
"""JPEG with loss, baseline and extended: redacted block by block, never coded again."""
_JPEG_LOSSLESS: Final = frozenset({f"{_JPEG}57", f"{_JPEG}70"})
_JPEG_LS: Final = frozenset({f"{_JPEG}80", f"{_JPEG}81"})
_JPEG_2000: Final = frozenset({f"{_JPEG}90", f"{_JPEG}91"})
_HTJ2K: Final = frozenset({f"{_JPEG}201", f"{_JPEG}202", f"{_JPEG}203"})
_HTJ2K_RPCL: Final = f"{_JPEG}202"
REDACTED: Final = frozenset({NATIVE_FRAMES, RLE, *BY_BLOCKS, *_JPEG_LOSSLESS, *_JPEG_LS, *_JPEG_2000, *_HTJ2K})
"""Encapsulated syntaxes whose frames can be redacted."""

_SIZ: Final = b"\xff\x4f\xff\x51"


class Decoded(NamedTuple):
    """Bit patterns of one frame as its codec holds them: `precision` bits, sign-extended where `signed`."""

    samples: Frame
    precision: int
    signed: bool


def decode(frame: bytes, syntax: str, layout: Layout) -> Decoded:
    """Decode one frame, without any conversion of colours.

    Raises
    ------
    InstanceRefused
        `frame-damaged`, `frame-description` when the frame is not what the header says, `frame-sampling` (JPEG lossless
        with fewer samples of colour), `syntax-not-redacted`.
    """
    decoder = _DECODERS.get(syntax)
    if decoder is None:
        raise InstanceRefused(
            "syntax-not-redacted",
            "Pixels in this transfer syntax can't be redacted.",
            "Have the source system send the object uncompressed.",
        )
    _check_size(frame, syntax, layout)
    try:
        decoded = decoder(frame, layout)
    except (InstanceRefused, MemoryError, KeyboardInterrupt):
        raise
    except BaseException:  # noqa: BLE001 (decoders raise anything on damaged frames; those in Rust what is no Exception)
        raise damaged() from None
    wanted = (layout.rows, layout.columns, layout.samples)[: 2 if layout.samples == 1 else 3]
    if decoded.samples.shape != wanted and syntax != NATIVE_FRAMES:
        raise contradicted()
    return decoded


def encode(decoded: Decoded, syntax: str, layout: Layout, original: bytes) -> bytes:
    """Encode one frame without loss, with the parameters of the frame that it was decoded from.

    Raises
    ------
    InstanceRefused
        `frame-not-reproduced`, when it does not decode to the same values.
    """
    samples = np.ascontiguousarray(decoded.samples)
    decoded = decoded._replace(samples=samples)
    try:
        frame = _ENCODERS[syntax](decoded, layout, original, syntax)
        again = decode(frame, syntax, layout)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (encoders raise anything on what they do not support)
        raise _not_reproduced() from None
    if again.samples.dtype.itemsize != samples.dtype.itemsize or not np.array_equal(again.samples, samples):
        raise _not_reproduced()
    return frame


def _check_size(frame: bytes, syntax: str, layout: Layout) -> None:
    """Refuse a frame that says another size before a decoder takes memory for it."""
    if syntax in _JPEG_2000 | _HTJ2K:
        if not frame.startswith(_SIZ) or len(frame) < 50:
            raise damaged()
        x1, y1, x0, y0 = (int.from_bytes(frame[8 + 4 * n : 12 + 4 * n], "big") for n in range(4))
        size = (y1 - y0, x1 - x0, int.from_bytes(frame[40:42], "big"))
    elif syntax in BY_BLOCKS | _JPEG_LOSSLESS | _JPEG_LS:
        header = jpeg_markers.header(frame)
        if b"\xff\xd9" not in frame[-4:]:
            raise damaged()  # cut short: a decoder would look for the rest for seconds
        size = (header.rows, header.columns, len(header.components))
        if syntax in _JPEG_LOSSLESS and len(set(header.sampling)) > 1:
            raise InstanceRefused(
                "frame-sampling",
                "The colour of a JPEG frame is sampled in a way that can't be blanked.",
                "Have the source system send the object uncompressed.",
            )
    else:
        return
    if size != (layout.rows, layout.columns, layout.samples):
        raise contradicted()


def _unsigned(samples: Any) -> Frame:
    """Return the bit patterns of decoded samples."""
    array = np.asarray(samples)
    return array.view(np.dtype(f"<u{array.dtype.itemsize}"))


def _imagecodecs() -> Any:
    import imagecodecs  # noqa: PLC0415 (large, and only where frames are decoded)

    return imagecodecs


def _decode_native(frame: bytes, layout: Layout) -> Decoded:
    """Return the samples of a frame that nothing but a byte of padding follows."""
    if not 0 <= 8 * len(frame) - layout.frame_bits < 16:
        raise damaged()
    if layout.allocated > 1:
        return Decoded(patterns(frame, layout), layout.allocated, layout.signed)
    bits = np.unpackbits(np.frombuffer(frame, np.uint8), count=layout.frame_bits, bitorder="little")
    return Decoded(bits.reshape(layout.rows, layout.columns), 1, signed=False)


def _decode_rle(frame: bytes, layout: Layout) -> Decoded:
    from rle.rle import decode_frame  # noqa: PLC0415 (loaded where frames are decoded)

    if layout.allocated not in (8, 16, 32):
        raise refused("pixel-bits", "Bits Allocated, Bits Stored and High Bit do not go together.")
    data = decode_frame(frame, layout.rows * layout.columns, layout.allocated, "<")
    planes: Frame = np.frombuffer(data, f"<u{layout.allocated // 8}")
    planes = planes.reshape(layout.samples, layout.rows, layout.columns)
    samples: Frame = planes[0] if layout.samples == 1 else np.moveaxis(planes, 0, -1)
    return Decoded(samples.copy(), layout.allocated, layout.signed)


def _encode_rle(decoded: Decoded, layout: Layout, _original: bytes, _syntax: str) -> bytes:
    from rle.rle import encode_frame  # noqa: PLC0415 (as above)

    data = decoded.samples.tobytes()
    frame: bytes = encode_frame(data, layout.rows, layout.columns, layout.samples, layout.allocated, "<")
    return frame


def _decode_jpeg(frame: bytes, _layout: Layout) -> Decoded:
    """Decode JPEG, with loss or without; colours stay as they are coded."""
    codec = _imagecodecs()
    header = jpeg_markers.header(frame)
    space = "GRAYSCALE" if len(header.components) == 1 else "RGB"
    samples = codec.jpeg8_decode(frame, colorspace=space, outcolorspace=space)
    check_whole(frame)  # behind the decoder, which refuses most of what would end this process
    return Decoded(_unsigned(samples), header.precision, signed=False)


def _encode_jpeg_lossless(decoded: Decoded, _layout: Layout, original: bytes, _syntax: str) -> bytes:
    """Encode with predictor 1, which both lossless syntaxes allow."""
    written = _imagecodecs().jpeg8_encode(decoded.samples, lossless=True, predictor=1, bitspersample=decoded.precision)
    return jpeg_markers.with_application_segments(original, bytes(written))


def _decode_jpeg_ls(frame: bytes, _layout: Layout) -> Decoded:
    from jpeg_ls.CharLS import decode_buffer  # noqa: PLC0415 (loaded where frames are decoded)

    data, header = decode_buffer(frame)
    rows, columns, count = header["height"], header["width"], header["components"]
    flat = np.frombuffer(data, f"<u{1 if header['bits_per_sample'] <= 8 else 2}")
    samples: Frame
    if count == 1:
        samples = flat.reshape(rows, columns)
    elif header["interleave_mode"] == 0:
        samples = np.moveaxis(flat.reshape(count, rows, columns), 0, -1)
    else:
        samples = flat.reshape(rows, columns, count)
    return Decoded(samples.copy(), header["bits_per_sample"], signed=False)


def _encode_jpeg_ls(decoded: Decoded, layout: Layout, original: bytes, _syntax: str) -> bytes:
    from jpeg_ls.CharLS import encode_buffer  # noqa: PLC0415 (as above)

    # A frame by lines is written by pixels, which decodes to the same.
    by_plane = layout.samples == 1 or jpeg_markers.scan_components(original) == 1
    data = (np.moveaxis(decoded.samples, -1, 0) if layout.samples > 1 and by_plane else decoded.samples).tobytes()
    size = (layout.rows, layout.columns, layout.samples)
    return bytes(encode_buffer(data, *size, decoded.precision, 0, 0 if by_plane else 2))


def _decode_jpeg_2000(frame: bytes, _layout: Layout) -> Decoded:
    """Decode JPEG 2000 and HTJ2K.

    What is lossy decodes to other values in other libraries; this is the one that most readers of DICOM use.
    """
    from openjpeg.utils import decode as decode_stream  # noqa: PLC0415 (loaded where frames are decoded)

    return Decoded(_unsigned(decode_stream(frame)), *_depth(frame))


def _encode_jpeg_2000(decoded: Decoded, layout: Layout, original: bytes, _syntax: str) -> bytes:
    from openjpeg.utils import encode_array  # noqa: PLC0415 (as above)

    kind = "i" if decoded.signed else "u"
    samples = decoded.samples.view(f"<{kind}{decoded.samples.dtype.itemsize}")
    mixed = layout.samples == 3 and _mixes_colours(original)
    frame: bytes = encode_array(
        samples, decoded.precision, photometric_interpretation=int(mixed), use_mct=mixed, codec_format=0
    )
    return frame


def _depth(frame: bytes) -> tuple[int, bool]:
    """Return precision and sign of the first component of a code stream (ISO/IEC 15444-1 A.5.1)."""
    depth = frame[42]
    return (depth & 0x7F) + 1, bool(depth & 0x80)


def _mixes_colours(frame: bytes) -> bool:
    """Whether a code stream has a multiple component transformation (ISO/IEC 15444-1 A.6.1)."""
    at = 2
    while at < len(frame) - 9 and frame[at : at + 2] != b"\xff\x90":
        if frame[at : at + 2] == b"\xff\x52":
            return frame[at + 8] == 1
        at += 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
    raise damaged()


def _encode_htj2k(decoded: Decoded, layout: Layout, original: bytes, syntax: str) -> bytes:
    kind = "i" if decoded.signed else "u"
    samples = decoded.samples.view(f"<{kind}{decoded.samples.dtype.itemsize}")
    mixed = layout.samples == 3 and _mixes_colours(original)
    return bytes(_imagecodecs().htj2k_encode(samples, reversible=True, rgb=mixed, tlm=syntax == _HTJ2K_RPCL))


_DECODERS: Final[dict[str, Callable[[bytes, Layout], Decoded]]] = {
    NATIVE_FRAMES: _decode_native,
    RLE: _decode_rle,
    **dict.fromkeys(BY_BLOCKS | _JPEG_LOSSLESS, _decode_jpeg),
    **dict.fromkeys(_JPEG_LS, _decode_jpeg_ls),
    **dict.fromkeys(_JPEG_2000 | _HTJ2K, _decode_jpeg_2000),
}
_ENCODERS: Final[dict[str, Callable[[Decoded, Layout, bytes, str], bytes]]] = {
    RLE: _encode_rle,
    **dict.fromkeys(_JPEG_LOSSLESS, _encode_jpeg_lossless),
    **dict.fromkeys(_JPEG_LS, _encode_jpeg_ls),
    **dict.fromkeys(_JPEG_2000, _encode_jpeg_2000),
    **dict.fromkeys(_HTJ2K, _encode_htj2k),
}


def _not_reproduced() -> InstanceRefused:
    return InstanceRefused(
        "frame-not-reproduced",
        "A redacted frame does not decode to what it should.",
        "Have the source system send the object uncompressed.",
    )
