"""What the tests of pixels share."""

from collections.abc import Iterator

import pytest

from workbench.pixels.workers import FrameWorker


@pytest.fixture(scope="session")
def worker() -> Iterator[FrameWorker]:
    with FrameWorker() as running:
        yield running
