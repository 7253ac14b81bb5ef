"""A coded concept (code value, coding scheme designator, code meaning)."""

from typing import NamedTuple


class Code(NamedTuple):
    """For example `Code("113100", "DCM", "Basic Application Confidentiality Profile")` of CID 7050."""

    value: str
    scheme: str
    meaning: str
