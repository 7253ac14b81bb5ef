"""Serves a home for the browser tests: `python -m tests.browser.server HOME PORT`."""

import sys
from pathlib import Path

from workbench.app.serve import run

if __name__ == "__main__":
    run(Path(sys.argv[1]), port=int(sys.argv[2]))
