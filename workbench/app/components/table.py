"""A table of records: rows that open, values that are concealed until somebody asks, all of it by keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import streamlit as st

Cell = str | dict[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is text, num, mono, strong, quiet, chip, two, before or after; `none` stands for an empty after-value."""

    label: str
    kind: str = "text"
    width: str = ""
    align: str = ""
    none: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """`label` is what a screen reader says of the row. Cells stand in the order of the columns."""

    id: str
    cells: Sequence[Cell]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value to show in clear until a minute has passed. `seq` differs each time."""

    id: str
    value: str
    seq: int


@dataclass(frozen=True, slots=True)
class Picked:
    """What the user did in this run: opened a row, or asked to reveal a value."""

    open: str = ""
    reveal: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What to show. `height` is a CSS length beyond which the table scrolls."""

    label: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    opens: bool = False
    may_reveal: bool = False
    height: str = ""
    revealed: Shown | None = None
    on_reveal: Callable[[], None] | None = None


def _asset(name: str) -> str:
    return files("workbench.app.components").joinpath(name).read_text("utf-8")


@cache
def _source() -> tuple[str, str]:
    return _asset("table.js"), _asset("table.css")


def show(table: Table, *, key: str) -> Picked:
    """Show the table and return what the user did with it."""
    script, style = _source()
    mount = st.components.v2.component("workbench_table", html='<div class="root"></div>', js=script, css=style)
    revealed = table.revealed
    data = {
        "label": table.label,
        "columns": [
            {"label": c.label, "kind": c.kind, "width": c.width, "align": c.align, "none": c.none}
            for c in table.columns
        ],
        "rows": [{"id": row.id, "label": row.label, "cells": list(row.cells)} for row in table.rows],
        "opens": table.opens,
        "mayReveal": table.may_reveal,
        "height": table.height,
        "revealed": {"id": revealed.id, "value": revealed.value, "seq": revealed.seq} if revealed else None,
    }
    result = mount(key=key, data=data, on_open_change=_nothing, on_reveal_change=table.on_reveal or _nothing)
    return Picked(open=str(result.get("open") or ""), reveal=str(result.get("reveal") or ""))


def _nothing() -> None:
    """Make the trigger value part of the result."""
