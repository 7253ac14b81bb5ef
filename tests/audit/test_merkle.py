"""The tree against the vectors of RFC 6962 implementations, a direct transcription of its definition, and forgers."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.audit.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_at,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The reference data of Certificate Transparency's own tests (eight leaves and the root after each)."""


def tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path(m, leaves[:k]), tree_hash(leaves[k:])]
    return [*path(m - k, leaves[k:]), tree_hash(leaves[:k])]


def subproof(m: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """RFC 6962 section 2.1.2, word for word."""
    if m == len(leaves):
        return [] if whole else [tree_hash(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), tree_hash(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), tree_hash(leaves[:k])]


class Stored:
    """What the ledger keeps: leaf hashes, and beside each the subtrees that it completed."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.hashes = [leaf_hash(leaf) for leaf in leaves]
        self.completed = []
        self.range = CompactRange()
        for leaf in self.hashes:
            self.range, completed = self.range.append(leaf)
            self.completed.append(completed)

    def node(self, level: int, index: int) -> bytes:
        last = ((index + 1) << level) - 1
        return self.completed[last][(level - 1) * 32 : level * 32] if level else self.hashes[last]


def numbered(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


def test_roots_are_those_of_the_reference_data():
    tree = CompactRange()
    assert tree.root() == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree, _ = tree.append(leaf_hash(leaf))
        assert tree.root().hex() == root


def test_proofs_are_those_of_the_reference_data():
    node = Stored(LEAVES).node
    assert [part.hex() for part in inclusion_proof(0, 8, node)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [part.hex() for part in consistency_proof(2, 5, node)] == [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]


def test_every_proof_of_every_small_tree_equals_the_definition_and_verifies():
    leaves = numbered(36)
    stored = Stored(leaves)
    for size in range(37):
        root = tree_hash(leaves[:size])
        assert root_at(size, stored.node) == root
        for index in range(size):
            proof = inclusion_proof(index, size, stored.node)
            assert list(proof) == path(index, leaves[:size])
            assert verify_inclusion(leaf=stored.hashes[index], index=index, size=size, proof=proof, root=root)
        for old in range(size + 1):
            proof = consistency_proof(old, size, stored.node)
            if old > 0:
                assert list(proof) == subproof(old, leaves[:size], whole=True)
            assert verify_consistency(old=old, new=size, proof=proof, old_root=tree_hash(leaves[:old]), new_root=root)


BIG = Stored(numbered(700))


@given(st.data())
def test_a_proof_holds_for_nothing_else(data: st.DataObject):
    size = data.draw(st.integers(2, 700))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, BIG.node)
    leaf, root = BIG.hashes[index], root_at(size, BIG.node)
    assert verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=root)
    other = data.draw(st.integers(-2, 705).filter(lambda value: value != index))
    assert not verify_inclusion(leaf=leaf, index=other, size=size, proof=proof, root=root)
    assert not verify_inclusion(leaf=BIG.hashes[(index + 1) % size], index=index, size=size, proof=proof, root=root)
    assert not verify_inclusion(leaf=leaf, index=index, size=size, proof=proof[:-1], root=root)
    assert not verify_inclusion(leaf=leaf, index=index, size=size, proof=[*proof, bytes(32)], root=root)
    assert not verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=bytes(32))
    if len(proof) > 1:
        assert not verify_inclusion(leaf=leaf, index=index, size=size, proof=proof[::-1], root=root)
    at = data.draw(st.integers(0, len(proof) - 1))
    bent = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    assert not verify_inclusion(
        leaf=leaf, index=index, size=size, proof=[*proof[:at], bent, *proof[at + 1 :]], root=root
    )
    short = [*proof[:at], proof[at][:31], *proof[at + 1 :]]
    assert not verify_inclusion(leaf=leaf, index=index, size=size, proof=short, root=root)


@given(st.data())
def test_a_consistency_proof_holds_for_no_other_history(data: st.DataObject):
    new = data.draw(st.integers(2, 700))
    old = data.draw(st.integers(1, new - 1))
    proof = consistency_proof(old, new, BIG.node)
    before, after = root_at(old, BIG.node), root_at(new, BIG.node)
    assert verify_consistency(old=old, new=new, proof=proof, old_root=before, new_root=after)
    bad = bytes(32)
    assert not verify_consistency(old=old, new=new, proof=proof, old_root=bad, new_root=after)
    assert not verify_consistency(old=old, new=new, proof=proof, old_root=before, new_root=bad)
    assert not verify_consistency(old=old, new=new, proof=[*proof, bad], old_root=before, new_root=after)
    assert not verify_consistency(old=old, new=new, proof=proof[:-1], old_root=before, new_root=after)
    assert not verify_consistency(old=new, new=old, proof=proof, old_root=after, new_root=before)


@pytest.mark.parametrize("old", [0, 5])
def test_nothing_needs_a_proof_to_be_a_prefix_of_itself_but_the_roots_must_fit(old: int):
    root = root_at(old, BIG.node)
    assert verify_consistency(old=old, new=old, proof=[], old_root=root, new_root=root)
    assert not verify_consistency(old=old, new=old, proof=[], old_root=root, new_root=bytes(32))
    assert not verify_consistency(old=old, new=old, proof=[root], old_root=root, new_root=root)
    assert not verify_consistency(old=0, new=5, proof=[], old_root=bytes(32), new_root=root_at(5, BIG.node))


def test_impossible_questions_are_refused():
    for index, size in ((0, 0), (5, 5), (-1, 5)):
        with pytest.raises(ValueError, match="leaf"):
            inclusion_proof(index, size, BIG.node)
    with pytest.raises(ValueError, match="shrink"):
        consistency_proof(6, 5, BIG.node)


@pytest.mark.parametrize(("size", "peaks"), [(-1, b""), (0, bytes(32)), (3, bytes(32)), (1, bytes(31)), (1, bytes(64))])
def test_a_compact_range_that_cannot_be_is_refused(size: int, peaks: bytes):
    with pytest.raises(ValueError, match="peak"):
        CompactRange.parse(size, peaks)


def test_a_compact_range_survives_being_stored():
    tree = BIG.range
    assert CompactRange.parse(tree.size, tree.packed) == tree
