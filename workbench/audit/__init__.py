"""The ledger, Merkle proofs, signed checkpoints and the stand-alone verifier."""
