"""Entries that are taken at their word only when the signed head of the log proves them.

Whoever has the database but not the key can change a body, its hash, or cut rows out. A decision that lets something
leave must not rest on such an entry.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from workbench.audit.ledger import Filter, Ledger, Logged
from workbench.audit.merkle import leaf_hash, verify_inclusion
from workbench.records.errors import IntegrityBroken


def proven_entry(ledger: Ledger, connection: Connection, seq: int) -> Logged:
    """Return one entry, proven to be in the log that this workbench signed.

    Raises
    ------
    IntegrityBroken
        `log-entry-missing`, `log-broken`.
    """
    head = ledger.head(connection)
    entry = ledger.entry(connection, seq)
    proof = ledger.inclusion_proof(connection, seq, head.size)
    leaf = leaf_hash(entry.body)
    if not verify_inclusion(leaf=leaf, index=seq, size=head.size, proof=proof, root=head.root):
        raise _broken()
    return entry


def proven_backwards(ledger: Ledger, connection: Connection) -> Iterator[Logged]:
    """Yield all entries, newest first, each proven: the newest by the signed head, the others by the one after it.

    Every body names the hash of the body before it, so that nothing between can be changed, cut out or put in.

    Raises
    ------
    IntegrityBroken
        `log-broken`, at the first entry that is not the one that was written.
    """
    size = ledger.head(connection).size
    if not size:
        return
    newest = proven_entry(ledger, connection, size - 1)
    seq, expected = newest.seq, leaf_hash(newest.body)
    for entry in ledger.entries(connection, Filter(), newest_first=True):
        if entry.seq != seq or leaf_hash(entry.body) != expected:
            raise _broken()
        yield entry
        seq, expected = seq - 1, entry.previous
    if seq != -1:
        raise _broken()


def _broken() -> IntegrityBroken:
    return IntegrityBroken(
        "log-broken",
        "The audit log is not the one that this workbench wrote.",
        "Nothing was done. Run `workbench audit verify` with the trusted key and the witness file.",
    )
