"""The audit log for those who watch: verify, read, export, and the record of a restore. Reading is recorded too."""

import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from workbench.access.policy import Permission, demand
from workbench.audit.events import KINDS, LogExported, LogRead, LogVerified
from workbench.audit.ledger import Filter, Logged
from workbench.audit.verifier import Verdict, verify_log
from workbench.flow.home import DATABASE_FILE, Workbench, read_settings
from workbench.flow.reasons import commitment, given_reason
from workbench.flow.recording import changing, recording_denials
from workbench.flow.shown import LogVerdict, TrailPage, TrailRow
from workbench.flow.story import say
from workbench.records.actor import Actor
from workbench.records.errors import IntegrityBroken, UsageError
from workbench.store.transaction import Transaction

ONE_LOOK = timedelta(minutes=5)
"""Within this time the same person asking the same is one entry: a page asks again with every click."""


def verify(
    workbench: Workbench, actor: Actor, *, trust: str | Path | None = None, witness: Path | None = None
) -> LogVerdict:
    """Check the whole log, and record that and how it came out.

    Without `trust` and `witness` the home's own are used: good for every day, no proof for a stranger, who brings the
    key that was handed over separately.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `trust-unreadable`, `witness-unreadable`.
    IntegrityBroken
        `verification-ended`, when the system ended it.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.AUDIT_VERIFY)
        key = workbench.keys.vkey if trust is None else trust_line(str(trust))
        outside = _witness(witness or Path(workbench.settings.witness))
        verdict = _verdict_from_outside(workbench.home / DATABASE_FILE, key, outside)
        counts: dict[str, int] = {}
        for problem in verdict.problems:
            counts[problem.code] = counts.get(problem.code, 0) + 1
        with changing(workbench) as change:
            event = LogVerified(
                ok=verdict.ok,
                size=verdict.entries,
                checkpoints=verdict.checkpoints,
                problems=counts,
                witnessed=verdict.witnessed > 0,
            )
            change.record(event, actor=actor)
        return _shown(verdict)


def _verdict_from_outside(database: Path, key: str, witness: Path | None) -> Verdict:
    """Verify in a process of its own, as a stranger would.

    It must not happen in this one: the verifier opens the file beside SQLite, and when a process closes a file, POSIX
    takes away all locks that it holds on it, those of its database connections too. Another program could then
    believe that it is the last one and delete the write-ahead log, and all that is committed here later would be lost.
    """
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            return alone.submit(verify_log, database, key, witness).result()
    except BrokenProcessPool:
        raise IntegrityBroken(
            "verification-ended", "The verification ended before it was done.", "Try again: workbench audit verify."
        ) from None


def verify_home(home: Path, *, trust: str, witness: Path | None = None) -> LogVerdict:
    """Check the log of a home without opening it: no keys, no account, nothing is written.

    Raises
    ------
    UsageError
        `no-home`, `trust-unreadable`, `witness-unreadable`.
    """
    read_settings(home)
    outside = None if witness is None else _witness(witness)
    return _shown(verify_log(home / DATABASE_FILE, trust_line(trust), outside))


def entries(
    workbench: Workbench, actor: Actor, *, study: str = "", kind: str = "", limit: int = 100, offset: int = 0
) -> TrailPage:
    """Return entries, newest first. One entry says that they were read.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `kind-unknown`.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.AUDIT_READ)
        wanted = Filter(kinds=_kinds(kind), study=study.strip().upper() or None)
        with workbench.database.reading() as reading:
            total = reading.ledger.count(wanted)
            found = list(reading.ledger.entries(wanted, newest_first=True, limit=limit, offset=offset))
            rows = tuple(trail_row(entry, _names(reading)) for entry in found)
        question = workbench.keys.index("log question", f"{study} {kind} {limit} {offset}".encode())
        if not _asked_lately(workbench, actor, question):
            with changing(workbench) as change:
                change.record(LogRead(entries=len(rows), question=question), actor=actor)
        return TrailPage(rows, total)


def _asked_lately(workbench: Workbench, actor: Actor, question: str) -> bool:
    wanted = Filter(kinds=("log.read",), actor=actor.user_id, since=workbench.clock() - ONE_LOOK)
    with workbench.database.reading() as reading:
        return any(entry.data.get("question") == question for entry in reading.ledger.entries(wanted))


