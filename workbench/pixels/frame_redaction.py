"""Redact one encapsulated frame in its own transfer syntax."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from workbench.pixels import codecs, jpeg_blocks
from workbench.pixels.codecs import Decoded
from workbench.pixels.jpeg_markers import contradicted
from workbench.pixels.layout import Area, Blanked, Frame, Layout
from workbench.pixels.redaction import black, covered, redact_native


class RedactedFrame(NamedTuple):
    """A frame as it goes out, and what became of each area."""

    frame: bytes
    blanked: tuple[Blanked, ...]


def redact_frame(frame: bytes, syntax: str, layout: Layout, areas: Sequence[Area]) -> RedactedFrame:
    """Return a frame in the same syntax with the areas black; other stored values stay what they were.

    `areas` as `workbench.pixels.layout.clipped` gives them. What was written has been decoded again and compared.

    Raises
    ------
    InstanceRefused
        What `codecs.decode`, `codecs.encode` and `jpeg_blocks.blank` raise.
    """
    if syntax in codecs.BY_BLOCKS:
        written, blanked = jpeg_blocks.blank(frame, layout, areas)
        return RedactedFrame(written, tuple(blanked))
    decoded = codecs.decode(frame, syntax, layout)
    if syntax == codecs.NATIVE_FRAMES:
        rounded = covered(areas, layout)
        written = redact_native(frame, layout, rounded)
        return RedactedFrame(written, tuple(Blanked(area, area) for area in rounded))
    values = _black(decoded, layout)
    for left, top, right, bottom in areas:
        decoded.samples[top:bottom, left:right] = values
    written = codecs.encode(decoded, syntax, layout, frame)
    return RedactedFrame(written, tuple(Blanked(area, area) for area in areas))


def _black(decoded: Decoded, layout: Layout) -> Frame:
    """Return black as the codec holds it: in its precision, sign-extended where it is signed."""
    samples = decoded.samples
    bits = samples.dtype.itemsize * 8
    stored, high = _stored(decoded, layout, bits)
    if layout.darkest >> stored:
        raise contradicted()
    held = replace(layout, allocated=bits, stored=stored, high=high)
    values = black(samples, held).astype(np.int64) & ((1 << decoded.precision) - 1)
    if decoded.signed:
        sign = 1 << (decoded.precision - 1)
        values = ((values ^ sign) - sign) & ((1 << bits) - 1)
    return values.astype(samples.dtype)


def _stored(decoded: Decoded, layout: Layout, bits: int) -> tuple[int, int]:
    """Return Bits Stored and High Bit of the samples that a codec gives: often without the bits that are not stored."""
    if layout.high < min(decoded.precision, bits):
        return layout.stored, layout.high
    stored = min(layout.stored, decoded.precision, bits)
    return stored, stored - 1
