"""Identifiers in text: known-safe terms, and later recognisers. Every decision explains itself."""
