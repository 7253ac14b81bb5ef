"""What the tests of the sceptic share."""

from collections.abc import Iterator

import pytest

from workbench.pixels.workers import FrameWorker


@pytest.fixture(scope="session")
def worker() -> Iterator[FrameWorker]:
    """The product's own redaction, to make honest outputs with."""
    with FrameWorker() as running:
        yield running
