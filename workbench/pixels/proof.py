"""Prove of each frame that redaction changed nothing outside its areas, and left nothing inside."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from workbench.pixels.decoding import StoredFrames, stored_bits
from workbench.pixels.layout import Area, Blanked, Frame, Layout


class FrameProof(NamedTuple):
    """What was found of one frame, counted from 0. `outside` is the digest that both frames share, else empty."""

    number: int
    outside: str
    uniform: bool

    @property
    def holds(self) -> bool:
        """Whether nothing outside changed and every area is of one colour."""
        return bool(self.outside) and self.uniform


def digest_outside(samples: Frame, layout: Layout, areas: Iterable[Area]) -> str:
    """Return the SHA-256 of the stored values outside the areas: size, then value by value, pixel by pixel.

    `samples` are patterns of a frame; bits outside Bits Stored do not count.
    """
    kept = stored_bits(samples, layout).copy()
    halved = 2 if kept.ndim == 3 and kept.shape[2] == 4 else 1
    for left, top, right, bottom in areas:
        kept[top:bottom, left // halved : -(-right // halved)] = 0
    digest = sha256(repr(kept.shape).encode())
    digest.update(np.ascontiguousarray(kept, f"<u{kept.dtype.itemsize}").data)
    return digest.hexdigest()


def is_uniform(samples: Frame, layout: Layout, area: Area) -> bool:
    """Tell whether all pixels of an area hold the same stored values."""
    halved = 2 if samples.ndim == 3 and samples.shape[2] == 4 else 1
    left, top, right, bottom = area
    inside = stored_bits(samples[top:bottom, left // halved : right // halved], layout)
    if halved == 2:
        return bool((inside[..., :2] == inside[0, 0, 0]).all() and (inside[..., 2:] == inside[0, 0, 2:]).all())
    return bool((inside == inside[0, 0]).all())


def prove(before: StoredFrames, after: StoredFrames, changed: Mapping[int, Sequence[Blanked]]) -> Iterable[FrameProof]:
    """Yield the proof of each frame; both instances are decoded frame by frame.

    `changed` is what `Recoded.frames` says. A frame that is not in it has to be the same throughout; where its bytes
    are the same, it is not decoded.

    Raises
    ------
    InstanceRefused
        What decoding raises.
    """
    for number in range(before.layout.frames):
        blanked = changed.get(number, ())
        if not blanked and before.syntax == after.syntax and before.encoded(number) == after.encoded(number):
            yield FrameProof(number, sha256(after.encoded(number)).hexdigest(), uniform=True)
            continue
        touched = [each.touched for each in blanked]
        was, now = before.patterns(number), after.patterns(number)
        digest = digest_outside(was, before.layout, touched)
        same = digest == digest_outside(now, after.layout, touched)
        uniform = all(is_uniform(now, after.layout, each.black) for each in blanked)
        yield FrameProof(number, digest if same else "", uniform)
