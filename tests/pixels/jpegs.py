"""JPEG frames of every kind that the standard knows and few programs write, made by libjpeg itself."""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.pixels.libjpeg import ABI, Compress, Library, candidates

_GREY, _RGB, _YCC = 1, 2, 3


class Scan(ctypes.Structure):
    """`jpeg_scan_info`."""

    _fields_ = (("count", ctypes.c_int), ("index", ctypes.c_int * 4), ("spectral", ctypes.c_int * 4))


def scans(*components: Sequence[int]) -> Any:
    """Return a script of sequential scans, each of the components that are named."""
    script = (Scan * len(components))()
    for scan, each in zip(script, components, strict=True):
        scan.count = len(each)
        scan.index[: len(each)] = each
        scan.spectral[1] = 63
    return script


def jpeg(
    samples: NDArray[np.uint8],
    *,
    sampling: Sequence[tuple[int, int]] | None = None,
    arithmetic: bool = False,
    script: Any = None,
    restart: int = 0,
    progressive: bool = False,
    colours: int | None = None,
    jfif: bool = True,
    adobe: bool = False,
    quality: int = 85,
) -> bytes:
    """Encode grey or RGB samples; `sampling` are factors across and down, `colours` RGB (2) or YCbCr (3) inside."""
    library = Library(candidates()[0])
    errors, target = library.errors(), Compress()
    target.err = ctypes.pointer(errors)
    at = ctypes.byref(target)
    library.c.jpeg_CreateCompress(at, ABI, ctypes.c_size_t(ctypes.sizeof(target)))
    buffer, size = ctypes.c_void_p(), ctypes.c_ulong()
    library.c.jpeg_mem_dest(at, ctypes.byref(buffer), ctypes.byref(size))
    rows, columns, count = *samples.shape[:2], samples.shape[2] if samples.ndim == 3 else 1
    target.image_height, target.image_width, target.input_components = rows, columns, count
    target.in_color_space = _RGB if count == 3 else _GREY
    library.c.jpeg_set_defaults(at)
    library.c.jpeg_set_colorspace(at, colours or (_YCC if count == 3 else _GREY))
    library.c.jpeg_set_quality(at, quality, 1)
    for index, (across, down) in enumerate(sampling or []):
        target.comp_info[index].h_samp_factor, target.comp_info[index].v_samp_factor = across, down
    target.arith_code, target.restart_interval = int(arithmetic), restart
    target.write_JFIF_header, target.write_Adobe_marker = int(jfif), int(adobe)
    if progressive:
        library.c.jpeg_simple_progression(at)
    if script is not None:
        target.num_scans, target.scan_info = len(script), ctypes.cast(script, ctypes.c_void_p)
    library.c.jpeg_start_compress(at, 1)
    for row in np.ascontiguousarray(samples):
        line = (ctypes.c_ubyte * row.size).from_buffer_copy(row.tobytes())
        library.c.jpeg_write_scanlines(at, (ctypes.c_void_p * 1)(ctypes.addressof(line)), 1)
    library.c.jpeg_finish_compress(at)
    frame = ctypes.string_at(buffer.value or 0, size.value)
    library.c.jpeg_destroy_compress(at)
    library.free(buffer)
    return frame
