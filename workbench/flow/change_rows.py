"""Header changes of a version as rows: what changed where, by which rule, and why each word of a text went."""

from collections.abc import Iterator
from typing import Final

from workbench.flow.changes import Recorded, SeriesChanges, decode
from workbench.flow.shown import CONCEALED, ChangeRow
from workbench.flow.words import STRUCTURES, shown_value
from workbench.records.errors import UsageError
from workbench.records.path import format_path
from workbench.standard.dictionary import keyword_of, name_of, vr_of
from workbench.store.preparation_records import Preparation
from workbench.store.transaction import Transaction

_REASONS: Final = "; "
"""Stands between the rule of a cleaned text and what became of its words."""


def _blocks(reading: Transaction, study: str, made: Preparation) -> Iterator[tuple[int, SeriesChanges]]:
    """Yield the position of each series, from 0, with its changes."""
    with_changes = reading.preparations.change_counts(made.id)
    for series in reading.studies.all_series(study):
        if series.id in with_changes:
            yield series.number - 1, decode(reading.preparations.changes(made.id, series.id))


def change_rows(reading: Transaction, study: str, made: Preparation) -> Iterator[ChangeRow]:
    """Yield the distinct header changes of a version, series by series, before-values concealed."""
    for number, block in _blocks(reading, study, made):
        for position, recorded in enumerate(block.rows):
            yield _change_row(number, position, recorded, block.instances)


def _change_row(series: int, position: int, recorded: Recorded, of: int) -> ChangeRow:
    change = recorded.change
    tag = change.path[-1] if change.path else 0
    rule, _, why = change.rule.partition(_REASONS)
    around = rule.removeprefix("structure ")
    return ChangeRow(
        change=f"{series}-{position}",
        path=format_path(change.path),
        keyword=keyword_of(tag) if change.path else "",
        name=name_of(tag) if change.path else STRUCTURES.get(around, around.capitalize()),
        action=change.action.value,
        rule=rule,
        why=why,
        before=CONCEALED if change.before or (change.path and change.before is not None) else "",
        after=shown_value(change.after, vr_at(change.path)),
        removed=change.after is None,
        series=series,
        instances=len(recorded.instances),
        of=of,
    )


def vr_at(path: tuple[int, ...]) -> str | None:
    """Return the VR of the dictionary for the element that a path ends in; that of bytes outside the data set."""
    return vr_of(path[-1]) if path else "OB"


def matches(row: ChangeRow, search: str) -> bool:
    """Tell whether a part of tag, keyword or name of a change is searched for."""
    text = search.strip().casefold()
    return not text or text in f"{row.path} {row.keyword} {row.name}".casefold()


def find_change(reading: Transaction, study: str, made: Preparation, change: str) -> tuple[int, Recorded]:
    """Return the position of the series, from 0, and the change that a handle names.

    Raises
    ------
    UsageError
        `change-unknown`.
    """
    series, _, position = change.partition("-")
    if series.isdecimal() and position.isdecimal():
        for number, block in _blocks(reading, study, made):
            if number == int(series) and int(position) < len(block.rows):
                return number, block.rows[int(position)]
    raise UsageError("change-unknown", "There is no such change.", "Look at the list of changes again.")
