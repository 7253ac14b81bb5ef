"""What was drawn for one patient in one scope."""

from typing import NamedTuple


class Assigned(NamedTuple):
    """Random, kept in the scope's crosswalk, and never derived from anything about the person (45 CFR 164.514(c)).

    `code` is the patient code without the profile's prefix. `offset_days` (1 to 3650) is how many whole days the
    patient's dates go back. `key` (32 bytes) makes the UIDs and other codes of this patient. Bears identity only
    together with the crosswalk.
    """

    code: str
    offset_days: int
    key: bytes
