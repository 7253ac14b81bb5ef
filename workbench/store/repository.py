"""What all repositories share: reading and writing in the caller's transaction, sealing, ids."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from workbench.records.errors import UsageError
from workbench.store.tables import counter

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable, Row, Select, Table

    from workbench.vault.keys import KeyRing


@dataclass(frozen=True, slots=True)
class Scene:
    """What a repository works in. `wrote` tells the transaction that a change needs its audit entry."""

    connection: "Connection"
    keys: "KeyRing"
    wrote: Callable[[], None]


class Repository:
    """Base of the repositories. They never commit."""

    def __init__(self, scene: Scene) -> None:
        self._connection = scene.connection
        self._keys = scene.keys
        self._wrote = scene.wrote

    def _write(
        self, statement: "Executable", rows: Sequence[Mapping[str, Any]] | None = None, *, audited: bool = True
    ) -> int:
        """Execute a change and return how many rows it touched.

        `audited=False` is for what is no decision of anybody: activity of a session, bookkeeping of objects.
        """
        if rows is not None and not rows:
            return 0
        if audited:
            self._wrote()
        return self._connection.execute(statement, rows).rowcount

    def _all(self, statement: "Select[Any]") -> "Sequence[Row[Any]]":
        return self._connection.execute(statement).all()

    def _first(self, statement: "Select[Any]") -> "Row[Any] | None":
        return self._connection.execute(statement).first()

    def _count(self, statement: "Select[Any]") -> int:
        return int(self._connection.execute(statement).scalar_one())

    def _next(self, name: str) -> int:
        """Return the next number of a gapless sequence (a rolled back transaction gives its number back)."""
        raised = update(counter).where(counter.c.name == name).values(value=counter.c.value + 1)
        value = self._connection.execute(raised.returning(counter.c.value)).scalar()
        if value is None:
            self._connection.execute(insert(counter).values(name=name, value=1))
            value = 1
        return int(value)

    def _seal(self, purpose: str, row: str, fields: Mapping[str, Any]) -> bytes:
        """Seal fields as JSON, bound to their row."""
        # a file name that is not UTF-8 has lone surrogates in Python; with a backslash each is JSON again
        content = json.dumps(fields, ensure_ascii=False).encode("utf-8", "backslashreplace")
        return self._keys.seal(purpose, row.encode(), content)

    def _maybe_seal(self, purpose: str, row: str, fields: Mapping[str, Any] | None) -> bytes | None:
        return None if fields is None else self._seal(purpose, row, fields)

    def _unseal(self, purpose: str, row: str, sealed: bytes | None) -> dict[str, Any]:
        """Open sealed fields; absent ones are empty."""
        if sealed is None:
            return {}
        opened = json.loads(self._keys.unseal(purpose, row.encode(), sealed))
        return opened if isinstance(opened, dict) else {}

    def _exists(self, table: "Table", column: str, value: str) -> bool:
        return self._first(select(table.c[column]).where(table.c[column] == value)) is not None


def new_id() -> str:
    """Return an opaque id: 128 random bits, never reused."""
    return secrets.token_hex(16)


_LISTS = {
    "study": "workbench studies",
    "question": "workbench identity questions",
    "recipient": "workbench recipient list",
    "release": "workbench release list",
    "account": "workbench user list",
    "rule": "workbench pixels rules list",
}
"""The command that shows what there is."""


def missing(what: str) -> UsageError:
    """Return the error for an id that names nothing."""
    hint = f"Check the id; `{_LISTS[what]}` lists them." if what in _LISTS else "Look at the list again."
    return UsageError(f"{what}-unknown", f"There is no such {what}.", hint)
