"""Bar codes and QR codes (zxing-cpp, Apache-2.0): nobody can read them, and they often hold an identifier."""

from typing import Final, NamedTuple

import numpy as np

from workbench.pixels.boxes import Box
from workbench.pixels.views import Picture, grey

_QUIET: Final = 4
"""Pixels around a code that are taken with it."""

_ALIKE: Final = 0.6
"""Correlation with the bars where they were read, down to which a row or column still belongs to them."""

_CORNERS: Final = ("top_left", "top_right", "bottom_right", "bottom_left")
_STRAY: Final = 3
"""Rows or columns in between that may look otherwise (scratches, a line of text)."""


class Code(NamedTuple):
    """A code and what it holds; empty when it was found and could not be read. Bears identity."""

    box: Box
    text: str


def find_codes(picture: Picture) -> list[Code]:
    """Return the codes of a picture, light on dark as well."""
    import zxingcpp  # noqa: PLC0415 (loaded where pixels are examined)

    shown = np.ascontiguousarray(grey(picture))
    codes: dict[Box, Code] = {}
    for side in (shown, 255 - shown):
        for each in zxingcpp.read_barcodes(side, try_invert=False, return_errors=True):
            qr = each.format == zxingcpp.BarcodeFormat.QRCode
            if each.error is not None and not (qr and each.error.type == zxingcpp.ErrorType.Checksum):
                continue  # anatomy has passed for every other kind
            corners = [getattr(each.position, name) for name in _CORNERS]
            xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
            box = _whole(shown, min(xs), min(ys), max(xs) + 1, max(ys) + 1)
            codes[box] = Code(box, each.text)
    return list(codes.values())


def _whole(picture: Picture, left: int, top: int, right: int, bottom: int) -> Box:
    """Grow the line along which bars were read to the whole of the bars, and add the quiet zone."""
    rows, columns = picture.shape
    if (bottom - top) * 3 < right - left:
        top, bottom = _grown(picture[:, max(0, left) : right], top, bottom)
    elif (right - left) * 3 < bottom - top:
        left, right = _grown(picture[max(0, top) : bottom].T, left, right)
    return Box(
        max(0, left - _QUIET), max(0, top - _QUIET), min(columns, right + _QUIET), min(rows, bottom + _QUIET), 1.0
    )


def _grown(strip: Picture, first: int, last: int) -> tuple[int, int]:
    """Return the rows of a strip, from those where bars were read, that have the same bars."""
    values = strip.astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    bars = values[max(0, min((first + last) // 2, len(values) - 1))]
    norms = np.sqrt((values * values).sum(axis=1) * max(float((bars * bars).sum()), 1e-6))
    alike = values @ bars / np.maximum(norms, 1e-6) >= _ALIKE
    return first - _run(alike[:first][::-1]), last + _run(alike[last:])


def _run(alike: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> int:
    """Return how many entries belong together from the first on, a few strays among them."""
    length = strays = 0
    for at, same in enumerate(alike.tolist()):
        strays = 0 if same else strays + 1
        if strays > _STRAY:
            break
        if same:
            length = at + 1
    return length
