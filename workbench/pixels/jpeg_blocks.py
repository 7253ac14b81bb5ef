"""Blank blocks of a JPEG frame without decoding it: every other coefficient stays what it was (ISO/IEC 10918-1).

Decode, paint and encode again would quantise the whole frame a second time. Here the coefficients of the blocks that an
area touches become those of black, and the rest is only coded again. Frames of 8 or 12 bits, sequential or
progressive, with or without restart markers, of any integral subsampling; the result is always sequential.

A damaged frame ends the interpreter (`workbench.pixels.libjpeg`): call this in a worker.
"""

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.pixels.jpeg_markers import contradicted, damaged, with_application_segments
from workbench.pixels.layout import Area, Blanked, Layout
from workbench.pixels.libjpeg import ABI, AccessRows, Compress, Decompress, Library, candidates
from workbench.records.errors import InstanceRefused

_BLOCK: Final = 8
_RGB: Final = 2


class _Plane(NamedTuple):
    """The coefficients of one component: block rows x block columns x 64; blocks of one MCU across and down."""

    blocks: NDArray[np.int16]
    across: int
    down: int
    step: int
    """Step of the DC coefficient."""


@cache
def library() -> Library:
    """Return the libjpeg of this process.

    Raises
    ------
    InstanceRefused
        `libjpeg-absent` when none can be loaded: what needs it is held back, and the rest goes on.
    """
    for path in candidates():
        try:
            return Library(path)
        except (OSError, AttributeError):
            continue
    raise InstanceRefused(
        "libjpeg-absent",
        "No libjpeg was found that can blank JPEG frames.",
        "Install Pillow from its wheel, or libjpeg62-turbo.",
    )


def blank(frame: bytes, layout: Layout, areas: Sequence[Area]) -> tuple[bytes, list[Blanked]]:
    """Return the frame with the areas black, and what became of each.

    `areas` lie inside the image (`workbench.pixels.layout.clipped`).

    Raises
    ------
    InstanceRefused
        `frame-damaged`, `frame-description` (the frame is not what the header says), `frame-sampling` or
        `libjpeg-absent`.
    """
    errors = library().errors()
    source = library().reader(frame, errors)
    try:
        _check(source, layout)
        planes, arrays = _read(source)
        if errors.num_warnings:  # counted until the writer starts
            raise damaged()
        done = [_blank(area, planes, source, layout) for area in areas]
        written = _write(source, arrays)
        result = with_application_segments(frame, written)
        _prove(result, source, planes)
        return result, done
    finally:
        library().c.jpeg_destroy_decompress(ctypes.byref(source))


def _check(source: Decompress, layout: Layout) -> None:
    if (
        (source.image_height, source.image_width, source.num_components)
        != (layout.rows, layout.columns, layout.samples)
        or source.data_precision not in (8, 12)
        or source.data_precision > layout.allocated
        or layout.photometric == "PALETTE COLOR"
        or (layout.signed and (layout.photometric != "MONOCHROME2" or source.data_precision != layout.stored))
    ):
        raise contradicted()
    for component in _components(source):
        if source.max_h_samp_factor % component[0] or source.max_v_samp_factor % component[1]:
            raise InstanceRefused(
                "frame-sampling",
                "The colour of a JPEG frame is sampled in a way that can't be blanked.",
                "Have the source system send the object uncompressed.",
            )


def _components(source: Decompress) -> list[tuple[int, int]]:
    """Return the sampling factors; those of a lone component mean nothing (10918-1 A.2.2)."""
    if source.num_components == 1:
        source.max_h_samp_factor = source.comp_info[0].h_samp_factor
        source.max_v_samp_factor = source.comp_info[0].v_samp_factor
    infos = (source.comp_info[index] for index in range(source.num_components))
    return [(info.h_samp_factor, info.v_samp_factor) for info in infos]


def _read(source: Decompress) -> tuple[list[_Plane], object]:
    arrays = library().c.jpeg_read_coefficients(ctypes.byref(source))
    if not arrays:
        raise damaged()
    planes = []
    for index, (across, down) in enumerate(_components(source)):
        info = source.comp_info[index]
        blocks = _view(source, arrays[index], info.height_in_blocks, info.width_in_blocks, down)
        table = source.quant_tbl_ptrs[info.quant_tbl_no].contents
        planes.append(_Plane(blocks, across, down, int(table[0])))
    return planes, arrays