def export(workbench: Workbench, actor: Actor, *, target: Path) -> int:
    """Write the log, its checkpoints and the program that checks them into a new folder; return how many entries.

    The entry about the export is not in it: it names the digest of what was written.

    Raises
    ------
    NotPermitted
        Without the permission.
    UsageError
        `export-exists`.
    WorkbenchError
        `export-not-written`.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.AUDIT_EXPORT)
        if target.exists():
            raise UsageError("export-exists", "There is something at this place.", "Name a new folder.")
        aside = target.with_name(target.name + ".part")
        try:
            with workbench.database.reading() as reading:
                written = reading.ledger.export(aside)
            with changing(workbench) as change:
                change.record(LogExported(entries=written.entries, export=written.digest), actor=actor)
            aside.rename(target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return written.entries


def reason_of(workbench: Workbench, actor: Actor, *, seq: int) -> str:
    """Return the text that an entry commits to, empty when none is kept. One entry says that it was read.

    Raises
    ------
    NotPermitted
        Without the permission.
    """
    with recording_denials(workbench, actor):
        demand(actor, Permission.AUDIT_READ)
        with changing(workbench) as change:
            text = change.assurances.text(seq)
            question = workbench.keys.index("log question", f"reason {seq}".encode())
            change.record(LogRead(entries=1, question=question), actor=actor)
        return text


def acknowledge_restore(workbench: Workbench, actor: Actor, *, second: Actor, reason: str) -> None:
    """Record that two people vouch for a database that was restored from a backup.

    Raises
    ------
    NotPermitted
        Without the permission; `second-person` when both are the same.
    UsageError
        `nothing-to-acknowledge`; `reason-missing`.
    """
    given_reason(reason)
    demand(actor, Permission.AUDIT_RESTORE)
    demand(second, Permission.AUDIT_RESTORE)
    with workbench.database.transaction() as transaction:
        note = workbench.checkpointer.acknowledge_restore(
            transaction.connection,
            actor=actor.user_id,
            second=second.user_id,
            reason_commitment=commitment(workbench, reason),
        )
        transaction.assurances.keep_text(transaction.ledger.head().size - 1, reason.strip())
    workbench.checkpointer.publish(note)


def trail_row(entry: Logged, names: Mapping[str, str]) -> TrailRow:
    """Return an entry as it is shown."""
    facts = {name: _plain(value) for name, value in entry.data.items()}
    return TrailRow(
        seq=entry.seq,
        at=datetime.fromisoformat(entry.at),
        kind=entry.kind,
        actor=names.get(entry.actor, entry.actor),
        study=str(entry.data.get("study", "")),
        release=str(entry.data.get("release", "")),
        text=say(entry.kind, entry.data),
        facts=facts,
        leaf=entry.leaf_hash.hex(),
    )


def trust_line(given: str) -> str:
    """Return the verifier key of `--trust`: the one line itself, or the content of the file that holds it.

    Raises
    ------
    UsageError
        `trust-unreadable`.
    """
    if "+" in given and not Path(given).is_file():
        return given
    try:
        return Path(given).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        raise UsageError(
            "trust-unreadable",
            "The trust key is neither a key nor a file that can be read.",
            "Give the file trust.vkey, or the one line in it, as it was handed over separately.",
        ) from None


def _witness(path: Path) -> Path:
    if not path.is_file():
        raise UsageError("witness-unreadable", "The witness file cannot be read.", "Check its place and permissions.")
    return path


def _kinds(kind: str) -> tuple[str, ...]:
    text = kind.strip()
    if not text:
        return ()
    found = tuple(name for name in KINDS if name == text or name.startswith(f"{text}."))
    if not found:
        raise UsageError("kind-unknown", "There are no entries of this kind.", f"Kinds: {', '.join(sorted(KINDS))}.")
    return found


def _shown(verdict: Verdict) -> LogVerdict:
    return LogVerdict(
        ok=verdict.ok,
        entries=verdict.entries,
        checkpoints=verdict.checkpoints,
        problems=tuple(f"{problem.message} [{problem.code}]" for problem in verdict.problems),
        witnessed=verdict.witnessed,
        first_bad=verdict.first_bad,
        notices=tuple(notice.message for notice in verdict.notices),
    )


def _names(reading: Transaction) -> dict[str, str]:
    return reading.accounts.names()


def _plain(value: object) -> str | int | bool:
    return value if isinstance(value, str | int | bool) else json.dumps(value, sort_keys=True)
