"""A version that follows another: what of it is unchanged, and which decisions it takes over.

Every instance is prepared and verified anew with all that is known now. Unchanged is what then comes out byte for byte
the same, from the same input, under the same profile and scope; only that keeps an acceptance by name. The rest waits
under names of its own, so that nobody accepts unseen what came later. The approval is always a new one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from workbench.audit.ledger import Logged
from workbench.store.preparation_records import Outcome, Preparation, PreparedInstance, PreparedRow
from workbench.store.tables import PreparationState
from workbench.store.transaction import Transaction

_VERSION: Final = re.compile(r"\.v[0-9]+$")
_ENDED: Final = frozenset({PreparationState.RETURNED, PreparationState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Acceptance:
    """That a hold was accepted by name: by whom, when, and in which version."""

    by: str
    at: datetime
    origin: str


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The version before, as far as its decisions may go on. Without one everything is new."""

    made: Preparation | None = None
    rows: Mapping[str, PreparedRow] = field(default_factory=dict)
    accepted: Mapping[str, Acceptance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Succession:
    """What a new version takes over: its instances under the names that their holds have, and what stays accepted."""

    instances: tuple[PreparedInstance, ...]
    unchanged: int
    accepted: Mapping[str, Acceptance]


def predecessor(
    reading: Transaction, study: str, *, scope: str, profile_digest: str, approvals: Sequence[Logged]
) -> Predecessor:
    """Return the newest version of a study if another one of this profile and scope may follow it.

    Parameters
    ----------
    approvals
        Entries that approved versions of the study, proven: an acceptance counts only when one of them names it.
    """
    made = reading.preparations.current(study)
    if made is None or (made.scope, made.profile_digest) != (scope, profile_digest):
        return Predecessor()
    rows = {row.instance: row for row in reading.preparations.instances(made.id)}
    if made.state in _ENDED or reading.successors.touched(made.id):
        return Predecessor(made, rows)
    proven = {(entry.data["preparation"], code) for entry in approvals for code in entry.data["accepted"]}
    carried = reading.successors.carried(made.id)
    accepted = {}
    for hold in reading.preparations.holds(made.id):
        origin = carried.get(hold.code, made.id)
        if hold.accepted_by and hold.accepted_at and (origin, hold.code) in proven:
            accepted[hold.code] = Acceptance(hold.accepted_by, hold.accepted_at, origin)
    return Predecessor(made, rows, accepted)


def succeed(before: Predecessor, instances: Sequence[PreparedInstance]) -> Succession:
    """Compare what came out with the version before, and give each hold its name."""
    if before.made is None:
        return Succession(tuple(instances), 0, {})
    later = f".v{before.made.number + 1}"
    out: list[PreparedInstance] = []
    kept: set[str] = set()
    unchanged = 0
    for made in instances:
        row = before.rows.get(made.instance)
        if row is not None and _same(row, made):
            unchanged += 1
            names = row.holds if before.accepted else made.holds  # with nothing accepted, all wait together again
            kept.update(names)
            out.append(replace(made, holds=names))
        else:
            names = tuple(name + later if name in before.accepted else name for name in made.holds)
            out.append(replace(made, holds=names))
    accepted = {code: found for code, found in before.accepted.items() if code in kept}
    return Succession(tuple(out), unchanged, accepted)


def plain_hold(name: str) -> str:
    """Return the name of a hold without the version that it waits in."""
    return _VERSION.sub("", name)


def _same(row: PreparedRow, made: PreparedInstance) -> bool:
    if row.outcome is Outcome.REFUSED or made.stored is None:
        return False
    reasons = {plain_hold(name) for name in row.holds}
    return row.output_digest == made.stored.digest and row.leaf == made.leaf and reasons == set(made.holds)
