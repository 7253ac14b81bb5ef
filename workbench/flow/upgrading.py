"""Upgrade: bring the database of a home to this version, after a backup copy of it, with an entry that says so.

The new schema, what is filled in from what was there, and the entry are one transaction: the home has all or nothing.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from workbench.access.passwords import Passwords
from workbench.audit.events import HomeUpgraded
from workbench.flow.home import Clock, Workbench, open_outdated, utc_now
from workbench.flow.recognition import birth_index
from workbench.flow.recording import changing
from workbench.records.errors import StorageFailed
from workbench.store.migrations import HEAD

BACKUPS = "backups"


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What was done. `backup` is empty when the home was of this version already."""

    before: str
    after: str
    backup: str = ""


def upgrade_home(home: Path, *, clock: Clock = utc_now, passwords: Passwords | None = None) -> Upgraded:
    """Bring a home to this version. Nobody may work in it meanwhile: stop the server and the workers first.

    Raises
    ------
    UsageError
        `no-home`, `database-newer`, …
    StorageFailed
        `backup-not-written`, `migration-failed`: the home is as it was.
    """
    with open_outdated(home, clock=clock, passwords=passwords) as workbench:
        before = workbench.database.revision() or ""
        if before == HEAD:
            return Upgraded(before, HEAD)
        backup = _back_up(workbench, before)
        _upgrade(workbench, before, _digest(backup))
    return Upgraded(before, HEAD, str(backup))


def _upgrade(workbench: Workbench, before: str, backup: str) -> None:
    from workbench.store.migrations.run import migrate_within  # noqa: PLC0415 - Alembic costs 100 ms

    with changing(workbench) as change:
        migrate_within(change.transaction.connection)
        for member in change.persons.unnoted():
            birth = bytes.fromhex(member.identity.get("birth", ""))
            change.persons.note_birth(member.id, birth_index(workbench.keys, birth))
        event = HomeUpgraded(before=int(before), after=int(HEAD), software=workbench.software, backup=backup)
        change.record(event, actor="system")


def _back_up(workbench: Workbench, before: str) -> Path:
    """Copy the database, readable by its owner only."""
    folder = workbench.home / BACKUPS
    moment = workbench.clock().strftime("%Y%m%dT%H%M%S")
    target = folder / f"workbench-{before}-{moment}.sqlite"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        workbench.database.copy_to(target)
    except (OSError, StorageFailed):
        target.unlink(missing_ok=True)
        raise StorageFailed(
            "backup-not-written",
            "The backup copy could not be written; nothing was changed.",
            "Free some space in the home, then repeat.",
        ) from None
    return target


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
