"""A chest made of ellipsoids and tubes, in Hounsfield units: source of the CT slices and of the radiographs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.synthetic.draw import Draw

Plane = npt.NDArray[np.float32]

AIR, LUNG, FAT, MUSCLE, BLOOD, LIVER, SPONGIOSA, CORTEX = -1000, -840, -95, 52, 44, 60, 190, 620

RIB_PERIOD = 0.105
"""Distance of two ribs as a part of the height of the chest."""


@dataclass(frozen=True, slots=True)
class Vessel:
    """A straight tube through one lung: end points as (x, y, z), and its radius at the hilum."""

    start: npt.NDArray[np.float64]
    end: npt.NDArray[np.float64]
    radius: float


@dataclass(frozen=True, slots=True)
class Chest:
    """One chest: x from -1 (patient's right) to 1, y from -1 (front) to 1 (back), z from 0 (top) to 1 (bottom)."""

    vessels: tuple[Vessel, ...]
    heart_tilt: float
    nodule: tuple[float, float, float]

    def plane(self, z: float, *, rows: int, columns: int, couch: bool) -> Plane:
        """Return the axial plane at height `z` in Hounsfield units, without noise."""
        y, x = np.meshgrid(
            np.linspace(-1, 1, rows, dtype=np.float32), np.linspace(-1, 1, columns, dtype=np.float32), indexing="ij"
        )
        hounsfield = np.full((rows, columns), AIR, dtype=np.float32)
        if couch:
            hounsfield[(np.abs(y - 0.86 + 0.10 * x**2) < 0.018) & (np.abs(x) < 0.8)] = -180
        shoulders = 1 + 0.10 * max(0.0, 0.25 - z) * 4
        body = np.hypot(x / (0.86 * shoulders), (y - 0.05) / 0.62)
        hounsfield[body < 1] = FAT
        hounsfield[body < 0.94] = MUSCLE
        self._lungs(hounsfield, x, y, z)
        self._mediastinum(hounsfield, x, y, z)
        _bones(hounsfield, body, x, y, z)
        return hounsfield

    def _lungs(self, hounsfield: Plane, x: Plane, y: Plane, z: float) -> None:
        apex = np.sqrt(max(0.0, min(1.0, (z - 0.04) / 0.30)))
        for side in (-1, 1):
            dome = 0.80 - 0.16 * np.exp(-(((x - side * 0.42) / 0.34) ** 2) - ((y - 0.02) / 0.42) ** 2)
            dome += 0.03 if side > 0 else 0
            lung = np.hypot((x - side * 0.41) / 0.335, (y - 0.06) / 0.47) < apex
            hounsfield[lung] = LIVER if side < 0 else MUSCLE - 10
            inside = lung & (z < dome)
            hounsfield[inside] = LUNG + 60 * np.clip(y[inside], 0, 1)
            for vessel in self.vessels:
                if vessel.start[0] * side > 0:
                    _tube(hounsfield, inside, vessel, z)
        distance = np.sqrt((x - self.nodule[0]) ** 2 + (y - self.nodule[1]) ** 2 + (3 * (z - self.nodule[2])) ** 2)
        hounsfield[distance < 0.045] = 35

    def _mediastinum(self, hounsfield: Plane, x: Plane, y: Plane, z: float) -> None:
        hounsfield[(np.abs(x) < 0.13) & (np.abs(y) < 0.36)] = FAT + 30
        hounsfield[np.hypot((x - 0.16) / 0.085, (y - 0.42) / 0.085) < 1] = BLOOD
        if z < 0.45:
            hounsfield[np.hypot(x / 0.055, (y - 0.06) / 0.06) < 1] = AIR
        if 0.28 < z < 0.42:
            hounsfield[np.hypot((x - 0.02) / 0.10, (y + 0.14) / 0.10) < 1] = BLOOD
        middle = (z - 0.60) / 0.22
        if abs(middle) < 1:
            size = np.sqrt(1 - middle**2)
            turn = self.heart_tilt
            along = (x - 0.13) * np.cos(turn) + (y + 0.14) * np.sin(turn)
            across = -(x - 0.13) * np.sin(turn) + (y + 0.14) * np.cos(turn)
            radius = np.hypot(along / (0.36 * size), across / (0.27 * size))
            hounsfield[radius < 1] = MUSCLE
            hounsfield[radius < 0.72] = BLOOD - 6


def _tube(hounsfield: Plane, inside: npt.NDArray[np.bool_], vessel: Vessel, z: float) -> None:
    low, high = sorted((vessel.start[2], vessel.end[2]))
    if not low <= z <= high or high - low < 1e-6:
        return
    part = (z - vessel.start[2]) / (vessel.end[2] - vessel.start[2])
    centre = vessel.start + part * (vessel.end - vessel.start)
    radius = vessel.radius * (1 - 0.8 * part)
    rows, columns = hounsfield.shape
    column, row = (centre[0] + 1) / 2 * (columns - 1), (centre[1] + 1) / 2 * (rows - 1)
    reach = int(np.ceil(radius * columns / 2)) + 1
    top, left = max(0, int(row) - reach), max(0, int(column) - reach)
    window = np.s_[top : int(row) + reach + 2, left : int(column) + reach + 2]
    part_of_image = hounsfield[window]
    if part_of_image.size == 0:
        return
    yy, xx = np.ogrid[top : top + part_of_image.shape[0], left : left + part_of_image.shape[1]]
    distance = np.hypot((xx - column) / (columns / 2), (yy - row) / (rows / 2))
    fill = np.clip((radius - distance) * columns / 2 + 0.5, 0, 1) * inside[window]
    part_of_image += ((30 - part_of_image) * fill).astype(np.float32)


def _bones(hounsfield: Plane, body: Plane, x: Plane, y: Plane, z: float) -> None:
    angle = np.arctan2(x / 0.86, y / 0.62)
    phase = ((z + 0.13 * np.abs(angle) / np.pi * 1.6) / RIB_PERIOD) % 1
    depth = np.abs(body - 0.855) / 0.035
    height = np.abs(phase - 0.5) / 0.24
    rib = (depth**2 + height**2 < 1) & (np.abs(angle) < 2.55) & (z > 0.05)
    hounsfield[rib] = CORTEX - 150
    hounsfield[(depth**2 + height**2 < 0.35) & rib] = SPONGIOSA
    if z > 0.16:
        sternum = np.hypot(x / 0.09, (y + 0.50) / 0.035)
        hounsfield[sternum < 1] = CORTEX - 200
        hounsfield[sternum < 0.6] = SPONGIOSA
    if 0.06 < z < 0.13:
        clavicle = np.hypot((np.abs(x) - 0.42) / 0.36, (y + 0.42 - 0.16 * np.abs(x)) / 0.035)
        hounsfield[clavicle < 1] = CORTEX - 120
    disc = (z / (RIB_PERIOD * 0.8)) % 1 < 0.2
    vertebra = np.hypot(x / 0.125, (y - 0.40) / 0.115)
    hounsfield[vertebra < 1] = 90 if disc else CORTEX - 100
    hounsfield[vertebra < 0.86] = 80 if disc else SPONGIOSA
    arch = (np.hypot(x / 0.12, (y - 0.55) / 0.09) < 1) & (y > 0.46)
    spine = (np.abs(x) < 0.028) & (y > 0.52) & (y < 0.66)
    hounsfield[(arch | spine) & ~np.bool_(disc)] = CORTEX - 60
    hounsfield[np.hypot(x / 0.062, (y - 0.545) / 0.052) < 1] = 25


def invent_chest(draw: Draw) -> Chest:
    """Return a chest with its own vessels, heart axis and a small nodule in the right lung."""
    vessels = []
    for _ in range(130):
        side = draw.pick((-1, 1))
        hilum = np.array([side * 0.17, 0.02, 0.46])
        turn, rise, reach = (
            draw.generator.uniform(-1, 1),
            draw.generator.uniform(-0.36, 0.32),
            draw.generator.uniform(0.5, 1),
        )
        tip = np.array([side * (0.20 + 0.50 * reach * np.cos(turn)), 0.06 + 0.42 * reach * np.sin(turn), 0.46 + rise])
        if draw.whole(0, 2):  # a branch starts half-way along an imagined trunk
            hilum = hilum + 0.5 * draw.generator.random() * (tip - hilum)
        vessels.append(Vessel(hilum, tip, 0.010 + 0.020 * draw.generator.random()))
    return Chest(
        vessels=tuple(vessels),
        heart_tilt=0.45 + 0.2 * draw.generator.random(),
        nodule=(-0.44, 0.12 + 0.05 * draw.generator.random(), 0.52),
    )


def smooth(image: Plane) -> Plane:
    """Return `image` under a 3 by 3 binomial kernel: the point spread of a soft reconstruction kernel."""
    padded = np.pad(image, 1, mode="edge")
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    return np.asarray((rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16, dtype=np.float32)


def with_noise(image: Plane, draw: Draw, sigma: float) -> Plane:
    """Return `image` with correlated noise of about `sigma`."""
    noise = smooth(draw.generator.standard_normal(image.shape, dtype=np.float32))
    return (smooth(image) + 2.6 * sigma * noise).astype(np.float32)


def project(chest: Chest, *, width: int, height: int) -> tuple[Plane, Plane]:
    """Return the line integrals of attenuation (water = 1) seen from the front and from the left, height by width."""
    depth, planes = width // 2, height // 2
    front = np.zeros((planes, width), dtype=np.float32)
    side = np.zeros((planes, depth), dtype=np.float32)
    for row in range(planes):
        attenuation = chest.plane(row / (planes - 1), rows=depth, columns=width, couch=False) / 1000 + 1
        front[row] = attenuation.mean(axis=0)
        side[row] = attenuation.mean(axis=1)
    return _stretch(front, height), _stretch(side, height)


def _stretch(image: Plane, height: int) -> Plane:
    """Return `image` with rows interpolated up to `height`."""
    place = np.linspace(0, len(image) - 1, height, dtype=np.float32)[:, np.newaxis]
    above = np.minimum(place.astype(np.intp), len(image) - 2)[:, 0]
    part = place - above[:, np.newaxis]
    return np.asarray(image[above] * (1 - part) + image[above + 1] * part, dtype=np.float32)
