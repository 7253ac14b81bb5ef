"""The goal: 99.95 % of the checks in basic, 99.9 % in the profiles that clean, and no file that leaks."""

from pathlib import Path

import pytest

from tests.yardstick.__main__ import FRESH_SEED, run
from tests.yardstick.modes import MODES

pytestmark = pytest.mark.slow

GOALS = {"basic": 0.9995}
GOAL = 0.999


@pytest.mark.parametrize("profile", MODES)
def test_goal(profile: str, tmp_path: Path) -> None:
    result = run(profile, FRESH_SEED, tmp_path)
    assert result.files >= 300
    assert result.missing == []
    assert result.leaks == {}
    assert result.rate >= GOALS.get(profile, GOAL)
