"""The root that an approval signs: a Merkle tree over the instances of a preparation.

Defined here, once, so that who prepares, who approves and who opens a package compute the same thing.
"""

from collections.abc import Iterable

import rfc8785

from workbench.audit import merkle


def instance_leaf(*, sop_instance: str, sha256: str) -> bytes:
    """Return the leaf (RFC 6962, section 2.1) of one output: its new SOP Instance UID and the SHA-256 of its file."""
    return merkle.leaf_hash(rfc8785.dumps({"sha256": sha256, "sop_instance": sop_instance}))


def preparation_root(leaves: Iterable[bytes]) -> str:
    """Return the root in hexadecimal. The order of the leaves given does not matter: the tree is over sorted leaves."""
    tree = merkle.CompactRange()
    for leaf in sorted(leaves):
        tree, _ = tree.append(leaf)
    return tree.root().hex()
