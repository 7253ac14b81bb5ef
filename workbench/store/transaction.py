"""What a use case works with: the repositories and the ledger on one connection."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.audit.events import Event
from workbench.audit.export import Exported, write_export
from workbench.audit.ledger import Entry, Filter, Head, Ledger, Logged
from workbench.audit.proven import proven_backwards, proven_entry
from workbench.records.actor import Actor
from workbench.records.errors import IntegrityBroken
from workbench.store.accounts import Accounts, Sessions
from workbench.store.activations import Activations
from workbench.store.assurances import Assurances
from workbench.store.imports import Imports
from workbench.store.persons import Persons
from workbench.store.pixel_rules import PixelRules
from workbench.store.preparations import Preparations
from workbench.store.quarantine import Quarantine
from workbench.store.redactions import Redactions
from workbench.store.rejections import Rejections
from workbench.store.releases import Recipients, Releases
from workbench.store.repository import Scene
from workbench.store.scopes import Scopes
from workbench.store.settings import Settings
from workbench.store.stored import StoredObjects
from workbench.store.studies import Studies
from workbench.store.successors import Successors

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from workbench.vault.keys import KeyRing


class TransactionLedger:
    """The ledger within one transaction."""

    def __init__(self, ledger: Ledger, connection: "Connection") -> None:
        self._ledger = ledger
        self._connection = connection
        self.appended = 0

    def append(self, event: Event, *, actor: Actor | str) -> Entry:
        """Write the entry of a change. A string names `system`, `nobody` or an account; an actor brings its roles.

        Raises
        ------
        WorkbenchError
            As `audit.ledger.Ledger.append`; the whole transaction is then rolled back.
        """
        if isinstance(actor, str):
            entry = self._ledger.append(self._connection, event, actor=actor)
        else:
            entry = self._ledger.append(
                self._connection,
                event,
                actor=actor.user_id,
                roles=actor.roles,
                session=actor.session or None,
            )
        self.appended += 1
        return entry

    def head(self) -> Head:
        """Return size and root."""
        return self._ledger.head(self._connection)

    def entry(self, seq: int) -> Logged:
        """Return one entry."""
        return self._ledger.entry(self._connection, seq)

    def entries(
        self,
        wanted: Filter | None = None,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> Iterator[Logged]:
        """Yield entries, oldest first unless told otherwise."""
        return self._ledger.entries(self._connection, wanted, newest_first=newest_first, limit=limit, offset=offset)

    def count(self, wanted: Filter | None = None) -> int:
        """Return how many entries `entries` would yield."""
        return self._ledger.count(self._connection, wanted)

    def proven(self, seq: int) -> Logged:
        """Return one entry that the signed head of the log proves.

        Raises
        ------
        IntegrityBroken
            As `audit.proven.proven_entry`.
        """
        return proven_entry(self._ledger, self._connection, seq)

    def proven_backwards(self) -> Iterator[Logged]:
        """Yield all entries, newest first, each proven.

        Raises
        ------
        IntegrityBroken
            As `audit.proven.proven_backwards`.
        """
        return proven_backwards(self._ledger, self._connection)

    def inclusion_proof(self, seq: int, size: int) -> tuple[bytes, ...]:
        """Prove that an entry is in the log of that size (RFC 6962 section 2.1.1)."""
        return self._ledger.inclusion_proof(self._connection, seq, size)

    def consistency_proof(self, old: int, new: int) -> tuple[bytes, ...]:
        """Prove that the log of size `old` is the beginning of the log of size `new` (RFC 6962 section 2.1.2)."""
        return self._ledger.consistency_proof(self._connection, old, new)

    def export(self, folder: Path) -> Exported:
        """Write entries, checkpoints and the program that checks them into a new folder.

        Raises
        ------
        WorkbenchError
            As `audit.export.write_export`.
        """
        return write_export(self._connection, folder)


class Transaction:
    """Repositories that see and change the same state; they are made on first use.

    `connection` is for `audit.checkpoint.Checkpointer.sign` and for nothing else.
    """

    def __init__(self, connection: "Connection", keys: "KeyRing", ledger: Ledger) -> None:
        self.connection = connection
        self.ledger = TransactionLedger(ledger, connection)
        self._changed = False
        self._scene = Scene(connection, keys, self._note_change)

    def _note_change(self) -> None:
        self._changed = True

    def check_recorded(self) -> None:
        """Refuse to commit a change that nobody recorded.

        Raises
        ------
        IntegrityBroken
            `change-without-entry`.
        """
        if self._changed and not self.ledger.appended:
            raise IntegrityBroken(
                "change-without-entry",
                "A change came without its audit entry and was not made.",
                "This is a defect of the workbench; please report the code.",
            )

    @cached_property
    def settings(self) -> Settings:
        """Named settings."""
        return Settings(self._scene)

    @cached_property
    def accounts(self) -> Accounts:
        """Accounts and one-time codes."""
        return Accounts(self._scene)

    @cached_property
    def sessions(self) -> Sessions:
        """Sessions."""
        return Sessions(self._scene)

    @cached_property
    def imports(self) -> Imports:
        """Imports."""
        return Imports(self._scene)

    @cached_property
    def objects(self) -> StoredObjects:
        """What the database knows of the object store."""
        return StoredObjects(self._scene)

    @cached_property
    def studies(self) -> Studies:
        """Patients, studies, series and instances as received."""
        return Studies(self._scene)

    @cached_property
    def persons(self) -> Persons:
        """Which patients are one person, and what was asked about it."""
        return Persons(self._scene)

    @cached_property
    def rejections(self) -> Rejections:
        """What rejection notes reject."""
        return Rejections(self._scene)

    @cached_property
    def scopes(self) -> Scopes:
        """Scopes, their keys and pseudonyms."""
        return Scopes(self._scene)

    @cached_property
    def preparations(self) -> Preparations:
        """Preparations with their instances, changes, findings, holds and decisions."""
        return Preparations(self._scene)

    @cached_property
    def successors(self) -> Successors:
        """Why versions need successors, what those took over, and evidence."""
        return Successors(self._scene)

    @cached_property
    def redactions(self) -> Redactions:
        """What was seen in pixels and what became of it."""
        return Redactions(self._scene)

    @cached_property
    def assurances(self) -> Assurances:
        """Determinations, agreements, and texts that the log commits to."""
        return Assurances(self._scene)

    @cached_property
    def activations(self) -> Activations:
        """Profiles that may be used though they are not shipped."""
        return Activations(self._scene)

    @cached_property
    def pixel_rules(self) -> PixelRules:
        """Rules for burned-in text, and what they are learned from."""
        return PixelRules(self._scene)

    @cached_property
    def quarantine(self) -> Quarantine:
        """What was set aside, with the reason."""
        return Quarantine(self._scene)

    @cached_property
    def recipients(self) -> Recipients:
        """Who may receive releases."""
        return Recipients(self._scene)

    @cached_property
    def releases(self) -> Releases:
        """Releases, their items and receipts."""
        return Releases(self._scene)
