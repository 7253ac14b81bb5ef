"""Reasons and notes: free text that is sealed, while the log holds a keyed digest of it."""

from workbench.flow.home import Workbench
from workbench.records.errors import UsageError

LONGEST = 4000
"""Characters of a reason."""


def commitment(workbench: Workbench, text: str) -> str | None:
    """Return the keyed digest that stands in the log for a sealed text."""
    return workbench.keys.index("reason", text.strip().encode()) if text.strip() else None


def given_reason(reason: str) -> str:
    """Return a reason without the space around it.

    Raises
    ------
    UsageError
        `reason-missing`, `reason-too-long`.
    """
    text = reason.strip()
    if not text:
        raise UsageError("reason-missing", "This step needs a reason.", "Say in a sentence why; it is kept sealed.")
    if len(text) > LONGEST:
        raise UsageError("reason-too-long", f"A reason has at most {LONGEST} characters.", "Write it shorter.")
    return text
