"""Recognisable features and the law: such objects leave neither as Safe Harbor nor as limited data set."""

from collections.abc import Iterable
from typing import Final

from workbench.deid.holds import Hold

WITHOUT_FEATURES: Final = {
    "safe-harbor": "45 CFR 164.514(b)(2)(i)(Q)",
    "limited-data-set": "45 CFR 164.514(e)(2)(xvi)",
}
"""Classes of the law that no full face or comparable image may be in, with their clause. No acceptance changes that."""


def may_show_features(holds: Iterable[str]) -> bool:
    """Tell whether one of the reasons for which an instance waits (`deid.holds`) is recognisable features."""
    return Hold.FEATURES.value in holds
