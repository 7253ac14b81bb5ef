"""Signed checkpoints (C2SP `tlog-checkpoint`) and the witness file that keeps copies outside the database.

Only the copies outside catch somebody who owns the database, rebuilds the whole chain and deletes the checkpoints in
it. So the workbench also refuses to sign on top of a log that contradicts the newest outside copy.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from workbench.audit.events import LogRestored
from workbench.audit.ledger import Ledger, writing
from workbench.audit.tables import audit_checkpoint
from workbench.audit.treehead import Checkpoint
from workbench.records.errors import IntegrityBroken, NotPermitted, UsageError, WorkbenchError

__all__ = ["RESTORED", "Checkpoint", "Checkpointer", "create_witness", "split_notes"]

RESTORED = "restored"
"""First word of the one extension line: `restored <seq>`, naming the entry by which two people vouch for a restore."""

_TAIL_BYTES = 65_536
_MOST_UNWITNESSED = 100
"""A log longer than this has been witnessed before."""


def create_witness(witness: Path) -> None:
    """Make an empty witness file (0600). Only the making of a home does this; nothing else ever creates one.

    Raises
    ------
    UsageError
        `witness-exists`, `witness-place`.
    """
    try:
        os.close(os.open(witness, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _sync(witness.parent)
    except FileExistsError:
        raise UsageError("witness-exists", "The witness file exists already.", "Name a new file.") from None
    except OSError:
        raise UsageError(
            "witness-place", "The witness file could not be made.", "Name a file in an existing, writable folder."
        ) from None


class Checkpointer:
    """Signs the head of the log and hands copies outside."""

    def __init__(self, ledger: Ledger, witness: Path) -> None:
        self.ledger = ledger
        self.witness = witness

    def sign(self, connection: Connection) -> str:
        """Sign the log as it stands in this transaction, keep the note in the database and return it.

        Call it in the transaction of an urgent entry, and `publish` after the commit.

        Raises
        ------
        IntegrityBroken
            `log-forked` when the log does not contain what the newest note in the witness file says it contained: it
            was rolled back, restored or rebuilt, and is not signed. `witness-missing`; `witness-damaged` when the
            file has no valid note although the log has been witnessed before.
        """
        self._refuse_fork(connection)
        return self._sign(connection)

    def publish(self, note: str) -> None:
        """Append the note to the witness file and wait until it is on the disk.

        Raises
        ------
        IntegrityBroken
            `witness-missing` when there is no file: it is never made here, since an empty one proves nothing.
            `note-…` when the note is not this log's.
        WorkbenchError
            `witness-not-written`.
        """
        Checkpoint.open(note, self.ledger.signer.vkey)
        try:
            descriptor = os.open(self.witness, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            raise _missing() from None
        except OSError:
            raise _unwritten() from None
        try:
            # a crash in the middle of the last note must not swallow this one
            start = b"" if _ends_whole(descriptor) else b"\n\n"
            _write(descriptor, start + note.encode() + b"\n")
            os.fsync(descriptor)
        except OSError:
            raise _unwritten() from None
        finally:
            os.close(descriptor)

    def newest(self) -> Checkpoint | None:
        """Return the newest valid note in the witness file, None when it has none yet.

        Raises
        ------
        IntegrityBroken
            `witness-missing`; `witness-damaged` when the file has content but no valid note near its end.
        """
        try:
            with self.witness.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                file.seek(max(0, end - _TAIL_BYTES))
                tail = file.read()
        except FileNotFoundError:
            raise _missing() from None
        except OSError:
            raise IntegrityBroken(
                "witness-damaged", "The witness file could not be read.", "Check its place and permissions."
            ) from None
        for note in reversed(list(split_notes(tail))):
            try:
                return Checkpoint.open(note, self.ledger.signer.vkey)
            except IntegrityBroken:
                continue
        if end:
            raise _damaged()
        return None

    def acknowledge_restore(
        self, connection: Connection, *, actor: str, second: str, reason_commitment: str | None = None
    ) -> str:
        """Record that two people vouch for a restored database, and sign on from there.

        The lost part stays visible: the notes over it remain in the witness file, the entry names them, and the
        verifier reports them as acknowledged with the entry's number.

        Raises
        ------
        NotPermitted
            `second-person` when both are the same.
        UsageError
            `nothing-to-acknowledge` when log and witness agree.
        """
        if actor == second:
            raise NotPermitted("second-person", "A restore needs two people.", "Have a second person confirm it.")
        lost = self.newest()
        if lost is None or self._contains(connection, lost):
            raise UsageError("nothing-to-acknowledge", "The log agrees with the witness file.")
        head = self.ledger.head(connection)
        entry = self.ledger.append(
            connection,
            LogRestored(
                size=head.size,
                root=head.root.hex(),
                lost_size=lost.size,
                lost_root=lost.root.hex(),
                second=second,
                reason_commitment=reason_commitment,
            ),
            actor=actor,
        )
        return self._sign(connection, f"{RESTORED} {entry.seq}")

    def _sign(self, connection: Connection, *extensions: str) -> str:
        head = self.ledger.head(connection)
        known = connection.execute(
            select(audit_checkpoint.c.note).where(audit_checkpoint.c.size == head.size)
        ).scalar_one_or_none()
        signer = self.ledger.signer
        if known is not None:
            if Checkpoint.open(known, signer.vkey).root != head.root:
                raise _forked("a checkpoint in the database")
            return str(known)
        note = signer.sign(Checkpoint(signer.vkey.name, head.size, head.root, extensions).text())
        with writing(connection):
            connection.execute(insert(audit_checkpoint).values(size=head.size, note=note))
        return note

    def _refuse_fork(self, connection: Connection) -> None:
        newest = self.newest()
        if newest is None:
            # only before the first note got there; an emptied witness would let everything be begun anew
            signed = connection.execute(select(func.count()).select_from(audit_checkpoint)).scalar_one()
            if signed > 1 or self.ledger.head(connection).size > _MOST_UNWITNESSED:
                raise _damaged()
        elif not self._contains(connection, newest):
            raise _forked("the witness file")

    def _contains(self, connection: Connection, checkpoint: Checkpoint) -> bool:
        return (
            checkpoint.size <= self.ledger.head(connection).size
            and self.ledger.root_at(connection, checkpoint.size) == checkpoint.root
        )


def split_notes(content: bytes) -> Iterator[bytes]:
    """Yield what may be notes in a witness file: a block of text lines, an empty line, a block of signature lines.

    What does not form such a pair is left out here; the verifier reports it.
    """
    text = b""
    for block in content.split(b"\n\n"):
        if block.startswith("\u2014 ".encode()):
            if text:
                yield text + b"\n\n" + block.rstrip(b"\n") + b"\n"
            text = b""
        else:
            text = block.lstrip(b"\n")


def _ends_whole(descriptor: int) -> bool:
    end = os.lseek(descriptor, 0, os.SEEK_END)
    return end == 0 or os.pread(descriptor, 2, max(0, end - 2)) == b"\n\n"


def _write(descriptor: int, content: bytes) -> None:
    written = os.write(descriptor, content)
    if written != len(content):
        raise OSError("short write")


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forked(witness: str) -> IntegrityBroken:
    return IntegrityBroken(
        "log-forked",
        f"The audit log contradicts {witness}: it was rolled back, restored or rebuilt, and is not signed.",
        "Run `workbench audit verify`. After a legitimate restore, two people run "
        "`workbench audit acknowledge-restore`.",
    )


def _damaged() -> IntegrityBroken:
    return IntegrityBroken(
        "witness-damaged",
        "The witness file holds no valid checkpoint of this log.",
        "Check that it is the file that was named when the home was made, and that nobody emptied it.",
    )


def _missing() -> IntegrityBroken:
    return IntegrityBroken(
        "witness-missing",
        "The witness file is not where it was when the home was made.",
        "Bring the disk or folder back; an empty file in its place proves nothing.",
    )


def _unwritten() -> WorkbenchError:
    return WorkbenchError(
        "witness-not-written",
        "The checkpoint could not be written to the witness file.",
        "Check free space and permissions; the next checkpoint covers what this one would have.",
    )
