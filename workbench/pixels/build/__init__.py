"""Writes the data of this room from its sources."""
