"""Proofs that an entry is in the log, as text that travels with a release (C2SP `tlog-proof` v1).

The entry itself travels in the `extra` line, so that whoever holds the proof and the verifier key needs nothing else.
Whoever keeps a proof is a witness: a log that was rolled back past it can no longer be explained away.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from workbench.audit.checkpoint import Checkpoint
from workbench.audit.ledger import Ledger
from workbench.audit.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from workbench.audit.note import VerifierKey
from workbench.records.errors import IntegrityBroken

HEADER = "c2sp.org/tlog-proof@v1"
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry that is in the log: its place, its exact bytes, what they say, and the checkpoint that covers it."""

    seq: int
    body: bytes
    entry: Mapping[str, Any]
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class _Parts:
    extra: bytes
    index: int
    path: tuple[bytes, ...]
    note: str


def write_proof(*, index: int, path: Sequence[bytes], note: str, body: bytes = b"") -> str:
    """Return the proof text.

    Parameters
    ----------
    index
        The entry's sequence number.
    path
        Its inclusion proof in the tree that the checkpoint signs.
    note
        The signed checkpoint, verbatim.
    body
        The entry's exact bytes; with them the proof stands alone.
    """
    extra = [f"extra {b64encode(body).decode('ascii')}"] if body else []
    hashes = [b64encode(part).decode("ascii") for part in path]
    return "\n".join((HEADER, *extra, f"index {index}", *hashes, "", note))


def prove(ledger: Ledger, connection: Connection, *, seq: int, note: str) -> str:
    """Return a stand-alone proof of one entry under a checkpoint of this log, checked before it is handed out.

    Raises
    ------
    IntegrityBroken
        `proof-…` when the stored entries do not prove what the checkpoint signs; `log-broken`.
    """
    key = ledger.signer.vkey
    checkpoint = Checkpoint.open(note, key)
    if not 0 <= seq < checkpoint.size:
        raise IntegrityBroken(
            "proof-uncovered", "The checkpoint is older than the entry.", "Sign a new checkpoint, then prove the entry."
        )
    body = ledger.entry(connection, seq).body
    path = ledger.inclusion_proof(connection, seq, checkpoint.size)
    text = write_proof(index=seq, path=path, note=note, body=body)
    check_proof(text, body, key)
    return text


def open_proof(text: str, key: VerifierKey) -> Proven:
    """Verify a stand-alone proof off-line and return the entry it proves.

    Raises
    ------
    IntegrityBroken
        `proof-malformed`, `proof-wrong` (the entry is not in the tree), or what a bad checkpoint raises.
    """
    parts = _parse(text)
    if not parts.extra:
        raise IntegrityBroken("proof-malformed", "The proof does not carry its entry.", _AGAIN)
    return check_proof(text, parts.extra, key)


def check_proof(text: str, leaf: bytes, vkey: VerifierKey | str) -> Proven:
    """Verify off-line that the log holds an entry of exactly these bytes.

    Parameters
    ----------
    leaf
        The body of the entry (not its hash).

    Raises
    ------
    IntegrityBroken
        As for `open_proof`.
    """
    key = VerifierKey.parse(vkey) if isinstance(vkey, str) else vkey
    parts = _parse(text)
    checkpoint = Checkpoint.open(parts.note, key)
    if parts.extra and parts.extra != leaf:
        raise _wrong()
    if not verify_inclusion(
        leaf=leaf_hash(leaf), index=parts.index, size=checkpoint.size, proof=parts.path, root=checkpoint.root
    ):
        raise _wrong()
    try:
        entry = json.loads(leaf)
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict) or entry.get("seq") != parts.index:
        raise _wrong()
    return Proven(parts.index, leaf, entry, checkpoint)


def _parse(text: str) -> _Parts:
    head, found, note = text.partition("\n\n")
    lines = head.split("\n")
    if len(text) > MOST_BYTES or not found or lines[0] != HEADER:
        raise _malformed()
    rest = lines[1:]
    extra = _base64(rest.pop(0).removeprefix("extra ")) if rest and rest[0].startswith("extra ") else b""
    if not rest or not re.fullmatch(r"index (0|[1-9][0-9]{0,18})", rest[0]):
        raise _malformed()
    path = tuple(_base64(line) for line in rest[1:])
    if len(path) > 64 or any(len(part) != HASH_BYTES for part in path):
        raise _malformed()
    return _Parts(extra, int(rest[0].removeprefix("index ")), path, note)


def _base64(text: str) -> bytes:
    try:
        raw = b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise _malformed() from None
    if b64encode(raw).decode("ascii") != text:
        raise _malformed()
    return raw


_AGAIN = "Get the proof again from where it was kept."


def _malformed() -> IntegrityBroken:
    return IntegrityBroken("proof-malformed", "This is not a proof of an entry in a log.", _AGAIN)


def _wrong() -> IntegrityBroken:
    return IntegrityBroken(
        "proof-wrong",
        "The proof does not show that this entry is in the log.",
        "The entry, the proof or the log was altered; compare with another copy.",
    )
