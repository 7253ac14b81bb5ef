"""Running command lines in this process."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from workbench.cli.main import main


@dataclass(frozen=True)
class Ran:
    """What one command line came to."""

    code: int
    out: str
    err: str

    def document(self) -> Any:
        """Return the one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """Return the code of the error, from either form."""
        if self.out.lstrip().startswith("{"):
            return str(self.document()["error"]["code"])
        return self.err.split("[", 1)[1].split("]", 1)[0]


@pytest.fixture
def run(capsys) -> Callable[[Sequence[str]], Ran]:
    """Run a command line."""

    def run_one(arguments: Sequence[str]) -> Ran:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run_one
