"""The Merkle tree of RFC 6962 section 2.1 over SHA-256: roots, inclusion proofs and consistency proofs.

Imports nothing but the standard library. The tree is never held whole: a `CompactRange` grows with it, and proofs ask
a `Node` function for the roots of perfect subtrees, which the ledger stores beside the entry that completed them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32

EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves (RFC 6962 section 2.1)."""

Node = Callable[[int, int], bytes]
"""(level, index) → root of the perfect subtree over the `1 << level` leaves from `index << level` on."""


def leaf_hash(data: bytes) -> bytes:
    """Hash one leaf, apart from all inner nodes by its prefix byte."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """All that has to be remembered of a tree in order to grow it: its size and one root for each bit of the size.

    `peaks` are the roots of the perfect subtrees, largest and leftmost first.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ValueError("a tree has one peak for each bit of its size")
        if any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError("a peak has 32 bytes")

    @classmethod
    def parse(cls, size: int, peaks: bytes) -> "CompactRange":
        """Read `peaks` as `packed` wrote them."""
        return cls(size, tuple(peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES)))

    @property
    def packed(self) -> bytes:
        """The peaks, one after the other."""
        return b"".join(self.peaks)

    def append(self, leaf: bytes) -> tuple["CompactRange", bytes]:
        """Return the range with one more leaf hash, and the roots of the subtrees that this leaf completed.

        The roots come smallest first (level 1, 2, …), one after the other; empty for every leaf at an even index.
        """
        peaks = list(self.peaks)
        completed = []
        node, index = leaf, self.size
        while index & 1:
            node = node_hash(peaks.pop(), node)
            completed.append(node)
            index >>= 1
        return CompactRange(self.size + 1, (*peaks, node)), b"".join(completed)

    def root(self) -> bytes:
        """Return the Merkle tree hash of the leaves so far."""
        return _fold(self.peaks)


def _fold(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def _span(low: int, high: int, node: Node) -> bytes:
    """Return the tree hash of leaves `low` to `high`; `low` is a multiple of a power of two not below their number."""
    peaks, position = [], low
    for level in reversed(range((high - low).bit_length())):
        if (high - low) >> level & 1:
            peaks.append(node(level, position >> level))
            position += 1 << level
    return _fold(peaks)


def _split(leaves: int) -> int:
    """Return the largest power of two below the number of leaves."""
    return 1 << ((leaves - 1).bit_length() - 1)


def root_at(size: int, node: Node) -> bytes:
    """Return the root of the first `size` leaves from O(log n) stored subtrees."""
    return _span(0, size, node)


def inclusion_proof(index: int, size: int, node: Node) -> tuple[bytes, ...]:
    """Return the audit path of RFC 6962 section 2.1.1, from the leaf's sibling up.

    Raises
    ------
    ValueError
        When there is no such leaf in a tree of that size.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of that size")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_span(middle, high, node))
            high = middle
        else:
            path.append(_span(low, middle, node))
            low = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, node: Node) -> tuple[bytes, ...]:
    """Return the proof of RFC 6962 section 2.1.2 that the tree of size `old` is a prefix of the one of size `new`.

    Empty when the sizes are equal or `old` is 0 (the standard defines no proof from the empty tree).

    Raises
    ------
    ValueError
        When the tree would have to shrink.
    """
    if not 0 <= old <= new:
        raise ValueError("a tree does not shrink")
    if old in {0, new}:
        return ()
    low, high, proof, whole = 0, new, [], True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_span(middle, high, node))
            high = middle
        else:
            proof.append(_span(low, middle, node))
            low, whole = middle, False
    if not whole:
        proof.append(_span(low, high, node))
    return tuple(reversed(proof))


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether the leaf hash stands at that index of the tree with that root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size or any(len(part) != HASH_BYTES for part in (leaf, root, *proof)):
        return False
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            node = node_hash(node, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and node == root


def verify_consistency(*, old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Tell whether the new tree begins with the old one (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old <= new or any(len(part) != HASH_BYTES for part in (old_root, new_root, *proof)):
        return False
    if old in {0, new}:
        return not proof and (old_root == new_root if old == new else old_root == EMPTY_ROOT)
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            second = node_hash(second, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root
