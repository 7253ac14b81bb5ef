"""Write an instance again with other values of a few elements; every other byte of the data set stays."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Final

from workbench.dicom.encode import file_meta, header
from workbench.dicom.instance import Instance, Payload
from workbench.dicom.parts import CHUNK, not_written
from workbench.dicom.source import Source
from workbench.pixels.layout import PIXEL_DATA
from workbench.pixels.recoding import Recoded
from workbench.records.errors import WorkbenchError

WritePixels = Callable[[IO[bytes]], Recoded]
"""Writes the value of Pixel Data to a file that can be read and sought (`recoding.recode`)."""

_UNDEFINED: Final = 0xFFFFFFFF
_IDENTITY: Final = (0x00080016, 0x00080018)


def rewrite(
    source: Source, instance: Instance, target: Path, values: Mapping[int, bytes], pixels: WritePixels | None
) -> Recoded | None:
    """Write `target`, a new file (mode 0600), and return what became of the pixels.

    Transfer syntax and header are those of `source`; where that had to be converted to be read, those of the converted
    data set, behind file meta information that says so. Bytes that belong to no data set are not written.

    Parameters
    ----------
    values
        New values of top-level elements, of even length.
    pixels
        Writes the new Pixel Data; None when they stay.

    Raises
    ------
    InstanceRefused
        What `pixels` raises.
    WorkbenchError
        `disk-full` or `output-not-written`. In both cases what was written is of no use.
    """
    try:
        descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w+b") as out:
            out.write(_head(source, instance))
            return _Rewriting(source, instance, out).run(values, pixels)
    except OSError as error:
        raise not_written(error) from None


def _head(source: Source, instance: Instance) -> bytes:
    if not source.converted_from:
        return source.read(0, source.form.start)
    facts = instance.values(frozenset(_IDENTITY))
    sop_class, sop_instance = (facts.get(tag, b"").strip(b" \0") for tag in _IDENTITY)
    return file_meta(sop_class=sop_class, sop_instance=sop_instance, syntax=instance.syntax)


class _Rewriting:
    """One file on its way. Offset tables stand before the pixels that they tell of, so they are filled in last."""

    def __init__(self, source: Source, instance: Instance, out: IO[bytes]) -> None:
        self._source = source
        self._instance = instance
        self._out = out
        self._at: dict[int, int] = {}
        """Where the values of offset tables begin in the new file."""

    def run(self, values: Mapping[int, bytes], pixels: WritePixels | None) -> Recoded | None:
        out, instance, recoded = self._out, self._instance, None
        for tag, vr, start, value, length, _items in instance.elements:
            if tag == PIXEL_DATA and pixels is not None:
                recoded = self._pixels(vr, pixels, encapsulated=length == -1)
            elif tag in values:
                out.write(header(tag, vr, len(values[tag]), explicit=instance.explicit) + values[tag])
            elif tag in instance.payloads:
                out.write(instance.buffer[start:value])
                self._at[tag] = out.tell()
                self._copy(instance.payloads[tag])
            else:
                self._at[tag] = out.tell() + value - start
                out.write(instance.buffer[start : value + length])
        for tag, table in (recoded.elements if recoded is not None else {}).items():
            out.seek(self._at[tag])
            out.write(table)
        return recoded

    def _pixels(self, vr: bytes, pixels: WritePixels, *, encapsulated: bool) -> Recoded:
        out = self._out
        out.write(header(PIXEL_DATA, vr, _UNDEFINED if encapsulated else 0, explicit=self._instance.explicit))
        begin = out.tell()
        recoded = pixels(out)
        if not encapsulated:
            end = out.tell()
            out.seek(begin - 4)
            out.write(recoded.length.to_bytes(4, "little"))
            out.seek(end)
        return recoded

    def _copy(self, payload: Payload) -> None:
        offset, left = payload
        while left:
            piece = self._source.read(offset, min(CHUNK, left))
            if not piece:
                raise WorkbenchError(
                    "source-changed",
                    "The input became shorter while it was read.",
                    "Start again when nothing writes to the input any more.",
                )
            self._out.write(piece)
            offset += len(piece)
            left -= len(piece)
