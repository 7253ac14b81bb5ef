"""Tell a damaged JPEG frame from a whole one: decoders make a picture of both, with noise that hides what is there."""

import ctypes
from typing import Final

from workbench.pixels.jpeg_blocks import library
from workbench.pixels.jpeg_markers import Header, damaged, header
from workbench.pixels.libjpeg import Decompress, Library

_LOSSLESS: Final = 0xC3


def check_whole(frame: bytes) -> None:
    """Read a frame, with loss or without, to its end; a frame that can't be read at all ends the interpreter.

    Raises
    ------
    InstanceRefused
        `frame-damaged` when libjpeg warns of anything; `libjpeg-absent`.
    """
    described, libjpeg = header(frame), library()
    errors = libjpeg.errors()
    reader = libjpeg.reader(frame, errors)
    try:
        if described.marker == _LOSSLESS:
            _read_lines(libjpeg, reader, described)
        elif not libjpeg.c.jpeg_read_coefficients(ctypes.byref(reader)):
            raise damaged()
        if errors.num_warnings:
            raise damaged()
    finally:
        libjpeg.c.jpeg_destroy_decompress(ctypes.byref(reader))


def _read_lines(libjpeg: Library, reader: Decompress, described: Header) -> None:
    """Decode line by line, without any conversion of colours."""
    at = ctypes.byref(reader)
    reader.out_color_space = reader.jpeg_color_space
    libjpeg.c.jpeg_start_decompress(at)
    line = (ctypes.c_uint16 * (described.columns * len(described.components)))()
    lines = (ctypes.c_void_p * 1)(ctypes.addressof(line))
    width = 8 if described.precision <= 8 else 12 if described.precision <= 12 else 16
    read = getattr(libjpeg.c, "jpeg_read_scanlines" if width == 8 else f"jpeg{width}_read_scanlines")
    for _row in range(described.rows):
        if read(at, lines, 1) != 1:
            raise damaged()
    libjpeg.c.jpeg_finish_decompress(at)
