"""The log as plain files: what an auditor takes away and checks at home."""

import os
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, select

from workbench.audit.tables import audit_checkpoint, audit_event, audit_head
from workbench.records.errors import UsageError, WorkbenchError

LOG = "log.jsonl"
CHECKPOINTS = "checkpoints.txt"
VERIFIER = "verifier.py"


@dataclass(frozen=True, slots=True)
class Exported:
    """How much was written, and the SHA-256 of the log file in hexadecimal."""

    entries: int
    checkpoints: int
    digest: str


def write_export(connection: Connection, folder: Path) -> Exported:
    """Write the whole log into a new folder: entries, checkpoints and the program that checks them.

    `log.jsonl` has the exact bytes of one entry a line, `checkpoints.txt` the signed notes in the form of the witness
    file, the last one over all entries. The key is not among them: an export that brings its own key proves nothing.

    Raises
    ------
    UsageError
        `export-exists` when the folder exists.
    WorkbenchError
        `export-not-written`.
    """
    try:
        folder.mkdir(mode=0o700)
        entries, digest = _write_log(connection, folder / LOG)
        checkpoints = _write_checkpoints(connection, folder / CHECKPOINTS)
        (folder / VERIFIER).write_bytes(files("workbench.audit").joinpath("verifier.py").read_bytes())
    except FileExistsError:
        raise UsageError("export-exists", "The folder exists already.", "Name a new folder.") from None
    except OSError:
        raise WorkbenchError(
            "export-not-written", "The export could not be written.", "Check free space and permissions."
        ) from None
    return Exported(entries, checkpoints, digest)


def _write_log(connection: Connection, path: Path) -> tuple[int, str]:
    digest, entries = sha256(), 0
    query = select(audit_event.c.body).order_by(audit_event.c.seq).execution_options(yield_per=1000)
    with path.open("xb") as file:
        for (body,) in connection.execute(query):
            line = body + b"\n"
            digest.update(line)
            file.write(line)
            entries += 1
        file.flush()
        os.fsync(file.fileno())
    return entries, digest.hexdigest()


def _write_checkpoints(connection: Connection, path: Path) -> int:
    notes = list(connection.execute(select(audit_checkpoint.c.note).order_by(audit_checkpoint.c.size)).scalars())
    head = connection.execute(select(audit_head.c.note)).scalar_one_or_none()
    if head and head not in notes[-1:]:
        notes.append(head)
    path.write_bytes("".join(f"{note}\n" for note in notes).encode())
    return len(notes)
