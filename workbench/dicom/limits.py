"""Bounds of what is read. Beyond them an input is refused, never partly read (design: fail closed)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one file; the defaults are far above what real objects need.

    Attributes
    ----------
    depth
        Levels of nested sequences. Real structured reports reach 10 to 12.
    elements
        Elements in one file, nested ones included.
    header
        Bytes held in memory at once for everything that is not bulk payload.
    value
        Bytes of one top-level value above which it is not loaded but treated as payload.
    fragments
        Fragments of one encapsulated Pixel Data.
    inflated
        Bytes that a deflated data set may inflate to. The verifier, which holds it in memory, has the same bound.
    """

    depth: int = 32
    elements: int = 1_000_000
    header: int = 64 << 20
    value: int = 1 << 20
    fragments: int = 4_000_000
    inflated: int = 512 << 20


DEFAULT_LIMITS = Limits()
