"""Who runs the command: `--as USER`, with the password from a private file or from the prompt."""

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.records.actor import Actor
from workbench.records.errors import UsageError

if TYPE_CHECKING:
    from workbench.flow.home import Workbench

ASK_HINT = 'Give --credentials FILE with {"USER": {"password": "..."}} and mode 0600, or run it in a terminal.'


@contextmanager
def acting(home: Path, name: str, credentials: Path | None) -> Iterator[tuple["Workbench", Actor]]:
    """Open the home, sign the person in for this command, and sign out at its end.

    Raises
    ------
    UsageError
        No home there, no password to be had, or a credentials file that others can read.
    NotPermitted
        The name or the password is wrong.
    """
    from workbench.flow.accounts import sign_in, sign_out
    from workbench.flow.home import open_home

    with open_home(home) as workbench:
        signed = sign_in(workbench, name=name, password=password_of(name, credentials), source="cli")
        try:
            yield workbench, signed.actor
        finally:
            sign_out(workbench, signed.actor)


def password_of(name: str, credentials: Path | None, *, new: bool = False) -> str:
    """Return the password of `name` from the credentials file, else from the prompt (twice when `new`)."""
    if credentials is not None:
        entry = read_credentials(credentials).get(name)
        if not isinstance(entry, dict) or not isinstance(entry.get("password"), str):
            raise UsageError("no-password", "The credentials file has no password for that user.", ASK_HINT)
        return str(entry["password"])
    if not sys.stdin.isatty():
        raise UsageError("no-password", "There is no terminal to ask for the password.", ASK_HINT)
    password = getpass(f"Password for {name}: ")
    if new and getpass("Once more: ") != password:
        raise UsageError("passwords-differ", "The two passwords differ.", "Type the same password twice.")
    return password


def read_credentials(path: Path) -> dict[str, Any]:
    """Read a credentials file.

    Raises
    ------
    UsageError
        `credentials-open` when somebody else than the owner can read it (a password in it is a password lost),
        `credentials-bad` when it is not such a file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe must not be waited for
    with os.fdopen(descriptor, "rb") as opened:
        facts = os.fstat(opened.fileno())
        if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise UsageError(
                "credentials-open", "Others can read the credentials file.", "Make it private: chmod 600 FILE."
            )
        if not stat.S_ISREG(facts.st_mode):
            raise UsageError("credentials-bad", "The credentials are not a file.", ASK_HINT)
        content = opened.read(1 << 20)
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError("credentials-bad", "The credentials file is not a JSON object.", ASK_HINT)
    return found
