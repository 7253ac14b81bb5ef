"""What the home of a host forbids, read without opening it: folder mode loads no database and no keys."""

import json
from pathlib import Path

from workbench.records.errors import UsageError

_SETTINGS = "home.json"


def check_folder_mode(home: Path) -> None:
    """Refuse folder mode where the home that belongs to this user forbids it; without a home nothing forbids it.

    Raises
    ------
    UsageError
        `folder-mode-forbidden`, also when the settings are there and cannot be understood.
    """
    try:
        content = (home / _SETTINGS).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError:
        content = b""
    try:
        allowed = json.loads(content).get("folder_mode", True) is True
    except (ValueError, AttributeError, RecursionError):
        allowed = False
    if not allowed:
        raise UsageError(
            "folder-mode-forbidden",
            "The workbench home of this host forbids folder mode: nothing is de-identified without review here.",
            "Import the studies into the workbench, or ask its administrator (workbench settings --folder-mode on).",
        )
