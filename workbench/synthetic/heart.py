"""A beating heart: short-axis cine as magnetic resonance shows it, and a sector scan as ultrasound shows it."""

import numpy as np
import numpy.typing as npt

from workbench.synthetic.draw import Draw
from workbench.synthetic.head import blur, rician

Plane = npt.NDArray[np.float32]
Frame = npt.NDArray[np.uint8]


def contraction(phase: float) -> float:
    """Return how far the ventricle is contracted at `phase` of the heart cycle: 0 relaxed, 1 at end systole."""
    return float(np.sin(np.pi * min(phase / 0.7, 1)) ** 2)


def short_axis(phase: float, *, level: float, size: int, draw: Draw) -> Plane:
    """Return one frame of a short-axis cine; `level` is 0 at the base and 1 near the apex."""
    y, x = np.meshgrid(*[np.linspace(-1, 1, size, dtype=np.float32)] * 2, indexing="ij")
    squeeze = contraction(phase)
    signal = np.full(x.shape, 8, dtype=np.float32)
    body = np.hypot(x / 0.96, (y - 0.02) / 0.74)
    signal[body < 1] = 760
    signal[body < 0.90] = 210
    lungs = np.hypot((np.abs(x) - 0.52) / 0.34, (y + 0.02) / 0.52)
    signal[lungs < 1] = 24
    signal[(np.hypot((x + 0.35) / 0.55, (y - 0.52) / 0.34) < 1) & (body < 0.9)] = 330
    signal[np.hypot((x + 0.02) / 0.09, (y - 0.56) / 0.08) < 1] = 120
    signal[np.hypot((x - 0.14) / 0.065, (y - 0.44) / 0.065) < 1] = 820
    reach = 1 - 0.35 * level
    centre_x, centre_y = 0.16, 0.02
    radius = np.hypot(x - centre_x, y - centre_y) / reach
    right = np.hypot((x + 0.09) / (0.27 - 0.06 * squeeze), (y + 0.04) / (0.25 - 0.03 * squeeze)) / reach
    signal[np.hypot((x - 0.06) / 0.46, (y + 0.01) / 0.36) / reach < 1] = 540
    signal[right < 1.12] = 190
    signal[right < 1] = 900
    signal[radius < 0.25 - 0.01 * squeeze] = 165
    cavity = radius < 0.175 - 0.065 * squeeze
    signal[cavity] = 960 - 60 * squeeze
    for angle in (0.9, 2.5):
        distance = np.hypot(x - centre_x - 0.095 * reach * np.cos(angle), y - centre_y - 0.095 * reach * np.sin(angle))
        signal[distance < 0.026 * reach] = 180
    signal *= 1 + 0.20 * np.exp(-((y + 0.6) ** 2) * 2)  # nearer to the front coil
    return rician(blur(signal), draw, 13)


def sector(phase: float, *, rows: int, columns: int, grain: Plane) -> Frame:
    """Return one RGB frame of an apical four-chamber view; `grain` is the speckle, the same in all frames."""
    yy, xx = np.meshgrid(np.arange(rows, dtype=np.float32), np.arange(columns, dtype=np.float32), indexing="ij")
    apex_row, reach = 0.10 * rows, 0.80 * rows
    down, across = (yy - apex_row) / reach, (xx - columns / 2) / reach
    radius, angle = np.hypot(down, across), np.arctan2(across, down)
    squeeze = contraction(phase)
    echo = np.full(yy.shape, 0.34, dtype=np.float32)
    echo += 0.10 * np.sin(9 * radius + 3 * angle) * np.sin(7 * angle)
    chambers = [
        (0.13, 0.42, 0.13, 0.24),
        (-0.15, 0.45, 0.11, 0.20),
        (0.13, 0.77, 0.12, 0.10),
        (-0.14, 0.77, 0.12, 0.10),
    ]
    for index, (centre, deep, wide, long) in enumerate(chambers):
        change = 1 - 0.22 * squeeze if index < 2 else 1 - 0.16 * (1 - squeeze)
        edge = np.hypot((across - centre) / (wide * change), (down - deep) / (long * change))
        echo += 0.42 * np.exp(-(((edge - 1.08) / 0.10) ** 2))
        echo *= np.where(edge < 1, 0.06, 1)
    swing = 0.045 * (1 - squeeze)
    for centre in (0.13, -0.14):
        valve = np.abs(down - 0.655 + swing * 3 * np.abs(across - centre) / 0.12) < 0.008
        echo[valve & (np.abs(across - centre) < 0.11)] = 0.85
    echo *= np.clip(1.25 - 0.55 * radius, 0, None)
    echo += 0.5 * np.exp(-(((radius - 0.03) / 0.03) ** 2))
    grey = np.clip(255 * echo * (0.35 + 0.75 * grain), 0, 255)
    inside = (radius < 1) & (np.abs(angle) < 0.70)
    grey[~inside] = 0
    frame = np.repeat(grey[..., np.newaxis], 3, axis=2)
    jet = np.exp(-(((across - 0.13) / 0.06) ** 2) - ((down - 0.60) / 0.12) ** 2) * inside
    colour = np.array([230, 60, 30] if squeeze < 0.5 else [30, 80, 235], dtype=np.float32)
    weight = (np.clip(jet - 0.30, 0, 1) * abs(1 - 2 * squeeze))[..., np.newaxis]
    frame = frame * (1 - weight) + colour * weight
    edge_line = (np.abs(np.abs(angle) - 0.70) < 0.004) & (radius < 1) & (radius > 0.02)
    frame[edge_line] = 70
    return np.asarray(frame.round(), dtype=np.uint8)


def speckle(draw: Draw, *, rows: int, columns: int) -> Plane:
    """Return the grain of a sector scan: Rayleigh distributed, wider across than along the beam."""
    real, imaginary = draw.generator.standard_normal((2, rows, columns), dtype=np.float32)
    spread = np.array([1, 3, 4, 3, 1], dtype=np.float32) / 12
    planes = [np.apply_along_axis(np.convolve, 1, plane, spread, mode="same") for plane in (real, imaginary)]
    grain = np.hypot(*planes)
    return np.asarray(grain / grain.mean() * 0.8, dtype=np.float32)


def trace(frame: Frame, *, phase: float, frames: int) -> None:
    """Draw an electrocardiogram with its moving bar along the bottom of `frame`, in place."""
    rows, columns = frame.shape[:2]
    base = rows - 18
    last = 0
    for column in range(12, columns - 12):
        time = (column - 12) / (columns - 24) * 3 % 1
        height = 26 * np.exp(-(((time - 0.20) / 0.012) ** 2)) - 7 * np.exp(-(((time - 0.225) / 0.012) ** 2))
        height += 5 * np.exp(-(((time - 0.45) / 0.05) ** 2)) + 3 * np.exp(-(((time - 0.10) / 0.03) ** 2))
        low, high = sorted((last, int(height)))
        frame[base - high : base - low + 1, column] = (70, 220, 90)
        last = int(height)
    bar = 12 + int(phase * (columns - 24) / 3 + (columns - 24) / 3) % (columns - 24)
    frame[base - 28 : base + 8, bar : bar + max(1, 12 // frames)] = (210, 210, 90)
