"""What is to be said of a version beside its privacy issues: what was not understood, notes, references left out.

None of it holds anything back. It is kept with the version, so that who submits and who approves know of it.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from workbench.flow.shown import NoteRow, UnknownRow
from workbench.flow.step import Prepared, Refusal

if TYPE_CHECKING:
    from workbench.verify import Examination

UNKNOWNS: Final = "not_understood"
NOTES: Final = "notes"
REFERENCES: Final = "references_left_out"
_MOST: Final = 500


def remarks(outcomes: Mapping[int, Prepared | Refusal], present: Collection[int]) -> dict[str, Any]:
    """Return what is to be kept of outcomes, as plain JSON: equal remarks once, with the number of instances.

    Parameters
    ----------
    outcomes
        What became of each instance, by position.
    present
        Positions of those that have an output in this version.
    """
    made = [outcome for position, outcome in sorted(outcomes.items()) if position in present]
    prepared = [outcome for outcome in made if isinstance(outcome, Prepared)]
    examined = [outcome.examination for outcome in prepared if outcome.examination is not None]
    here = {outcome.sop_instance for outcome in prepared}
    missing = [len(outcome.references - here) for outcome in prepared]
    said = {REFERENCES: [sum(missing), sum(count > 0 for count in missing)]}
    return {**said, UNKNOWNS: _unknowns(examined), NOTES: _notes(examined)} if examined else said


def unknown_rows(facts: Mapping[str, Any]) -> tuple[UnknownRow, ...]:
    """Return what was not understood, as shown."""
    return tuple(UnknownRow(*row) for row in facts.get(UNKNOWNS, ()))


def note_rows(facts: Mapping[str, Any]) -> tuple[NoteRow, ...]:
    """Return notes, as shown."""
    return tuple(NoteRow(*row) for row in facts.get(NOTES, ()))


def references_left_out(facts: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many references lead to no instance of the version, and how many instances have such a one."""
    references, instances = facts.get(REFERENCES, (0, 0))
    return int(references), int(instances)


def unknowns_by_kind(facts: Mapping[str, Any]) -> dict[str, int]:
    """Return how often each kind of thing was not understood, over instances."""
    counts: Counter[str] = Counter()
    for row in unknown_rows(facts):
        counts[row.kind] += row.instances
    return dict(sorted(counts.items()))


def _unknowns(examined: "Collection[Examination]") -> list[list[str | int]]:
    from workbench.verify.checks.unknowns import KINDS  # noqa: PLC0415 (loads pydicom)

    counts = Counter(each for one in examined for each in {(u.kind, u.name, u.where) for u in one.unknowns})
    return [[kind, name, where, KINDS[kind], count] for (kind, name, where), count in sorted(counts.items())[:_MOST]]


def _notes(examined: "Collection[Examination]") -> list[list[str | int]]:
    from workbench.verify import notes_of_set  # noqa: PLC0415 (loads pydicom)

    said = {*notes_of_set(list(examined)), *(note for one in examined for note in one.notes)}
    counts = Counter((note.check, note.rule, note.where, note.message) for note in said)
    return [[*key, count] for key, count in sorted(counts.items())[:_MOST]]
