"""Recognisable features and the law: such objects leave neither as Safe Harbor nor as limited data set."""

from collections.abc import Iterable
from typing import Final

from workbench.deid.holds import Hold
from workbench.records.finding import Finding

WITHOUT_FEATURES: Final = {
    "safe-harbor": "45 CFR 164.514(b)(2)(i)(Q)",
    "limited-data-set": "45 CFR 164.514(e)(2)(xvi)",
}
"""Classes of the law that no full face or comparable image may be in, with their clause. No acceptance changes that."""

_CLASS: Final = {"safe-harbor": "Safe Harbor is", "limited-data-set": "A limited data set is"}


def may_show_features(holds: Iterable[str]) -> bool:
    """Tell whether one of the reasons for which an instance waits (`deid.holds`) is recognisable features."""
    return Hold.FEATURES.value in holds


def feature_findings(holds: Iterable[str], law: str, index: int) -> tuple[Finding, ...]:
    """Return why an instance is held back in a run under this law of its profile, when nobody can accept it by name."""
    if law not in WITHOUT_FEATURES or not may_show_features(holds):
        return ()
    message = (
        f"Recognisable features possible: a face may show in it, or be rebuilt from its slices. {_CLASS[law]} not "
        "claimed for it; use a profile for an expert determination or for treatment."
    )
    return (Finding(Hold.FEATURES.value, WITHOUT_FEATURES[law], "(7FE0,0010)", message, index),)
