"""Deflated data sets (PS3.5 A.5): inflated piece by piece, within a bound."""

import zlib
from collections.abc import Callable

from workbench.dicom.elements import refuse
from workbench.records.errors import InstanceRefused

CHUNK = 1 << 20


def inflate(
    read: Callable[[int, int], bytes], start: int, size: int, write: Callable[[bytes], object], *, limit: int
) -> int:
    """Inflate what stands from `start` on; return how many bytes of the file (of `size` bytes) follow the stream.

    The one NULL that pads a stream to even length (PS3.5 A.5) does not count.

    Raises
    ------
    InstanceRefused
        `inflate-damaged` when it is no whole deflate stream (RFC 1951), `inflate-too-large` when it grows beyond
        `limit` bytes, whatever it was before: a kilobyte may hold a megabyte of zeros.
    """
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    position, total = start, 0
    while not engine.eof:
        data = read(position, CHUNK)
        if not data:
            raise _damaged()
        position += len(data)
        full = True
        while (data or full) and not engine.eof:
            try:
                piece = engine.decompress(data, CHUNK)
            except zlib.error:
                raise _damaged() from None
            data, full = engine.unconsumed_tail, len(piece) == CHUNK
            total += len(piece)
            if total > limit:
                raise refuse(
                    "inflate-too-large",
                    "The deflated data set grows beyond the limit when it is inflated.",
                    "Have the source system send the object in Explicit VR Little Endian.",
                )
            write(piece)
    behind = size - position + len(engine.unused_data)
    return 0 if behind == 1 and read(size - 1, 1) == b"\0" else behind


def _damaged() -> InstanceRefused:
    return refuse(
        "inflate-damaged",
        "The deflated data set cannot be inflated to its end.",
        "Ask the source system to send the object again.",
    )
