"""A seeded source of choices."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Draw:
    """Choices under a seed: the same seed, the same choices in the same order."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.default_rng(seed)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return int(self._generator.integers(low, high, endpoint=True))

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of `choices`."""
        return choices[self.whole(0, len(choices) - 1)]

    def chance(self, share: float) -> bool:
        """Return True in a share of the calls."""
        return float(self._generator.random()) < share

    def digits(self, count: int) -> str:
        """Return `count` digits, the first of which is not 0."""
        return str(self.whole(10 ** (count - 1), 10**count - 1))

    def data(self, count: int) -> bytes:
        """Return `count` bytes."""
        return self._generator.bytes(count)
