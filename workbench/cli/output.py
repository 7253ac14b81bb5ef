"""Writing results: lines and tables for people, one JSON document for scripts, progress on stderr."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from workbench.cli.failure import json_text

NARROW = 100
"""Columns of a terminal below which tables give up their margins."""


class Advance(Protocol):
    """Called with how much is done, of how much, and what else to say about it."""

    def __call__(self, done: int, of: int, note: str = "", /) -> None:
        """Show it."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command writes to. With `as_json`, people's lines go nowhere and the document goes to stdout."""

    as_json: bool = False

    def document(self, value: object) -> None:
        """Write the one JSON document, if that is what was asked for."""
        if self.as_json:
            sys.stdout.write(json_text(plain(value), sys.stdout, indent=2) + "\n")
            sys.stdout.flush()

    def line(self, text: str = "") -> None:
        """Write one line for people."""
        if not self.as_json:
            sys.stdout.write(text + "\n")

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Write a table for people."""
        if self.as_json:
            return
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        drawn = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            drawn.add_column(column, overflow="fold")
        for row in rows:
            drawn.add_row(*(Text(str(cell)) for cell in row))
        console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
        if console.width < NARROW:
            drawn.padding, drawn.show_edge = (0, 0, 0, 0), False
        console.print(drawn)

    @contextmanager
    def progress(self, what: str) -> Iterator[Advance]:
        """Show a progress bar on stderr while the block runs; nothing at all when stderr is not a terminal."""
        if not sys.stderr.isatty():
            yield _nothing
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=None)

            def advance(done: int, of: int, note: str = "", /) -> None:
                bar.update(task, completed=done, total=of or None, description=f"{what} {note}".rstrip())

            yield advance


def plain(value: object) -> Any:
    """Return dataclasses, enums, paths and times as what JSON has."""
    match value:
        case Enum():
            found: Any = value.value
        case None | str() | int() | float():
            found = value
        case datetime() | date():
            found = value.isoformat()
        case Path():
            found = str(value)
        case Mapping():
            found = {str(plain(key)): plain(item) for key, item in value.items()}
        case set() | frozenset():
            found = sorted(plain(item) for item in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            found = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            found = [plain(item) for item in value]  # type: ignore[attr-defined]  # what is left is a sequence
    return found


def _nothing(_done: int, _of: int, _note: str = "", /) -> None:
    """Take progress that nobody watches."""
