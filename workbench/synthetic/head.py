"""A head whose brain has folds and ventricles, as T1-weighted and T2-weighted signal."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.synthetic.draw import Draw

Plane = npt.NDArray[np.float32]

SIGNAL = {
    "air": (6, 6),
    "scalp": (880, 520),
    "skull": (70, 55),
    "fluid": (140, 1080),
    "grey": (430, 610),
    "white": (640, 420),
    "nuclei": (480, 520),
}
"""Signal of each tissue, T1-weighted and T2-weighted."""


@dataclass(frozen=True, slots=True)
class Head:
    """Random waves whose level sets look like the folds of the cortex."""

    waves: npt.NDArray[np.float64]
    phases: npt.NDArray[np.float64]

    def _folds(self, x: Plane, y: Plane, z: float) -> Plane:
        total: Plane = np.zeros_like(x)
        for (a, b, c), phase in zip(self.waves, self.phases, strict=True):
            total += np.sin(a * np.abs(x) + b * y + c * z + phase + 0.3 * np.sin(3 * x))
        return np.asarray(total / np.sqrt(len(self.phases) / 2), dtype=np.float32)

    def tissues(self, z: float, size: int) -> npt.NDArray[np.str_]:
        """Return the tissue of each pixel of the axial plane at height `z`, -1 (below) to 1 (vertex)."""
        y, x = np.meshgrid(*[np.linspace(-1, 1, size, dtype=np.float32)] * 2, indexing="ij")
        scale = np.sqrt(max(0.05, 1 - (0.82 * z) ** 2))
        outer = np.hypot(x / (0.74 * scale), (y + 0.02) / (0.90 * scale))
        folds = self._folds(x, y, z)
        tissue = np.full(x.shape, "air", dtype="<U6")
        tissue[outer < 1] = "scalp"
        tissue[outer < 0.94] = "skull"
        tissue[outer < 0.865] = "fluid"
        brain = outer + 0.012 * np.sin(9 * np.arctan2(x, y) + 4 * z) < 0.835
        tissue[brain] = "grey"
        depth = np.clip((0.84 - outer) / 0.30, 0, 1)
        tissue[brain & (np.abs(folds) < 0.16 * (1 - depth)) & (outer > 0.55)] = "fluid"
        tissue[brain & (np.abs(folds) > 0.55 - 0.85 * depth) & (outer < 0.79)] = "white"
        tissue[(np.abs(x) < 0.012) & brain & (np.abs(y) > 0.30)] = "fluid"
        if abs(z) < 0.55:
            self._deep(tissue, x, y, z)
        return tissue

    def _deep(self, tissue: npt.NDArray[np.str_], x: Plane, y: Plane, z: float) -> None:
        size = np.sqrt(1 - (z / 0.55) ** 2)
        tissue[np.hypot((np.abs(x) - 0.19) / (0.085 * size), (y + 0.02) / (0.17 * size)) < 1] = "nuclei"
        horn = np.hypot((np.abs(x) - 0.075 - 0.10 * np.abs(y)) / (0.045 * size), (y - 0.02) / (0.34 * size))
        tissue[horn < 1] = "fluid"
        if z < 0:
            tissue[np.hypot(x / 0.016, y / (0.16 * size)) < 1] = "fluid"

    def plane(self, z: float, *, size: int, weighting: str, draw: Draw) -> Plane:
        """Return the signal of the axial plane at height `z`; `weighting` is T1 or T2."""
        tissue = self.tissues(z, size)
        signal = np.zeros(tissue.shape, dtype=np.float32)
        for name, values in SIGNAL.items():
            signal[tissue == name] = values[weighting == "T2"]
        y, x = np.meshgrid(*[np.linspace(-1, 1, size, dtype=np.float32)] * 2, indexing="ij")
        signal *= 1 + 0.14 * x - 0.10 * y + 0.12 * np.hypot(x, y) ** 2  # sensitivity of the receive coil
        return rician(signal, draw, 16)


def rician(signal: Plane, draw: Draw, sigma: float) -> Plane:
    """Return the magnitude of `signal` with complex noise."""
    real = blur(signal) + sigma * draw.generator.standard_normal(signal.shape, dtype=np.float32)
    imaginary = sigma * draw.generator.standard_normal(signal.shape, dtype=np.float32)
    return np.asarray(np.hypot(real, imaginary), dtype=np.float32)


def blur(image: Plane) -> Plane:
    """Return `image` with each pixel mixed with its four neighbours: partial volume."""
    padded = np.pad(image, 1, mode="edge")
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return ((4 * image + around) / 8).astype(np.float32)


def invent_head(draw: Draw) -> Head:
    """Return a head with its own folds."""
    directions = draw.generator.standard_normal((24, 3))
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    waves = directions / lengths * draw.generator.uniform(16, 34, (24, 1)) * np.array([1, 1, 0.35])
    return Head(waves, draw.generator.uniform(0, 2 * np.pi, 24))
