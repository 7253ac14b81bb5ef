"""Synthetic studies with planted identities, for the demo and the tests. Nothing in them belongs to a person."""
