"""The part of the C interface of libjpeg-turbo (ABI 62) that reads and writes the coefficients of a JPEG frame.

The library is the one that Pillow's wheel carries, or the system's. `jpeg_Create*` compares its version and the size of
its structures with those below, so that a library of another ABI is passed over when it is loaded.

libjpeg reports a damaged frame through a function that may not return. Here it ends the interpreter with
`EXIT_DAMAGED`: these functions run in a worker of their own only (`workbench.pixels.decoding`).
"""

import ctypes
import os
from ctypes import POINTER, Structure, c_char, c_double, c_int, c_long, c_size_t, c_ubyte, c_uint, c_ushort, c_void_p
from ctypes.util import find_library
from pathlib import Path
from typing import Any, Final

EXIT_DAMAGED: Final = 65
"""How a worker ends when a frame cannot be read (EX_DATAERR)."""

ABI: Final = 62


class Errors(Structure):
    """`jpeg_error_mgr`, with room for what is behind the fields in use."""

    _fields_ = (
        ("error_exit", c_void_p),
        ("emit_message", c_void_p),
        ("output_message", c_void_p),
        ("format_message", c_void_p),
        ("reset_error_mgr", c_void_p),
        ("msg_code", c_int),
        ("msg_parm", c_char * 80),
        ("trace_level", c_int),
        ("num_warnings", c_long),
        ("rest", c_char * 128),
    )


class Memory(Structure):
    """`jpeg_memory_mgr`, up to the function in use."""

    _fields_ = (("before", c_void_p * 8), ("access_virt_barray", c_void_p))


class Component(Structure):
    """`jpeg_component_info`."""

    _fields_ = (
        ("component_id", c_int),
        ("component_index", c_int),
        ("h_samp_factor", c_int),
        ("v_samp_factor", c_int),
        ("quant_tbl_no", c_int),
        ("dc_tbl_no", c_int),
        ("ac_tbl_no", c_int),
        ("width_in_blocks", c_uint),
        ("height_in_blocks", c_uint),
        ("DCT_scaled_size", c_int),
        ("downsampled_width", c_uint),
        ("downsampled_height", c_uint),
        ("component_needed", c_int),
        ("MCU_width", c_int),
        ("MCU_height", c_int),
        ("MCU_blocks", c_int),
        ("MCU_sample_width", c_int),
        ("last_col_width", c_int),
        ("last_row_height", c_int),
        ("quant_table", c_void_p),
        ("dct_table", c_void_p),
    )


_COMMON = (
    ("err", POINTER(Errors)),
    ("mem", POINTER(Memory)),
    ("progress", c_void_p),
    ("client_data", c_void_p),
    ("is_decompressor", c_int),
    ("global_state", c_int),
)


class Decompress(Structure):
    """`jpeg_decompress_struct`."""

    _fields_ = (
        *_COMMON,
        ("src", c_void_p),
        ("image_width", c_uint),
        ("image_height", c_uint),
        ("num_components", c_int),
        ("jpeg_color_space", c_int),
        ("out_color_space", c_int),
        ("scale_num", c_uint),
        ("scale_denom", c_uint),
        ("output_gamma", c_double),
        ("options", c_int * 11),
        ("output", c_uint * 2),
        ("output_components", c_int * 4),
        ("colormap", c_void_p),
        ("output_scanline", c_uint),
        ("scans", c_uint * 4),
        ("coef_bits", c_void_p),
        ("quant_tbl_ptrs", POINTER(c_ushort * 64) * 4),
        ("dc_huff_tbl_ptrs", c_void_p * 4),
        ("ac_huff_tbl_ptrs", c_void_p * 4),
        ("data_precision", c_int),
        ("comp_info", POINTER(Component)),
        ("progressive_mode", c_int),
        ("arith_code", c_int),
        ("arith", c_ubyte * 48),
        ("restart_interval", c_uint),
        ("saw_JFIF_marker", c_int),
        ("jfif", c_ubyte * 3),
        ("density", c_ushort * 2),
        ("saw_Adobe_marker", c_int),
        ("Adobe_transform", c_ubyte),
        ("CCIR601_sampling", c_int),
        ("marker_list", c_void_p),
        ("max_h_samp_factor", c_int),
        ("max_v_samp_factor", c_int),
        ("min_DCT_scaled_size", c_int),
        ("total_iMCU_rows", c_uint),
        ("sample_range_limit", c_void_p),
        ("comps_in_scan", c_int),
        ("cur_comp_info", c_void_p * 4),
        ("mcus", c_uint * 2),
        ("blocks_in_MCU", c_int),
        ("MCU_membership", c_int * 10),
        ("spectral", c_int * 4),
        ("unread_marker", c_int),
        ("modules", c_void_p * 11),
    )


