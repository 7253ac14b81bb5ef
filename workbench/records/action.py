"""Action codes of PS3.15 Table E.1-1 and the few that the rules for unlisted attributes need."""

from enum import StrEnum


class Action(StrEnum):
    """What happens to one attribute. The values of the first six are the letters of PS3.15 E.1.1."""

    KEEP = "K"
    REMOVE = "X"
    EMPTY = "Z"
    DUMMY = "D"
    REMAP = "U"
    CLEAN = "C"
    CHECK = "V"
    """Keep a value that is well-formed for its VR and made of known-safe terms; else X, Z or D by type."""
    SET = "="
    """Replace by the text that the rule carries."""
    CODE = "#"
    """Replace by the pseudonym of the patient, study or accession (random per scope key)."""


COMPOUND = {"X/Z", "X/D", "X/Z/D", "Z/D", "X/Z/U*"}
"""Codes of Table E.1-1 that the type of the attribute in its IOD decides."""
