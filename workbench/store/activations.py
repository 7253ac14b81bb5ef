"""Profiles that may be used though they are not shipped: what was tested of which, and who activated it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select

from workbench.store.person_tables import activation
from workbench.store.repository import Repository, new_id


@dataclass(frozen=True, slots=True)
class NewActivation:
    """A profile that passed its test, as it was tested. `threshold` is in millionths.

    `text` is its YAML. It identifies no patient, but may name who answers for a rule.
    """

    profile: str
    profile_version: int
    profile_digest: str
    edition: str
    software: str
    threshold: int
    planted: int
    retained: int
    leaked: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation as read. `entry` is the number of the entry of the log that proves it."""

    id: str
    tested: NewActivation
    entry: int
    activated_at: datetime
    activated_by: str


_TESTED = tuple(name for name in NewActivation.__slots__ if name != "text")


class Activations(Repository):
    """Rows of `activation`. None is ever changed: another test makes another row."""

    def add(self, tested: NewActivation, *, entry: int, by: str, at: datetime) -> Activation:
        """Keep an activation."""
        row = new_id()
        values = {name: getattr(tested, name) for name in _TESTED}
        sealed = self._seal("activation", row, {"text": tested.text})
        self._write(
            insert(activation).values(id=row, entry=entry, activated_at=at, activated_by=by, sealed=sealed, **values)
        )
        return Activation(row, tested, entry, at, by)

    def all(self) -> tuple[Activation, ...]:
        """Return all activations, the newest first."""
        found = []
        for row in self._all(select(activation).order_by(activation.c.entry.desc())):
            values = {name: getattr(row, name) for name in _TESTED}
            tested = NewActivation(**values, text=str(self._unseal("activation", row.id, row.sealed)["text"]))
            found.append(Activation(row.id, tested, row.entry, row.activated_at, row.activated_by))
        return tuple(found)
