"""Capsule (package), its manifest and proof, opening it off-line, receipts."""
