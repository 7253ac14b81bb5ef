"""Serves a home for the browser tests: `python -m tests.browser.server HOME PORT`."""

import sys
from pathlib import Path

from workbench.app.serve import run
from workbench.app.views import studies

if __name__ == "__main__":
    studies.REFRESH_SECONDS = 2  # nobody waits for long here
    run(Path(sys.argv[1]), port=int(sys.argv[2]))
