"""Frozen types shared by all rooms. Imports nothing of the product."""
