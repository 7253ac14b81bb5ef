"""Which instances an output refers to: presentation states, key object selections and reports follow what they show.

References are remapped like any UID, so they hold within a scope. One to an instance that was left out of a run leads
nowhere, which readers must be told. Everything here is of the output: nothing bears identity.
"""

import re
from collections.abc import Iterable
from typing import Final

from workbench.dicom.parts import Part

_REFERENCE: Final = re.compile(rb"\x08\x00\x55\x11UI(..)|\x08\x00\x55\x11(..)\0\0", re.DOTALL)
"""Referenced SOP Instance UID (0008,1155) with its length, in explicit and in implicit VR."""
_UID: Final = re.compile(rb"[0-9]+(?:\.[0-9]+)+")
_LONGEST: Final = 64


def referenced_instances(parts: Iterable[Part]) -> frozenset[str]:
    """Return the SOP Instance UIDs that an output refers to, at every depth.

    `parts` are those of the output (`Deidentified.parts`). Payloads that are copied are not looked at.
    """
    found: set[str] = set()
    for part in parts:
        if not isinstance(part, bytes):
            continue
        for match in _REFERENCE.finditer(part):
            length = int.from_bytes(match[1] or match[2], "little")
            value = part[match.end() : match.end() + length].rstrip(b"\0 ")
            if length <= _LONGEST and _UID.fullmatch(value):
                found.add(value.decode("ascii"))
    return frozenset(found)
