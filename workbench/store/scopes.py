"""Scopes: within one, pseudonyms of the same patient, UID or date offset can be linked; across two, they cannot.

Each scope has a random key of its own, sealed. A scope belongs to a recipient or a project.
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select

from workbench.records.errors import UsageError
from workbench.records.pseudonym import Assigned
from workbench.store.person_tables import assigned
from workbench.store.repository import Repository, missing, new_id
from workbench.store.tables import pseudonym, scope

KEY_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Scope:
    """`key` derives the scope's UIDs and codes; whoever has it can link them to the originals."""

    id: str
    name: str
    created_at: datetime
    created_by: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """One line of the crosswalk: `value` stands for `source` (identity) in a scope; `kind` such as `patient`, `uid`."""

    scope: str
    kind: str
    source: str = field(repr=False)
    value: str


class Scopes(Repository):
    """Rows of `scope` and `pseudonym`. The scope is part of every pseudonym's key."""

    def add(self, name: str, *, created_by: str, at: datetime) -> Scope:
        """Add a scope with a new random key.

        Raises
        ------
        UsageError
            `scope-exists`, `scope-name-invalid`.
        """
        folded = _folded(name)
        if self._exists(scope, "folded_name", folded):
            raise UsageError("scope-exists", "There is a scope with this name.", "Use it, or choose another name.")
        row = new_id()
        sealed = self._keys.seal("scope.key", row.encode(), secrets.token_bytes(KEY_LENGTH))
        self._write(
            insert(scope).values(
                id=row, name=name.strip(), folded_name=folded, sealed=sealed, created_at=at, created_by=created_by
            )
        )
        return self.get(row)

    def get(self, scope_id: str) -> Scope:
        """Return a scope.

        Raises
        ------
        UsageError
            `scope-unknown`.
        """
        row = self._first(select(scope).where(scope.c.id == scope_id))
        if row is None:
            raise missing("scope")
        key = self._keys.unseal("scope.key", row.id.encode(), row.sealed)
        return Scope(id=row.id, name=row.name, created_at=row.created_at, created_by=row.created_by, key=key)

    def named(self, name: str) -> Scope | None:
        """Find by name, upper and lower case being the same."""
        row = self._first(select(scope.c.id).where(scope.c.folded_name == name.strip().casefold()))
        return None if row is None else self.get(row.id)

    def all(self) -> tuple[Scope, ...]:
        """Return every scope by name."""
        return tuple(self.get(row.id) for row in self._all(select(scope.c.id).order_by(scope.c.folded_name)))

    def assign(self, scope_id: str, *, kind: str, source: str, value: str, at: datetime) -> Pseudonym:
        """Keep a pseudonym, or return the one that this source has already in the scope.

        Raises
        ------
        UsageError
            `pseudonym-taken` when the value stands for another source in this scope.
        """
        index, place = self._place(scope_id, kind, source)
        known = self._first(
            select(pseudonym.c.value).where(
                pseudonym.c.scope == scope_id, pseudonym.c.kind == kind, pseudonym.c.source_index == index
            )
        )
        if known is not None:
            return Pseudonym(scope_id, kind, source, known.value)
        if self._first(
            select(pseudonym.c.value).where(
                pseudonym.c.scope == scope_id, pseudonym.c.kind == kind, pseudonym.c.value == value
            )
        ):
            raise UsageError("pseudonym-taken", "This code stands for another in the scope.", "Draw another code.")
        self._write(
            insert(pseudonym).values(
                scope=scope_id,
                kind=kind,
                source_index=index,
                value=value,
                sealed=self._keys.seal("pseudonym.source", place, source.encode()),
                created_at=at,
            )
        )
        return Pseudonym(scope_id, kind, source, value)

    def draw(self, scope_id: str, *, kind: str, source: str, drawn: Assigned, at: datetime) -> None:
        """Keep a pseudonym of a patient with its offset and key (sealed).

        Raises
        ------
        UsageError
            `pseudonym-taken` when the code stands for another in this scope.
        """
        self.assign(scope_id, kind=kind, source=source, value=drawn.code, at=at)
        index, place = self._place(scope_id, kind, source)
        told = json.dumps({"offset_days": drawn.offset_days, "key": drawn.key.hex()}).encode()
        self._write(
            insert(assigned).values(
                scope=scope_id,
                kind=kind,
                source_index=index,
                sealed=self._keys.seal("pseudonym.assigned", place, told),
                drawn_at=at,
            )
        )

    def drawn(self, scope_id: str, *, kind: str, source: str) -> Assigned | None:
        """Return what was kept for a patient in a scope, None when there is nothing yet."""
        index, place = self._place(scope_id, kind, source)
        joined = select(pseudonym.c.value, assigned.c.sealed).join(
            assigned,
            (assigned.c.scope == pseudonym.c.scope)
            & (assigned.c.kind == pseudonym.c.kind)
            & (assigned.c.source_index == pseudonym.c.source_index),
        )
        mine = (assigned.c.scope == scope_id) & (assigned.c.kind == kind) & (assigned.c.source_index == index)
        row = self._first(joined.where(mine))
        if row is None:
            return None
        told = json.loads(self._keys.unseal("pseudonym.assigned", place, row.sealed))
        return Assigned(row.value, int(told["offset_days"]), bytes.fromhex(told["key"]))

    def _place(self, scope_id: str, kind: str, source: str) -> tuple[str, bytes]:
        index = self._keys.index(f"pseudonym {kind} {scope_id}", source.encode())
        return index, f"{scope_id}|{kind}|{index}".encode()

    def source_of(self, scope_id: str, *, kind: str, value: str) -> str | None:
        """Return what a pseudonym stands for (the caller records the look-up), None when it is unknown."""
        row = self._first(
            select(pseudonym).where(pseudonym.c.scope == scope_id, pseudonym.c.kind == kind, pseudonym.c.value == value)
        )
        if row is None:
            return None
        place = f"{scope_id}|{kind}|{row.source_index}".encode()
        return self._keys.unseal("pseudonym.source", place, row.sealed).decode()


def _folded(name: str) -> str:
    folded = name.strip().casefold()
    if not 1 <= len(folded) <= 64 or not folded.isprintable():
        raise UsageError("scope-name-invalid", "The name of a scope has 1 to 64 characters.", "Choose another name.")
    return folded
