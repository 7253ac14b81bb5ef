"""The append-only log: one entry in the same transaction as the change that it records."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from workbench.audit.canon import Plain, canonical
from workbench.audit.events import Event
from workbench.audit.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_at,
)
from workbench.audit.note import Signer
from workbench.audit.shapes import Actor, Id, moment, plain
from workbench.audit.tables import MOST_BODY_BYTES, audit_event, audit_head
from workbench.audit.treehead import Checkpoint
from workbench.records.actor import Role
from workbench.records.errors import IntegrityBroken, WorkbenchError

FORMAT = 1
"""Version of the entry format, `v` in every body."""

_PAGE = 1000

# built once: making statements anew costs more than running them
_HEAD = select(audit_head.c.size, audit_head.c.peaks, audit_head.c.last, audit_head.c.note)
_HASH = select(audit_event.c.hash).where(audit_event.c.seq == bindparam("wanted"))
_INSERT = insert(audit_event)
_GROW = update(audit_head)
_COLUMNS = select(audit_event.c.seq, audit_event.c.body, audit_event.c.hash)


@dataclass(frozen=True, slots=True)
class Entry:
    """What `append` wrote: the sequence number (from 0, the index in the tree) and the leaf hash."""

    seq: int
    leaf_hash: bytes
    urgent: bool = False
    """The kind asks for a checkpoint in this transaction (`Checkpointer.sign`)."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log has come."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry as read. `body` are the exact bytes that are hashed; the rest is taken from them."""

    seq: int
    body: bytes
    leaf_hash: bytes
    kind: str
    at: str
    actor: str
    roles: tuple[str, ...]
    data: Mapping[str, Any]
    previous: bytes = b""
    """Hash of the entry before, as this entry's body names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries somebody asks for. Empty means all.

    Sequence numbers and times go from `first` and `since` on, up to but not including `before` and `until`.
    """

    first: int = 0
    before: int | None = None
    kinds: tuple[str, ...] = ()
    actor: str | None = None
    study: str | None = None
    release: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def narrow(self, query: Any) -> Any:
        """Add the conditions to a query of `audit_event`."""
        column = audit_event.c
        if self.first:
            query = query.where(column.seq >= self.first)
        if self.before is not None:
            query = query.where(column.seq < self.before)
        if self.kinds:
            query = query.where(column.etype.in_(self.kinds))
        if self.since is not None:
            query = query.where(column.at >= moment(self.since))
        if self.until is not None:
            query = query.where(column.at < moment(self.until))
        equal = {"actor": self.actor, "study": self.study, "release": self.release}
        for name, value in equal.items():
            if value is not None:
                query = query.where(column[name] == value)
        return query


class Ledger:
    """Appends to and reads from the tables of `audit.tables`, always on a connection of the caller."""

    def __init__(self, signer: Signer, clock: Callable[[], datetime]) -> None:
        self.signer = signer
        self.clock = clock
        self._signed: tuple[int, bytes] | None = None

    def append(
        self,
        connection: Connection,
        event: Event,
        *,
        actor: str,
        roles: Iterable[Role] = (),
        session: str | None = None,
    ) -> Entry:
        """Write one entry inside the caller's transaction.

        Guarantees that entry and change commit together: when the entry cannot be written, the transaction is rolled
        back here, so that a caller who swallows the error still cannot commit the change.

        Parameters
        ----------
        connection
            With a transaction that was begun for writing (`BEGIN IMMEDIATE` on SQLite).
        actor
            The acting account's opaque id, `system`, or `nobody` before anybody has signed in.
        roles, session
            The roles that the actor acted in, and the opaque id of the session.

        Raises
        ------
        IntegrityBroken
            `log-broken` when the log's own tables contradict each other: somebody went around the ledger.
        WorkbenchError
            `log-not-written` when the database did not take the entry (full disk, lock); `event-refused` when a value
            is not opaque.
        """
        with writing(connection):
            return self._append(connection, event, actor, roles, session)

    def _append(
        self, connection: Connection, event: Event, actor: str, roles: Iterable[Role], session: str | None
    ) -> Entry:
        tree, last = self._locked_head(connection)
        body = canonical(
            {
                "v": FORMAT,
                "seq": tree.size,
                "prev": last.hex(),
                "at": moment(self.clock()),
                "kind": event.kind,
                "actor": _actor(actor, roles, session),
                "data": event.data(),
            }
        )
        if len(body) > MOST_BODY_BYTES:
            raise WorkbenchError("event-too-long", "The audit entry is too long.", "Make one entry per series.")
        leaf = leaf_hash(body)
        grown, subtrees = tree.append(leaf)
        connection.execute(_INSERT, {"seq": tree.size, "body": body, "hash": leaf, "subtrees": subtrees})
        root = grown.root()
        note = self.signer.sign(Checkpoint(self.signer.vkey.name, grown.size, root).text())
        connection.execute(_GROW, {"size": grown.size, "peaks": grown.packed, "last": leaf, "note": note})
        self._signed = grown.size, root
        return Entry(tree.size, leaf, event.urgent)

    def _locked_head(self, connection: Connection) -> tuple[CompactRange, bytes]:
        row = connection.execute(_HEAD.with_for_update()).one_or_none()
        tree = self._trusted(row)
        # a statement of its own: PostgreSQL shows what others committed while this one waited for the lock
        newest = connection.execute(_HASH, {"wanted": tree.size - 1}).scalar_one_or_none()
        last = bytes(row.last) if row is not None else b""
        if last != (newest if tree.size else bytes(HASH_BYTES)):
            raise _broken("The newest audit entry is not the one that was written last.")
        return tree, last

    def head(self, connection: Connection) -> Head:
        """Return size and root, as this workbench signed them.

        Raises
        ------
        IntegrityBroken
            `log-broken` when they are not signed: somebody wrote to the log who has no key.
        """
        tree = self._trusted(connection.execute(_HEAD).one_or_none())
        return Head(tree.size, tree.root())

    def _trusted(self, row: Any) -> CompactRange:
        if row is None:
            raise _broken("The audit log has no head.")
        tree = _range(row.size, row.peaks)
        stands = tree.size, tree.root()
        if stands not in {self._signed, (0, EMPTY_ROOT)}:
            try:
                signed = Checkpoint.open(row.note, self.signer.vkey)
            except IntegrityBroken:
                raise _broken("The head of the audit log is not signed by this workbench.") from None
            if (signed.size, signed.root) != stands:
                raise _broken("The head of the audit log is not the one that this workbench signed.")
            self._signed = stands
        return tree

    def entry(self, connection: Connection, seq: int) -> Logged:
        """Return one entry.

        Raises
        ------
        IntegrityBroken
            `log-entry-missing` when there is none.
        """
        row = connection.execute(_COLUMNS.where(audit_event.c.seq == seq)).one_or_none()
        if row is None:
            raise IntegrityBroken("log-entry-missing", "The audit log has no such entry.", _VERIFY)
        return _logged(row)

    def entries(
        self,
        connection: Connection,
        wanted: Filter | None = None,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> Iterator[Logged]:
        """Yield entries, oldest first unless told otherwise, in constant memory."""
        query = (wanted or Filter()).narrow(_COLUMNS)
        query = query.order_by(audit_event.c.seq.desc() if newest_first else audit_event.c.seq)
        query = query.limit(limit).offset(offset or None)
        for row in connection.execute(query.execution_options(yield_per=_PAGE)):
            yield _logged(row)

    def count(self, connection: Connection, wanted: Filter | None = None) -> int:
        """Return how many entries `entries` would yield."""
        query = (wanted or Filter()).narrow(select(func.count()).select_from(audit_event))
        return int(connection.execute(query).scalar_one())

    def inclusion_proof(self, connection: Connection, seq: int, size: int) -> tuple[bytes, ...]:
        """Prove that the entry is in the tree of that size (RFC 6962 section 2.1.1), reading O(log n) rows."""
        return inclusion_proof(seq, size, lambda level, index: self._node(connection, level, index))

    def consistency_proof(self, connection: Connection, old: int, new: int) -> tuple[bytes, ...]:
        """Prove that the log of size `old` is the beginning of the log of size `new` (RFC 6962 section 2.1.2)."""
        return consistency_proof(old, new, lambda level, index: self._node(connection, level, index))

    def root_at(self, connection: Connection, size: int) -> bytes:
        """Return the root that the stored entries had at that size."""
        return root_at(size, lambda level, index: self._node(connection, level, index))

    def _node(self, connection: Connection, level: int, index: int) -> bytes:
        column = audit_event.c.subtrees if level else audit_event.c.hash
        last_leaf = ((index + 1) << level) - 1
        stored = connection.execute(select(column).where(audit_event.c.seq == last_leaf)).scalar_one_or_none()
        at = (level - 1) * HASH_BYTES if level else 0
        node = stored[at : at + HASH_BYTES] if isinstance(stored, bytes) else b""
        if len(node) != HASH_BYTES:
            raise _broken("An audit entry that a proof needs is missing or damaged.")
        return node


_VERIFY = "Run `workbench audit verify` with the trusted key and the witness file."


def _actor(actor: str, roles: Iterable[Role], session: str | None) -> dict[str, Plain]:
    acting: dict[str, Plain] = {"id": plain(Actor, actor, "actor")}
    held: list[Plain] = [plain(Role, role, "roles") for role in sorted(roles)]
    if held:
        acting["roles"] = held
    if session:
        acting["session"] = plain(Id, session, "session")
    return acting


def _range(size: object, peaks: object) -> CompactRange:
    if not isinstance(size, int) or not isinstance(peaks, bytes):
        raise _broken("The head of the audit log is damaged.")
    try:
        return CompactRange.parse(size, peaks)
    except ValueError:
        raise _broken("The head of the audit log is damaged.") from None


def _logged(row: Any) -> Logged:
    try:
        body = json.loads(row.body)
        actor = body["actor"]
        return Logged(
            row.seq,
            row.body,
            row.hash,
            body["kind"],
            body["at"],
            actor["id"],
            tuple(actor.get("roles", ())),
            body["data"],
            bytes.fromhex(body["prev"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _broken("An audit entry is damaged.") from None


@contextmanager
def writing(connection: Connection) -> Iterator[None]:
    """Roll the caller's whole transaction back, here and now, when something goes wrong inside."""
    try:
        yield
    except BaseException as error:
        transaction = connection.get_transaction()
        if transaction is not None and transaction.is_active:
            transaction.rollback()
        if isinstance(error, SQLAlchemyError):
            _explain(error)
        raise


def _explain(error: SQLAlchemyError) -> NoReturn:
    if isinstance(error, IntegrityError):
        raise _broken("The audit log did not take the entry, so nothing was changed.") from error
    raise WorkbenchError(
        "log-not-written",
        "The audit entry could not be written, so nothing was changed.",
        "Check free space and that no other program holds the database, then try again.",
    ) from error


def _broken(message: str) -> IntegrityBroken:
    return IntegrityBroken("log-broken", message, _VERIFY)
