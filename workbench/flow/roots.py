"""Merkle roots (RFC 6962) that entries of machine work carry: what arrived, and what was made of what.

Digests of inputs enter them keyed: a plain one in the log would confirm a known file for ever.
"""

from collections.abc import Iterable

from workbench.audit.merkle import CompactRange, leaf_hash
from workbench.vault.keys import KeyRing


def input_root(keys: KeyRing, digests: Iterable[str]) -> str:
    """Return the root over the inputs of one series, in the order of arrival."""
    return _root(keys.index("input digest", digest.encode()) for digest in digests)


def series_root(keys: KeyRing, outputs: Iterable[tuple[str, str, tuple[str, ...]]]) -> str:
    """Return the root over the outputs of one prepared series, in order.

    Each is given as digest of its input, digest of the output, and the holds on it: so the log binds which output
    came from which input, and what had to be accepted by name.
    """
    return _root(
        f"{keys.index('input digest', given.encode())} {made} {' '.join(sorted(holds))}"
        for given, made, holds in outputs
    )


def _root(leaves: Iterable[str]) -> str:
    tree = CompactRange()
    for leaf in leaves:
        tree, _ = tree.append(leaf_hash(leaf.encode()))
    return tree.root().hex()