def _view(source: Decompress, array: int, rows: int, columns: int, down: int) -> NDArray[np.int16]:
    """Return the coefficients of a component in place, padding of the last MCU included."""
    access = AccessRows(source.mem.contents.access_virt_barray)
    handle = ctypes.addressof(source)
    total = -(-rows // down) * down
    first = access(handle, array, 0, 1, 1)[0]
    last = access(handle, array, total - 1, 1, 1)[0]
    if first is None or last is None:
        raise damaged()
    stride = (last - first) // (total - 1) if total > 1 else columns * 128
    if (last - first) != stride * (total - 1) or stride < columns * 128 or stride % 128:
        raise InstanceRefused(
            "frame-too-large", "A JPEG frame is too large to blank.", "Have the source system send it uncompressed."
        )
    memory = (ctypes.c_int16 * (stride * total // 2)).from_address(first)
    return np.ctypeslib.as_array(memory).reshape(total, stride // 128, 64)


def _blank(area: Area, planes: list[_Plane], source: Decompress, layout: Layout) -> Blanked:
    lone = len(planes) == 1
    most = (1, 1) if lone else (source.max_h_samp_factor, source.max_v_samp_factor)
    size = (_BLOCK * most[0], _BLOCK * most[1])
    # Pixels of the next block that a smoothing decoder mixes in.
    least = (min(plane.across for plane in planes), min(plane.down for plane in planes))
    ring = (0, 0) if lone else (most[0] // least[0] // 2, most[1] // least[1] // 2)
    grown = _grown(area, ring, layout)
    left, right = grown.left // size[0], -(-grown.right // size[0])
    top, bottom = grown.top // size[1], -(-grown.bottom // size[1])
    for plane, level in zip(planes, _levels(source, layout), strict=True):
        across, down = (1, 1) if lone else (plane.across, plane.down)
        hidden = plane.blocks[top * down : bottom * down, left * across : right * across]
        hidden[...] = 0
        hidden[..., 0] = _quantised(level, plane.step)
    blocks = Area(
        left * size[0], top * size[1], min(right * size[0], layout.columns), min(bottom * size[1], layout.rows)
    )
    return Blanked(_shrunk(blocks, ring, layout), _grown(blocks, ring, layout))


def _levels(source: Decompress, layout: Layout) -> list[int]:
    """Return the DC coefficient of black in each component, not yet quantised."""
    half = 1 << (source.data_precision - 1)
    low, high = -half * _BLOCK, (half - 1) * _BLOCK
    if layout.signed:
        return [0]  # the pattern in the middle, which is that of the lowest value
    if source.num_components == 1:
        return [high if layout.photometric == "MONOCHROME1" else low]
    if _is_rgb(source, layout):
        return [low, low, low]
    return [(16 - half) * _BLOCK if "PARTIAL" in layout.photometric else low, 0, 0]


def _is_rgb(source: Decompress, layout: Layout) -> bool:
    """Whether the components are red, green and blue: by the frame where it says so, else by the header."""
    if source.saw_JFIF_marker or source.saw_Adobe_marker or source.jpeg_color_space == _RGB:
        return bool(source.jpeg_color_space == _RGB)
    return layout.photometric == "RGB"


def _quantised(level: int, step: int) -> int:
    """Return the multiple of a step that is at least as far from grey: what it decodes to is cut off at black."""
    return -(-abs(level) // step) * (1 if level > 0 else -1) if level else 0


def _grown(area: Area, by: tuple[int, ...], layout: Layout) -> Area:
    return Area(
        max(0, area.left - by[0]),
        max(0, area.top - by[1]),
        min(layout.columns, area.right + by[0]),
        min(layout.rows, area.bottom + by[1]),
    )


def _shrunk(area: Area, by: tuple[int, ...], layout: Layout) -> Area:
    """Shrink an area where it has a neighbour."""
    return Area(
        area.left + (by[0] if area.left > 0 else 0),
        area.top + (by[1] if area.top > 0 else 0),
        area.right - (by[0] if area.right < layout.columns else 0),
        area.bottom - (by[1] if area.bottom < layout.rows else 0),
    )


def _write(source: Decompress, arrays: object) -> bytes:
    c = library().c
    target = Compress()
    target.err = source.err
    c.jpeg_CreateCompress(ctypes.byref(target), ABI, ctypes.c_size_t(ctypes.sizeof(target)))
    buffer, size = ctypes.c_void_p(), ctypes.c_ulong()
    try:
        c.jpeg_mem_dest(ctypes.byref(target), ctypes.byref(buffer), ctypes.byref(size))
        c.jpeg_copy_critical_parameters(ctypes.byref(source), ctypes.byref(target))
        target.optimize_coding = int(source.data_precision != 8)
        target.restart_interval = source.restart_interval
        c.jpeg_write_coefficients(ctypes.byref(target), arrays)
        c.jpeg_finish_compress(ctypes.byref(target))
        return ctypes.string_at(buffer.value or 0, size.value)
    finally:
        c.jpeg_destroy_compress(ctypes.byref(target))
        library().free(buffer)


def _prove(result: bytes, source: Decompress, planes: list[_Plane]) -> None:
    """Read what was written, and compare every coefficient and every table in use with what was meant."""
    errors = library().errors()
    again = library().reader(result, errors)
    try:
        written, _arrays = _read(again)
        same = all(
            np.array_equal(_real(one, source, index), _real(two, again, index))
            and _table(source, index) == _table(again, index)
            for index, (one, two) in enumerate(zip(planes, written, strict=True))
        )
        alike = (source.jpeg_color_space, source.data_precision) == (again.jpeg_color_space, again.data_precision)
        if errors.num_warnings or not same or not alike:
            raise InstanceRefused(
                "frame-not-reproduced",
                "A redacted frame does not decode to what it should.",
                "Have the source system send the object uncompressed.",
            )
    finally:
        library().c.jpeg_destroy_decompress(ctypes.byref(again))


def _real(plane: _Plane, source: Decompress, index: int) -> NDArray[np.int64]:
    """Return the blocks that hold pixels, without the padding of the last MCUs, four coefficients in a number."""
    info = source.comp_info[index]
    return plane.blocks[: info.height_in_blocks, : info.width_in_blocks].view(np.int64)


def _table(source: Decompress, index: int) -> bytes:
    return bytes(source.quant_tbl_ptrs[source.comp_info[index].quant_tbl_no].contents)