class Compress(Structure):
    """`jpeg_compress_struct`."""

    _fields_ = (
        *_COMMON,
        ("dest", c_void_p),
        ("image_width", c_uint),
        ("image_height", c_uint),
        ("input_components", c_int),
        ("in_color_space", c_int),
        ("input_gamma", c_double),
        ("data_precision", c_int),
        ("num_components", c_int),
        ("jpeg_color_space", c_int),
        ("comp_info", POINTER(Component)),
        ("quant_tbl_ptrs", c_void_p * 4),
        ("dc_huff_tbl_ptrs", c_void_p * 4),
        ("ac_huff_tbl_ptrs", c_void_p * 4),
        ("arith", c_ubyte * 48),
        ("num_scans", c_int),
        ("scan_info", c_void_p),
        ("raw_data_in", c_int),
        ("arith_code", c_int),
        ("optimize_coding", c_int),
        ("CCIR601_sampling", c_int),
        ("smoothing_factor", c_int),
        ("dct_method", c_int),
        ("restart_interval", c_uint),
        ("restart_in_rows", c_int),
        ("write_JFIF_header", c_int),
        ("jfif", c_ubyte * 3),
        ("density", c_ushort * 2),
        ("write_Adobe_marker", c_int),
        ("next_scanline", c_uint),
        ("progressive_mode", c_int),
        ("max_samp_factor", c_int * 2),
        ("total_iMCU_rows", c_uint),
        ("comps_in_scan", c_int),
        ("cur_comp_info", c_void_p * 4),
        ("mcus", c_uint * 2),
        ("blocks_in_MCU", c_int),
        ("MCU_membership", c_int * 10),
        ("spectral", c_int * 4),
        ("modules", c_void_p * 10),
        ("script_space_size", c_int),
    )


AccessRows = ctypes.CFUNCTYPE(POINTER(c_void_p), c_void_p, c_void_p, c_uint, c_uint, c_int)
_Callback = ctypes.CFUNCTYPE(None, c_void_p)


def _end(_structure: int) -> None:
    os._exit(EXIT_DAMAGED)


def _say_nothing(_structure: int) -> None:
    pass


_Message = ctypes.CFUNCTYPE(None, c_void_p, c_int)
_Format = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)

_HARMLESS: Final = frozenset({b"Invalid SOS parameters for sequential JPEG"})
"""Warnings of frames in which nothing is missing: some encoders leave fields zero that mean nothing."""


def _count(structure: int, level: int) -> None:
    """Count a warning; anything else is a trace of what was read."""
    if level < 0:
        errors = ctypes.cast(structure, POINTER(POINTER(Errors))).contents.contents
        text = ctypes.create_string_buffer(200)
        _Format(errors.format_message)(structure, ctypes.addressof(text))
        errors.num_warnings += text.value not in _HARMLESS


# They have to live as long as libjpeg may call them.
_DAMAGED: Final = _Callback(_end)
_SILENT: Final = _Callback(_say_nothing)
_WARNED: Final = _Message(_count)


def candidates() -> list[str]:
    """Return where a libjpeg may be: in Pillow's wheel, then on the system."""
    import PIL  # noqa: PLC0415 (loaded where pixels are redacted)

    home = Path(PIL.__file__).parent
    bundled = [*home.parent.glob("pillow.libs/libjpeg-*.so*"), *home.glob(".dylibs/libjpeg*.dylib")]
    system = find_library("jpeg")
    return [*map(str, sorted(bundled)), *([system] if system else [])]


class Library:
    """One loaded libjpeg.

    Raises
    ------
    OSError, AttributeError
        When there is none at `path`, or it is another one than what is described here.
    """

    def __init__(self, path: str) -> None:
        self.c: Any = ctypes.CDLL(path)
        if not all(self._fits(*each) for each in ((Decompress, "Decompress"), (Compress, "Compress"))):
            raise OSError(path)
        for name in ("jpeg_mem_src", "jpeg_mem_dest"):  # the libjpeg of before 2009 lacks them
            getattr(self.c, name)
        self.c.jpeg_std_error.restype = POINTER(Errors)
        self.c.jpeg_read_coefficients.restype = POINTER(c_void_p)
        self.free = ctypes.CDLL(None).free
        self.free.argtypes = [c_void_p]

    def _fits(self, kind: type[Decompress] | type[Compress], name: str) -> bool:
        """Tell whether the library has the version and the structure that are described here.

        What does not fit is told through `error_exit`, and where that returns the structure is set up all the same, as
        large as the library thinks it is.
        """
        told: list[int] = []
        tell = _Callback(lambda _structure: told.append(1))
        errors = Errors()
        self.c.jpeg_std_error(ctypes.byref(errors))
        errors.error_exit = ctypes.cast(tell, c_void_p)
        room = bytearray(4 * ctypes.sizeof(kind))
        structure = kind.from_buffer(room)
        structure.err = ctypes.pointer(errors)
        getattr(self.c, f"jpeg_Create{name}")(ctypes.byref(structure), ABI, c_size_t(ctypes.sizeof(kind)))
        getattr(self.c, f"jpeg_destroy_{name.lower()}")(ctypes.byref(structure))
        return not told

    def errors(self) -> Errors:
        """Return an error manager that ends the worker on damage and prints nothing."""
        errors = Errors()
        self.c.jpeg_std_error(ctypes.byref(errors))
        errors.error_exit = ctypes.cast(_DAMAGED, c_void_p)
        errors.output_message = ctypes.cast(_SILENT, c_void_p)
        errors.emit_message = ctypes.cast(_WARNED, c_void_p)
        return errors

    def reader(self, frame: bytes, errors: Errors) -> Decompress:
        """Return a decompressor that has read the header of a frame; the bytes must outlive it."""
        reader = Decompress()
        reader.err = ctypes.pointer(errors)
        self.c.jpeg_CreateDecompress(ctypes.byref(reader), ABI, c_size_t(ctypes.sizeof(reader)))
        self.c.jpeg_mem_src(ctypes.byref(reader), frame, ctypes.c_ulong(len(frame)))
        self.c.jpeg_read_header(ctypes.byref(reader), 1)
        return reader
