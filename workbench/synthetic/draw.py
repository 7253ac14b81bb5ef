"""A small seeded source of everything that varies between two demos: numbers, dates, UIDs, noise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import TypeVar

import numpy as np

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draw:
    """Draws for one label under one seed.

    Two draws with the same seed and label give the same answers in the same order; another label is independent, so
    a new kind of study does not change the bytes of the others. Not for secrets.
    """

    seed: int
    label: str
    generator: np.random.Generator = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        digest = sha256(f"{self.seed}/{self.label}".encode()).digest()
        object.__setattr__(self, "generator", np.random.default_rng(int.from_bytes(digest, "big")))

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of `choices`."""
        return choices[int(self.generator.integers(len(choices)))]

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return int(self.generator.integers(low, high, endpoint=True))

    def digits(self, count: int) -> str:
        """Return `count` digits, the first of which is not 0."""
        return str(self.whole(10 ** (count - 1), 10**count - 1))

    def day(self, first: date, last: date) -> date:
        """Return a day from `first` to `last`, both included."""
        return first + timedelta(days=self.whole(0, (last - first).days))

    def uid(self, name: str) -> str:
        """Return the UID (PS3.5 B.2, arc 2.25) of `name`; it depends on seed, label and name only, not on order."""
        digest = sha256(f"uid/{self.seed}/{self.label}/{name}".encode()).digest()
        return f"2.25.{int.from_bytes(digest[:16], 'big')}"
