"""Pictures of stored values to look at: text that one view hides another one shows.

Nothing here changes stored values. Each view is 8 bits deep and as large as the image.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[Any]
"""Rows x Columns of any integer or floating type, or Rows x Columns x 3 of 8 bits (RGB)."""

Picture = NDArray[np.uint8]
"""Rows x Columns (grey) or Rows x Columns x 3 (RGB)."""

_LUMINANCE: Final = np.array([0.299, 0.587, 0.114], np.float32)
_MOST: Final = 1 << 16
_HEADROOM: Final = 64
_MIDDLE: Final = 128
_WHITE: Final = 255


def clip(samples: Samples, low: float, high: float) -> Picture:
    """Return the samples from `low` to `high` as 0 to 255."""
    out = samples.astype(np.float32)
    out -= np.float32(low)
    out *= np.float32(255 / max(high - low, 1e-6))
    return np.clip(out, 0, 255, out=out).astype(np.uint8)


def window(samples: Samples, center: float | None, width: float | None) -> Picture:
    """Return the view of the stored window (PS3.3 C.11.2.1.2), or of the 0.5 to 99.8 percentile without one."""
    if center is not None and width is not None and width >= 1:
        return clip(samples, center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2)
    return clip(samples, *percentiles(samples, 0.5, 99.8))


def percentiles(samples: Samples, lower: float, upper: float) -> tuple[float, float]:
    """Return two percentiles of the samples, apart by at least one."""
    low, high = np.percentile(samples, [lower, upper])
    return float(low), float(max(high, low + 1))


def equalised(samples: Samples) -> Picture:
    """Return a view in which each value that occurs has a place of its own, by the rank of its logarithmic count."""
    base, top = int(samples.min()), int(samples.max())
    shift = max(0, (top - base).bit_length() - _MOST.bit_length() + 1)
    places = (samples.astype(np.int64) - base) >> shift
    counts = np.log1p(np.bincount(places.reshape(-1)))
    ranks = np.cumsum(counts) - counts / 2
    table = (255 * ranks / max(float(counts.sum()), 1e-6)).astype(np.uint8)
    shown: Picture = table[places]
    return shown


def opened(window: Picture, ranks: Picture) -> Picture:
    """Return a window with less contrast, and the ranks of values in what it shows as black or white."""
    wide = window.astype(np.uint16)
    beyond = (window == 0) | (window == _WHITE)
    return np.where(beyond, wide // _WHITE * 192 + ranks // 4, 32 + wide * 3 // 4).astype(np.uint8)


def levelled(samples: Samples, *, reach: int = 31, least: float = 2.0, gain: float = 48.0) -> Picture:
    """Return a view in which every neighbourhood has the same mean and about the same contrast.

    Faint letters on a plain ground and letters on bright anatomy come out alike. `reach` is the side of a
    neighbourhood, `least` the deviation (of 255) that counts as none, `gain` what one deviation becomes.
    """
    from scipy import ndimage  # noqa: PLC0415 (loaded where pixels are examined)

    shown = samples.astype(np.float32)
    if samples.dtype != np.uint8:
        low, high = percentiles(samples, 0.1, 99.9)
        shown = np.clip((shown - low) * (255 / (high - low)), -_HEADROOM, 255 + _HEADROOM)
    mean = ndimage.uniform_filter(shown, reach, mode="nearest")
    square = ndimage.uniform_filter(shown * shown, reach, mode="nearest")
    deviation = np.sqrt(np.maximum(square - mean * mean, 0))
    out = _MIDDLE + (shown - mean) / (deviation + least) * gain
    picture: Picture = np.clip(out, 0, 255).astype(np.uint8)
    return picture


def softened(samples: Samples, *, reach: float = 0.8) -> NDArray[np.float32]:
    """Return the samples blurred a little: noise of single pixels goes, the strokes of letters stay."""
    from scipy import ndimage  # noqa: PLC0415 (loaded where pixels are examined)

    soft: NDArray[np.float32] = ndimage.gaussian_filter(samples.astype(np.float32), reach)
    return soft


def resized(picture: Picture, scale: float) -> Picture:
    """Return the picture enlarged or reduced, bilinear."""
    from PIL import Image  # noqa: PLC0415 (loaded where pixels are examined)

    rows, columns = picture.shape[:2]
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR))


def grey(picture: Picture) -> Picture:
    """Return the luminance of an RGB picture; a grey one as it is."""
    if picture.ndim == 2:
        return picture
    return (picture.astype(np.float32) @ _LUMINANCE).astype(np.uint8)


def rgb(samples: Samples, photometric: str, stored: int) -> Picture:
    """Return colours of `stored` bits as RGB of 8 bits, whatever their colour space (PS3.3 C.7.6.3.1.2)."""
    shown = samples.astype(np.float32)
    if stored != 8:
        shown *= 255 / ((1 << stored) - 1)
    if photometric.startswith(("YBR_FULL", "YBR_PARTIAL")):  # those of JPEG 2000 are decoded to RGB
        light, blue, red = shown[..., 0], shown[..., 1] - _MIDDLE, shown[..., 2] - _MIDDLE
        if "PARTIAL" in photometric:
            light, blue, red = (light - 16) * (255 / 219), blue * (255 / 224), red * (255 / 224)
        parts = (light + 1.402 * red, light - 0.344136 * blue - 0.714136 * red, light + 1.772 * blue)
        shown = np.stack(parts, axis=-1)
    return np.clip(shown, 0, 255).astype(np.uint8)
