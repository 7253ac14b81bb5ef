"""Redact: stored values of areas become black; every other stored value stays what it was (PS3.15 E.3.1)."""

from collections.abc import Iterable, Sequence

import numpy as np

from workbench.pixels.layout import Area, Frame, Layout, refused


def covered(areas: Iterable[Area], layout: Layout) -> list[Area]:
    """Return the clipped areas, rounded out to what one native value covers."""
    if not layout.subsampled:
        return list(areas)
    return [Area(left // 2 * 2, top, -(-right // 2) * 2, bottom) for left, top, right, bottom in areas]


def redact_native(data: bytes, layout: Layout, areas: Sequence[Area], *, first_bit: int = 0) -> bytes:
    """Return one native frame, as it is stored, with the areas black.

    Parameters
    ----------
    data
        The bytes that hold the frame. With one bit allocated, frames follow each other bit by bit (PS3.5 8.1.1); the
        frame begins at bit `first_bit` of the first byte, and what else the bytes hold stays.
    areas
        As `workbench.pixels.layout.clipped` gives them.

    Raises
    ------
    InstanceRefused
        `pixel-length` when the data are shorter than the frame; `columns-odd` for pairs that cross the end of a row,
        `planes-subsampled` for pairs in planes.
    """
    if first_bit + layout.frame_bits > 8 * len(data):
        raise refused("pixel-length", "The pixel data are not as long as rows, columns and frames say.")
    if layout.allocated == 1:
        return _redact_bits(data, layout, areas, first_bit)
    samples = patterns(data, layout)
    blacken(samples, layout, areas)
    return native(samples, layout) + data[layout.frame_bits // 8 :]


def patterns(data: bytes, layout: Layout) -> Frame:
    """Return the bit patterns of one native frame, as a copy.

    Rows x Columns, Rows x Columns x 3, or Rows x Columns / 2 x 4 where two neighbours share their colour. Samples of 24
    bits become 32. The memory order is that of the file.

    Raises
    ------
    InstanceRefused
        `columns-odd`, `planes-subsampled`.
    """
    size = layout.frame_bits // 8
    if layout.allocated == 24:
        wide = np.zeros((size // 3, 4), np.uint8)
        wide[:, :3] = np.frombuffer(data, np.uint8, size).reshape(-1, 3)
        flat: Frame = wide.view("<u4").reshape(-1)
    else:
        flat = np.frombuffer(data[:size], f"<u{layout.allocated // 8}").copy()
    if layout.subsampled:
        if layout.columns % 2:
            raise refused("columns-odd", "Two neighbours share their colour, but the columns are odd in number.")
        if layout.planar:
            raise refused("planes-subsampled", "Two neighbours share their colour, but the colours are by plane.")
        return flat.reshape(layout.rows, layout.columns // 2, 4)
    if layout.samples == 1:
        return flat.reshape(layout.rows, layout.columns)
    if layout.planar:
        return np.moveaxis(flat.reshape(layout.samples, layout.rows, layout.columns), 0, -1)
    return flat.reshape(layout.rows, layout.columns, layout.samples)


def blacken(samples: Frame, layout: Layout, areas: Iterable[Area]) -> None:
    """Blacken areas in place; `samples` are shaped as `patterns` gives them."""
    values = black(samples, layout)
    halved = 2 if samples.ndim == 3 and samples.shape[2] == 4 else 1
    for left, top, right, bottom in covered(areas, layout) if halved == 2 else areas:
        samples[top:bottom, left // halved : right // halved] = values


def black(samples: Frame, layout: Layout) -> Frame:
    """Return the bit patterns of black, one for each value of a place.

    For MONOCHROME2 the lowest value that the frame has, for MONOCHROME1 the highest: no value that a viewer has not
    seen, which could spoil an automatic window. Overlay bits above or below the stored ones are cleared.
    """
    kind = samples.dtype
    unit = 1 << layout.shift
    if layout.photometric == "PALETTE COLOR":
        return np.array(_placed(layout.darkest, layout, kind.itemsize * 8), kind)
    if layout.samples == 1:
        return np.array(_extreme(samples, layout), kind)
    if layout.photometric == "RGB" or layout.photometric in ("YBR_ICT", "YBR_RCT"):
        return np.zeros(samples.shape[2], kind)
    middle = unit << (layout.stored - 1)
    dark = (unit << max(0, layout.stored - 4)) if "PARTIAL" in layout.photometric else 0
    return np.array((dark, dark, middle, middle) if samples.shape[2] == 4 else (dark, middle, middle), kind)


def _extreme(samples: Frame, layout: Layout) -> int:
    """Return the pattern of the lowest or highest stored value of a grey frame."""
    bits = samples.dtype.itemsize * 8
    stored = samples
    if layout.shift or layout.stored < bits:
        stored = (samples >> samples.dtype.type(layout.shift)) & samples.dtype.type((1 << layout.stored) - 1)
    if layout.signed:
        # Flipping the sign bit puts the patterns in the order of their values.
        stored = stored ^ samples.dtype.type(1 << (layout.stored - 1))
    value = int(stored.max() if layout.photometric == "MONOCHROME1" else stored.min())
    return _placed(value ^ 1 << (layout.stored - 1) if layout.signed else value, layout, bits)


def _placed(value: int, layout: Layout, bits: int) -> int:
    """Return the pattern of a stored value in a word of so many bits, its sign repeated above."""
    placed = value << layout.shift
    if layout.signed and value >> (layout.stored - 1):
        placed |= ((1 << bits) - 1) >> layout.high << layout.high
    return placed


def native(samples: Frame, layout: Layout) -> bytes:
    """Return the bytes of samples, the inverse of `patterns`."""
    flat = np.moveaxis(samples, -1, 0) if layout.planar and samples.ndim == 3 and samples.shape[2] == 3 else samples
    if layout.allocated == 24:
        return flat.reshape(-1, 1).view(np.uint8)[:, :3].tobytes()
    return flat.tobytes()


def _redact_bits(data: bytes, layout: Layout, areas: Iterable[Area], first_bit: int) -> bytes:
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    frame = bits[first_bit : first_bit + layout.frame_bits].reshape(layout.rows, layout.columns)
    value = {"MONOCHROME1": 1, "MONOCHROME2": 0}.get(layout.photometric, layout.darkest & 1)
    for left, top, right, bottom in areas:
        frame[top:bottom, left:right] = value
    return np.packbits(bits, bitorder="little").tobytes()


def redact_overlay(data: bytes, size: tuple[int, int], origin: tuple[int, int], areas: Iterable[Area]) -> bytes:
    """Return Overlay Data (60xx,3000) with the bits cleared that lie over areas of the image, in all its frames.

    Parameters
    ----------
    data
        Bits, packed without regard to rows and frames (PS3.5 8.1.2).
    size
        Overlay Rows and Overlay Columns.
    origin
        Overlay Origin: row and column of the image, counted from 1, where the first bit lies; may be outside.

    Raises
    ------
    InstanceRefused
        `overlay-size`, when size and data do not go together.
    """
    rows, columns = size
    if rows < 1 or columns < 1 or 8 * len(data) < rows * columns:
        raise refused("overlay-size", "An overlay is not as large as it says.")
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    count = len(bits) // (rows * columns)
    planes = bits[: count * rows * columns].reshape(count, rows, columns)
    down, across = origin[0] - 1, origin[1] - 1
    for left, top, right, bottom in areas:
        inside = (max(0, top - down), max(0, bottom - down), max(0, left - across), max(0, right - across))
        planes[:, inside[0] : inside[1], inside[2] : inside[3]] = 0
    return np.packbits(bits, bitorder="little").tobytes()
